#include <png.h>
#include <eigencoder/io/report.hpp>

#include "gradients/model_harness.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

namespace test_report {

using namespace eigencoder;

namespace {

using Encoder = Sequential<Shape{6, 5, 1}, Flatten, Dense<8, relu>>;
using Decoder = Sequential<Shape{3}, ConcatenateLabel<3>, Dense<30, sigmoid>, Reshape<Shape{6, 5, 1}>>;
using Variational = VariationalAutoencoder<Encoder, Decoder, 3>;
using Table = Autoencoder<Sequential<Shape{12}, Dense<2>>, Sequential<Shape{2}, Dense<12>>>;

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

/// The text of a report on a model.
template <class Model>
std::string report_of(const Model& model, const History& history, const Dataset& data,
                      const ReportOptions& options = {}) {
  const test::TemporaryDirectory dir;
  write_report(dir / "report.html", model, history, data, options);
  return test::contents(dir / "report.html");
}

}  // namespace

TEST_CASE("a report has a section for all that there is to see of a training, and loads nothing") {
  const Dataset data = test::smooth_samples(40, Shape{6, 5, 1});
  Variational model{Seed{1}};
  const History history = fit(model, data, MeanSquaredError{}, Adam{},
                              {.epochs = 3, .validation_split = 0.25, .threads = 1, .progress = false});
  const std::string page = report_of(model, history, data, {.title = "<Digits> & more", .settings = {{"seed", "1"}}});
  CHECK_THAT(page, test::contains("<h1>&lt;Digits&gt; &amp; more</h1>"));
  CHECK_THAT(page, test::contains("<th scope=\"row\">seed</th><td>1</td>"));
  for (const char* id : {"findings", "curves", "reconstructions", "errors", "code", "traversals", "filters", "units",
                         "model", "settings"}) {
    CHECK(count(page, "<section id=\"" + std::string(id) + "\">") == 1);
    CHECK(count(page, "<a href=\"#" + std::string(id) + "\">") == 1);
  }
  CHECK(count(page, "<figure data-chart") == 2 + history.metrics.size());
  // Three pictures for each of 12 + 8 + 8 samples, 9 for each of 3 units, one a filter.
  CHECK(count(page, "src=\"data:image/png;base64,") == 3 * 28 + 27 + 8);
  CHECK(count(page, "src=\"") == count(page, "src=\"data:"));
  for (const char* loading : {"http:", "https:", "url(", "@import", "fetch("}) CHECK(count(page, loading) == 0);
  CHECK(count(page, ">nan") == 0);
}

TEST_CASE("a report of a table shows lines, and one without history or numbers what there is") {
  const Matrix<float> table = Matrix<float>::Random(30, 12);
  Table model{Seed{1}};
  const std::string page = report_of(model, {}, table, {.samples = 10});
  CHECK_THAT(page, test::contains("The history is empty."));
  CHECK(count(page, "class=\"spark\"") == 10 + 8 + 8);
  CHECK(count(page, "<section id=\"traversals\"") == 0);

  model.parameters()[0] = INFINITY;
  const std::string broken = report_of(model, {}, table);
  CHECK_THAT(broken, test::contains("parameters in encoder.0.kernel are not finite"));
  CHECK(count(broken, "<section id=\"code\"") == 0);

  const test::TemporaryDirectory dir;
  CHECK_THROWS_AS(write_report(dir / "r.html", model, {}, Dataset(Matrix<float>(0, 12))), std::invalid_argument);
  CHECK_THROWS_AS(write_report(dir / "no" / "r.html", model, {}, table), std::runtime_error);
}

TEST_CASE("a chart leaves gaps for what is not finite, and takes a thousand points of many") {
  report::Html html;
  report::append_line_chart(html, "a \"b\" \\", {{"c\"", std::vector<double>(2500, 0.5)}, {"d", {1, NAN, INFINITY}}});
  CHECK_THAT(html.text(), test::contains("&quot;step&quot;:3"));
  CHECK_THAT(html.text(), test::contains("\\&quot;"));
  CHECK_THAT(html.text(), test::contains("[1]"));
  CHECK(count(html.text(), "0.5") >= 834);
  report::Html empty;
  report::append_line_chart(empty, "none", {{"none", {}}});
  CHECK(empty.text().empty());
}

TEST_CASE("a picture in a page is a PNG file that libpng reads as it was drawn") {
  Canvas canvas(301, 83, Color{1, 2, 3});
  canvas.line(0, 0, 300, 82, 9, Color{250, 20, 130});
  const std::string text = report::png_text(canvas);
  const std::string start = "data:image/png;base64,";
  REQUIRE(text.starts_with(start));

  const std::string digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bytes;
  unsigned bits = 0, held = 0;
  for (const char digit : text.substr(start.size())) {
    if (digit == '=') break;
    bits = bits << 6 | static_cast<unsigned>(digits.find(digit));
    held += 6;
    if (held < 8) continue;
    held -= 8;
    bytes += static_cast<char>(bits >> held & 255);
  }
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  REQUIRE(png_image_begin_read_from_memory(&image, bytes.data(), bytes.size()) != 0);
  image.format = PNG_FORMAT_RGB;
  std::vector<Color> pixels(canvas.pixels().size());
  static_assert(sizeof(Color) == 3);
  REQUIRE(png_image_finish_read(&image, nullptr, pixels.data(), 0, nullptr) != 0);
  CHECK(image.width == 301);
  CHECK(pixels == canvas.pixels());

  CHECK(report::base64("") == "");
  CHECK(report::base64("f") == "Zg==");
  CHECK(report::base64("fo") == "Zm8=");
  CHECK(report::base64("foobar") == "Zm9vYmFy");
}

}  // namespace test_report
