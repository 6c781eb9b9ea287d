#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/kernels/channels/codes.hpp>
#include <eigencoder/layers/layer.hpp>
#include <limits>
#include <span>

namespace eigencoder::inline EIGENCODER_TARGET {

/// Keeps the K largest values of each sample and sets the others to 0: y(i) = x(i) if x(i) >= t, the K-th largest of
/// the x(j), else 0.  dx(i) = dy(i) where x(i) was kept. Values equal to t are all kept.
///
/// After a linear layer it makes a k-sparse autoencoder. Source: Makhzani, Frey, "k-sparse autoencoders", 2014.
template <Index K>
struct TopK {
  static_assert(K > 0, "TopK: K must be at least 1");

  template <Shape In>
  struct Layer : Stateless {
    static_assert(K <= In.size(), "TopK: the input has fewer than K values");

    static constexpr std::string_view name = "TopK";
    static constexpr Operation operation{.kind = Operation::Kind::largest, .count = K};
    static std::string details() { return std::to_string(K); }
    static constexpr Shape input = In;
    static constexpr Shape output = In;
    template <class Scalar>
    using Single = kernels::channels::Largest<Scalar, K>;

    /// The K largest values, in descending order: the last one is the threshold t.
    template <class Pack>
    static constexpr Index cache_size = K;

    template <class Pack, Layout X, class Y>
    static void forward(const Arguments<Pack>& a, FeatureMap<const Pack, X> x, Y y) {
      find_largest(x, a.cache);
      const Pack threshold = a.cache[K - 1];
      // A NaN is neither above nor below: it stays what it is.
      for_each_cell(In, [&](Index c, Index i, Index j) {
        const Pack value = x(c, i, j);
        y(c, i, j) = select(value < threshold, Pack(0), value);
      });
    }

    template <class Pack, Layout X, Layout YL, Layout DY, class DX>
    static void backward(const Arguments<Pack>& a, FeatureMap<const Pack, X> x, FeatureMap<const Pack, YL>,
                         FeatureMap<const Pack, DY> dy, DX dx, Gradient<Pack>) {
      if constexpr (DX::wanted)
        for_each_cell(
            In, [&](Index c, Index i, Index j) { dx(c, i, j) = keep(a.cache[K - 1] <= x(c, i, j), dy(c, i, j)); });
    }

   private:
    /// Each lane's K largest values: the largest so far, in descending order, through which every new value sinks to
    /// its place.
    template <class Pack, Layout X>
    static void find_largest(FeatureMap<const Pack, X> x, Pack* largest) {
      std::fill_n(largest, K, Pack(-std::numeric_limits<typename Pack::Scalar>::infinity()));
      for_each_cell(In, [&](Index c, Index i, Index j) {
        Pack value = x(c, i, j);
        for (Pack& place : std::span(largest, static_cast<std::size_t>(K))) {
          const Pack smaller = min(place, value);
          place = max(place, value);
          value = smaller;
        }
      });
    }
  };
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
