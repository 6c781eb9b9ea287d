#pragma once

#include <cstddef>
#include <eigencoder/core/target.hpp>
#include <eigencoder/simd/register.hpp>
#include <new>
#include <vector>

namespace eigencoder::inline EIGENCODER_TARGET {

/// Memory that starts on a cache line, whatever the instruction set; Eigen's own aligns to its widest register.
template <class T>
struct AlignedAllocator {
  using value_type = T;

  AlignedAllocator() = default;
  template <class Other>
  explicit(false) AlignedAllocator(const AlignedAllocator<Other>&) {}

  [[nodiscard]] T* allocate(std::size_t count) {
    if (count > static_cast<std::size_t>(-1) / sizeof(T)) throw std::bad_array_new_length();
    return static_cast<T*>(::operator new(count * sizeof(T), std::align_val_t{simd::alignment}));
  }
  void deallocate(T* memory, std::size_t) { ::operator delete(memory, std::align_val_t{simd::alignment}); }

  friend bool operator==(const AlignedAllocator&, const AlignedAllocator&) { return true; }
};

/// Scalars that registers and packs are loaded from: parameters, gradients, panels, activations. Zeros at first.
template <class Scalar>
using Buffer = std::vector<Scalar, AlignedAllocator<Scalar>>;

}  // namespace eigencoder::inline EIGENCODER_TARGET
