// How fast one epoch is, and how much memory it takes, with the samples in memory or in a mapped file:
//
//   streaming make FILE GIBIBYTES     writes the bundled digits again and again
//   streaming memory|mapped|cold FILE   trains on it; cold: after the system has dropped what it holds of the file
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdlib>
#include <eigencoder/data/idx.hpp>
#include <eigencoder/data/mapped.hpp>
#include <eigencoder/eigencoder.hpp>
#include <fstream>
#include <iostream>

using namespace eigencoder;

namespace {

constexpr Shape shape{28, 28, 1};
using Encoder = Sequential<shape, Conv2D<16, 3, relu, same>, MaxPool2D<2, same>, Conv2D<8, 3, relu, same>,
                           MaxPool2D<2, same>, Conv2D<8, 3, relu, same>, MaxPool2D<2, same>>;
using Decoder = Sequential<Encoder::output, Conv2D<8, 3, relu, same>, UpSampling2D<2>, Conv2D<8, 3, relu, same>,
                           UpSampling2D<2>, Conv2D<16, 3, relu>, UpSampling2D<2>, Conv2D<1, 3, sigmoid, same>>;

void make(const std::filesystem::path& path, double gibibytes) {
  const auto digits = detail::read_idx_array(EXAMPLE_DATA_DIR "/train-images-idx3-ubyte.gz", 3, 3).bytes;
  std::ofstream file(path, std::ios::binary);
  for (double written = 0; written < gibibytes * 0x1p30; written += static_cast<double>(digits.size()))
    file.write(reinterpret_cast<const char*>(digits.data()), static_cast<std::streamsize>(digits.size()));
  if (!file.flush()) throw std::runtime_error("cannot write " + path.string());
}

void drop_from_memory(const std::filesystem::path& path) {
  const int file = open(path.c_str(), O_RDONLY);
  if (file < 0 || fdatasync(file) != 0 || posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED) != 0)
    throw std::runtime_error("cannot drop " + path.string());
  close(file);
}

void train(const Dataset& data) {
  Autoencoder<Encoder, Decoder> model{Seed{1}};
  const History history = fit(model, data, BinaryCrossentropy{}, Adam{},
                              {.batch_size = 256, .shuffle_block = 16384, .seed = 1, .progress = false});
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  std::cout << data.size() << " samples, " << history.samples_per_second[0] << " a second, loss " << history.loss[0]
            << ", at most " << usage.ru_maxrss / 1024 << " MiB of memory\n";
}

}  // namespace

int main(int argc, char** argv) {
  const std::string what = argc > 2 ? argv[1] : "";
  if (what == "make" && argc == 4) {
    make(argv[2], std::atof(argv[3]));
  } else if (what == "memory") {
    detail::RegularFile file(argv[2]);
    std::vector<std::uint8_t> bytes(file.size());
    file.read(bytes.data(), bytes.size());
    train(Dataset::from_bytes(std::move(bytes), shape));
  } else if (what == "mapped" || what == "cold") {
    if (what == "cold") drop_from_memory(argv[2]);
    train(map_raw<std::uint8_t>(argv[2], shape));
  } else {
    std::cerr << "usage: streaming make FILE GIBIBYTES | memory FILE | mapped FILE | cold FILE\n";
    return 2;
  }
}
