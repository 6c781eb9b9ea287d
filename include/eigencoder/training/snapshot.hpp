#pragma once

#include <algorithm>
#include <cmath>
#include <eigencoder/core/array_size.hpp>
#include <eigencoder/core/target.hpp>
#include <eigencoder/network/layer_info.hpp>
#include <map>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace eigencoder::inline EIGENCODER_TARGET {

/// A training between two steps: with it `fit` goes on as if it had never been interrupted.
struct Snapshot {
  struct Tensor {
    std::vector<Index> shape;
    std::variant<std::vector<float>, std::vector<double>> values;
  };

  /// What a training must have in common with this one to go on from here, by name.
  std::map<std::string, std::string> settings;
  /// The parameters by their names in the model, "optimizer.<slot>." and such a name, "kept." and such a name, the
  /// history, and where the training is.
  std::map<std::string, Tensor> tensors;
};

namespace training {

/// Puts a training's values into a snapshot, by name. `Recalling` takes them out, so that one function of an archive
/// serves both ways.
class Storing {
 public:
  explicit Storing(Snapshot& snapshot) : tensors_(snapshot.tensors) {}

  template <class Number>
    requires std::is_arithmetic_v<Number>
  void operator()(const std::string& name, Number number) {
    tensors_[name] = {{}, std::vector<double>{static_cast<double>(number)}};
  }
  void operator()(const std::string& name, const std::vector<double>& values) {
    tensors_[name] = {{static_cast<Index>(values.size())}, values};
  }
  template <class Value, class Order>
  void operator()(const std::string& prefix, const std::map<std::string, Value, Order>& values) {
    for (const auto& [name, value] : values) (*this)(prefix + name, value);
  }
  /// Values for each of a model's parameters.
  template <class Scalar>
  void parameters(const std::string& prefix, const std::vector<NamedTensor>& tensors, std::span<const Scalar> values) {
    for (const NamedTensor& tensor : tensors) {
      const auto part =
          values.subspan(static_cast<std::size_t>(tensor.offset), static_cast<std::size_t>(tensor.size()));
      tensors_[prefix + tensor.name] = {tensor.dims, std::vector<Scalar>(part.begin(), part.end())};
    }
  }

 private:
  std::map<std::string, Snapshot::Tensor>& tensors_;
};

/// The other way. Throws std::invalid_argument that names what the snapshot lacks.
class Recalling {
 public:
  explicit Recalling(const Snapshot& snapshot) : tensors_(snapshot.tensors) {}

  [[nodiscard]] bool contains(const std::string& name) const { return tensors_.contains(name); }

  template <class Number>
    requires std::is_arithmetic_v<Number>
  void operator()(const std::string& name, Number& number) const {
    const double value = find<double>(name, {}).front();
    if constexpr (std::is_integral_v<Number>) {
      constexpr double most = std::is_same_v<Number, bool> ? 1 : 0x1p53;
      if (!(value >= 0 && value <= most && std::floor(value) == value))
        throw std::invalid_argument(name + " is " + std::to_string(value) + ", which it cannot be");
    }
    number = static_cast<Number>(value);
  }
  void operator()(const std::string& name, std::vector<double>& values) const {
    const auto found = tensors_.find(name);
    const auto size = found == tensors_.end() || found->second.shape.empty() ? 0 : found->second.shape[0];
    const std::vector<double>& stored = find<double>(name, {size});
    values.assign(stored.begin(), stored.end());
  }
  template <class Value, class Order>
  void operator()(const std::string& prefix, std::map<std::string, Value, Order>& values) const {
    for (const auto& [name, tensor] : tensors_)
      if (name.starts_with(prefix)) (*this)(name, values[name.substr(prefix.size())]);
  }
  template <class Scalar>
  void parameters(const std::string& prefix, const std::vector<NamedTensor>& tensors, std::span<Scalar> values) const {
    for (const NamedTensor& tensor : tensors)
      std::ranges::copy(find<Scalar>(prefix + tensor.name, tensor.dims),
                        values.subspan(static_cast<std::size_t>(tensor.offset)).begin());
  }

 private:
  template <class Scalar>
  [[nodiscard]] const std::vector<Scalar>& find(const std::string& name, const std::vector<Index>& shape) const {
    const auto found = tensors_.find(name);
    if (found == tensors_.end())
      throw std::invalid_argument("has no " + name + ": it is no checkpoint of this training");
    const auto* const values = std::get_if<std::vector<Scalar>>(&found->second.values);
    if (values == nullptr || found->second.shape != shape)
      throw std::invalid_argument(name + " has another type or shape than in this training");
    return *values;
  }

  const std::map<std::string, Snapshot::Tensor>& tensors_;
};

/// Throws std::invalid_argument with all settings that differ; of a long one, with the first line that does.
inline void require_same_settings(const std::map<std::string, std::string>& stored,
                                  const std::map<std::string, std::string>& own) {
  std::string differences;
  const auto compare = [&](const std::string& name, std::string_view there, std::string_view here) {
    const auto line = [](std::string_view text) { return text.substr(0, text.find('\n')); };
    while (line(there) == line(here) && !(there.empty() && here.empty())) {
      there.remove_prefix(std::min(line(there).size() + 1, there.size()));
      here.remove_prefix(std::min(line(here).size() + 1, here.size()));
    }
    const auto shown = [&](std::string_view text) { return text.empty() ? "nothing" : std::string(line(text)); };
    differences.append(differences.empty() ? "" : "; ").append(name).append(": ").append(shown(there));
    differences.append(" in the file, ").append(shown(here)).append(" here");
  };
  for (const auto& [name, value] : own) {
    const auto found = stored.find(name);
    const std::string there = found == stored.end() ? std::string() : found->second;
    if (there != value) compare(name, there, value);
  }
  if (!differences.empty()) throw std::invalid_argument("is a checkpoint of another training: " + differences);
}

}  // namespace training

}  // namespace eigencoder::inline EIGENCODER_TARGET
