#include "sanitizer/verify/files.hh"

#include <zlib.h>

#include <array>
#include <limits>

namespace sekisho::verify {
namespace {

/// Checks the first octet of each row as the rows go by.
class RowStarts {
public:
  RowStarts(std::size_t row_size, unsigned most_first) : row_size_(row_size), most_(most_first) {}
  bool accept(const unsigned char *octets, std::size_t count) {
    if (row_size_ == 0) return true;
    for (std::size_t at = to_next_; at < count; at += row_size_)
      if (octets[at] > most_) return false;
    to_next_ = to_next_ >= count ? to_next_ - count
                                 : (row_size_ - (count - to_next_) % row_size_) % row_size_;
    return true;
  }

private:
  std::size_t row_size_;
  unsigned most_;
  std::size_t to_next_ = 0; // octets until a row begins
};

} // namespace

bool unpacks_to(Bytes untrusted, std::uint64_t size, std::size_t row_size, unsigned most_first) {
  if (untrusted.empty() || untrusted.size() > std::numeric_limits<uInt>::max()) return false;
  z_stream stream{};
  if (inflateInit(&stream) != Z_OK) return false;
  stream.next_in = reinterpret_cast<Bytef *>(const_cast<std::byte *>(untrusted.data()));
  stream.avail_in = static_cast<uInt>(untrusted.size());
  std::array<unsigned char, 64 << 10> window;
  RowStarts rows(row_size, most_first);
  std::uint64_t unpacked = 0;
  int status = Z_OK;
  while (status == Z_OK && unpacked <= size) {
    stream.next_out = window.data();
    stream.avail_out = window.size();
    status = inflate(&stream, Z_NO_FLUSH);
    const std::size_t here = window.size() - stream.avail_out;
    unpacked += here;
    if (!rows.accept(window.data(), here)) break;
    if (status == Z_OK && here == 0) break; // the input ends too early
  }
  const bool all_used = stream.avail_in == 0;
  inflateEnd(&stream);
  return status == Z_STREAM_END && all_used && unpacked == size;
}

std::optional<Buffer> unpacked(Bytes untrusted, std::size_t most) {
  if (untrusted.empty() || untrusted.size() > std::numeric_limits<uInt>::max()) return {};
  z_stream stream{};
  if (inflateInit(&stream) != Z_OK) return {};
  stream.next_in = reinterpret_cast<Bytef *>(const_cast<std::byte *>(untrusted.data()));
  stream.avail_in = static_cast<uInt>(untrusted.size());
  std::array<std::byte, 64 << 10> window;
  Buffer result;
  int status = Z_OK;
  while (status == Z_OK && result.size() <= most) {
    stream.next_out = reinterpret_cast<Bytef *>(window.data());
    stream.avail_out = window.size();
    status = inflate(&stream, Z_NO_FLUSH);
    const std::size_t here = window.size() - stream.avail_out;
    result.insert(result.end(), window.data(), window.data() + here);
    if (status == Z_OK && here == 0) break; // the input ends too early
  }
  const bool all_used = stream.avail_in == 0;
  inflateEnd(&stream);
  if (status != Z_STREAM_END || !all_used || result.size() > most) return {};
  return result;
}

} // namespace sekisho::verify
