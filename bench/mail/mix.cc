#include "bench/mail/mix.hh"

#include <fmt/format.h>

namespace sekisho::bench {
namespace {

constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

std::string head(Dice &dice, std::string_view type, std::string_view encoding) {
  return fmt::format("From: =?UTF-8?B?5bGx55Sw5aSq6YOO?= <yamada@supplier.example.com>\r\n"
                     "To: soumu@town.example.lg.jp\r\nSubject: =?UTF-8?B?5LyB55S75pu444Gu5Lu2?= {}\r\n"
                     "Date: Fri, 20 Nov 2026 10:00:00 +0900\r\nMessage-ID: <{:016x}@supplier.example.com>\r\n"
                     "MIME-Version: 1.0\r\nContent-Type: {}\r\nContent-Transfer-Encoding: {}\r\n\r\n",
                     dice.below(1'000'000), dice.roll(), type, encoding);
}

/// 36 kanji or kana of JIS X 0208, rows 16–46 and 4, between their escapes.
std::string jis_line(Dice &dice) {
  std::string line = "\x1b$B";
  for (int i = 0; i < 36; ++i) {
    const bool kana = dice.below(2) == 0;
    line += static_cast<char>(kana ? 0x24 : 0x30 + dice.below(31));
    line += static_cast<char>(0x21 + dice.below(kana ? 83 : 94));
  }
  return line + "\x1b(B\r\n";
}

std::string kana(Dice &dice, std::size_t count) { // UTF-8 hiragana U+3042–U+3093
  std::string text;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t code = 0x3042 + dice.below(0x52);
    text += static_cast<char>(0xe0 | code >> 12);
    text += static_cast<char>(0x80 | (code >> 6 & 0x3f));
    text += static_cast<char>(0x80 | (code & 0x3f));
  }
  return text;
}

std::string base64(std::string_view octets) {
  std::string text;
  for (std::size_t i = 0; i < octets.size(); i += 3) {
    std::uint32_t three = 0;
    const std::size_t have = std::min<std::size_t>(3, octets.size() - i);
    for (std::size_t k = 0; k < 3; ++k)
      three = three << 8 | (k < have ? static_cast<unsigned char>(octets[i + k]) : 0u);
    for (std::size_t k = 0; k < 4; ++k) text += k <= have ? digits[three >> (18 - 6 * k) & 63] : '=';
    if (i / 3 % 19 == 18) text += "\r\n";
  }
  return text + "\r\n";
}

std::string quoted_printable(std::string_view text) {
  std::string out;
  std::size_t line = 0;
  for (char c : text) {
    const bool plain = c >= 0x20 && c < 0x7f && c != '=';
    const std::string piece = c == '\n' ? "\r\n" : plain ? std::string(1, c)
                                                         : fmt::format("={:02X}", static_cast<unsigned char>(c));
    if (c != '\n' && line + piece.size() > 72) {
      out += "=\r\n";
      line = 0;
    }
    out += piece;
    line = c == '\n' ? 0 : line + piece.size();
  }
  return out + "\r\n";
}

std::string noise(Dice &dice, std::string_view start, std::size_t size) {
  std::string octets(start);
  while (octets.size() < size) octets += static_cast<char>(dice.roll());
  return octets;
}

std::string part(std::string_view type, std::string_view encoding, std::string_view name, const std::string &body) {
  const std::string disposition =
      name.empty() ? "" : fmt::format("Content-Disposition: attachment; filename=\"{}\"\r\n", name);
  return fmt::format("--=_b\r\nContent-Type: {}\r\nContent-Transfer-Encoding: {}\r\n{}\r\n{}", type, encoding,
                     disposition, body);
}

/// A line for each that stands between tags, the target of a link behind its words, as mail programs write the other form.
std::string words_of(std::string_view html) {
  constexpr std::string_view link = "<a href=\"";
  std::string words;
  std::string_view target;
  for (std::size_t at = 0; at < html.size();) {
    const std::size_t tag = std::min(html.find('<', at), html.size());
    if (html.substr(at, tag - at) != "\n") {
      words.append(html, at, tag - at);
      if (!target.empty()) words.append("<").append(target).append(">");
      words.append("\r\n");
      target = {};
    }
    at = std::min(html.find('>', tag), html.size() - 1) + 1;
    if (!html.substr(tag).starts_with(link)) continue;
    target = html.substr(tag + link.size(), at - tag - link.size());
    target = target.substr(0, target.find('"'));
  }
  return words;
}

} // namespace

std::string middle_html(Dice &dice) {
  std::string html = fmt::format("<p>{}</p><a href=\"https://supplier.example.com/{}\">{}</a>\n", kana(dice, 55),
                                 dice.roll(), kana(dice, 8));
  return html + fmt::format("<img src=\"https://track.example.com/{}.gif\" width=1>\n", dice.roll());
}

std::string small_mail(Dice &dice) {
  std::string mail = head(dice, "text/plain; charset=ISO-2022-JP", "7bit");
  while (mail.size() < 1950) mail += jis_line(dice);
  return mail;
}

std::string middle_mail(Dice &dice) {
  std::string mail = head(dice, "multipart/alternative; boundary=\"=_b\"", "7bit");
  std::string page;
  for (int i = 0; i < 24; ++i) page += middle_html(dice);
  mail += part("text/plain; charset=UTF-8", "base64", "", base64(words_of(page)));
  const std::string html =
      "<html><head><style>p{color:red}</style><script>alert(1)</script></head><body>\n" + page + "</body></html>\n";
  mail += part("text/html; charset=UTF-8", "quoted-printable", "", quoted_printable(html));
  return mail + "--=_b--\r\n";
}

std::string big_mail(Dice &dice) {
  std::string mail = head(dice, "multipart/mixed; boundary=\"=_b\"", "7bit");
  mail += part("text/plain; charset=UTF-8", "base64", "", base64(kana(dice, 200)));
  mail += part("application/pdf", "base64", "plan.pdf", base64(noise(dice, "%PDF-1.4\n", 540'000)));
  mail += part("image/jpeg", "base64", "photo.jpg", base64(noise(dice, "\xff\xd8\xff\xe0", 225'000)));
  return mail + "--=_b--\r\n";
}

std::vector<std::string> mail_mix(std::uint64_t seed, std::size_t count) {
  Dice dice(seed);
  std::vector<std::string> mails;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t place = i * 37 % 100; // walks all of a hundred
    mails.push_back(place < 70 ? small_mail(dice) : place < 95 ? middle_mail(dice) : big_mail(dice));
  }
  return mails;
}

std::vector<std::string> mails_of(const std::string &kind, std::uint64_t seed, std::size_t count) {
  if (kind == "mix") return mail_mix(seed, count);
  Dice dice(seed);
  std::vector<std::string> mails;
  for (std::size_t i = 0; i < count; ++i)
    mails.push_back(kind == "small" ? small_mail(dice) : kind == "middle" ? middle_mail(dice) : big_mail(dice));
  return mails;
}

} // namespace sekisho::bench
