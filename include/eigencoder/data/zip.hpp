#pragma once

#include <zlib.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <eigencoder/core/target.hpp>
#include <eigencoder/data/regular_file.hpp>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>

/// The files in a ZIP archive of at most 4 GB, stored or deflated.
/// Source: PKWARE, "APPNOTE.TXT - .ZIP file format specification", 4.3 to 4.5.
namespace eigencoder::inline EIGENCODER_TARGET::detail {

static_assert(std::endian::native == std::endian::little,
              "zip: its numbers are little-endian, and so must be the machine");

/// A file of a ZIP archive, as the archive's directory tells of it.
struct ZipEntry {
  std::uint16_t method = 0;
  std::uint32_t checksum = 0;
  std::uint32_t packed_size = 0;
  std::uint32_t size = 0;
  std::uint32_t header = 0;  ///< where in the archive its own header begins
};

/// An archive in memory. All members throw std::invalid_argument saying what is wrong with it.
class ZipArchive {
 public:
  explicit ZipArchive(std::string bytes) : bytes_(std::move(bytes)) {
    const std::size_t end = find_end();
    const auto entries = number<std::uint16_t>(end + 10);
    std::size_t place = number<std::uint32_t>(end + 16);
    if (entries == 0xFFFF || place == 0xFFFFFFFF)
      throw std::invalid_argument("is a ZIP64 archive, for more than 4 GB; expected one of less");
    for (int k = 0; k < entries; ++k) place = add_entry(place);
  }

  [[nodiscard]] const std::map<std::string, ZipEntry>& entries() const { return entries_; }

  /// A file's bytes.
  [[nodiscard]] std::string read(const std::string& name) const {
    const auto found = entries_.find(name);
    if (found == entries_.end()) throw std::invalid_argument("has no file " + name);
    const ZipEntry& entry = found->second;
    require_signature(entry.header, "PK\3\4", "a file's header");
    const std::size_t first =
        entry.header + 30u + number<std::uint16_t>(entry.header + 26u) + number<std::uint16_t>(entry.header + 28u);
    if (first > bytes_.size() || entry.packed_size > bytes_.size() - first)
      throw std::invalid_argument("is truncated within " + name);
    const std::string_view packed = std::string_view(bytes_).substr(first, entry.packed_size);
    std::string file = unpack(packed, entry, name);
    const auto checksum = crc32_z(0, reinterpret_cast<const Bytef*>(file.data()), file.size());
    if (checksum != entry.checksum) throw std::invalid_argument("is damaged: " + name + " has another checksum");
    return file;
  }

 private:
  template <class Number>
  [[nodiscard]] Number number(std::size_t place) const {
    if (place > bytes_.size() || sizeof(Number) > bytes_.size() - place)
      throw std::invalid_argument("is truncated within its directory");
    Number value;
    std::memcpy(&value, bytes_.data() + place, sizeof value);
    return value;
  }

  void require_signature(std::size_t place, std::string_view signature, const char* what) const {
    if (place > bytes_.size() || std::string_view(bytes_).substr(place, 4) != signature)
      throw std::invalid_argument(std::string("is no ZIP archive, or a damaged one: ") + what + " is missing");
  }

  /// The directory's last record: at the archive's end, but for a comment of at most 64 KB.
  [[nodiscard]] std::size_t find_end() const {
    constexpr std::size_t record = 22;
    const std::size_t place = bytes_.size() < record
                                  ? std::string::npos
                                  : bytes_.rfind(std::string_view("PK\5\6", 4), bytes_.size() - record);
    if (place == std::string::npos || bytes_.size() - place > record + 0xFFFF)
      throw std::invalid_argument("is no ZIP archive: it has no directory");
    return place;
  }

  /// Returns where the next entry is.
  std::size_t add_entry(std::size_t place) {
    require_signature(place, "PK\1\2", "an entry of its directory");
    if ((number<std::uint16_t>(place + 8) & 1) != 0) throw std::invalid_argument("is encrypted");
    const ZipEntry entry{number<std::uint16_t>(place + 10), number<std::uint32_t>(place + 16),
                         number<std::uint32_t>(place + 20), number<std::uint32_t>(place + 24),
                         number<std::uint32_t>(place + 42)};
    const std::size_t name_size = number<std::uint16_t>(place + 28);
    const std::size_t rest = number<std::uint16_t>(place + 30) + std::size_t{number<std::uint16_t>(place + 32)};
    place += 46;
    if (place > bytes_.size() || name_size > bytes_.size() - place)
      throw std::invalid_argument("is truncated within its directory");
    const std::string name = bytes_.substr(place, name_size);
    if (!entries_.emplace(name, entry).second) throw std::invalid_argument("has two files " + name);
    return place + name_size + rest;
  }

  static std::string unpack(std::string_view packed, const ZipEntry& entry, const std::string& name) {
    constexpr std::uint16_t stored = 0, deflated = 8;
    if (entry.method == stored) {
      if (entry.size != entry.packed_size) throw std::invalid_argument("is damaged: " + name + " has two sizes");
      return std::string(packed);
    }
    if (entry.method != deflated)
      throw std::invalid_argument("has " + name + " packed by method " + std::to_string(entry.method) +
                                  ", expected 0 (stored) or 8 (deflated)");
    // No more memory than what is there can be unpacked to.
    constexpr std::uint64_t most = 1032;
    if (entry.size > most * packed.size() + most)
      throw std::invalid_argument("is damaged: " + name + " cannot have " + std::to_string(entry.size) + " bytes");
    std::string file(entry.size, '\0');
    z_stream stream{};
    if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) throw std::invalid_argument("cannot be unpacked: no memory");
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
    stream.avail_in = entry.packed_size;
    stream.next_out = reinterpret_cast<Bytef*>(file.data());
    stream.avail_out = entry.size;
    const int result = inflate(&stream, Z_FINISH);
    const bool complete = result == Z_STREAM_END && stream.total_out == entry.size;
    inflateEnd(&stream);
    if (!complete) throw std::invalid_argument("is damaged: " + name + " cannot be unpacked");
    return file;
  }

  std::string bytes_;
  std::map<std::string, ZipEntry> entries_;
};

/// Bytes in memory, read from front to back like a RegularFile.
class BytesInMemory {
 public:
  explicit BytesInMemory(std::string bytes) : bytes_(std::move(bytes)) {}

  [[nodiscard]] std::uint64_t size() const { return bytes_.size(); }
  [[nodiscard]] std::uint64_t left() const { return bytes_.size() - read_; }
  void read(void* out, std::uint64_t count) {
    if (count > left()) throw std::invalid_argument("is truncated");
    std::copy_n(bytes_.data() + read_, count, static_cast<char*>(out));
    read_ += count;
  }

 private:
  std::string bytes_;
  std::size_t read_ = 0;
};

}  // namespace eigencoder::inline EIGENCODER_TARGET::detail
