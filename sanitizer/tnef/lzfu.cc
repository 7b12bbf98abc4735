#include "sanitizer/tnef/lzfu.hh"

#include <algorithm>
#include <array>

namespace sekisho::tnef {
namespace {

constexpr std::uint32_t compressed_mark = 0x75465a4c, plain_mark = 0x414c454d; // §2.1.3.1.1

// §2.1.3.1.4: what the window holds before the first octet.
constexpr std::string_view preset =
    "{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern "
    "\\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0"
    "\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx";
static_assert(preset.size() == 207);

constexpr std::size_t most_rtf = 16u << 20; // octets: the text of a mail

class Window {
public:
  Window() {
    std::transform(preset.begin(), preset.end(), octets_.begin(),
                   [](char c) { return std::byte(c); });
  }
  std::size_t position() const { return position_; }
  std::byte at(std::size_t offset) const { return octets_[offset % octets_.size()]; }
  void put(std::byte octet) {
    octets_[position_] = octet;
    position_ = (position_ + 1) % octets_.size();
  }

private:
  std::array<std::byte, 4096> octets_{};
  std::size_t position_ = preset.size();
};

// §3.1.3.2: eight tokens behind each octet of flags, a plain octet or a reference into the window.
Buffer unpack(ByteReader reader, std::size_t most) {
  Buffer rtf;
  Window window;
  const auto put = [&](std::byte octet) {
    window.put(octet);
    rtf.push_back(octet);
  };
  while (reader.remaining() > 0 && rtf.size() < most) {
    unsigned flags = reader.read_u8();
    for (unsigned token = 0; token < 8 && reader.remaining() > 0; ++token, flags >>= 1) {
      if ((flags & 1) == 0) {
        put(std::byte{reader.read_u8()});
        continue;
      }
      const unsigned reference = reader.read_u16();
      const std::size_t offset = reference >> 4;
      if (reader.failed() || offset == window.position()) return rtf;
      for (std::size_t i = 0; i < (reference & 15) + 2; ++i)
        put(window.at(offset + i));
    }
  }
  return rtf;
}

} // namespace

Buffer unpack_rtf(Bytes untrusted) {
  ByteReader reader(untrusted);
  const std::uint32_t size = reader.read_u32_le(), raw_size = reader.read_u32_le();
  const std::uint32_t mark = reader.read_u32_le();
  reader.skip(4); // CRC: damage shows in the text
  if (reader.failed() || size < 12) return {};
  const Bytes contents = reader.take(std::min<std::size_t>(size - 12, reader.remaining()));
  if (mark != compressed_mark && mark != plain_mark) return {};
  const std::size_t most = std::min<std::size_t>(raw_size, most_rtf);
  Buffer rtf = mark == plain_mark ? to_buffer(contents) : unpack(ByteReader(contents), most);
  rtf.resize(std::min(rtf.size(), most));
  return rtf;
}

} // namespace sekisho::tnef
