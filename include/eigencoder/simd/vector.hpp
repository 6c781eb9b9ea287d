#pragma once

#include <cstring>
#include <eigencoder/core/target.hpp>
#include <eigencoder/simd/register.hpp>
#include <utility>

// Vector types lose their attributes as template arguments, which is harmless here.
#if !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wignored-attributes"
#endif

/// Vectors of 1, 2, 4 ... lanes, up to a register's: where lanes are channels, there may be fewer of them.
namespace eigencoder::inline EIGENCODER_TARGET::simd {

namespace detail {

template <class Scalar, int Lanes>
struct VectorOf {
  typedef Scalar type __attribute__((vector_size(Lanes * sizeof(Scalar))));
};
template <class Scalar>
struct VectorOf<Scalar, 1> {
  using type = Scalar;
};

}  // namespace detail

/// The compiler's own vector type; of one lane, the scalar itself.
template <class Scalar, int Lanes>
using Vector = typename detail::VectorOf<Scalar, Lanes>::type;

template <int Lanes, class Scalar>
[[gnu::always_inline]] inline Vector<Scalar, Lanes> load(const Scalar* from) {
  Vector<Scalar, Lanes> v;
  std::memcpy(&v, from, sizeof v);
  return v;
}

/// Stores the first `Count` lanes.
template <int Count, class Scalar, class V>
[[gnu::always_inline]] inline void store(Scalar* to, const V& v) {
  std::memcpy(to, &v, static_cast<std::size_t>(Count) * sizeof(Scalar));
}

namespace detail {

template <int Lanes, class Scalar, std::size_t... L>
[[gnu::always_inline]] inline Vector<Scalar, static_cast<int>(sizeof...(L))> repeat_lanes(Vector<Scalar, Lanes> v,
                                                                                          std::index_sequence<L...>) {
  return __builtin_shufflevector(v, v, (static_cast<int>(L) % Lanes)...);
}

/// [a0 + a1, a2 + a3, ..., b0 + b1, b2 + b3, ...].
template <class V, std::size_t... L>
[[gnu::always_inline]] inline V add_neighbours(V a, V b, std::index_sequence<L...>) {
  return __builtin_shufflevector(a, b, (2 * static_cast<int>(L))...) +
         __builtin_shufflevector(a, b, (2 * static_cast<int>(L) + 1)...);
}

}  // namespace detail

/// Lane l is from[l % Count]: one instruction for each Count, a broadcast of so many bytes.
template <int Lanes, int Count, class Scalar>
[[gnu::always_inline]] inline Vector<Scalar, Lanes> repeat(const Scalar* from) {
  using V = Vector<Scalar, Lanes>;
  [[maybe_unused]] constexpr std::size_t bytes = Count * sizeof(Scalar);
  if constexpr (Count == Lanes) {
    return load<Lanes>(from);
  } else if constexpr (Count == 1) {
    return *from - V{};
  } else if constexpr (bytes == sizeof(double)) {
    double both;
    std::memcpy(&both, from, sizeof both);
    return V(both - Vector<double, static_cast<int>(sizeof(V) / sizeof(double))>{});
    // g++ 12 does not find the other two.
#if defined(EIGEN_VECTORIZE_AVX512)
  } else if constexpr (sizeof(V) == 64 && bytes == 16) {
    return V(_mm512_broadcast_f32x4(_mm_loadu_ps(reinterpret_cast<const float*>(from))));
  } else if constexpr (sizeof(V) == 64 && bytes == 32) {
    return V(_mm512_broadcast_f64x4(_mm256_loadu_pd(reinterpret_cast<const double*>(from))));
#endif
#if defined(EIGEN_VECTORIZE_AVX)
  } else if constexpr (sizeof(V) == 32 && bytes == 16) {
    return V(_mm256_broadcast_ps(reinterpret_cast<const __m128*>(from)));
#endif
  } else {
    return detail::repeat_lanes<Count, Scalar>(load<Count>(from), std::make_index_sequence<Lanes>{});
  }
}

/// The sums over groups of `Group` neighbouring lanes of `Group` vectors, those of v[0] first.
template <int Group, int Lanes, class V>
[[gnu::always_inline]] inline V sum_groups(const V* v) {
  if constexpr (Group == 1) {
    return v[0];
  } else {
    V half[Group / 2];
    unroll<Group / 2>([&](int i) __attribute__((always_inline)) {
      half[i] = detail::add_neighbours(v[2 * i], v[2 * i + 1], std::make_index_sequence<Lanes>{});
    });
    return sum_groups<Group / 2, Lanes>(half);
  }
}

/// The larger of each lane; NaN where one is.
template <class V>
[[gnu::always_inline]] inline V max_or_nan(V a, V b) {
  return ((b > a) | (b != b)) ? b : a;
}

/// f of every lane, f being a function of registers.
template <class Scalar, int Lanes, class Function>
[[gnu::always_inline]] inline Vector<Scalar, Lanes> apply(const Function& f, Vector<Scalar, Lanes> v) {
  if constexpr (Lanes == Register<Scalar>::lanes) {
    return Vector<Scalar, Lanes>(f(Register<Scalar>(Packet<Scalar>(v))).packet);
  } else {
    alignas(alignment) Scalar values[Register<Scalar>::lanes]{};
    store<Lanes>(values, v);
    f(Register<Scalar>::load(values)).store(values);
    return load<Lanes>(static_cast<const Scalar*>(values));
  }
}

/// f(std::integral_constant<int, lanes>, first) for consecutive pieces of so many of `Count` channels: whole registers,
/// then vectors of half as many lanes and so on.
template <class Scalar, Index Count, int Lanes = lanes<Scalar>, class Function>
[[gnu::always_inline]] inline void for_each_vector(const Function& f, Index first = 0) {
  if constexpr (Count > 0) {
    constexpr Index whole = Count / Lanes * Lanes;
    for (Index c = 0; c < whole; c += Lanes) f(std::integral_constant<int, Lanes>{}, first + c);
    for_each_vector<Scalar, Count - whole, Lanes / 2>(f, first + whole);
  }
}

}  // namespace eigencoder::inline EIGENCODER_TARGET::simd

#if !defined(__clang__)
#pragma GCC diagnostic pop
#endif
