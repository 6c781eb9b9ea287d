// Predictors of the models that are frozen, behind functions that compare.cpp calls, and `models FOLDER`, which writes
// the headers. The models are not trained: that changes no time.
#include <eigencoder/io/frozen.hpp>
#include <eigencoder/models/predictor.hpp>

#include "../../tests/frozen/examples.hpp"

using namespace eigencoder;

namespace {

template <class Model>
void predict(const float* x, float* y) {
  static Predictor predictor(Model{Seed{1}});
  constexpr auto size = static_cast<std::size_t>(Model::input.size());
  predictor.reconstruct({x, size}, {y, size});
}

template <class Model>
void freeze(const std::string& name, const std::filesystem::path& folder) {
  const Matrix<float> samples = (Matrix<float>::Random(4, Model::input.size()).array() + 1) / 2;
  for (const auto& [weights, kind] : {std::pair{Weights::float32, "_float"}, {Weights::int8, "_int8"}})
    write_frozen_header(Model{Seed{1}}, folder / (name + kind + ".hpp"),
                        {.name = name + kind, .weights = weights, .calibration = samples});
}

}  // namespace

void predict_dense(const float* x, float* y) { predict<examples::Dense784>(x, y); }
void predict_conv(const float* x, float* y) { predict<examples::Convolutional>(x, y); }
void predict_strided(const float* x, float* y) { predict<examples::Strided>(x, y); }
void predict_variational(const float* x, float* y) { predict<examples::Variational>(x, y); }
void predict_anomalies(const float* x, float* y) { predict<examples::Anomalies>(x, y); }

void write_headers(const char* folder) {
  freeze<examples::Dense784>("dense", folder);
  freeze<examples::Convolutional>("conv", folder);
  freeze<examples::Strided>("strided", folder);
  freeze<examples::Variational>("variational", folder);
  freeze<examples::Anomalies>("anomalies", folder);
}
