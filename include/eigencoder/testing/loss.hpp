#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/layers/options/activations.hpp>
#include <eigencoder/losses/loss.hpp>
#include <eigencoder/random/philox.hpp>
#include <eigencoder/testing/maps.hpp>

namespace eigencoder::inline EIGENCODER_TARGET::testing {

/// Checks a loss on values value() and targets target(): each lane's gradient is weight times that of the lane's loss,
/// on its way through a linear or a non-linear sink; and the loss alone is the same.
template <Shape S, bool Logits, int Registers, bool LargerBorders, class Loss, class Value, class Target>
void check_loss_case(const Loss& loss, Value value, Target target) {
  using Pack = eigencoder::Pack<double, Registers>;
  constexpr Layout L = written_layout(S, LargerBorders);
  constexpr Layout DL = written_layout(S, !LargerBorders);
  constexpr auto nonlinear = activations::tanh;
  Map<Pack, L> y;
  Map<Pack, Layout{S}> t;
  Map<Pack, DL> dy, dz;
  y.fill(value);
  t.fill(target);
  alignas(simd::alignment) double weights[Pack::lanes];
  for (int l = 0; l < Pack::lanes; ++l) weights[l] = Pack::lanes > 1 ? 0.5 * l : 0.5;  // lane 0: no sample
  const Pack weight = Pack::load(weights);
  const auto value_of = [&](auto sink) {
    alignas(simd::alignment) std::array<double, Pack::lanes> losses;
    loss.template evaluate<Logits>(y.read(), t.read(), weight, sink).store(losses.data());
    return losses;
  };
  using Plain = Activate<linear>;
  using Factor = Differentiate<nonlinear, Pack, L>;
  const auto with_gradient = value_of(Sink<Pack, DL, Plain>(dy.view(), {}));
  (void)value_of(Sink<Pack, DL, Factor>(dz.view(), Factor{y.read()}));
  const auto alone = value_of(NoSink<Pack, DL>{});
  require(dy.is_intact() && dz.is_intact(), "loss: evaluate leaves a cell of dy unwritten, or writes beside it");

  constexpr double h = 1e-6;
  Worst gradient, through, values;
  for (std::size_t l = 0; l < alone.size(); ++l) values.compare(with_gradient[l], alone[l]);
  for_each_cell(S, [&](Index c, Index i, Index j) {
    for (int l = 0; l < Pack::lanes; ++l) y.at(c, i, j, l) += h;
    const auto above = value_of(NoSink<Pack, DL>{});
    for (int l = 0; l < Pack::lanes; ++l) y.at(c, i, j, l) -= 2 * h;
    const auto below = value_of(NoSink<Pack, DL>{});
    for (int l = 0; l < Pack::lanes; ++l) {
      y.at(c, i, j, l) += h;
      const auto lane = static_cast<std::size_t>(l);
      const double expected = weights[l] * (above[lane] - below[lane]) / (2 * h);
      gradient.compare(dy.at(c, i, j, l), expected);
      through.compare(dz.at(c, i, j, l), dy.at(c, i, j, l) * (1 - y.at(c, i, j, l) * y.at(c, i, j, l)));
    }
  });
  values.require_below(1e-14, "loss: its value without the gradient");
  gradient.require_below(1e-7, "loss: its gradient");
  through.require_below(1e-12, "loss: its gradient through an activation");
}

/// Checks a loss on a flat shape and on an image, see check_loss_case, at values value() and targets target().
template <bool Logits = false, class Loss, class Value, class Target>
void check_loss_gradients(const Loss& loss, Value value, Target target) {
  check_loss_case<Shape{70}, Logits, 1, false>(loss, value, target);
  check_loss_case<Shape{3, 5, 2}, Logits, 2, true>(loss, value, target);
}
/// The same at values and targets from 0.05 to 0.95, or, where the loss takes them, also at logits from -8 to 8.
/// Throws Failure.
template <class Loss>
void check_loss_gradients(const Loss& loss) {
  Random random(Seed{11});
  const auto unit = [&] { return 0.05 + 0.9 * random.uniform<double>(); };
  check_loss_gradients(loss, unit, unit);
  if constexpr (Loss::from_logits_of_sigmoid)
    check_loss_gradients<true>(loss, [&] { return 16 * random.uniform<double>() - 8; }, unit);
}

}  // namespace eigencoder::inline EIGENCODER_TARGET::testing
