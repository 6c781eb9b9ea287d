#include <png.h>

#include <cstring>
#include <eigencoder/io/png.hpp>
#include <eigencoder/plot/chart.hpp>
#include <eigencoder/plot/scatter.hpp>
#include <limits>

#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

namespace test_pictures {

using eigencoder::Canvas;
using eigencoder::ChartLine;
using eigencoder::Color;
using eigencoder::Dataset;
using eigencoder::image_grid;
using eigencoder::Index;
using eigencoder::line_chart;
using eigencoder::Matrix;
using eigencoder::Shape;
using test::contains;

namespace {

struct Picture {
  unsigned width = 0;
  unsigned height = 0;
  bool grey = false;
  std::vector<Color> pixels;
};

Picture read_png(const std::filesystem::path& path) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  REQUIRE(png_image_begin_read_from_file(&image, path.c_str()) != 0);
  Picture picture{image.width, image.height, (image.format & PNG_FORMAT_FLAG_COLOR) == 0, {}};
  image.format = PNG_FORMAT_RGB;
  std::vector<std::uint8_t> bytes(PNG_IMAGE_SIZE(image));
  REQUIRE(png_image_finish_read(&image, nullptr, bytes.data(), 0, nullptr) != 0);
  for (std::size_t i = 0; i < bytes.size(); i += 3) picture.pixels.push_back({bytes[i], bytes[i + 1], bytes[i + 2]});
  return picture;
}

/// Pixels of `canvas` that have `color`.
std::ptrdiff_t count(const Canvas& canvas, Color color) {
  return std::count(canvas.pixels().begin(), canvas.pixels().end(), color);
}

constexpr Color training{38, 103, 178};
constexpr Color validation{222, 119, 31};

}  // namespace

TEST_CASE("a picture is read back from its PNG file as it was, in grey and in color") {
  const test::TemporaryDirectory dir;
  Canvas canvas(7, 5, {255, 255, 255});
  canvas.blend(6, 4, {10, 10, 10});
  eigencoder::write_png(dir / "x.png", canvas);
  REQUIRE(read_png(dir / "x.png").grey);
  REQUIRE(read_png(dir / "x.png").pixels == canvas.pixels());
  canvas.blend(0, 1, {1, 2, 3});
  eigencoder::write_png(dir / "x.png", canvas);
  const Picture picture = read_png(dir / "x.png");
  REQUIRE(picture.width == 7);
  REQUIRE(picture.height == 5);
  REQUIRE(!picture.grey);
  REQUIRE(picture.pixels == canvas.pixels());
  REQUIRE_THROWS_WITH(eigencoder::write_png(dir / "no/x.png", canvas), contains("no/x.png"));
}

TEST_CASE("a grid shows sets one above the other, values clipped") {
  Matrix<float> upper(3, 4);
  upper << 0, 1, 0.5f, -3,  //
      7, 0, 0, 0,           //
      0, 0, 0, std::numeric_limits<float>::quiet_NaN();
  const Matrix<double> lower = Matrix<double>::Constant(3, 4, 0.2);
  const Canvas grid = image_grid({upper, lower}, Shape{2, 2, 1}, {.columns = 2, .scale = 1, .gap = 1});
  REQUIRE(grid.width() == 7);    // 2 columns of 2 pixels, gaps around
  REQUIRE(grid.height() == 13);  // two bands of two sets
  REQUIRE(grid.at(0, 0) == Color{255, 255, 255});
  REQUIRE(grid.at(1, 1) == Color{0, 0, 0});
  REQUIRE(grid.at(2, 1) == Color{255, 255, 255});
  REQUIRE(grid.at(1, 2) == Color{128, 128, 128});
  REQUIRE(grid.at(2, 2) == Color{0, 0, 0});
  REQUIRE(grid.at(4, 1) == Color{255, 255, 255});
  REQUIRE(grid.at(1, 4) == Color{51, 51, 51});
  REQUIRE(grid.at(2, 8) == Color{0, 0, 0});      // the third sample of `upper`, its NaN black
  REQUIRE(grid.at(1, 10) == Color{51, 51, 51});  // and of `lower` below it
  REQUIRE(grid.at(4, 8) == Color{255, 255, 255});
}

TEST_CASE("a grid of one set wraps, and colors come from three channels") {
  const Dataset data = Dataset::from_bytes({255, 0, 51, 0, 255, 0}, Shape{1, 1, 3});
  const Canvas grid = image_grid({data}, Shape{1, 1, 3}, {.columns = 1, .scale = 2, .gap = 0});
  REQUIRE(grid.width() == 2);
  REQUIRE(grid.height() == 4);
  REQUIRE(grid.at(1, 1) == Color{255, 0, 51});
  REQUIRE(grid.at(0, 2) == Color{0, 255, 0});
}

TEST_CASE("what is no grid of images is refused") {
  const Matrix<float> x = Matrix<float>::Zero(2, 4);
  REQUIRE_THROWS_WITH(image_grid({x}, Shape{2, 3, 1}), contains("4 values") && contains("(2, 3, 1)"));
  REQUIRE_THROWS_WITH(image_grid({x}, Shape{2, 1, 2}), contains("neither 1 channel nor 3"));
  REQUIRE_THROWS_WITH(image_grid({}, Shape{2, 2, 1}), contains("no images"));
  REQUIRE_THROWS_AS(image_grid({x}, Shape{2, 2, 1}, {.columns = 0}), std::invalid_argument);
  constexpr int large = std::numeric_limits<int>::max();
  REQUIRE_THROWS_WITH(image_grid({x}, Shape{2, 2, 1}, {.scale = large}), contains("more than 1000000 pixels"));
  REQUIRE_THROWS_WITH(image_grid({x}, Shape{2, 2, 1}, {.gap = large}), contains("more than 1000000 pixels"));
  REQUIRE_THROWS_WITH(image_grid({x}, Shape{2, 2, 1}, {.scale = 300000}), contains("more than 1000000 pixels"));
}

TEST_CASE("a chart has each line in its color, the higher value higher") {
  const Canvas chart =
      line_chart({{"training", {3, 2, 1}}, {"none", {}}, {"validation", {3.5, 2.5, 1.5}}}, {.title = "loss"});
  REQUIRE(count(chart, training) > 500);
  REQUIRE(count(chart, validation) > 500);
  const auto topmost = [&](Color color) {
    for (int y = 60; y < chart.height(); ++y) {
      for (int x = 0; x < chart.width() / 2; ++x) {
        if (chart.at(x, y) == color) return y;
      }
    }
    return chart.height();
  };
  REQUIRE(topmost(validation) < topmost(training));
}

TEST_CASE("charts of nothing, of one value, of equal values and of what is not finite are drawn") {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  REQUIRE(count(line_chart({}), training) == 0);
  REQUIRE(count(line_chart({{"a", {nan, nan}}}), training) < 200);  // its legend alone
  REQUIRE(count(line_chart({{"a", {0.5}}}), training) > 20);
  REQUIRE(count(line_chart({{"a", {2, 2, 2}}}), training) > 500);
  REQUIRE(count(line_chart({{"a", {1, nan, 3, std::numeric_limits<double>::infinity(), 4}}}), training) > 20);
  REQUIRE(count(line_chart({{"a", {1e-9, 2e-9, 1e12}}}), training) > 100);
  REQUIRE(count(line_chart({{"a", std::vector<double>(1000, 0.0)}}), training) > 500);
}

TEST_CASE("charts of values at the ends of what a double holds are drawn, each line where it belongs") {
  constexpr double inf = std::numeric_limits<double>::infinity();
  constexpr double largest = std::numeric_limits<double>::max();
  constexpr double least = std::numeric_limits<double>::denorm_min();
  const auto dots = [](std::vector<double> values) { return count(line_chart({{"", std::move(values)}}), training); };
  REQUIRE(dots({-largest, largest}) > 500);
  REQUIRE(dots({-1e308, 0, 1e308}) > 500);
  REQUIRE(dots({largest}) > 20);
  REQUIRE(dots({-largest, -largest}) > 500);
  REQUIRE(dots({0, least}) > 500);
  REQUIRE(dots({least, 2 * least, -3e-310}) > 500);
  REQUIRE(dots({1, 1 + 2e-16}) > 500);
  REQUIRE(dots({1e16, 1e16 + 2}) > 500);
  REQUIRE(dots({inf, largest, -inf, 0}) > 20);
  REQUIRE(dots({inf, -inf, std::nan("")}) < 200);
  for (const double high : {largest, 1.0, least, 1e-300, 12345678.0}) {
    const Canvas chart = line_chart({{"", {0, high}}});
    const auto find = [&](int x) {
      for (int y = 0; y < chart.height(); ++y)
        if (chart.at(x, y) == training) return y;
      return -1;
    };
    REQUIRE(find(chart.width() - 40) >= 0);
    REQUIRE(find(chart.width() - 40) <= find(chart.width() / 3));
  }
}

TEST_CASE("a line with ends that are far outside, or not numbers, costs nothing") {
  Canvas canvas(20, 10, {255, 255, 255});
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  canvas.line(nan, 5, 10, 5, 3, training);
  canvas.line(0, 0, std::numeric_limits<double>::infinity(), 5, 3, training);
  canvas.line(-1e300, 0, 1e300, 5, 3, training);
  REQUIRE(count(canvas, training) == 0);
  canvas.line(-1e9, 5, 1e9, 5, 3, training);
  REQUIRE(count(canvas, training) == 60);
}

TEST_CASE("a canvas has pixels, not too many, and keeps them when it is moved from") {
  for (const int size : {0, -1, std::numeric_limits<int>::min(), Canvas::most + 1}) {
    REQUIRE_THROWS_WITH(Canvas(size, 1, {}), contains(std::to_string(size) + " pixels"));
    REQUIRE_THROWS_WITH(Canvas(1, size, {}), contains("expected 1 to 1000000"));
  }
  REQUIRE_THROWS_AS(line_chart({}, {.width = 0}), std::invalid_argument);
  Canvas canvas(3, 2, {1, 2, 3});
  const Canvas other = std::move(canvas);
  REQUIRE(canvas.pixels() == other.pixels());  // NOLINT: used after a move on purpose
}

TEST_CASE("ticks are round numbers that span the values") {
  const auto ticks = [](double low, double high) {
    const eigencoder::detail::Ticks t(low, high, 6);
    std::string text;
    for (int i = 0; i < t.count; ++i) text += t.label(i) + " ";
    return text;
  };
  REQUIRE(ticks(0.09, 0.3) == "0.05 0.10 0.15 0.20 0.25 0.30 ");
  REQUIRE(ticks(0, 60) == "0 10 20 30 40 50 60 ");
  REQUIRE(ticks(-1, 1) == "-1.0 -0.5 0.0 0.5 1.0 ");
  REQUIRE(ticks(-1e308, 1.7e308) == "-1e+308 -5e+307 0 5e+307 1e+308 1.5e+308 1.8e+308 ");
  REQUIRE(ticks(0.123456789, 0.12345679) ==
          "0.123456789 0.1234567892 0.1234567894 0.1234567896 0.1234567898 0.12345679 ");
  REQUIRE(ticks(1e7, 3e7) == "1e+07 1.5e+07 2e+07 2.5e+07 3e+07 ");
}

TEST_CASE("a scatter chart has a dot a point, in the color of its label") {
  const Matrix<double> x{{0, 0}, {1, 1}, {2, 4}};
  const Canvas chart = eigencoder::scatter_chart(x, std::vector{3, 8, 3});
  const auto count = [&](Color color) { return std::ranges::count(chart.pixels(), color); };
  CHECK(count(eigencoder::Axes::palette[0]) > count(eigencoder::Axes::palette[1]));  // two dots and one
  CHECK(count(eigencoder::Axes::palette[1]) > 0);
  CHECK(count(eigencoder::Axes::palette[2]) == 0);
  CHECK_THROWS_WITH(eigencoder::scatter_chart(Matrix<double>::Zero(3, 3)), contains("rows of two finite values"));
  CHECK_THROWS_WITH(eigencoder::scatter_chart(x, std::vector{1}), contains("1 labels for 3 points"));
}

}  // namespace test_pictures
