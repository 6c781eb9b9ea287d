#include "any_optimizer.hpp"

#include <eigencoder/optimizers/adagrad.hpp>
#include <eigencoder/optimizers/adam.hpp>
#include <eigencoder/optimizers/adamax.hpp>
#include <eigencoder/optimizers/adamw.hpp>
#include <eigencoder/optimizers/nadam.hpp>
#include <eigencoder/optimizers/rmsprop.hpp>
#include <eigencoder/optimizers/sgd.hpp>
#include <stdexcept>
#include <tuple>
#include <utility>

namespace examples {

namespace {

using namespace eigencoder;

constexpr std::array<std::string_view, 7> optimizer_names = {"sgd",     "adam",   "adamw", "rmsprop",
                                                             "adagrad", "adamax", "nadam"};
using Optimizers = std::tuple<SGD, Adam, AdamW, RMSprop, Adagrad, Adamax, Nadam>;
static_assert(std::tuple_size_v<Optimizers> == optimizer_names.size());

/// Calls f with the optimizer of that number.
template <class Function>
void with_optimizer(std::size_t number, const Function& f) {
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    ((I == number ? f(std::tuple_element_t<I, Optimizers>{}) : void()), ...);
  }(std::make_index_sequence<std::tuple_size_v<Optimizers>>{});
}

}  // namespace

std::vector<std::string> AnyOptimizer::names() { return {optimizer_names.begin(), optimizer_names.end()}; }

AnyOptimizer::AnyOptimizer(const std::string& name, std::optional<double> rate) {
  while (choice_ < optimizer_names.size() && optimizer_names[choice_] != name) ++choice_;
  if (choice_ == optimizer_names.size()) throw std::invalid_argument("no optimizer is called " + name);
  with_optimizer(choice_, [&](const auto& optimizer) { learning_rate = optimizer.learning_rate; });
  if (rate) learning_rate = *rate;
}

void AnyOptimizer::check() const {
  with_optimizer(choice_, [&](auto optimizer) {
    optimizer.learning_rate = learning_rate;
    optimizer.check();
  });
}

void AnyOptimizer::update_floats(std::span<float> parameters, std::span<const float> gradient,
                                 std::array<std::span<float>, slots> state, double rate, Index step) const {
  with_optimizer(choice_, [&]<class Optimizer>(const Optimizer& optimizer) {
    std::array<std::span<float>, static_cast<std::size_t>(Optimizer::slots)> own;
    for (std::size_t slot = 0; slot < own.size(); ++slot) own[slot] = state[slot];
    optimizer.template update<float>(parameters, gradient, own, rate, step);
  });
}

}  // namespace examples
