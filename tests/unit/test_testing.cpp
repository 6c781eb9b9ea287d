#include <eigencoder/eigencoder.hpp>
#include <eigencoder/testing.hpp>

#include "support/catch.hpp"

namespace test_testing {

using namespace eigencoder;

namespace {

enum class Fault { none, factor, unwritten, overwritten, mixed, unset };

/// y = w x, with one fault.
template <Fault F>
struct Scale {
  template <Shape In>
  struct Layer : Stateless {
    static constexpr std::string_view name = "Scale";
    static constexpr Shape input = In;
    static constexpr Shape output = In;
    static constexpr std::array tensors{Tensor{"w", 1}};
    template <class Pack>
    static constexpr Index cache_size = 1;

    template <class Pack, Layout X, class Y>
    static void forward(const Arguments<Pack>& a, FeatureMap<const Pack, X> x, Y y) {
      for_each_cell(In, [&](Index c, Index i, Index j) {
        Pack value = Pack(a.parameters[0]) * x(c, i, j);
        if (F == Fault::mixed) value += Pack(sum(x(c, i, j)));
        if (F == Fault::unset) value += a.cache[0];
        y(c, i, j) = value;
      });
    }

    template <class Pack, Layout X, Layout Y, Layout DY, class DX>
    static void backward(const Arguments<Pack>& a, FeatureMap<const Pack, X> x, FeatureMap<const Pack, Y>,
                         FeatureMap<const Pack, DY> dy, DX dx, Gradient<Pack> gradient) {
      if (F == Fault::overwritten) gradient.parameters[0] = 0;
      for_each_cell(In, [&](Index c, Index i, Index j) {
        gradient.parameters[0] += sum(x(c, i, j) * dy(c, i, j));
        if (F == Fault::unwritten && i == 1) return;
        if constexpr (DX::wanted) dx(c, i, j) = Pack(a.parameters[0] * (F == Fault::factor ? 2 : 1)) * dy(c, i, j);
      });
    }
  };
};

/// l = (y - t)^2, with `Factor` times its gradient.
template <int Factor>
struct Squares {
  static constexpr bool from_logits_of_sigmoid = false;

  template <bool Logits = false, class Pack, Layout Y, Layout T, class DY>
  Pack evaluate(FeatureMap<const Pack, Y> y, FeatureMap<const Pack, T> target, Pack weight, DY dy) const {
    return MeanSquaredError{}.evaluate(y, target, weight * Pack(Factor), dy);
  }
};

template <Fault F>
std::string verdict() {
  return test::message_of<testing::Failure>(
      [] { testing::check_gradients<typename Scale<F>::template Layer<Shape{2, 3, 2}>>(); });
}

using Model = Autoencoder<Sequential<Shape{5}, Dense<3, sigmoid>>, Sequential<Shape{3}, Dense<5>>, double>;

}  // namespace

TEST_CASE("a layer's gradients are found right, and each fault is named") {
  CHECK(verdict<Fault::none>() == "");
  CHECK_THAT(verdict<Fault::factor>(), test::contains("Scale (2, 3, 2) -> (2, 3, 2): an input's gradient is ") &&
                                           test::contains(", but should be "));
  CHECK_THAT(verdict<Fault::overwritten>(), test::contains("a parameter's gradient"));
  CHECK_THAT(verdict<Fault::unwritten>(), test::contains("backward leaves a cell of dx unwritten"));
  CHECK_THAT(verdict<Fault::unset>(), test::contains("forward leaves a cell of y unwritten"));
  CHECK_FALSE(verdict<Fault::mixed>().empty());
}

TEST_CASE("a loss's gradients are found right or wrong") {
  const auto said = [](auto loss) {
    return test::message_of<testing::Failure>([&] { testing::check_loss_gradients(loss); });
  };
  CHECK(said(MeanSquaredError{}) == "");
  CHECK(said(BinaryCrossentropy{}) == "");
  CHECK_THAT(said(Squares<3>{}), test::contains("loss: its gradient is ") && test::contains(", but should be "));
}

TEST_CASE("a model's gradients are found right or wrong, and one that is 0 everywhere is not taken for right") {
  const Matrix<double> x = Matrix<double>::Random(9, 5);
  const auto said = [&](const Model& model, auto loss) {
    return test::message_of<testing::Failure>([&] { testing::check_model_gradients(model, Samples(x), loss); });
  };
  CHECK(said(Model{Seed{1}}, MeanSquaredError{}) == "");
  CHECK_THAT(said(Model{Seed{1}}, Squares<3>{}), test::contains("encoder.0.kernel: a parameter's gradient is "));
  Model dead{Seed{1}};
  std::ranges::fill(dead.parameters().subspan(18, 15), 0.0);  // the decoder's kernel
  CHECK_THAT(said(dead, MeanSquaredError{}), test::contains("encoder.0.kernel: all of its gradient is 0"));
}

}  // namespace test_testing
