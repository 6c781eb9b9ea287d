// Charts and grids of any numbers, and that their PNG files have the pixels that were drawn.
#include <png.h>

#include <cstring>
#include <eigencoder/io/png.hpp>
#include <eigencoder/plot/chart.hpp>

#include "fuzz.hpp"

namespace {

using namespace eigencoder;

/// Takes values off the front of the input, zeros when it is used up.
class Input {
 public:
  explicit Input(std::string_view bytes) : bytes_(bytes) {}
  template <class T>
  T take() {
    T value{};
    const std::size_t size = std::min(sizeof value, bytes_.size());
    if (size > 0) std::memcpy(&value, bytes_.data(), size);
    bytes_.remove_prefix(size);
    return value;
  }
  [[nodiscard]] bool empty() const { return bytes_.empty(); }
  [[nodiscard]] std::size_t size() const { return bytes_.size(); }

 private:
  std::string_view bytes_;
};

void check(const Canvas& canvas) {
  static const std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("eigencoder-fuzz-" + std::to_string(getpid()) + ".png");
  write_png(path, canvas);
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  if (png_image_begin_read_from_file(&image, path.c_str()) == 0) std::abort();
  image.format = PNG_FORMAT_RGB;
  std::vector<std::uint8_t> bytes(PNG_IMAGE_SIZE(image));
  if (png_image_finish_read(&image, nullptr, bytes.data(), 0, nullptr) == 0) std::abort();
  std::filesystem::remove(path);
  if (static_cast<int>(image.width) != canvas.width() || static_cast<int>(image.height) != canvas.height())
    std::abort();
  const std::uint8_t* byte = bytes.data();
  for (const Color color : canvas.pixels()) {
    if (color != Color{byte[0], byte[1], byte[2]}) std::abort();
    byte += 3;
  }
}

Canvas chart(Input input) {
  ChartStyle style{.title = std::string(input.take<std::uint8_t>() % 40, 'T')};
  style.width = input.take<std::int16_t>() % 400;
  style.height = input.take<std::int16_t>() % 400;
  std::vector<ChartLine> lines(input.take<std::uint8_t>() % 4);
  while (!input.empty() && !lines.empty()) {
    lines[input.take<std::uint8_t>() % lines.size()].values.push_back(input.take<double>());
  }
  return line_chart(lines, style);
}

Canvas grid(Input input) {
  const GridStyle style{.columns = input.take<std::int8_t>(),
                        .scale = input.take<std::int8_t>() % 8,
                        .gap = input.take<std::int8_t>() % 8};
  const Shape shape{input.take<std::uint8_t>() % 8, input.take<std::uint8_t>() % 8, input.take<std::uint8_t>() % 5};
  const Index columns = std::max<Index>(shape.size(), 1);
  Matrix<float> values(static_cast<Index>(input.size() / sizeof(float)) / columns, columns);
  for (float& value : values.reshaped()) value = input.take<float>();
  return image_grid({values, values}, shape, style);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const Input input({reinterpret_cast<const char*>(data) + 1, size - 1});
  try {
    check((data[0] & 1) != 0 ? chart(input) : grid(input));
  } catch (const std::invalid_argument&) {  // no picture of that size, or nothing to draw
  }
  return 0;
}
