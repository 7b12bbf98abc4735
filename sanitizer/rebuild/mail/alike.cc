#include "sanitizer/rebuild/mail/alike.hh"

#include "base/find.hh"
#include "base/text.hh"
#include "base/utf8.hh"
#include "sanitizer/text/html.hh"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <string>
#include <unordered_set>
#include <vector>

namespace sekisho::rebuild {
namespace {

constexpr std::size_t run_length = 5;         // letters: Japanese has no blanks that would make words
constexpr std::size_t most_octets = 256 << 10; // of a text whose runs are all compared
constexpr std::size_t bits_for_octet = 16;

constexpr std::string_view picture = "[画像", struck = "[取消: "; // as html_to_text() has them

/// Wide letters, digits and signs as ASCII has them.
constexpr char32_t narrow(char32_t c) { return c > 0xff00 && c < 0xff5f ? c - 0xfee0 : c; }

/// In one shape, or 0: no letter.
constexpr char32_t letter_of(char32_t c) {
  c = narrow(c);
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
  for (const std::string_view ours : {picture, struck})
    if (rest.starts_with(ours)) return ours.size();
  if (rest.starts_with("[cid:")) return std::min(rest.find_first_of("]\n"), rest.size());
  if (rest.front() != 'h') return 0;
  for (const std::string_view scheme : {"http://", "https://", "hxxp://", "hxxps://"}) {
    if (!rest.starts_with(scheme)) continue;
    const auto ends = [&](char c) { return static_cast<unsigned char>(c) >= 0x80 || ends_link.find(c) != ends_link.npos; };
    return static_cast<std::size_t>(std::ranges::find_if(rest, ends) - rest.begin());
  }
  return 0;
}

/// `use` is given each letter.
template <class Use> void each_letter(std::string_view text, Use use) {
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] == '[' || text[at] == 'h')
      if (const std::size_t length = length_of_mark(text.substr(at)); length > 0) {
        at += length;
        continue;
      }
    const auto octet = static_cast<unsigned char>(text[at]);
    if (const char32_t letter = letter_of(octet < 0x80 ? (++at, octet) : utf8_next(text, at)); letter != 0) use(letter);
  }
}

/// `use` is given a number for each run.
template <class Use> void each_run(std::string_view text, Use use) {
  constexpr std::uint64_t base = 0x9e3779b97f4a7c15;
  constexpr std::uint64_t gone = base * base * base * base * base; // of the letter that leaves the run
  std::array<char32_t, run_length> run{};
  std::uint64_t sum = 0;
  std::size_t letters = 0;
  each_letter(text, [&](char32_t letter) {
    char32_t &place = run[letters % run_length];
    sum = sum * base + letter - place * gone;
    place = letter;
    if (++letters >= run_length) use((sum ^ sum >> 29) * 0xbf58476d1ce4e5b9 >> 16);
  });
}

/// All letters, where there are fewer than make a run; else nothing.
std::u32string few_letters(std::string_view text) {
  std::u32string letters;
  each_letter(text, [&](char32_t letter) {
    if (letters.size() < run_length) letters += letter;
  });
  return letters.size() < run_length ? letters : std::u32string();
}

bool has_letters(std::string_view text, std::u32string_view wanted) {
  std::u32string last;
  bool found = false;
  each_letter(text, [&](char32_t letter) {
    if (last.size() == wanted.size()) last.erase(0, 1);
    last += letter;
    found = found || last == wanted;
  });
  return found;
}

/// `use` is given the digits of each number of more than one, as ASCII; what stands between them as ',' or '.' is passed over.
template <class Use> void each_number(std::string_view text, Use use) {
  std::string digits;
  bool joined = false; // a separator behind the last digit
  const auto end = [&] {
    if (digits.size() > 1) use(digits);
    digits.clear();
  };
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t mark = text[at] == 'h' || text[at] == '[' ? length_of_mark(text.substr(at)) : 0;
    const auto octet = static_cast<unsigned char>(text[at]);
    const char32_t c = mark > 0 ? 0 : narrow(octet < 0x80 ? (++at, octet) : utf8_next(text, at));
    at += mark;
    if (c >= '0' && c <= '9') {
      digits += static_cast<char>(c);
      joined = false;
    } else if ((c == ',' || c == '.') && !joined && !digits.empty()) {
      joined = true;
    } else {
      end();
    }
  }
  end();
}

/// What stands behind the "//" of a link, in lower case and without the brackets of dots.
std::string host_at(std::string_view text) {
  std::string host;
  for (const char c : text.substr(0, 256)) {
    if (static_cast<unsigned char>(c) <= ' ' || std::string_view("/?#\\:<>\"'").find(c) != std::string_view::npos) break;
    if (c != '[' && c != ']') host += lower(c);
  }
  return host;
}

bool names_all_hosts(std::string_view page, std::string_view plain) {
  std::string last, words; // of `plain`, made where they are needed
  for (std::size_t at = 0; (at = page.find("//", at)) != page.npos; at += 2) {
    if (at == 0 || (page[at - 1] != ':' && page[at - 1] != ']')) continue; // "hxxps://", "webcal[:]//"
    const std::string host = host_at(page.substr(at + 2));
    if (host.empty() || host == last) continue;
    if (words.empty())
      for (const char c : plain)
        if (c != '[' && c != ']') words += lower(c);
    if (::memmem(words.data(), words.size(), host.data(), host.size()) == nullptr) return false;
    last = host;
  }
  return true;
}

/// Without blanks and what is unseen below them.
void squeeze(std::string_view text, std::string &letters) {
  letters.resize(text.size());
  char *to = letters.data();
  while (!text.empty()) {
    std::uint64_t eight;
    for (; text.size() >= sizeof eight; text.remove_prefix(sizeof eight), to += sizeof eight) {
      std::memcpy(&eight, text.data(), sizeof eight);
      if (has_blank_or_control(eight)) break;
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

/// What a tag says that is no word of the text: where its link leads, what its picture is called.
class TagWords {
public:
  explicit TagWords(std::string_view plain) : plain_(plain) {}

  /// Whether the text names the host of a link, or it leads nowhere.  False where that is not plain to see.
  bool has_link(std::string_view tag) {
    const std::string_view target = value_of(tag, "href");
    if (target.empty() || target.front() == '#') return true;
    if (!target.starts_with("https://") && !target.starts_with("http://")) return false;
    const std::size_t start = target.find("//") + 2;
    const auto is_in_host = [](char c) { return lower(c) != c || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-'; };
    const auto length = std::ranges::find_if_not(target.substr(start), is_in_host) - target.substr(start).begin();
    const std::string_view host = target.substr(start, static_cast<std::size_t>(length));
    const std::string_view behind = target.substr(start + host.size(), 1);
    if (!behind.empty() && behind != "/" && behind != "?" && behind != "#" && behind != ":") return false;
    if (host != host_ && ::memmem(plain_.data(), plain_.size(), host.data(), host.size()) == nullptr) return false;
    host_ = host;
    return true;
  }

  static std::string_view description(std::string_view tag) { return value_of(tag, "alt"); }

private:
  /// In quotes, the first of that name; else what is in the way of seeing it.
  static std::string_view value_of(std::string_view tag, std::string_view name) {
    for (std::size_t at = name.size(); (at = tag.find('=', at + 1)) != tag.npos;) {
      const std::size_t start = at - name.size();
      if (tag.substr(start, name.size()) != name || static_cast<unsigned char>(tag[start - 1]) > ' ') continue;
      const std::string_view rest = tag.substr(at + 1);
      if (!rest.starts_with('"')) return rest.empty() ? "?" : rest;
      return rest.substr(1, rest.find('"', 1) - 1);
    }
    return {};
  }

  std::string_view plain_, host_;
};

/// Moves behind the tag at `at`, and what it makes no text.  False where that is not plain to see.
bool skip_tag(std::string_view html, std::size_t &at, TagWords &words, std::string_view &description) {
  const std::string_view tag = html.substr(at + 1, 16);
  const char first = tag.empty() ? ' ' : lower(tag.front());
  if (!(first >= 'a' && first <= 'z') && first != '/' && first != '!' && first != '?') return false;
  constexpr std::string_view initials = "adipstx"; // of the tags below; most others end with their '>'
  if (initials.find(first) == initials.npos) {
    at = std::min(html.find('>', at), html.size() - 1) + 1;
    return true;
  }
  const auto is_one_of = [&](std::initializer_list<std::string_view> names) {
    return std::ranges::any_of(names, [&](std::string_view name) {
      return name.front() == first && equals_ignoring_case(tag.substr(0, name.size()), name) &&
             (tag.size() == name.size() || letter_of(static_cast<unsigned char>(tag[name.size()])) == 0);
    });
  };
  if (is_one_of({"textarea", "xmp", "plaintext"})) return false; // tags in them are text
  if (is_one_of({"strike", "del", "s"})) return false;            // what is struck out the other form may not show as such
  const std::size_t start = at;
  at = html.find('>', at);
  const std::string_view whole = html.substr(start, at - start);
  if (is_one_of({"a", "area"}) && !words.has_link(whole)) return false;
  if (is_one_of({"img", "image"})) description = words.description(whole);
  if (at != html.npos && is_one_of({"script", "title"})) at = html.find("</", at);
  if (at != html.npos && is_one_of({"style"})) {
    const std::size_t inside = at;
    do
      at = html.find("</", at + 1);
    while (at != html.npos && !equals_ignoring_case(html.substr(at + 2, 5), "style"));
    if (text::may_generate(html.substr(inside, at - inside))) return false;
  }
  if (at != html.npos && html[at] == '>') ++at;
  at = std::min(at, html.size());
  return true;
}

/// "line-through", somewhere; found by its sign, which pages have less often than its letters.
bool strikes_by_style(std::string_view html) {
  for (std::size_t at = 0; (at = html.find('-', at)) != html.npos; ++at)
    if (at >= 4 && equals_ignoring_case(html.substr(at - 4, 12), "line-through")) return true;
  return false;
}

} // namespace

bool is_same_at_sight(std::string_view html, std::string_view plain) {
  constexpr std::size_t window = 512, most_missed = 120; // octets
  if (strikes_by_style(html)) return false;
  std::string wanted, words;
  squeeze(plain, wanted);
  TagWords tags(plain);
  std::size_t cursor = 0, less = 0, all = 0, missed = 0;
  const auto miss = [&](std::string_view run) {
    return run.find_first_of("0123456789") == run.npos && (missed += run.size()) <= most_missed;
  };
  for (std::size_t at = 0; at < html.size();) {
    if (html[at] == '<') {
      std::string_view description;
      if (!skip_tag(html, at, tags, description)) return false;
      squeeze(description, words);
      all += words.size();
      if (!words.empty() && ::memmem(wanted.data(), wanted.size(), words.data(), words.size()) == nullptr && !miss(words))
        return false;
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
    else if (!miss(words))
      return false;
  }
  return missed * 16 <= all && all > 0;
}

bool has_all_numbers(std::string_view text, std::string_view other) {
  std::unordered_set<std::string> known;
  each_number(other, [&](const std::string &digits) { known.insert(digits); });
  bool all = true;
  each_number(text, [&](const std::string &digits) { all = all && known.contains(digits); });
  return all;
}

bool is_hint(std::string_view text) {
  constexpr std::size_t most_letters = 120;
  std::size_t letters = 0;
  bool has_number = false;
  std::string ascii;
  each_letter(text, [&](char32_t letter) {
    ++letters;
    ascii += letter < 0x80 ? static_cast<char>(letter) : ' ';
  });
  each_number(text, [&](const std::string &) { has_number = true; });
  const auto says = [](std::string_view all, std::initializer_list<std::string_view> words) {
    return std::ranges::any_of(words, [&](std::string_view word) { return all.find(word) != all.npos; });
  };
  return letters <= most_letters && !has_number &&
         (letters == 0 || says(ascii, {"html", "web", "browser", "mime"}) || says(text, {"ブラウザ", "ウェブ"}));
}

std::string without_picture_lines(std::string_view page) {
  std::string text;
  for (std::size_t at = 0; at < page.size();) {
    const std::size_t end = std::min(page.find('\n', at), page.size() - 1) + 1;
    const std::string_view line = page.substr(at, end - at), words = trimmed(line);
    const bool is_picture = words.starts_with(picture) && words.find(']') == words.size() - 1;
    if (!is_picture) text += line;
    at = end;
  }
  return text;
}

bool adds_something(std::string_view page, std::string_view plain) {
  if (!share_found(page, plain).is_all()) return true;
  if (page.find(struck) != page.npos && plain.find(struck) == plain.npos) return true;
  return !has_all_numbers(page, plain) || !names_all_hosts(page, plain);
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
  if (const std::u32string letters = few_letters(text); !letters.empty()) return {1, has_letters(other, letters)};
  return share;
}

} // namespace sekisho::rebuild
