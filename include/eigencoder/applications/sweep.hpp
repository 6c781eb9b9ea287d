#pragma once

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <eigencoder/core/seed.hpp>
#include <eigencoder/core/shape.hpp>
#include <eigencoder/core/target.hpp>
#include <eigencoder/io/atomic_file.hpp>
#include <eigencoder/training/divergence.hpp>
#include <eigencoder/training/history.hpp>
#include <filesystem>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <limits>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace eigencoder::inline EIGENCODER_TARGET {

/// Hyper-parameters of a type of the user's, by a name that the table and its file tell them by.
template <class Value>
struct Setting {
  std::string name;
  Value value;
};

/// One training of a sweep.
struct SweepRun {
  std::string setting;
  Seed seed;
  double score = 0;  ///< NaN: it diverged
  double seconds = 0;

  bool operator==(const SweepRun&) const = default;
};

/// What the runs of one setting came to; those that diverged are counted, but not in the figures.
struct SweepSummary {
  std::string setting;
  Index runs = 0;
  Index diverged = 0;
  double best = 0;
  double mean = 0;
  double standard_deviation = 0;  ///< of the runs, with n - 1; 0 of a single one
  double seconds = 0;             ///< the mean time of a run
};

struct SweepOptions {
  /// A CSV file that has each run as soon as it is over. Runs that it already has are not done again: a sweep that was
  /// interrupted goes on where it stopped, and one with more settings or seeds does only these.
  std::filesystem::path results{};
  /// Whether a larger score is better.
  bool maximize = false;
  /// A line a run on the standard error stream.
  bool progress = true;
};

/// The runs of a sweep.
class SweepTable {
 public:
  SweepTable(std::vector<SweepRun> runs, bool maximize) : runs_(std::move(runs)), maximize_(maximize) {}

  [[nodiscard]] const std::vector<SweepRun>& runs() const { return runs_; }

  /// A summary of each setting, the best mean first, settings of which all runs diverged last.
  [[nodiscard]] std::vector<SweepSummary> summaries() const {
    std::vector<SweepSummary> all;
    for (const SweepRun& run : runs_)
      if (std::ranges::find(all, run.setting, &SweepSummary::setting) == all.end())
        all.push_back(summarize(run.setting));
    std::ranges::stable_sort(all, [this](const SweepSummary& a, const SweepSummary& b) {
      if (a.diverged == a.runs || b.diverged == b.runs) return b.diverged == b.runs && a.diverged != a.runs;
      return maximize_ ? a.mean > b.mean : a.mean < b.mean;
    });
    return all;
  }

 private:
  [[nodiscard]] SweepSummary summarize(const std::string& setting) const {
    SweepSummary summary{.setting = setting};
    std::vector<double> scores;
    for (const SweepRun& run : runs_) {
      if (run.setting != setting) continue;
      ++summary.runs;
      summary.seconds += run.seconds;
      if (std::isnan(run.score)) {
        ++summary.diverged;
      } else {
        scores.push_back(run.score);
      }
    }
    summary.seconds /= static_cast<double>(summary.runs);
    if (scores.empty()) {
      summary.best = summary.mean = std::numeric_limits<double>::quiet_NaN();
      return summary;
    }
    summary.best = maximize_ ? std::ranges::max(scores) : std::ranges::min(scores);
    const auto count = static_cast<double>(scores.size());
    for (const double score : scores) summary.mean += score / count;
    double squares = 0;
    for (const double score : scores) squares += (score - summary.mean) * (score - summary.mean);
    summary.standard_deviation = std::sqrt(squares / std::max(count - 1, 1.0));
    return summary;
  }

  std::vector<SweepRun> runs_;
  bool maximize_;
};

/// The summaries as a table for people.
inline std::ostream& operator<<(std::ostream& out, const SweepTable& table) {
  std::size_t width = 7;
  for (const SweepRun& run : table.runs()) width = std::max(width, run.setting.size());
  std::ostringstream text;
  text << std::left << std::setw(static_cast<int>(width)) << "setting" << std::right << std::setw(6) << "runs"
       << std::setw(13) << "best" << std::setw(13) << "mean" << std::setw(13) << "deviation" << std::setw(10)
       << "s a run" << '\n';
  for (const SweepSummary& s : table.summaries()) {
    text << std::left << std::setw(static_cast<int>(width)) << s.setting << std::right << std::setw(6) << s.runs
         << std::setprecision(5) << std::setw(13) << s.best << std::setw(13) << s.mean << std::setw(13)
         << s.standard_deviation << std::setprecision(3) << std::setw(10) << s.seconds;
    if (s.diverged > 0) text << "  " << s.diverged << " diverged";
    text << '\n';
  }
  return out << text.str();
}

namespace detail {

/// A sweep's results file: a line `setting,seed,score,seconds` a run, below one with these names.
class SweepFile {
 public:
  explicit SweepFile(std::filesystem::path path) : path_(std::move(path)) {}

  /// The runs in the file, none if there is no file. Throws std::runtime_error naming file and line for anything else.
  [[nodiscard]] std::vector<SweepRun> read() const {
    std::vector<SweepRun> runs;
    if (path_.empty() || !std::filesystem::exists(path_)) return runs;
    std::ifstream file(path_);
    std::string line;
    for (Index number = 1; std::getline(file, line); ++number) {
      if (number == 1 ? line != names : !parse(line, runs))
        throw std::runtime_error(path_.string() + ", line " + std::to_string(number) + ": \"" + line.substr(0, 80) +
                                 "\" is not of a sweep's results; expected " + names);
    }
    if (file.bad()) throw std::runtime_error("cannot read " + path_.string());
    return runs;
  }

  void write(const std::vector<SweepRun>& runs) const {
    if (path_.empty()) return;
    std::string text = std::string(names) + '\n';
    for (const SweepRun& run : runs)
      text += run.setting + ',' + std::to_string(run.seed.value) + ',' + number(run.score) + ',' + number(run.seconds) +
              '\n';
    write_file(path_, {text});
  }

 private:
  static constexpr const char* names = "setting,seed,score,seconds";

  /// The shortest text that reads back as the same number.
  static std::string number(double value) {
    char digits[32];
    return {digits, std::to_chars(digits, digits + sizeof digits, value).ptr};
  }

  static bool parse(const std::string& line, std::vector<SweepRun>& runs) {
    SweepRun run;
    const std::size_t comma = line.find(',');
    if (comma == std::string::npos || comma == 0) return false;
    run.setting = line.substr(0, comma);
    const char* at = line.data() + comma;
    const char* const end = line.data() + line.size();
    const auto next = [&](auto& value) {
      if (at == end || *at != ',') return false;
      const auto [after, error] = std::from_chars(at + 1, end, value);
      at = after;
      return error == std::errc();
    };
    if (!next(run.seed.value) || !next(run.score) || !next(run.seconds) || at != end) return false;
    runs.push_back(std::move(run));
    return true;
  }

  std::filesystem::path path_;
};

/// What a run is judged by: the last validation loss, or the last loss where nothing is validated; or a number itself.
inline double score_of(const History& history) {
  const auto& losses = history.validation_loss.empty() ? history.loss : history.validation_loss;
  if (losses.empty()) throw std::invalid_argument("sweep: the history that train returned has no epochs");
  return losses.back();
}
inline double score_of(double score) { return score; }

}  // namespace detail

/// Trains with each setting and each seed, and compares:
///
///     const std::vector<Setting<double>> rates = {{"1e-2", 1e-2}, {"1e-3", 1e-3}};
///     std::cout << sweep(rates, {1, 2, 3}, [&](double rate, Seed seed) {
///       Autoencoder<Encoder, Decoder> model(seed);
///       return fit(model, data, MeanSquaredError{}, Adam{.learning_rate = rate}, {.epochs = 20, .seed = seed});
///     });
///
/// `train` returns a History, whose last validation_loss (or loss, if there is none) is the score, or a number. A run
/// that ends by DivergenceError is told as such, any other exception ends the sweep; what is over is in the file.
/// Throws std::invalid_argument for no settings or seeds, or names that are not unique, empty or have a comma or line
/// end; std::runtime_error for a file that has other settings or is none of a sweep.
template <class Value, class Train>
SweepTable sweep(const std::vector<Setting<Value>>& settings, const std::vector<Seed>& seeds, Train&& train,
                 const SweepOptions& options = {}) {
  if (settings.empty() || seeds.empty()) throw std::invalid_argument("sweep: there are no settings or no seeds");
  for (const auto& setting : settings) {
    if (setting.name.empty() || setting.name.find_first_of(",\r\n") != std::string::npos)
      throw std::invalid_argument("sweep: a setting's name is \"" + setting.name +
                                  "\"; expected one without commas and line ends");
    if (std::ranges::count(settings, setting.name, &Setting<Value>::name) > 1)
      throw std::invalid_argument("sweep: there are several settings named \"" + setting.name + "\"");
  }
  const detail::SweepFile file(options.results);
  std::vector<SweepRun> runs = file.read();
  for (const SweepRun& run : runs)
    if (std::ranges::find(settings, run.setting, &Setting<Value>::name) == settings.end())
      throw std::runtime_error(options.results.string() + " has a run of \"" + run.setting +
                               "\", which is no setting of this sweep; expected a file of its own for each sweep");

  for (const auto& setting : settings) {
    for (const Seed seed : seeds) {
      const auto is_this = [&](const SweepRun& run) { return run.setting == setting.name && run.seed == seed; };
      if (std::ranges::any_of(runs, is_this)) continue;
      const auto start = std::chrono::steady_clock::now();
      SweepRun run{.setting = setting.name, .seed = seed, .score = std::numeric_limits<double>::quiet_NaN()};
      try {
        run.score = detail::score_of(train(setting.value, seed));
      } catch (const DivergenceError&) {
      }
      run.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
      runs.push_back(run);
      file.write(runs);
      if (options.progress)
        std::cerr << "sweep: " << setting.name << ", seed " << seed.value << ": "
                  << (std::isnan(run.score) ? "diverged" : std::to_string(run.score)) << ", " << run.seconds << " s\n";
    }
  }
  return {std::move(runs), options.maximize};
}

}  // namespace eigencoder::inline EIGENCODER_TARGET
