#pragma once

#include <string_view>

namespace eigencoder {

/// The library's version, by semantic versioning. This line is its one place: the build reads it from here.
inline constexpr std::string_view version = "0.1.0";

}  // namespace eigencoder
