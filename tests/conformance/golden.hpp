#pragma once

#include <algorithm>
#include <cmath>
#include <eigencoder/core/shape.hpp>
#include <eigencoder/io/safetensors.hpp>
#include <map>
#include <numeric>
#include <string>
#include <support/catch.hpp>
#include <vector>

/// The golden files: what Keras and PyTorch computed in double precision (make_golden.py).
namespace test {

using eigencoder::Index;
using eigencoder::Matrix;
using eigencoder::StoredTensor;

/// The types that are compared: both, or double alone where there is little time.
using Scalars = std::tuple<TEST_SCALARS>;

template <class Scalar>
inline constexpr bool is_tested = []<class... All>(std::tuple<All...>*) {
  return (std::is_same_v<Scalar, All> || ...);
}(static_cast<Scalars*>(nullptr));

/// The files agree with both references to 1e-11; 20 training steps in float lose two to three of its seven digits.
template <class Scalar>
inline constexpr double tolerance = sizeof(Scalar) == sizeof(float) ? 1e-5 : 1e-10;

/// The tensors of golden/<name>.safetensors.
class Golden {
 public:
  explicit Golden(const std::string& name)
      : tensors_(eigencoder::read_safetensors(TESTS_DIR "/conformance/golden/" + name + ".safetensors")) {}

  [[nodiscard]] const StoredTensor& tensor(const std::string& name) const {
    const auto found = tensors_.find(name);
    if (found == tensors_.end()) throw std::runtime_error("the golden file has no tensor " + name);
    return found->second;
  }
  [[nodiscard]] const std::vector<double>& values(const std::string& name) const { return tensor(name).values; }

  /// One row for each index of the first dimension.
  template <class Scalar>
  [[nodiscard]] Matrix<Scalar> matrix(const std::string& name) const {
    const StoredTensor& t = tensor(name);
    const Index rows = t.shape.at(0);
    using Doubles = Eigen::Map<const Matrix<double>>;
    return Doubles(t.values.data(), rows, static_cast<Index>(t.values.size()) / rows).template cast<Scalar>();
  }

 private:
  std::map<std::string, StoredTensor> tensors_;
};

/// The largest difference of two lists of numbers, relative to the largest magnitude in the expected one.
/// Infinite if they differ in length or if one is not finite.
template <class Got>
double relative_difference(const Got& got, const std::vector<double>& expected) {
  if (static_cast<std::size_t>(std::size(got)) != expected.size()) return std::numeric_limits<double>::infinity();
  double largest = std::numeric_limits<double>::min(), difference = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const double error = std::abs(static_cast<double>(std::data(got)[i]) - expected[i]);
    if (!std::isfinite(error)) return std::numeric_limits<double>::infinity();
    difference = std::max(difference, error);
    largest = std::max(largest, std::abs(expected[i]));
  }
  return difference / largest;
}

/// Fails the test unless `got` agrees with the golden tensor to the scalar type's tolerance.
template <class Scalar, class Got>
void check_agrees(const Golden& golden, const std::string& name, const Got& got) {
  const double difference = relative_difference(got, golden.values(name));
  INFO("tensor " << name << ", relative difference " << difference);
  CHECK(difference <= tolerance<Scalar>);
}

/// The part of a model's parameters that is the tensor.
template <class Scalar, class Tensor>
std::span<Scalar> part_of(std::span<Scalar> parameters, const Tensor& tensor) {
  const Index size = std::accumulate(tensor.dims.begin(), tensor.dims.end(), Index{1}, std::multiplies<>());
  return parameters.subspan(static_cast<std::size_t>(tensor.offset), static_cast<std::size_t>(size));
}

/// Sets every parameter from the tensors called `prefix` + its name.
template <class Model>
void set_parameters(Model& model, const Golden& golden, const std::string& prefix) {
  for (const auto& tensor : Model::tensors()) {
    const StoredTensor& from = golden.tensor(prefix + tensor.name);
    REQUIRE(from.shape == std::vector<Index>(tensor.dims.begin(), tensor.dims.end()));
    using Scalar = typename Model::Scalar;
    std::transform(from.values.begin(), from.values.end(), part_of(model.parameters(), tensor).begin(),
                   [](double value) { return static_cast<Scalar>(value); });
  }
}

/// Compares every parameter with the tensors called `prefix` + its name.
template <class Model>
void check_parameters(const Model& model, const Golden& golden, const std::string& prefix) {
  for (const auto& tensor : Model::tensors())
    check_agrees<typename Model::Scalar>(golden, prefix + tensor.name, part_of(model.parameters(), tensor));
}

}  // namespace test
