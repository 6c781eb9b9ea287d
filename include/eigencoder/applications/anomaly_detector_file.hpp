#pragma once

#include <cmath>
#include <eigencoder/applications/anomaly_detector.hpp>
#include <eigencoder/core/target.hpp>
#include <eigencoder/io/safetensors.hpp>
#include <filesystem>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>

/// A fitted AnomalyDetector as a safetensors file of doubles: options, scales, models, and the rows that scores are
/// compared with (they are some of the training rows, or all of them; `update` needs them).
namespace eigencoder::inline EIGENCODER_TARGET {

namespace detail {

/// What both archives do: names under prefixes.
class DetectorArchive {
 public:
  template <class Function>
  void enter(const std::string& prefix, const Function& f) {
    const std::string outer = prefix_;
    prefix_ += prefix;
    f();
    prefix_ = outer;
  }

 protected:
  [[nodiscard]] std::string full(const std::string& name) const { return prefix_ + name; }

 private:
  std::string prefix_;
};

class DetectorWriter : public DetectorArchive {
 public:
  std::map<std::string, StoredTensor> tensors;

  template <class Values>
  void operator()(const std::string& name, const Values& values, Index, Index) {
    StoredTensor& tensor = tensors[full(name)];
    tensor.shape = {values.rows(), values.cols()};
    for (Index row = 0; row < values.rows(); ++row)
      for (Index column = 0; column < values.cols(); ++column)
        tensor.values.push_back(static_cast<double>(values(row, column)));
  }
  template <class Number>
  void number(const std::string& name, const Number& value) {
    tensors[full(name)] = {{1}, {static_cast<double>(value)}};
  }
};

class DetectorReader : public DetectorArchive {
 public:
  explicit DetectorReader(std::map<std::string, StoredTensor> tensors) : tensors_(std::move(tensors)) {}

  template <class Values>
  void operator()(const std::string& name, Values& values, Index rows, Index columns) {
    const StoredTensor& tensor = find(name);
    if (tensor.shape.size() != 2 || (rows >= 0 && tensor.shape[0] != rows) ||
        (columns >= 0 && tensor.shape[1] != columns))
      throw std::invalid_argument("has a tensor " + full(name) + " of shape " + shape_string(tensor.shape) +
                                  "; expected " + size(rows) + " rows and " + size(columns) + " columns");
    values.resize(tensor.shape[0], tensor.shape[1]);
    auto next = tensor.values.begin();
    for (Index row = 0; row < values.rows(); ++row)
      for (Index column = 0; column < values.cols(); ++column)
        values(row, column) = static_cast<typename Values::Scalar>(*next++);
  }
  template <class Number>
  void number(const std::string& name, Number& value) {
    const StoredTensor& tensor = find(name);
    // Whole numbers beyond this are no counts of anything; a double beyond it is no option.
    constexpr double most = 1e15;
    if (tensor.values.size() != 1 || !(std::abs(tensor.values[0]) <= most))
      throw std::invalid_argument("has no number " + full(name));
    value = static_cast<Number>(tensor.values[0]);
  }

 private:
  static std::string size(Index n) { return n < 0 ? "any number of" : std::to_string(n); }

  [[nodiscard]] const StoredTensor& find(const std::string& name) const {
    const auto found = tensors_.find(full(name));
    if (found == tensors_.end())
      throw std::invalid_argument("is no file of an AnomalyDetector: it has no tensor " + full(name));
    return found->second;
  }

  std::map<std::string, StoredTensor> tensors_;
};

}  // namespace detail

/// Writes a detector, whole or not at all. Throws std::invalid_argument if it is not fitted; std::runtime_error if the
/// file cannot be written.
inline void save(const AnomalyDetector& detector, const std::filesystem::path& path) {
  if (!detector.is_fitted()) throw std::invalid_argument("save: the detector is not fitted; call fit first");
  AnomalyDetector copy = detector;
  detail::DetectorWriter writer;
  copy.visit(writer);
  write_safetensors<double>(path, writer.tensors);
}

/// Reads a detector that gives the same scores, p-values and alarms as the one that was saved, with the seed and the
/// threads of this one. Throws std::runtime_error naming the file and what is wrong with it, the detector as it was.
inline void load(AnomalyDetector& detector, const std::filesystem::path& path) {
  AnomalyDetectorOptions options;
  options.seed = detector.options().seed;
  options.threads = detector.options().threads;
  AnomalyDetector read(options);
  detail::naming_file(path, [&] {
    detail::DetectorReader reader(read_safetensors(path));
    read.visit(reader);
    read.options().check();
    if (!read.is_fitted()) throw std::invalid_argument("is no file of an AnomalyDetector: it has no folds");
  });
  detector = std::move(read);
}

}  // namespace eigencoder::inline EIGENCODER_TARGET
