// Emoji of the Japanese mobile carriers: characters of their own, in private areas, with which their mails are still
// written.  Mapped as EmojiSources.txt of the Unicode Character Database says.
#pragma once

#include <cstdint>
#include <string_view>

namespace sekisho::text {

enum class Carrier : std::uint8_t { unknown, docomo, au, softbank };

/// Where the decoders put rows 85–88 of JIS X 0208, 376 characters: nobody but au uses them.
constexpr char32_t au_mail_emoji = 0xfe468;

/// By the domain of a mail address, subdomains included.
Carrier carrier_of(std::string_view address);

/// The Unicode emoji (UTF-8) for a private character as the decoders give it (CP932's user area, U+E000 on, or the
/// carrier's own Unicode place); empty where there is none, or where carriers disagree and it is not known which one it
/// is: a wrong picture would say something that nobody wrote.
std::string_view carrier_emoji(char32_t c, Carrier carrier);

} // namespace sekisho::text
