#pragma once

#include <conformance/training.hpp>

/// The small dense autoencoder of which cases_dense.py writes most golden files.
namespace test {

using namespace eigencoder;

template <class Scalar, auto First = relu, auto Code = activations::tanh, auto Third = elu>
using Small = Autoencoder<Sequential<Shape{11}, Dense<13, First>, Dense<5, Code>>,
                          Sequential<Shape{5}, Dense<13, Third>, Dense<11, sigmoid>>, Scalar>;

inline constexpr Index small_batch = 40;

/// The small autoencoder trained for 20 steps, before and after, on one thread and on three.
template <class Model, class Loss, class Optimizer>
void check_training(const Golden& golden, const std::string& name, const Loss& loss, const Optimizer& optimizer) {
  using Scalar = typename Model::Scalar;
  const auto input = golden.matrix<Scalar>("input");
  for (const int threads : {1, 3}) {
    CAPTURE(name, threads, sizeof(Scalar));
    Model model;
    set_parameters(model, golden, "initial.");
    const Index kept = golden.tensor(name + ".output").shape[0];
    check_agrees<Scalar>(golden, name + ".initial_output", top(model.reconstruct(input), kept));
    const auto losses = train(model, Samples(input), loss, optimizer, small_batch, golden_steps, threads);
    check_agrees<Scalar>(golden, name + ".loss", losses);
    check_agrees<Scalar>(golden, name + ".output", top(model.reconstruct(input), kept));
    check_parameters(model, golden, name + ".");
  }
}

}  // namespace test
