#include "detection_report.hpp"

#include <algorithm>
#include <eigencoder/applications/detection_charts.hpp>
#include <eigencoder/io/report.hpp>
#include <eigencoder/io/report/png_text.hpp>
#include <numeric>

namespace examples {

using namespace eigencoder;

namespace {

void append_picture(report::Html& html, const Canvas& canvas, std::string_view what) {
  html << "<figure><figcaption>" << what << "</figcaption><img alt=\"" << what << "\" width=\"" << canvas.width()
       << "\" height=\"" << canvas.height() << "\" src=\"" << report::png_text(canvas) << "\"></figure>";
}

void append_figures(report::Html& html, const Detection& detection) {
  html << "<table>";
  for (const auto& [name, value] : detection.figures)
    html << "<tr><th scope=\"row\">" << report::escaped(name) << "</th><td class=\"number\">" << report::escaped(value)
         << "</td></tr>";
  html << "</table>";
}

void append_scores(report::Html& html, const Detection& detection) {
  html << "<div class=\"pair\">";
  append_picture(html, score_histogram(detection.scores, detection.threshold, detection.labels), "Rows by their score");
  const auto normal = std::ranges::count(detection.labels, 0);
  if (normal > 0 && normal < std::ssize(detection.labels))
    append_picture(html, roc_chart(detection.scores, detection.labels), "The ROC curve");
  html << "</div>";
}

/// "vibration 61 %, flow 20 %, load 5 %"
std::string largest_shares(const Detection& detection, Index row) {
  std::vector<Index> order(detection.columns.size());
  std::iota(order.begin(), order.end(), Index{0});
  std::ranges::stable_sort(order, std::greater{}, [&](Index column) { return detection.shares(row, column); });
  order.resize(std::min<std::size_t>(order.size(), 3));
  std::string text;
  for (const Index column : order)
    text += (text.empty() ? "" : ", ") + detection.columns[static_cast<std::size_t>(column)] + " " +
            inspect::short_number(100 * detection.shares(row, column)) + " %";
  return text;
}

void append_highest(report::Html& html, const Detection& detection) {
  html << "<p>The rows with the highest scores, and the columns that they come from.</p><div class=\"scroll\" "
          "tabindex=\"0\" role=\"region\" aria-label=\"Highest scores\"><table><tr><th class=\"number\">row</th>"
          "<th class=\"number\">score</th><th class=\"number\">p-value</th><th>alarm</th>"
       << (detection.labels.empty() ? "" : "<th>label</th>") << "<th>largest shares of the score</th></tr>";
  for (std::size_t k = 0; k < detection.highest.size(); ++k) {
    const Index row = detection.highest[k];
    html << "<tr><td class=\"number\">" << row << "</td><td class=\"number\">" << detection.scores[row]
         << "</td><td class=\"number\">" << detection.p_values[row] << "</td><td>"
         << (detection.alarms[row] != 0 ? "yes" : "no") << "</td>";
    if (!detection.labels.empty()) html << "<td>" << detection.labels[static_cast<std::size_t>(row)] << "</td>";
    html << "<td>" << report::escaped(largest_shares(detection, static_cast<Index>(k))) << "</td></tr>";
  }
  html << "</table></div>";
}

}  // namespace

void write_report(const std::filesystem::path& path, const Detection& detection) {
  constexpr std::string_view title = "Anomalies";
  report::Html html;
  report::begin_page(html, title);
  html << "<header>";
  html.element("h1", title) << "</header>\n<main>\n";
  const auto section = [&](const char* id, const char* heading, const auto& body) {
    html << "<section id=\"" << id << "\"><h2>" << heading << "</h2>\n";
    body();
    html << "</section>\n";
  };
  section("figures", "Figures", [&] { append_figures(html, detection); });
  section("scores", "Scores", [&] { append_scores(html, detection); });
  section("highest", "Highest scores", [&] { append_highest(html, detection); });
  section("settings", "Settings", [&] { report::append_settings(html, detection.settings); });
  html << "</main>\n";
  report::end_page(html);
  write_file(path, {html.text()});
}

}  // namespace examples
