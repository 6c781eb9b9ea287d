#pragma once

#include <charconv>
#include <cmath>
#include <eigencoder/core/target.hpp>
#include <eigencoder/core/version.hpp>
#include <eigencoder/data/dataset.hpp>
#include <eigencoder/io/atomic_file.hpp>
#include <eigencoder/io/frozen/fast_convolution.hpp>
#include <eigencoder/io/frozen/fast_kernels.hpp>
#include <eigencoder/io/frozen/kernels.hpp>
#include <eigencoder/io/frozen/layers.hpp>
#include <eigencoder/network/check_values.hpp>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace eigencoder::inline EIGENCODER_TARGET {

struct FrozenOptions {
  /// The struct's, an identifier.
  std::string name = "model";
  Weights weights = Weights::float32;
  /// Samples as the model will see them, a hundred or so; of them follow the ranges of int8 activations and what the
  /// rounding costs. Only int8 needs them.
  Dataset calibration{};
};

/// What a frozen header costs and loses.
struct FrozenReport {
  std::size_t weight_bytes = 0;     ///< of constants
  std::size_t workspace_bytes = 0;  ///< of memory, the struct's
  double difference = 0;  ///< of reconstructions, the largest, by rounding; relative to their largest value, at least 1
  double loss = 0;        ///< mean squared error of reconstructions, on the calibration samples
  double float_loss = 0;  ///< the same of the model
};

namespace frozen {

/// Writes the text of a header.
class HeaderWriter {
 public:
  HeaderWriter(const FrozenOptions& options, const FrozenPart& encoder, const FrozenPart& decoder)
      : options_(options), encoder_(encoder), decoder_(decoder), is_int8_(options.weights == Weights::int8) {
    encode_ = steps(encoder, "x", "code");
    decode_ = steps(decoder, "code", "y");
  }

  [[nodiscard]] std::size_t weight_bytes() const { return weight_bytes_; }
  [[nodiscard]] std::size_t workspace_bytes() const {
    return 2 * half() * (is_int8_ ? 1 : sizeof(float)) + static_cast<std::size_t>(code_size()) * sizeof(float);
  }

  [[nodiscard]] std::string text(std::string_view architecture, const FrozenReport& report, const Values& test_input,
                                 const Values& test_output) const {
    const std::string& name = options_.name;
    const std::string space = name + "_frozen";
    std::string text = "#pragma once\n\n// Made by eigencoder " + std::string(version) + "'s write_frozen_header:\n";
    for (std::size_t i = 0; i < architecture.size();) {
      const std::size_t end = std::min(architecture.find('\n', i), architecture.size());
      text += "//     " + std::string(architecture.substr(i, end - i)) + "\n";
      i = end + 1;
    }
    text += "// Constants: " + std::to_string(report.weight_bytes) +
            " bytes; memory: " + std::to_string(report.workspace_bytes) +
            " bytes. By rounding, reconstructions change by at most " + number(report.difference) +
            ",\n// relative to their largest value";
    if (!options_.calibration.empty())
      text += "; the mean squared error is " + number(report.loss) + ", the model's " + number(report.float_loss);
    text += ".\n\n#include <cstddef>\n#include <cstdint>\n\nnamespace " + space + " {\n";
    text += common_kernels;
    text += is_int8_ ? int8_kernels : float_kernels;
    text += "  template <float (*F)(float), " + std::string(is_int8_ ? "class Out>" : "class Weight>") +
            "\n  void plain_convolve";
    text += is_int8_ ? int8_convolution : float_convolution;
    text +=
        "#if (defined(__clang__) || (defined(__GNUC__) && __GNUC__ >= 12)) && \\\n"
        "    (defined(__SSE2__) || defined(__ARM_NEON)) && !defined(__OPTIMIZE_SIZE__)\n";
    text += fast_kernels;
    text += is_int8_ ? fast_int8_sums : fast_float_sums;
    text += fast_convolution;
    text += is_int8_ ? fast_int8_kernels : fast_float_kernels;
    text += "#else";
    text += small_kernels;
    text += is_int8_ ? small_int8_kernels : small_float_kernels;
    text += "#endif\n";
    text += "\n" + constants_;
    text += floats("test_input", test_input) + floats("test_output", test_output);
    text += "\n}  // namespace " + space + "\n\n";
    text +=
        "/// One thread at a time may use one of these; it has all the memory that is needed.\nstruct " + name + " {\n";
    const auto size = [&](const std::string& what, std::size_t value) {
      text += "  static constexpr std::size_t " + what + " = " + std::to_string(value) + ";\n";
    };
    const auto input = static_cast<std::size_t>(encoder_.layers.front().layer.input.size());
    const auto output = static_cast<std::size_t>(decoder_.layers.back().layer.output.size());
    size("input_size", input);
    size("code_size", static_cast<std::size_t>(code_size()));
    size("output_size", output);
    size("workspace_size", workspace_bytes());
    text += "\n  /// Values in (height, width, channels) order; x and y may not overlap.\n";
    text += "  void encode(const float* x, float* code) noexcept {\n    using namespace " + space + ";\n" + encode_ +
            "  }\n";
    text += "  void decode(const float* code, float* y) noexcept {\n    using namespace " + space + ";\n" + decode_ +
            "  }\n";
    text +=
        "  void reconstruct(const float* x, float* y) noexcept {\n    encode(x, code_);\n    decode(code_, y);\n  }\n\n"
        "  /// Whether the test vector comes out.\n  bool self_test() noexcept {\n    float y[output_size];\n"
        "    reconstruct(" +
        space +
        "::test_input, y);\n    for (std::size_t i = 0; i < output_size; ++i) {\n"
        "      const float difference = y[i] - " +
        space +
        "::test_output[i];\n"
        "      if (!(difference <= " +
        tolerance(test_output) + " && difference >= -" + tolerance(test_output) +
        ")) return false;\n    }\n    return true;\n  }\n\n private:\n";
    text += "  float code_[code_size];\n  " + type() + " memory_[" +
            std::to_string(std::max<std::size_t>(2 * half(), 1)) + "];\n};\n";
    return text;
  }

 private:
  [[nodiscard]] std::string type() const { return is_int8_ ? "std::int8_t" : "float"; }
  [[nodiscard]] Index code_size() const { return encoder_.layers.back().layer.output.size(); }
  /// Values between two layers, the most of them.
  [[nodiscard]] std::size_t half() const { return (half_ + 3) / 4 * 4; }

  static std::string number(double value) {
    char digits[32];
    std::string text(digits, std::to_chars(digits, digits + sizeof digits, static_cast<float>(value)).ptr);
    return text.find_first_of(".e") == std::string::npos ? text + ".0" : text;
  }
  /// What the order of additions, and with int8 a value halfway between two, may change.
  [[nodiscard]] std::string tolerance(const Values& output) const {
    double largest = 1;
    for (const double value : output) largest = std::max(largest, std::abs(value));
    return number((is_int8_ ? 0.01 : 1e-5) * largest) + "f";
  }

  template <class List, class Show>
  std::string array(const std::string& type, const std::string& name, const List& values, const Show& show) const {
    std::string text = "alignas(alignment) inline constexpr " + type + " " + name + "[] = {";
    std::size_t column = 1000;
    for (const auto& value : values) {
      const std::string entry = show(value) + ",";
      if (column + entry.size() > 118) {
        text += "\n   ";
        column = 3;
      }
      text += " " + entry;
      column += entry.size() + 1;
    }
    return text + "\n};\n";
  }
  std::string floats(const std::string& name, const Values& values) const {
    return array("float", name, values, [](double value) { return number(value) + "f"; });
  }

  static std::string map(Shape s) {
    return "{" + std::to_string(s.height) + ", " + std::to_string(s.width) + ", " + std::to_string(s.channels) + "}";
  }
  static std::string axis(const kernels::Axis& a) {
    return "{" + std::to_string(a.kernel) + ", " + std::to_string(a.stride) + ", " + std::to_string(a.dilation) + ", " +
           std::to_string(a.padding) + "}";
  }
  static std::string maps(const network::LayerOperation& layer) {
    return map(layer.input) + ", " + map(layer.output) + ", " + axis(layer.rows) + ", " + axis(layer.columns);
  }
  static std::string scale(const Scale& s) { return "{" + number(s.scale) + "f, " + std::to_string(s.zero) + "}"; }
  /// As a template's argument.
  static std::string function(const network::ActivationFunction& f) {
    std::string name(f.name);
    if (name == "exponential" || (name != "leaky_relu" && name != "elu")) return name;
    return name + "<" + std::to_string(std::lround(f.parameter * 1e6)) + ">";
  }

  /// The calls of a part, and the constants that they need.
  std::string steps(const FrozenPart& part, const std::string& input, const std::string& output) {
    std::string text, from = input;
    int count = 0;
    Scale scale_from = part.input;
    const auto other = [&](Index size) {
      half_ = std::max(half_, static_cast<std::size_t>(size));
      return std::string(count++ % 2 == 0 ? "memory_" : "memory_ + half");
    };
    if (is_int8_) {
      const Index size = part.layers.front().layer.input.size();
      const std::string to = other(size);
      text += "    quantize(" + std::to_string(size) + ", " + scale(scale_from) + ", " + from + ", " + to + ");\n";
      from = to;
    }
    for (std::size_t k = 0; k < part.layers.size(); ++k) {
      const FrozenLayer& frozen = part.layers[k];
      if (is_nothing(frozen.layer)) continue;
      const bool gives_floats = k == part.last() && (!is_int8_ || frozen.makes_values());
      if (k < part.last()) {
        const FrozenLayer& next = part.layers[k + 1];
        if (repeats_for(frozen.layer, next.layer)) {
          const std::string repeated = other(frozen.layer.output.size());
          const std::string to = k + 1 == part.last() ? output : other(next.layer.output.size());
          const std::string x = "repeat_unless_fast<" + constant_name(next) + "_layer>(" + from + ", " + repeated + ")";
          text += "    " +
                  convolve(next, {frozen.layer.input, frozen.layer.rows.stride, frozen.layer.columns.stride},
                           scale_from, x, to) +
                  ";\n";
          from = to;
          scale_from = next.scale;
          ++k;
          continue;
        }
      }
      const std::string to = gives_floats ? output : other(frozen.layer.output.size());
      text += "    " + call(frozen, scale_from, from, to) + ";\n";
      from = to;
      scale_from = frozen.scale;
    }
    const std::string size = std::to_string(part.layers.back().layer.output.size());
    if (from != output && is_int8_)
      text += "    restore(" + size + ", " + scale(scale_from) + ", " + from + ", " + output + ");\n";
    if (from != output && !is_int8_) text += "    copy(" + size + ", " + from + ", " + output + ");\n";
    if (text.find("half") == std::string::npos) return text;
    return "    constexpr std::size_t half = sizeof memory_ / sizeof *memory_ / 2;\n" + text;
  }

  std::string call(const FrozenLayer& frozen, const Scale& scale_from, const std::string& from, const std::string& to) {
    using Kind = Operation::Kind;
    const network::LayerOperation& layer = frozen.layer;
    const std::string f = function(layer.activation), data = from + ", " + to;
    const std::string rounded_data = from + ", " + scale(frozen.scale) + ", " + to;
    const auto place = [&](Index top, Index left) {
      const std::string outside = is_int8_ ? "std::int8_t{" + std::to_string(scale_from.zero) + "}" : "0.0f";
      return "place<" + type() + ">(" + map(layer.input) + ", " + map(layer.output) + ", " +
             std::to_string(layer.rows.stride) + ", " + std::to_string(layer.columns.stride) + ", " +
             std::to_string(top) + ", " + std::to_string(left) + ", " + outside + ", " + data + ")";
    };
    switch (layer.kind) {
      case Kind::maximum:
        return "max_pool(" + maps(layer) + ", " + data + ")";
      case Kind::average:
        return "average_pool<" + std::string(is_int8_ ? "std::int32_t" : "float") + ">(" + maps(layer) + ", " + data +
               ")";
      case Kind::padding:
        return place(layer.sides.top, layer.sides.left);
      case Kind::cropping:
        return place(-layer.sides.top, -layer.sides.left);
      case Kind::repetition:
        return place(0, 0);
      case Kind::activation: {
        const std::string size = std::to_string(layer.output.size());
        return "activate<" + f + ">(" + size + ", " + (is_int8_ ? scale(scale_from) + ", " + rounded_data : data) + ")";
      }
      default:
        break;
    }
    if (layer.kind != Kind::dense && layer.kind != Kind::gaussian)
      return convolve(frozen, {layer.input}, scale_from, from, to);
    std::string text =
        "dense<" + f + ">(" + std::to_string(layer.input.size()) + ", " + std::to_string(layer.output.size()) + ", ";
    for (const std::string& name : constants(frozen, scale_from)) text += name + ", ";
    return text + arguments(frozen, scale_from, from, to);
  }

  /// Whether a layer only repeats cells, and the next is a convolution that may sum weights instead.
  static bool repeats_for(const network::LayerOperation& repetition, const network::LayerOperation& layer) {
    const auto plain = [](const kernels::Axis& axis) { return axis.stride == 1 && axis.dilation == 1; };
    return repetition.kind == Operation::Kind::repetition && layer.kind == Operation::Kind::convolution &&
           plain(layer.rows) && plain(layer.columns);
  }
  /// A convolution's input, before each cell of it is repeated.
  struct Repetition {
    Shape input;
    Index rows = 1;
    Index columns = 1;
  };
  std::string convolve(const FrozenLayer& frozen, const Repetition& repetition, const Scale& scale_from,
                       const std::string& from, const std::string& to) {
    const network::LayerOperation& layer = frozen.layer;
    const bool transposed = layer.kind == Operation::Kind::transposed_convolution;
    const std::vector<std::string> names = constants(frozen, scale_from);
    constants_ += "struct " + constant_name(frozen) + "_layer {\n  static constexpr Map in = " + map(repetition.input) +
                  ", out = " + map(layer.output) + ";\n  static constexpr Axis rows = " + axis(layer.rows) +
                  ", columns = " + axis(layer.columns) +
                  ";\n  static constexpr bool transposed = " + (transposed ? "true" : "false") +
                  ";\n  static constexpr int row_repeats = " + std::to_string(repetition.rows) +
                  ", column_repeats = " + std::to_string(repetition.columns) + ";\n";
    for (const std::string& name : names)
      constants_ += "  static constexpr auto* " + name.substr(name.rfind('_') + 1) + " = " + name + ";\n";
    constants_ += "};\n";
    return "convolve<" + function(layer.activation) + ", " + constant_name(frozen) + "_layer>(" +
           arguments(frozen, scale_from, from, to);
  }
  /// The last arguments of a layer with weights.
  std::string arguments(const FrozenLayer& frozen, const Scale& scale_from, const std::string& from,
                        const std::string& to) const {
    if (!is_int8_) return from + ", " + to + ")";
    return std::to_string(scale_from.zero) + ", " + from + ", " + scale(frozen.scale) + ", " + to + ")";
  }

  static std::string constant_name(const FrozenLayer& frozen) {
    std::string name = frozen.layer.name;
    std::ranges::replace(name, '.', '_');
    return name;
  }
  /// Adds a layer's constants; their names.
  std::vector<std::string> constants(const FrozenLayer& frozen, const Scale& scale_from) {
    const std::string name = constant_name(frozen);
    const std::string kernel = name + "_kernel", bias = name + "_bias", units = name + "_units";
    const auto add = [&](const std::string& type, const std::string& what, std::size_t bytes, const auto& values,
                         const auto& show) {
      constants_ += array(type, what, values, show);
      weight_bytes_ += bytes * values.size();
    };
    const auto whole = [](double value) { return std::to_string(std::llround(value)); };
    if (is_int8_) {
      Values sums, scales;
      for (std::size_t o = 0; o < frozen.scales.size(); ++o) {
        scales.push_back(scale_from.scale * frozen.scales[o]);
        sums.push_back(frozen.weights.bias[o] / scales.back());
      }
      add("std::int8_t", kernel, 1, frozen.integers, whole);
      add("std::int32_t", bias, 4, sums, whole);
      add("float", units, 4, scales, [](double value) { return number(value) + "f"; });
      return {kernel, bias, units};
    }
    const auto bits = [&](double value) {
      return "{" + std::to_string(options_.weights == Weights::float16 ? float16_bits(value) : bfloat16_bits(value)) +
             "}";
    };
    const auto decimal = [](double value) { return number(value) + "f"; };
    if (options_.weights == Weights::float32) {
      add("float", kernel, 4, frozen.weights.kernel, decimal);
    } else {
      add(options_.weights == Weights::float16 ? "Float16" : "BFloat16", kernel, 2, frozen.weights.kernel, bits);
    }
    add("float", bias, 4, frozen.weights.bias, decimal);
    return {kernel, bias};
  }

  const FrozenOptions& options_;
  const FrozenPart& encoder_;
  const FrozenPart& decoder_;
  bool is_int8_;
  std::size_t half_ = 0;
  std::size_t weight_bytes_ = 0;
  std::string constants_, encode_, decode_;
};

/// The ranges of a part's values on the samples become scales; layers that make no values keep their input's.
inline void calibrate(FrozenPart& part, const std::vector<Values>& samples) {
  std::vector<std::pair<double, double>> ranges(part.layers.size() + 1);
  const auto widen = [](std::pair<double, double>& range, const Values& values) {
    for (const double value : values) range = {std::min(range.first, value), std::max(range.second, value)};
  };
  for (const Values& sample : samples) {
    widen(ranges[0], sample);
    (void)part.run(sample, false, [&](std::size_t k, const Values& values) { widen(ranges[k + 1], values); });
  }
  part.input = Scale::of(ranges[0].first, ranges[0].second);
  Scale last = part.input;
  for (std::size_t k = 0; k < part.layers.size(); ++k) {
    FrozenLayer& frozen = part.layers[k];
    if (is_weighted(frozen.layer)) round_weights(frozen, Weights::int8, last.scale);
    if (frozen.makes_values()) last = Scale::of(ranges[k + 1].first, ranges[k + 1].second);
    frozen.scale = last;
  }
}

}  // namespace frozen

/// Writes a trained model as one C++17 header that needs `cstddef` and `cstdint` alone: no library, no heap, no
/// exceptions. For microcontrollers, and for programs that should depend on nothing.
///
///     write_frozen_header(model, "digits.hpp", {.name = "digits", .weights = Weights::int8, .calibration =
///     some_digits});
///
///     #include "digits.hpp"
///     static digits model;             // has its memory, digits::workspace_size bytes
///     model.reconstruct(x, y);         // plain arrays of floats, digits::input_size and output_size; encode, decode
///     if (!model.self_test()) ...      // whether the test vector comes out
///
/// With int8, weights are symmetric with a scale a channel, activations have scales of their ranges on the calibration
/// samples, sums have 32 bits; what comes in and goes out is float. The header's comment tells what the rounding costs.
/// Throws std::invalid_argument for layers that it does not know (normalisation, TopK, vector quantisation, labels,
/// bilinear upsampling), for a name that is no identifier, for samples of another size, for int8 without samples, and
/// for parameters that are not finite floats; std::runtime_error if the file cannot be written.
template <class Model>
FrozenReport write_frozen_header(const Model& model, const std::filesystem::path& path,
                                 const FrozenOptions& options = {}) {
  const bool is_int8 = options.weights == Weights::int8;
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (options.name.empty() || is_digit(options.name[0]) ||
      !std::ranges::all_of(options.name, [&](char c) { return is_letter(c) || is_digit(c); }))
    throw std::invalid_argument("write_frozen_header: the name \"" + options.name + "\" is no identifier");
  if (is_int8 && options.calibration.empty())
    throw std::invalid_argument("write_frozen_header: int8 needs samples to calibrate by, FrozenOptions::calibration");
  if (!options.calibration.empty())
    network::require_features(options.calibration, Model::input, "write_frozen_header: calibration");
  const std::vector<float> parameters(model.parameters().begin(), model.parameters().end());
  if (!std::ranges::all_of(parameters, [](float value) { return std::isfinite(value); }))
    throw std::invalid_argument("write_frozen_header: a parameter of the model is not a finite float");

  constexpr Index most_samples = 256;
  const Dataset& data = options.calibration;
  const Index count = std::min(data.size(), most_samples);
  std::vector<frozen::Values> samples(static_cast<std::size_t>(std::max<Index>(count, 1)));
  for (Index i = 0; i < count; ++i) {
    const Matrix<double> row = data.slice(i, 1).template matrix<double>();
    samples[static_cast<std::size_t>(i)].assign(row.data(), row.data() + row.size());
  }
  if (count == 0)
    for (Index k = 0; k < Model::input.size(); ++k)
      samples[0].push_back(std::fmod(0.6180339887 * static_cast<double>(k), 1));

  const auto frozen_part = [&](ModelPart which) {
    frozen::FrozenPart part;
    for (const auto& layer : network::operations<Model>(which)) {
      part.layers.push_back({layer, {}, {}, {}, {}});
      if (frozen::is_weighted(layer)) part.layers.back().weights = frozen::weights_of(layer, parameters);
    }
    return part;
  };
  frozen::FrozenPart encoder = frozen_part(ModelPart::encoder), decoder = frozen_part(ModelPart::decoder);
  std::vector<frozen::Values> codes, expected;
  for (const frozen::Values& sample : samples) {
    codes.push_back(encoder.run(sample, false));
    expected.push_back(decoder.run(codes.back(), false));
  }
  for (frozen::FrozenPart* const part : {&encoder, &decoder}) {
    if (is_int8) {
      frozen::calibrate(*part, part == &encoder ? samples : codes);
    } else {
      for (frozen::FrozenLayer& layer : part->layers)
        if (frozen::is_weighted(layer.layer)) frozen::round_weights(layer, options.weights, 1);
    }
  }

  FrozenReport report;
  double largest = 1;
  frozen::Values test_output;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const frozen::Values y = decoder.run(encoder.run(samples[i], is_int8), is_int8);
    if (i == 0) test_output = y;
    for (std::size_t k = 0; k < y.size(); ++k) {
      const double share = 1.0 / static_cast<double>(y.size() * samples.size());
      report.difference = std::max(report.difference, std::abs(y[k] - expected[i][k]));
      largest = std::max(largest, std::abs(expected[i][k]));
      report.loss += share * (y[k] - samples[i][k]) * (y[k] - samples[i][k]);
      report.float_loss += share * (expected[i][k] - samples[i][k]) * (expected[i][k] - samples[i][k]);
    }
  }
  report.difference /= largest;
  const frozen::HeaderWriter writer(options, encoder, decoder);
  report.weight_bytes = writer.weight_bytes();
  report.workspace_bytes = writer.workspace_bytes();
  write_file(path, {writer.text(Model::architecture(), report, samples[0], test_output)});
  return report;
}

}  // namespace eigencoder::inline EIGENCODER_TARGET
