// read_checkpoint, as it is and with the right checksum, so that what is behind it is reached, too; that what is read
// is written and read back as it was; and what `fit` takes out of it.
#include <unistd.h>

#include <eigencoder/io/checkpoint.hpp>
#include <eigencoder/training/position.hpp>

#include "fuzz.hpp"

namespace {

using eigencoder::Snapshot;

/// A file whose checksum is right, if it has a place for one.
std::string with_checksum(std::string bytes) {
  std::uint64_t size = 0;
  if (bytes.size() < sizeof size) return bytes;
  std::memcpy(&size, bytes.data(), sizeof size);
  if (size > bytes.size() - sizeof size) return bytes;
  std::string header = bytes.substr(sizeof size, size);
  const std::string data = bytes.substr(sizeof size + size);
  try {
    const std::size_t place = eigencoder::io::checksum_place(header);
    const auto digits = eigencoder::io::no_checksum.size();
    header.replace(place, digits, eigencoder::io::no_checksum);
    bytes.replace(sizeof size + place, digits, eigencoder::io::checksum(header, data));
  } catch (const std::invalid_argument&) {
  }
  return bytes;
}

/// What `fit` takes out of it, for a model of one tensor.
void recall(const Snapshot& snapshot) {
  namespace training = eigencoder::training;
  try {
    const training::Recalling archive(snapshot);
    training::Position position;
    eigencoder::History history;
    eigencoder::Index steps = 0;
    training::archive(archive, position);
    training::archive(archive, history);
    archive("training.steps", steps);
    training::require_consistent(position, history, steps, 40, 16);
    std::vector<float> values(2);
    archive.parameters("", {{"a", {2}, 0}}, std::span(values));
    training::require_same_settings(snapshot.settings, {{"seed", "1"}, {"architecture", "one\ntwo"}});
  } catch (const std::invalid_argument&) {
  }
}

bool same(const Snapshot::Tensor& a, const Snapshot::Tensor& b) {
  return a.shape == b.shape && std::visit(
                                   [&]<class Values>(const Values& values) {
                                     const auto* other = std::get_if<Values>(&b.values);
                                     return other != nullptr && values.size() == other->size() &&
                                            (values.empty() || std::memcmp(values.data(), other->data(),
                                                                           values.size() * sizeof values[0]) == 0);
                                   },
                                   a.values);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::filesystem::path copy =
      std::filesystem::temp_directory_path() / ("eigencoder-fuzz-checkpoint-" + std::to_string(getpid()));
  const std::string given(reinterpret_cast<const char*>(data), size);
  for (const std::string& bytes : {given, with_checksum(given)}) {
    const fuzz::File file(bytes);
    Snapshot snapshot;
    bool good = false;
    fuzz::read(size, [&] {
      snapshot = eigencoder::read_checkpoint(file.path());
      good = true;
    });
    if (!good) continue;
    recall(snapshot);
    if (size > 4096) continue;
    for (const char* const own : {"format", "version", "kind", "checksum"}) snapshot.settings.erase(own);
    eigencoder::write_checkpoint(copy, snapshot);
    const Snapshot back = eigencoder::read_checkpoint(copy);
    std::filesystem::remove(copy);
    if (back.tensors.size() != snapshot.tensors.size()) std::abort();
    for (const auto& [name, tensor] : snapshot.tensors)
      if (!same(tensor, back.tensors.at(name))) std::abort();
    for (const auto& [name, value] : snapshot.settings)
      if (back.settings.at(name) != value) std::abort();
  }
  return 0;
}
