#pragma once

#include <eigencoder/data/dataset.hpp>
#include <eigencoder/data/mnist.hpp>
#include <eigencoder/inspect/subject.hpp>
#include <eigencoder/models/autoencoder.hpp>
#include <eigencoder/training/history.hpp>
#include <filesystem>
#include <span>
#include <vector>

#include "arguments.hpp"

namespace examples {

/// The parameters of any model of floats, as they are saved.
struct Parameters {
  std::span<const float> values;
  std::vector<eigencoder::NamedTensor> names;

  template <class Model>
  explicit Parameters(const Model& model) : values(model.parameters()), names(model.tensors()) {}

  [[nodiscard]] std::span<const float> parameters() const { return values; }
  [[nodiscard]] const std::vector<eigencoder::NamedTensor>& tensors() const { return names; }
};

/// Writes and names an example's results, one by one, in a directory that is made if need be.
class Results {
 public:
  explicit Results(std::filesystem::path directory);

  void model(const Parameters& parameters) const;
  /// model.dot, a graph in Graphviz's language.
  void diagram(const std::string& dot) const;
  /// history.json, and loss.png with the losses of training and validation.
  void history(const eigencoder::History& history) const;
  /// Rows of images, set below set: see write_png_grid.
  void images(const std::string& name, const std::vector<eigencoder::Dataset>& sets, const eigencoder::Shape& shape,
              eigencoder::Index columns = 10) const;

 private:
  /// The path of a file of that name, which is about to be written.
  [[nodiscard]] std::filesystem::path file(const std::string& name) const;

  std::filesystem::path directory_;
};

/// Writes a report on images, with how the program was called among its settings, if --report asks for one.
void write_report(const Arguments& arguments, const std::string& title, const eigencoder::inspect::Subject& model,
                  const eigencoder::History& history, const eigencoder::Dataset& images);

/// The same of a training alone.
void write_report(const Arguments& arguments, const std::string& title,
                  const std::vector<eigencoder::LayerInfo>& layers, const eigencoder::History& history,
                  const eigencoder::Dataset& images);

/// Reads the images to train and to test with: see read_mnist.
[[nodiscard]] eigencoder::LabelledImages load_images(const std::filesystem::path& directory);

}  // namespace examples
