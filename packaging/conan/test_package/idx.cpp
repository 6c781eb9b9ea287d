#include <eigencoder/data/idx.hpp>

auto digits() { return eigencoder::read_idx("train-images-idx3-ubyte.gz"); }
