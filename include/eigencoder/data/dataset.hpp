#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <eigencoder/core/shape.hpp>
#include <eigencoder/core/target.hpp>
#include <eigencoder/data/generated.hpp>
#include <eigencoder/data/mapped_file.hpp>
#include <eigencoder/data/sample_reader.hpp>
#include <limits>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace eigencoder::inline EIGENCODER_TARGET {

/// The shape of a sample where an array's first dimension counts the samples: one value, a flat vector, an image
/// (height, width), or an image (height, width, channels). `dims` has 1 to 4 entries.
[[nodiscard]] inline Shape sample_shape(std::span<const Index> dims) {
  if (dims.size() == 1) return Shape{1};
  if (dims.size() == 2) return Shape{dims[1]};
  return Shape{dims[1], dims[2], dims.size() == 3 ? 1 : dims[3]};
}

/// Anything of Eigen's that has rows and columns: matrices, maps, references, blocks, expressions.
template <class T>
concept EigenMatrix = std::is_base_of_v<Eigen::DenseBase<std::remove_cvref_t<T>>, std::remove_cvref_t<T>>;

/// Samples of one shape, and labels if there are any. A value, cheap to copy: copies and slices share the samples.
///
/// Images are kept as the bytes they were and become numbers where they are read: 60,000 MNIST images take 47 MB.
/// A user's own Eigen matrix of floats or doubles, one sample a row, is read where it lies, in any storage order and
/// with any strides, and must then outlive the dataset and all its slices; a temporary (an rvalue or an expression) is
/// taken over or evaluated instead, and owned.
class Dataset {
 public:
  Dataset() = default;
  // A move copies, which is cheap: what was moved from is still a dataset, not a view of memory that it no longer
  // keeps.
  Dataset(const Dataset&) = default;
  Dataset& operator=(const Dataset&) = default;

  /// One sample a row; `shape` must have as many values as there are columns.
  /// Throws std::invalid_argument where it has not.
  template <EigenMatrix Data>
  Dataset(Data&& data, const Shape& shape) : size_(data.rows()), shape_(shape) {
    using Plain = std::remove_cvref_t<Data>;
    using Stored = typename Plain::Scalar;
    static_assert(std::is_same_v<Stored, float> || std::is_same_v<Stored, double>,
                  "Dataset: a matrix must hold float or double; images of bytes are made by Dataset::from_bytes");
    require_shape(data.cols());
    constexpr bool lies_in_memory = requires { data.data(), data.rowStride(), data.colStride(); };
    if constexpr (std::is_lvalue_reference_v<Data> && lies_in_memory) {
      reader_ = SampleReader<Stored>{data.data(), data.rowStride(), data.colStride()};
    } else {
      using Owned = std::conditional_t<std::is_base_of_v<Eigen::PlainObjectBase<Plain>, Plain>, Plain, Matrix<Stored>>;
      const auto owned = std::make_shared<const Owned>(std::forward<Data>(data));
      reader_ = SampleReader<Stored>{owned->data(), owned->rowStride(), owned->colStride()};
      owner_ = owned;
    }
  }

  /// One flat sample a row.
  template <EigenMatrix Data>
  explicit(false) Dataset(Data&& data) : Dataset(std::forward<Data>(data), Shape{data.cols()}) {}

  /// Samples as bytes, one after the other, each in (height, width, channels) order; a byte b stands for b / 255.
  /// Throws std::invalid_argument if the bytes are not a whole number of samples.
  [[nodiscard]] static Dataset from_bytes(std::vector<std::uint8_t> bytes, const Shape& shape) {
    const auto count = static_cast<Index>(bytes.size());
    if (!shape.is_valid() || count % shape.size() != 0) {
      throw std::invalid_argument("Dataset: " + std::to_string(count) +
                                  " bytes are not a whole number of samples of shape " + to_string(shape));
    }
    const auto owned = std::make_shared<const std::vector<std::uint8_t>>(std::move(bytes));
    Dataset dataset;
    dataset.size_ = count / shape.size();
    dataset.shape_ = shape;
    dataset.reader_ = SampleReader<std::uint8_t>{owned->data(), shape.size(), 1};
    dataset.owner_ = owned;
    return dataset;
  }

  /// Samples that a function makes when they are needed, see Generator. They are of floats; no check that goes through
  /// all data does through them. Throws std::invalid_argument if there is no function, or no such shape.
  [[nodiscard]] static Dataset generated(Index count, const Shape& shape, Generator generate) {
    if (count < 0 || !shape.is_valid() || !generate)
      throw std::invalid_argument("Dataset: " + std::to_string(count) + " generated samples of shape " +
                                  to_string(shape) + (generate ? "" : " need a function"));
    Dataset dataset;
    dataset.size_ = count;
    dataset.shape_ = shape;
    dataset.reader_ = SampleReader<Generated>{0, shape.size(), std::make_shared<const Generator>(std::move(generate))};
    return dataset;
  }

  /// Samples that lie in a mapped file one after the other, from the byte `offset` on; see data/mapped.hpp.
  /// Throws std::invalid_argument if the file has not as many, or `offset` does not suit the type.
  template <class Stored>
  [[nodiscard]] static Dataset mapped(std::shared_ptr<const MappedFile> file, std::size_t offset, Index count,
                                      const Shape& shape) {
    const std::size_t values = static_cast<std::size_t>(count) * static_cast<std::size_t>(shape.size());
    if (!shape.is_valid() || offset > file->size() || (file->size() - offset) / sizeof(Stored) < values)
      throw std::invalid_argument("has not " + std::to_string(count) + " samples of shape " + to_string(shape));
    if (offset % alignof(Stored) != 0)
      throw std::invalid_argument("cannot be mapped: its values start at byte " + std::to_string(offset) +
                                  ", not at a multiple of " + std::to_string(alignof(Stored)));
    Dataset dataset;
    dataset.size_ = count;
    dataset.shape_ = shape;
    dataset.reader_ =
        SampleReader<Stored>{reinterpret_cast<const Stored*>(file->bytes().data() + offset), shape.size(), 1};
    dataset.file_ = std::move(file);
    return dataset;
  }

  /// Whether the samples lie in a mapped file. If so, `load` reads some into memory, and `release` lets go of the
  /// memory of some until they are needed again; else they do nothing.
  [[nodiscard]] bool is_mapped() const { return file_ != nullptr; }
  void load(Index first, Index count) const {
    with_bytes(first, count, [&](const void* from, std::size_t size) { file_->load(from, size); });
  }
  void release(Index first, Index count) const {
    with_bytes(first, count, [&](const void* from, std::size_t size) { file_->release(from, size); });
  }

  /// The number of samples.
  [[nodiscard]] Index size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  /// The shape of one sample, and how many values that is.
  [[nodiscard]] const Shape& shape() const { return shape_; }
  [[nodiscard]] Index features() const { return shape_.size(); }
  /// One label a sample, or none at all.
  [[nodiscard]] std::span<const int> labels() const {
    return labels_
               ? std::span(*labels_).subspan(static_cast<std::size_t>(first_label_), static_cast<std::size_t>(size_))
               : std::span<const int>{};
  }

  /// Calls f with the SampleReader of the type that the samples are stored as, so that a loop over samples is compiled
  /// once for each and decides nothing inside.
  template <class Function>
  decltype(auto) visit(Function&& f) const {
    return std::visit(std::forward<Function>(f), reader_);
  }

  /// The memory that the samples take: what they were given as, not as they are read.
  [[nodiscard]] std::size_t bytes_used() const {
    return visit([&]<class Stored>(const SampleReader<Stored>&) {
      return std::is_same_v<Stored, Generated> ? 0 : static_cast<std::size_t>(size() * features()) * sizeof(Stored);
    });
  }

  /// Samples first ... first + count - 1, sharing their memory. Throws std::invalid_argument if there are not that
  /// many.
  [[nodiscard]] Dataset slice(Index first, Index count) const {
    if (first < 0 || count < 0 || count > size_ - first) {
      throw std::invalid_argument("Dataset::slice: cannot take " + std::to_string(count) + " samples from sample " +
                                  std::to_string(first) + " on; there are " + std::to_string(size_));
    }
    Dataset part = *this;
    part.size_ = count;
    part.first_label_ += first;
    std::visit([&](auto& reader) { reader.first += first * reader.sample_stride; }, part.reader_);
    return part;
  }

  /// A copy of the samples of these indices, in their order, with their labels. Throws std::invalid_argument for an
  /// index of none.
  [[nodiscard]] Dataset select(std::span<const Index> indices) const {
    for (const Index index : indices)
      if (index < 0 || index >= size_)
        throw std::invalid_argument("Dataset::select: there is no sample " + std::to_string(index) + " among " +
                                    std::to_string(size_));
    Dataset part = *this;
    part.size_ = static_cast<Index>(indices.size());
    visit([&]<class Stored>(const SampleReader<Stored>& reader) {
      if constexpr (std::is_same_v<Stored, Generated>) {
        const auto owned = std::make_shared<const std::vector<float>>(reader.rows(indices).values);
        part.reader_ = SampleReader<float>{owned->data(), features(), 1};
        part.owner_ = owned;
      } else {
        const auto owned = std::make_shared<Matrix<Stored>>(part.size_, features());
        Stored* to = owned->data();
        for (const Index index : indices)
          for (Index k = 0; k < features(); ++k)
            *to++ = reader.first[index * reader.sample_stride + k * reader.feature_stride];
        part.reader_ = SampleReader<Stored>{owned->data(), features(), 1};
        part.owner_ = owned;
      }
    });
    part.file_ = nullptr;
    if (labels_) {
      std::vector<int> labels;
      labels.reserve(indices.size());
      for (const Index index : indices) labels.push_back(this->labels()[static_cast<std::size_t>(index)]);
      return part.with_labels(std::move(labels));
    }
    return part;
  }

  /// The same values seen as samples of another shape. Throws std::invalid_argument unless it has as many values.
  [[nodiscard]] Dataset reshaped(const Shape& shape) const {
    Dataset copy = *this;
    copy.shape_ = shape;
    copy.require_shape(features());
    return copy;
  }

  /// The same samples with these labels. Throws std::invalid_argument unless there is one a sample.
  [[nodiscard]] Dataset with_labels(std::vector<int> labels) const {
    if (static_cast<Index>(labels.size()) != size_) {
      throw std::invalid_argument("Dataset: " + std::to_string(labels.size()) + " labels for " + std::to_string(size_) +
                                  " samples");
    }
    Dataset copy = *this;
    copy.labels_ = std::make_shared<const std::vector<int>>(std::move(labels));
    copy.first_label_ = 0;
    return copy;
  }

  /// All samples as numbers, one a row.
  template <class Scalar>
  [[nodiscard]] Matrix<Scalar> matrix() const {
    Matrix<Scalar> values(size(), features());
    visit([&](const auto& read) {
      for (Index sample = 0; sample < size(); ++sample) read(sample, 0, features(), values.row(sample).data());
    });
    return values;
  }

  /// f(read, sample) for one sample after the other until one returns true; what is in a mapped file is read once and
  /// not kept in memory.
  template <class Function>
  void scan(const Function& f) const {
    visit([&](const auto& read) { scan(read, f); });
  }
  /// The same by the reader that `visit` gave, so that f is compiled for no other.
  template <class Stored, class Function>
  void scan(const SampleReader<Stored>& read, const Function& f) const {
    const Index stretch = std::max<Index>(1, (Index{1} << 22) / features());
    for (Index first = 0; first < size(); first += stretch) {
      const Index end = std::min(size(), first + stretch);
      for (Index sample = first; sample < end; ++sample)
        if (f(read, sample)) return;
      release(first, end - first);
    }
  }

  /// Throws std::invalid_argument naming the first sample and feature that is a NaN or an infinity.
  void check_finite() const {
    visit([&]<class Stored>(const SampleReader<Stored>& reader) {
      if constexpr (std::is_floating_point_v<Stored>) {
        std::vector<Stored> values(static_cast<std::size_t>(features()));
        scan(reader, [&](const auto& read, Index sample) {
          read(sample, 0, features(), values.data());
          const auto is_finite = [](Stored value) { return std::abs(value) <= std::numeric_limits<Stored>::max(); };
          int others = 0;  // summed up, not left early: so the loop is vectorised
          for (const Stored value : values) others += static_cast<int>(!is_finite(value));
          if (others == 0) return false;
          const auto found = std::ranges::find_if_not(values, is_finite);
          throw std::invalid_argument("Dataset: the value of sample " + std::to_string(sample) + ", feature " +
                                      std::to_string(found - values.begin()) + " is not finite");
        });
      }
    });
  }

 private:
  void require_shape(Index features) const {
    if (!shape_.is_valid() || shape_.size() != features) {
      throw std::invalid_argument("Dataset: samples of " + std::to_string(features) + " values cannot have shape " +
                                  to_string(shape_));
    }
  }

  /// f(the first byte of samples, how many bytes they are) if they lie in a mapped file.
  template <class Function>
  void with_bytes(Index first, Index count, const Function& f) const {
    if (!file_ || count <= 0) return;
    visit([&]<class Stored>(const SampleReader<Stored>& read) {
      if constexpr (!std::is_same_v<Stored, Generated>)
        f(read.first + first * read.sample_stride,
          static_cast<std::size_t>(count * read.sample_stride) * sizeof(Stored));
    });
  }

  Index size_ = 0;
  Shape shape_{};
  std::variant<SampleReader<std::uint8_t>, SampleReader<float>, SampleReader<double>, SampleReader<Generated>> reader_;
  std::shared_ptr<const void> owner_;
  std::shared_ptr<const MappedFile> file_;
  std::shared_ptr<const std::vector<int>> labels_;
  Index first_label_ = 0;
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
