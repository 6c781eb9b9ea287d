#pragma once

#include <exception>
#include <iostream>

namespace examples {

/// Runs the body of an example's main: an exception becomes its message and exit status 1.
template <class Function>
int guarded(const Function& body) {
  try {
    body();
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "error: " << error.what() << "\n";
    return 1;
  }
}

}  // namespace examples
