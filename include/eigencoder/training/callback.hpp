#pragma once

#include <cmath>
#include <concepts>
#include <eigencoder/core/target.hpp>
#include <eigencoder/training/events.hpp>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace eigencoder::inline EIGENCODER_TARGET {

/// Whatever can be called with an EpochEnd, as a value. It may have two members besides:
///
///     void on_step_end(StepEnd& end);           // called after every step
///     template <class F> void memory(F&& f);    // calls f(x) for each number x that it must remember when a training
///                                               // is resumed, in the same order whether f reads or writes
class Callback {
 public:
  template <class F>
    requires(!std::same_as<std::remove_cvref_t<F>, Callback> && std::invocable<std::decay_t<F>&, EpochEnd&>)
  explicit(false) Callback(F&& f) : object_(std::make_unique<Of<std::decay_t<F>>>(std::forward<F>(f))) {}
  Callback(const Callback& other) : object_(other.object_->clone()) {}
  Callback(Callback&&) = default;
  Callback& operator=(Callback other) {
    object_.swap(other.object_);
    return *this;
  }
  ~Callback() = default;

  void operator()(EpochEnd& end) { object_->on_epoch_end(end); }
  void on_step_end(StepEnd& end) { object_->on_step_end(end); }
  [[nodiscard]] bool has_steps() const { return object_->has_steps(); }
  [[nodiscard]] bool has_memory() const { return object_->has_memory(); }
  /// f(x) for each number x that it remembers.
  void memory(const std::function<void(double&)>& f) { object_->memory(f); }

 private:
  struct Any {
    Any() = default;
    Any(const Any&) = default;
    Any& operator=(const Any&) = delete;
    virtual ~Any() = default;
    [[nodiscard]] virtual std::unique_ptr<Any> clone() const = 0;
    virtual void on_epoch_end(EpochEnd& end) = 0;
    virtual void on_step_end(StepEnd& end) = 0;
    virtual void memory(const std::function<void(double&)>& f) = 0;
    [[nodiscard]] virtual bool has_steps() const = 0;
    [[nodiscard]] virtual bool has_memory() const = 0;
  };

  template <class F>
  struct Of final : Any {
    template <class G>
    explicit Of(G&& g) : function(std::forward<G>(g)) {}

    static constexpr bool sees_steps = requires(F f, StepEnd& end) { f.on_step_end(end); };
    static constexpr bool remembers = requires(F f) { f.memory([](auto&) {}); };

    [[nodiscard]] std::unique_ptr<Any> clone() const override { return std::make_unique<Of>(*this); }
    void on_epoch_end(EpochEnd& end) override { std::invoke(function, end); }
    void on_step_end(StepEnd& end) override {
      if constexpr (sees_steps) function.on_step_end(end);
    }
    void memory(const std::function<void(double&)>& f) override {
      if constexpr (remembers)
        function.memory([&]<class Number>(Number& number) {
          auto value = static_cast<double>(number);
          f(value);
          if (std::is_integral_v<Number> && !(std::abs(value) <= 0x1p53))
            throw std::invalid_argument("a callback's memory has " + std::to_string(value) + " for a whole number");
          number = static_cast<Number>(value);
        });
    }
    [[nodiscard]] bool has_steps() const override { return sees_steps; }
    [[nodiscard]] bool has_memory() const override { return remembers; }

    F function;
  };

  std::unique_ptr<Any> object_;
};

/// Called after every epoch, in their order: `fit(model, data, loss, Adam{}, {.epochs = 100, .on_epoch_end =
/// {EarlyStopping{.patience = 5}, [](EpochEnd& end) { ... }}})`. Each call of `fit` starts with fresh copies.
using Callbacks = std::vector<Callback>;
/// Called after every step, in their order.
using StepCallbacks = std::vector<std::function<void(StepEnd&)>>;

}  // namespace eigencoder::inline EIGENCODER_TARGET
