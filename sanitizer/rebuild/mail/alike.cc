#include "sanitizer/rebuild/mail/alike.hh"

#include "base/text.hh"
#include "base/utf8.hh"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <string>
#include <vector>

namespace sekisho::rebuild {
namespace {

constexpr std::size_t run_length = 5;         // letters: Japanese has no blanks that would make words
constexpr std::size_t most_octets = 256 << 10; // of a text whose runs are all compared
constexpr std::size_t bits_for_octet = 16;

/// In one shape, or 0: no letter.
constexpr char32_t letter_of(char32_t c) {
  if (c > 0xff00 && c < 0xff5f) c -= 0xfee0; // wide
  if (c < 0x80) {
    if (c >= 'A' && c <= 'Z') return c + 32;
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ? c : 0;
  }
  const bool is_sign = c < 0xa0 || (c >= 0x2000 && c < 0x2c00) || (c >= 0x3000 && c < 0x3005) ||
                       (c > 0x3007 && c < 0x3031) || c == 0x30fb || (c >= 0xe000 && c < 0xf900) ||
                       (c >= 0xfe00 && c < 0xff66) || (c >= 0x1f000 && c < 0x20000) || c >= 0xe0000;
  return is_sign ? 0 : c;
}

/// What stands at `rest` and is no word of the text: how long it is.
std::size_t length_of_mark(std::string_view rest) {
  constexpr std::string_view ends_link = " \n\t<>\"";
  if (rest.front() == '[' && (rest.starts_with("[画像") || rest.starts_with("[cid:")))
    return std::min(rest.find_first_of("]\n"), rest.size());
  if (rest.front() != 'h') return 0;
  for (const std::string_view scheme : {"http://", "https://", "hxxp://", "hxxps://"}) {
    if (!rest.starts_with(scheme)) continue;
    const auto ends = [&](char c) { return static_cast<unsigned char>(c) >= 0x80 || ends_link.find(c) != ends_link.npos; };
    return static_cast<std::size_t>(std::ranges::find_if(rest, ends) - rest.begin());
  }
  return 0;
}

/// `use` is given a number for each run.
template <class Use> void each_run(std::string_view text, Use use) {
  constexpr std::uint64_t base = 0x9e3779b97f4a7c15;
  constexpr std::uint64_t gone = base * base * base * base * base; // of the letter that leaves the run
  std::array<char32_t, run_length> run{};
  std::uint64_t sum = 0;
  for (std::size_t at = 0, letters = 0; at < text.size();) {
    if (text[at] == '[' || text[at] == 'h')
      if (const std::size_t length = length_of_mark(text.substr(at)); length > 0) {
        at += length;
        continue;
      }
    const auto octet = static_cast<unsigned char>(text[at]);
    const char32_t letter = letter_of(octet < 0x80 ? (++at, octet) : utf8_next(text, at));
    if (letter == 0) continue;
    char32_t &place = run[letters % run_length];
    sum = sum * base + letter - place * gone;
    place = letter;
    if (++letters >= run_length) use((sum ^ sum >> 29) * 0xbf58476d1ce4e5b9 >> 16);
  }
}

/// Without blanks and what is unseen below them.
void squeeze(std::string_view text, std::string &letters) {
  constexpr std::uint64_t ones = 0x0101010101010101;
  letters.resize(text.size());
  char *to = letters.data();
  while (!text.empty()) {
    std::uint64_t eight;
    for (; text.size() >= sizeof eight; text.remove_prefix(sizeof eight), to += sizeof eight) {
      std::memcpy(&eight, text.data(), sizeof eight);
      if (((eight - 0x21 * ones) & ~eight & 0x80 * ones) != 0) break;
      std::memcpy(to, &eight, sizeof eight);
    }
    const std::size_t one_by_one = std::min(text.size(), sizeof eight);
    for (const char c : text.substr(0, one_by_one)) {
      *to = c;
      to += static_cast<unsigned char>(c) > ' ';
    }
    text.remove_prefix(one_by_one);
  }
  letters.resize(static_cast<std::size_t>(to - letters.data()));
}

/// Moves behind the tag at `at`, and what it makes no text.  False where that is not plain to see.
bool skip_tag(std::string_view html, std::size_t &at) {
  const std::string_view tag = html.substr(at + 1, 16);
  const char first = tag.empty() ? ' ' : lower(tag.front());
  if (!(first >= 'a' && first <= 'z') && first != '/' && first != '!' && first != '?') return false;
  const auto is_one_of = [&](std::initializer_list<std::string_view> names) {
    return std::ranges::any_of(names, [&](std::string_view name) {
      return name.front() == first && equals_ignoring_case(tag.substr(0, name.size()), name);
    });
  };
  if (is_one_of({"textarea", "xmp", "plaintext"})) return false; // tags in them are text
  at = html.find('>', at);
  if (at != html.npos && is_one_of({"style", "script", "title"})) at = html.find("</", at);
  if (at != html.npos && html[at] == '>') ++at;
  at = std::min(at, html.size());
  return true;
}

} // namespace

bool is_same_at_sight(std::string_view html, std::string_view plain) {
  constexpr std::size_t window = 512, most_missed = 120; // octets
  std::string wanted, words;
  squeeze(plain, wanted);
  std::size_t cursor = 0, less = 0, all = 0, missed = 0;
  for (std::size_t at = 0; at < html.size();) {
    if (html[at] == '<') {
      if (!skip_tag(html, at)) return false;
      continue;
    }
    if (html.substr(at).starts_with("&nbsp;")) {
      at += 6;
      continue;
    }
    if (less <= at) less = std::min(html.find('<', at), html.size());
    const std::string_view run = html.substr(at, less - at);
    const std::size_t length = std::min(run.find('&', 1), run.size());
    squeeze(run.substr(0, length), words);
    at += length;
    if (words.empty()) continue;
    all += words.size();
    const std::string_view ahead = std::string_view(wanted).substr(cursor, window + words.size());
    const void *found = ahead.starts_with(words) ? ahead.data() // most do
                                                 : ::memmem(ahead.data(), ahead.size(), words.data(), words.size());
    if (found)
      cursor = static_cast<std::size_t>(static_cast<const char *>(found) - wanted.data()) + words.size();
    else if ((missed += words.size()) > most_missed)
      return false;
  }
  return missed * 16 <= all && all > 0;
}

Share share_found(std::string_view text, std::string_view other) {
  const std::size_t octets = std::max(text.size(), other.size());
  const std::uint64_t step = std::bit_ceil(std::max<std::size_t>(octets / most_octets, 1)); // only every so many
  const std::size_t bits = std::bit_ceil(std::max<std::size_t>(other.size() / step * bits_for_octet, 64));
  std::vector<std::uint64_t> seen(bits / 64);
  const auto place_of = [&](std::uint64_t run) { return run / step % bits; };
  each_run(other, [&](std::uint64_t run) {
    if (run % step == 0) seen[place_of(run) / 64] |= std::uint64_t{1} << place_of(run) % 64;
  });
  Share share;
  each_run(text, [&](std::uint64_t run) {
    if (run % step != 0) return;
    ++share.runs;
    share.found += seen[place_of(run) / 64] >> place_of(run) % 64 & 1;
  });
  return share;
}

} // namespace sekisho::rebuild
