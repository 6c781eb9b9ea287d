#pragma once

#include <algorithm>
#include <array>
#include <eigencoder/core/target.hpp>
#include <eigencoder/simd/register.hpp>
#include <span>

namespace eigencoder::inline EIGENCODER_TARGET {

/// f(parameter, gradient, state) on the arrays' values, a register at a time; f changes the parameter and the state, an
/// array of registers, one of each of the optimiser's slots. All spans have one length, and need not be aligned.
///
/// The last values, too few for a register, are computed by the same instructions, so that a value does not depend on
/// where threads cut the arrays.
template <class Scalar, std::size_t Slots, class Function>
inline void for_each_register(std::span<Scalar> parameters, std::span<const Scalar> gradient,
                              std::array<std::span<Scalar>, Slots> state, Function f) {
  using Register = eigencoder::Register<Scalar>;
  constexpr std::size_t lanes = Register::lanes;
  const auto apply = [&](Scalar * p, const Scalar* g, const std::array<Scalar*, Slots>& s)
      __attribute__((always_inline)) {
    Register parameter = Register::load_unaligned(p);
    std::array<Register, Slots> registers;
    for (std::size_t k = 0; k < Slots; ++k) registers[k] = Register::load_unaligned(s[k]);
    f(parameter, Register::load_unaligned(g), registers);
    parameter.store_unaligned(p);
    for (std::size_t k = 0; k < Slots; ++k) registers[k].store_unaligned(s[k]);
  };

  const std::size_t size = parameters.size();
  std::array<Scalar*, Slots> slots;
  std::size_t i = 0;
  for (; i + lanes <= size; i += lanes) {
    for (std::size_t k = 0; k < Slots; ++k) slots[k] = state[k].data() + i;
    apply(parameters.data() + i, gradient.data() + i, slots);
  }
  if (i < size) {
    std::array<std::array<Scalar, lanes>, Slots + 2> rest{};
    std::ranges::copy(parameters.subspan(i), rest[Slots].begin());
    std::ranges::copy(gradient.subspan(i), rest[Slots + 1].begin());
    for (std::size_t k = 0; k < Slots; ++k) {
      std::ranges::copy(state[k].subspan(i), rest[k].begin());
      slots[k] = rest[k].data();
    }
    apply(rest[Slots].data(), rest[Slots + 1].data(), slots);
    std::copy_n(rest[Slots].begin(), size - i, parameters.begin() + static_cast<std::ptrdiff_t>(i));
    for (std::size_t k = 0; k < Slots; ++k)
      std::copy_n(rest[k].begin(), size - i, state[k].begin() + static_cast<std::ptrdiff_t>(i));
  }
}

}  // namespace eigencoder::inline EIGENCODER_TARGET
