#pragma once

#include <algorithm>
#include <eigencoder/core/target.hpp>
#include <eigencoder/data/dataset.hpp>
#include <eigencoder/threads/workers.hpp>
#include <map>
#include <numeric>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace eigencoder::inline EIGENCODER_TARGET {

/// |a_i - b_j|^2 = |a_i|^2 + |b_j|^2 - 2 a_i . b_j for the rows of a and b: exact where these products are, else to
/// their rounding, so that the distance of a row to itself may not be 0.
template <class A, class B>
[[nodiscard]] Matrix<typename A::Scalar> squared_distances(const Eigen::MatrixBase<A>& a,
                                                           const Eigen::MatrixBase<B>& b) {
  Matrix<typename A::Scalar> distances = -2 * (a.derived() * b.derived().transpose());
  distances.colwise() += a.rowwise().squaredNorm().eval();
  distances.rowwise() += b.rowwise().squaredNorm().transpose().eval();
  return distances;
}

/// The `count` smallest of some values, by their numbers, the smallest first; of equal ones, the first.
template <class Values>
[[nodiscard]] std::vector<Index> smallest(const Values& values, Index count) {
  std::vector<Index> order(static_cast<std::size_t>(values.size()));
  std::iota(order.begin(), order.end(), Index{0});
  const auto end = order.begin() + std::min(count, static_cast<Index>(values.size()));
  std::partial_sort(order.begin(), end, order.end(),
                    [&](Index a, Index b) { return values[a] < values[b] || (values[a] == values[b] && a < b); });
  order.erase(end, order.end());
  return order;
}

/// The label that is most frequent among the nearest labelled samples, by the Euclidean distance; of several, the
/// smallest. Of samples that are equally near, the earlier are nearer. scikit-learn: KNeighborsClassifier.
///
///     accuracy(KNeighborsClassifier(codes, labels, 5).predict(test_codes), test_labels);
class KNeighborsClassifier {
 public:
  /// Throws std::invalid_argument unless each sample has a label, and n_neighbors is 1 to the number of samples.
  KNeighborsClassifier(const Dataset& samples, std::span<const int> labels, Index n_neighbors = 5)
      : samples_(samples.matrix<float>()), labels_(labels.begin(), labels.end()), n_neighbors_(n_neighbors) {
    if (samples.size() != std::ssize(labels))
      throw std::invalid_argument("KNeighborsClassifier: there are " + std::to_string(labels.size()) + " labels for " +
                                  std::to_string(samples.size()) + " samples");
    if (n_neighbors < 1 || n_neighbors > samples.size())
      throw std::invalid_argument("KNeighborsClassifier: n_neighbors is " + std::to_string(n_neighbors) +
                                  "; expected 1 to " + std::to_string(samples.size()) + ", the number of samples");
  }

  /// The numbers of each sample's nearest, the nearest first; one row a sample. threads 0: all cores.
  /// Throws std::invalid_argument for samples of another size.
  [[nodiscard]] Matrix<Index> kneighbors(const Dataset& data, Index threads = 0) const {
    if (data.features() != samples_.cols())
      throw std::invalid_argument("kneighbors: the samples have " + std::to_string(data.features()) +
                                  " values; expected " + std::to_string(samples_.cols()));
    constexpr Index block = 64;
    const Matrix<float> queries = data.matrix<float>();
    const Index blocks = (queries.rows() + block - 1) / block;
    Matrix<Index> nearest(queries.rows(), n_neighbors_);
    Workers workers(Workers::count(threads, blocks));
    workers.run(workers.size(), [&](int thread) {
      for (Index first = thread * block; first < queries.rows(); first += workers.size() * block) {
        const Index count = std::min(block, queries.rows() - first);
        const Matrix<float> distances = squared_distances(queries.middleRows(first, count), samples_);
        for (Index i = 0; i < count; ++i) {
          const std::vector<Index> order = smallest(distances.row(i), n_neighbors_);
          std::ranges::copy(order, nearest.row(first + i).data());
        }
      }
    });
    return nearest;
  }

  /// Each sample's label.
  [[nodiscard]] std::vector<int> predict(const Dataset& data, Index threads = 0) const {
    const Matrix<Index> nearest = kneighbors(data, threads);
    std::vector<int> predicted;
    for (const auto& row : nearest.rowwise()) {
      std::map<int, int> votes;
      for (const Index neighbour : row) ++votes[labels_[static_cast<std::size_t>(neighbour)]];
      predicted.push_back(std::ranges::max_element(votes, {}, [](const auto& label_and_votes) {
                            return label_and_votes.second;
                          })->first);
    }
    return predicted;
  }

 private:
  Matrix<float> samples_;
  std::vector<int> labels_;
  Index n_neighbors_;
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
