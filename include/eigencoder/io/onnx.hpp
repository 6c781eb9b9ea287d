#pragma once

#include <algorithm>
#include <cmath>
#include <eigencoder/core/target.hpp>
#include <eigencoder/core/version.hpp>
#include <eigencoder/io/atomic_file.hpp>
#include <eigencoder/io/onnx_graph.hpp>
#include <eigencoder/network/operations.hpp>
#include <filesystem>
#include <numbers>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace eigencoder::inline EIGENCODER_TARGET {

struct OnnxOptions {
  /// The whole model, or its encoder or decoder alone.
  ModelPart part = ModelPart::whole;
};

namespace detail {

/// From a model's layers to the nodes of a graph. ONNX knows images with channels first, the library has them last:
/// values are transposed where a layer needs the one or the other, and nowhere else.
class OnnxExporter {
 public:
  OnnxExporter(std::span<const float> parameters, std::string_view input, Shape shape)
      : parameters_(parameters), shape_(shape), form_(natural(shape)), value_(input) {
    graph_.input(input, dimensions(shape, form_));
  }

  void add(const network::LayerOperation& layer) {
    using Kind = Operation::Kind;
    graph_.enter(layer.name);
    switch (layer.kind) {
      case Kind::dense:
        to(Form::flat);
        value_ = dense(layer, 0);
        break;
      case Kind::convolution:
      case Kind::transposed_convolution:
        convolve(layer);
        break;
      case Kind::maximum:
      case Kind::average:
        to(Form::channels_first);
        value_ = graph_.node(layer.kind == Kind::maximum ? "MaxPool" : "AveragePool", {value_},
                             window(layer, {layer.input, layer.output}));
        break;
      case Kind::repetition:
      case Kind::interpolation:
        enlarge(layer);
        break;
      case Kind::padding:
      case Kind::cropping:
        change_border(layer);
        break;
      case Kind::reshape:
        to(natural(shape_));
        reshape(layer.output, natural(layer.output));
        break;
      case Kind::normalization:
        to(natural(shape_));
        value_ = graph_.node("LayerNormalization", {value_, weights(layer.tensors[0]), weights(layer.tensors[1])},
                             {onnx::integer("axis", -1), onnx::number("epsilon", 1e-3F)});
        break;
      case Kind::largest:
        keep_largest(layer.count);
        break;
      case Kind::quantizer:
        quantize(layer);
        break;
      case Kind::gaussian: {
        to(Form::flat);
        log_variance_ = graph_.node("Clip", {dense(layer, 2), graph_.scalar(-20), graph_.scalar(20)});
        value_ = dense(layer, 0);
        break;
      }
      case Kind::label:
        append_label(layer);
        break;
      case Kind::identity:
      case Kind::activation:
      case Kind::none:
        break;
    }
    shape_ = layer.output;
    activate(layer.activation);
  }

  /// The file's bytes. The model's last value gets the name `output`, that of a distribution's second parameter
  /// `log_variance`, if it is one.
  [[nodiscard]] std::string bytes(std::string_view output, bool gives_distribution, std::string_view architecture) {
    to(natural(shape_));
    graph_.output(value_, output, dimensions(shape_, form_));
    if (gives_distribution) graph_.output(log_variance_, "log_variance", dimensions(shape_, Form::flat));
    return graph_.bytes(architecture);
  }

 private:
  /// How a value lies: (batch, n), (batch, height, width, channels) or (batch, channels, height, width).
  enum class Form { flat, channels_last, channels_first };

  static Form natural(Shape shape) { return shape.is_flat() ? Form::flat : Form::channels_last; }
  /// Without the batch's.
  static std::vector<std::int64_t> dimensions(Shape s, Form form) {
    if (form == Form::flat) return {s.size()};
    if (form == Form::channels_last) return {s.height, s.width, s.channels};
    return {s.channels, s.height, s.width};
  }

  void reshape(Shape shape, Form form) {
    std::vector<std::int64_t> to = dimensions(shape, form);
    to.insert(to.begin(), -1);
    value_ = graph_.node("Reshape", {value_, graph_.integers(to)});
    shape_ = shape;
    form_ = form;
  }
  void to(Form form) {
    if (form == form_) return;
    if (shape_.is_flat()) return reshape(shape_, form);
    using Order = std::vector<std::int64_t>;
    value_ =
        graph_.node("Transpose", {value_},
                    {onnx::integers("perm", form == Form::channels_first ? Order{0, 3, 1, 2} : Order{0, 2, 3, 1})});
    form_ = form;
  }

  [[nodiscard]] std::span<const float> values(const NamedTensor& tensor) const {
    return parameters_.subspan(static_cast<std::size_t>(tensor.offset), static_cast<std::size_t>(tensor.size()));
  }
  std::string weights(const NamedTensor& tensor) {
    return graph_.floats({tensor.dims.begin(), tensor.dims.end()}, values(tensor), tensor.name);
  }

  /// By the kernel in `tensors[first]` and the bias after it, if there is one.
  std::string dense(const network::LayerOperation& layer, std::size_t first) {
    std::vector<std::string> inputs{value_, weights(layer.tensors[first])};
    if (first + 1 < layer.tensors.size()) inputs.push_back(weights(layer.tensors[first + 1]));
    return graph_.node("Gemm", inputs);
  }

  /// The attributes of a window that goes from the fine map to the coarse one. Cells that the last window leaves over
  /// are negative padding to us, and none to ONNX.
  struct Maps {
    Shape fine;
    Shape coarse;
  };
  static std::int64_t after(const kernels::Axis& axis, Index fine, Index coarse) {
    return (coarse - 1) * axis.stride + axis.dilation * (axis.kernel - 1) + 1 - fine - axis.padding;
  }
  static std::vector<ProtobufMessage> window(const Operation& o, const Maps& maps) {
    const std::int64_t below = after(o.rows, maps.fine.height, maps.coarse.height);
    const std::int64_t right = after(o.columns, maps.fine.width, maps.coarse.width);
    return {onnx::integers("kernel_shape", {o.rows.kernel, o.columns.kernel}),
            onnx::integers("strides", {o.rows.stride, o.columns.stride}),
            onnx::integers("pads", {o.rows.padding, o.columns.padding, std::max<std::int64_t>(below, 0),
                                    std::max<std::int64_t>(right, 0)})};
  }

  void convolve(const network::LayerOperation& layer) {
    to(Form::channels_first);
    const bool transposed = layer.kind == Operation::Kind::transposed_convolution;
    const Maps maps = transposed ? Maps{layer.output, layer.input} : Maps{layer.input, layer.output};
    auto attributes = window(layer, maps);
    attributes.push_back(onnx::integers("dilations", {layer.rows.dilation, layer.columns.dilation}));
    if (transposed) {
      // What a transposed convolution leaves over is what its output has more.
      const auto extra = [](const kernels::Axis& axis, Index fine, Index coarse) {
        return std::max<std::int64_t>(-after(axis, fine, coarse), 0);
      };
      attributes.push_back(
          onnx::integers("output_padding", {extra(layer.rows, maps.fine.height, maps.coarse.height),
                                            extra(layer.columns, maps.fine.width, maps.coarse.width)}));
    }
    // From (height, width, fine, coarse) to (coarse, fine, height, width), which both operators take.
    const NamedTensor& kernel = layer.tensors[0];
    const auto from = values(kernel);
    const Index fine = maps.fine.channels, coarse = maps.coarse.channels, taps = kernel.dims[0] * kernel.dims[1];
    std::vector<float> turned;
    turned.reserve(from.size());
    for (Index c = 0; c < coarse; ++c)
      for (Index f = 0; f < fine; ++f)
        for (Index t = 0; t < taps; ++t) turned.push_back(from[static_cast<std::size_t>((t * fine + f) * coarse + c)]);
    std::vector<std::string> inputs{value_,
                                    graph_.floats({coarse, fine, kernel.dims[0], kernel.dims[1]}, turned, kernel.name)};
    if (layer.tensors.size() > 1) inputs.push_back(weights(layer.tensors[1]));
    value_ = graph_.node(transposed ? "ConvTranspose" : "Conv", inputs, attributes);
  }

  void enlarge(const Operation& o) {
    to(Form::channels_first);
    const bool linear = o.kind == Operation::Kind::interpolation;
    const std::vector<float> scales{1, 1, static_cast<float>(o.rows.stride), static_cast<float>(o.columns.stride)};
    value_ = graph_.node("Resize", {value_, "", graph_.floats({4}, scales)},
                         {onnx::text("mode", linear ? "linear" : "nearest"),
                          onnx::text("coordinate_transformation_mode", linear ? "half_pixel" : "asymmetric"),
                          onnx::text("nearest_mode", "floor")});
  }

  void change_border(const network::LayerOperation& layer) {
    to(Form::channels_last);
    const Border& s = layer.sides;
    if (layer.kind == Operation::Kind::padding) {
      value_ = graph_.node("Pad", {value_, graph_.integers({0, s.top, s.left, 0, 0, s.bottom, s.right, 0})});
    } else {
      value_ = graph_.node("Slice", {value_, graph_.integers({s.top, s.left}),
                                     graph_.integers({s.top + layer.output.height, s.left + layer.output.width}),
                                     graph_.integers({1, 2})});
    }
  }

  void keep_largest(Index count) {
    const Shape shape = shape_;
    to(natural(shape));
    if (form_ != Form::flat) reshape(Shape{shape.size()}, Form::flat);
    const std::string largest = graph_.node("TopK", {value_, graph_.integers({count})}, {}, 2);
    const std::string threshold =
        graph_.node("Gather", {largest, graph_.integers({count - 1})}, {onnx::integer("axis", 1)});
    const std::string is_small = graph_.node("Less", {value_, threshold});
    value_ = graph_.node("Where", {is_small, graph_.scalar(0), value_});
    if (!shape.is_flat()) reshape(shape, Form::channels_last);
  }

  /// The nearest code by |x - e|^2, of which the first if several are.
  void quantize(const network::LayerOperation& layer) {
    const Shape shape = shape_;
    to(natural(shape));
    const std::string codebook = weights(layer.tensors[0]);
    const std::string cells = graph_.node("Reshape", {value_, graph_.integers({-1, 1, shape.channels})});
    const std::string difference = graph_.node("Sub", {cells, codebook});
    const std::string square = graph_.node("Mul", {difference, difference});
    const std::string distance =
        graph_.node("ReduceSum", {square, graph_.integers({2})}, {onnx::integer("keepdims", 0)});
    const std::string index =
        graph_.node("ArgMin", {distance}, {onnx::integer("axis", 1), onnx::integer("keepdims", 0)});
    value_ = graph_.node("Gather", {codebook, index});
    reshape(shape, natural(shape));
  }

  void append_label(const Operation& o) {
    to(Form::flat);
    graph_.label_input();
    const std::vector<float> off_on{0, 1};
    const std::string unit = graph_.node("OneHot", {"label", graph_.integers({o.count}), graph_.floats({2}, off_on)});
    value_ = graph_.node("Concat", {value_, unit}, {onnx::integer("axis", 1)});
  }

  void activate(const network::ActivationFunction& f) {
    const auto alpha = [&] { return onnx::number("alpha", static_cast<float>(f.parameter)); };
    const auto product = [&](const std::string& a, const std::string& b) { return graph_.node("Mul", {a, b}); };
    if (f.name == "relu") value_ = graph_.node("Relu", {value_});
    if (f.name == "relu6") value_ = graph_.node("Clip", {value_, graph_.scalar(0), graph_.scalar(6)});
    if (f.name == "leaky_relu") value_ = graph_.node("LeakyRelu", {value_}, {alpha()});
    if (f.name == "elu") value_ = graph_.node("Elu", {value_}, {alpha()});
    if (f.name == "selu")
      value_ = graph_.node("Selu", {value_},
                           {onnx::number("alpha", static_cast<float>(Selu::alpha)),
                            onnx::number("gamma", static_cast<float>(Selu::scale))});
    if (f.name == "sigmoid") value_ = graph_.node("Sigmoid", {value_});
    if (f.name == "hard_sigmoid")
      value_ = graph_.node("HardSigmoid", {value_}, {onnx::number("alpha", 1.0F / 6), onnx::number("beta", 0.5F)});
    if (f.name == "tanh") value_ = graph_.node("Tanh", {value_});
    if (f.name == "softplus") value_ = graph_.node("Softplus", {value_});
    if (f.name == "softsign") value_ = graph_.node("Softsign", {value_});
    if (f.name == "exponential") value_ = graph_.node("Exp", {value_});
    if (f.name == "silu") value_ = product(value_, graph_.node("Sigmoid", {value_}));
    if (f.name == "gelu") {
      const std::string scaled = product(value_, graph_.scalar(1 / std::numbers::sqrt2_v<float>));
      const std::string twice = graph_.node("Add", {graph_.node("Erf", {scaled}), graph_.scalar(1)});
      value_ = product(product(value_, graph_.scalar(0.5F)), twice);
    }
  }

  std::span<const float> parameters_;
  onnx::Graph graph_;
  Shape shape_;
  Form form_;
  std::string value_;
  std::string log_variance_;
};

}  // namespace detail

/// Writes a model as an ONNX file (operator set 17, float), whole or not at all, for onnxruntime and whatever else
/// reads such files. Inputs and outputs have the batch first, of any size, then the sample as the library has it: (n),
/// or (height, width, channels) of an image.
///
///     part               input              output
///     whole              input              reconstruction
///     encoder            input              code, of a variational model also log_variance
///     decoder            code               reconstruction
///
/// A conditional model has a second input, label: integers, (batch). The weights keep their names, the convolutions'
/// are turned to ONNX's order. Layers and activations of your own, which ONNX has no operator for, are refused when
/// compiling. Throws std::invalid_argument if a parameter is not a finite float or if the file would be larger than 2
/// GB, which the format cannot; std::runtime_error if the file cannot be written.
template <class Model>
void save_onnx(const Model& model, const std::filesystem::path& path, const OnnxOptions& options = {}) {
  const bool from_code = options.part == ModelPart::decoder, to_code = options.part == ModelPart::encoder;
  const auto parameters = model.parameters();
  const std::vector<float> values(parameters.begin(), parameters.end());
  const auto bad = std::find_if(values.begin(), values.end(), [](float value) { return !std::isfinite(value); });
  if (bad != values.end()) {
    throw std::invalid_argument("save_onnx: parameter " + std::to_string(bad - values.begin()) +
                                " of the model is not a finite float");
  }
  detail::OnnxExporter exporter(values, from_code ? "code" : "input", from_code ? Model::latent : Model::input);
  const auto layers = network::operations<Model>(options.part);
  for (const auto& layer : layers) exporter.add(layer);
  const bool gives_distribution = to_code && layers.back().kind == Operation::Kind::gaussian;
  const std::string bytes =
      exporter.bytes(to_code ? "code" : "reconstruction", gives_distribution, Model::architecture());
  if (bytes.size() > 0x7fff'ffff) throw std::invalid_argument("save_onnx: the model is larger than 2 GB");
  write_file(path, {bytes});
}

}  // namespace eigencoder::inline EIGENCODER_TARGET
