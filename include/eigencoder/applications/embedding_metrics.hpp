#pragma once

#include <eigencoder/applications/nearest_neighbors.hpp>
#include <eigencoder/core/target.hpp>
#include <limits>

/// How far an embedding, such as the codes of an encoder, keeps neighbours neighbours.
namespace eigencoder::inline EIGENCODER_TARGET {

/// Whether what is near in an embedding was near before, in [0, 1]: with the n samples' k = n_neighbors nearest in the
/// embedding, and r(i, j) the rank of sample j among the neighbours of sample i before, 1 for the nearest,
///
///   1 - 2 / (n k (2 n - 3 k - 1)) sum_i sum_{j near i in the embedding} max(0, r(i, j) - k).
///
/// 1: no stranger has become a neighbour. Takes time and memory by n^2: for more than some 10,000 samples, take a part
/// of them. Distances are Euclidean; of equally near samples, the earlier are nearer. threads 0: all cores.
/// Throws std::invalid_argument unless there are as many of both, and k is at least 1 and less than n / 2.
/// Source: Venna, Kaski, "Neighborhood preservation in nonlinear projection methods", 2001.
/// scikit-learn: trustworthiness.
[[nodiscard]] inline double trustworthiness(const Dataset& samples, const Dataset& embedding, Index n_neighbors = 5,
                                            Index threads = 0) {
  const Index n = samples.size(), k = n_neighbors;
  if (embedding.size() != n)
    throw std::invalid_argument("trustworthiness: " + std::to_string(n) + " samples and " +
                                std::to_string(embedding.size()) + " of their embedding");
  if (k < 1 || 2 * k >= n)
    throw std::invalid_argument("trustworthiness: n_neighbors is " + std::to_string(k) +
                                "; expected at least 1 and less than half of the " + std::to_string(n) + " samples");
  const Matrix<double> before = samples.matrix<double>(), after = embedding.matrix<double>();
  constexpr Index block = 64;
  Workers workers(Workers::count(threads, (n + block - 1) / block));
  std::vector<double> penalties(static_cast<std::size_t>(workers.size()));
  workers.run(workers.size(), [&](int thread) {
    for (Index first = thread * block; first < n; first += workers.size() * block) {
      const Index count = std::min(block, n - first);
      const Matrix<double> were = squared_distances(before.middleRows(first, count), before);
      Matrix<double> are = squared_distances(after.middleRows(first, count), after);
      for (Index i = 0; i < count; ++i) {
        const Index self = first + i;
        are(i, self) = std::numeric_limits<double>::infinity();
        for (const Index j : smallest(are.row(i), k)) {
          Index rank = 1;
          for (Index other = 0; other < n; ++other)
            if (other != self && (were(i, other) < were(i, j) || (were(i, other) == were(i, j) && other < j))) ++rank;
          penalties[static_cast<std::size_t>(thread)] += static_cast<double>(std::max<Index>(0, rank - k));
        }
      }
    }
  });
  const double penalty = std::accumulate(penalties.begin(), penalties.end(), 0.0);
  return 1 - 2 * penalty / (static_cast<double>(n) * static_cast<double>(k) * static_cast<double>(2 * n - 3 * k - 1));
}

/// Whether what was near before is near in an embedding: the trustworthiness of the samples as an embedding of their
/// embedding. 1: no neighbour has been torn away.
[[nodiscard]] inline double continuity(const Dataset& samples, const Dataset& embedding, Index n_neighbors = 5,
                                       Index threads = 0) {
  return trustworthiness(embedding, samples, n_neighbors, threads);
}

}  // namespace eigencoder::inline EIGENCODER_TARGET
