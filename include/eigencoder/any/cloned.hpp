#pragma once

#include <eigencoder/core/target.hpp>
#include <memory>
#include <stdexcept>
#include <utility>

namespace eigencoder::inline EIGENCODER_TARGET::any {

/// A value of a type that only its interface is known of: copies copy what is held, by `Interface::clone`.
template <class Interface>
class Cloned {
 public:
  Cloned() = default;
  explicit Cloned(std::unique_ptr<Interface> object) : object_(std::move(object)) {}
  Cloned(const Cloned& other) : object_(other.object_ ? other.object_->clone() : nullptr) {}
  Cloned(Cloned&&) noexcept = default;
  Cloned& operator=(Cloned other) noexcept {
    object_.swap(other.object_);
    return *this;
  }
  ~Cloned() = default;

  explicit operator bool() const { return object_ != nullptr; }
  /// Throws std::invalid_argument with that message if nothing is held.
  [[nodiscard]] Interface& get(const char* message) {
    if (!object_) throw std::invalid_argument(message);
    return *object_;
  }
  [[nodiscard]] const Interface& get(const char* message) const {
    if (!object_) throw std::invalid_argument(message);
    return *object_;
  }

 private:
  std::unique_ptr<Interface> object_;
};

}  // namespace eigencoder::inline EIGENCODER_TARGET::any
