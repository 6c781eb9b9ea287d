#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <eigencoder/core/shape.hpp>
#include <eigencoder/core/target.hpp>
#include <eigencoder/data/regular_file.hpp>
#include <eigencoder/io/atomic_file.hpp>
#include <eigencoder/io/safetensors_header.hpp>
#include <filesystem>
#include <limits>
#include <map>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace eigencoder::inline EIGENCODER_TARGET {

/// A tensor in memory: its values in row-major order.
struct StoredTensor {
  std::vector<Index> shape;
  std::vector<double> values;
};

namespace detail {

struct SafetensorsFile {
  std::map<std::string, TensorLocation> tensors;
  std::map<std::string, std::string> metadata;
  std::string header;
  std::string data;

  /// f(i, value) for each value of a tensor, as float or double.
  template <class Function>
  void for_each_value(const TensorLocation& tensor, const Function& f) const {
    const auto visit = [&]<class Stored>(Stored value) {
      for (std::uint64_t i = 0; i < tensor.count(); ++i) {
        std::memcpy(&value, data.data() + tensor.first + i * sizeof value, sizeof value);
        f(i, value);
      }
    };
    tensor.is_double ? visit(double{}) : visit(float{});
  }
};

/// Reads a file. Throws std::invalid_argument saying what is wrong with it.
inline SafetensorsFile open_safetensors(const std::filesystem::path& path) {
  RegularFile file(path);
  std::uint64_t header_size = 0;
  if (file.size() < sizeof header_size) {
    throw std::invalid_argument("is truncated: " + std::to_string(file.size()) + " bytes are no safetensors file");
  }
  file.read(&header_size, sizeof header_size);
  if (header_size > file.left())
    throw std::invalid_argument("is truncated or no safetensors file: its header does not fit");
  if (header_size > largest_safetensors_header) {
    throw std::invalid_argument("has a header of " + std::to_string(header_size) + " bytes, the format allows " +
                                std::to_string(largest_safetensors_header));
  }
  std::string header(header_size, '\0');
  file.read(header.data(), header.size());
  SafetensorsReader reader(header, file.left());
  std::string data(file.left(), '\0');
  file.read(data.data(), data.size());
  return {std::move(reader.tensors), std::move(reader.metadata), std::move(header), std::move(data)};
}

/// Whether a value, as a `Scalar`, is a finite number.
template <class Scalar>
bool fits(double value) {
  return std::abs(value) <= static_cast<double>(std::numeric_limits<Scalar>::max());
}

/// The tensor of the file that a model calls `name`, which must have the model's shape, and finite numbers for values.
template <class Scalar>
const TensorLocation& find_tensor(const SafetensorsFile& file, const std::string& name,
                                  const std::vector<Index>& shape) {
  const auto found = file.tensors.find(name);
  if (found == file.tensors.end()) {
    throw std::invalid_argument("is of another architecture: it has no tensor " + name + ", of shape " +
                                shape_string(shape) + " in the model");
  }
  if (found->second.shape != shape) {
    throw std::invalid_argument("is of another architecture: " + name + " has shape " +
                                shape_string(found->second.shape) + " in the file, " + shape_string(shape) +
                                " in the model");
  }
  file.for_each_value(found->second, [&](std::uint64_t i, double value) {
    if (!fits<Scalar>(value)) {
      throw std::invalid_argument("value " + std::to_string(i) + " of " + name + " is " +
                                  (std::isfinite(value) ? "too large for the model's float" : "not a finite number"));
    }
  });
  return found->second;
}

/// Throws std::invalid_argument with the first line in which two architectures differ.
inline void require_same_architecture(std::string_view file, std::string_view model) {
  while (!file.empty() || !model.empty()) {
    const std::string_view in_file = file.substr(0, file.find('\n')), in_model = model.substr(0, model.find('\n'));
    if (in_file != in_model) {
      const auto shown = [](std::string_view line) { return line.empty() ? "nothing" : quoted(line); };
      throw std::invalid_argument("is of another architecture: " + shown(in_file) + " in the file, " + shown(in_model) +
                                  " in the model; {.compare_architecture = false} loads it all the same");
    }
    file.remove_prefix(std::min(in_file.size() + 1, file.size()));
    model.remove_prefix(std::min(in_model.size() + 1, model.size()));
  }
}

}  // namespace detail

/// Reads all tensors of a safetensors file (F32, F64).
/// Throws std::runtime_error naming the file and what is wrong with it.
[[nodiscard]] inline std::map<std::string, StoredTensor> read_safetensors(const std::filesystem::path& path) {
  return detail::naming_file(path, [&] {
    const detail::SafetensorsFile file = detail::open_safetensors(path);
    std::map<std::string, StoredTensor> tensors;
    for (const auto& [name, location] : file.tensors) {
      StoredTensor& tensor = tensors[name];
      tensor.shape = location.shape;
      tensor.values.resize(location.count());
      file.for_each_value(location, [&](std::uint64_t i, double value) { tensor.values[i] = value; });
    }
    return tensors;
  });
}

/// Writes tensors as a safetensors file, their values as `Scalar` (float or double), whole or not at all.
/// Throws std::invalid_argument if a tensor has not as many values as its shape says, a name that is not UTF-8 or is
/// "__metadata__", or a finite value that is too large for `Scalar`; std::runtime_error if the file cannot be written.
template <class Scalar = float>
void write_safetensors(const std::filesystem::path& path, const std::map<std::string, StoredTensor>& tensors) {
  detail::SafetensorsWriter header;
  std::vector<Scalar> data;
  for (const auto& [name, tensor] : tensors) {
    header.add<Scalar>(name, tensor.shape, tensor.values.size());
    for (const double value : tensor.values) {
      if (std::isfinite(value) && !detail::fits<Scalar>(value)) {
        throw std::invalid_argument("safetensors: tensor " + name + " has a value too large for the file's float");
      }
      data.push_back(static_cast<Scalar>(value));
    }
  }
  write_file(path, {header.bytes(), {reinterpret_cast<const char*>(data.data()), data.size() * sizeof(Scalar)}});
}

/// A file's metadata: texts by name. Files of `save` have "format", "version", that of the library, and "architecture".
/// Throws std::runtime_error naming the file and what is wrong with it.
[[nodiscard]] inline std::map<std::string, std::string> read_metadata(const std::filesystem::path& path) {
  return detail::naming_file(path, [&] { return detail::open_safetensors(path).metadata; });
}

struct SaveOptions {
  /// What else the file's metadata tell, by name; see io/metadata.hpp. Names and texts are UTF-8.
  std::map<std::string, std::string> metadata{};
};

/// Writes a model's parameters as a safetensors file, whole or not at all: a failed save leaves an older file as it
/// was. The file's metadata have the model's architecture, a line a layer. Throws std::invalid_argument if the model
/// has no parameters, since it was moved from, or one that is not finite, or if metadata are not UTF-8 or named as the
/// file's own; std::runtime_error naming the file and the reason if it cannot be written.
template <class Model>
void save(const Model& model, const std::filesystem::path& path, const SaveOptions& options = {}) {
  const auto parameters = model.parameters();
  using Scalar = std::remove_cvref_t<decltype(parameters[0])>;
  detail::SafetensorsWriter header;
  if constexpr (requires { model.architecture(); }) header.add_metadata("architecture", model.architecture());
  for (const auto& [name, text] : options.metadata) header.add_metadata(name, text);
  std::uint64_t count = 0;
  for (const auto& tensor : model.tensors()) {
    const std::vector<Index> shape{tensor.dims.begin(), tensor.dims.end()};
    const auto size = static_cast<std::uint64_t>(array_size(shape).value_or(0));
    header.add<Scalar>(tensor.name, shape, size);
    count += size;
  }
  if (count != parameters.size()) {
    throw std::invalid_argument("save: the model has " + std::to_string(parameters.size()) + " parameters, expected " +
                                std::to_string(count));
  }
  const auto bad = std::find_if(parameters.begin(), parameters.end(), [](Scalar v) { return !std::isfinite(v); });
  if (bad != parameters.end()) {
    throw std::invalid_argument("save: parameter " + std::to_string(bad - parameters.begin()) + " of the model's " +
                                std::to_string(count) + " is not a finite number; loading would refuse it");
  }
  write_file(path,
             {header.bytes(), {reinterpret_cast<const char*>(parameters.data()), parameters.size() * sizeof(Scalar)}});
}

struct LoadOptions {
  /// Whether the layers that the file's metadata tell of, if they do, must be the model's: their kinds, activations,
  /// strides and shapes. The tensors' names and shapes must be the model's in any case.
  bool compare_architecture = true;
};

/// Reads a model's parameters from a safetensors file of the same architecture, in float or double.
/// Throws std::runtime_error naming the file and what is wrong with it, the model as it was.
template <class Model>
void load(Model& model, const std::filesystem::path& path, const LoadOptions& options = {}) {
  const auto parameters = model.parameters();
  using Scalar = std::remove_cvref_t<decltype(parameters[0])>;
  detail::naming_file(path, [&] {
    const detail::SafetensorsFile file = detail::open_safetensors(path);
    std::map<std::string, Scalar*> places;
    for (const auto& tensor : model.tensors()) {
      const auto place = places.emplace(tensor.name, parameters.data() + tensor.offset).first;
      (void)detail::find_tensor<Scalar>(file, place->first, {tensor.dims.begin(), tensor.dims.end()});
    }
    for (const auto& [name, tensor] : file.tensors) {
      if (!places.contains(name)) {
        throw std::invalid_argument("is of another architecture: it has a tensor " + name + " of shape " +
                                    detail::shape_string(tensor.shape) + ", the model has none of that name");
      }
    }
    if constexpr (requires { model.architecture(); }) {
      const auto found = file.metadata.find("architecture");
      if (options.compare_architecture && found != file.metadata.end())
        detail::require_same_architecture(found->second, model.architecture());
    }
    // From here on nothing is allocated, so that nothing fails between two tensors.
    for (const auto& [name, tensor] : file.tensors) {
      Scalar* const out = places.find(name)->second;
      file.for_each_value(tensor, [&](std::uint64_t i, auto value) { out[i] = static_cast<Scalar>(value); });
    }
  });
}

}  // namespace eigencoder::inline EIGENCODER_TARGET
