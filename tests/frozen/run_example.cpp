// A frozen header on samples in a file, as floats: `run_example SAMPLES`. Prints the time of a reconstruction and the
// mean squared error. HEADER and MODEL name the header and its struct.
#include <chrono>
#include <cstdio>
#include <vector>

#include HEADER

int main(int count, char** arguments) {
  std::FILE* const file = count == 2 ? std::fopen(arguments[1], "rb") : nullptr;
  if (file == nullptr) return 2;
  static MODEL model;
  static float y[MODEL::output_size];
  std::vector<std::vector<float>> samples;
  for (std::vector<float> x(MODEL::input_size); std::fread(x.data(), sizeof(float), x.size(), file) == x.size();)
    samples.push_back(x);
  std::fclose(file);
  double best = 1e300, error = 0;
  for (int repeat = 0; repeat < 5; ++repeat) {
    const auto start = std::chrono::steady_clock::now();
    for (const auto& x : samples) model.reconstruct(x.data(), y);
    const std::chrono::duration<double, std::micro> time = std::chrono::steady_clock::now() - start;
    const double each = time.count() / static_cast<double>(samples.size());
    if (each < best) best = each;
  }
  for (const auto& x : samples) {
    model.reconstruct(x.data(), y);
    for (std::size_t i = 0; i < x.size(); ++i)
      error += static_cast<double>((y[i] - x[i]) * (y[i] - x[i])) / static_cast<double>(x.size() * samples.size());
  }
  std::printf("%8.2f us, mean squared error %.6f, self_test %s\n", best, error, model.self_test() ? "ok" : "FAILED");
  return model.self_test() ? 0 : 1;
}
