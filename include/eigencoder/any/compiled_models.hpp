#pragma once

#include <eigencoder/any/any_autoencoder.hpp>
#include <eigencoder/core/seed.hpp>
#include <eigencoder/core/target.hpp>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace eigencoder::inline EIGENCODER_TARGET {

/// A model that was compiled into the program: its name, and the function that makes one.
struct CompiledModel {
  std::string name;
  AnyAutoencoder (*make)(Seed seed);
};

/// The models among which a program chooses while it runs, by name or by what a file was saved from. CMake's
/// `eigencoder_add_model` makes a list; one of your own is `CompiledModels{{{"pump", make_pump}, {"fan", make_fan}}}`.
class CompiledModels {
 public:
  explicit CompiledModels(std::vector<CompiledModel> models) : models_(std::move(models)) {}

  [[nodiscard]] std::vector<std::string> names() const {
    std::vector<std::string> all;
    for (const CompiledModel& model : models_) all.push_back(model.name);
    return all;
  }

  /// A new model. Throws std::invalid_argument with the names that there are if there is none of that name.
  [[nodiscard]] AnyAutoencoder make(const std::string& name, Seed seed = {}) const {
    for (const CompiledModel& model : models_)
      if (model.name == name) return model.make(seed);
    throw std::invalid_argument("no compiled model is called " + name + "; there are " + list());
  }

  /// The model that a file was saved from, with the file's parameters: the first whose architecture is the file's.
  /// Throws std::runtime_error naming the file if it is of none, does not tell, or cannot be read.
  [[nodiscard]] AnyAutoencoder load(const std::string& path) const {
    std::string stored;
    for (const CompiledModel& compiled : models_) {
      AnyAutoencoder model = compiled.make({});
      if (stored.empty()) stored = model.architecture_in(path);
      if (stored.empty()) throw std::runtime_error(path + ": does not tell its architecture");
      if (model.architecture() != stored) continue;
      model.load(path);
      return model;
    }
    throw std::runtime_error(path + ": is of none of the compiled models, " + list() + "; its layers are\n" + stored);
  }

 private:
  [[nodiscard]] std::string list() const {
    std::string text;
    for (const CompiledModel& model : models_) text += (text.empty() ? "" : ", ") + model.name;
    return text.empty() ? "none" : text;
  }

  std::vector<CompiledModel> models_;
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
