#pragma once

#include <array>
#include <eigencoder/optimizers/learning_rate.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace examples {

/// An optimizer chosen by name while the program runs, so that a model's training is compiled once and not once for
/// each.
class AnyOptimizer {
 public:
  [[nodiscard]] static std::vector<std::string> names();

  /// No learning rate: the optimizer's own. Throws std::invalid_argument if there is no such optimizer.
  AnyOptimizer(const std::string& name, std::optional<double> rate);

  static constexpr std::string_view name = "optimizer";
  static constexpr int slots = 3;
  eigencoder::LearningRate learning_rate = 0;
  std::optional<double> clipnorm{}, clipvalue{}, global_clipnorm{};

  void check() const;

  template <class Scalar>
  void update(std::span<Scalar> parameters, std::span<const Scalar> gradient,
              std::array<std::span<Scalar>, slots> state, double rate, eigencoder::Index step) const {
    update_floats(parameters, gradient, state, rate, step);
  }

 private:
  void update_floats(std::span<float> parameters, std::span<const float> gradient,
                     std::array<std::span<float>, slots> state, double rate, eigencoder::Index step) const;

  std::size_t choice_ = 0;
};

}  // namespace examples
