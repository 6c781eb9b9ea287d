// A frozen detector on rows in a file, each followed by its label: `run_detector ROWS`. Prints the area under the ROC
// curve of the mean squared errors. HEADER and MODEL name the header and its struct.
#include <algorithm>
#include <cstdio>
#include <utility>
#include <vector>

#include HEADER

int main(int count, char** arguments) {
  std::FILE* const file = count == 2 ? std::fopen(arguments[1], "rb") : nullptr;
  if (file == nullptr) return 2;
  static MODEL model;
  float y[MODEL::output_size];
  std::vector<std::pair<double, bool>> scores;
  for (std::vector<float> x(MODEL::input_size + 1); std::fread(x.data(), sizeof(float), x.size(), file) == x.size();) {
    model.reconstruct(x.data(), y);
    double error = 0;
    for (std::size_t i = 0; i < MODEL::input_size; ++i) error += (y[i] - x[i]) * (y[i] - x[i]);
    scores.emplace_back(error, x.back() != 0);
  }
  std::fclose(file);
  // The share of pairs of an anomaly and a normal row in which the anomaly has the larger error.
  double wins = 0, anomalies = 0, normal = 0;
  for (const auto& [error, is_anomaly] : scores) (is_anomaly ? anomalies : normal) += 1;
  for (const auto& [error, is_anomaly] : scores)
    if (is_anomaly)
      for (const auto& [other, other_is] : scores)
        if (!other_is) wins += error > other ? 1 : error == other ? 0.5 : 0;
  std::printf("%.4f\n", wins / (anomalies * normal));
  return model.self_test() ? 0 : 1;
}
