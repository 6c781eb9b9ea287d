#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace CLI {
class App;
}

namespace examples {

/// What all examples take from the command line.
struct Arguments {
  std::filesystem::path data{};  ///< a directory of IDX files; empty: the bundled digits
  int epochs = 50;
  int batch_size = 256;
  std::string optimizer = "adam";
  std::string loss = "bce";
  std::optional<double> learning_rate{};  ///< none: the optimizer's own
  int threads = 0;
  std::uint64_t seed = 1;
  std::filesystem::path output = ".";
  std::filesystem::path report{};      ///< an HTML file; empty: none
  std::filesystem::path checkpoint{};  ///< where the training is saved after every epoch; empty: only if interrupted
  bool resume = false;
};

/// --report, --checkpoint and --resume. `where`: the place of a checkpoint that nobody has named.
void add_run_options(CLI::App& app, Arguments& arguments, const std::string& where);

/// Reads the command line over the example's own defaults. Ends the program after --help and after what is no argument.
[[nodiscard]] Arguments parse_arguments(int argc, char** argv, const std::string& description, Arguments defaults);

}  // namespace examples
