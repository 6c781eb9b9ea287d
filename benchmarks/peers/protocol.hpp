#pragma once

#include <chrono>
#include <exception>
#include <fstream>
#include <functional>
#include <iostream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

/// The line protocol between `compare` and a contestant's process: see protocol.py.
namespace peers {

struct Request {
  std::string what, variant, model;
  int batch = 0, steps = 0, blocks = 0;
};

/// Milliseconds a step, of each block.
using Blocks = std::vector<double>;

/// Answers the requests of the standard input until its end; `measure` may throw.
inline void serve(const std::function<Blocks(const Request&)>& measure) {
  for (std::string line; std::getline(std::cin, line);) {
    std::istringstream words(line);
    std::string command;
    words >> command;
    std::ostringstream answer;
    try {
      if (command == "memory") {
        std::ifstream status("/proc/self/status");
        std::string word;
        double kilobytes = 0;
        while (status >> word)
          if (word == "VmHWM:") status >> kilobytes;
        answer << "{\"peak_mb\": " << kilobytes / 1000 << "}";
      } else {
        Request request;
        words >> request.what >> request.variant >> request.model >> request.batch >> request.steps >> request.blocks;
        if (!words) throw std::invalid_argument("not a request: " + line);
        answer.precision(9);
        const char* separator = "{\"ms\": [";
        for (const double ms : measure(request)) {
          answer << separator << ms;
          separator = ", ";
        }
        answer << "]}";
      }
    } catch (const std::exception& error) {
      answer.str("");
      answer << "{\"error\": \"" << error.what() << "\"}";
    }
    std::cout << answer.str() << std::endl;
  }
}

/// Runs step(0) ... step(steps - 1) `blocks` times; the milliseconds a step of each time.
template <class Step>
Blocks run_blocks(int blocks, int steps, Step&& step) {
  Blocks result;
  for (int block = 0; block < blocks; ++block) {
    const auto start = std::chrono::steady_clock::now();
    for (int number = 0; number < steps; ++number) step(number);
    const std::chrono::duration<double, std::milli> elapsed = std::chrono::steady_clock::now() - start;
    result.push_back(elapsed.count() / steps);
  }
  return result;
}

}  // namespace peers
