#include "sanitizer/zip/writer.hh"

#include <libdeflate.h>

namespace sekisho::zip {
namespace {

constexpr std::size_t most_members = 65'534, most_octets = 0xfffffffe;
constexpr std::uint16_t version = 20, utf8_flag = 0x0800;
constexpr std::uint16_t first_date = 0x0021; // 1980-01-01, as early as the format goes

void put(Buffer &out, std::uint64_t value, unsigned octets) {
  for (; octets > 0; --octets, value >>= 8)
    out.push_back(static_cast<std::byte>(value & 0xff));
}

void put(Buffer &out, Bytes bytes) {
  out.insert(out.end(), bytes.begin(), bytes.end());
}

struct Header {
  std::uint16_t method;
  std::uint32_t crc;
  std::size_t packed, size;
  std::string_view name;
};

/// What the member's header and the directory have in common (§4.3.7, §4.3.12).
void put_common(Buffer &out, const Header &header) {
  put(out, version, 2);
  put(out, utf8_flag, 2);
  put(out, header.method, 2);
  put(out, 0, 2);
  put(out, first_date, 2);
  put(out, header.crc, 4);
  put(out, header.packed, 4);
  put(out, header.size, 4);
  put(out, header.name.size(), 2);
  put(out, 0, 2); // extra fields
}

} // namespace

Writer::Writer(int level) : encoder_(libdeflate_alloc_compressor(level)) {}
Writer::~Writer() = default;
void Writer::Free::operator()(libdeflate_compressor *encoder) const {
  libdeflate_free_compressor(encoder);
}

/// Empty when it is no smaller.
Bytes Writer::packed(Bytes contents) {
  if (!encoder_ || contents.empty()) return {};
  const std::size_t most = libdeflate_deflate_compress_bound(encoder_.get(), contents.size());
  if (most > scratch_size_) {
    scratch_.reset(new std::byte[most]);
    scratch_size_ = most;
  }
  const std::size_t size = libdeflate_deflate_compress(encoder_.get(), contents.data(),
                                                       contents.size(), scratch_.get(), most);
  return size < contents.size() ? Bytes(scratch_.get(), size) : Bytes();
}

void Writer::add(std::string_view name, Bytes contents, bool deflate) {
  const Bytes smaller = deflate ? packed(contents) : Bytes();
  const Bytes data = smaller.empty() ? contents : smaller;
  if (!encoder_ || ++members_ > most_members || contents.size() > most_octets ||
      name.size() > 0xffff || out_.size() > most_octets - data.size() - name.size() - 64) {
    failed_ = true;
    return;
  }
  const std::uint16_t method = smaller.empty() ? 0 : 8;
  const Header header{method, libdeflate_crc32(0, contents.data(), contents.size()), data.size(),
                      contents.size(), name};
  put(directory_, 0x02014b50, 4);
  put(directory_, version, 2); // made by: FAT, so that nobody reads rights into the attributes
  put_common(directory_, header);
  put(directory_, 0, 2 + 2 + 2 + 4); // comment, disk, attributes inside and outside
  put(directory_, out_.size(), 4);
  put(directory_, as_bytes(name));
  put(out_, 0x04034b50, 4);
  put_common(out_, header);
  put(out_, as_bytes(name));
  put(out_, data);
}

Buffer Writer::finish() {
  const std::size_t start = out_.size();
  if (failed_ || directory_.size() > most_octets - start) return {};
  put(out_, directory_);
  put(out_, 0x06054b50, 4);
  put(out_, 0, 4); // disks
  put(out_, members_, 2);
  put(out_, members_, 2);
  put(out_, directory_.size(), 4);
  put(out_, start, 4);
  put(out_, 0, 2); // comment
  return std::move(out_);
}

} // namespace sekisho::zip
