#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/maps/feature_map.hpp>
#include <span>

/// Between samples in memory, one a row, and packs, one sample a lane: squares of lanes x lanes values are transposed
/// in registers.
namespace eigencoder::inline EIGENCODER_TARGET::kernels {

/// read(sample, first, count, to) of any reader: it copies `count` values of a sample, from the feature `first` on. The
/// readers' types are many, and what fills lanes is compiled once for all of them.
template <class Scalar>
class RowReader {
 public:
  template <class Reader>
  explicit(false) RowReader(const Reader& reader)
      : reader_(&reader), read_([](const void* self, Index sample, Index first, Index count, Scalar* to) {
          (*static_cast<const Reader*>(self))(sample, first, count, to);
        }) {}
  void operator()(Index sample, Index first, Index count, Scalar* to) const {
    read_(reader_, sample, first, count, to);
  }

 private:
  const void* reader_;
  void (*read_)(const void*, Index, Index, Index, Scalar*);
};

/// Fills lane l of x with sample samples[l]. Lanes without a sample repeat the last one, so that they hold numbers that
/// any layer can take; whoever sums over lanes gives them the weight 0.
///
///     for (Index l = 0; l < Pack::lanes; ++l)
///       for (Index k = 0; k < features; ++k) x[k] lane l = feature k of sample samples[min(l, last)];
template <class Pack, Layout L>
[[gnu::noinline]] void load_lanes(const RowReader<typename Pack::Scalar>& read, std::span<const Index> samples,
                                  FeatureMap<Pack, L> x) {
  using Scalar = typename Pack::Scalar;
  using Register = typename Pack::Register;
  constexpr Index n = Register::lanes;
  constexpr Index features = L.shape.size();
  const auto last = static_cast<Index>(samples.size()) - 1;
  // Rows are converted in stretches long enough for the reader's loop to run vectorised, short enough to stay in L1.
  constexpr Index stretch = 256;
  alignas(simd::alignment) Scalar rows[n][stretch] = {};
  for (int r = 0; r < Pack::registers; ++r)
    for (Index start = 0; start < features; start += stretch) {
      const Index end = std::min(start + stretch, features);
      for (Index k = 0; k < n; ++k)
        read(samples[static_cast<std::size_t>(std::min(r * n + k, last))], start, end - start, rows[k]);
      for (Index first = start; first < end; first += n) {
        Register square[n];
        simd::unroll<n>([&](int k)
                            __attribute__((always_inline)) { square[k] = Register::load(rows[k] + (first - start)); });
        transpose<Scalar>(square);
        const Index count = std::min(n, end - first);
        for (Index k = 0; k < count; ++k) x[first + k].part[r] = square[k];
      }
    }
}

/// The reverse: row l of `rows`, `stride` scalars apart, gets lane l of y, for the first `samples` lanes.
///
///     for (Index l = 0; l < samples; ++l)
///       for (Index k = 0; k < features; ++k) rows[l * stride + k] = y[k] lane l;
template <class Pack, Layout L>
[[gnu::noinline]] void store_lanes(FeatureMap<const Pack, L> y, Index samples, typename Pack::Scalar* rows,
                                   Index stride) {
  using Scalar = typename Pack::Scalar;
  using Register = typename Pack::Register;
  constexpr Index n = Register::lanes;
  constexpr Index features = L.shape.size();
  for (int r = 0; r < Pack::registers && r * n < samples; ++r)
    for (Index first = 0; first < features; first += n) {
      const Index count = std::min(n, features - first);
      Register square[n];
      for (Index k = 0; k < n; ++k) square[k] = k < count ? y[first + k].part[r] : Register(Scalar(0));
      transpose<Scalar>(square);
      for (Index k = 0; k < std::min(n, samples - r * n); ++k) {
        alignas(simd::alignment) Scalar values[n];
        square[k].store(values);
        std::copy_n(values, count, rows + (r * n + k) * stride + first);
      }
    }
}

}  // namespace eigencoder::inline EIGENCODER_TARGET::kernels
