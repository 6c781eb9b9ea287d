#pragma once

#include <eigencoder/core/hash.hpp>
#include <eigencoder/core/target.hpp>
#include <eigencoder/io/safetensors.hpp>
#include <eigencoder/training/events.hpp>
#include <eigencoder/training/resume.hpp>
#include <eigencoder/training/snapshot.hpp>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

/// A checkpoint is a safetensors file: a snapshot's tensors, its settings as metadata, and a checksum of all bytes.
namespace eigencoder::inline EIGENCODER_TARGET {

namespace io {

inline constexpr std::string_view checkpoint_kind = "eigencoder checkpoint 1";
/// Where the checksum stands in the header; it is taken with zeros there.
inline constexpr std::string_view checksum_key = "\"checksum\":\"";
inline constexpr std::string_view no_checksum = "0000000000000000";

/// The place of the checksum's digits among a file's bytes. Throws std::invalid_argument if there is none.
inline std::size_t checksum_place(std::string_view bytes) {
  const std::size_t key = bytes.find(checksum_key);
  const std::size_t place = key + checksum_key.size();
  if (key == std::string_view::npos || place > bytes.size() - no_checksum.size())
    throw std::invalid_argument("is no checkpoint, or a damaged one: it has no checksum");
  return place;
}

/// Of a file's header and data.
inline std::string checksum(std::string_view header, std::string_view data) {
  Hash hash;
  hash.add(header);
  hash.add(data);
  return hash.text();
}

}  // namespace io

/// Writes a snapshot, whole or not at all: see write_file.
/// Throws std::runtime_error with the path and the reason, the older file as it was.
inline void write_checkpoint(const std::filesystem::path& path, const Snapshot& snapshot) {
  detail::SafetensorsWriter header;
  header.add_metadata("kind", io::checkpoint_kind);
  header.add_metadata("checksum", io::no_checksum);
  for (const auto& [name, value] : snapshot.settings) header.add_metadata(name, value);
  std::string data;
  // The larger numbers come first, so that all lie at multiples of their size.
  const auto add = [&]<class Scalar>(Scalar) {
    for (const auto& [name, tensor] : snapshot.tensors)
      if (const auto* values = std::get_if<std::vector<Scalar>>(&tensor.values)) {
        header.add<Scalar>(name, tensor.shape, values->size());
        data.append(reinterpret_cast<const char*>(values->data()), values->size() * sizeof(Scalar));
      }
  };
  add(double{});
  add(float{});
  std::string bytes = header.bytes();
  const std::string checksum = io::checksum(std::string_view(bytes).substr(sizeof(std::uint64_t)), data);
  bytes.replace(io::checksum_place(bytes), checksum.size(), checksum);
  write_file(path, {bytes, data});
}

/// Reads a snapshot. Throws std::runtime_error naming the file and what is wrong with it.
[[nodiscard]] inline Snapshot read_checkpoint(const std::filesystem::path& path) {
  return detail::naming_file(path, [&] {
    detail::SafetensorsFile file = detail::open_safetensors(path);
    const auto kind = file.metadata.find("kind");
    if (kind == file.metadata.end() || kind->second != io::checkpoint_kind)
      throw std::invalid_argument("is no checkpoint, or not of this version of the library");
    const std::size_t place = io::checksum_place(file.header);
    const std::string stored = file.header.substr(place, io::no_checksum.size());
    file.header.replace(place, io::no_checksum.size(), io::no_checksum);
    if (io::checksum(file.header, file.data) != stored)
      throw std::invalid_argument("is damaged: its checksum is not that of its bytes");

    Snapshot snapshot{.settings = std::move(file.metadata), .tensors = {}};
    const auto values = [&]<class Scalar>(Scalar, const detail::TensorLocation& tensor) {
      std::vector<Scalar> all(tensor.count());
      file.for_each_value(tensor, [&](std::uint64_t i, auto value) { all[i] = static_cast<Scalar>(value); });
      return Snapshot::Tensor{tensor.shape, std::move(all)};
    };
    for (const auto& [name, tensor] : file.tensors)
      snapshot.tensors.emplace(name, tensor.is_double ? values(double{}, tensor) : values(float{}, tensor));
    return snapshot;
  });
}

template <class Path>
struct io::CheckpointReader {
  static Snapshot read(const std::filesystem::path& path) { return read_checkpoint(path); }
};

/// Saves the training so that it can be resumed: `fit(model, data, loss, Adam{}, {.epochs = 100, .on_epoch_end =
/// {Checkpoint{.path = "run.safetensors", .every = 5}}})`, and the next day the same with `.resume =
/// "run.safetensors"`.
///
/// The file is replaced whole: a process that is killed, even while it writes, or a full disk leaves the one before. It
/// is written once all callbacks were called.
struct Checkpoint {
  std::filesystem::path path;
  /// Epochs from one to the next; the last one of the training has one, too. 0: none.
  Index every = 1;
  /// Steps from one to the next, in the midst of epochs, too; 0: none.
  Index every_steps = 0;
  /// Asked after every step: whether to save and to end the training now, because the user wants to stop it, say.
  std::function<bool()> stop_when{};

  void operator()(EpochEnd& end) const {
    require_options();
    if (every > 0 && (end.epoch() + 1) % every == 0) {
      end.save(writer());
    } else if (every > 0 || every_steps > 0) {
      end.save_at_end(writer());
    }
  }
  void on_step_end(StepEnd& end) const {
    require_options();
    const bool stop = stop_when && stop_when();
    if (stop) end.stop();
    if (stop || (every_steps > 0 && end.step() % every_steps == 0)) end.save(writer());
  }

 private:
  [[nodiscard]] std::function<void(const Snapshot&)> writer() const {
    return [to = path](const Snapshot& snapshot) { write_checkpoint(to, snapshot); };
  }
  void require_options() const {
    if (path.empty() || every < 0 || every_steps < 0)
      throw std::invalid_argument("Checkpoint: path must be given, and every and every_steps be >= 0");
  }
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
