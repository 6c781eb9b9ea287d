#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <eigencoder/applications/codec.hpp>
#include <eigencoder/applications/lossless_codec.hpp>
#include <eigencoder/core/target.hpp>
#include <eigencoder/io/safetensors.hpp>
#include <filesystem>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace eigencoder::inline EIGENCODER_TARGET {

namespace detail {

/// A model's parameters with some whole numbers after them, as `save` and `load` take a model.
template <class Model>
class WithNumbers {
 public:
  explicit WithNumbers(const Model& model) : values_(model.parameters().begin(), model.parameters().end()) {}

  /// Adds a tensor of that name and shape with these values.
  template <class Numbers>
  void add(std::string name, std::vector<Index> dims, const Numbers& numbers) {
    names_.push_back({std::move(name), std::move(dims), static_cast<Index>(values_.size())});
    for (const auto number : numbers) values_.push_back(static_cast<float>(number));
  }

  [[nodiscard]] std::span<const float> parameters() const { return values_; }
  [[nodiscard]] std::span<float> parameters() { return values_; }
  [[nodiscard]] const std::vector<NamedTensor>& tensors() const { return names_; }
  [[nodiscard]] static std::string architecture() { return Model::architecture(); }

  /// Copies the model's part to it and returns the numbers.
  [[nodiscard]] std::vector<std::int32_t> take(Model& model) const {
    const auto first = values_.begin() + static_cast<std::ptrdiff_t>(model.parameters().size());
    std::copy(values_.begin(), first, model.parameters().begin());
    std::vector<std::int32_t> numbers;
    for (auto value = first; value != values_.end(); ++value) {
      if (!(*value >= -(1 << 24) && *value <= 1 << 24))
        throw std::invalid_argument("has a number in the codec's tables that is out of range");
      numbers.push_back(static_cast<std::int32_t>(*value));
    }
    return numbers;
  }

 private:
  std::vector<float> values_;
  std::vector<NamedTensor> names_ = Model::tensors();
};

/// A codec's tables in the tensors that they are stored in: each channel's first number, and a row of its frequencies
/// with zeros after them.
template <class Model>
[[nodiscard]] WithNumbers<Model> with_tables(const Model& model, std::span<const FrequencyTable> tables) {
  constexpr Index channels = Codec<Model>::code.channels;
  constexpr std::size_t row = FrequencyTable::max_symbols + 1;
  std::vector<std::int32_t> firsts(static_cast<std::size_t>(channels));
  std::vector<std::int32_t> frequencies(firsts.size() * row);
  for (std::size_t k = 0; k < tables.size(); ++k) {
    firsts[k] = tables[k].first();
    std::ranges::copy(tables[k].frequencies(), frequencies.begin() + static_cast<std::ptrdiff_t>(k * row));
  }
  WithNumbers<Model> stored(model);
  stored.add("codec.first", {channels}, firsts);
  stored.add("codec.frequencies", {channels, static_cast<Index>(row)}, frequencies);
  return stored;
}

template <class Model>
[[nodiscard]] WithNumbers<Model> with_edges(const Model& model, const GreyLevels& levels) {
  WithNumbers<Model> stored(model);
  stored.add("levels.edges", {static_cast<Index>(levels.edges().size())}, levels.edges());
  return stored;
}

}  // namespace detail

/// Writes a codec, its model and tables, as a safetensors file: see `save` of a model.
template <class Model>
void save(const Codec<Model>& codec, const std::filesystem::path& path) {
  save(detail::with_tables(codec.model(), codec.tables()), path);
}
/// The same with the edges of the grey levels, if there are any.
template <class Model, class Likelihood>
void save(const LosslessCodec<Model, Likelihood>& codec, const std::filesystem::path& path) {
  if constexpr (requires { codec.likelihood().levels; }) {
    save(detail::with_edges(codec.model(), codec.likelihood().levels), path);
  } else {
    save(codec.model(), path);
  }
}

/// Reads a codec: `load_codec<Codec<Model>>(path)`, `load_codec<LosslessCodec<Model, DiscretizedLogistic>>(path)`.
/// Throws std::runtime_error naming the file and what is wrong with it.
template <class AnyCodec>
[[nodiscard]] AnyCodec load_codec(const std::filesystem::path& path) {
  using Model = typename AnyCodec::Model;
  Model model;
  if constexpr (requires { typename AnyCodec::Likelihood; }) {
    typename AnyCodec::Likelihood likelihood;
    if constexpr (requires { likelihood.levels; }) {
      auto stored = detail::with_edges(model, {});
      load(stored, path);
      detail::naming_file(path, [&] {
        const std::vector<std::int32_t> numbers = stored.take(model);
        std::array<std::int32_t, GreyLevels::count - 1> edges{};
        std::ranges::copy(numbers, edges.begin());
        likelihood.levels = GreyLevels(edges);
      });
    } else {
      load(model, path);
    }
    return detail::naming_file(path, [&] { return AnyCodec(std::move(model), likelihood); });
  } else {
    auto stored = detail::with_tables(model, {});
    load(stored, path);
    return detail::naming_file(path, [&] {
      const std::vector<std::int32_t> numbers = stored.take(model);
      constexpr auto channels = static_cast<std::size_t>(AnyCodec::code.channels);
      constexpr std::size_t row = FrequencyTable::max_symbols + 1;
      std::vector<FrequencyTable> tables;
      for (std::size_t k = 0; k < channels; ++k) {
        const auto all = std::span(numbers).subspan(channels + k * row, row);
        std::vector<std::uint16_t> frequencies;
        for (const std::int32_t f : all) {
          if (f == 0) break;
          frequencies.push_back(static_cast<std::uint16_t>(std::clamp(f, 0, 0xFFFF)));
        }
        tables.emplace_back(numbers[k], std::move(frequencies));
      }
      return AnyCodec(std::move(model), std::move(tables));
    });
  }
}

}  // namespace eigencoder::inline EIGENCODER_TARGET
