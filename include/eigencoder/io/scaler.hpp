#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/data/scaler.hpp>
#include <eigencoder/io/metadata.hpp>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

namespace eigencoder::inline EIGENCODER_TARGET {

/// A scaler as metadata of its model's file: "scaler_centre" and "scaler_scale".
///
///     save(model, "model.safetensors", {.metadata = scaler_metadata(scaler)});
///     const Scaler again = read_scaler("model.safetensors");
[[nodiscard]] inline Metadata scaler_metadata(const Scaler& scaler) {
  return {{"scaler_centre", detail::number_list(scaler.centre())},
          {"scaler_scale", detail::number_list(scaler.scale())}};
}

/// The scaler that a model's file brings. Throws std::runtime_error naming the file and what is wrong with it.
[[nodiscard]] inline Scaler read_scaler(const std::filesystem::path& path) {
  return detail::naming_file(path, [&] {
    const Metadata metadata = detail::open_safetensors(path).metadata;
    const auto values = [&](const std::string& name) {
      const auto found = metadata.find(name);
      if (found == metadata.end()) throw std::invalid_argument("has no scaler: its metadata lack " + name);
      const std::vector<double> list = detail::read_number_list(found->second, name);
      return Eigen::RowVectorXd(Eigen::Map<const Eigen::RowVectorXd>(list.data(), std::ssize(list)));
    };
    return Scaler(values("scaler_centre"), values("scaler_scale"));
  });
}

}  // namespace eigencoder::inline EIGENCODER_TARGET
