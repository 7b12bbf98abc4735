#include "sanitizer/rebuild/mail/look_alike.hh"

#include "base/find.hh"
#include "base/utf8.hh"
#include "sanitizer/rebuild/mail/free_mail.hh"

#include <algorithm>
#include <vector>

namespace sekisho::rebuild {
namespace {

constexpr std::string_view senders = "(差出人記載 by sender) ";

/// Of every kind that is square or lens-shaped.
constexpr std::u32string_view opening = U"[【〔〖〘〚［⁅⟦❲﹇︹︻︗﹝⦋⟬⦍⦏⦗⹕⹗";
constexpr std::u32string_view closing = U"]】〕〗〙〛］⁆⟧❳﹈︺︼︘﹞⦌⟭⦎⦐⦘⹖⹘";

/// Of other shapes (Unicode's Ps, Pe, Pi and Pf), but 「」 and “”: these are how a word is quoted.
constexpr std::u32string_view other_opening = U"(（⁽❨❪﹙︵⸨⦅｟『﹃﹁<＜〈《≪«⟨⟪❬❮❰︿︽{｛❴﹛︷"
                                             U"₍⌈⌊\u2329⟅⟮⦃⦇⦉⦑⦓⦕⧘⧚⧼⸢⸤⸦⹙⹛﴾‹⸂⸄⸉⸌⸜⸠༺༼᚛";
constexpr std::u32string_view other_closing = U")）⁾❩❫﹚︶⸩⦆｠』﹄﹂>＞〉》≫»⟩⟫❭❯❱﹀︾}｝❵﹜︸"
                                             U"₎⌉⌋\u232a⟆⟯⦄⦈⦊⦒⦔⦖⧙⧛⧽⸣⸥⸧⹚⹜﴿›⸃⸅⸊⸍⸝⸡༻༽᚜";

struct Alike {
  char32_t plain;
  std::u32string_view others;
};
// Of what our marks are written with.
constexpr Alike alikes[] = {
    {U's', U"5$ſśŝşšșѕЅꜱʂŚŜŞŠȘՏ"},
    {U'e', U"èéêëēĕėęěеёЕЁΕεєҽ℮ÈÉÊËĒĔĖĘĚᴇ"},
    {U'k', U"ķĸкКκΚKĶᴋқҚ"},
    {U'i', U"1l|!ìíîïĩīĭįıіїІЇιΙÌÍÎÏĨĪĬĮİǀӀɪℓ"},
    {U'h', U"ĥħһНнΗĤĦҺʜհ"},
    {U'o', U"0òóôõöøōŏőоОοΟօ○〇◯ÒÓÔÕÖØŌŎŐᴏσ"},
    {U'関', U"關关閞闗閑𨳡"},
    {U'所', U"㪽𠩄"},
};

/// Letters that stand in rows of 26 at these places.
constexpr char32_t rows_of_letters[] = {0xff21, 0xff41, 0x249c, 0x24b6, 0x24d0, 0x1f110, 0x1f130, 0x1f150, 0x1f170};

char32_t latin_of(char32_t c) {
  for (const char32_t row : rows_of_letters)
    if (c >= row && c < row + 26) return U'a' + (c - row);
  if (c >= 0x1d400 && c < 0x1d6a4) return U'a' + (c - 0x1d400) % 26; // mathematical
  if (c > 0xff00 && c < 0xff5f) c -= 0xfee0;
  return c >= 'A' && c <= 'Z' ? c + 32 : c;
}

char32_t found_plain_of(char32_t c) {
  if (opening.find(c) != opening.npos || other_opening.find(c) != other_opening.npos) return '[';
  if (closing.find(c) != closing.npos || other_closing.find(c) != other_closing.npos) return ']';
  c = latin_of(c);
  for (const Alike &alike : alikes)
    if (alike.others.find(c) != alike.others.npos) return alike.plain;
  return c;
}

/// Every line of every mail asks: for most characters a look into a table is enough.
char32_t plain_of(char32_t c) {
  constexpr char32_t most = 0x4000; // above it stand a few kanji and what is rarely written
  static const std::vector<char32_t> table = [] {
    std::vector<char32_t> plain;
    for (char32_t low = 0; low < most; ++low)
      plain.push_back(found_plain_of(low));
    return plain;
  }();
  if (c < most) return table[c];
  if (c < 0xa000 && c != U'關' && c != U'关' && c != U'閞' && c != U'闗' && c != U'閑') return c;
  return found_plain_of(c);
}

/// Letters that a reader takes for a box or a dash where a word begins behind them.
constexpr std::u32string_view symbol_like = U"口ロ囗一ー丶";

bool is_punctuation(char32_t c) {
  return (c < 0x80 && !(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z')) ||
         (c >= 0xa1 && c <= 0xbf) || c == 0xd7 || c == 0xf7 ||
         (c >= 0x2010 && c <= 0x2bff) || (c >= 0x2e00 && c <= 0x303f) || (c >= 0x3200 && c <= 0x33ff) || (c >= 0xfe10 && c <= 0xfe6f) ||
         (c >= 0xff01 && c <= 0xff0f) || (c >= 0xff1a && c <= 0xff20) || (c >= 0xff3b && c <= 0xff40) ||
         (c >= 0xff5b && c <= 0xff65) || (c >= 0xffe0 && c <= 0xffff) || (c >= 0x1f000 && c <= 0x1fbff) || c == 0x30fb ||
         symbol_like.find(c) != symbol_like.npos;
}

/// Where the mark that opens at the start of `text` ends; 0: none does.
std::size_t end_of_mark(std::string_view text) {
  static const std::string marks[] = {at_a_glance(own_marks[0]), at_a_glance(own_marks[1])};
  std::string seen;
  for (std::size_t next = 0; next < text.size();) {
    const char32_t c = utf8_next(text, next);
    if (is_unseen(c)) continue;
    utf8_append(seen, plain_of(c));
    bool may_come = false;
    for (const std::string &mark : marks) {
      if (seen == mark) return next;
      may_come = may_come || mark.starts_with(seen);
    }
    if (!may_come) return 0;
  }
  return 0;
}

bool opens(std::string_view text) {
  std::size_t next = 0;
  return opening.find(utf8_next(text, next)) != opening.npos;
}

/// Where the character before `at` begins; `at` is not 0.
std::size_t before(std::string_view text, std::size_t at) {
  do
    --at;
  while (at > 0 && (text[at] & 0xc0) == 0x80);
  return at;
}

char32_t character_at(std::string_view text, std::size_t at) {
  return utf8_next(text, at);
}

} // namespace

bool is_unseen(char32_t c) {
  const bool everyday = (c > ' ' && c < 0xa0) || (c > 0x3000 && c < 0x3164) || (c > 0x3164 && c < 0xfe00);
  if (everyday) return false;
  return c == ' ' || c == '\t' || c == 0xa0 || c == 0xad || c == 0x34f || c == 0x61c || c == 0x1680 || c == 0x180e ||
         (c >= 0x180b && c <= 0x180f) || (c >= 0x1ab0 && c <= 0x1aff) || (c >= 0x1dc0 && c <= 0x1dff) ||
         (c >= 0x20d0 && c <= 0x20ff) || (c >= 0xfe20 && c <= 0xfe2f) || c == 0xfffc ||
         (c >= 0x300 && c <= 0x36f) || (c >= 0x2000 && c <= 0x200f) || (c >= 0x2028 && c <= 0x202f) ||
         (c >= 0x205f && c <= 0x206f) || c == 0x2800 || c == 0x3000 || c == 0x3164 || c == 0xffa0 ||
         (c >= 0xfe00 && c <= 0xfe0f) || c == 0xfeff || (c >= 0xe0000 && c <= 0xe0fff);
}

std::string at_a_glance(std::string_view utf8, std::size_t octets) {
  std::string seen;
  for (std::size_t next = 0; next < utf8.size() && seen.size() < octets;)
    if (const char32_t c = utf8_next(utf8, next); !is_unseen(c)) utf8_append(seen, plain_of(c));
  return seen;
}

bool begins_with_mark(std::string_view line) {
  for (std::size_t next = 0, start = 0; next < line.size(); start = next) {
    const char32_t c = utf8_next(line, next);
    if (plain_of(c) == '[' && end_of_mark(line.substr(start)) > 0) return true;
    if (c == '>' || !(is_unseen(c) || is_punctuation(c))) return false;
  }
  return false;
}

/// Of a kind: 関 and what looks like it, by their first two octets; square brackets as Latin is written in by one.
std::size_t MarksInside::find(std::size_t kind, std::size_t from) const {
  if (kind == 0) return find_pair(text_, from, '\xe9', '\x96', '\x97');
  return kind == 1 ? std::min(text_.find('[', from), text_.size()) : std::min(text_.find('\xef', from), text_.size());
}

std::size_t MarksInside::next(std::size_t from) {
  if (begun_ && found_ >= from) return found_;
  for (std::size_t kind = 0; kind < kinds; ++kind)
    if (!begun_ || at_[kind] < from) at_[kind] = find(kind, from);
  begun_ = true;
  for (;;) {
    std::size_t *least = std::min_element(at_, at_ + kinds);
    found_ = *least;
    if (found_ == text_.size()) return found_ = text_.npos;
    *least = find(static_cast<std::size_t>(least - at_), found_ + 1);
    if (is_mark(found_) && found_ >= from) return found_;
  }
}

bool MarksInside::is_mark(std::size_t &at) const {
  if (text_[at] == '\xe9') { // back to what opens before it
    if (plain_of(character_at(text_, at)) != U'関' || at == 0) return false;
    do
      at = before(text_, at);
    while (at > 0 && is_unseen(character_at(text_, at)));
  }
  const std::string_view rest = text_.substr(at);
  if (!opens(rest) || end_of_mark(rest) == 0) return false;
  const char32_t c = at == 0 ? U'\n' : character_at(text_, before(text_, at));
  return is_unseen(c) || is_punctuation(c);
}

std::string_view behind_symbols(std::string_view line) {
  for (std::size_t next = 0, start = 0; next < line.size(); start = next) {
    const char32_t c = utf8_next(line, next);
    if (c == '>') return {};
    if (!is_unseen(c) && !is_punctuation(c)) return line.substr(start);
  }
  return {};
}

bool begins_as_itself(std::string_view line) {
  std::size_t next = 0;
  const char32_t c = line.empty() ? 0 : utf8_next(line, next);
  const bool is_kana_or_kanji = (c > 0x3040 && c < 0x30fb) || (c >= 0x4e00 && c < 0xa000);
  return is_kana_or_kanji && plain_of(c) == c && !is_punctuation(c);
}

std::string told_as_senders(std::string line, std::string_view mark) {
  const std::string beginning = at_a_glance(mark);
  bool ours = !beginning.empty() && at_a_glance(line).starts_with(beginning);
  std::string told;
  std::size_t copied = 0;
  for (std::size_t at = 0, next = 0; at < line.size(); at = next) {
    next = at;
    if (opening.find(utf8_next(line, next)) == opening.npos) continue; // most characters
    const std::string_view rest = std::string_view(line).substr(at);
    const std::size_t end = end_of_mark(rest);
    if (end == 0) continue;
    ours = true;
    const std::size_t first = next - at, last = before(rest, end);
    told.append(line, copied, at - copied);
    told.append("(").append(rest.substr(first, last - first)).append(")");
    copied = next = at + end;
  }
  if (!ours) return line;
  return std::string(senders) + told.append(line, copied);
}

/// Also where a name in kana or kanji stands right before it, or it is all that is seen of ours; whatever tag is behind '+'.
bool is_same_local(std::string_view local, std::string_view own) {
  local = local.substr(0, local.find('+')), own = own.substr(0, own.find('+'));
  if (local == own || own.empty()) return true;
  const bool is_longer = local.size() > own.size();
  const std::string_view longer = is_longer ? local : own, shorter = is_longer ? own : local;
  if (!longer.ends_with(shorter) || longer.size() == shorter.size()) return false;
  const auto before = static_cast<unsigned char>(longer[longer.size() - shorter.size() - 1]);
  return is_longer ? before >= 0x80 : is_punctuation(before) && before != '.' && before != '-' && before != '_';
}

bool holds_other_address(std::string_view name, std::string_view address) {
  const std::size_t own_at = std::min(address.rfind('@'), address.size());
  const std::string own = at_a_glance(address.substr(std::min(own_at + 1, address.size()))), own_local = at_a_glance(address.substr(0, own_at));
  const bool anybody_is_here = is_free_mail(address.substr(std::min(own_at + 1, address.size())));
  std::string domain, local;
  bool is_behind_local = false, is_in_domain = false, is_behind_blank = false;
  const auto is_other = [&] {
    while (domain.ends_with('.'))
      domain.pop_back();
    return is_in_domain && domain.find('.') != domain.npos && (domain != own || (anybody_is_here && !is_same_local(local, own_local)));
  };
  const auto dot_of = [](char32_t c) { return c == U'。' || c == U'｡' ? U'.' : plain_of(c); };
  const auto dot_follows = [&](std::size_t at) {
    char32_t c = ' ';
    for (unsigned blanks = 0; blanks < 8 && at < name.size() && is_unseen(c); ++blanks)
      c = dot_of(utf8_next(name, at));
    return c == '.';
  };
  for (std::size_t next = 0; next < name.size();) {
    const char32_t c = dot_of(utf8_next(name, next));
    if (is_unseen(c) && (!is_in_domain || domain.empty() || dot_follows(next))) { // around '@' and before dots
      is_behind_blank = true;
      continue;
    }
    const bool is_at = c == '@' || c == U'﹫';
    const bool is_part = !is_unseen(c) && (!is_punctuation(c) || c == '.' || c == '-');
    const bool is_of_local = is_part || c == '_' || c == '+';
    if (is_part && is_in_domain) utf8_append(domain, c);
    if (!is_part) {
      if (is_other()) return true;
      domain.clear();
      if (!is_at && (is_in_domain || !is_of_local)) local.clear();
      is_in_domain = is_at && is_behind_local;
    }
    if (is_of_local && !is_in_domain) {
      if (is_behind_blank) local.clear();
      utf8_append(local, c);
    }
    is_behind_blank = false;
    is_behind_local = is_of_local || (is_unseen(c) && is_behind_local);
  }
  return is_other();
}

} // namespace sekisho::rebuild
