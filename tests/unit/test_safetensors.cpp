#include <cmath>
#include <cstring>
#include <eigencoder/io/safetensors.hpp>
#include <limits>

#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

namespace test_safetensors {

using eigencoder::Index;
using eigencoder::load;
using eigencoder::read_safetensors;
using eigencoder::save;
using eigencoder::StoredTensor;
using eigencoder::write_safetensors;
using test::contains;

namespace {

/// The least that save and load ask of a model: an encoder of 2 -> `Units`.
template <class Scalar, Index Units = 3>
struct SmallModel {
  struct Tensor {
    std::string name;
    std::vector<Index> dims;
    Index offset;
  };
  static std::vector<Tensor> tensors() {
    return {{"encoder.0.kernel", {2, Units}, 0}, {"encoder.0.bias", {Units}, 2 * Units}};
  }
  std::span<Scalar> parameters() { return values; }
  std::span<const Scalar> parameters() const { return values; }

  std::vector<Scalar> values = std::vector<Scalar>(3 * Units, Scalar(0.1));
};

std::string file_of(const std::string& header, const std::string& data) {
  const std::uint64_t size = header.size();
  return std::string(reinterpret_cast<const char*>(&size), 8) + header + data;
}

std::string error_of(const std::filesystem::path& path) {
  return test::message_of<std::runtime_error>([&] { (void)read_safetensors(path); });
}

}  // namespace

TEST_CASE("a saved model is loaded bit for bit") {
  const test::TemporaryDirectory dir;
  SmallModel<float> model;
  for (std::size_t i = 0; i < model.values.size(); ++i) model.values[i] = std::sqrt(static_cast<float>(i)) - 1.0f;
  model.values[2] = -0.0f;
  model.values[3] = std::numeric_limits<float>::denorm_min();
  model.values[4] = -std::numeric_limits<float>::max();
  save(model, dir / "m.safetensors");
  SmallModel<float> other;
  load(other, dir / "m.safetensors");
  REQUIRE(std::memcmp(model.values.data(), other.values.data(), model.values.size() * sizeof(float)) == 0);

  const auto tensors = read_safetensors(dir / "m.safetensors");
  REQUIRE(tensors.size() == 2);
  REQUIRE(tensors.at("encoder.0.kernel").shape == std::vector<Index>{2, 3});
  REQUIRE(tensors.at("encoder.0.bias").values[1] == model.values[7]);
}

TEST_CASE("float and double are converted into each other") {
  const test::TemporaryDirectory dir;
  SmallModel<double> precise;
  precise.values[4] = 1.0 / 3.0;
  save(precise, dir / "d");
  SmallModel<double> same;
  load(same, dir / "d");
  REQUIRE(same.values == precise.values);
  SmallModel<float> rounded;
  load(rounded, dir / "d");
  REQUIRE(rounded.values[4] == static_cast<float>(1.0 / 3.0));
  save(rounded, dir / "f");
  load(same, dir / "f");
  REQUIRE(same.values[4] == static_cast<double>(static_cast<float>(1.0 / 3.0)));
}

TEST_CASE("the file's header is the format's: aligned, with metadata, offsets back to back") {
  const test::TemporaryDirectory dir;
  save(SmallModel<float>{}, dir / "m");
  const std::string bytes = test::contents(dir / "m");
  std::uint64_t size = 0;
  std::memcpy(&size, bytes.data(), 8);
  REQUIRE(size % 8 == 0);
  REQUIRE(bytes.size() == 8 + size + 9 * sizeof(float));
  const auto header = nlohmann::json::parse(bytes.substr(8, size));
  REQUIRE(header["__metadata__"]["format"] == "eigencoder");
  REQUIRE(header["__metadata__"]["version"] == eigencoder::version);
  REQUIRE(header["encoder.0.bias"]["dtype"] == "F32");
  REQUIRE(header["encoder.0.bias"]["data_offsets"] == std::vector<int>{24, 36});
}

TEST_CASE("a file of another architecture is refused with both shapes, the model as it was") {
  const test::TemporaryDirectory dir;
  const auto refused = [&](const std::map<std::string, StoredTensor>& tensors) {
    write_safetensors(dir / "x", tensors);
    SmallModel<float> model;
    const std::string message = test::message_of<std::runtime_error>([&] { load(model, dir / "x"); });
    REQUIRE(model.values == SmallModel<float>{}.values);
    return message;
  };
  const StoredTensor kernel{{2, 3}, std::vector<double>(6)};
  const StoredTensor bias{{3}, std::vector<double>(3)};
  REQUIRE_THAT(refused({{"encoder.0.kernel", {{2, 4}, std::vector<double>(8)}}, {"encoder.0.bias", bias}}),
               contains("x: ") && contains("(2, 4) in the file, (2, 3) in the model"));
  REQUIRE_THAT(refused({{"encoder.0.kernel", {{3, 2}, std::vector<double>(6)}}, {"encoder.0.bias", bias}}),
               contains("(3, 2) in the file"));
  REQUIRE_THAT(refused({{"encoder.0.kernel", kernel}}),
               contains("no tensor encoder.0.bias") && contains("(3) in the model"));
  REQUIRE_THAT(refused({{"encoder.0.kernel", kernel}, {"encoder.0.bias", bias}, {"more", bias}}),
               contains("it has a tensor more of shape (3), the model has none of that name"));
}

TEST_CASE("a bad safetensors file is refused with its name and what is wrong") {
  const test::TemporaryDirectory dir;
  const auto file = [&](const std::string& bytes) { return test::write(dir / "x", bytes); };
  const auto tensor = [&](const std::string& entry, const std::string& data = "01234567") {
    return error_of(file(file_of("{\"t\":" + entry + "}", data)));
  };

  REQUIRE_THAT(error_of(dir / "missing"), contains("missing: cannot be opened"));
  REQUIRE_THAT(error_of(dir.path()), contains("cannot be opened"));
  REQUIRE_THAT(error_of(file("")), contains("x: is truncated"));
  REQUIRE_THAT(error_of(file("1234567")), contains("truncated"));
  REQUIRE_THAT(error_of(file("\x89PNG and so on and so on")), contains("header does not fit"));
  REQUIRE_THAT(error_of(file(file_of("{}", "").substr(0, 9))), contains("header does not fit"));
  REQUIRE_THAT(error_of(file(file_of("{\"t\":", ""))), contains("not a JSON object"));
  REQUIRE_THAT(error_of(file(file_of("[1]", ""))), contains("not a JSON object"));
  REQUIRE_THAT(tensor("1"), contains("tensor t is not described"));
  REQUIRE_THAT(tensor("{}"), contains("dtype none"));
  REQUIRE_THAT(tensor(R"({"dtype":"BF16","shape":[4],"data_offsets":[0,8]})"),
               contains("dtype BF16, expected F32 or F64"));
  REQUIRE_THAT(tensor(R"({"dtype":"F32","data_offsets":[0,8]})"), contains("no list shape"));
  REQUIRE_THAT(tensor(R"({"dtype":"F32","shape":[2]})"), contains("no list data_offsets"));
  REQUIRE_THAT(tensor(R"({"dtype":"F32","shape":[-2],"data_offsets":[0,8]})"), contains("bad number in shape"));
  REQUIRE_THAT(tensor(R"({"dtype":"F32","shape":[1.5],"data_offsets":[0,8]})"), contains("bad number in shape"));
  REQUIRE_THAT(tensor(R"({"dtype":"F32","shape":[2],"data_offsets":[0,8,9]})"), contains("outside"));
  REQUIRE_THAT(tensor(R"({"dtype":"F32","shape":[2],"data_offsets":[8,0]})"), contains("outside"));
  REQUIRE_THAT(tensor(R"({"dtype":"F32","shape":[2],"data_offsets":[0,9]})"), contains("outside the file's 8 bytes"));
  REQUIRE_THAT(tensor(R"({"dtype":"F32","shape":[3],"data_offsets":[0,8]})"), contains("shape (3) has 8 bytes"));
  REQUIRE_THAT(tensor(R"({"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,8]})"),
               contains("larger than the file"));
  REQUIRE_THAT(tensor(R"({"dtype":"F32","shape":[2],"data_offsets":[0,8]})", "0123456789"),
               contains("has 10 bytes of data, its header describes 8"));
  REQUIRE_THAT(tensor(R"({"dtype":"F32","shape":[2],"data_offsets":[0,8]})", "0123456"), contains("outside"));
}

TEST_CASE("tensors of any name and rank are written and read") {
  const test::TemporaryDirectory dir;
  const std::map<std::string, StoredTensor> tensors = {
      {"scalar", {{}, {2.5}}}, {"none", {{0, 3}, {}}}, {"a \"quoted\\\"\n name \xc3\xa9", {{2, 1, 2}, {1, 2, 3, 4}}}};
  write_safetensors<double>(dir / "x", tensors);
  const auto back = read_safetensors(dir / "x");
  REQUIRE(back.size() == 3);
  for (const auto& [name, tensor] : tensors) {
    REQUIRE(back.at(name).shape == tensor.shape);
    REQUIRE(back.at(name).values == tensor.values);
  }
  REQUIRE_THROWS_WITH(write_safetensors(dir / "y", {{"t", {{2}, {1}}}}), contains("shape (2) has 1 values"));
}

TEST_CASE("weights that are not finite numbers are neither saved nor loaded") {
  const test::TemporaryDirectory dir;
  save(SmallModel<float>{}, dir / "m");
  const std::string before = test::contents(dir / "m");
  for (const double bad : {std::nan(""), std::numeric_limits<double>::infinity(), -HUGE_VAL}) {
    SmallModel<float> model;
    model.values[7] = static_cast<float>(bad);
    REQUIRE_THROWS_WITH(save(model, dir / "m"), contains("parameter 7 of the model's 9 is not a finite number"));
    REQUIRE(test::contents(dir / "m") == before);
    write_safetensors(dir / "x",
                      {{"encoder.0.kernel", {{2, 3}, {1, 2, 3, 4, 5, 6}}}, {"encoder.0.bias", {{3}, {1, bad, 3}}}});
    REQUIRE(read_safetensors(dir / "x").size() == 2);
    model = {};
    REQUIRE_THROWS_WITH(load(model, dir / "x"), contains("x: value 1 of encoder.0.bias is not a finite number"));
    REQUIRE(model.values == SmallModel<float>{}.values);
  }
  SmallModel<double> large;
  large.values[0] = -1e39;
  save(large, dir / "large");
  load(large, dir / "large");
  SmallModel<float> model;
  REQUIRE_THROWS_WITH(load(model, dir / "large"),
                      contains("value 0 of encoder.0.kernel is too large for the model's float"));
  REQUIRE(model.values == SmallModel<float>{}.values);
  REQUIRE_THROWS_WITH(write_safetensors(dir / "x", {{"t", {{1}, {1e39}}}}), contains("too large for the file's float"));
}

TEST_CASE("a model without all of its parameters is not saved") {
  const test::TemporaryDirectory dir;
  SmallModel<float> model;
  save(model, dir / "m");
  const std::string before = test::contents(dir / "m");
  const SmallModel<float> other = std::move(model);
  REQUIRE_THROWS_WITH(save(model, dir / "m"), contains("0 parameters, expected 9"));  // NOLINT: moved from on purpose
  REQUIRE(test::contents(dir / "m") == before);
}

TEST_CASE("nothing is written that would not be read") {
  const test::TemporaryDirectory dir;
  const auto refused = [&](const std::string& name, const StoredTensor& tensor) {
    const std::string message =
        test::message_of<std::invalid_argument>([&] { write_safetensors(dir / "x", {{name, tensor}}); });
    REQUIRE(!std::filesystem::exists(dir / "x"));
    return message;
  };
  REQUIRE_THAT(refused("__metadata__", {{1}, {1}}), contains("cannot have the name"));
  for (const char* const name : {"\xff", "\xc3", "\xed\xa0\x80", "a\x80"})
    REQUIRE_THAT(refused(name, {{1}, {1}}), contains("not UTF-8"));
  REQUIRE_THAT(refused("t", {{-1, -2}, {1, 2}}), contains("shape (-1, -2) has 2 values"));
  REQUIRE_THAT(refused("t", {{Index{1} << 62, 4}, {}}), contains("has 0 values"));
  for (const std::string& name : {std::string("a\0b", 3), std::string("\x7f"), std::string()}) {
    write_safetensors(dir / "good", {{name, {{1}, {1}}}});
    REQUIRE(read_safetensors(dir / "good").count(name) == 1);
  }
}

TEST_CASE("a save that fails leaves the older file whole") {
  const test::TemporaryDirectory dir;
  save(SmallModel<float>{}, dir / "m");
  const std::string before = test::contents(dir / "m");
  REQUIRE_THROWS_AS(save(SmallModel<float>{}, dir / "no/such/directory"), std::runtime_error);
  REQUIRE(test::contents(dir / "m") == before);
}

TEST_CASE("a file of Python's safetensors is read") {
  const auto tensors = read_safetensors(std::string(TESTS_DIR) + "/conformance/golden/dense_model.safetensors");
  REQUIRE(!tensors.empty());
  for (const auto& [name, tensor] : tensors) {
    Index count = 1;
    for (const Index n : tensor.shape) count *= n;
    REQUIRE(count == static_cast<Index>(tensor.values.size()));
  }
}

}  // namespace test_safetensors
