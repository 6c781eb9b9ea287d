#pragma once

#include <exception>
#include <iostream>

#include "checkpointing.hpp"

namespace examples {

/// Runs the body of an example's main: an exception becomes its message and exit status 1, an interruption how to
/// resume and 128 + the signal.
template <class Function>
int guarded(const Function& body) {
  try {
    body();
    return 0;
  } catch (const Interrupted& interrupted) {
    std::cerr << "\ninterrupted; the training is saved: go on with the same arguments, --checkpoint "
              << interrupted.file.string() << " and --resume\n";
    return 128 + interrupted.signal;
  } catch (const std::exception& error) {
    std::cerr << "error: " << error.what() << "\n";
    return 1;
  }
}

}  // namespace examples
