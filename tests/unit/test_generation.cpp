#include <algorithm>
#include <cstring>
#include <eigencoder/applications/class_grid.hpp>
#include <eigencoder/applications/frechet_distance.hpp>
#include <eigencoder/applications/gaussian_mixture.hpp>
#include <eigencoder/applications/reconstruct_missing.hpp>
#include <eigencoder/applications/two_stage_prior.hpp>
#include <eigencoder/layers/concatenate_label.hpp>
#include <eigencoder/models/autoencoder.hpp>

#include "support/catch.hpp"

namespace test_generation {

using namespace eigencoder;
using test::Approx;

namespace {

Matrix<double> normal_rows(Index rows, Index columns, Seed seed) { return StandardNormal{columns}.sample(rows, seed); }

template <class Function>
void require_refused(const Function& f, const std::string& message) {
  REQUIRE_THAT(test::message_of<std::invalid_argument>(f), test::contains(message));
}

const float missing = std::numeric_limits<float>::quiet_NaN();

}  // namespace

TEST_CASE("a spherical path keeps the length and the ends of codes of equal length, and equal angles between them") {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Matrix<double> ends = normal_rows(2, 8, Seed{seed});
    ends.row(1) *= ends.row(0).norm() / ends.row(1).norm();
    const Matrix<double> path = spherical_path(ends.row(0), ends.row(1), 7);
    REQUIRE(path.row(0) == ends.row(0));
    REQUIRE(path.row(6) == ends.row(1));
    const double length = ends.row(0).norm();
    for (Index s = 0; s < 7; ++s) REQUIRE(path.row(s).norm() == Approx(length).epsilon(1e-12));
    for (Index s = 1; s < 7; ++s)
      REQUIRE(path.row(s).dot(path.row(s - 1)) == Approx(path.row(1).dot(path.row(0))).epsilon(1e-9));
  }
}

TEST_CASE("a spherical path between codes of one direction, or nearly so, is the line") {
  const Eigen::RowVector3d code(1, -2, 0.5);
  for (const double turn : {0.0, 1e-12, 1e-7}) {
    Eigen::RowVector3d other = 3 * code;
    other[0] += turn;
    REQUIRE((spherical_path(code, other, 5) - linear_path(code, other, 5)).norm() < 1e-6);
  }
}

TEST_CASE("paths refuse what is no code, and one step") {
  const Eigen::RowVector2f a(1, 2), zero(0, 0);
  require_refused([&] { (void)linear_path(a, a, 1); }, "linear_path: 1 steps; expected at least 2");
  require_refused([&] { (void)spherical_path(a, a, 1); }, "spherical_path: 1 steps; expected at least 2");
  require_refused([&] { (void)linear_path(a, Eigen::RowVector3f(1, 2, 3), 4); }, "codes of 2 and 3 values");
  require_refused([&] { (void)spherical_path(a, zero, 4); }, "a code of zeros has no direction");
  require_refused([&] { (void)spherical_path(a, -2 * a, 4); }, "opposite");
  require_refused([&] { (void)unit_path(a, 2, 0, 1, 4); }, "unit 2; expected 0 to 1");
}

TEST_CASE("the path of a unit changes no other") {
  const Matrix<float> path = unit_path(Eigen::RowVector3f(1, 2, 3), 1, -2, 2, 5);
  REQUIRE((path.col(0).array() == 1).all());
  REQUIRE((path.col(2).array() == 3).all());
  REQUIRE(path.col(1) == Eigen::VectorXf::LinSpaced(5, -2, 2));
}

TEST_CASE("no round of expectation and maximisation lowers the likelihood") {
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    Matrix<double> rows = normal_rows(300, 3, Seed{seed});
    rows.topRows(100).rowwise() += Eigen::RowVector3d(2, 0, -1);
    GaussianMixture mixture({.components = 5, .tolerance = 0, .regularization = 0, .seed = Seed{seed}});
    const std::vector<double>& values = mixture.fit(rows).log_likelihoods();
    REQUIRE(values.size() > 3);
    for (std::size_t n = 1; n < values.size(); ++n) REQUIRE(values[n] >= values[n - 1] - 1e-12);
    REQUIRE(values.back() == Approx(mixture.log_density(rows).mean()).margin(1e-6));
  }
}

TEST_CASE("a known mixture is recovered from its draws, and drawn from") {
  const Index n = 20000;
  const Matrix<double> noise = normal_rows(n, 2, Seed{3});
  Matrix<double> rows(n, 2);
  Eigen::Matrix2d lower;
  lower << 1, 0, 0.8, 0.6;
  for (Index i = 0; i < n; ++i) {
    if (i % 10 < 3) {  // 30 %
      rows.row(i) = Eigen::RowVector2d(4, -3) + 0.5 * noise.row(i);
    } else {
      rows.row(i) = Eigen::RowVector2d(-1, 2) + noise.row(i) * lower.transpose();
    }
  }
  GaussianMixture mixture({.components = 2});
  const auto require_known = [&](const GaussianMixture& found) {
    const Index few = found.weight(0) < found.weight(1) ? 0 : 1;
    REQUIRE(found.weight(few) == Approx(0.3).margin(0.01));
    REQUIRE((found.mean(few) - Eigen::RowVector2d(4, -3)).norm() < 0.03);
    REQUIRE((found.mean(1 - few) - Eigen::RowVector2d(-1, 2)).norm() < 0.03);
    REQUIRE((found.covariance(few) - 0.25 * Eigen::Matrix2d::Identity()).norm() < 0.03);
    REQUIRE((found.covariance(1 - few) - lower * lower.transpose()).norm() < 0.06);
  };
  require_known(mixture.fit(rows));
  const Matrix<double> drawn = mixture.sample(n, Seed{5});
  REQUIRE(drawn == mixture.sample(n, Seed{5}));
  require_known(GaussianMixture({.components = 2}).fit(drawn));
}

TEST_CASE("the density of a mixture of one component is that of the normal distribution") {
  Matrix<double> rows(4, 1);
  rows << 1, 2, 4, 5;  // mean 3, variance 2.5
  GaussianMixture mixture({.components = 1, .regularization = 0});
  const Eigen::VectorXd densities = mixture.fit(rows).log_density(rows);
  REQUIRE(densities[3] == Approx(-2 * 2 / (2 * 2.5) - std::log(2 * std::numbers::pi * 2.5) / 2).epsilon(1e-12));
}

TEST_CASE("a mixture refuses what it cannot be fitted to") {
  GaussianMixture mixture({.components = 3, .regularization = 0});
  REQUIRE_THROWS_AS(mixture.sample(1), std::logic_error);
  require_refused([&] { mixture.fit(Matrix<double>::Zero(2, 4)); }, "2 rows of 4 values; expected at least 3 rows");
  require_refused([&] { mixture.fit(Matrix<double>::Constant(5, 2, std::nan(""))); }, "not finite");
  REQUIRE_THROWS_AS(mixture.fit(Matrix<double>::Ones(5, 2)), std::runtime_error);
  require_refused([] { GaussianMixture({.components = 0}); }, "components and rounds must be at least 1");
}

TEST_CASE("the Fréchet distance is 0 for equal sets and has its closed form for shifted and scaled ones") {
  const Matrix<double> rows = normal_rows(500, 6, Seed{1});
  REQUIRE(frechet_distance(rows, rows) < 1e-10);
  REQUIRE(frechet_distance(rows, rows.colwise().reverse()) < 1e-10);

  const Eigen::RowVectorXd shift = Eigen::RowVectorXd::LinSpaced(6, -1, 2);
  REQUIRE(frechet_distance(rows, rows.rowwise() + shift) == Approx(shift.squaredNorm()).epsilon(1e-10));

  // Scaled by c: |(c - 1) m|^2 + tr(C) (c - 1)^2, the squared root mean square times (c - 1)^2.
  const double mean_square = rows.squaredNorm() / 500;
  for (const double c : {0.5, 3.0})
    REQUIRE(frechet_distance(rows, c * rows) == Approx((c - 1) * (c - 1) * mean_square).epsilon(1e-9));

  // The order of the two does not matter.
  Matrix<double> others = rows;
  for (Index k = 0; k < 6; ++k) others.col(k) *= static_cast<double>(k + 1);
  const double distance = frechet_distance(rows, others);
  REQUIRE(distance > 10);
  REQUIRE(frechet_distance(others, rows) == Approx(distance).epsilon(1e-9));

  // Fewer rows than values: the covariances have no full rank.
  REQUIRE(frechet_distance(rows.topRows(3), rows.topRows(3)) < 1e-10);
  require_refused([&] { (void)frechet_distance(rows, normal_rows(3, 5, Seed{1})); }, "500 rows of 6 values and 3 of 5");
}

TEST_CASE("an autoencoder paints in what is missing and leaves the rest as it was, bit for bit") {
  // The mean of four values, four times: what is missing becomes the mean of what is known.
  Autoencoder<Sequential<Shape{4}, Dense<1, use_bias(false)>>, Sequential<Shape{1}, Dense<4, use_bias(false)>>> model;
  std::ranges::fill(model.parameters(), 0.5f);
  Matrix<float> x(3, 4);
  x << 1, missing, 3, -0.0f, missing, 7, missing, missing, 1, 2, 3, 4;
  const Matrix<float> painted = reconstruct_missing(model, x, {.rounds = 200});
  for (Index k = 0; k < x.size(); ++k)
    if (!std::isnan(x.data()[k])) REQUIRE(std::memcmp(x.data() + k, painted.data() + k, sizeof(float)) == 0);
  REQUIRE(painted(0, 1) == Approx(4.0 / 3).epsilon(1e-5));
  for (const Index k : {0, 2, 3}) REQUIRE(painted(1, k) == Approx(7).epsilon(1e-5));

  // One round from a start of ones.
  const Matrix<float> once = reconstruct_missing(model, x, {.rounds = 1, .start = Eigen::RowVectorXd::Ones(4)});
  REQUIRE(once(0, 1) == Approx((1 + 1 + 3) / 4.0));

  require_refused([&] { (void)reconstruct_missing(model, Matrix<float>(1, 3)); }, "samples of 3 values; expected 4");
  require_refused([&] { (void)reconstruct_missing(model, x, {.rounds = 0}); }, "rounds is 0; expected at least 1");
  require_refused([&] { (void)reconstruct_missing(model, x, {.start = Eigen::RowVectorXd::Ones(3)}); },
                  "start has 3 values; expected 4");
}

namespace {

using Encoder = Sequential<Shape{12}, ConcatenateLabel<3>, Dense<8, relu>>;
using Decoder = Sequential<Shape{2}, ConcatenateLabel<3>, Dense<8, relu>, Dense<12, sigmoid>>;
using Conditional = VariationalAutoencoder<Encoder, Decoder, 2>;

}  // namespace

TEST_CASE("a conditional variational autoencoder paints in by draws, with labels, and leaves the rest as it was") {
  const Conditional model{Seed{1}};
  Matrix<float> x = Matrix<float>::Constant(5, 12, 0.25f);
  x.rightCols(6).setConstant(missing);
  const Dataset data = Dataset(x).with_labels({0, 1, 2, 0, 1});
  const ReconstructMissingOptions draw{.rounds = 5, .draw = true, .seed = Seed{1}};
  const Matrix<float> painted = reconstruct_missing(model, data, draw);
  REQUIRE((painted.leftCols(6).array() == 0.25f).all());
  REQUIRE(painted.allFinite());
  REQUIRE(painted == reconstruct_missing(model, data, draw));
  REQUIRE(painted != reconstruct_missing(model, data, {.rounds = 5, .draw = true, .seed = Seed{9}}));
  REQUIRE(painted.row(0) != painted.row(1));  // the label
}

TEST_CASE("a grid of classes has every code under every label") {
  const Conditional model{Seed{1}};
  const Matrix<double> codes = normal_rows(4, 2, Seed{2});
  const Matrix<float> grid = class_grid(model, codes, 3);
  REQUIRE(grid.rows() == 12);
  for (int label = 0; label < 3; ++label)
    REQUIRE(grid.middleRows(4 * label, 4) == model.decode(Dataset(codes).with_labels(std::vector<int>(4, label))));
}

TEST_CASE("codes are drawn around their means") {
  const Conditional model{Seed{1}};
  const Dataset one =
      Dataset(Matrix<float>(Matrix<float>::Constant(20000, 12, 0.5f))).with_labels(std::vector<int>(20000, 1));
  const auto code = model.encode_distribution(one);
  const Matrix<double> draws = draw_codes(model, one, Seed{4});
  for (Index u = 0; u < 2; ++u) {
    REQUIRE(draws.col(u).mean() == Approx(code.mean(0, u)).margin(0.05));
    REQUIRE((draws.col(u).array() - draws.col(u).mean()).square().mean() ==
            Approx(std::exp(code.log_variance(0, u))).epsilon(0.05));
  }
}

TEST_CASE("a second stage learns a distribution that is not normal, and is drawn from") {
  // A ring of radius 3 around (10, 0), wider than high.
  Matrix<double> codes = normal_rows(2000, 2, Seed{1});
  codes.rowwise().normalize();
  codes += 0.1 * normal_rows(2000, 2, Seed{2});
  codes = (codes * Eigen::Vector2d(6, 3).asDiagonal()).rowwise() + Eigen::RowVector2d(10, 0);
  TwoStagePrior<2, 16> prior({.epochs = 60, .learning_rate = 5e-3, .threads = 1, .progress = false});
  REQUIRE_THROWS_AS(prior.sample(1), std::logic_error);
  const Matrix<double> drawn = prior.fit(codes).sample(2000, Seed{3});
  REQUIRE(drawn == prior.sample(2000, Seed{3}));
  REQUIRE(prior.variance() < 0.2);
  REQUIRE((drawn.colwise().mean() - codes.colwise().mean()).norm() < 1);
  const auto share_within = [](const Matrix<double>& rows) {
    const Matrix<double> scaled =
        (rows.rowwise() - Eigen::RowVector2d(10, 0)) * Eigen::Vector2d(1.0 / 6, 1.0 / 3).asDiagonal();
    return (scaled.rowwise().norm().array() < 0.5).cast<double>().mean();
  };
  REQUIRE(share_within(codes) < 0.01);
  REQUIRE(share_within(drawn) < 0.1);  // of a normal distribution with these moments, 0.22
}

TEST_CASE("generating from the standard normal distribution is a variational autoencoder's sample") {
  const Conditional model{Seed{1}};
  REQUIRE(generate(model, StandardNormal{2}, 10, Seed{3}, 2) == model.sample(10, Seed{3}, 2));
  REQUIRE(generate(model, StandardNormal{2}, 10, Seed{3}, 2) != generate(model, StandardNormal{2}, 10, Seed{3}, 1));
}

}  // namespace test_generation
