#include <cmath>
#include <eigencoder/core/options.hpp>
#include <eigencoder/layers/options/activations.hpp>
#include <functional>
#include <limits>

#include "support/catch.hpp"

namespace test_activations {

using namespace eigencoder;

namespace {

using Real = long double;

constexpr double points[] = {-100, -80,  -60,  -30,  -10, -6,  -3.5, -2, -1,  -0.5, -0.1, -1e-2, -1e-4, -1e-7,
                             1e-9, 1e-7, 1e-5, 1e-3, 0.1, 0.5, 1,    2,  2.9, 4,    5.9,  7,     20,    60};

/// Values and derivatives of `f`, in registers and packs of Scalar, against a reference in long double.
template <class Scalar, class Activation>
void check(const Activation& f, const std::function<Real(Real)>& reference, const std::function<Real(Real)>& slope) {
  using Pack = eigencoder::Pack<Scalar, 2>;
  // gelu's tail is an exponential, whose relative error is half an ulp of its argument, up to 2e-6 at exp(-50).
  const double relative = sizeof(Scalar) == 4 ? 2e-6 : 2e-14;
  Scalar before = -std::numeric_limits<Scalar>::infinity();
  for (const double point : points) {
    const auto z = static_cast<Scalar>(point);
    const Pack y = f.value(Pack(z));
    const Scalar value = sum(y) / static_cast<Scalar>(Pack::lanes);
    const Scalar gradient =
        sum(f.gradient(Pack(Scalar(1)), Activation::from_output ? y : Pack(z))) / static_cast<Scalar>(Pack::lanes);
    INFO(Activation::name << " at " << point);
    const Real expected = reference(static_cast<Real>(z));
    if (std::abs(expected) > 1e-36L)
      REQUIRE(static_cast<double>(std::abs(static_cast<Real>(value) / expected - 1)) < relative);
    const Real expected_slope = slope(static_cast<Real>(z));
    REQUIRE(static_cast<double>(std::abs(static_cast<Real>(gradient) - expected_slope)) <=
            4 * relative * std::max(1.0, static_cast<double>(expected_slope)));
    const Scalar curvature = sum(f.curvature(Activation::from_output ? y : Pack(z))) / static_cast<Scalar>(Pack::lanes);
    const Real h = std::min(1e-5L, std::abs(static_cast<Real>(z)) / 4);  // no kink is as near
    const Real bend = (slope(static_cast<Real>(z) + h) - slope(static_cast<Real>(z) - h)) / (2 * h);
    REQUIRE(static_cast<double>(std::abs(static_cast<Real>(curvature) - bend)) <=
            std::max(4 * relative, 1e-8) * std::max(1.0, static_cast<double>(std::abs(bend))));
    if (Activation::monotone) REQUIRE(before <= value);
    before = value;
  }
  REQUIRE(std::isnan(sum(f.value(Pack(std::numeric_limits<Scalar>::quiet_NaN())))));
  const Scalar far = sum(f.value(Pack(Scalar(-1e30))));
  REQUIRE(std::isfinite(far));
}

template <class Activation>
void check(const Activation& f, const std::function<Real(Real)>& reference, const std::function<Real(Real)>& slope) {
  check<float>(f, reference, slope);
  check<double>(f, reference, slope);
}

Real sigma(Real z) { return 1 / (1 + std::exp(-z)); }
Real phi(Real z) { return std::erfc(-z / std::sqrt(2.0L)) / 2; }

}  // namespace

TEST_CASE("activations equal their formulas, to rounding, far from and near to zero") {
  check(linear, [](Real z) { return z; }, [](Real) { return 1.0L; });
  check(relu, [](Real z) { return std::max(z, 0.0L); }, [](Real z) { return z > 0 ? 1.0L : 0.0L; });
  check(relu6, [](Real z) { return std::clamp(z, 0.0L, 6.0L); }, [](Real z) { return z > 0 && z < 6 ? 1.0L : 0.0L; });
  check(leaky_relu, [](Real z) { return z > 0 ? z : 0.2L * z; }, [](Real z) { return z > 0 ? 1.0L : 0.2L; });
  check(leaky_relu(0.3), [](Real z) { return z > 0 ? z : 0.3L * z; }, [](Real z) { return z > 0 ? 1.0L : 0.3L; });
  check(elu, [](Real z) { return z > 0 ? z : std::expm1(z); }, [](Real z) { return z > 0 ? 1 : std::exp(z); });
  check(
      elu(0.5), [](Real z) { return z > 0 ? z : std::expm1(z) / 2; },
      [](Real z) { return z > 0 ? 1 : std::exp(z) / 2; });
  constexpr Real scale = 1.0507009873554804934L, alpha = 1.6732632423543772848L;
  check(
      selu, [](Real z) { return scale * (z > 0 ? z : alpha * std::expm1(z)); },
      [](Real z) { return scale * (z > 0 ? 1 : alpha * std::exp(z)); });
  check(sigmoid, sigma, [](Real z) { return sigma(z) * sigma(-z); });
  check(
      hard_sigmoid, [](Real z) { return std::clamp(z + 3, 0.0L, 6.0L) / 6; },
      [](Real z) { return std::abs(z) < 3 ? 1 / 6.0L : 0; });
  check(eigencoder::tanh, [](Real z) { return std::tanh(z); }, [](Real z) { return 1 - std::tanh(z) * std::tanh(z); });
  check(softplus, [](Real z) { return std::max(z, 0.0L) + std::log1p(std::exp(-std::abs(z))); }, sigma);
  check(
      softsign, [](Real z) { return z / (1 + std::abs(z)); },
      [](Real z) { return 1 / ((1 + std::abs(z)) * (1 + std::abs(z))); });
  check(exponential, [](Real z) { return std::exp(z); }, [](Real z) { return std::exp(z); });
  check(silu, [](Real z) { return z * sigma(z); }, [](Real z) { return sigma(z) * (1 + z * sigma(-z)); });
  check(
      gelu, [](Real z) { return z * phi(z); },
      [](Real z) { return phi(z) + z * std::exp(-z * z / 2) / std::sqrt(2 * 3.14159265358979323846L); });
}

TEST_CASE("an activation is a template argument, with its own constants") {
  constexpr auto chosen = options::find<ActivationOption, linear, leaky_relu(0.3)>;
  STATIC_REQUIRE(chosen.negative_slope == 0.3);
  STATIC_REQUIRE(options::find<ActivationOption, linear>.name == "linear");
  REQUIRE_THROWS_AS(leaky_relu(-1), std::invalid_argument);
  REQUIRE_THROWS_AS(elu(std::numeric_limits<double>::quiet_NaN()), std::invalid_argument);
}

}  // namespace test_activations
