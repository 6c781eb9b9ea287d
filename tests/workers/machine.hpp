#pragma once

/// The machine that this program's threads believe to be on: however many cores, and a system that may refuse threads.
namespace test {

/// What get_nprocs, and with it std::thread::hardware_concurrency, tells.
inline int cores = 8;
/// After so many more threads the system makes no other.
inline int threads_left = 1 << 20;
/// Threads made so far.
inline int threads_made = 0;

}  // namespace test
