#pragma once

#include <algorithm>
#include <cmath>
#include <eigencoder/core/target.hpp>
#include <eigencoder/io/report/html.hpp>
#include <eigencoder/io/report/png_text.hpp>
#include <eigencoder/plot/canvas.hpp>
#include <string>

/// Samples and differences of samples as a report shows them: images as images, all else as lines.
namespace eigencoder::inline EIGENCODER_TARGET::report {

/// Whether samples of this shape are shown as images.
[[nodiscard]] inline bool is_image(const Shape& shape) { return shape.height > 1 && shape.width > 1; }

/// -1 blue, 0 white, 1 orange.
[[nodiscard]] inline Color diverging(double value) {
  const Color end = value < 0 ? Color{24, 84, 178} : Color{190, 84, 0};
  const double share = std::min(std::abs(value), 1.0);
  const auto mix = [&](std::uint8_t to) { return static_cast<std::uint8_t>(std::lround(255 + share * (to - 255))); };
  return {mix(end.red), mix(end.green), mix(end.blue)};
}

/// Shows samples of one shape whose values lie in [low, high].
class Pictures {
 public:
  Pictures(const Shape& shape, double low, double high)
      : shape_(shape), low_(low), high_(high > low ? high : low + 1) {}

  /// The values in grey, or in colours if there are three channels or more; of two the first.
  template <class Row>
  void append(Html& html, const Row& values, const std::string& what) const {
    if (!is_image(shape_)) return append_lines(html, values, values, what);
    const Index second = shape_.channels >= 3 ? 1 : 0;
    append_image(html, what, [&](Index first) {
      return Color{grey(values[first]), grey(values[first + second]), grey(values[first + 2 * second])};
    });
  }

  /// y - x: what is too bright in y is orange, what is too dark blue. As lines, both over each other.
  template <class Row>
  void append_difference(Html& html, const Row& y, const Row& x, const std::string& what) const {
    if (!is_image(shape_)) return append_lines(html, x, y, what);
    append_image(html, what, [&](Index first) {
      double sum = 0;
      for (Index c = 0; c < shape_.channels; ++c) sum += y[first + c] - x[first + c];
      return diverging(sum / static_cast<double>(shape_.channels) / (high_ - low_));
    });
  }

  /// Weights, the largest of them all at an end of the scale of colours.
  template <class Row>
  static void append_weights(Html& html, const Row& weights, const Shape& shape, const std::string& what) {
    double most = 0;
    for (Index k = 0; k < shape.size(); ++k) most = std::max(most, std::abs(static_cast<double>(weights[k])));
    if (!(most > 0)) most = 1;
    const Pictures pictures(shape, 0, 1);
    pictures.append_image(html, what, [&](Index first) {
      double sum = 0;
      for (Index c = 0; c < shape.channels; ++c) sum += static_cast<double>(weights[first + c]);
      return diverging(sum / static_cast<double>(shape.channels) / most);
    });
  }

 private:
  [[nodiscard]] std::uint8_t grey(double value) const {
    const double share = (value - low_) / (high_ - low_);
    return static_cast<std::uint8_t>(std::lround(255 * (share > 0 ? std::min(share, 1.0) : 0.0)));
  }

  /// color_of(the place of a pixel's first channel) for each pixel.
  template <class Function>
  void append_image(Html& html, const std::string& what, const Function& color_of) const {
    Canvas canvas(static_cast<int>(shape_.width), static_cast<int>(shape_.height), {});
    for (int i = 0; i < canvas.height(); ++i)
      for (int j = 0; j < canvas.width(); ++j)
        canvas.blend(j, i, color_of((Index{i} * shape_.width + j) * shape_.channels));
    html << "<img alt=\"" << escaped(what) << "\" width=\"" << canvas.width() << "\" height=\"" << canvas.height()
         << "\" src=\"" << png_text(canvas) << "\">";
  }

  template <class Row>
  void append_lines(Html& html, const Row& first, const Row& second, const std::string& what) const {
    html << "<div class=\"spark\" role=\"img\" aria-label=\"" << escaped(what)
         << "\"><svg viewBox=\"0 0 1000 1000\" preserveAspectRatio=\"none\" aria-hidden=\"true\">";
    const auto line = [&](const Row& values, int color) {
      html << "<path style=\"--c:var(--s" << color << ");stroke-width:1.5\" d=\"";
      for (Index k = 0; k < values.size(); ++k) {
        char text[64];
        const double x = values.size() > 1 ? static_cast<double>(k) / static_cast<double>(values.size() - 1) : 0.5;
        std::snprintf(text, sizeof text, "%c%.0f %.0f", k > 0 ? 'L' : 'M', 20 + 960 * x,
                      980 - 960 * std::clamp((values[k] - low_) / (high_ - low_), 0.0, 1.0));
        html << std::string_view(text);
      }
      html << "\"/>";
    };
    line(first, 0);
    if (&first != &second) line(second, 1);
    html << "</svg></div>";
  }

  Shape shape_;
  double low_, high_;
};

}  // namespace eigencoder::inline EIGENCODER_TARGET::report
