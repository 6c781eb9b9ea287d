#include <eigencoder/data/idx.hpp>
#include <eigencoder/data/mapped.hpp>

#include "gradients/model_harness.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

namespace test_streaming {

using namespace eigencoder;

namespace {

using Model = Autoencoder<Sequential<Shape{3, 4, 1}, Flatten, Dense<5, relu>>,
                          Sequential<Shape{5}, Dense<12, sigmoid>, Reshape<Shape{3, 4, 1}>>>;

std::vector<std::uint8_t> bytes_of(Index count) {
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(count));
  for (std::size_t k = 0; k < bytes.size(); ++k) bytes[k] = static_cast<std::uint8_t>(k * k * 31 % 251);
  return bytes;
}

std::string text_of(const void* first, std::size_t size) { return {static_cast<const char*>(first), size}; }

std::string idx_of(const std::vector<std::uint8_t>& bytes, Index count) {
  std::string file("\0\0\x08\x03", 4);
  for (const Index dim : {count, Index{3}, Index{4}})
    for (int shift = 24; shift >= 0; shift -= 8) file += static_cast<char>(dim >> shift & 255);
  return file + text_of(bytes.data(), bytes.size());
}

/// The header is padded to a multiple of 64, as NumPy does, and `misplaced` bytes more.
std::string npy_of(const std::string& type, const std::string& shape, const std::string& values,
                   std::size_t misplaced = 0) {
  std::string header = "{'descr': '" + type + "', 'fortran_order': False, 'shape': " + shape + ", }";
  header.resize((header.size() + 10 + 63) / 64 * 64 - 10 + misplaced, ' ');
  std::string file("\x93NUMPY\1\0", 8);
  file += {static_cast<char>(header.size() & 255), static_cast<char>(header.size() >> 8)};
  return file + header + values;
}

std::vector<float> trained(const Dataset& data, const Dataset& targets = {}) {
  Model model{Seed{2}};
  fit(model, data, MeanSquaredError{}, Adam{.learning_rate = 1e-2},
      {.epochs = 3,
       .batch_size = 16,
       .shuffle_block = 50,
       .validation_split = 0.1,
       .targets = targets,
       .corruption = GaussianNoise{.stddev = 0.1},
       .seed = 3,
       .threads = 2,
       .progress = false});
  return {model.parameters().begin(), model.parameters().end()};
}

}  // namespace

TEST_CASE("training on a file, or on what a function makes, is training in memory, bit for bit") {
  const test::TemporaryDirectory dir;
  constexpr Index count = 1000;
  const std::vector<std::uint8_t> bytes = bytes_of(12 * count);
  const Dataset memory = Dataset::from_bytes(bytes, Shape{3, 4, 1});
  const std::vector<float> expected = trained(memory);

  const Dataset idx = map_idx(test::write(dir / "d.idx", idx_of(bytes, count)));
  CHECK(idx.is_mapped());
  CHECK(idx.shape() == Shape{3, 4, 1});
  CHECK(idx.matrix<float>() == memory.matrix<float>());
  CHECK(trained(idx) == expected);
  const Dataset raw = map_raw<std::uint8_t>(test::write(dir / "d.raw", "head" + text_of(bytes.data(), bytes.size())),
                                            Shape{3, 4, 1}, 4);
  CHECK(trained(raw) == expected);
  CHECK(trained(raw, idx) == trained(memory, memory));

  const Matrix<float> floats = memory.matrix<float>();
  const std::string values = text_of(floats.data(), sizeof(float) * static_cast<std::size_t>(floats.size()));
  const Dataset npy = map_npy(test::write(dir / "d.npy", npy_of("<f4", "(1000, 3, 4)", values)));
  CHECK(npy.shape() == Shape{3, 4, 1});
  CHECK(trained(npy) == expected);

  const auto generated =
      Dataset::generated(count, Shape{3, 4, 1}, [&](std::span<const Index> samples, std::span<float> rows) {
        for (std::size_t k = 0; k < samples.size(); ++k)
          std::copy_n(floats.row(samples[k]).data(), 12, rows.data() + 12 * k);
      });
  CHECK(trained(generated) == expected);
}

TEST_CASE("a mapped or generated dataset does what others do") {
  const test::TemporaryDirectory dir;
  const Matrix<double> values = Matrix<double>::Random(500, 7);
  const std::string bytes = text_of(values.data(), sizeof(double) * static_cast<std::size_t>(values.size()));
  const Dataset npy = map_npy(test::write(dir / "d.npy", npy_of("<f8", "(500, 7)", bytes)));
  const Dataset generated =
      Dataset::generated(500, Shape{7}, [&](std::span<const Index> samples, std::span<float> rows) {
        for (std::size_t k = 0; k < 7 * samples.size(); ++k)
          rows[k] = static_cast<float>(values(samples[k / 7], static_cast<Index>(k % 7)));
      });
  for (const Dataset& data : {npy, generated}) {
    const Matrix<float> expected = values.cast<float>();
    CHECK(data.matrix<float>() == expected);
    const std::vector<Index> indices{400, 3};
    const Dataset chosen = data.slice(10, 450).select(indices);
    CHECK(chosen.matrix<float>().row(0) == expected.row(410));
    CHECK(chosen.matrix<float>().row(1) == expected.row(13));
    CHECK(!chosen.is_mapped());
    CHECK(data.slice(100, 50).slice(10, 3).matrix<float>() == expected.middleRows(110, 3));
    CHECK(data.with_labels(std::vector<int>(500, 3)).slice(3, 2).labels().size() == 2);
    data.load(0, 500);
    data.release(100, 300);
    CHECK(data.matrix<float>() == expected);
    CHECK_NOTHROW(data.check_finite());
    CHECK(without_missing(data).matrix<float>() == expected);
    Autoencoder<Sequential<Shape{7}, Dense<3>>, Sequential<Shape{3}, Dense<7>>> model{Seed{1}};
    CHECK(model.encode(data) == model.encode(expected));
  }
  CHECK(first_outside(npy, {.low = -2, .high = 0.5})->value > 0.5);
  CHECK(generated.bytes_used() == 0);
  CHECK(npy.bytes_used() == bytes.size());

  Matrix<double> gap = values;
  gap(400, 3) = NAN;
  const auto text = text_of(gap.data(), bytes.size());
  const Dataset missing = map_npy(test::write(dir / "gap.npy", npy_of("<f8", "(500, 7)", text)));
  CHECK_THAT(test::message_of<std::invalid_argument>([&] { missing.check_finite(); }),
             test::contains("sample 400, feature 3"));
  CHECK(without_missing(missing).matrix<double>()(400, 3) == 0);

  CHECK_THROWS_AS(Dataset::generated(3, Shape{2}, {}), std::invalid_argument);
  CHECK_THROWS_AS(Dataset::generated(-1, Shape{2}, [](auto, auto) {}), std::invalid_argument);
}

TEST_CASE("blocks are shuffled, and the samples of each, the smaller last block staying last") {
  training::Order order(23, 5);
  std::vector<std::vector<Index>> epochs;
  for (const std::uint64_t epoch : {0u, 1u}) {
    order.shuffle(Random(Seed{1}, Stream::shuffle, epoch));
    const auto samples = order.samples();
    std::vector<Index> blocks;
    for (std::size_t k = 0; k < 20; ++k) {
      if (k % 5 == 0) blocks.push_back(samples[k] / 5);
      CHECK(samples[k] / 5 == blocks.back());
    }
    for (std::size_t k = 20; k < 23; ++k) CHECK(samples[k] >= 20);
    epochs.emplace_back(samples.begin(), samples.end());
    std::vector<Index> sorted = epochs.back();
    std::ranges::sort(sorted);
    for (std::size_t k = 0; k < 23; ++k) CHECK(sorted[k] == static_cast<Index>(k));
    std::ranges::sort(blocks);
    CHECK(blocks == std::vector<Index>{0, 1, 2, 3});
  }
  CHECK(epochs[0] != epochs[1]);

  training::Order whole(23, 0), large(23, 23);
  std::vector<Index> expected(23);
  std::iota(expected.begin(), expected.end(), Index{0});
  Random(Seed{1}, Stream::shuffle, 0).shuffle(expected);
  for (training::Order* each : {&whole, &large}) {
    each->shuffle(Random(Seed{1}, Stream::shuffle, 0));
    CHECK(std::ranges::equal(each->samples(), expected));
  }
}

TEST_CASE("files that cannot be mapped are refused with the reason") {
  const test::TemporaryDirectory dir;
  const auto refused = [&](const std::string& bytes, auto map) {
    const auto path = test::write(dir / "file", bytes);
    const std::string message = test::message_of<std::runtime_error>([&] { (void)map(path); });
    CHECK_THAT(message, test::contains("file: "));
    return message;
  };
  const auto idx = [](const auto& path) { return map_idx(path); };
  const auto npy = [](const auto& path) { return map_npy(path); };
  const std::string good = idx_of(bytes_of(24), 2);
  CHECK_THAT(refused("", idx), test::contains("is empty"));
  CHECK_THAT(refused("\x1f\x8b\x08", idx), test::contains("gzipped"));
  CHECK_THAT(refused(good.substr(0, 9), idx), test::contains("truncated within its header"));
  CHECK_THAT(refused(good.substr(0, 30), idx), test::contains("has 14 values, its header promises 24"));
  CHECK_THAT(refused(good + "x", idx), test::contains("has 25 values"));
  const std::string values(4 * 6, '\0');
  CHECK_THAT(refused(npy_of("<f4", "(2, 3)", values, 1), npy), test::contains("not at a multiple of 4"));
  CHECK_THAT(refused(npy_of("<f4", "(2, 4)", values), npy), test::contains("24 bytes of values"));
  CHECK_THAT(refused(npy_of("<i4", "(2, 3)", values), npy), test::contains("has type <i4"));
  CHECK_THAT(refused(npy_of("<f4", "()", values), npy), test::contains("0 dimensions"));
  std::string columns_first = npy_of("<f4", "(2, 3)", values);
  columns_first.replace(columns_first.find("False"), 5, "True ");
  CHECK_THAT(refused(columns_first, npy), test::contains("Fortran's order"));
  CHECK_THAT(refused("12345", [](const auto& path) { return map_raw<float>(path, Shape{1}); }),
             test::contains("not a whole number of samples of 4"));
  CHECK_THAT(refused("12345678", [](const auto& path) { return map_raw<float>(path, Shape{1}, 9); }),
             test::contains("from 9 on"));
  CHECK_THAT(test::message_of<std::runtime_error>([&] { (void)map_idx(dir.path()); }), test::contains("directory"));
  CHECK_THAT(test::message_of<std::runtime_error>([&] { (void)map_npy(dir / "none"); }),
             test::contains("no such file"));
}

}  // namespace test_streaming
