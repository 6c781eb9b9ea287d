#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <eigencoder/core/shape.hpp>
#include <eigencoder/core/target.hpp>
#include <eigencoder/core/version.hpp>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace eigencoder::inline EIGENCODER_TARGET::detail {

static_assert(std::endian::native == std::endian::little,
              "safetensors: files are little-endian, and so must be the machine");

/// A safetensors file is 8 bytes with the length of its header, the header, JSON of {name: {dtype, shape,
/// data_offsets}}, then the tensors' values back to back. Source: the format's description in the safetensors project,
/// which allows a header of this many bytes.
inline constexpr std::uint64_t largest_safetensors_header = 100'000'000;

/// The entry of the header that describes no tensor, but holds strings under names.
inline constexpr std::string_view metadata_name = "__metadata__";

inline std::string shape_string(const std::vector<Index>& shape) {
  std::string text;
  for (const Index n : shape) text += (text.empty() ? "" : ", ") + std::to_string(n);
  return "(" + text + ")";
}

/// Where a tensor lies in a safetensors file's data.
struct TensorLocation {
  std::vector<Index> shape;
  bool is_double = false;
  std::uint64_t first = 0;  ///< in bytes
  std::uint64_t last = 0;   ///< in bytes, one behind the tensor's

  [[nodiscard]] std::uint64_t value_size() const { return is_double ? sizeof(double) : sizeof(float); }
  [[nodiscard]] std::uint64_t count() const { return (last - first) / value_size(); }
};

/// Reads the header of a safetensors file, checking every claim that it makes. It takes the events of nlohmann's SAX
/// parser and builds no document, so that memory is that of the tensors alone, however the JSON is nested. What the
/// format does not allow throws std::invalid_argument saying what is wrong.
class SafetensorsReader {
 public:
  /// `data_size`: the bytes that follow the header.
  SafetensorsReader(std::string_view header, std::uint64_t data_size) : data_size_(data_size) {
    if (!header.starts_with('{') || !nlohmann::json::sax_parse(header, this)) (void)unexpected();
    require_no_gaps();
  }

  std::map<std::string, TensorLocation> tensors;
  std::map<std::string, std::string> metadata;

  // The parser's events.
  bool start_object(std::size_t) {
    if (place_ == Place::start) return enter(Place::file);
    if (place_ != Place::file) return unexpected();
    tensor_ = {};
    return enter(name_ == metadata_name ? Place::metadata : Place::tensor);
  }
  bool key(std::string& key) {
    if (place_ == Place::file) {
      name_ = std::move(key);
      if (tensors.contains(name_) || (name_ == metadata_name && std::exchange(has_metadata_, true)))
        throw std::invalid_argument("describes " + name_ + " twice");
    } else {
      field_ = std::move(key);
    }
    return true;
  }
  bool end_object() {
    if (place_ == Place::file) return enter(Place::end);
    if (place_ == Place::tensor) tensors.emplace(std::move(name_), located());
    return enter(Place::file);
  }
  bool start_array(std::size_t) {
    auto* const list = field_ == "shape" ? &tensor_.shape : field_ == "data_offsets" ? &tensor_.offsets : nullptr;
    if (place_ != Place::tensor || list == nullptr || *list) return unexpected();
    numbers_ = &list->emplace();
    return enter(Place::list);
  }
  bool end_array() { return enter(Place::tensor); }
  bool number_unsigned(std::uint64_t number) {
    constexpr std::uint64_t largest = std::numeric_limits<Index>::max();
    if (place_ != Place::list || number > largest || numbers_->size() == most_dimensions) return unexpected();
    numbers_->push_back(static_cast<Index>(number));
    return true;
  }
  bool string(std::string& text) {
    if (place_ == Place::metadata) return metadata.emplace(field_, std::move(text)).second || unexpected();
    if (place_ != Place::tensor || field_ != "dtype" || tensor_.type) return unexpected();
    tensor_.type = std::move(text);
    return true;
  }
  bool number_integer(std::int64_t) { return unexpected(); }
  bool number_float(double, const std::string&) { return unexpected(); }
  bool boolean(bool) { return unexpected(); }
  bool null() { return unexpected(); }
  bool binary(std::vector<std::uint8_t>&) { return unexpected(); }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) {
    throw std::invalid_argument("is no safetensors file: its header is not a JSON object");
  }

 private:
  static constexpr std::size_t most_dimensions = 64;  // as NumPy's

  enum class Place { start, file, metadata, tensor, list, end };
  struct Description {
    std::optional<std::string> type;
    std::optional<std::vector<Index>> shape;
    std::optional<std::vector<Index>> offsets;
  };

  bool enter(Place place) {
    place_ = place;
    return true;
  }

  [[noreturn]] bool unexpected() const {
    switch (place_) {
      case Place::file:
        throw std::invalid_argument("tensor " + name_ + " is not described by an object");
      case Place::metadata:
        throw std::invalid_argument("has metadata of which " + field_ + " is not one string");
      case Place::tensor:
        throw std::invalid_argument("tensor " + name_ + " has a bad " + field_);
      case Place::list:
        throw std::invalid_argument("tensor " + name_ + " has a bad number in " + field_);
      default:
        throw std::invalid_argument("is no safetensors file: its header is not a JSON object");
    }
  }

  /// The tensor just described.
  TensorLocation located() {
    const std::string tensor = "tensor " + name_;
    if (tensor_.type.value_or("") != "F32" && tensor_.type.value_or("") != "F64")
      throw std::invalid_argument(tensor + " has dtype " + tensor_.type.value_or("none") + ", expected F32 or F64");
    if (!tensor_.shape) throw std::invalid_argument(tensor + " has no list shape");
    if (!tensor_.offsets) throw std::invalid_argument(tensor + " has no list data_offsets");
    TensorLocation location;
    location.shape = std::move(*tensor_.shape);
    location.is_double = *tensor_.type == "F64";
    const auto count = array_size(location.shape);
    if (!count || static_cast<std::uint64_t>(*count) > data_size_)
      throw std::invalid_argument(tensor + " is larger than the file");
    const std::vector<Index>& offsets = *tensor_.offsets;
    if (offsets.size() != 2 || offsets[0] > offsets[1] || static_cast<std::uint64_t>(offsets[1]) > data_size_) {
      throw std::invalid_argument(tensor + " lies outside the file's " + std::to_string(data_size_) + " bytes of data");
    }
    location.first = static_cast<std::uint64_t>(offsets[0]);
    location.last = static_cast<std::uint64_t>(offsets[1]);
    const std::uint64_t bytes = location.last - location.first;
    if (bytes != static_cast<std::uint64_t>(*count) * location.value_size()) {
      throw std::invalid_argument(tensor + " of shape " + shape_string(location.shape) + " has " +
                                  std::to_string(bytes) + " bytes of data");
    }
    return location;
  }

  /// The tensors must lie back to back from the first byte to the last, in any order.
  void require_no_gaps() const {
    std::vector<std::pair<std::uint64_t, std::uint64_t>> ranges;
    for (const auto& [name, tensor] : tensors) ranges.emplace_back(tensor.first, tensor.last);
    std::sort(ranges.begin(), ranges.end());
    std::uint64_t end = 0;
    for (const auto& [first, last] : ranges) {
      if (first != end) {
        throw std::invalid_argument("has tensors that overlap or leave a gap at byte " + std::to_string(end) +
                                    " of its data");
      }
      end = last;
    }
    if (end != data_size_) {
      throw std::invalid_argument("has " + std::to_string(data_size_) + " bytes of data, its header describes " +
                                  std::to_string(end));
    }
  }

  std::uint64_t data_size_;
  Place place_ = Place::start;
  bool has_metadata_ = false;
  std::string name_;   // of the entry
  std::string field_;  // of what is within it
  Description tensor_;
  std::vector<Index>* numbers_ = nullptr;
};

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
class SafetensorsWriter {
 public:
  /// Throws std::invalid_argument if a reader would refuse it.
  void add_metadata(std::string_view name, std::string_view text) {
    const std::string json = quoted(name);
    if (!names_.insert(std::string(name)).second || !nlohmann::json::accept(json) ||
        !nlohmann::json::accept(quoted(text)))
      throw std::invalid_argument("safetensors: metadata " + json + " come twice or are not UTF-8");
    metadata_ += "," + json + ":" + quoted(text);
  }

  /// A tensor of `Scalar` (float or double) behind those before it. Throws std::invalid_argument if a reader would
  /// refuse it, or if it has not `count` values.
  template <class Scalar>
  void add(std::string_view name, const std::vector<Index>& shape, std::uint64_t count) {
    const std::string json = quoted(name);
    if (name == metadata_name || !nlohmann::json::accept(json))
      throw std::invalid_argument("safetensors: a tensor cannot have the name " + json +
                                  ": it is reserved or not UTF-8");
    const auto size = array_size(shape);
    if (!size || static_cast<std::uint64_t>(*size) != count) {
      throw std::invalid_argument("safetensors: tensor " + std::string(name) + " of shape " + shape_string(shape) +
                                  " has " + std::to_string(count) + " values");
    }
    // Appended piece by piece: g++ 12 warns of sums that begin with a literal.
    const std::uint64_t end = offset_ + count * sizeof(Scalar);
    text_.append(",").append(json).append(":{\"dtype\":\"").append(sizeof(Scalar) == sizeof(float) ? "F32" : "F64");
    text_.append("\",\"shape\":[");
    for (std::size_t d = 0; d < shape.size(); ++d) text_.append(d == 0 ? "" : ",").append(std::to_string(shape[d]));
    text_.append("],\"data_offsets\":[").append(std::to_string(offset_)).append(",").append(std::to_string(end));
    text_.append("]}");
    offset_ = end;
  }

  /// Its length in 8 bytes, and itself, padded with spaces so that the data are aligned. Throws std::invalid_argument
  /// if the format does not allow that length.
  [[nodiscard]] std::string bytes() const {
    std::string text = "{\"__metadata__\":{" + metadata_ + "}" + text_ + "}";
    text.resize((text.size() + 7) / 8 * 8, ' ');
    const std::uint64_t size = text.size();
    if (size > largest_safetensors_header) throw std::invalid_argument("safetensors: the tensors have too long names");
    return std::string(reinterpret_cast<const char*>(&size), sizeof size) + text;
  }

 private:
  std::set<std::string, std::less<>> names_ = {"format", "version"};
  std::string metadata_ = "\"format\":\"eigencoder\",\"version\":" + quoted(version);
  std::string text_;
  std::uint64_t offset_ = 0;
};

}  // namespace eigencoder::inline EIGENCODER_TARGET::detail
