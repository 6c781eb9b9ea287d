#pragma once

/// The only file that touches Eigen's internal packet functions: one SIMD register as a value.
///
/// `Register<float>` is 16 floats with AVX-512, 8 with AVX2, 4 with SSE and NEON, and 1 where Eigen is told not to
/// vectorise. Everything above is written once for all of them.

#include <cmath>
#include <eigencoder/core/eigen.hpp>
#include <eigencoder/core/target.hpp>

// See core/eigen.hpp; and vector types lose their attributes as template arguments, which is harmless here.
#if !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wignored-attributes"
#endif

namespace eigencoder::inline EIGENCODER_TARGET {

using Index = Eigen::Index;

namespace simd {

template <class Scalar>
using Packet = typename Eigen::internal::packet_traits<Scalar>::type;

/// Scalars in a register.
template <class Scalar>
inline constexpr int lanes = Eigen::internal::unpacket_traits<Packet<Scalar>>::size;

/// Registers of the target that a kernel may plan with: 32 with AVX-512 and AArch64, else 16.
inline constexpr int register_count =
#if defined(__AVX512F__) || defined(__aarch64__)
    32;
#else
    16;
#endif

/// Every activation buffer starts on such a boundary: a cache line, and the widest register.
inline constexpr std::size_t alignment = 64;

/// Calls f(0), f(1) ... f(N - 1) as straight-line code, so that arrays indexed by the argument live in registers.
/// A pragma and not a fold over an index_sequence: the same code, compiled twice as fast.
template <int N, class Function>
[[gnu::always_inline]] inline void unroll(Function&& f) {
#pragma GCC unroll 64
  for (int i = 0; i < N; ++i) f(i);
}

}  // namespace simd

/// One SIMD register of `Scalar`s. Comparisons give masks: registers with all bits of a lane set or none.
template <class Scalar_>
struct Register {
  using Scalar = Scalar_;
  using Packet = simd::Packet<Scalar>;
  static constexpr int lanes = simd::lanes<Scalar>;

  Packet packet;

  Register() = default;
  [[gnu::always_inline]] explicit(false) Register(const Packet& p)
    requires(lanes > 1)
      : packet(p) {}
  /// All lanes equal.
  [[gnu::always_inline]] explicit(false) Register(Scalar value) : packet(Eigen::internal::pset1<Packet>(value)) {}

  /// From an address aligned to the register's size.
  [[gnu::always_inline]] static Register load(const Scalar* from) { return {Eigen::internal::pload<Packet>(from)}; }
  [[gnu::always_inline]] static Register load_unaligned(const Scalar* from) {
    return {Eigen::internal::ploadu<Packet>(from)};
  }
  /// All lanes equal to *from.
  [[gnu::always_inline]] static Register broadcast(const Scalar* from) {
    return {Eigen::internal::pset1<Packet>(*from)};
  }
  [[gnu::always_inline]] void store(Scalar* to) const { Eigen::internal::pstore(to, packet); }
  [[gnu::always_inline]] void store_unaligned(Scalar* to) const { Eigen::internal::pstoreu(to, packet); }

  [[gnu::always_inline]] friend Register operator+(Register a, Register b) {
    return {Eigen::internal::padd(a.packet, b.packet)};
  }
  [[gnu::always_inline]] friend Register operator-(Register a, Register b) {
    return {Eigen::internal::psub(a.packet, b.packet)};
  }
  [[gnu::always_inline]] friend Register operator-(Register a) { return {Eigen::internal::pnegate(a.packet)}; }
  [[gnu::always_inline]] friend Register operator*(Register a, Register b) {
    return {Eigen::internal::pmul(a.packet, b.packet)};
  }
  [[gnu::always_inline]] friend Register operator/(Register a, Register b) {
    return {Eigen::internal::pdiv(a.packet, b.packet)};
  }
  [[gnu::always_inline]] Register& operator+=(Register b) { return *this = *this + b; }
  [[gnu::always_inline]] Register& operator-=(Register b) { return *this = *this - b; }
  [[gnu::always_inline]] Register& operator*=(Register b) { return *this = *this * b; }

  /// a * b + c, rounded once where the target has fused multiply-add.
  [[gnu::always_inline]] friend Register multiply_add(Register a, Register b, Register c) {
    return {Eigen::internal::pmadd(a.packet, b.packet, c.packet)};
  }
  /// Of two numbers; where either is NaN, a.
  [[gnu::always_inline]] friend Register max(Register a, Register b) {
    return {Eigen::internal::pmax(a.packet, b.packet)};
  }
  /// Likewise.
  [[gnu::always_inline]] friend Register min(Register a, Register b) {
    return {Eigen::internal::pmin(a.packet, b.packet)};
  }
  [[gnu::always_inline]] friend Register abs(Register a) { return {Eigen::internal::pabs(a.packet)}; }
  [[gnu::always_inline]] friend Register sqrt(Register a) { return {Eigen::internal::psqrt(a.packet)}; }

  /// In float 2^n p(a - n log 2), n the whole number nearest to a / log 2, for a in [-87, 88.37] and at its ends
  /// beyond: in the same operations on every target, which Eigen's are not. Source of the polynomial: Cephes, expf.
  [[gnu::always_inline]] friend Register exp(Register a) {
    if constexpr (requires { times_power_of_two(a, a); }) {
      constexpr double p[] = {1.9875691500e-4, 1.3981999507e-3, 8.3334519073e-3,
                              4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1};
      const auto all = [](double x) __attribute__((always_inline)) { return Register(static_cast<Scalar>(x)); };
      const Register magic = all(0x1.8p23);  // beside it, a float has no room for fractions
      const Register bounded = max(min(a, all(88.37)), all(-87));
      const Register shifted = multiply_add(bounded, all(1.44269504088896341), magic), n = shifted - magic;
      const Register rest = multiply_add(n, all(2.12194440e-4), multiply_add(n, all(-0.693359375), bounded));
      Register sum = all(p[0]);
      simd::unroll<5>([&](int k) __attribute__((always_inline)) { sum = multiply_add(sum, rest, all(p[k + 1])); });
      return times_power_of_two(multiply_add(sum, rest * rest, rest) + all(1), shifted);
    } else if constexpr (vectorised<Eigen::internal::packet_traits<Scalar>::HasExp>) {
      return {Eigen::internal::pexp(a.packet)};
    } else {
      return a.map([](Scalar x) { return std::exp(x); });
    }
  }
  [[gnu::always_inline]] friend Register log(Register a) {
    if constexpr (vectorised<Eigen::internal::packet_traits<Scalar>::HasLog>) {
      return {Eigen::internal::plog(a.packet)};
    } else {
      return a.map([](Scalar x) { return std::log(x); });
    }
  }
  [[gnu::always_inline]] friend Register tanh(Register a) {
    if constexpr (vectorised<Eigen::internal::packet_traits<Scalar>::HasTanh> && sizeof(Scalar) == 4) {
      return {Eigen::internal::ptanh(a.packet)};
    } else {
      return a.map([](Scalar x) { return std::tanh(x); });
    }
  }

  // Registers are compared and selected by the compiler's own vector operations: it then sees that a mask only selects
  // and keeps it in a mask register, while Eigen's functions write it out as lanes and read it back (3 % of a conv
  // step).
  [[gnu::always_inline]] friend Register operator<(Register a, Register b) {
    if constexpr (lanes > 1) {
      return {Packet(a.packet < b.packet)};
    } else {
      return {Eigen::internal::pcmp_lt(a.packet, b.packet)};
    }
  }
  [[gnu::always_inline]] friend Register operator<=(Register a, Register b) {
    if constexpr (lanes > 1) {
      return {Packet(a.packet <= b.packet)};
    } else {
      return {Eigen::internal::pcmp_le(a.packet, b.packet)};
    }
  }
  [[gnu::always_inline]] friend Register operator>(Register a, Register b) { return b < a; }
  [[gnu::always_inline]] friend Register operator>=(Register a, Register b) { return b <= a; }
  [[gnu::always_inline]] friend Register operator==(Register a, Register b) {
    if constexpr (lanes > 1) {
      return {Packet(a.packet == b.packet)};
    } else {
      return {Eigen::internal::pcmp_eq(a.packet, b.packet)};
    }
  }
  [[gnu::always_inline]] friend Register is_nan(Register a) {
    if constexpr (lanes > 1) {
      return {Packet(a.packet != a.packet)};
    } else {
      return {std::isnan(a.packet) ? Eigen::internal::ptrue(a.packet) : Scalar(0)};
    }
  }
  /// Where one of two masks is set.
  [[gnu::always_inline]] friend Register either(Register mask, Register other) {
    if constexpr (lanes > 1) {
      using Bits = decltype(mask.packet == mask.packet);
      return {Packet(Bits(mask.packet) | Bits(other.packet))};
    } else {
      return {Eigen::internal::por(mask.packet, other.packet)};
    }
  }
  /// mask ? a : b, lane by lane.
  [[gnu::always_inline]] friend Register select(Register mask, Register a, Register b) {
    if constexpr (lanes > 1) {
      using Bits = decltype(mask.packet == mask.packet);
      return {Bits(mask.packet) != 0 ? a.packet : b.packet};
    } else {
      return {Eigen::internal::pselect(mask.packet, a.packet, b.packet)};
    }
  }
  /// mask ? a : 0, lane by lane: cheaper than select.
  [[gnu::always_inline]] friend Register keep(Register mask, Register a) {
    if constexpr (lanes > 1) {
      return select(mask, a, Register(Scalar(0)));
    } else {
      return {Eigen::internal::pand(mask.packet, a.packet)};
    }
  }

  /// y 2^n where n is a whole number given as n + 1.5 2^23, a float whose low bits are n. y and the result must be
  /// normal.
  [[gnu::always_inline]] friend Register times_power_of_two(Register y, Register n)
    requires(lanes > 1 && sizeof(Scalar) == 4)
  {
    using Integers = typename Eigen::internal::unpacket_traits<Packet>::integer_packet;
    const Integers bits = Eigen::internal::preinterpret<Integers>(n.packet);
    const Integers exponents = Eigen::internal::plogical_shift_left<23>(bits);
    const Integers sum = Eigen::internal::padd(Eigen::internal::preinterpret<Integers>(y.packet), exponents);
    return {Eigen::internal::preinterpret<Packet>(sum)};
  }

  /// The sum of all lanes.
  [[gnu::always_inline]] friend Scalar sum(Register a) { return Eigen::internal::predux(a.packet); }

  /// f on every lane, one at a time: for functions without a vector form.
  template <class Function>
  [[nodiscard]] Register map(Function&& f) const {
    alignas(simd::alignment) Scalar values[lanes];
    store(values);
    for (Scalar& value : values) value = f(value);
    return load(values);
  }

 private:
  template <bool Has>
  static constexpr bool vectorised = Has && lanes > 1;
};

/// The register of lanes `From...` of the concatenation (a, b).
template <int... From, class Scalar>
[[gnu::always_inline]] inline Register<Scalar> shuffle(Register<Scalar> a, Register<Scalar> b) {
  static_assert(sizeof...(From) == Register<Scalar>::lanes, "shuffle: a source for every lane");
  return {simd::Packet<Scalar>(__builtin_shufflevector(a.packet, b.packet, From...))};
}

/// Transposes the square of `lanes` registers: lane l of register k becomes lane k of register l.
template <class Scalar>
[[gnu::always_inline]] inline void transpose(Register<Scalar> (&square)[Register<Scalar>::lanes]) {
  constexpr int n = Register<Scalar>::lanes;
  if constexpr (n > 1) {
    Eigen::internal::PacketBlock<simd::Packet<Scalar>, n> block;
    simd::unroll<n>([&](int k) __attribute__((always_inline)) { block.packet[k] = square[k].packet; });
    Eigen::internal::ptranspose(block);
    simd::unroll<n>([&](int k) __attribute__((always_inline)) { square[k].packet = block.packet[k]; });
  }
}

}  // namespace eigencoder::inline EIGENCODER_TARGET

#if !defined(__clang__)
#pragma GCC diagnostic pop
#endif
