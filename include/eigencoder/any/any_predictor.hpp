#pragma once

#include <eigencoder/any/cloned.hpp>
#include <eigencoder/core/target.hpp>
#include <memory>
#include <optional>
#include <span>
#include <utility>

namespace eigencoder::inline EIGENCODER_TARGET {

/// A Predictor of a model of any architecture: one sample at a time, without allocations, locks or exceptions but the
/// std::invalid_argument if there is none, since this was made without or moved from. A value; copies copy.
/// One thread at a time may use it.
class AnyPredictor {
 public:
  using Input = std::span<const float>;
  using Output = std::span<float>;
  using Label = std::optional<int>;

  /// What `erase` fills with a Predictor.
  class Interface {
   public:
    virtual ~Interface() = default;
    Interface& operator=(const Interface&) = delete;

    [[nodiscard]] virtual std::unique_ptr<Interface> clone() const = 0;
    virtual void encode(Input x, Output h, Label label) noexcept = 0;
    virtual void decode(Input h, Output y, Label label) noexcept = 0;
    virtual void reconstruct(Input x, Output y, Label label) noexcept = 0;
    [[nodiscard]] virtual float reconstruction_error(Input x, Label label) noexcept = 0;

   protected:
    Interface() = default;
    Interface(const Interface&) = default;
  };

  AnyPredictor() = default;
  explicit AnyPredictor(std::unique_ptr<Interface> predictor) : predictor_(std::move(predictor)) {}

  /// h from x, y from h, y from x. Sizes are asserted.
  void encode(Input x, Output h, Label label = {}) { get().encode(x, h, label); }
  void decode(Input h, Output y, Label label = {}) { get().decode(h, y, label); }
  void reconstruct(Input x, Output y, Label label = {}) { get().reconstruct(x, y, label); }
  /// The mean of (y - x)^2.
  [[nodiscard]] float reconstruction_error(Input x, Label label = {}) { return get().reconstruction_error(x, label); }

 private:
  [[nodiscard]] Interface& get() {
    return predictor_.get("AnyPredictor: there is none; assign one that AnyAutoencoder::predictor made");
  }

  any::Cloned<Interface> predictor_;
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
