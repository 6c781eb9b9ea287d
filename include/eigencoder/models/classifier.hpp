#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/models/encoder_decoder.hpp>
#include <vector>

namespace eigencoder::inline EIGENCODER_TARGET {

/// p_k = exp(z_k) / sum_j exp(z_j) of each row of logits. Keras: softmax.
template <class Scalar>
[[nodiscard]] Matrix<Scalar> softmax(Matrix<Scalar> logits) {
  logits = (logits.colwise() - logits.rowwise().maxCoeff().eval()).array().exp();
  logits.array().colwise() /= logits.rowwise().sum().array().eval();
  return logits;
}

/// The column of each row's largest value; the first of several.
template <class Scalar>
[[nodiscard]] std::vector<int> largest_columns(const Matrix<Scalar>& rows) {
  std::vector<int> columns(static_cast<std::size_t>(rows.rows()));
  for (Index i = 0; i < rows.rows(); ++i) rows.row(i).maxCoeff(&columns[static_cast<std::size_t>(i)]);
  return columns;
}

/// An encoder x -> h and, in the place of a decoder, a head h -> z that gives the logits of the classes, trained so
/// that softmax(z) is near the classes' probabilities. A value: copies copy.
///
///     using Encoder = Sequential<Shape{784}, Dense<64, relu>>;
///     Classifier<Encoder, Sequential<Encoder::output, Dense<10>>> model{Seed{1}};
///     fit(model, digits, CategoricalCrossentropy{}, Adam{}, {.epochs = 5, .targets = one_hot(digits.labels(), 10)});
///     accuracy(model.predict(test), test.labels());
///
/// The head ends in a linear layer; the softmax is part of the loss. `encode` gives h, the features that the last layer
/// sees. The head's tensors are "decoder.<i>...". The other members are inherited from EncoderDecoder, see there.
template <class Encoder, class Head, class Scalar = float>
class Classifier : public EncoderDecoder<Encoder, network::List<>, Head, Scalar> {
  static_assert(ShapesMatch<Head::input, Encoder::output>::value,
                "Classifier: the head's input shape must be the encoder's output shape (Encoder::output); compare "
                "ShapesMatch<head's, encoder's>");
  static_assert(Head::output.is_flat() && Head::output.size() > 1,
                "Classifier: the head's output must be flat, a logit for each of at least two classes");

  using Base = EncoderDecoder<Encoder, network::List<>, Head, Scalar>;
  using Base::decode, Base::reconstruct, Base::reconstruction_error;

 public:
  using Base::Base;

  static constexpr Index classes = Head::output.size();

  /// z, one row a sample.
  [[nodiscard]] Matrix<Scalar> logits(const Dataset& data, Index threads = 1) const {
    network::require_features(data, Base::input, "logits");
    return reconstruct(data, threads);
  }

  /// The classes' probabilities softmax(z), one row a sample. scikit-learn: predict_proba.
  [[nodiscard]] Matrix<Scalar> predict_proba(const Dataset& data, Index threads = 1) const {
    return softmax(logits(data, threads));
  }

  /// Each sample's most probable class. scikit-learn: predict.
  [[nodiscard]] std::vector<int> predict(const Dataset& data, Index threads = 1) const {
    return largest_columns(logits(data, threads));
  }
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
