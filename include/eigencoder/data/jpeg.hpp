#pragma once

#include <csetjmp>
#include <cstdio>
// libjpeg's header needs the one above.
#include <jpeglib.h>

#include <eigencoder/core/target.hpp>
#include <eigencoder/data/image.hpp>
#include <eigencoder/data/regular_file.hpp>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>

namespace eigencoder::inline EIGENCODER_TARGET {

namespace detail {

/// libjpeg, whose errors jump out of it: so nothing in these functions has a destructor, and an error is a false
/// result.
class JpegDecoder {
 public:
  explicit JpegDecoder(std::string_view file) {
    decoder_.err = jpeg_std_error(&errors_.base);
    errors_.base.error_exit = [](j_common_ptr decoder) {
      auto* const errors = reinterpret_cast<Errors*>(decoder->err);
      errors->base.format_message(decoder, errors->message);
      std::longjmp(errors->escape, 1);
    };
    // Data that are corrupt are errors, too, not a picture with a grey rest.
    errors_.base.emit_message = [](j_common_ptr decoder, int level) {
      if (level < 0) decoder->err->error_exit(decoder);
    };
    if (setjmp(errors_.escape) != 0) return;
    jpeg_create_decompress(&decoder_);
    // Each scan of a progressive picture goes over all of it, and a small file may have very many.
    progress_.progress_monitor = [](j_common_ptr decoder) {
      constexpr int most_scans = 500;
      if (reinterpret_cast<j_decompress_ptr>(decoder)->input_scan_number > most_scans)
        decoder->err->error_exit(decoder);
    };
    decoder_.progress = &progress_;
    jpeg_mem_src(&decoder_, reinterpret_cast<const unsigned char*>(file.data()), file.size());
    has_source_ = true;
  }
  JpegDecoder(const JpegDecoder&) = delete;
  JpegDecoder& operator=(const JpegDecoder&) = delete;
  ~JpegDecoder() { jpeg_destroy_decompress(&decoder_); }

  /// Whether the header is good.
  bool read_header() {
    if (!has_source_ || setjmp(errors_.escape) != 0) return false;
    jpeg_read_header(&decoder_, TRUE);
    return true;
  }
  [[nodiscard]] Index height() const { return static_cast<Index>(decoder_.image_height); }
  [[nodiscard]] Index width() const { return static_cast<Index>(decoder_.image_width); }
  /// As they are in the file: 1 grey, 3 colours, 4 for printing.
  [[nodiscard]] Index channels() const { return decoder_.num_components; }

  bool read(std::uint8_t* to) {
    if (setjmp(errors_.escape) != 0) return false;
    decoder_.out_color_space = decoder_.num_components == 1 ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_start_decompress(&decoder_);
    const std::size_t row = std::size_t{decoder_.output_width} * static_cast<std::size_t>(decoder_.output_components);
    while (decoder_.output_scanline < decoder_.output_height) {
      JSAMPROW place = to + row * decoder_.output_scanline;
      jpeg_read_scanlines(&decoder_, &place, 1);
    }
    jpeg_finish_decompress(&decoder_);
    return true;
  }

  [[nodiscard]] const char* message() const { return errors_.message; }

 private:
  struct Errors {
    jpeg_error_mgr base{};
    std::jmp_buf escape{};
    char message[JMSG_LENGTH_MAX] = "";
  };

  Errors errors_{};
  jpeg_progress_mgr progress_{};
  jpeg_decompress_struct decoder_{};
  bool has_source_ = false;
};

}  // namespace detail

/// Reads a JPEG file: grey as 1 channel, colours as 3. One that is truncated or corrupt is refused.
/// Throws std::runtime_error naming the file and what is wrong with it, more than `most` pixels for one.
[[nodiscard]] inline Image read_jpeg(const std::filesystem::path& path, Index most = most_pixels) {
  const std::string file = detail::read_text(path);
  return detail::naming_file(path, [&] {
    detail::JpegDecoder decoder(file);
    const auto require = [&](bool good) {
      if (!good) throw std::invalid_argument(std::string("is no good JPEG file: ") + decoder.message());
    };
    require(decoder.read_header());
    detail::require_pixels(decoder.height(), decoder.width(), most);
    if (decoder.channels() != 1 && decoder.channels() != 3)
      throw std::invalid_argument("has " + std::to_string(decoder.channels()) + " channels, expected 1 or 3");
    Image image{{decoder.height(), decoder.width(), decoder.channels()}, {}};
    image.bytes.resize(static_cast<std::size_t>(image.shape.size()));
    require(decoder.read(image.bytes.data()));
    return image;
  });
}

}  // namespace eigencoder::inline EIGENCODER_TARGET
