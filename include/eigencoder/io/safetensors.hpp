#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <eigencoder/core/shape.hpp>
#include <eigencoder/core/target.hpp>
#include <eigencoder/io/atomic_file.hpp>
#include <eigencoder/version.hpp>
#include <filesystem>
#include <fstream>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace eigencoder::inline EIGENCODER_TARGET {

static_assert(std::endian::native == std::endian::little,
              "safetensors: files are little-endian, and so must be the machine");

/// A tensor in memory: its values in row-major order.
struct StoredTensor {
  std::vector<Index> shape;
  std::vector<double> values;
};

namespace detail {

/// The name by which a safetensors file calls a type.
template <class Scalar>
inline constexpr std::string_view dtype = std::is_same_v<Scalar, float> ? "F32" : "F64";

/// Where a tensor lies in a safetensors file's data.
struct TensorLocation {
  std::vector<Index> shape;
  bool is_double = false;
  std::uint64_t first = 0;  ///< in bytes
  std::uint64_t count = 0;  ///< in values
};

/// A safetensors file: 8 bytes with the length of the header, the header, JSON of {name: {dtype, shape, data_offsets}},
/// then the tensors' values back to back. Source: the format's description in the safetensors project.
struct SafetensorsFile {
  std::filesystem::path path;
  std::map<std::string, TensorLocation> tensors;
  std::string data;

  /// Copies a tensor's values, converted to `Scalar`.
  template <class Scalar>
  void copy(const TensorLocation& tensor, Scalar* out) const {
    const auto convert = [&]<class Stored>(Stored) {
      for (std::uint64_t i = 0; i < tensor.count; ++i) {
        Stored value;
        std::memcpy(&value, data.data() + tensor.first + i * sizeof value, sizeof value);
        out[i] = static_cast<Scalar>(value);
      }
    };
    tensor.is_double ? convert(double{}) : convert(float{});
  }
};

[[noreturn]] inline void refuse(const std::filesystem::path& path, const std::string& what) {
  throw std::runtime_error(path.string() + ": " + what);
}

inline std::string shape_string(const std::vector<Index>& shape) {
  std::string text;
  for (const Index n : shape) text += (text.empty() ? "" : ", ") + std::to_string(n);
  return "(" + text + ")";
}

/// One entry of the header, checked against `data_size`, the bytes that follow it.
inline TensorLocation locate_tensor(const std::string& name, const nlohmann::json& entry, std::uint64_t data_size,
                                    const std::filesystem::path& path) {
  const auto unsigned_list = [&](const char* key) {
    const auto list = entry.find(key);
    if (list == entry.end() || !list->is_array()) refuse(path, "tensor " + name + " has no list " + key);
    std::vector<std::uint64_t> numbers;
    for (const auto& number : *list) {
      if (!number.is_number_unsigned()) refuse(path, "tensor " + name + " has a bad number in " + key);
      numbers.push_back(number.get<std::uint64_t>());
    }
    return numbers;
  };
  if (!entry.is_object()) refuse(path, "tensor " + name + " is not described by an object");
  const std::string type =
      entry.contains("dtype") && entry["dtype"].is_string() ? entry["dtype"].get<std::string>() : "none";
  if (type != "F32" && type != "F64") refuse(path, "tensor " + name + " has dtype " + type + ", expected F32 or F64");
  TensorLocation tensor;
  tensor.is_double = type == "F64";
  tensor.count = 1;
  for (const std::uint64_t n : unsigned_list("shape")) {
    if (n != 0 && tensor.count > data_size / n) refuse(path, "tensor " + name + " is larger than the file");
    tensor.count *= n;
    tensor.shape.push_back(static_cast<Index>(n));
  }
  const auto offsets = unsigned_list("data_offsets");
  if (offsets.size() != 2 || offsets[0] > offsets[1] || offsets[1] > data_size) {
    refuse(path, "tensor " + name + " lies outside the file's " + std::to_string(data_size) + " bytes of data");
  }
  tensor.first = offsets[0];
  if (offsets[1] - offsets[0] != tensor.count * (tensor.is_double ? 8 : 4)) {
    refuse(path, "tensor " + name + " of shape " + shape_string(tensor.shape) + " has " +
                     std::to_string(offsets[1] - offsets[0]) + " bytes of data");
  }
  return tensor;
}

/// Reads a file and checks every claim of its header. Throws std::runtime_error naming the file and what is wrong with
/// it.
inline SafetensorsFile open_safetensors(const std::filesystem::path& path) {
  std::error_code no_size;
  const std::uint64_t size = std::filesystem::file_size(path, no_size);
  std::ifstream stream(path, std::ios::binary);
  if (no_size || !stream) refuse(path, "cannot be opened");

  std::uint64_t header_size = 0;
  if (size < sizeof header_size)
    refuse(path, "is truncated: " + std::to_string(size) + " bytes are no safetensors file");
  stream.read(reinterpret_cast<char*>(&header_size), sizeof header_size);
  if (header_size > size - sizeof header_size)
    refuse(path, "is truncated or no safetensors file: its header does not fit");
  std::string header(header_size, '\0');
  SafetensorsFile file{.path = path, .tensors = {}, .data = std::string(size - sizeof header_size - header_size, '\0')};
  stream.read(header.data(), static_cast<std::streamsize>(header.size()));
  stream.read(file.data.data(), static_cast<std::streamsize>(file.data.size()));
  if (!stream) refuse(path, "cannot be read");

  const auto json = nlohmann::json::parse(header, nullptr, false);
  if (!json.is_object()) refuse(path, "is no safetensors file: its header is not a JSON object");
  std::uint64_t bytes = 0;
  for (const auto& [name, entry] : json.items()) {
    if (name == "__metadata__") continue;
    const TensorLocation tensor = locate_tensor(name, entry, file.data.size(), path);
    bytes += tensor.count * (tensor.is_double ? 8 : 4);
    file.tensors.emplace(name, tensor);
  }
  if (bytes != file.data.size()) {
    refuse(path,
           "has " + std::to_string(file.data.size()) + " bytes of data, its header describes " + std::to_string(bytes));
  }
  return file;
}

/// A JSON string.
inline std::string quoted(std::string_view text) {
  constexpr std::string_view hex = "0123456789abcdef";
  std::string json = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      json += {'\\', c};
    } else if (static_cast<unsigned char>(c) < 0x20) {
      json += {'\\', 'u', '0', '0', hex[static_cast<std::size_t>(c) / 16], hex[static_cast<std::size_t>(c) % 16]};
    } else {
      json += c;
    }
  }
  return json + '"';
}

/// Collects the header of a file to be written, by hand: the JSON library's writer would take longer to compile than
/// this.
class SafetensorsHeader {
 public:
  void add(std::string_view name, std::string_view type, const std::vector<Index>& shape, std::uint64_t bytes) {
    text_ += "," + quoted(name) + ":{\"dtype\":" + quoted(type) + ",\"shape\":[";
    for (std::size_t d = 0; d < shape.size(); ++d) text_ += (d == 0 ? "" : ",") + std::to_string(shape[d]);
    text_ += "],\"data_offsets\":[" + std::to_string(offset_) + "," + std::to_string(offset_ + bytes) + "]}";
    offset_ += bytes;
  }

  /// Its length in 8 bytes, and itself, padded with spaces so that the data are aligned.
  [[nodiscard]] std::string bytes() const {
    std::string text = text_ + "}";
    text.resize((text.size() + 7) / 8 * 8, ' ');
    const std::uint64_t size = text.size();
    return std::string(reinterpret_cast<const char*>(&size), sizeof size) + text;
  }

 private:
  std::string text_ = "{\"__metadata__\":{\"format\":\"eigencoder\",\"version\":" + quoted(version) + "}";
  std::uint64_t offset_ = 0;
};

/// The tensor of the file that a model calls `name`, which must have the model's shape.
inline const TensorLocation& find_tensor(const SafetensorsFile& file, const std::string& name,
                                         const std::vector<Index>& shape) {
  const auto found = file.tensors.find(name);
  if (found == file.tensors.end()) {
    refuse(file.path, "is of another architecture: it has no tensor " + name + ", of shape " + shape_string(shape) +
                          " in the model");
  }
  if (found->second.shape != shape) {
    refuse(file.path, "is of another architecture: " + name + " has shape " + shape_string(found->second.shape) +
                          " in the file, " + shape_string(shape) + " in the model");
  }
  return found->second;
}

}  // namespace detail

/// Reads all tensors of a safetensors file (F32, F64).
/// Throws std::runtime_error naming the file and what is wrong with it.
[[nodiscard]] inline std::map<std::string, StoredTensor> read_safetensors(const std::filesystem::path& path) {
  const detail::SafetensorsFile file = detail::open_safetensors(path);
  std::map<std::string, StoredTensor> tensors;
  for (const auto& [name, location] : file.tensors) {
    StoredTensor& tensor = tensors[name];
    tensor.shape = location.shape;
    tensor.values.resize(location.count);
    file.copy(location, tensor.values.data());
  }
  return tensors;
}

/// Writes tensors as a safetensors file, their values as `Scalar` (float or double), whole or not at all.
/// Throws std::invalid_argument if a tensor has not as many values as its shape says, std::runtime_error if the file
/// cannot be written.
template <class Scalar = float>
void write_safetensors(const std::filesystem::path& path, const std::map<std::string, StoredTensor>& tensors) {
  detail::SafetensorsHeader header;
  std::vector<Scalar> data;
  for (const auto& [name, tensor] : tensors) {
    Index count = 1;
    for (const Index n : tensor.shape) count *= n;
    if (count != static_cast<Index>(tensor.values.size())) {
      throw std::invalid_argument("write_safetensors: tensor " + name + " of shape " +
                                  detail::shape_string(tensor.shape) + " has " + std::to_string(tensor.values.size()) +
                                  " values");
    }
    header.add(name, detail::dtype<Scalar>, tensor.shape, tensor.values.size() * sizeof(Scalar));
    for (const double value : tensor.values) data.push_back(static_cast<Scalar>(value));
  }
  write_file(path, {header.bytes(), {reinterpret_cast<const char*>(data.data()), data.size() * sizeof(Scalar)}});
}

/// Writes a model's parameters as a safetensors file, whole or not at all: a failed save leaves an older file as it
/// was. Throws std::runtime_error naming the file and the reason.
template <class Model>
void save(const Model& model, const std::filesystem::path& path) {
  const auto parameters = model.parameters();
  using Scalar = std::remove_cvref_t<decltype(parameters[0])>;
  detail::SafetensorsHeader header;
  for (const auto& tensor : model.tensors()) {
    std::uint64_t bytes = sizeof(Scalar);
    for (const Index n : tensor.dims) bytes *= static_cast<std::uint64_t>(n);
    header.add(tensor.name, detail::dtype<Scalar>, {tensor.dims.begin(), tensor.dims.end()}, bytes);
  }
  write_file(path,
             {header.bytes(), {reinterpret_cast<const char*>(parameters.data()), parameters.size() * sizeof(Scalar)}});
}

/// Reads a model's parameters from a safetensors file of the same architecture, in float or double.
/// Throws std::runtime_error naming the file and what is wrong with it, the model as it was.
template <class Model>
void load(Model& model, const std::filesystem::path& path) {
  const detail::SafetensorsFile file = detail::open_safetensors(path);
  const auto parameters = model.parameters();
  using Scalar = std::remove_cvref_t<decltype(parameters[0])>;
  std::size_t known = 0;
  for (const auto& tensor : model.tensors()) {
    (void)detail::find_tensor(file, std::string(tensor.name), {tensor.dims.begin(), tensor.dims.end()});
    ++known;
  }
  if (known != file.tensors.size()) {
    detail::refuse(path, "is of another architecture: it has " + std::to_string(file.tensors.size()) +
                             " tensors, the model has " + std::to_string(known));
  }
  Scalar* out = parameters.data();
  for (const auto& tensor : model.tensors()) {
    file.copy(file.tensors.at(std::string(tensor.name)), out + tensor.offset);
  }
}

}  // namespace eigencoder::inline EIGENCODER_TARGET
