#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/inspect/doctor.hpp>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

namespace eigencoder::inline EIGENCODER_TARGET {

struct ReportOptions {
  std::string title = "Training report";
  /// What else the settings shall tell, such as {{"seed", "42"}, {"optimizer", "Adam"}, {"flags", "-O3"}}.
  std::vector<std::pair<std::string, std::string>> settings{};
  /// At most so many of the data are looked at, evenly spread.
  Index samples = 1000;
};

namespace report {

/// Decoded codes of zeros but for one unit, which goes from -2 to 2: one row a step.
struct Traversal {
  Index unit;
  Eigen::VectorXd values;
  Matrix<double> decoded;
};

/// All that a report tells of a training, whatever the model's type.
struct Content {
  ReportOptions options;
  History history;
  Diagnosis diagnosis;
  std::vector<LayerInfo> layers;
  Index parameters = 0;
  /// Of how many samples of which shape the data are.
  Index samples = 0;
  Shape shape{};
  Index latent = 0;
  /// Those that are looked at, one a row, and what became of them; no rows if values are not finite.
  Matrix<double> originals{}, reconstructions{}, codes{};
  std::vector<int> labels{};
  /// Of a variational model, the units first that tell most.
  std::vector<Traversal> traversals{};
  /// The first layer's kernel, one column a unit; no name if no layer has any.
  NamedTensor kernel{};
  Matrix<double> weights{};

  /// The number in the data of a sample that is looked at.
  [[nodiscard]] Index number(Index looked_at) const { return looked_at * samples / originals.rows(); }
};

/// The ten units with the greatest divergence from the prior; all with the label 0, if the decoder takes labels.
[[nodiscard]] inline std::vector<Traversal> traversals(const inspect::Subject& subject, const CodeUse& use) {
  constexpr Index steps = 9;
  std::vector<Index> units(use.values.size());
  std::iota(units.begin(), units.end(), Index{0});
  std::ranges::stable_sort(units, std::greater{}, [&](Index u) { return use.values[static_cast<std::size_t>(u)]; });
  units.resize(std::min<std::size_t>(units.size(), 10));
  std::vector<Traversal> all;
  for (const Index unit : units) {
    const Eigen::VectorXd values = Eigen::VectorXd::LinSpaced(steps, -2, 2);
    Matrix<double> codes = Matrix<double>::Zero(steps, subject.latent);
    codes.col(unit) = values;
    all.push_back({unit, values, subject.decode(codes)});
  }
  return all;
}

/// Looks at a model and its data for a report. Throws std::invalid_argument if there are no samples, or of the wrong
/// size.
[[nodiscard]] inline Content content(const inspect::Subject& subject, const History& history, const Dataset& data,
                                     const ReportOptions& options) {
  if (data.empty() || options.samples < 1) throw std::invalid_argument("write_report: there are no samples");
  Content content{options,
                  history,
                  inspect::Doctor(subject, data, history, options.samples).examine(),
                  subject.layers,
                  subject.parameter_count,
                  data.size(),
                  data.shape(),
                  subject.latent};
  if (content.diagnosis.code.values.empty()) return content;
  const Dataset shown = without_missing(spread_samples(data, options.samples));
  content.originals = shown.matrix<double>();
  content.reconstructions = subject.reconstruct(shown);
  content.codes = subject.encode(shown);
  content.labels.assign(shown.labels().begin(), shown.labels().end());
  if (subject.code == inspect::Subject::Code::variational)
    content.traversals = traversals(subject, content.diagnosis.code);
  for (const NamedTensor& tensor : subject.tensors) {
    if (!tensor.name.ends_with("kernel")) continue;
    const Index units = tensor.dims.back();
    content.kernel = tensor;
    content.weights = Eigen::Map<const Matrix<double>>(subject.values(tensor).data(), tensor.size() / units, units);
    break;
  }
  return content;
}

}  // namespace report

}  // namespace eigencoder::inline EIGENCODER_TARGET
