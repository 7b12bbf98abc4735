#include "sanitizer/text/emoji.hh"

#include "sanitizer/text/tables/tables.hh"

#include <algorithm>

namespace sekisho::text {
namespace {

std::string_view emoji_of(char32_t c, Carrier carrier) {
  const tables::CarrierEmoji *const begin = tables::carrier_emoji,
                             *const end = begin + tables::carrier_emoji_count;
  const auto key = [](std::uint8_t of, char32_t code) { return static_cast<std::uint32_t>(of) << 24 | code; };
  const std::uint32_t wanted = key(static_cast<std::uint8_t>(carrier), c);
  const auto *row = std::lower_bound(begin, end, wanted, [&](const tables::CarrierEmoji &a, std::uint32_t b) {
    return key(a.carrier, a.code) < b;
  });
  return row != end && key(row->carrier, row->code) == wanted ? row->utf8 : std::string_view();
}

} // namespace

Carrier carrier_of(std::string_view address) {
  struct Row {
    std::string_view domain;
    Carrier carrier;
  };
  constexpr Row rows[] = {
      {"docomo.ne.jp", Carrier::docomo}, {"ezweb.ne.jp", Carrier::au},
      {"au.com", Carrier::au},           {"ido.ne.jp", Carrier::au},
      {"softbank.ne.jp", Carrier::softbank}, {"i.softbank.jp", Carrier::softbank},
      {"vodafone.ne.jp", Carrier::softbank}, {"disney.ne.jp", Carrier::softbank},
  };
  for (const Row &row : rows) {
    if (!address.ends_with(row.domain) || address.size() == row.domain.size()) continue;
    const char before = address[address.size() - row.domain.size() - 1];
    if (before == '@' || before == '.') return row.carrier;
  }
  return Carrier::unknown;
}

std::string_view carrier_emoji(char32_t c, Carrier carrier) {
  if (c >= au_mail_emoji && c < au_mail_emoji + 376) // F640–F7FC on its telephones
    return emoji_of(c - au_mail_emoji + 0xe468, Carrier::au);
  if (c < 0xe000 || c > 0xf8ff) return {};
  if (carrier != Carrier::unknown) return emoji_of(c, carrier);
  // SoftBank's own places lie in the part of the user area where anybody's gaiji may be.
  const std::string_view docomo = emoji_of(c, Carrier::docomo), au = emoji_of(c, Carrier::au);
  if (!emoji_of(c, Carrier::softbank).empty() || (!docomo.empty() && !au.empty())) return {};
  return docomo.empty() ? au : docomo;
}

} // namespace sekisho::text
