#include "../fma_peak.hpp"

#include <cstdlib>
#include <iostream>

/// fma_peak [threads]: the GFLOP/s of float multiply-adds on registers alone.
int main(int argc, char** argv) {
  const int threads = argc > 1 ? std::atoi(argv[1]) : 1;
  std::cout << benchmarks::fma_flops_per_second<float>(0.1, threads) / 1e9 << '\n';
}
