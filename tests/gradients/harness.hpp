#pragma once

#include <eigencoder/testing/layer.hpp>
#include <eigencoder/testing/loss.hpp>

#include "support/catch.hpp"

namespace test {

using eigencoder::FeatureMap;
using eigencoder::Index;
using eigencoder::Layout;
using eigencoder::Shape;
using eigencoder::testing::Map;
using eigencoder::testing::nan;
using eigencoder::testing::Packs;
using eigencoder::testing::Worst;

/// testing::check_gradients as an assertion.
template <class Layer, auto Above = eigencoder::linear>
void check_gradients(std::uint64_t seed = 1) {
  REQUIRE_NOTHROW(eigencoder::testing::check_gradients<Layer, Above>(seed));
}

/// testing::check_loss_case as an assertion.
template <Shape S, bool Logits, int Registers, bool LargerBorders, class Loss, class Value, class Target>
void check_loss_case(const Loss& loss, Value value, Target target) {
  REQUIRE_NOTHROW(eigencoder::testing::check_loss_case<S, Logits, Registers, LargerBorders>(loss, value, target));
}

/// testing::check_loss_gradients as an assertion.
template <bool Logits = false, class Loss, class Value, class Target>
void check_loss(const Loss& loss, Value value, Target target) {
  REQUIRE_NOTHROW(eigencoder::testing::check_loss_gradients<Logits>(loss, value, target));
}

}  // namespace test
