// The first of two translation units that include everything: they must link into one program.
#include <cstdio>
#include <cstdlib>

#include "everything.hpp"

double loss_of_saved(const char* path, const eigencoder::Matrix<float>& x);

int main(int count, char** arguments) {
  if (count != 2) return EXIT_FAILURE;
  eigencoder::Matrix<float> x(10, 6);
  for (eigencoder::Index i = 0; i < x.size(); ++i) x.data()[i] = static_cast<float>(i % 7) / 7.0f;
  Model model{eigencoder::Seed{1}};
  fit(model, x, eigencoder::BinaryCrossentropy{}, eigencoder::Adam{}, {.epochs = 3, .progress = false});
  save(model, arguments[1]);
  const double loss = evaluate(model, x, eigencoder::BinaryCrossentropy{});
  std::printf("loss %g\n", loss);
  return loss == loss_of_saved(arguments[1], x) ? EXIT_SUCCESS : EXIT_FAILURE;
}
