#include "everything.hpp"

int other(const char*) { return 0; }
