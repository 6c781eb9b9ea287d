#include <eigencoder/data/images.hpp>
#include <eigencoder/io/png.hpp>

#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace eigencoder;

namespace {

/// A slope, grey or from red to blue.
Canvas slope(int width, int height, bool colors) {
  Canvas canvas(width, height, {});
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) {
      const auto value = static_cast<std::uint8_t>(40 + 4 * x + 3 * y);
      canvas.blend(x, y,
                   colors ? Color{value, 90, static_cast<std::uint8_t>(255 - value)} : Color{value, value, value});
    }
  return canvas;
}

std::string jpeg_of(const Canvas& canvas, bool colors, bool progressive = false) {
  jpeg_compress_struct encoder{};
  jpeg_error_mgr errors{};
  encoder.err = jpeg_std_error(&errors);
  jpeg_create_compress(&encoder);
  unsigned char* bytes = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&encoder, &bytes, &size);
  encoder.image_width = static_cast<JDIMENSION>(canvas.width());
  encoder.image_height = static_cast<JDIMENSION>(canvas.height());
  encoder.input_components = colors ? 3 : 1;
  encoder.in_color_space = colors ? JCS_RGB : JCS_GRAYSCALE;
  jpeg_set_defaults(&encoder);
  jpeg_set_quality(&encoder, 100, TRUE);
  if (progressive) jpeg_simple_progression(&encoder);
  jpeg_start_compress(&encoder, TRUE);
  for (int y = 0; y < canvas.height(); ++y) {
    std::vector<unsigned char> row;
    for (int x = 0; x < canvas.width(); ++x) {
      const Color color = canvas.at(x, y);
      row.push_back(color.red);
      if (colors) row.insert(row.end(), {color.green, color.blue});
    }
    JSAMPROW place = row.data();
    jpeg_write_scanlines(&encoder, &place, 1);
  }
  jpeg_finish_compress(&encoder);
  const std::string file(reinterpret_cast<const char*>(bytes), size);
  jpeg_destroy_compress(&encoder);
  std::free(bytes);
  return file;
}

/// The greatest difference of a byte to what was drawn.
int difference(const Image& image, const Canvas& canvas) {
  int most = 0;
  auto byte = image.bytes.begin();
  for (const Color color : canvas.pixels()) {
    for (const std::uint8_t value : {color.red, color.green, color.blue}) {
      most = std::max(most, std::abs(*byte - value));
      if (image.shape.channels == 3) ++byte;
    }
    if (image.shape.channels == 1) ++byte;
  }
  return most;
}

}  // namespace

TEST_CASE("PNG and JPEG pictures are read, grey and in colours") {
  const test::TemporaryDirectory dir;
  for (const bool colors : {false, true}) {
    const Canvas canvas = slope(21, 13, colors);
    const Shape shape{13, 21, colors ? 3 : 1};
    write_png(dir / "x.png", canvas);
    const Image png = read_png(dir / "x.png");
    CHECK(png.shape == shape);
    CHECK(difference(png, canvas) == 0);
    for (const bool progressive : {false, true}) {
      const Image jpeg = read_jpeg(test::write(dir / "x.jpg", jpeg_of(canvas, colors, progressive)));
      CHECK(jpeg.shape == shape);
      CHECK(difference(jpeg, canvas) < 8);
    }
  }
}

TEST_CASE("a folder of pictures is read in the order of names, made alike or refused") {
  const test::TemporaryDirectory dir;
  write_png(dir / "b.PNG", slope(8, 6, false));
  test::write(dir / "a.jpeg", jpeg_of(slope(8, 6, true), true));
  test::write(dir / "notes.txt", "no picture");
  std::filesystem::create_directory(dir / "folder.png");
  const Dataset colored = read_images(dir.path());
  CHECK(colored.size() == 2);
  CHECK(colored.shape() == Shape{6, 8, 3});
  const auto x = colored.matrix<float>();
  CHECK(x(1, 0) == x(1, 1));
  CHECK(x(1, 0) == test::Approx(40.0 / 255));
  CHECK(x(0, 1) == test::Approx(90.0 / 255).margin(0.03));
  const Dataset grey = read_images(dir.path(), {.channels = 1});
  CHECK(grey.shape() == Shape{6, 8, 1});
  CHECK(grey.matrix<float>()(0, 0) == test::Approx((0.299 * 40 + 0.587 * 90 + 0.114 * 215) / 255).margin(0.03));

  write_png(dir / "c.png", slope(16, 12, false));
  CHECK_THAT(test::message_of<std::runtime_error>([&] { (void)read_images(dir.path()); }),
             test::contains("c.png: has 16 x 12 pixels, the first picture 8 x 6"));
  CHECK(read_images(dir.path(), {.height = 3, .width = 4}).shape() == Shape{3, 4, 3});

  const auto refused = [](const std::filesystem::path& folder, const ImageOptions& options = {}) {
    CHECK_THROWS_AS(read_images(folder, options), std::invalid_argument);
  };
  refused(dir.path(), {.channels = 2});
  refused(dir.path(), {.height = 3});
  CHECK_THAT(test::message_of<std::runtime_error>([&] { (void)read_images(dir / "none"); }),
             test::contains("No such file"));
  CHECK_THAT(test::message_of<std::runtime_error>([&] { (void)read_images(dir / "folder.png"); }),
             test::contains("has no file"));
}

TEST_CASE("a smaller picture is an average, a larger one lies between") {
  Image image{{2, 4, 1}, {0, 100, 200, 100, 100, 200, 40, 140}};
  CHECK(resized(image, 2, 4).bytes == image.bytes);
  // Each new pixel's triangle reaches to the middles of its neighbours: shares 1, 3, 3, 1 of 8, fewer at the ends.
  const Image half = resized(image, 2, 2);
  CHECK(half.bytes == std::vector<std::uint8_t>{71, 143, 134, 106});
  const Image twice = resized({{1, 2, 3}, {0, 10, 20, 100, 110, 120}}, 1, 4);
  CHECK(twice.bytes == std::vector<std::uint8_t>{0, 10, 20, 25, 35, 45, 75, 85, 95, 100, 110, 120});
  CHECK_THROWS_AS(resized(image, 0, 3), std::invalid_argument);
  CHECK_THROWS_AS(resized(image, 1 << 20, 1 << 20), std::invalid_argument);
}

TEST_CASE("pictures that are truncated, corrupt or too large are refused with the reason") {
  const test::TemporaryDirectory dir;
  const Canvas canvas = slope(40, 30, true);
  write_png(dir / "good.png", canvas);
  const std::string png = test::contents(dir / "good.png"), jpeg = jpeg_of(canvas, true);
  const auto message = [&](const std::string& bytes, auto read) {
    const auto path = test::write(dir / "bad", bytes);
    const std::string what = test::message_of<std::runtime_error>([&] { (void)read(path); });
    CHECK_THAT(what, test::contains("bad: "));
    return what;
  };
  const auto as_png = [](const auto& path) { return read_png(path); };
  const auto as_jpeg = [](const auto& path) { return read_jpeg(path); };
  for (const std::string& file : {std::string(), std::string("text"), png.substr(0, 20), png.substr(0, png.size() / 2)})
    CHECK_THAT(message(file, as_png), test::contains("no good PNG file"));
  for (const std::string& file :
       {std::string(), std::string("text"), jpeg.substr(0, 20), jpeg.substr(0, jpeg.size() / 2)})
    CHECK_THAT(message(file, as_jpeg), test::contains("no good JPEG file"));
  CHECK_THAT(message(png, [](const auto& path) { return read_png(path, 1000); }), test::contains("has 40 x 30 pixels"));
  CHECK_THAT(message(jpeg, [](const auto& path) { return read_jpeg(path, 1000); }), test::contains("at most 1000"));
  CHECK_THROWS_AS(read_jpeg(dir.path()), std::runtime_error);
}
