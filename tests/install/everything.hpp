#pragma once

#include <eigencoder/version.hpp>
#include <string>
