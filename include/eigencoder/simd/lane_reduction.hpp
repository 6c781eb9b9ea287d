#pragma once

#include <algorithm>
#include <array>
#include <eigencoder/core/target.hpp>
#include <eigencoder/simd/register.hpp>
#include <eigencoder/simd/running_sum.hpp>
#include <utility>

/// Sums across the lanes of many registers at once. A weight's gradient is a sum over positions *and* samples; the
/// samples are lanes, so each register of sums must in the end become one number.
namespace eigencoder::inline EIGENCODER_TARGET::simd {

/// One level of the reduction makes one register of two, a and b, by adding neighbours. With four lanes in one part:
///
///     a0 a1 a2 a3,  b0 b1 b2 b3   ->   a0+a1  a2+a3  b0+b1  b2+b3
///
/// and the next level makes of that and its like a register of four sums. What is added are *units*: at first the
/// register's 128-bit parts, and, when those are all summed, the lanes of each part, so that every shuffle is a cheap
/// one, of whole parts or within them. `even[l]` and `odd[l]` are the two lanes of the concatenation (a, b) whose sum
/// is lane l of the result.
template <int Lanes, int Part>
struct PairwiseLevel {
  std::array<int, static_cast<std::size_t>(Lanes)> even{};
  std::array<int, static_cast<std::size_t>(Lanes)> odd{};

  constexpr explicit PairwiseLevel(bool whole_parts) {
    const int unit = whole_parts ? Part : 1;       // lanes that move together
    const int group = whole_parts ? Lanes : Part;  // lanes among which units are paired
    const int pairs = group / unit / 2;            // of units, in a group of either register
    for (int lane = 0; lane < Lanes; ++lane) {
      const int number = lane % group / unit;         // of this unit in the result's group
      const int source = number < pairs ? 0 : Lanes;  // the first half comes from a, the second from b
      const int first = source + lane / group * group + 2 * (number % pairs) * unit + lane % unit;
      even[static_cast<std::size_t>(lane)] = first;
      odd[static_cast<std::size_t>(lane)] = first + unit;
    }
  }
};

template <class Scalar>
struct LaneReduction {
  static constexpr int lanes = Register<Scalar>::lanes;
  /// Lanes in 128 bits, the widest piece within which every target shuffles at full speed.
  static constexpr int part = std::min(lanes, static_cast<int>(16 / sizeof(Scalar)));
  static constexpr int levels = [] {
    int n = 0;
    for (int l = 1; l < lanes; l *= 2) ++n;
    return n;
  }();
  static constexpr int part_levels = [] {
    int n = 0;
    for (int l = part; l < lanes; l *= 2) ++n;
    return n;
  }();

  /// order<Count>[l] is the register whose sum `reduce<Count>` leaves in lane l, or -1 where lane l is only a copy.
  /// Whoever reads the sums undoes the order, so that the reduction needs no last shuffle.
  template <int Count>
  static constexpr auto order = [] {
    using Lane = std::array<int, static_cast<std::size_t>(lanes)>;
    std::array<Lane, static_cast<std::size_t>(Count)> registers{};
    for (int r = 0; r < Count; ++r) registers[static_cast<std::size_t>(r)].fill(r);
    int count = Count;
    for (int n = 0; n < levels; ++n, count = (count + 1) / 2) {
      const PairwiseLevel<lanes, part> level(n < part_levels);
      for (int r = 0; r < count; r += 2) {
        const Lane a = registers[static_cast<std::size_t>(r)];
        const Lane b = registers[static_cast<std::size_t>(std::min(r + 1, count - 1))];
        for (std::size_t l = 0; l < a.size(); ++l) {
          const int from = level.even[l];
          registers[static_cast<std::size_t>(r / 2)][l] =
              from < lanes ? a[static_cast<std::size_t>(from)] : b[static_cast<std::size_t>(from - lanes)];
        }
      }
    }
    Lane result = registers[0];
    for (std::size_t l = 0; l < result.size(); ++l)
      for (std::size_t before = 0; before < l; ++before)
        if (result[before] == registers[0][l]) result[l] = -1;
    return result;
  }();

  /// A register with the sums over the lanes of each of `Count` <= lanes registers, in `order<Count>`.
  /// 45 operations for 16 registers of 16 lanes.
  template <int Count>
  [[gnu::always_inline]] static Register<Scalar> reduce(Register<Scalar> (&values)[Count]) {
    static_assert(Count <= lanes, "reduce: at most as many registers as lanes");
    return reduce_level<0, Count>(values);
  }

 private:
  template <int Level, int Count>
  [[gnu::always_inline]] static Register<Scalar> reduce_level(Register<Scalar> (&values)[Count]) {
    if constexpr (Level == levels) {
      return values[0];
    } else {
      constexpr int pairs = (Count + 1) / 2;
      Register<Scalar> next[pairs];
      simd::unroll<pairs>([&](int p) __attribute__((always_inline)) {
        next[p] = add_pairwise<Level>(values[2 * p], values[2 * p + 1 < Count ? 2 * p + 1 : 2 * p]);
      });
      return reduce_level<Level + 1, pairs>(next);
    }
  }

  template <int Level>
  [[gnu::always_inline]] static Register<Scalar> add_pairwise(Register<Scalar> a, Register<Scalar> b) {
    static constexpr PairwiseLevel<lanes, part> level(Level < part_levels);
    return [&]<int... L>(std::integer_sequence<int, L...>) __attribute__((always_inline)) {
      return shuffle<level.even[L]...>(a, b) + shuffle<level.odd[L]...>(a, b);
    }
    (std::make_integer_sequence<int, lanes>{});
  }
};

/// f(std::integral_constant<int, count>, first) for `Registers` registers that are reduced `Lanes` at a time.
template <int Registers, int Lanes, class Function>
[[gnu::always_inline]] constexpr void for_reductions(Function&& f) {
  [&]<int... N>(std::integer_sequence<int, N...>) __attribute__((always_inline)) {
    (f(std::integral_constant<int, std::min(Lanes, Registers - N * Lanes)>{}, N * Lanes), ...);
  }
  (std::make_integer_sequence<int, (Registers + Lanes - 1) / Lanes>{});
}

/// panel += the sums over the lanes of each register, but for the order the plain
///
///     for (int k = 0; k < Registers; ++k) panel[k] += sum(values[k]);
///
/// The order is that of `for_reductions` and `LaneReduction::order`; `for_each_reduced` undoes it. `running`: how that
/// joins what was summed before.
template <class Scalar, int Registers>
[[gnu::always_inline]] inline void add_reduced(Register<Scalar> (&values)[Registers], Scalar* panel,
                                               const RunningSum& running) {
  for_reductions<Registers, Register<Scalar>::lanes>([&]<int Count>(std::integral_constant<int, Count>,
                                                                    int first) __attribute__((always_inline)) {
    Register<Scalar> group[Count];
    simd::unroll<Count>([&](int k) __attribute__((always_inline)) { group[k] = values[first + k]; });
    const auto at = [=](int) __attribute__((always_inline)) { return panel + first; };
    Register<Scalar> total[1];
    running.start(total, at);
    total[0] += LaneReduction<Scalar>::reduce(group);
    running.finish(total, at);
  });
}

/// f(k, at) for each of `Registers` registers: `add_reduced` adds the k-th one's sum to panel[at].
template <class Scalar, int Registers, class Function>
void for_each_reduced(const Function& f) {
  constexpr int lanes = Register<Scalar>::lanes;
  for_reductions<Registers, lanes>([&]<int Count>(std::integral_constant<int, Count>, int first) {
    for (int lane = 0; lane < lanes; ++lane) {
      const int k = LaneReduction<Scalar>::template order<Count>[static_cast<std::size_t>(lane)];
      if (k >= 0) f(first + k, first + lane);
    }
  });
}

}  // namespace eigencoder::inline EIGENCODER_TARGET::simd
