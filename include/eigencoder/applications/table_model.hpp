#pragma once

#include <eigencoder/applications/select_rows.hpp>
#include <eigencoder/core/target.hpp>
#include <eigencoder/layers/dense.hpp>
#include <eigencoder/models/any_width.hpp>
#include <eigencoder/noise/noise.hpp>
#include <eigencoder/optimizers/adam.hpp>
#include <eigencoder/training/fit_any_width.hpp>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

namespace eigencoder::inline EIGENCODER_TARGET {

/// The model of a table's rows, d - 64 - d, for each number of columns that it is compiled for.
template <Index Width>
using TableAutoencoder =
    Autoencoder<Sequential<Shape{Width}, Dense<64, eigencoder::tanh>>, Sequential<Shape{64}, Dense<Width>>>;

using TableWidths = std::integer_sequence<Index, 8, 16, 32, 64, 128, 256>;

struct TableTraining {
  Index steps = 200;
  Index batch_size = 32;
  double learning_rate = 1e-3;
  /// The standard deviation of what is added to the values that the model sees.
  double noise = 1;
  Seed seed{};
};

/// A denoising autoencoder of rows of any number of columns. More columns than the largest compiled width are dealt
/// out, as they stand, to several models of nearly equal width.
/// Source: Vincent, Larochelle, Bengio, Manzagol, "Extracting and composing robust features with denoising
/// autoencoders", 2008.
template <class Widths = TableWidths>
class TableModel {
 public:
  TableModel() = default;
  TableModel(Index columns, Seed seed);

  /// `steps` training steps, or one epoch if that is more; with many rows on a random part of them. One thread.
  void train(const Matrix<float>& rows, const TableTraining& training);

  /// y for each row x.
  [[nodiscard]] Matrix<float> reconstruct(const Matrix<float>& rows) const;

  /// A copy of all parameters, model by model.
  [[nodiscard]] std::vector<float> parameters() const;
  /// Takes the model's parameters from the front of these, and returns the rest.
  std::span<const float> set_parameters(std::span<const float> parameters);

 private:
  template <class List>
  struct Compiled;
  template <Index... W>
  struct Compiled<std::integer_sequence<Index, W...>> {
    using type = AnyWidth<TableAutoencoder, W...>;
  };
  using Model = typename Compiled<Widths>::type;

  std::vector<Model> models_;
};

// Outside of the class, where they are not implicitly inline: see TableEnsemble.

template <class Widths>
TableModel<Widths>::TableModel(Index columns, Seed seed) {
  const Index parts = (columns + Model::largest - 1) / Model::largest;
  Random seeds(seed, Stream::parameters);
  for (Index part = 0; part < parts; ++part)
    models_.emplace_back(columns * (part + 1) / parts - columns * part / parts, Seed{seeds()});
}

template <class Widths>
void TableModel<Widths>::train(const Matrix<float>& rows, const TableTraining& training) {
  std::vector<Index> chosen(static_cast<std::size_t>(rows.rows()));
  std::iota(chosen.begin(), chosen.end(), Index{0});
  const Index seen = training.steps * training.batch_size;
  if (seen < rows.rows()) {
    Random(training.seed, Stream::shuffle).shuffle(chosen);
    chosen.resize(static_cast<std::size_t>(seen));
  }
  const auto epochs = static_cast<Index>(std::lround(static_cast<double>(seen) / static_cast<double>(chosen.size())));
  FitOptions options{.epochs = std::max<Index>(epochs, 1),
                     .batch_size = training.batch_size,
                     .seed = training.seed,
                     .threads = 1,
                     .progress = false,
                     .warnings = false};
  if (training.noise > 0) options.corruption = GaussianNoise{.stddev = training.noise, .clip = false};
  const Matrix<float> samples = select_rows(rows, chosen);
  Index first = 0;
  for (Model& model : models_) {
    const Matrix<float> part = samples.middleCols(first, model.width());
    fit(model, part, MeanSquaredError{}, Adam{.learning_rate = training.learning_rate}, options);
    first += model.width();
  }
}

template <class Widths>
Matrix<float> TableModel<Widths>::reconstruct(const Matrix<float>& rows) const {
  Matrix<float> all(rows.rows(), rows.cols());
  Index first = 0;
  for (const Model& model : models_) {
    const Matrix<float> part = rows.middleCols(first, model.width());
    all.middleCols(first, model.width()) = model.reconstruct(part);
    first += model.width();
  }
  return all;
}

template <class Widths>
std::vector<float> TableModel<Widths>::parameters() const {
  std::vector<float> all;
  for (const Model& model : models_) {
    const std::vector<float> part = model.parameters();
    all.insert(all.end(), part.begin(), part.end());
  }
  return all;
}

template <class Widths>
std::span<const float> TableModel<Widths>::set_parameters(std::span<const float> parameters) {
  for (Model& model : models_) {
    const std::size_t count = model.parameters().size();
    model.set_parameters(parameters.first(count));
    parameters = parameters.subspan(count);
  }
  return parameters;
}

}  // namespace eigencoder::inline EIGENCODER_TARGET
