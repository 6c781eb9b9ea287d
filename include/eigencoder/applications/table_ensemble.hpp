#pragma once

#include <algorithm>
#include <cmath>
#include <eigencoder/applications/column_scaler.hpp>
#include <eigencoder/applications/select_rows.hpp>
#include <eigencoder/applications/table_model.hpp>
#include <eigencoder/applications/whitening.hpp>
#include <eigencoder/core/target.hpp>
#include <eigencoder/threads/workers.hpp>
#include <numeric>
#include <vector>

namespace eigencoder::inline EIGENCODER_TARGET {

/// How a TableEnsemble learns. The defaults were chosen once, for all tables: docs/anomalies.md has what else was
/// tried.
struct TableEnsembleOptions {
  Scaling scaling = Scaling::robust;
  /// Whether columns are made uncorrelated after they were scaled, and the share of the mean variance in all directions
  /// with which their covariance is shrunk, in (0, 1].
  bool whiten = true;
  double shrinkage = 0.3;
  /// Values further from the centre than this, in scales, count as this far.
  double limit = 6;
  /// The share of the rows, those furthest from the centre, that the covariance and every other model do not learn
  /// from, in [0, 1): so what is far off is not learnt by them, though it be among the training rows.
  double trimmed = 0.5;
  /// How many models there are, each with its own initial parameters, order and noise.
  Index members = 4;
  TableTraining training{};
};

/// Denoising autoencoders of a table's rows, and by how much rows differ from what these make of them.
///
/// Rows x are scaled column by column to z, then whitened by mean and covariance of the half that is nearest to the
/// centre, w. Of the models every other one learns from the half of least |w|, the rest from all rows: the former make
/// nothing of anomalies among them, the latter know what is far off and yet usual. The error of column k is the mean
/// over the models of log(1 + (w_k - y_k)^2): a single column's counts, but not without bounds.
///
/// It takes some 20 seconds to compile, whatever else a file has in it. Let one file of a program do that,
///
///     template class eigencoder::TableEnsemble<>;
///
/// and all others leave it to that one by `extern template class eigencoder::TableEnsemble<>;`.
/// Source of the halves: Rousseeuw, Van Driessen, "A fast algorithm for the minimum covariance determinant estimator",
/// 1999, of which this is one step.
template <class Widths = TableWidths>
class TableEnsemble {
 public:
  TableEnsemble() = default;
  /// Learns from rows with NaN for what is missing. threads 0: all cores; the result does not depend on them.
  TableEnsemble(const Matrix<double>& rows, const TableEnsembleOptions& options, Seed seed, Index threads);

  [[nodiscard]] Index columns() const { return scaler_.columns(); }

  /// Goes on learning on these rows; scales and covariance stay.
  void train(const Matrix<double>& rows, Seed seed, Index threads);

  /// Each row's error in each column.
  [[nodiscard]] Matrix<double> errors(const Matrix<double>& rows, Index threads) const;

  /// A copy of the parameters, model by model.
  [[nodiscard]] Eigen::RowVectorXf parameters() const;

  /// Calls archive for all that was learnt, see AnomalyDetector::visit; the options must be those that it was learnt
  /// with.
  template <class Archive>
  void visit(Archive& archive, const TableEnsembleOptions& options, Index columns) {
    options_ = options;
    archive.enter("scaler.", [&] { scaler_.visit(archive, columns); });
    if (options.whiten) archive.enter("whitening.", [&] { whitening_.visit(archive, columns); });
    if (models_.empty()) make_models(columns, Seed{});
    Eigen::RowVectorXf values = parameters();
    archive("parameters", values, 1, values.size());
    set_parameters(values);
  }

 private:
  /// The most rows that a covariance is made of.
  static constexpr std::size_t most_rows = 20'000;

  void make_models(Index columns, Seed seed);
  void set_parameters(const Eigen::RowVectorXf& values);
  /// w.
  [[nodiscard]] Matrix<double> transform(const Matrix<double>& rows) const;
  /// The numbers of the rows of least length, all but the trimmed ones.
  [[nodiscard]] std::vector<Index> core(const Matrix<double>& rows) const;

  TableEnsembleOptions options_;
  ColumnScaler scaler_;
  Whitening whitening_;
  std::vector<TableModel<Widths>> models_;
};

// Outside of the class they are not implicitly inline, so that `extern template` keeps a compiler from making them.

template <class Widths>
TableEnsemble<Widths>::TableEnsemble(const Matrix<double>& rows, const TableEnsembleOptions& options, Seed seed,
                                     Index threads)
    : options_(options), scaler_(rows, options.scaling) {
  if (options.whiten) {
    const Matrix<double> scaled = scaler_.transform(rows, options.limit);
    std::vector<Index> some = core(scaled);
    // In random order, so that where a part of them is enough, it is any part.
    Random(seed, Stream::shuffle).shuffle(some);
    some.resize(std::min(some.size(), most_rows));
    whitening_ = Whitening(select_rows(scaled, some), options.shrinkage);
  }
  make_models(rows.cols(), seed);
  train(rows, seed, threads);
}

template <class Widths>
void TableEnsemble<Widths>::train(const Matrix<double>& rows, Seed seed, Index threads) {
  const Matrix<float> all = transform(rows).template cast<float>();
  const Matrix<float> trimmed = select_rows(all, core(all.template cast<double>()));
  Workers workers(Workers::count(threads, std::ssize(models_)));
  workers.run(workers.size(), [&](int id) {
    for (auto k = static_cast<std::size_t>(id); k < models_.size(); k += static_cast<std::size_t>(workers.size())) {
      TableTraining training = options_.training;
      training.seed = Seed{Random(seed, Stream::parameters, k)()};
      models_[k].train(k % 2 == 0 ? trimmed : all, training);
    }
  });
}

template <class Widths>
Matrix<double> TableEnsemble<Widths>::errors(const Matrix<double>& rows, Index threads) const {
  Matrix<double> mean = Matrix<double>::Zero(rows.rows(), rows.cols());
  // In stretches, so that many rows take little memory.
  constexpr Index stretch = 4096;
  const Index stretches = (rows.rows() + stretch - 1) / stretch;
  Workers workers(Workers::count(threads, stretches));
  workers.run(workers.size(), [&](int id) {
    for (Index k = id; k < stretches; k += workers.size()) {
      const Index first = k * stretch, count = std::min(stretch, rows.rows() - first);
      const Matrix<float> white = transform(rows.middleRows(first, count)).template cast<float>();
      for (const auto& model : models_)
        mean.middleRows(first, count) +=
            (white - model.reconstruct(white)).array().square().log1p().matrix().template cast<double>();
    }
  });
  return mean / static_cast<double>(models_.size());
}

template <class Widths>
Eigen::RowVectorXf TableEnsemble<Widths>::parameters() const {
  std::vector<float> all;
  for (const auto& model : models_) {
    const std::vector<float> part = model.parameters();
    all.insert(all.end(), part.begin(), part.end());
  }
  return Eigen::Map<const Eigen::RowVectorXf>(all.data(), std::ssize(all));
}

template <class Widths>
void TableEnsemble<Widths>::set_parameters(const Eigen::RowVectorXf& values) {
  std::span<const float> rest(values.data(), static_cast<std::size_t>(values.size()));
  for (auto& model : models_) rest = model.set_parameters(rest);
}

template <class Widths>
void TableEnsemble<Widths>::make_models(Index columns, Seed seed) {
  Random seeds(seed, Stream::parameters);
  for (Index member = 0; member < options_.members; ++member) models_.emplace_back(columns, Seed{seeds()});
}

template <class Widths>
Matrix<double> TableEnsemble<Widths>::transform(const Matrix<double>& rows) const {
  Matrix<double> scaled = scaler_.transform(rows, options_.limit);
  return options_.whiten ? whitening_.transform(scaled, options_.limit) : scaled;
}

template <class Widths>
std::vector<Index> TableEnsemble<Widths>::core(const Matrix<double>& rows) const {
  const Eigen::VectorXd lengths = rows.rowwise().squaredNorm();
  std::vector<Index> order(static_cast<std::size_t>(rows.rows()));
  std::iota(order.begin(), order.end(), Index{0});
  std::ranges::stable_sort(order, [&](Index a, Index b) { return lengths[a] < lengths[b]; });
  const double kept = std::ceil((1 - options_.trimmed) * static_cast<double>(rows.rows()));
  order.resize(static_cast<std::size_t>(std::max(kept, 1.0)));
  return order;
}

}  // namespace eigencoder::inline EIGENCODER_TARGET
