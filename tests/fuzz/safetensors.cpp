// read_safetensors, and that what is read is written and read back as it was; load into a model.
#include <unistd.h>

#include <cstring>
#include <eigencoder/io/safetensors.hpp>
#include <span>

#include "fuzz.hpp"

namespace {

struct Model {
  struct Tensor {
    std::string name;
    std::vector<eigencoder::Index> dims;
    eigencoder::Index offset;
  };
  static std::vector<Tensor> tensors() { return {{"a", {2}, 0}, {"b", {1, 2}, 2}}; }
  std::span<float> parameters() { return values; }
  std::vector<float> values = std::vector<float>(4, 0.5f);
};

bool same(const eigencoder::StoredTensor& a, const eigencoder::StoredTensor& b) {
  return a.shape == b.shape && a.values.size() == b.values.size() &&
         (a.values.empty() || std::memcmp(a.values.data(), b.values.data(), a.values.size() * sizeof(double)) == 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::filesystem::path copy =
      std::filesystem::temp_directory_path() / ("eigencoder-fuzz-" + std::to_string(getpid()));
  const fuzz::File file({reinterpret_cast<const char*>(data), size});
  std::map<std::string, eigencoder::StoredTensor> tensors;
  bool good = false;
  fuzz::read(size, [&] {
    tensors = eigencoder::read_safetensors(file.path());
    good = true;
  });
  if (good && size < 4096) {
    eigencoder::write_safetensors<double>(copy, tensors);
    const auto back = eigencoder::read_safetensors(copy);
    std::filesystem::remove(copy);
    if (back.size() != tensors.size()) std::abort();
    for (const auto& [name, tensor] : tensors)
      if (!same(tensor, back.at(name))) std::abort();
  }
  tensors.clear();
  Model model;
  fuzz::read(size, [&] { eigencoder::load(model, file.path()); });
  return 0;
}
