// Trains the same model by both parts of part.cpp: their losses are equal but for rounding.
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <vector>

double first_part(const float* values, std::ptrdiff_t samples);
double second_part(const float* values, std::ptrdiff_t samples);

int main() {
  std::vector<float> values(3000);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = std::sin(0.37f * static_cast<float>(i));
  const double first = first_part(values.data(), 100), second = second_part(values.data(), 100);
  std::printf("%.9g %.9g\n", first, second);
  return std::abs(first - second) < 1e-4 * first ? EXIT_SUCCESS : EXIT_FAILURE;
}
