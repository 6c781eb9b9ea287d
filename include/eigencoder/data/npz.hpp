#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/data/npy.hpp>
#include <eigencoder/data/regular_file.hpp>
#include <eigencoder/data/zip.hpp>
#include <filesystem>
#include <limits>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace eigencoder::inline EIGENCODER_TARGET {

namespace detail {

/// The array of an archive that NumPy calls `array`. Throws std::invalid_argument if there is none.
inline BytesInMemory open_npz(const std::filesystem::path& path, const std::string& array) {
  RegularFile file(path);
  std::string bytes(file.size(), '\0');
  file.read(bytes.data(), bytes.size());
  const ZipArchive archive(std::move(bytes));
  if (archive.entries().contains(array + ".npy")) return BytesInMemory(archive.read(array + ".npy"));
  std::string names;
  for (const auto& [name, entry] : archive.entries())
    names += (names.empty() ? "" : ", ") + (name.ends_with(".npy") ? name.substr(0, name.size() - 4) : name);
  throw std::invalid_argument("has no array " + array + "; it has " + (names.empty() ? "none" : names));
}

}  // namespace detail

/// The names of the arrays in a file that NumPy's `savez` or `savez_compressed` wrote.
/// Throws std::runtime_error naming the file and what is wrong with it.
[[nodiscard]] inline std::vector<std::string> npz_names(const std::filesystem::path& path) {
  const std::string bytes = detail::read_text(path);
  const auto archive = detail::naming_file(path, [&] { return detail::ZipArchive(bytes); });
  std::vector<std::string> names;
  for (const auto& [name, entry] : archive.entries())
    if (name.ends_with(".npy")) names.push_back(name.substr(0, name.size() - 4));
  return names;
}

/// Reads one array of such a file: see read_npy. Throws std::runtime_error naming the file and what is wrong with it.
[[nodiscard]] inline Dataset read_npz(const std::filesystem::path& path, const std::string& array = "X") {
  return detail::naming_file(path, [&] { return detail::read_npy(detail::open_npz(path, array)); });
}

/// Reads labels: a vector, or a matrix of one row or column, of bool, integers, or floats that are whole numbers.
/// Throws std::runtime_error naming the file and what is wrong with it.
[[nodiscard]] inline std::vector<int> read_npz_labels(const std::filesystem::path& path,
                                                      const std::string& array = "y") {
  return detail::naming_file(path, [&] {
    detail::BytesInMemory file = detail::open_npz(path, array);
    const detail::NpyHeader header = detail::read_npy_header(file);
    const auto long_ways = std::ranges::count_if(header.shape, [](Index n) { return n != 1; });
    if (header.shape.empty() || long_ways > 1)
      throw std::invalid_argument("has an array " + array + " of " + std::to_string(header.shape.size()) +
                                  " dimensions, expected labels: one");
    return detail::with_npy_type(header.type, [&]<class Stored>(Stored) {
      std::vector<int> labels;
      std::vector<Stored> values;
      detail::read_npy_values<Stored>(file, header, [&](std::uint64_t count) {
        values.resize(count);
        return values.data();
      });
      for (const Stored value : values) {
        const auto number = static_cast<double>(value);
        constexpr auto most = static_cast<double>(std::numeric_limits<int>::max());
        if (!(number >= -most && number <= most) || number != static_cast<double>(static_cast<int>(number)))
          throw std::invalid_argument("has a label " + std::to_string(value) + " in " + array +
                                      ", expected whole numbers");
        labels.push_back(static_cast<int>(number));
      }
      return labels;
    });
  });
}

}  // namespace eigencoder::inline EIGENCODER_TARGET
