/* Target functions: smtp::ProxyReader.
 */
// Whole or octet by octet it is the same; a header that was read is one that can be written again from what it said.
#include "base/check.hh"
#include "gateway/smtp/proxy.hh"

#include <algorithm>

using namespace sekisho;
using namespace sekisho::smtp;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
  const Bytes input(reinterpret_cast<const std::byte *>(data), size);
  ProxyReader whole, pieces;
  const std::size_t taken = whole.feed(input);
  std::size_t by_one = 0;
  for (std::size_t i = 0; i < size; ++i) by_one += pieces.feed(input.subspan(i, 1));
  CHECK(taken == by_one && taken <= max_proxy_header && whole.state() == pieces.state() && whole.client() == pieces.client());
  if (whole.state() != ProxyReader::State::read) {
    CHECK(!whole.client() && (whole.state() == ProxyReader::State::broken || taken == size));
    return 0;
  }
  const std::string_view header = as_chars(input.first(taken));
  if (header.starts_with("PROXY ")) {
    CHECK(header.ends_with("\r\n") && header.size() <= 107 && std::ranges::count(header, '\n') == 1);
    CHECK(whole.client().has_value() == header.starts_with("PROXY TCP"));
  } else {
    CHECK(header.size() >= 16 && header.size() == 16 + static_cast<unsigned char>(header[14]) * 256u + static_cast<unsigned char>(header[15]));
    if (whole.client() && whole.client()->is_v4() && header[13] == 0x11)
      CHECK(std::ranges::equal(std::as_bytes(std::span(whole.client()->octets)).last(4), input.subspan(16, 4)));
  }
  return 0;
}
