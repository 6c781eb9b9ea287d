/// Writes every model of models.hpp to a folder, as ONNX files, with what it computes for a few samples, and, below
/// weights/, as `save` does: `write_models FOLDER`. check_onnx.py and check_import.py compare.

#include <eigencoder/io/metadata.hpp>
#include <eigencoder/io/onnx.hpp>
#include <eigencoder/io/safetensors.hpp>
#include <filesystem>

#include "models.hpp"

using namespace eigencoder;

namespace {

template <class Rows>
StoredTensor stored(const Rows& rows) {
  const Matrix<double> values = rows.template cast<double>();
  return {{values.rows(), values.cols()}, {values.data(), values.data() + values.size()}};
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) return 2;
  const std::filesystem::path folder = arguments[1];
  std::filesystem::create_directories(folder / "weights");
  test::for_each_model([&]<class Model>(const std::string& name, const Model& model) {
    save_onnx(model, folder / (name + ".onnx"));
    save_onnx(model, folder / (name + ".encoder.onnx"), {.part = ModelPart::encoder});
    save_onnx(model, folder / (name + ".decoder.onnx"), {.part = ModelPart::decoder});
    const Dataset data = test::samples_for<Model>(5);
    save(model, folder / "weights" / (name + ".safetensors"), {.metadata = test_vector(model, data)});
    const auto code = model.encode(data);
    Dataset codes(code);
    std::map<std::string, StoredTensor> tensors{{"input", stored(data.matrix<double>())},
                                                {"code", stored(code)},
                                                {"reconstruction", stored(model.reconstruct(data))}};
    if (const auto labels = data.labels(); !labels.empty()) {
      tensors["label"] = {{data.size()}, {labels.begin(), labels.end()}};
      codes = codes.with_labels({labels.begin(), labels.end()});
    }
    tensors["decoded"] = stored(model.decode(codes));
    if constexpr (requires { model.encode_distribution(data); })
      tensors["log_variance"] = stored(model.encode_distribution(data).log_variance);
    write_safetensors<double>(folder / (name + ".safetensors"), tensors);
  });
}
