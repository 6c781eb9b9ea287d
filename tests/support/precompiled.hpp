#pragma once

/// What nearly every test includes, read once for all of them.
#include <eigencoder/eigencoder.hpp>

#include "support/catch.hpp"
