/// Trains dense anomaly detectors and freezes them in float and int8: `write_detectors DATA TABLES FOLDER`. DATA has
/// the bundled pump tables, TABLES some of ADBench. FOLDER/<name>.rows has the test rows with their labels, as floats.
/// See benchmarks/anomaly/frozen.

#include <cstdio>
#include <eigencoder/data/csv.hpp>
#include <eigencoder/data/missing.hpp>
#include <eigencoder/data/npz.hpp>
#include <eigencoder/data/scaler.hpp>
#include <eigencoder/eigencoder.hpp>
#include <eigencoder/io/frozen.hpp>
#include <fstream>
#include <numeric>

using namespace eigencoder;

namespace {

template <Index Width>
void freeze(const std::string& name, const Dataset& train, const Dataset& test, const std::filesystem::path& folder) {
  using Model = Autoencoder<Sequential<Shape{Width}, Dense<32, relu>, Dense<(Width + 2) / 3>>,
                            Sequential<Shape{(Width + 2) / 3}, Dense<32, relu>, Dense<Width>>>;
  const Scaler scaler = Scaler::standard(train);
  const Dataset rows = scaler.apply(train);
  Model model{Seed{1}};
  fit(model, rows, MeanSquaredError{}, Adam{}, {.epochs = 40, .seed = 1, .threads = 1, .progress = false});
  for (const auto& [weights, kind] : {std::pair{Weights::float32, "_float"}, {Weights::int8, "_int8"}})
    write_frozen_header(
        model, folder / (name + kind + ".hpp"),
        {.name = name + kind, .weights = weights, .calibration = rows.slice(0, std::min<Index>(rows.size(), 1000))});
  const Matrix<float> values = scaler.apply(test).template matrix<float>();
  std::ofstream file(folder / (name + ".rows"), std::ios::binary);
  for (Index i = 0; i < values.rows(); ++i) {
    const auto label = static_cast<float>(test.labels()[static_cast<std::size_t>(i)] != 0);
    file.write(reinterpret_cast<const char*>(values.row(i).data()), Width * sizeof(float));
    file.write(reinterpret_cast<const char*>(&label), sizeof label);
  }
}

/// Of at most 10,000 rows, in random order, 60 % to train on.
template <Index Width>
void freeze_table(const std::string& name, const std::filesystem::path& file, const std::filesystem::path& folder) {
  const Dataset table = read_npz(file).with_labels(read_npz_labels(file));
  std::vector<Index> order(static_cast<std::size_t>(table.size()));
  std::iota(order.begin(), order.end(), Index{0});
  Random random(Seed{1}, Stream::shuffle);
  for (std::size_t i = order.size(); i > 1; --i)
    std::swap(order[i - 1], order[static_cast<std::size_t>(random.uniform<double>() * static_cast<double>(i))]);
  order.resize(std::min<std::size_t>(order.size(), 10000));
  const auto cut = static_cast<std::ptrdiff_t>(order.size() * 6 / 10);
  freeze<Width>(name, table.select({order.begin(), order.begin() + cut}),
                table.select({order.begin() + cut, order.end()}), folder);
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 4) return 2;
  const std::filesystem::path data = arguments[1], tables = arguments[2], folder = arguments[3];
  const auto pump = [&](const char* file) { return without_missing(read_csv(data / file, {.label_column = 8}), 0); };
  freeze<8>("pump", pump("pump-train.csv"), pump("pump-test.csv"), folder);
  freeze_table<21>("cardio", tables / "6_cardio.npz", folder);
  freeze_table<6>("mammography", tables / "23_mammography.npz", folder);
  freeze_table<10>("pageblocks", tables / "27_PageBlocks.npz", folder);
  freeze_table<9>("shuttle", tables / "32_shuttle.npz", folder);
  freeze_table<30>("wdbc", tables / "43_WDBC.npz", folder);
}
