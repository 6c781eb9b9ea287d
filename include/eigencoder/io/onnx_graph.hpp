#pragma once

#include <cstdint>
#include <eigencoder/core/target.hpp>
#include <eigencoder/core/version.hpp>
#include <eigencoder/io/protobuf.hpp>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// The messages of an ONNX file, by the numbers that onnx.proto3 gives their fields.
namespace eigencoder::inline EIGENCODER_TARGET::detail::onnx {

enum class Type { floating = 1, integer = 7 };  // TensorProto.DataType: FLOAT, INT64

// AttributeProto: name 1, f 2, i 3, s 4, ints 8, type 20.
inline ProtobufMessage number(std::string_view name, float value) {
  return ProtobufMessage{}.text(1, name).number(2, value).integer(20, 1);
}
inline ProtobufMessage integer(std::string_view name, std::int64_t value) {
  return ProtobufMessage{}.text(1, name).integer(3, value).integer(20, 2);
}
inline ProtobufMessage text(std::string_view name, std::string_view value) {
  return ProtobufMessage{}.text(1, name).text(4, value).integer(20, 3);
}
inline ProtobufMessage integers(std::string_view name, const std::vector<std::int64_t>& values) {
  ProtobufMessage attribute;
  attribute.text(1, name);
  for (const std::int64_t value : values) attribute.integer(8, value);
  return attribute.integer(20, 7);
}

/// A GraphProto in the making: node 1, name 2, initializer 5, input 11, output 12. Values are known by their names.
class Graph {
 public:
  static constexpr std::int64_t operator_set = 17;
  static constexpr std::int64_t file_version = 8;  // ONNX 1.12's, in which that operator set came

  /// What follows belongs to a layer and is named after it.
  void enter(std::string_view layer) {
    layer_ = layer;
    count_ = 0;
  }

  /// A constant; its name.
  std::string floats(const std::vector<std::int64_t>& dims, std::span<const float> values, std::string name = "") {
    return constant(dims, Type::floating, {reinterpret_cast<const char*>(values.data()), values.size_bytes()},
                    std::move(name));
  }
  std::string scalar(float value) { return floats({}, {&value, 1}); }
  std::string integers(const std::vector<std::int64_t>& values) {
    return constant({static_cast<std::int64_t>(values.size())}, Type::integer,
                    {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(std::int64_t)}, "");
  }

  /// NodeProto: input 1, output 2, name 3, op_type 4, attribute 5. Gives the first output's name.
  std::string node(std::string_view type, const std::vector<std::string>& inputs,
                   const std::vector<ProtobufMessage>& attributes = {}, int outputs = 1) {
    std::string name = next();
    ProtobufMessage node;
    for (const std::string& input : inputs) node.text(1, input);
    node.text(2, name);
    for (int o = 1; o < outputs; ++o) node.text(2, name + "/" + std::to_string(o));
    node.text(3, name).text(4, type);
    for (const ProtobufMessage& attribute : attributes) node.message(5, attribute);
    graph_.message(1, node);
    return name;
  }

  void input(std::string_view name, const std::vector<std::int64_t>& dims) {
    graph_.message(11, value_info(name, Type::floating, dims));
  }
  /// The input of labels, which all that need it share.
  void label_input() {
    if (!has_label_) graph_.message(11, value_info("label", Type::integer, {}));
    has_label_ = true;
  }
  void output(const std::string& value, std::string_view name, const std::vector<std::int64_t>& dims) {
    graph_.message(1, ProtobufMessage{}.text(1, value).text(2, name).text(3, name).text(4, "Identity"));
    graph_.message(12, value_info(name, Type::floating, dims));
  }

  /// ModelProto: ir_version 1, producer_name 2, producer_version 3, graph 7, opset_import 8 (version 2),
  /// metadata_props 14 (key 1, value 2).
  [[nodiscard]] std::string bytes(std::string_view architecture) {
    graph_.text(2, "eigencoder");
    return ProtobufMessage{}
        .integer(1, file_version)
        .text(2, "eigencoder")
        .text(3, version)
        .message(7, graph_)
        .message(8, ProtobufMessage{}.integer(2, operator_set))
        .message(14, ProtobufMessage{}.text(1, "architecture").text(2, architecture))
        .bytes();
  }

 private:
  std::string next() { return layer_ + "/" + std::to_string(count_++); }

  /// TensorProto: dims 1, data_type 2, name 8, raw_data 9.
  std::string constant(const std::vector<std::int64_t>& dims, Type type, std::string_view data, std::string name) {
    if (name.empty()) name = next();
    ProtobufMessage tensor;
    for (const std::int64_t dim : dims) tensor.integer(1, dim);
    tensor.integer(2, static_cast<std::int64_t>(type)).text(8, name).text(9, data);
    graph_.message(5, tensor);
    return name;
  }

  /// ValueInfoProto: name 1, type 2; TypeProto: tensor_type 1; its elem_type 1, shape 2; TensorShapeProto: dim 1, which
  /// is dim_value 1 or dim_param 2. The first dimension is the batch.
  static ProtobufMessage value_info(std::string_view name, Type type, const std::vector<std::int64_t>& dims) {
    ProtobufMessage shape;
    shape.message(1, ProtobufMessage{}.text(2, "batch"));
    for (const std::int64_t dim : dims) shape.message(1, ProtobufMessage{}.integer(1, dim));
    const ProtobufMessage tensor = ProtobufMessage{}.integer(1, static_cast<std::int64_t>(type)).message(2, shape);
    return ProtobufMessage{}.text(1, name).message(2, ProtobufMessage{}.message(1, tensor));
  }

  ProtobufMessage graph_;
  std::string layer_ = "model";
  int count_ = 0;
  bool has_label_ = false;
};

}  // namespace eigencoder::inline EIGENCODER_TARGET::detail::onnx
