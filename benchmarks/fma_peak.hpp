#pragma once

#include <chrono>
#include <eigencoder/simd/register.hpp>
#include <thread>
#include <vector>

namespace benchmarks {

/// Fused multiply-adds on registers alone, nothing read or written: the arithmetic that one thread can do in 1 s, at
/// most.
///
/// 12 sums that do not depend on each other hide a latency of 4 cycles on 2 (even 3) units, and fit 16 registers.
template <class Scalar>
[[gnu::noinline]] double fma_flops_per_second(double seconds) {
  using Register = eigencoder::Register<Scalar>;
  using Clock = std::chrono::steady_clock;
  constexpr int count = 12, repeats = 20000;
  volatile Scalar unknown = 0;  // so that the compiler cannot do the sums itself
  const Register factor(unknown), term(unknown);
  Register sums[count];
  eigencoder::simd::unroll<count>([&](int k) { sums[k] = term; });
  double flops = 0, elapsed = 0;
  for (const auto start = Clock::now(); elapsed < seconds;) {
    for (int i = 0; i < repeats; ++i)
      eigencoder::simd::unroll<count>([&](int k) { sums[k] = multiply_add(factor, term, sums[k]); });
    flops += 2.0 * Register::lanes * count * repeats;
    elapsed = std::chrono::duration<double>(Clock::now() - start).count();
  }
  for (const Register& each : sums) unknown = sum(each);
  return flops / elapsed;
}

/// The same on several threads at once, added up.
template <class Scalar>
double fma_flops_per_second(double seconds, int threads) {
  std::vector<double> each(static_cast<std::size_t>(threads));
  std::vector<std::thread> others;
  for (std::size_t id = 1; id < each.size(); ++id)
    others.emplace_back([&each, id, seconds] { each[id] = fma_flops_per_second<Scalar>(seconds); });
  each[0] = fma_flops_per_second<Scalar>(seconds);
  for (std::thread& thread : others) thread.join();
  double total = 0;
  for (const double flops : each) total += flops;
  return total;
}

}  // namespace benchmarks
