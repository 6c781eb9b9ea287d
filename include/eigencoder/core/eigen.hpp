#pragma once

/// Eigen, without the false alarms of g++ 12, which takes the deliberately undefined registers of its own AVX-512
/// header for uninitialised variables (GCC bug 105593). The library includes Eigen through this file alone.

#include <eigencoder/core/target.hpp>

#if !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

#include <Eigen/Core>

#if !defined(__clang__)
#pragma GCC diagnostic pop
#endif

#include <eigencoder/core/one_target.hpp>
