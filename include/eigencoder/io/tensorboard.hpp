#pragma once

#include <unistd.h>

#include <array>
#include <bit>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <eigencoder/core/target.hpp>
#include <eigencoder/io/png.hpp>
#include <eigencoder/io/protobuf.hpp>
#include <eigencoder/io/temporary_file.hpp>
#include <eigencoder/training/callbacks.hpp>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

namespace eigencoder::inline EIGENCODER_TARGET {

namespace detail {

/// CRC-32C (Castagnoli), bit by bit, as TFRecord files mask it: rotated, plus a constant.
/// Source: TensorFlow's "TFRecord" documentation.
[[nodiscard]] inline std::uint32_t masked_crc32c(std::string_view bytes) {
  std::uint32_t crc = 0xffffffff;
  for (const char byte : bytes) {
    crc ^= static_cast<unsigned char>(byte);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82f63b78u : 0u);
  }
  return std::rotr(~crc, 15) + 0xa282ead8u;
}

/// A file of TensorBoard's events, each a record: its length (8 bytes) with a checksum, and an Event message with one.
/// Source: tensorboard/compat/proto/event.proto and summary.proto.
class EventFile {
 public:
  explicit EventFile(const std::filesystem::path& directory) {
    std::filesystem::create_directories(directory);
    const auto seconds = static_cast<long long>(now());
    const std::string stem =
        "events.out.tfevents." + std::to_string(seconds) + ".eigencoder." + std::to_string(getpid());
    for (int k = 0; !file_.is_open(); ++k) {
      path_ = directory / (stem + "." + std::to_string(k));
      file_ = Descriptor(path_, O_WRONLY | O_CREAT | O_EXCL | O_APPEND, 0666);
      if (!file_.is_open() && errno != EEXIST) fail();
    }
    write_record(ProtobufMessage().number(1, now()).text(3, "brain.Event:2").bytes());
  }

  /// `value` is a Summary.Value message.
  void write(std::int64_t step, const ProtobufMessage& value) {
    const ProtobufMessage summary = ProtobufMessage().message(1, value);
    write_record(ProtobufMessage().number(1, now()).integer(2, step).message(5, summary).bytes());
  }

 private:
  static double now() {
    return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  }

  template <class Number>
  static std::string little_endian(Number number) {
    std::string text(sizeof number, '\0');
    std::memcpy(text.data(), &number, sizeof number);
    return text;
  }

  /// In one call, so that a reader never sees a part of it.
  void write_record(const std::string& data) {
    const std::string length = little_endian(static_cast<std::uint64_t>(data.size()));
    const std::string record =
        length + little_endian(masked_crc32c(length)) + data + little_endian(masked_crc32c(data));
    try {
      file_.write(record);
    } catch (const std::system_error&) {
      fail();
    }
  }

  [[noreturn]] void fail() const {
    throw std::runtime_error("cannot write " + path_.string() + ": " + std::generic_category().message(errno));
  }

  std::filesystem::path path_;
  Descriptor file_;
};

}  // namespace detail

/// Writes what TensorBoard shows, after every epoch, and every so many steps if wanted: loss, validation_loss,
/// learning_rate, samples_per_second and each metric as a curve, and pictures.
///
///     fit(model, data, loss, Adam{}, {.epochs = 50, .on_epoch_end = {TensorBoard{
///         .directory = "runs/conv",
///         .pictures = {{"reconstructions", [&] { return image_grid({test, model.reconstruct(test)}, shape); }}}}}});
///
/// `tensorboard --logdir runs` then compares all of its directories. Each training writes a file of its own; each entry
/// is there for readers as soon as the epoch is over. Throws std::runtime_error naming the file and the reason.
struct TensorBoard {
  std::filesystem::path directory = "runs";
  /// What is drawn, by name, after every `picture_every`-th epoch, the first one included.
  std::map<std::string, std::function<Canvas()>> pictures{};
  Index picture_every = 1;
  /// Every so many steps the batch's loss and the learning rate, as "step/loss" and "step/learning_rate" over the
  /// steps; 0: never.
  Index every_steps = 0;

  void operator()(EpochEnd& end) {
    detail::require_callback(picture_every >= 1, "TensorBoard: picture_every must be >= 1");
    open();
    const History& history = end.history();
    const auto step = static_cast<std::int64_t>(end.epoch()) + 1;
    const auto scalar = [&](const std::string& name, const std::vector<double>& values) {
      if (!values.empty())
        file_->write(step, detail::ProtobufMessage().text(1, name).number(2, static_cast<float>(values.back())));
    };
    scalar("loss", history.loss);
    scalar("validation_loss", history.validation_loss);
    scalar("learning_rate", history.learning_rate);
    scalar("samples_per_second", history.samples_per_second);
    for (const auto& [name, values] : history.metrics) scalar(name, values);
    if (end.epoch() % picture_every != 0) return;
    for (const auto& [name, draw] : pictures) {
      const Canvas canvas = draw();
      constexpr int rgb = 3;  // how many channels the picture is said to have; the PNG says it, too
      const auto image = detail::ProtobufMessage()
                             .integer(1, canvas.height())
                             .integer(2, canvas.width())
                             .integer(3, rgb)
                             .text(4, encode_png(canvas));
      file_->write(step, detail::ProtobufMessage().text(1, name).message(4, image));
    }
  }

  void on_step_end(StepEnd& end) {
    if (every_steps < 1 || end.step() % every_steps != 0) return;
    open();
    const auto scalar = [&](const char* name, double value) {
      file_->write(end.step(), detail::ProtobufMessage().text(1, name).number(2, static_cast<float>(value)));
    };
    scalar("step/loss", end.loss());
    scalar("step/learning_rate", end.learning_rate());
  }

  // Not an option: the file, made when there is something to write.
  std::shared_ptr<detail::EventFile> file_{};

 private:
  void open() {
    if (!file_) file_ = std::make_shared<detail::EventFile>(directory);
  }
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
