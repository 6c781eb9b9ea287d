// expect: FitOptions: epochs, batch_size and threads are whole numbers
#include <eigencoder/eigencoder.hpp>

int main() {
  const eigencoder::FitOptions options{.batch_size = 25.6};
  return static_cast<int>(options.batch_size);
}
