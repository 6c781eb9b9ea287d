/// What a file of weights tells: `info FILE`.

#include <eigencoder/io/safetensors.hpp>
#include <iostream>
#include <sstream>

namespace {

using namespace eigencoder;

void print_lines(const char* title, const std::string& text) {
  std::cout << title << "\n";
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) std::cout << "  " << line << "\n";
}

void print(const std::filesystem::path& path) {
  const auto metadata = read_metadata(path);
  std::cout << path.string() << "\n";
  for (const auto& [name, text] : metadata) {
    if (name == "architecture") continue;
    constexpr std::size_t most = 72;  // of a test vector, enough to recognise it
    const std::size_t length = name.starts_with("test_") ? std::min(text.size(), most) : text.size();
    std::cout << "  " << name << ": " << text.substr(0, length) << (length < text.size() ? " ..." : "") << "\n";
  }
  if (const auto found = metadata.find("architecture"); found != metadata.end())
    print_lines("Architecture", found->second);
  std::cout << "Tensors\n";
  std::size_t total = 0;
  for (const auto& [name, tensor] : read_safetensors(path)) {
    std::cout << "  " << name << " " << detail::shape_string(tensor.shape) << "\n";
    total += tensor.values.size();
  }
  std::cout << "  " << total << " values\n";
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) {
    std::cerr << "usage: info FILE.safetensors\n";
    return 2;
  }
  try {
    print(arguments[1]);
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
}
