#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/network/layer_info.hpp>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace eigencoder::inline EIGENCODER_TARGET {

/// A model in training for those who do not know its type: its parameters with their names, which is all that `save`
/// takes of a model.
class ModelView {
 public:
  ModelView() = default;
  template <class Scalar>
  ModelView(std::span<const Scalar> parameters, const std::vector<NamedTensor>& tensors,
            const std::string& architecture)
      : parameters_(parameters), tensors_(&tensors), architecture_(&architecture) {}

  /// f(model), where the model has parameters(), tensors() and architecture().
  template <class Function>
  void visit(const Function& f) const {
    if (tensors_ == nullptr) return;
    std::visit([&]<class Scalar>(std::span<const Scalar> values) { f(Of<Scalar>{values, *tensors_, *architecture_}); },
               parameters_);
  }

 private:
  template <class Scalar>
  struct Of {
    std::span<const Scalar> values;
    const std::vector<NamedTensor>& names;
    const std::string& layers;

    [[nodiscard]] std::span<const Scalar> parameters() const { return values; }
    [[nodiscard]] const std::vector<NamedTensor>& tensors() const { return names; }
    [[nodiscard]] const std::string& architecture() const { return layers; }
  };

  std::variant<std::span<const float>, std::span<const double>> parameters_;
  const std::vector<NamedTensor>* tensors_ = nullptr;
  const std::string* architecture_ = nullptr;
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
