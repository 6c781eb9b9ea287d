#pragma once

#include <charconv>
#include <cmath>
#include <eigencoder/core/target.hpp>
#include <eigencoder/data/dataset.hpp>
#include <eigencoder/io/safetensors.hpp>
#include <eigencoder/training/fit_options.hpp>
#include <map>
#include <span>
#include <string>
#include <vector>

/// What a file of weights may tell besides them, as metadata for `save`.
namespace eigencoder::inline EIGENCODER_TARGET {

using Metadata = std::map<std::string, std::string>;

namespace detail {

/// As few digits as give the very value back.
template <class Scalar>
std::string shortest(Scalar value) {
  char digits[32];
  return {digits, std::to_chars(digits, digits + sizeof digits, value).ptr};
}

/// Numbers with spaces between them.
template <class Values>
std::string number_list(const Values& values) {
  std::string text;
  for (const auto value : values) text += (text.empty() ? "" : " ") + shortest(value);
  return text;
}

/// The same back; throws std::invalid_argument if there is anything else, or a number that is not finite.
inline std::vector<double> read_number_list(std::string_view text, const std::string& name) {
  std::vector<double> values;
  const char *place = text.data(), *const end = place + text.size();
  while (place != end) {
    double value = 0;
    const auto [next, error] = std::from_chars(place, end, value);
    if (error != std::errc{} || !std::isfinite(value) || (next != end && *next != ' '))
      throw std::invalid_argument("has metadata " + name + " that are no list of numbers");
    values.push_back(value);
    place = next == end ? end : next + 1;
  }
  return values;
}

}  // namespace detail

/// How a model was trained: "training", a line that a person reads.
///
///     save(model, "model.safetensors", {.metadata = training_metadata(BinaryCrossentropy{}, adam, options)});
template <class Loss, class Optimizer>
[[nodiscard]] Metadata training_metadata(const Loss&, const Optimizer& optimizer, const FitOptions& options) {
  const std::string rate =
      optimizer.learning_rate.is_constant() ? detail::shortest(optimizer.learning_rate.rate(1)) : "by schedule";
  return {{"training", std::string(Loss::name) + ", " + std::string(Optimizer::name) + ", learning rate " + rate +
                           ", epochs " + std::to_string(options.epochs) + ", batch size " +
                           std::to_string(options.batch_size) + ", seed " + std::to_string(options.seed.value)}};
}

/// A test vector: "test_input", the first of the samples, and "test_output", what the model makes of it, with which
/// `verify` and other programs check that what they read is this model. Throws std::invalid_argument if there are no
/// samples or if they have not the input's size.
template <class Model>
[[nodiscard]] Metadata test_vector(const Model& model, const Dataset& samples) {
  using Scalar = typename Model::Scalar;
  const Dataset sample = samples.slice(0, 1);
  const Matrix<Scalar> input = sample.template matrix<Scalar>(), output = model.reconstruct(sample);
  return {{"test_input", detail::number_list(input.reshaped())},
          {"test_output", detail::number_list(output.reshaped())}};
}

/// The largest difference of what the model makes of a file's test vector from what the file says, relative to the
/// largest value that it says, but at least to 1. Throws std::runtime_error naming the file if that is above
/// `tolerance`, or if the file has no test vector of the model's size.
///
///     load(model, "model.safetensors");
///     verify(model, "model.safetensors");
template <class Model>
double verify(const Model& model, const std::filesystem::path& path, double tolerance = 1e-5) {
  using Scalar = typename Model::Scalar;
  return detail::naming_file(path, [&] {
    const Metadata metadata = detail::open_safetensors(path).metadata;
    const auto values = [&](const std::string& name, Index size) {
      const auto found = metadata.find(name);
      if (found == metadata.end()) throw std::invalid_argument("has no test vector: its metadata lack " + name);
      const std::vector<double> list = detail::read_number_list(found->second, name);
      if (static_cast<Index>(list.size()) != size) {
        throw std::invalid_argument("has a test vector of another model: " + name + " has " +
                                    std::to_string(list.size()) + " values, the model's " + std::to_string(size));
      }
      return list;
    };
    const std::vector<double> input = values("test_input", Model::input.size());
    const std::vector<double> expected = values("test_output", Model::Network::output.size());
    using Row = Eigen::Map<const Matrix<double>>;
    const Matrix<Scalar> sample = Row(input.data(), 1, Model::input.size()).template cast<Scalar>();
    const Matrix<double> output = model.reconstruct(Dataset(sample)).template cast<double>();
    const Row target(expected.data(), 1, output.size());
    const double largest = std::max(1.0, target.cwiseAbs().maxCoeff());
    const double difference = (output - target).cwiseAbs().maxCoeff() / largest;
    if (!(difference <= tolerance)) {
      throw std::invalid_argument("is not what the model computes: its test vector differs by " +
                                  detail::shortest(difference) + ", relative to the largest value; expected at most " +
                                  detail::shortest(tolerance));
    }
    return difference;
  });
}

}  // namespace eigencoder::inline EIGENCODER_TARGET
