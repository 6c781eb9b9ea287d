#pragma once

#include <array>
#include <concepts>
#include <eigencoder/core/target.hpp>
#include <eigencoder/optimizers/learning_rate.hpp>
#include <span>
#include <string_view>

/// The protocol of optimisers. This one, complete, is p -= rate sign(g):
///
///     struct SignSGD {
///       LearningRate learning_rate = 1e-3;  // a number or a schedule
///       static constexpr std::string_view name = "SignSGD";  // in messages
///       // Arrays of the parameters' size that it keeps between steps; they start as zeros.
///       static constexpr int slots = 0;
///
///       // One step of some of the parameters: those of one thread. `rate` is the learning rate of this step, `step`
///       its
///       // number from 1. No value may depend on where the parameters are cut; for_each_register sees to that.
///       template <class Scalar>
///       void update(std::span<Scalar> parameters, std::span<const Scalar> gradient,
///                   std::array<std::span<Scalar>, slots> state, double rate, Index step) const {
///         const Register<Scalar> r(static_cast<Scalar>(rate)), zero(Scalar(0));
///         for_each_register(parameters, gradient, state, [&](auto& p, auto g, auto&) {
///           p += keep(g < zero, r) - keep(g > zero, r);
///         });
///       }
///     };
///
/// If its `update` is not noexcept, a step begins with a copy of parameters and state, to which it returns where
/// `update` throws.
///
/// It may have a `check() const` that throws std::invalid_argument, and `std::optional<double> clipnorm, clipvalue,
/// global_clipnorm`, see training/clipping.hpp.
namespace eigencoder::inline EIGENCODER_TARGET {

namespace detail {

template <class O>
concept HasSlots = requires {
  { O::slots } -> std::convertible_to<int>;
};
template <class O>
concept HasOptimizerName = requires {
  { O::name } -> std::convertible_to<std::string_view>;
};
template <class O>
concept HasLearningRate = requires(const O optimizer) {
  { optimizer.learning_rate } -> std::convertible_to<LearningRate>;
};
template <class O>
concept HasUpdate = requires(const O optimizer, std::span<float> parameters, std::span<const float> gradient,
                             std::array<std::span<float>, static_cast<std::size_t>(O::slots)> state) {
  optimizer.template update<float>(parameters, gradient, state, 0.0, Index{1});
};

/// Refuses what is not an optimiser by a sentence that names what it misses.
template <class O>
struct RequireOptimizer {
  static_assert(HasSlots<O>,
                "optimizer: `static constexpr int slots` is missing; an optimiser is such as Adam{}, or a type of your "
                "own as in optimizers/optimizer.hpp");
  static_assert(!HasSlots<O> || HasOptimizerName<O>, "optimizer: `static constexpr std::string_view name` is missing");
  static_assert(!HasSlots<O> || HasLearningRate<O>, "optimizer: `LearningRate learning_rate` is missing");
  static_assert(!HasSlots<O> || HasUpdate<O>,
                "optimizer: `template <class Scalar> void update(std::span<Scalar> parameters, std::span<const Scalar> "
                "gradient, std::array<std::span<Scalar>, slots> state, double rate, Index step) const` is missing");
};

}  // namespace detail

namespace concepts {

template <class O>
concept Optimizer =
    detail::HasSlots<O> && detail::HasOptimizerName<O> && detail::HasLearningRate<O> && detail::HasUpdate<O>;

}  // namespace concepts

}  // namespace eigencoder::inline EIGENCODER_TARGET
