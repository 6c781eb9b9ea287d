#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/inspect/diagnose.hpp>
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
template <class Model>
[[nodiscard]] std::vector<Traversal> traversals(const Model& model, const CodeUse& use) {
  using Scalar = typename Model::Scalar;
  constexpr Index steps = 9;
  std::vector<Index> units(use.values.size());
  std::iota(units.begin(), units.end(), Index{0});
  std::ranges::stable_sort(units, std::greater{}, [&](Index u) { return use.values[static_cast<std::size_t>(u)]; });
  units.resize(std::min<std::size_t>(units.size(), 10));
  std::vector<Traversal> all;
  for (const Index unit : units) {
    const Eigen::VectorXd values = Eigen::VectorXd::LinSpaced(steps, -2, 2);
    Matrix<Scalar> codes = Matrix<Scalar>::Zero(steps, Model::latent.size());
    codes.col(unit) = values.template cast<Scalar>();
    const Dataset labelled = Dataset(codes).with_labels(std::vector<int>(static_cast<std::size_t>(steps), 0));
    all.push_back({unit, values, model.decode(labelled).template cast<double>()});
  }
  return all;
}

/// Looks at a model and its data for a report. Throws std::invalid_argument if there are no samples, or of the wrong
/// size.
template <class Model, class Loss>
[[nodiscard]] Content content(const Model& model, const History& history, const Dataset& data,
                              const ReportOptions& options, Loss loss) {
  using Scalar = typename Model::Scalar;
  Content content{options,
                  history,
                  diagnose(model, data, history, loss, options.samples),
                  Model::layers(),
                  Model::Network::parameter_count,
                  data.size(),
                  data.shape(),
                  Model::latent.size()};
  if (content.diagnosis.code.values.empty()) return content;
  const Dataset shown = without_missing(spread_samples(data, options.samples));
  content.originals = shown.template matrix<double>();
  content.reconstructions = model.reconstruct(shown).template cast<double>();
  content.codes = model.encode(shown).template cast<double>();
  content.labels.assign(shown.labels().begin(), shown.labels().end());
  if constexpr (inspect::IsVariational<Model>) content.traversals = traversals(model, content.diagnosis.code);
  for (const NamedTensor& tensor : Model::tensors()) {
    if (!tensor.name.ends_with("kernel")) continue;
    const Index units = tensor.dims.back();
    content.kernel = tensor;
    content.weights =
        Eigen::Map<const Matrix<Scalar>>(model.parameters().data() + tensor.offset, tensor.size() / units, units)
            .template cast<double>();
    break;
  }
  return content;
}

}  // namespace report

}  // namespace eigencoder::inline EIGENCODER_TARGET
