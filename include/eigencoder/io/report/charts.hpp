#pragma once

#include <array>
#include <charconv>
#include <eigencoder/core/target.hpp>
#include <eigencoder/inspect/finding.hpp>
#include <eigencoder/io/report/html.hpp>
#include <eigencoder/plot/chart.hpp>
#include <map>
#include <span>
#include <string>
#include <vector>

/// Charts of a report: lines and dots as SVG, stretched to the page's width, around which the numbers stay text.
namespace eigencoder::inline EIGENCODER_TARGET::report {

/// A chart's area is this many units wide and high, whatever it is on the page.
inline constexpr double side = 1000;

/// The least and the greatest finite value; 0 and 0 if there is none.
class Extent {
 public:
  void add(double value) {
    if (!std::isfinite(value)) return;
    low_ = any_ ? std::min(low_, value) : value;
    high_ = any_ ? std::max(high_, value) : value;
    any_ = true;
  }
  [[nodiscard]] double low() const { return low_; }
  [[nodiscard]] double high() const { return high_; }

 private:
  double low_ = 0, high_ = 0;
  bool any_ = false;
};

/// "M x y" or "L x y" with y upwards, both in [0, 1].
inline void append_point(Html& html, char command, double x, double y) {
  char text[64];
  std::snprintf(text, sizeof text, "%c%.1f %.1f", command, x * side, (1 - y) * side);
  html << std::string_view(text);
}

/// Lines across the area where the ticks are, and the ticks' numbers beside it.
inline void append_y_axis(Html& numbers, Html& area, const eigencoder::detail::Ticks& ticks) {
  numbers << "<div class=\"ys\" aria-hidden=\"true\">";
  area << "<path class=\"grid\" d=\"";
  for (int i = 0; i < ticks.count; ++i) {
    const double place = ticks.place(ticks.value(i));
    numbers << "<span style=\"bottom:" << 100 * place << "%\">" << ticks.label(i) << "</span>";
    append_point(area, 'M', 0, place);
    append_point(area, 'L', 1, place);
  }
  numbers << "</div>";
  area << "\"/>";
}

[[nodiscard]] inline std::string json_string(std::string_view text) {
  std::string result = "\"";
  for (const char sign : text) {
    if (sign == '"' || sign == '\\') result += '\\';
    result += static_cast<unsigned char>(sign) < ' ' ? ' ' : sign;
  }
  return result + '"';
}

inline void append_json(Html& html, const std::vector<double>& values) {
  html << "[";
  for (std::size_t k = 0; k < values.size(); ++k) {
    char digits[32];
    html << (k > 0 ? "," : "");
    if (std::isfinite(values[k])) {
      html << std::string_view(
          digits, static_cast<std::size_t>(std::to_chars(digits, digits + sizeof digits, values[k]).ptr - digits));
    } else {
      html << "null";
    }
  }
  html << "]";
}

/// A line's places in the area, with gaps where a value is not finite; single points as dots.
inline void append_path(Html& html, const std::vector<double>& values, std::size_t count,
                        const eigencoder::detail::Ticks& ticks, int color) {
  const auto x_of = [&](std::size_t k) {
    return count > 1 ? static_cast<double>(k) / static_cast<double>(count - 1) : 0.0;
  };
  const bool dots = values.size() <= 40;
  for (const bool as_dots : {false, true}) {
    if (as_dots && !dots) continue;
    html << "<path style=\"--c:var(--s" << color << ")\"" << (as_dots ? " class=\"dots\"" : "") << " d=\"";
    for (std::size_t k = 0; k < values.size(); ++k) {
      if (!std::isfinite(values[k])) continue;
      const bool joined = !as_dots && k > 0 && std::isfinite(values[k - 1]);
      append_point(html, joined ? 'L' : 'M', x_of(k), ticks.place(values[k]));
      if (as_dots) html << "h0";
    }
    html << "\"/>";
  }
}

/// Every n-th of an epoch's values, so that there are at most a thousand.
[[nodiscard]] inline std::vector<double> thinned(const std::vector<double>& values, std::size_t step) {
  std::vector<double> some;
  for (std::size_t k = 0; k < values.size(); k += step) some.push_back(values[k]);
  return some;
}

/// Lines over the epochs with their values under the pointer, and as a table. Lines without values are left out.
inline void append_line_chart(Html& html, std::string_view title, std::vector<ChartLine> lines) {
  std::erase_if(lines, [](const ChartLine& line) { return line.values.empty(); });
  if (lines.empty()) return;
  std::size_t longest = 0;
  for (const ChartLine& line : lines) longest = std::max(longest, line.values.size());
  const std::size_t step = (longest + 999) / 1000;
  Extent extent;
  for (ChartLine& line : lines) {
    line.values = thinned(line.values, step);
    for (const double value : line.values) extent.add(value);
  }
  const std::size_t count = (longest + step - 1) / step;
  const eigencoder::detail::Ticks ticks(extent.low(), extent.high(), 5);

  html << "<figure data-chart=\"{&quot;x&quot;:&quot;epoch&quot;,&quot;step&quot;:" << step << ",&quot;names&quot;:[";
  for (std::size_t k = 0; k < lines.size(); ++k) html << (k > 0 ? "," : "") << escaped(json_string(lines[k].name));
  html << "],&quot;values&quot;:[";
  for (std::size_t k = 0; k < lines.size(); ++k) {
    html << (k > 0 ? "," : "");
    append_json(html, lines[k].values);
  }
  html << "]}\"><figcaption>" << escaped(title) << (lines.size() > 1 ? ": " : "");
  for (std::size_t k = 0; k < lines.size() && lines.size() > 1; ++k)
    html << "<span class=\"key\" style=\"--c:var(--s" << k % 4 << ")\">" << escaped(lines[k].name) << "</span>";
  html << "</figcaption><div class=\"frame\">";
  Html area;
  append_y_axis(html, area, ticks);
  html << "<div class=\"plot\" tabindex=\"0\" role=\"img\" aria-label=\"" << escaped(title) << " over " << longest
       << " epochs; arrow keys tell the values";
  for (const ChartLine& line : lines)
    html << "; " << escaped(line.name) << " from " << line.values.front() << " to " << line.values.back();
  html << "\"><svg viewBox=\"0 0 1000 1000\" preserveAspectRatio=\"none\" aria-hidden=\"true\">" << area.text();
  for (std::size_t k = 0; k < lines.size(); ++k)
    append_path(html, lines[k].values, count, ticks, static_cast<int>(k % 4));
  html << "</svg><div class=\"cursor\" hidden></div></div><div class=\"xs\" aria-hidden=\"true\">";
  html << "<span style=\"left:0\">1</span>";
  if (count > 2) html << "<span style=\"left:50%\">epoch</span>";
  if (count > 1) html << "<span style=\"left:100%\">" << longest << "</span>";
  html << "</div></div><output aria-live=\"polite\">&nbsp;</output><details><summary>" << escaped(title)
       << " as a table</summary><div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"" << escaped(title)
       << "\"><table><tr><th class=\"number\">epoch</th>";
  for (const ChartLine& line : lines) html << "<th class=\"number\">" << escaped(line.name) << "</th>";
  html << "</tr>";
  for (std::size_t k = 0; k < count; ++k) {
    html << "<tr><td class=\"number\">" << 1 + k * step << "</td>";
    for (const ChartLine& line : lines) {
      html << "<td class=\"number\">";
      if (k < line.values.size()) html << line.values[k];
      html << "</td>";
    }
    html << "</tr>";
  }
  html << "</table></div></details></figure>\n";
}

/// How many values lie in each of 30 equal ranges.
inline void append_histogram(Html& html, std::string_view title, const Eigen::VectorXd& values) {
  constexpr int bars = 30;
  std::array<int, bars> counts{};
  const double low = values.minCoeff(), high = values.maxCoeff();
  const double width = high > low ? (high - low) / bars : 1;
  for (const double value : values)
    ++counts[static_cast<std::size_t>(std::clamp((value - low) / width, 0.0, bars - 1.0))];
  const int most = *std::ranges::max_element(counts);
  const eigencoder::detail::Ticks ticks(0, most, 5, 1);
  html << "<figure><figcaption>" << escaped(title) << "</figcaption><div class=\"frame\">";
  Html area;
  append_y_axis(html, area, ticks);
  html << "<div class=\"plot\" role=\"img\" aria-label=\"" << escaped(title) << ": from " << low << " to " << high
       << ", mean " << values.mean() << "\"><svg viewBox=\"0 0 1000 1000\" preserveAspectRatio=\"none\">"
       << area.text();
  for (int k = 0; k < bars; ++k) {
    const int count = counts[static_cast<std::size_t>(k)];
    const double height = side * ticks.place(count);
    html << "<rect x=\"" << k * side / bars + 2 << "\" width=\"" << side / bars - 4 << "\" y=\"" << side - height
         << "\" height=\"" << height << "\"><title>" << low + k * width << " to " << low + (k + 1) * width << ": "
         << count << "</title></rect>";
  }
  html << "</svg></div><div class=\"xs\" aria-hidden=\"true\"><span style=\"left:0\">" << low
       << "</span><span style=\"left:50%\">" << (low + high) / 2 << "</span><span style=\"left:100%\">" << high
       << "</span></div></div></figure>\n";
}

/// Dots in the plane, a colour for each group, whose name stands in its middle.
inline void append_scatter(Html& html, std::string_view title, const Matrix<double>& points,
                           std::span<const int> labels) {
  // Each stands out from both a white and a black page.
  constexpr std::array<std::string_view, 10> colors = {"#3b78d8", "#c8620a", "#2e8b57", "#d6404f", "#9a5bd0",
                                                       "#94672f", "#d0509b", "#7b7f87", "#7f8a1c", "#1a8fa8"};
  std::map<int, std::vector<Index>> groups;
  for (Index i = 0; i < points.rows(); ++i)
    groups[labels.empty() ? 0 : labels[static_cast<std::size_t>(i)]].push_back(i);
  const bool named = !labels.empty() && groups.size() <= 20;
  const Eigen::RowVectorXd low = points.colwise().minCoeff(), high = points.colwise().maxCoeff();
  const auto place = [&](double value, Index axis) {
    const double width = high[axis] - low[axis];
    return width > 0 ? 0.03 + 0.94 * (value - low[axis]) / width : 0.5;
  };
  html << "<figure class=\"square\"><figcaption>" << escaped(title)
       << "</figcaption><div class=\"frame\"><div class=\"ys\" aria-hidden=\"true\"><span style=\"bottom:3%\">"
       << low[1] << "</span><span style=\"bottom:97%\">" << high[1]
       << "</span></div><div class=\"plot\" role=\"img\" aria-label=\"" << escaped(title) << ", " << points.rows()
       << " samples\"><svg viewBox=\"0 0 1000 1000\" preserveAspectRatio=\"none\" aria-hidden=\"true\">";
  std::size_t color = 0;
  Html names;
  for (const auto& [label, members] : groups) {
    const std::string_view own = colors[named ? color++ % colors.size() : 0];
    html << "<path class=\"dots\" style=\"--c:" << own << ";stroke-width:5\" d=\"";
    for (const Index i : members) {
      append_point(html, 'M', place(points(i, 0), 0), place(points(i, 1), 1));
      html << "h0";
    }
    html << "\"/>";
    if (!named) continue;
    const Eigen::RowVectorXd middle = points(members, Eigen::all).colwise().mean();
    names << "<span class=\"place\" style=\"--c:" << own << ";left:" << 100 * place(middle[0], 0)
          << "%;bottom:" << 100 * place(middle[1], 1) << "%\">" << label << "</span>";
  }
  html << "</svg>" << names.text() << "</div><div class=\"xs\" aria-hidden=\"true\"><span style=\"left:3%\">" << low[0]
       << "</span><span style=\"left:97%\">" << high[0] << "</span></div></div></figure>\n";
}

/// A bar for each of some values, those of `unused` in another colour.
inline void append_bars(Html& html, const std::vector<double>& values, const std::vector<Index>& unused) {
  const double most = values.empty() ? 0 : *std::ranges::max_element(values);
  html << "<div class=\"bars\">";
  for (std::size_t k = 0; k < values.size() && k < 64; ++k) {
    const bool is_unused = std::ranges::find(unused, static_cast<Index>(k)) != unused.end();
    html << "<div" << (is_unused ? " class=\"unused\"" : "") << "><span>" << k
         << "</span><i style=\"width:" << (most > 0 ? 100 * values[k] / most : 0) << "%\"></i><span>" << values[k]
         << (is_unused ? " unused" : "") << "</span></div>";
  }
  html << "</div>";
  if (values.size() > 64) html << "<p class=\"soft\">The first 64 of " << values.size() << ".</p>";
}

}  // namespace eigencoder::inline EIGENCODER_TARGET::report
