#pragma once

/// Catch2, version 2 or 3, with the few names that differ between them.

#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
namespace test {
using Catch::Approx;
}
#else
#include <catch2/catch.hpp>
namespace test {
using Catch::Detail::Approx;
}
#endif

#include <string>

namespace test {

/// Matches a string, or the message of an exception, that has `part` in it.
inline auto contains(const std::string& part) {
#if __has_include(<catch2/catch_all.hpp>)
  return Catch::Matchers::ContainsSubstring(part);
#else
  return Catch::Matchers::Contains(part);
#endif
}

/// The message of the exception that `f` throws; "" if it throws none of type `Error`.
template <class Error, class Function>
std::string message_of(Function&& f) {
  try {
    f();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

}  // namespace test
