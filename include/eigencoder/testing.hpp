#pragma once

/// Checks of the gradients of layers, losses and penalties of one's own, the very ones that the library's tests use.
/// They throw testing::Failure, whose message says what is wrong and shows both values:
///
///     testing::check_gradients<Twice::Layer<Shape{5, 4, 2}>>();   // a layer, bound to an input shape
///     testing::check_loss_gradients(QuarticError{});
///     testing::check_model_gradients(model, data, MeanSquaredError{} + L2Activity{});  // a model in double

#include <eigencoder/testing/layer.hpp>
#include <eigencoder/testing/loss.hpp>
#include <eigencoder/testing/model.hpp>
