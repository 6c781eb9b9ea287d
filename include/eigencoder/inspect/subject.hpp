#pragma once

#include <eigencoder/core/range.hpp>
#include <eigencoder/core/target.hpp>
#include <eigencoder/inspect/code_use.hpp>
#include <eigencoder/inspect/layer_activity.hpp>
#include <eigencoder/losses/loss.hpp>
#include <eigencoder/network/output_range.hpp>
#include <functional>
#include <optional>
#include <vector>

namespace eigencoder::inline EIGENCODER_TARGET::inspect {

/// All that the doctor and a report ask of a model and the loss that it was trained with, whatever their types: so they
/// are compiled once for all models. The model must outlive it.
struct Subject {
  enum class Code { plain, variational, quantized };

  Code code;
  Index latent;
  std::vector<LayerInfo> layers;
  std::vector<NamedTensor> tensors;
  Index parameter_count;
  std::function<Eigen::VectorXd(const NamedTensor&)> values;
  std::function<std::vector<LayerActivity>(const Dataset&)> layer_activity;
  std::function<CodeUse(const Dataset&)> code_use;
  std::function<Matrix<double>(const Dataset&)> encode, reconstruct;
  /// Of codes, one a row; all with the label 0, if the decoder takes labels.
  std::function<Matrix<double>(const Matrix<double>&)> decode;
  /// What the model's last activation gives, and where the loss is defined.
  std::optional<Range> output_range;
  Range domain;
  bool accepts_missing;
  /// Whether the training loss is the same quantity in every epoch. A variational model's is not while beta is on its
  /// way up, and rises with it; in validation the end of beta's schedule counts.
  bool constant_loss;
};

template <class Model, class Loss>
[[nodiscard]] bool is_constant(const Loss& loss) {
  if constexpr (IsVariational<Model>) {
    if constexpr (IsLowerBound<Loss>) return loss.beta.is_constant();
    return false;
  }
  return true;
}

template <class Model, class Loss>
[[nodiscard]] Subject subject(const Model& model, const Loss& loss) {
  using Scalar = typename Model::Scalar;
  return {
      .code = IsVariational<Model> ? Subject::Code::variational
              : IsQuantized<Model> ? Subject::Code::quantized
                                   : Subject::Code::plain,
      .latent = Model::latent.size(),
      .layers = Model::layers(),
      .tensors = Model::tensors(),
      .parameter_count = Model::Network::parameter_count,
      .values = [&model](const NamedTensor& tensor) -> Eigen::VectorXd {
        return Eigen::Map<const Vector<Scalar>>(model.parameters().data() + tensor.offset, tensor.size())
            .template cast<double>();
      },
      .layer_activity = [&model](const Dataset& data) { return eigencoder::layer_activity(model, data); },
      .code_use = [&model](const Dataset& data) { return eigencoder::code_use(model, data); },
      .encode = [&model](const Dataset& data) -> Matrix<double> { return model.encode(data).template cast<double>(); },
      .reconstruct = [&model](const Dataset& data) -> Matrix<double> {
        return model.reconstruct(data).template cast<double>();
      },
      .decode = [&model](const Matrix<double>& codes) -> Matrix<double> {
        const Dataset data(Matrix<Scalar>(codes.template cast<Scalar>()));
        return model.decode(data.with_labels(std::vector<int>(static_cast<std::size_t>(codes.rows()), 0)))
            .template cast<double>();
      },
      .output_range = network::output_range<Model>,
      .domain = domain_of<Loss>,
      .accepts_missing = AcceptsMissing<Loss>,
      .constant_loss = is_constant<Model>(loss),
  };
}

}  // namespace eigencoder::inline EIGENCODER_TARGET::inspect
