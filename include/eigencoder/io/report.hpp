#pragma once

#include <chrono>
#include <ctime>
#include <eigencoder/core/target.hpp>
#include <eigencoder/core/version.hpp>
#include <eigencoder/inspect/diagnose.hpp>
#include <eigencoder/io/atomic_file.hpp>
#include <eigencoder/io/report/charts.hpp>
#include <eigencoder/io/report/content.hpp>
#include <eigencoder/io/report/page.hpp>
#include <eigencoder/io/report/pictures.hpp>
#include <eigencoder/losses/mean_squared_error.hpp>
#include <filesystem>
#include <numeric>
#include <thread>
#include <utility>

namespace eigencoder::inline EIGENCODER_TARGET {

namespace report {

/// "g++ 12.2.0" or "clang++ 14.0.6", with what its macros tell of its flags.
[[nodiscard]] inline std::string compiler() {
#if defined(__clang__)
  std::string text = "clang++ " __clang_version__;
#else
  std::string text = "g++ " __VERSION__;
#endif
#if defined(__OPTIMIZE__)
  text += ", optimised";
#else
  text += ", not optimised";
#endif
#if defined(NDEBUG)
  text += ", NDEBUG";
#endif
  return text;
}

/// "2026-01-31 12:00:00 UTC"
[[nodiscard]] inline std::string time_now() {
  const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm utc{};
  gmtime_r(&now, &utc);
  char text[40];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S UTC", &utc)};
}

/// Names and values, and after them what program wrote the page, and when.
inline void append_settings(Html& html, std::span<const std::pair<std::string, std::string>> settings) {
  html << "<table class=\"settings\">";
  const auto row = [&](std::string_view name, std::string_view value) {
    html << "<tr><th scope=\"row\">" << escaped(name) << "</th><td>" << escaped(value) << "</td></tr>";
  };
  for (const auto& [name, value] : settings) row(name, value);
  row("eigencoder", version);
  row("compiler", compiler());
  row("instruction sets", Eigen::SimdInstructionSetsInUse());
  row("cores", std::to_string(std::thread::hardware_concurrency()));
  row("written", time_now());
  html << "</table>";
}

/// The page, section by section.
class Page {
 public:
  explicit Page(const Content& content)
      : content_(content),
        diagnosis_(content.diagnosis),
        history_(content.history),
        is_image_(report::is_image(content.shape)),
        errors_((content.reconstructions - content.originals).array().square().rowwise().mean()) {}

  [[nodiscard]] std::string write() {
    struct Section {
      std::string_view id, title;
      void (Page::*write)();
    };
    std::vector<Section> sections = {{"findings", "Findings", &Page::findings}, {"curves", "Curves", &Page::curves}};
    if (content_.originals.rows() > 0) {  // nothing is to be shown where values are not finite
      sections.insert(sections.end(), {{"reconstructions", "Reconstructions", &Page::reconstructions},
                                       {"errors", "Errors", &Page::errors},
                                       {"code", "Code", &Page::code}});
      if (!content_.traversals.empty()) sections.push_back({"traversals", "Traversals", &Page::traversals});
      if (!content_.kernel.name.empty()) sections.push_back({"filters", "First-layer filters", &Page::filters});
      sections.push_back({"units", "Units", &Page::units});
    }
    sections.insert(sections.end(), {{"model", "Model", &Page::layers}, {"settings", "Settings", &Page::settings}});

    begin_page(html_, content_.options.title);
    head();
    html_ << "<nav aria-label=\"Sections\"><ul>";
    for (const Section& section : sections)
      html_ << "<li><a href=\"#" << section.id << "\">" << section.title << "</a></li>";
    html_ << "</ul></nav>\n<main>\n";
    for (const Section& section : sections) {
      html_ << "<section id=\"" << section.id << "\"><h2>" << section.title << "</h2>\n";
      (this->*section.write)();
      html_ << "</section>\n";
    }
    html_ << "</main>\n";
    end_page(html_);
    return html_.text();
  }

 private:
  void head() {
    html_ << "<header>";
    html_.element("h1", content_.options.title);
    html_ << "<p class=\"soft\">" << content_.parameters << " parameters, " << history_.epochs() << " epochs";
    if (!history_.loss.empty()) html_ << ", loss " << history_.loss.back();
    if (!history_.validation_loss.empty()) html_ << ", validation loss " << history_.validation_loss.back();
    html_ << "</p></header>\n";
  }

  void findings() {
    if (diagnosis_.findings.empty()) {
      html_ << "<p class=\"well\">Nothing wrong was found.</p>";
    } else {
      html_ << "<ul class=\"findings\">";
      for (const Finding& finding : diagnosis_.findings)
        html_ << "<li><strong>" << escaped(finding.what) << ".</strong>" << escaped(finding.advice) << ".</li>";
      html_ << "</ul>";
    }
    if (diagnosis_.baselines.mean > 0) {
      html_ << "<div class=\"scroll\"><table><tr><th>Mean squared error</th><th class=\"number\"></th></tr><tr><td>the "
               "model"
            << "</td><td class=\"number\">" << diagnosis_.error << "</td></tr>";
      if (diagnosis_.baselines.pca_counts)
        html_ << "<tr><td>PCA, " << content_.latent << " components</td><td class=\"number\">"
              << diagnosis_.baselines.pca << "</td></tr>";
      html_ << "<tr><td>the mean sample</td><td class=\"number\">" << diagnosis_.baselines.mean
            << "</td></tr></table></div>";
    }
  }

  void curves() {
    if (history_.loss.empty()) html_ << "<p>The history is empty.</p>";
    html_ << "<div class=\"pair\">";
    append_line_chart(html_, "Loss", {{"training", history_.loss}, {"validation", history_.validation_loss}});
    append_line_chart(html_, "Learning rate", {{"learning rate", history_.learning_rate}});
    for (const auto& [name, values] : history_.metrics) append_line_chart(html_, name, {{name, values}});
    html_ << "</div>";
  }

  /// Samples, what became of them, and the difference: those of these numbers among the ones that are looked at.
  void cards(std::span<const Index> numbers) {
    html_ << "<ul class=\"cards" << (is_image_ ? "" : " wide") << "\">";
    const Pictures pictures = this->pictures();
    for (const Index i : numbers) {
      const Eigen::VectorXd x = content_.originals.row(i), y = content_.reconstructions.row(i);
      const std::string name = "sample " + std::to_string(content_.number(i));
      html_ << "<li>";
      if (is_image_) {
        pictures.append(html_, x, name + ", original");
        pictures.append(html_, y, name + ", reconstruction");
      }
      pictures.append_difference(html_, y, x, name + ", difference");
      html_ << name << "<br>" << errors_[i] << "</li>";
    }
    html_ << "</ul>\n";
  }

  void reconstructions() {
    html_ << (is_image_
                  ? "<p>Each sample over its reconstruction and the difference: orange where the reconstruction is too "
                    "bright, blue where it is too dark. Below are its number and its mean squared error.</p>"
                  : "<p><span class=\"key\" style=\"--c:var(--s0)\">sample</span><span class=\"key\" "
                    "style=\"--c:var(--s1)\">reconstruction</span>over the features; below are the sample's number and "
                    "its "
                    "mean squared error.</p>");
    std::vector<Index> order(static_cast<std::size_t>(content_.originals.rows()));
    std::iota(order.begin(), order.end(), Index{0});
    const auto some = [&](std::size_t most) { return std::span(order).first(std::min(most, order.size())); };
    cards(some(12));
    std::ranges::sort(order, {}, [&](Index i) { return errors_[i]; });
    html_ << "<h3>Best</h3>";
    cards(some(8));
    std::ranges::reverse(order);
    html_ << "<h3>Worst</h3>";
    cards(some(8));
  }

  void errors() {
    html_ << "<p>Mean squared errors of " << content_.originals.rows() << " samples: mean " << errors_.mean()
          << ", least " << errors_.minCoeff() << ", greatest " << errors_.maxCoeff() << ".</p>";
    append_histogram(html_, "Samples by their mean squared error", errors_);
  }

  void code() {
    const bool is_plane = content_.codes.cols() == 2;
    append_scatter(
        html_,
        is_plane ? "The codes of the samples" : "The codes of the samples along their first two principal components",
        is_plane ? content_.codes : PrincipalComponents(content_.codes).project(2), content_.labels);
    const CodeUse& use = diagnosis_.code;
    html_ << "<h3>Use of the code</h3><p>" << use.values.size() - use.unused.size() << " of " << use.values.size()
          << " in use. The bars are the " << use.measure << " of each.</p>";
    append_bars(html_, use.values, use.unused);
  }

  void traversals() {
    html_
        << "<p>What each unit stands for: decoded codes of zeros but for this one unit, from -2 to 2. First those with "
           "the greatest divergence from the prior. All have the label 0, if the decoder takes labels.</p>";
    const Pictures pictures = this->pictures();
    for (const Traversal& traversal : content_.traversals) {
      const std::string name = "unit " + std::to_string(traversal.unit);
      html_ << "<div class=\"row\"><span>" << name << "</span><div class=\"images\">";
      for (Index step = 0; step < traversal.values.size(); ++step) {
        const Eigen::VectorXd sample = traversal.decoded.row(step);
        pictures.append(html_, sample, name + " at " + inspect::short_number(traversal.values[step]));
      }
      html_ << "</div></div>\n";
    }
  }

  /// The kernels of the first layer that has any: of a dense one what each unit looks for in a sample, of a convolution
  /// its own little images.
  void filters() {
    const auto& dims = content_.kernel.dims;
    const bool dense = dims.size() == 2;
    const Index units = dims.back(), inputs = content_.weights.rows(), shown = std::min<Index>(units, 64);
    const bool as_image = !dense || (is_image_ && inputs == content_.shape.size());
    const Shape shape = !dense     ? Shape(dims[0], dims[1], inputs / dims[0] / dims[1])
                        : as_image ? content_.shape
                                   : Shape(1, inputs, 1);
    html_ << "<p>" << escaped(content_.kernel.name) << (shown < units ? ", the first 64" : ", all") << " of " << units
          << " units: orange weights are positive, blue ones negative, white ones 0"
          << (as_image ? "" : "; a strip a unit, a weight an input") << ".</p><ul class=\"cards "
          << (as_image ? "small" : "wide") << "\">";
    for (Index unit = 0; unit < shown; ++unit) {
      const Eigen::VectorXd own = content_.weights.col(unit);
      html_ << "<li>";
      Pictures::append_weights(html_, own, shape, "weights of unit " + std::to_string(unit));
      html_ << unit << "</li>";
    }
    html_ << "</ul>";
  }

  void units() {
    html_ << "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Units\"><table><tr><th>Layer</th><th "
             "class=\"number\">Units</th><th class=\"number\">Dead</th><th class=\"number\">Saturated</th></tr>";
    for (const LayerActivity& activity : diagnosis_.layers)
      html_ << "<tr><td>" << escaped(inspect::name_of(activity.layer)) << "</td><td class=\"number\">" << activity.units
            << "</td><td class=\"number\">" << activity.dead.size() << "</td><td class=\"number\">"
            << activity.saturated.size() << "</td></tr>";
    html_ << "</table></div><p class=\"soft\">Dead units give one value whatever the sample; saturated ones are within "
             "1 % of "
             "an end of their activation's range for 99 % of the samples.</p>";
  }

  void layers() {
    html_ << "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
             "aria-label=\"Layers\"><table><tr><th>Layer</th><th>Output</th><th "
             "class=\"number\">Parameters</th></tr>";
    for (const LayerInfo& layer : content_.layers)
      html_ << "<tr><td>" << escaped(inspect::name_of(layer)) << "</td><td>" << to_string(layer.output)
            << "</td><td class=\"number\">" << layer.parameters << "</td></tr>";
    html_ << "<tr><td>all</td><td></td><td class=\"number\">" << content_.parameters << "</td></tr></table></div>";
  }

  void settings() {
    auto rows = content_.options.settings;
    rows.emplace_back("samples", std::to_string(content_.samples) + " of shape " + to_string(content_.shape) +
                                     ", of which " + std::to_string(content_.originals.rows()) + " are shown here");
    if (!history_.seconds.empty())
      rows.emplace_back(
          "training time",
          inspect::short_number(std::accumulate(history_.seconds.begin(), history_.seconds.end(), 0.0)) + " s");
    append_settings(html_, rows);
  }

  [[nodiscard]] Pictures pictures() const {
    // Images are in [0, 1], which shall look alike in all reports; others as they are.
    const double low = content_.originals.minCoeff(), high = content_.originals.maxCoeff();
    const bool unit = low >= 0 && high <= 1;
    return {content_.shape, unit ? 0 : low, unit ? 1 : high};
  }

  const Content& content_;
  const Diagnosis& diagnosis_;
  const History& history_;
  bool is_image_;
  Eigen::VectorXd errors_;
  Html html_{};
};

}  // namespace report

/// Writes a report whose content has been gathered before, by a part of a program that knows the model's type.
inline void write_report(const std::filesystem::path& path, const report::Content& content) {
  write_file(path, {report::Page(content).write()});
}

/// Writes what there is to see of a training as one HTML file: what `diagnose` finds, curves, reconstructions, the
/// errors, the code, traversals of a variational model, filters, units, layers and settings. It needs no network,
/// follows the reader's light or dark theme, and prints. Its pictures are made by libpng. `loss`: the one that the
/// model was trained with.
///
/// Throws std::invalid_argument if there are no samples, or of the wrong size; std::runtime_error naming the file and
/// the reason if it cannot be written, an older file as it was.
template <class Model, class Loss = MeanSquaredError>
void write_report(const std::filesystem::path& path, const Model& model, const History& history, const Dataset& data,
                  const ReportOptions& options = {}, Loss loss = {}) {
  network::require_features(data, Model::input, "write_report");
  write_report(path, report::content(inspect::subject(model, loss), history, data, options));
}

}  // namespace eigencoder::inline EIGENCODER_TARGET
