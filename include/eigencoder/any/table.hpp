#pragma once

#include <concepts>
#include <eigencoder/core/index.hpp>
#include <eigencoder/core/target.hpp>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

namespace eigencoder::inline EIGENCODER_TARGET {

class Dataset;

/// Numbers in rows, one sample a row, without Eigen. `Eigen::Map<const Matrix<float>>(table.data(), table.rows(),
/// table.cols())` is the same for Eigen.
class Table {
 public:
  Table() = default;
  Table(Index rows, Index cols) : cols_(cols), values_(static_cast<std::size_t>(rows * cols)) {}
  Table(Index cols, std::vector<float> values) : cols_(cols), values_(std::move(values)) {}

  [[nodiscard]] Index rows() const { return cols_ == 0 ? 0 : static_cast<Index>(values_.size()) / cols_; }
  [[nodiscard]] Index cols() const { return cols_; }
  [[nodiscard]] float* data() { return values_.data(); }
  [[nodiscard]] const float* data() const { return values_.data(); }
  [[nodiscard]] float& operator()(Index row, Index col) { return values_[static_cast<std::size_t>(row * cols_ + col)]; }
  [[nodiscard]] float operator()(Index row, Index col) const {
    return values_[static_cast<std::size_t>(row * cols_ + col)];
  }
  [[nodiscard]] std::span<const float> row(Index row) const { return {data() + row * cols_, values_size()}; }

  bool operator==(const Table&) const = default;

 private:
  [[nodiscard]] std::size_t values_size() const { return static_cast<std::size_t>(cols_); }

  Index cols_ = 0;
  std::vector<float> values_;
};

namespace any {

/// What has floats in rows and columns: a Table, and Eigen's matrices, maps and blocks, without knowing Eigen.
template <class T>
concept FloatMatrix = requires(const T& values) {
  { values.data() } -> std::convertible_to<const float*>;
  { values.rows() } -> std::convertible_to<Index>;
  { values.cols() } -> std::convertible_to<Index>;
};

}  // namespace any

/// A parameter's type: samples that lie somewhere else, and must outlive the call that they are given to. They are a
/// Table, a matrix, map or block of floats of Eigen's in any storage order, a Dataset, or none.
class SampleView {
 public:
  SampleView() = default;
  explicit(false) SampleView(const Dataset& dataset) : dataset_(&dataset) {}
  template <any::FloatMatrix Values>
  explicit(false) SampleView(const Values& values)
      : data_(values.data()), rows_(values.rows()), cols_(values.cols()), row_stride_(values.cols()) {
    if constexpr (requires { values.rowStride(); }) {
      row_stride_ = values.rowStride();
      col_stride_ = values.colStride();
    }
  }
  /// Samples of `cols` values one behind the other.
  SampleView(std::span<const float> values, Index cols)
      : data_(values.data()),
        rows_(cols > 0 ? static_cast<Index>(values.size()) / cols : 0),
        cols_(cols),
        row_stride_(cols) {}

  /// Nothing if the samples are no Dataset.
  [[nodiscard]] const Dataset* dataset() const { return dataset_; }
  [[nodiscard]] const float* data() const { return data_; }
  [[nodiscard]] Index rows() const { return rows_; }
  [[nodiscard]] Index cols() const { return cols_; }
  /// How far the next sample is, and a sample's next value.
  [[nodiscard]] Index row_stride() const { return row_stride_; }
  [[nodiscard]] Index col_stride() const { return col_stride_; }

 private:
  const Dataset* dataset_ = nullptr;
  const float* data_ = nullptr;
  Index rows_ = 0;
  Index cols_ = 0;
  Index row_stride_ = 0;
  Index col_stride_ = 1;
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
