#include <eigencoder/applications/sweep.hpp>
#include <eigencoder/data/k_fold.hpp>
#include <fstream>
#include <set>

#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

namespace test_sweep {

using namespace eigencoder;
using test::contains;

namespace {

const std::vector<Setting<double>> rates = {{"high", 2}, {"low", 1}};

/// score = rate + seed / 10; counts its calls.
struct Train {
  int& calls;
  double operator()(double rate, Seed seed) const {
    ++calls;
    return rate + static_cast<double>(seed.value) / 10;
  }
};

}  // namespace

TEST_CASE("a sweep runs each setting with each seed and tells the best first") {
  int calls = 0;
  const SweepTable table = sweep(rates, {1, 3}, Train{calls}, {.progress = false});
  REQUIRE(calls == 4);
  const auto summaries = table.summaries();
  REQUIRE(summaries.size() == 2);
  REQUIRE(summaries[0].setting == "low");
  REQUIRE(summaries[0].runs == 2);
  REQUIRE(summaries[0].best == Approx(1.1));
  REQUIRE(summaries[0].mean == Approx(1.2));
  REQUIRE(summaries[0].standard_deviation == Approx(std::sqrt(0.02)));
  std::ostringstream text;
  text << table;
  REQUIRE_THAT(text.str(), contains("low") && contains("1.2") && contains("0.14142"));
  REQUIRE(sweep(rates, {1}, Train{calls}, {.maximize = true, .progress = false}).summaries()[0].setting == "high");
}

TEST_CASE("a run that diverges is told, and not counted in the figures; other exceptions come out") {
  const auto diverge = [](double rate, Seed) -> History {
    if (rate > 1) throw DivergenceError("too high");
    History history;
    history.loss = {3, 2};
    history.validation_loss = {5, 4};
    return history;
  };
  const auto summaries = sweep(rates, {1}, diverge, {.progress = false}).summaries();
  REQUIRE(summaries[0].best == 4);
  REQUIRE(summaries[0].diverged == 0);
  REQUIRE(summaries[1].diverged == 1);
  REQUIRE(std::isnan(summaries[1].mean));
  REQUIRE_THROWS_WITH(
      sweep(rates, {1}, [](double, Seed) -> double { throw std::runtime_error("mine"); }, {.progress = false}), "mine");
}

TEST_CASE("a sweep goes on where it was interrupted") {
  const test::TemporaryDirectory dir;
  const SweepOptions options{.results = dir / "sweep.csv", .progress = false};
  int calls = 0;
  const auto interrupted = [&](double rate, Seed seed) {
    if (calls == 3) throw std::runtime_error("interrupted");
    return Train{calls}(rate, seed);
  };
  REQUIRE_THROWS_WITH(sweep(rates, {1, 2}, interrupted, options), "interrupted");
  const SweepTable table = sweep(rates, {1, 2}, Train{calls}, options);
  REQUIRE(calls == 4);
  REQUIRE(table.runs().size() == 4);
  // All of it from the file, which reads back as it was.
  REQUIRE(sweep(rates, {1, 2}, Train{calls}, options).runs() == table.runs());
  REQUIRE(calls == 4);
  REQUIRE_THROWS_WITH(sweep(std::vector<Setting<double>>{{"other", 1}}, {1}, Train{calls}, options),
                      contains("a run of \"high\""));
}

TEST_CASE("what is no file of a sweep is refused by its line, and stays") {
  const test::TemporaryDirectory dir;
  int calls = 0;
  for (const char* text : {"a,b\n", "setting,seed,score,seconds\nx,1,2\n", "setting,seed,score,seconds\nx,1,2,3,4\n",
                           "setting,seed,score,seconds\nx,-1,2,3\n", "setting,seed,score,seconds\n,1,2,3\n"}) {
    std::ofstream(dir / "sweep.csv") << text;
    REQUIRE_THROWS_WITH(sweep(rates, {1}, Train{calls}, {.results = dir / "sweep.csv"}),
                        contains("sweep.csv, line ") && contains("expected setting,seed,score,seconds"));
    REQUIRE(test::contents(dir / "sweep.csv") == text);
  }
  REQUIRE_THROWS_WITH(sweep(std::vector<Setting<int>>{{"a,b", 1}}, {1}, [](int, Seed) { return 0.0; }),
                      contains("\"a,b\""));
  REQUIRE_THROWS_WITH(sweep(std::vector<Setting<int>>{{"a", 1}, {"a", 2}}, {1}, [](int, Seed) { return 0.0; }),
                      contains("several settings named \"a\""));
  REQUIRE_THROWS_WITH(sweep(std::vector<Setting<int>>{}, {1}, [](int, Seed) { return 0.0; }), contains("no settings"));
  REQUIRE(calls == 0);
}

TEST_CASE("k folds validate on each sample once, and keep labels") {
  Eigen::VectorXf values(11);
  std::vector<int> labels;
  for (int i = 0; i < 11; ++i) {
    values[i] = static_cast<float>(i);
    labels.push_back(100 + i);
  }
  const Dataset data = Dataset(values).with_labels(labels);
  const auto folds = k_fold(data, 3, Seed{4});
  REQUIRE(folds.size() == 3);
  std::multiset<float> validated;
  for (const Fold& fold : folds) {
    REQUIRE(fold.training.size() + fold.validation.size() == 11);
    REQUIRE((fold.validation.size() == 3 || fold.validation.size() == 4));
    const Matrix<float> part = fold.validation.matrix<float>(), rest = fold.training.matrix<float>();
    for (Index i = 0; i < part.rows(); ++i) {
      validated.insert(part(i, 0));
      REQUIRE(fold.validation.labels()[static_cast<std::size_t>(i)] == 100 + static_cast<int>(part(i, 0)));
      REQUIRE((rest.array() != part(i, 0)).all());
    }
  }
  REQUIRE(validated == std::multiset<float>(values.begin(), values.end()));
  REQUIRE(k_fold(data, 3, Seed{4})[1].validation.matrix<float>() == folds[1].validation.matrix<float>());
  REQUIRE_THROWS_WITH(k_fold(data, 12), contains("expected 2 to 11"));
  REQUIRE_THROWS_WITH(k_fold(data, 1), contains("k is 1"));
}

TEST_CASE("samples of any indices are selected as they are stored") {
  const Dataset bytes = Dataset::from_bytes({0, 51, 102, 153, 204, 255}, Shape{1, 2, 1});
  const std::vector<Index> indices = {2, 0, 2};
  const Dataset part = bytes.select(indices);
  REQUIRE(part.bytes_used() == 6);
  REQUIRE(part.shape() == bytes.shape());
  REQUIRE(part.matrix<double>().row(0) == bytes.matrix<double>().row(2));
  REQUIRE(part.matrix<double>().row(1) == bytes.matrix<double>().row(0));
  const Eigen::MatrixXd columns = Eigen::MatrixXd::Random(4, 3);  // column-major
  REQUIRE(Dataset(columns).select(indices).matrix<double>().row(0) == columns.row(2));
  REQUIRE_THROWS_WITH(bytes.select(std::vector<Index>{3}), contains("no sample 3 among 3"));
}

}  // namespace test_sweep
