#pragma once

/// Feature maps with memory of their own, filled at random, for tests of kernels and layers against their definitions.

#include <cmath>
#include <eigencoder/maps/sink.hpp>
#include <random>
#include <vector>

namespace test {

/// Aligned scalars, zero at first.
template <class Scalar>
class Buffer {
 public:
  explicit Buffer(std::size_t size) : memory_(Eigen::Array<Scalar, Eigen::Dynamic, 1>::Zero(padded(size))) {}
  [[nodiscard]] Scalar* data() { return aligned(); }

 private:
  static constexpr std::size_t slack = eigencoder::simd::alignment / sizeof(Scalar);
  static Eigen::Index padded(std::size_t size) { return static_cast<Eigen::Index>(size + slack); }
  Scalar* aligned() {
    const auto address = reinterpret_cast<std::uintptr_t>(memory_.data());
    const auto up =
        (address + eigencoder::simd::alignment - 1) / eigencoder::simd::alignment * eigencoder::simd::alignment;
    return reinterpret_cast<Scalar*>(up);
  }
  Eigen::Array<Scalar, Eigen::Dynamic, 1> memory_;
};

/// Numbers in [-1, 1), the same in every run.
class Random {
 public:
  template <class Scalar>
  Scalar value() {
    return static_cast<Scalar>(std::uniform_real_distribution<double>(-1, 1)(engine_));
  }
  template <class Scalar>
  std::vector<Scalar> values(std::size_t count) {
    std::vector<Scalar> result(count);
    for (Scalar& v : result) v = value<Scalar>();
    return result;
  }

 private:
  std::mt19937_64 engine_{7};
};

struct Identity {
  template <class Register>
  Register operator()(Register value, eigencoder::Index, eigencoder::Index, eigencoder::Index, int) const {
    return value;
  }
};

/// A feature map that owns its packs. The cells are random or zero, the border is zero.
template <class Pack, eigencoder::Layout L>
class KernelMap {
 public:
  using Index = eigencoder::Index;
  static constexpr eigencoder::Layout layout = L;

  KernelMap() : memory_(static_cast<std::size_t>(L.size() * Pack::lanes)) {}
  explicit KernelMap(Random& random) : KernelMap() {
    eigencoder::for_each_cell(L.shape, [&](Index c, Index i, Index j) {
      for (int l = 0; l < Pack::lanes; ++l) lane(c, i, j, l) = random.value<typename Pack::Scalar>();
    });
  }

  Pack& operator()(Index c, Index i, Index j) { return view()(c, i, j); }
  typename Pack::Scalar& lane(Index c, Index i, Index j, int l) {
    return memory_.data()[L.at(c, i, j) * Pack::lanes + l];
  }
  eigencoder::FeatureMap<Pack, L> view() {
    return eigencoder::FeatureMap<Pack, L>(reinterpret_cast<Pack*>(memory_.data()));
  }
  eigencoder::FeatureMap<const Pack, L> read() { return view(); }
  eigencoder::Sink<Pack, L, Identity> sink() { return {view(), Identity{}}; }

 private:
  Buffer<typename Pack::Scalar> memory_;
};

/// The largest difference between two maps of one shape.
template <class A, class B>
double distance(A& a, B& b) {
  double worst = 0;
  eigencoder::for_each_cell(A::layout.shape, [&](eigencoder::Index c, eigencoder::Index i, eigencoder::Index j) {
    constexpr int lanes = std::remove_cvref_t<decltype(a(0, 0, 0))>::lanes;
    for (int l = 0; l < lanes; ++l) {
      const double difference =
          std::abs(static_cast<double>(a.lane(c, i, j, l)) - static_cast<double>(b.lane(c, i, j, l)));
      worst = difference <= worst ? worst : difference;
    }
  });
  return worst;
}

}  // namespace test
