#pragma once

#include <unistd.h>

#include <array>
#include <bit>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <eigencoder/core/target.hpp>
#include <eigencoder/io/png.hpp>
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

/// A message in protobuf's wire format, made field by field: a field is a varint of 8 number + type, then its value.
/// Source: Protocol Buffers, "Encoding".
class ProtobufMessage {
 public:
  ProtobufMessage& integer(int field, std::uint64_t value) {
    varint(tag(field, 0));
    varint(value);
    return *this;
  }
  ProtobufMessage& number(int field, double value) { return fixed(field, 1, value); }
  ProtobufMessage& number(int field, float value) { return fixed(field, 5, value); }
  ProtobufMessage& bytes(int field, std::string_view value) {
    varint(tag(field, 2));
    varint(value.size());
    text_.append(value);
    return *this;
  }

  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  static std::uint64_t tag(int field, int type) {
    return static_cast<std::uint64_t>(field) << 3 | static_cast<unsigned>(type);
  }

  void varint(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) text_ += static_cast<char>((value & 0x7f) | 0x80);
    text_ += static_cast<char>(value);
  }
  template <class Value>
  ProtobufMessage& fixed(int field, int type, Value value) {
    varint(tag(field, type));
    text_.append(reinterpret_cast<const char*>(&value), sizeof value);
    return *this;
  }

  std::string text_;
};

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
    write_record(ProtobufMessage().number(1, now()).bytes(3, "brain.Event:2").text());
  }

  /// `value` is a Summary.Value message.
  void write(std::int64_t step, const ProtobufMessage& value) {
    const ProtobufMessage summary = ProtobufMessage().bytes(1, value.text());
    write_record(ProtobufMessage()
                     .number(1, now())
                     .integer(2, static_cast<std::uint64_t>(step))
                     .bytes(5, summary.text())
                     .text());
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
    std::string_view left = record;
    while (!left.empty()) {
      const ssize_t written = ::write(file_.number(), left.data(), left.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) fail();
      left.remove_prefix(static_cast<std::size_t>(written));
    }
  }

  [[noreturn]] void fail() const {
    throw std::runtime_error("cannot write " + path_.string() + ": " + std::generic_category().message(errno));
  }

  std::filesystem::path path_;
  Descriptor file_;
};

}  // namespace detail

/// Writes what TensorBoard shows, after every epoch: loss, validation_loss, learning_rate, samples_per_second and each
/// metric as a curve, and pictures.
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

  void operator()(EpochEnd& end) {
    detail::require_callback(picture_every >= 1, "TensorBoard: picture_every must be >= 1");
    if (!file_) file_ = std::make_shared<detail::EventFile>(directory);
    const History& history = end.history();
    const auto step = static_cast<std::int64_t>(end.epoch()) + 1;
    const auto scalar = [&](const std::string& name, const std::vector<double>& values) {
      if (!values.empty())
        file_->write(step, detail::ProtobufMessage().bytes(1, name).number(2, static_cast<float>(values.back())));
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
                             .integer(1, static_cast<std::uint64_t>(canvas.height()))
                             .integer(2, static_cast<std::uint64_t>(canvas.width()))
                             .integer(3, rgb)
                             .bytes(4, encode_png(canvas));
      file_->write(step, detail::ProtobufMessage().bytes(1, name).bytes(4, image.text()));
    }
  }

  // Not an option: the file, made at the end of the first epoch.
  std::shared_ptr<detail::EventFile> file_{};
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
