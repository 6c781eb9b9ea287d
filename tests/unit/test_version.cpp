#include <algorithm>
#include <eigencoder/core/version.hpp>
#include <string>

#include "support/catch.hpp"

namespace test_version {

TEST_CASE("the version has three numbers") {
  const std::string version(eigencoder::version);
  REQUIRE(std::count(version.begin(), version.end(), '.') == 2);
}

}  // namespace test_version
