// First of two translation units that include every public header; they must link into one program.
#include <cstdio>

#include "everything.hpp"

int other(const char* path);

int main(int, char** arguments) {
  std::printf("eigencoder %s\n", std::string(eigencoder::version).c_str());
  return other(arguments[1]);
}
