#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/data/dataset.hpp>
#include <eigencoder/data/idx.hpp>
#include <filesystem>
#include <stdexcept>
#include <string>

namespace eigencoder::inline EIGENCODER_TARGET {

/// Labelled images to train with, and others to test with.
struct LabelledImages {
  Dataset train;
  Dataset test;
};

namespace detail {

/// `<directory>/<stem>-idx<rank>-ubyte` or with a dot for the second hyphen, with or without .gz.
inline std::filesystem::path find_mnist_file(const std::filesystem::path& directory, const std::string& stem,
                                             int rank) {
  const std::string kind = "idx" + std::to_string(rank) + "-ubyte";
  for (const char* separator : {"-", "."}) {
    for (const char* ending : {"", ".gz"}) {
      auto path = directory / (stem + separator + kind + ending);
      if (std::filesystem::exists(path)) return path;
    }
  }
  throw std::runtime_error(directory.string() + ": no " + stem + "-" + kind + "[.gz] or " + stem + "." + kind +
                           "[.gz]");
}

inline Dataset read_mnist_part(const std::filesystem::path& directory, const std::string& part) {
  const auto images = find_mnist_file(directory, part + "-images", 3);
  const auto labels = find_mnist_file(directory, part + "-labels", 1);
  const Dataset data = read_idx(images);
  std::vector<int> values = read_idx_labels(labels);
  if (static_cast<Index>(values.size()) != data.size()) {
    throw std::runtime_error(labels.string() + ": " + std::to_string(values.size()) + " labels for " +
                             std::to_string(data.size()) + " images");
  }
  return data.with_labels(std::move(values));
}

}  // namespace detail

/// Reads MNIST, or any set with its file names (Fashion-MNIST, KMNIST), from a directory: train-images-idx3-ubyte,
/// train-labels-idx1-ubyte and their t10k- counterparts, in either spelling of the names, gzipped or not.
/// Throws std::runtime_error naming the file that is missing or wrong.
[[nodiscard]] inline LabelledImages read_mnist(const std::filesystem::path& directory) {
  return {detail::read_mnist_part(directory, "train"), detail::read_mnist_part(directory, "t10k")};
}

}  // namespace eigencoder::inline EIGENCODER_TARGET
