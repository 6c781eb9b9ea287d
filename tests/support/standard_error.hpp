#pragma once

#include <unistd.h>

#include <cstdio>
#include <string>

namespace test {

/// What f() writes to the standard error stream.
template <class Function>
std::string standard_error_of(Function&& f) {
  std::fflush(stderr);
  const int terminal = dup(STDERR_FILENO);
  std::FILE* const file = std::tmpfile();
  dup2(fileno(file), STDERR_FILENO);
  f();
  std::fflush(stderr);
  dup2(terminal, STDERR_FILENO);
  close(terminal);
  std::rewind(file);
  std::string text;
  for (int c = std::fgetc(file); c != EOF; c = std::fgetc(file)) text += static_cast<char>(c);
  std::fclose(file);
  return text;
}

}  // namespace test
