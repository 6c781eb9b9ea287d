#pragma once

#include <cassert>
#include <eigencoder/core/target.hpp>
#include <eigencoder/models/encoder_decoder.hpp>
#include <eigencoder/network/single_network.hpp>
#include <eigencoder/simd/vector.hpp>
#include <optional>
#include <span>

namespace eigencoder::inline EIGENCODER_TARGET {

/// A trained model for one sample at a time, where the answer is wanted at once:
///
///     Predictor predictor(model);
///     predictor.reconstruct(x, y);  // spans of the input's size, values in (height, width, channels) order
///
/// It computes what the model's own `encode`, `decode` and `reconstruct` do, to rounding, but with a sample's channels
/// as SIMD lanes in place of a micro-batch's samples. All memory is taken at construction: no call allocates, locks or
/// throws, as long as the model's own layers do not. Sizes are asserted, labels too: a model with ConcatenateLabel
/// needs one.
///
/// It has a copy of the parameters as they were at construction; `refresh` takes new ones. One thread at a time may use
/// the predictor's own workspace. Overloads that take another are const and may be called from many threads at once,
/// each with a Workspace of its own, unless `refresh` runs. Numbers that are denormal are left to the mode of the
/// calling thread.
template <class Model>
class Predictor {
  using Network = typename Model::SingleNetwork;
  static constexpr int code = Model::single_code;

 public:
  using Scalar = typename Model::Scalar;
  using Input = std::span<const Scalar>;
  using Output = std::span<Scalar>;

  /// What one thread needs: the activations of one sample.
  class Workspace {
   public:
    Workspace() : memory_(static_cast<std::size_t>(Network::workspace_size)) {}
    static constexpr Index bytes() { return Network::workspace_size * static_cast<Index>(sizeof(Scalar)); }

   private:
    friend Predictor;
    Buffer<Scalar> memory_;
  };

  /// Throws std::invalid_argument if the model was moved from.
  explicit Predictor(const Model& model) : panel_(static_cast<std::size_t>(Network::panel_size)) { refresh(model); }

  /// Takes the parameters as they are now.
  void refresh(const Model& model) { Network::pack(model.parameters().data(), panel_.data()); }

  /// h from x.
  void encode(Input x, Output h, std::optional<int> label = {}) noexcept { encode(x, h, workspace_, label); }
  void encode(Input x, Output h, Workspace& workspace, std::optional<int> label = {}) const noexcept {
    run<0, code>(x, h, workspace, label);
  }

  /// y from h.
  void decode(Input h, Output y, std::optional<int> label = {}) noexcept { decode(h, y, workspace_, label); }
  void decode(Input h, Output y, Workspace& workspace, std::optional<int> label = {}) const noexcept {
    run<code, Network::count>(h, y, workspace, label);
  }

  /// y from x.
  void reconstruct(Input x, Output y, std::optional<int> label = {}) noexcept { reconstruct(x, y, workspace_, label); }
  void reconstruct(Input x, Output y, Workspace& workspace, std::optional<int> label = {}) const noexcept {
    run<0, Network::count>(x, y, workspace, label);
  }

  /// The mean of (y - x)^2.
  [[nodiscard]] Scalar reconstruction_error(Input x, std::optional<int> label = {}) noexcept {
    return reconstruction_error(x, workspace_, label);
  }
  [[nodiscard]] Scalar reconstruction_error(Input x, Workspace& workspace,
                                            std::optional<int> label = {}) const noexcept {
    const Output y(workspace.memory_.data() + Network::output_offset, x.size());
    reconstruct(x, y, workspace, label);
    return mean_squared_error(x.data(), y.data());
  }

 private:
  template <int First, int Last>
  void run(Input from, Output to, Workspace& workspace, std::optional<int> label) const noexcept {
    assert(static_cast<Index>(from.size()) == Network::template layout<First>.shape.size());
    assert(static_cast<Index>(to.size()) == Network::template layout<Last>.shape.size());
    assert((Model::Network::template classes<0, Model::Network::count>() == 0 || label));
    Network::template run<First, Last>(from.data(), panel_.data(), workspace.memory_.data(), label.value_or(-1),
                                       to.data());
  }

  static Scalar mean_squared_error(const Scalar* x, const Scalar* y) {
    constexpr Index size = Model::input.size();
    alignas(simd::alignment) Scalar sums[simd::lanes<Scalar>]{};
    simd::for_each_vector<Scalar, size>([&](auto lanes, Index k) __attribute__((always_inline)) {
      const auto distance = simd::load<lanes>(y + k) - simd::load<lanes>(x + k);
      simd::store<lanes>(sums, simd::load<lanes>(static_cast<const Scalar*>(sums)) + distance * distance);
    });
    return sum(Register<Scalar>::load(sums)) / static_cast<Scalar>(size);
  }

  Buffer<Scalar> panel_;
  Workspace workspace_;
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
