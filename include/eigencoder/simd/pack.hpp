#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/simd/register.hpp>

namespace eigencoder::inline EIGENCODER_TARGET {

/// One activation of a micro-batch: its value for each sample, a sample per lane. `Registers` SIMD registers hold
/// `Registers * Register<Scalar>::lanes` samples.
///
/// A layer's formula is written with packs as if they were numbers, `y += w * x`, and so runs for all samples at once.
template <class Scalar_, int Registers = 1>
struct Pack {
  using Scalar = Scalar_;
  using Register = eigencoder::Register<Scalar>;
  static constexpr int registers = Registers;
  static constexpr int lanes = Registers * Register::lanes;

  Register part[Registers];

  Pack() = default;
  /// All lanes equal.
  [[gnu::always_inline]] explicit(false) Pack(Scalar value) {
    simd::unroll<Registers>([&](int r) __attribute__((always_inline)) { part[r] = Register(value); });
  }

  [[gnu::always_inline]] static Pack load(const Scalar* from) {
    return generate([&](int r) __attribute__((always_inline)) { return Register::load(from + r * Register::lanes); });
  }
  [[gnu::always_inline]] void store(Scalar* to) const {
    simd::unroll<Registers>([&](int r) __attribute__((always_inline)) { part[r].store(to + r * Register::lanes); });
  }

  /// The pack whose register r is f(r).
  template <class Function>
  [[gnu::always_inline]] static Pack generate(Function&& f) {
    Pack result;
    simd::unroll<Registers>([&](int r) __attribute__((always_inline)) { result.part[r] = f(r); });
    return result;
  }

  /// f on every lane, one at a time: for functions without a vector form.
  template <class Function>
  [[nodiscard]] Pack map(Function&& f) const {
    return generate([&](int r) { return part[r].map(f); });
  }

  [[gnu::always_inline]] friend Pack operator+(Pack a, Pack b) {
    return generate([&](int r) __attribute__((always_inline)) { return a.part[r] + b.part[r]; });
  }
  [[gnu::always_inline]] friend Pack operator-(Pack a, Pack b) {
    return generate([&](int r) __attribute__((always_inline)) { return a.part[r] - b.part[r]; });
  }
  [[gnu::always_inline]] friend Pack operator-(Pack a) {
    return generate([&](int r) __attribute__((always_inline)) { return -a.part[r]; });
  }
  [[gnu::always_inline]] friend Pack operator*(Pack a, Pack b) {
    return generate([&](int r) __attribute__((always_inline)) { return a.part[r] * b.part[r]; });
  }
  [[gnu::always_inline]] friend Pack operator/(Pack a, Pack b) {
    return generate([&](int r) __attribute__((always_inline)) { return a.part[r] / b.part[r]; });
  }
  [[gnu::always_inline]] Pack& operator+=(Pack b) { return *this = *this + b; }
  [[gnu::always_inline]] Pack& operator-=(Pack b) { return *this = *this - b; }
  [[gnu::always_inline]] Pack& operator*=(Pack b) { return *this = *this * b; }

  /// a * b + c, rounded once where the target has fused multiply-add.
  [[gnu::always_inline]] friend Pack multiply_add(Pack a, Pack b, Pack c) {
    return generate([&](int r)
                        __attribute__((always_inline)) { return multiply_add(a.part[r], b.part[r], c.part[r]); });
  }
  [[gnu::always_inline]] friend Pack max(Pack a, Pack b) {
    return generate([&](int r) __attribute__((always_inline)) { return max(a.part[r], b.part[r]); });
  }
  [[gnu::always_inline]] friend Pack min(Pack a, Pack b) {
    return generate([&](int r) __attribute__((always_inline)) { return min(a.part[r], b.part[r]); });
  }
  [[gnu::always_inline]] friend Pack abs(Pack a) {
    return generate([&](int r) __attribute__((always_inline)) { return abs(a.part[r]); });
  }
  [[gnu::always_inline]] friend Pack sqrt(Pack a) {
    return generate([&](int r) __attribute__((always_inline)) { return sqrt(a.part[r]); });
  }
  [[gnu::always_inline]] friend Pack exp(Pack a) {
    return generate([&](int r) __attribute__((always_inline)) { return exp(a.part[r]); });
  }
  [[gnu::always_inline]] friend Pack log(Pack a) {
    return generate([&](int r) __attribute__((always_inline)) { return log(a.part[r]); });
  }
  [[gnu::always_inline]] friend Pack tanh(Pack a) {
    return generate([&](int r) __attribute__((always_inline)) { return tanh(a.part[r]); });
  }

  /// y 2^n, see Register.
  [[gnu::always_inline]] friend Pack times_power_of_two(Pack y, Pack n)
    requires(Register::lanes > 1 && sizeof(Scalar) == 4)
  {
    return generate([&](int r) __attribute__((always_inline)) { return times_power_of_two(y.part[r], n.part[r]); });
  }

  /// Comparisons give masks: packs with all bits of a lane set or none.
  [[gnu::always_inline]] friend Pack operator<(Pack a, Pack b) {
    return generate([&](int r) __attribute__((always_inline)) { return a.part[r] < b.part[r]; });
  }
  [[gnu::always_inline]] friend Pack operator<=(Pack a, Pack b) {
    return generate([&](int r) __attribute__((always_inline)) { return a.part[r] <= b.part[r]; });
  }
  [[gnu::always_inline]] friend Pack operator>(Pack a, Pack b) { return b < a; }
  [[gnu::always_inline]] friend Pack operator>=(Pack a, Pack b) { return b <= a; }
  [[gnu::always_inline]] friend Pack operator==(Pack a, Pack b) {
    return generate([&](int r) __attribute__((always_inline)) { return a.part[r] == b.part[r]; });
  }
  [[gnu::always_inline]] friend Pack is_nan(Pack a) {
    return generate([&](int r) __attribute__((always_inline)) { return is_nan(a.part[r]); });
  }
  [[gnu::always_inline]] friend Pack either(Pack mask, Pack other) {
    return generate([&](int r) __attribute__((always_inline)) { return either(mask.part[r], other.part[r]); });
  }
  /// mask ? a : b, lane by lane.
  [[gnu::always_inline]] friend Pack select(Pack mask, Pack a, Pack b) {
    return generate([&](int r) __attribute__((always_inline)) { return select(mask.part[r], a.part[r], b.part[r]); });
  }
  /// mask ? a : 0, lane by lane: cheaper than select.
  [[gnu::always_inline]] friend Pack keep(Pack mask, Pack a) {
    return generate([&](int r) __attribute__((always_inline)) { return keep(mask.part[r], a.part[r]); });
  }

  /// The sum of all lanes.
  [[gnu::always_inline]] friend Scalar sum(Pack a) {
    Register total = a.part[0];
    for (int r = 1; r < Registers; ++r) total += a.part[r];
    return sum(total);
  }
};

namespace detail {

/// The pack with which concepts look at the signatures of users' functions; bodies are not instantiated for it.
using AnyPack = Pack<float>;

}  // namespace detail

}  // namespace eigencoder::inline EIGENCODER_TARGET
