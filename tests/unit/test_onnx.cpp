#include <cstring>
#include <eigencoder/eigencoder.hpp>
#include <eigencoder/io/onnx.hpp>
#include <map>

#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

namespace test_onnx {

/// The files are read back by their wire format alone; what runtimes make of them is checked by scripts/check-formats.

using namespace eigencoder;
using test::contains;

namespace {

/// A message's fields by number, in order: a number's bytes, or a text, or a message within.
using Fields = std::multimap<int, std::string>;

std::uint64_t read_varint(std::string_view& bytes) {
  std::uint64_t value = 0;
  for (int shift = 0;; shift += 7) {
    const auto byte = static_cast<unsigned char>(bytes.at(0));
    bytes.remove_prefix(1);
    value |= std::uint64_t{byte & 0x7fU} << shift;
    if (byte < 0x80) return value;
  }
}

Fields parse(std::string_view bytes) {
  Fields fields;
  while (!bytes.empty()) {
    const std::uint64_t key = read_varint(bytes);
    const int number = static_cast<int>(key >> 3);
    if ((key & 7) == 0) {
      fields.emplace(number, std::to_string(static_cast<std::int64_t>(read_varint(bytes))));
    } else {
      REQUIRE(((key & 7) == 2 || (key & 7) == 5));
      const std::uint64_t size = (key & 7) == 2 ? read_varint(bytes) : 4;
      REQUIRE(size <= bytes.size());
      fields.emplace(number, bytes.substr(0, size));
      bytes.remove_prefix(size);
    }
  }
  return fields;
}

std::string only(const Fields& fields, int number) {
  REQUIRE(fields.count(number) == 1);
  return fields.find(number)->second;
}

/// All of a field, one after the other with commas.
std::string all(const Fields& fields, int number, const std::function<std::string(const std::string&)>& show) {
  std::string text;
  const auto range = fields.equal_range(number);
  for (auto field = range.first; field != range.second; ++field)
    text += (text.empty() ? "" : ", ") + show(field->second);
  return text;
}
std::string as_is(const std::string& text) { return text; }

std::string value_info(const std::string& bytes) {
  const Fields value = parse(bytes), tensor = parse(only(parse(only(value, 2)), 1));
  const auto dimension = [](const std::string& dim) {
    const Fields fields = parse(dim);
    return fields.count(1) == 1 ? only(fields, 1) : only(fields, 2);
  };
  return only(value, 1) + (only(tensor, 1) == "1" ? " float (" : " integer (") +
         all(parse(only(tensor, 2)), 1, dimension) + ")";
}

std::string operator_name(const std::string& node) { return only(parse(node), 4); }

using Model =
    Autoencoder<Sequential<Shape{3, 5, 2}, Conv2D<4, Size{2, 3}, stride(1, 2), relu, same>, Flatten, Dense<6>>,
                Sequential<Shape{6}, Dense<30, leaky_relu(0.3)>, Reshape<Shape{3, 5, 2}>>>;

}  // namespace

TEST_CASE("an ONNX file has the model's operators, names, shapes and weights") {
  const test::TemporaryDirectory dir;
  Model model{Seed{3}};
  save_onnx(model, dir / "m.onnx");
  const Fields file = parse(test::contents(dir / "m.onnx"));
  CHECK(only(parse(only(file, 8)), 2) == "17");
  CHECK(only(file, 2) == "eigencoder");
  CHECK(only(parse(only(file, 14)), 2) == Model::architecture());

  const Fields graph = parse(only(file, 7));
  CHECK(all(graph, 11, value_info) == "input float (batch, 3, 5, 2)");
  CHECK(all(graph, 12, value_info) == "reconstruction float (batch, 3, 5, 2)");
  CHECK(all(graph, 1, operator_name) ==
        "Transpose, Conv, Relu, Transpose, Reshape, Gemm, Gemm, LeakyRelu, Reshape, Identity");

  std::map<std::string, Fields> tensors;
  for (auto [tensor, end] = graph.equal_range(5); tensor != end; ++tensor) {
    const Fields fields = parse(tensor->second);
    tensors[only(fields, 8)] = fields;
  }
  for (const NamedTensor& tensor : Model::tensors()) REQUIRE(tensors.count(tensor.name) == 1);
  // (out, in, height, width) of what is (height, width, in, out).
  CHECK(all(tensors["encoder.0.kernel"], 1, as_is) == "4, 2, 2, 3");
  const std::string kernel = only(tensors["encoder.0.kernel"], 9);
  for (std::size_t o = 0; o < 4; ++o)
    for (std::size_t c = 0; c < 2; ++c)
      for (std::size_t t = 0; t < 6; ++t) {
        float value = 0;
        std::memcpy(&value, kernel.data() + sizeof value * ((o * 2 + c) * 6 + t), sizeof value);
        CHECK(value == model.parameters()[(t * 2 + c) * 4 + o]);
      }
}

TEST_CASE("an encoder and a decoder are files of their own, with labels and distributions where there are some") {
  const test::TemporaryDirectory dir;
  const Model model{Seed{3}};
  const auto graph_of = [&](const auto& of, ModelPart part) {
    save_onnx(of, dir / "m.onnx", {.part = part});
    return parse(only(parse(test::contents(dir / "m.onnx")), 7));
  };
  const Fields encoder = graph_of(model, ModelPart::encoder), decoder = graph_of(model, ModelPart::decoder);
  CHECK(all(encoder, 11, value_info) == "input float (batch, 3, 5, 2)");
  CHECK(all(encoder, 12, value_info) == "code float (batch, 6)");
  CHECK(all(decoder, 11, value_info) == "code float (batch, 6)");
  CHECK(all(decoder, 1, operator_name) == "Gemm, LeakyRelu, Reshape, Identity");

  using Conditional = VariationalAutoencoder<Sequential<Shape{3}, ConcatenateLabel<2>, Dense<4>>,
                                             Sequential<Shape{2}, ConcatenateLabel<2>, Dense<3>>, 2>;
  const Conditional conditional{Seed{1}};
  const Fields whole = graph_of(conditional, ModelPart::whole);
  CHECK(all(whole, 11, value_info) == "input float (batch, 3), label integer (batch)");
  CHECK(all(graph_of(conditional, ModelPart::encoder), 12, value_info) ==
        "code float (batch, 2), log_variance float (batch, 2)");
}

TEST_CASE("a model that ONNX files cannot hold is refused, and an older file stays") {
  const test::TemporaryDirectory dir;
  Model model{Seed{3}};
  save_onnx(model, dir / "m.onnx");
  const std::string before = test::contents(dir / "m.onnx");
  model.parameters()[7] = std::nanf("");
  CHECK_THROWS_WITH(save_onnx(model, dir / "m.onnx"), contains("parameter 7 of the model is not a finite float"));
  CHECK_THROWS_WITH(save_onnx(Model{Seed{1}}, dir / "no/such/m.onnx"), contains("cannot write"));
  CHECK(test::contents(dir / "m.onnx") == before);
}

}  // namespace test_onnx
