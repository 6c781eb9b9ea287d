#pragma once

#include <jpeglib.h>
#include <png.h>
#include <webp/decode.h>
#include <webp/encode.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <vector>

/// The codecs that one would take otherwise, each a pair of functions on a grey picture.
namespace rivals {

using Bytes = std::vector<std::uint8_t>;

/// A grey picture, row by row.
struct Picture {
  int width = 0, height = 0;
  Bytes pixels;
};

/// Grey JPEG with Huffman tables made for the picture, by libjpeg.
inline Bytes jpeg(const Picture& picture, int quality) {
  jpeg_compress_struct job{};
  jpeg_error_mgr errors{};
  job.err = jpeg_std_error(&errors);
  jpeg_create_compress(&job);
  unsigned char* out = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&job, &out, &size);
  job.image_width = static_cast<JDIMENSION>(picture.width);
  job.image_height = static_cast<JDIMENSION>(picture.height);
  job.input_components = 1;
  job.in_color_space = JCS_GRAYSCALE;
  jpeg_set_defaults(&job);
  jpeg_set_quality(&job, quality, TRUE);
  job.optimize_coding = TRUE;
  jpeg_start_compress(&job, TRUE);
  while (job.next_scanline < job.image_height) {
    auto* row = const_cast<JSAMPLE*>(picture.pixels.data() + std::size_t{job.next_scanline} * job.image_width);
    jpeg_write_scanlines(&job, &row, 1);
  }
  jpeg_finish_compress(&job);
  jpeg_destroy_compress(&job);
  const Bytes bytes(out, out + size);
  std::free(out);
  return bytes;
}

inline Picture from_jpeg(const Bytes& bytes) {
  jpeg_decompress_struct job{};
  jpeg_error_mgr errors{};
  job.err = jpeg_std_error(&errors);
  jpeg_create_decompress(&job);
  jpeg_mem_src(&job, bytes.data(), static_cast<unsigned long>(bytes.size()));
  jpeg_read_header(&job, TRUE);
  jpeg_start_decompress(&job);
  Picture picture{static_cast<int>(job.output_width), static_cast<int>(job.output_height),
                  Bytes(std::size_t{job.output_width} * job.output_height)};
  while (job.output_scanline < job.output_height) {
    JSAMPLE* row = picture.pixels.data() + std::size_t{job.output_scanline} * job.output_width;
    jpeg_read_scanlines(&job, &row, 1);
  }
  jpeg_finish_decompress(&job);
  jpeg_destroy_decompress(&job);
  return picture;
}

/// WebP at its slowest, method 6, by libwebp; it has no grey, so the three colours are the same.
inline Bytes webp(const Picture& picture, float quality, bool lossless) {
  Bytes colors;
  colors.reserve(3 * picture.pixels.size());
  for (const std::uint8_t v : picture.pixels) colors.insert(colors.end(), {v, v, v});
  WebPConfig config;
  WebPPicture job;
  if (!WebPConfigInit(&config) || !WebPPictureInit(&job)) throw std::runtime_error("libwebp does not start");
  config.quality = quality;
  config.method = 6;
  config.lossless = lossless ? 1 : 0;
  job.use_argb = lossless ? 1 : 0;
  job.width = picture.width;
  job.height = picture.height;
  WebPMemoryWriter writer;
  WebPMemoryWriterInit(&writer);
  job.writer = WebPMemoryWrite;
  job.custom_ptr = &writer;
  const bool good = WebPPictureImportRGB(&job, colors.data(), 3 * picture.width) && WebPEncode(&config, &job);
  WebPPictureFree(&job);
  const Bytes bytes(writer.mem, writer.mem + writer.size);
  WebPMemoryWriterClear(&writer);
  if (!good) throw std::runtime_error("libwebp fails");
  return bytes;
}

/// The green of what was grey.
inline Picture from_webp(const Bytes& bytes) {
  Picture picture;
  const std::unique_ptr<std::uint8_t, void (*)(void*)> colors(
      WebPDecodeRGB(bytes.data(), bytes.size(), &picture.width, &picture.height), WebPFree);
  if (!colors) throw std::runtime_error("libwebp fails");
  picture.pixels.resize(static_cast<std::size_t>(picture.width) * static_cast<std::size_t>(picture.height));
  for (std::size_t k = 0; k < picture.pixels.size(); ++k) picture.pixels[k] = colors.get()[3 * k + 1];
  return picture;
}

/// Grey PNG at its slowest, by libpng.
inline Bytes png(const Picture& picture) {
  Bytes bytes;
  png_structp job = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png_create_info_struct(job);
  const auto write = [](png_structp to, png_bytep data, png_size_t size) {
    auto* out = static_cast<Bytes*>(png_get_io_ptr(to));
    out->insert(out->end(), data, data + size);
  };
  png_set_write_fn(job, &bytes, write, nullptr);
  png_set_compression_level(job, 9);
  png_set_IHDR(job, info, static_cast<png_uint_32>(picture.width), static_cast<png_uint_32>(picture.height), 8,
               PNG_COLOR_TYPE_GRAY, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_set_filter(job, 0, PNG_FILTER_NONE);
  png_write_info(job, info);
  for (int y = 0; y < picture.height; ++y)
    png_write_row(job, picture.pixels.data() + static_cast<std::size_t>(y) * static_cast<std::size_t>(picture.width));
  png_write_end(job, nullptr);
  png_destroy_write_struct(&job, &info);
  return bytes;
}

inline Picture from_png(const Bytes& bytes) {
  png_image job{};
  job.version = PNG_IMAGE_VERSION;
  if (png_image_begin_read_from_memory(&job, bytes.data(), bytes.size()) == 0) throw std::runtime_error("libpng fails");
  job.format = PNG_FORMAT_GRAY;
  Picture picture{static_cast<int>(job.width), static_cast<int>(job.height), Bytes(PNG_IMAGE_SIZE(job))};
  if (png_image_finish_read(&job, nullptr, picture.pixels.data(), 0, nullptr) == 0)
    throw std::runtime_error("libpng fails");
  return picture;
}

}  // namespace rivals
