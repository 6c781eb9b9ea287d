#include "embedding_report.hpp"

#include <cstdio>
#include <eigencoder/applications/embedding_metrics.hpp>
#include <eigencoder/inspect/principal_components.hpp>
#include <utility>

namespace examples {

using namespace eigencoder;

EmbeddingReport::EmbeddingReport(Dataset test, LabelEfficiencyOptions options)
    : images_(test.slice(0, std::min<Index>(2000, test.size()))), options_(std::move(options)) {
  std::printf("| code | values |");
  for (const Index labels : options_.labels) std::printf(" %td labels |", labels);
  std::printf(" trustworthiness | continuity |\n| --- | --- |");
  for (std::size_t k = 0; k < options_.labels.size() + 2; ++k) std::printf(" --- |");
  std::printf("\n");
}

void EmbeddingReport::row(const std::string& name, const Dataset& train, const Dataset& test) const {
  std::printf("| %s | %td |", name.c_str(), train.features());
  for (const LabelledAccuracy& at : label_efficiency(train, test, options_))
    std::printf(" %.1f / %.1f |", 100 * at.linear_probe, 100 * at.nearest_neighbors);
  const Dataset codes = test.slice(0, images_.size());
  std::printf(" %.4f | %.4f |\n", trustworthiness(images_, codes, 5, options_.threads),
              continuity(images_, codes, 5, options_.threads));
  std::fflush(stdout);
}

Dataset labelled(Matrix<float> codes, const Dataset& images) {
  return Dataset(std::move(codes)).with_labels({images.labels().begin(), images.labels().end()});
}

Projected principal_components(const Dataset& train, const Dataset& test, Index count) {
  const PrincipalComponents components(train.matrix<double>());
  return {labelled(components.project(count).cast<float>(), train),
          labelled(components.project(test.matrix<double>(), count).cast<float>(), test)};
}

}  // namespace examples
