#include "results.hpp"

#include <eigencoder/io/atomic_file.hpp>
#include <eigencoder/io/history.hpp>
#include <eigencoder/io/png.hpp>
#include <eigencoder/io/report.hpp>
#include <eigencoder/io/safetensors.hpp>
#include <eigencoder/plot/chart.hpp>
#include <iostream>

namespace examples {

using namespace eigencoder;

Results::Results(std::filesystem::path directory) : directory_(std::move(directory)) {
  std::filesystem::create_directories(directory_);
}

std::filesystem::path Results::file(const std::string& name) const {
  const auto path = directory_ / name;
  std::cout << "writing " << path.string() << "\n";
  return path;
}

void Results::model(const Parameters& parameters) const { save(parameters, file("model.safetensors")); }

void Results::diagram(const std::string& dot) const { write_file(file("model.dot"), {dot}); }

void Results::history(const History& history) const {
  write_history_json(file("history.json"), history);
  write_png_chart(file("loss.png"), {{"training", history.loss}, {"validation", history.validation_loss}},
                  {.title = "loss"});
}

void Results::images(const std::string& name, const std::vector<Dataset>& sets, const Shape& shape,
                     Index columns) const {
  write_png_grid(file(name), sets, shape, {.columns = columns});
}

namespace {

ReportOptions report_options(const Arguments& arguments, const std::string& title) {
  return {.title = title,
          .settings = {
              {"data", arguments.data.string()},
              {"seed", std::to_string(arguments.seed)},
              {"epochs", std::to_string(arguments.epochs)},
              {"batch size", std::to_string(arguments.batch_size)},
              {"optimizer", arguments.optimizer},
              {"loss", arguments.loss},
              {"threads", arguments.threads == 0 ? "all cores" : std::to_string(arguments.threads)},
              {"flags", EXAMPLE_FLAGS},
          }};
}

void write(const Arguments& arguments, const report::Content& content) {
  std::cout << "writing " << arguments.report.string() << "\n";
  eigencoder::write_report(arguments.report, content);
}

}  // namespace

void write_report(const Arguments& arguments, const std::string& title, const inspect::Subject& model,
                  const History& history, const Dataset& images) {
  if (!arguments.report.empty())
    write(arguments, report::content(model, history, images, report_options(arguments, title)));
}

void write_report(const Arguments& arguments, const std::string& title, const std::vector<LayerInfo>& layers,
                  const History& history, const Dataset& images) {
  if (arguments.report.empty()) return;
  Diagnosis diagnosis;
  inspect::find_over_fitting(history, diagnosis.findings);
  inspect::find_rate_too_high(history.validation_loss, diagnosis.findings);
  Index parameters = 0;
  for (const LayerInfo& layer : layers) parameters += layer.parameters;
  write(arguments, {.options = report_options(arguments, title),
                    .history = history,
                    .diagnosis = diagnosis,
                    .layers = layers,
                    .parameters = parameters,
                    .samples = images.size(),
                    .shape = images.shape()});
}

LabelledImages load_images(const std::filesystem::path& directory) { return read_mnist(directory); }

}  // namespace examples
