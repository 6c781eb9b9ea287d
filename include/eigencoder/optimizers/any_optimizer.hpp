#pragma once

#include <algorithm>
#include <array>
#include <eigencoder/core/target.hpp>
#include <eigencoder/optimizers/adagrad.hpp>
#include <eigencoder/optimizers/adam.hpp>
#include <eigencoder/optimizers/adamax.hpp>
#include <eigencoder/optimizers/adamw.hpp>
#include <eigencoder/optimizers/nadam.hpp>
#include <eigencoder/optimizers/rmsprop.hpp>
#include <eigencoder/optimizers/sgd.hpp>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

namespace eigencoder::inline EIGENCODER_TARGET {

/// One of the library's optimisers, chosen while the program runs, so that a model's training is compiled once and not
/// once for each: `AnyOptimizer("adamw", 1e-3)`, or `AnyOptimizer(SGD{.momentum = 0.9})` with all options.
class AnyOptimizer {
 public:
  using Choice = std::variant<Adam, AdamW, SGD, RMSprop, Adagrad, Adamax, Nadam>;

  /// "adam", "adamw", "sgd", "rmsprop", "adagrad", "adamax", "nadam".
  [[nodiscard]] static std::vector<std::string> names() {
    std::vector<std::string> all;
    for_each_kind([&](const auto& optimizer) { all.push_back(lower(optimizer.name)); });
    return all;
  }

  /// With Keras's defaults, but for the learning rate where one is given. Throws std::invalid_argument with the names
  /// that there are if it is none of them.
  explicit AnyOptimizer(const std::string& of_name, std::optional<double> rate = {}) : choice_(find(of_name)) {
    take();
    if (rate) learning_rate = *rate;
  }
  explicit(false) AnyOptimizer(Choice choice) : choice_(std::move(choice)) { take(); }

  static constexpr std::string_view name = "optimizer";
  /// As many as any of them keeps.
  static constexpr int slots = 3;
  LearningRate learning_rate = 0;
  std::optional<double> clipnorm{}, clipvalue{}, global_clipnorm{};

  void check() const {
    std::visit(
        [&](auto optimizer) {
          optimizer.learning_rate = learning_rate;
          optimizer.clipnorm = clipnorm;
          optimizer.clipvalue = clipvalue;
          optimizer.global_clipnorm = global_clipnorm;
          optimizer.check();
        },
        choice_);
  }

  template <class Scalar>
  void update(std::span<Scalar> parameters, std::span<const Scalar> gradient,
              std::array<std::span<Scalar>, slots> state, double rate, Index step) const noexcept {
    std::visit(
        [&]<class Optimizer>(const Optimizer& optimizer) {
          static_assert(Optimizer::slots <= slots);
          std::array<std::span<Scalar>, static_cast<std::size_t>(Optimizer::slots)> own;
          std::copy_n(state.begin(), own.size(), own.begin());
          optimizer.template update<Scalar>(parameters, gradient, own, rate, step);
        },
        choice_);
  }

 private:
  template <class Function>
  static void for_each_kind(const Function& f) {
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      (f(std::variant_alternative_t<I, Choice>{}), ...);
    }(std::make_index_sequence<std::variant_size_v<Choice>>{});
  }
  static std::string lower(std::string_view text) {
    std::string result(text);
    for (char& c : result) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    return result;
  }
  static Choice find(const std::string& of_name) {
    std::optional<Choice> found;
    std::string all;
    for_each_kind([&](const auto& optimizer) {
      const std::string kind = lower(optimizer.name);
      if (kind == of_name) found = optimizer;
      all.append(all.empty() ? "" : ", ").append(kind);
    });
    if (!found) throw std::invalid_argument("no optimizer is called " + of_name + "; there are " + all);
    return *std::move(found);
  }
  void take() {
    std::visit(
        [&](const auto& optimizer) {
          learning_rate = optimizer.learning_rate;
          clipnorm = optimizer.clipnorm;
          clipvalue = optimizer.clipvalue;
          global_clipnorm = optimizer.global_clipnorm;
        },
        choice_);
  }

  Choice choice_;
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
