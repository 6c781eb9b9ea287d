#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/data/dataset.hpp>
#include <eigencoder/network/check_values.hpp>
#include <eigencoder/network/single_network.hpp>
#include <eigencoder/threads/workers.hpp>

namespace eigencoder::inline EIGENCODER_TARGET::network {

/// Whether many samples, too, are better taken one at a time, in the second layout: the first one's activations, those
/// of a sample times the lanes and more, are far from any cache then. But a micro-batch reads the parameters once for
/// all its samples, which decides where they are many. As measured on models of images with sides of 28 to 128 pixels;
/// a property of the model alone, so that a sample's result depends on nothing else.
template <class Scalar, class Bound>
inline constexpr bool one_by_one = false;
template <class Scalar, class... Layers>
inline constexpr bool one_by_one<Scalar, List<Layers...>> = [] {
  constexpr Index activations = (Layers::output.size() + ...), parameters = (parameter_count<Layers> + ...);
  return (HasSingleForm<Layers, Scalar> && ...) && activations * static_cast<Index>(sizeof(Scalar)) >= 512 * 1024 &&
         parameters <= 16 * activations;
}();

/// Stages First ... Last - 1 of a SingleNetwork on every sample: one row of the result a sample. Labels are those of
/// the data; `classes` is how many there may be, 0 if the stages take none.
template <class Network, int First, int Last>
Matrix<typename Network::Scalar> predict_one_by_one(std::span<const typename Network::Scalar> parameters,
                                                    const Dataset& data, int classes, Index threads) {
  using Scalar = typename Network::Scalar;
  constexpr Index inputs = Network::template layout<First>.shape.size();
  require_labels(classes, data);
  Buffer<Scalar> panel(static_cast<std::size_t>(Network::panel_size));
  Network::pack(parameters.data(), panel.data());
  Matrix<Scalar> rows(data.size(), Network::template layout<Last>.shape.size());
  Workers workers(Workers::count(threads, data.size()));
  workers.run(workers.size(), [&](int id) {
    Buffer<Scalar> workspace(static_cast<std::size_t>(Network::workspace_size)), x(static_cast<std::size_t>(inputs));
    data.visit([&](const auto& read) {
      for (Index sample = id; sample < data.size(); sample += workers.size()) {
        read(sample, 0, inputs, x.data());
        const int label = classes > 0 ? data.labels()[static_cast<std::size_t>(sample)] : -1;
        Network::template run<First, Last>(x.data(), panel.data(), workspace.data(), label, rows.row(sample).data());
      }
    });
  });
  return rows;
}

}  // namespace eigencoder::inline EIGENCODER_TARGET::network
