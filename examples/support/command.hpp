#pragma once

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <string>

#include "guarded.hpp"

namespace examples {

/// A subcommand that calls `action` with the options, which it may add to, once the command line has been read.
template <class Options>
CLI::App* add_command(CLI::App& app, const Options& options, const std::string& name, const std::string& description,
                      void (*action)(const Options&)) {
  CLI::App* const command = app.add_subcommand(name, description);
  command->option_defaults()->always_capture_default();
  command->callback([&options, action] {
    if (const int status = guarded([&] { action(options); }); status != 0) std::exit(status);
  });
  return command;
}

}  // namespace examples
