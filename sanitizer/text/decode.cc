#include "base/utf8.hh"
#include "sanitizer/text/charset.hh"
#include "sanitizer/text/emoji.hh"
#include "sanitizer/text/tables/tables.hh"

#include <algorithm>
#include <cstring>

namespace sekisho::text {
namespace {

constexpr char32_t no_character = 0;

/// Where the decoders write: a buffer that is always long enough for one character more.
class Output {
public:
  explicit Output(std::size_t octets) { grow(octets + octets / 2 + room); }
  void put(char32_t c) {
    if (c - 0x800 < 0xd000) { // most of Japanese: three octets
      make_room(3);
      to_[0] = static_cast<char>(0xe0 | c >> 12);
      to_[1] = static_cast<char>(0x80 | (c >> 6 & 0x3f));
      to_[2] = static_cast<char>(0x80 | (c & 0x3f));
      to_ += 3;
      return;
    }
    std::string character;
    utf8_append(character, c);
    put_run(as_bytes(character));
  }
  void put_ascii(std::uint8_t octet) {
    make_room(1);
    *to_++ = static_cast<char>(octet);
  }
  void put_run(Bytes run) {
    make_room(run.size());
    if (!run.empty()) std::memcpy(to_, run.data(), run.size());
    to_ += run.size();
  }
  void error() {
    errors_++;
    put(0xfffd);
  }
  /// Where `octets` may be written; wrote() says how many were.
  char *room_for(std::size_t octets) {
    make_room(octets);
    return to_;
  }
  void wrote(std::size_t octets) { to_ += octets; }
  void put_or_error(char32_t c) { c == no_character ? error() : put(c); }
  Decoded take() {
    text_.resize(written());
    return {std::move(text_), errors_};
  }

private:
  static constexpr std::size_t room = 16;

  std::size_t written() const { return static_cast<std::size_t>(to_ - text_.data()); }
  void make_room(std::size_t octets) {
    if (static_cast<std::size_t>(end_ - to_) < octets) grow(octets);
  }
  void grow(std::size_t octets) {
    const std::size_t at = to_ ? written() : 0;
    text_.resize(std::max(text_.size() + text_.size() / 2, at + octets + room));
    to_ = text_.data() + at;
    end_ = text_.data() + text_.size();
  }

  std::string text_;
  char *to_ = nullptr, *end_ = nullptr;
  std::size_t errors_ = 0;
};

class Octets {
public:
  explicit Octets(Bytes bytes) : bytes_(bytes) {}
  bool at_end() const { return position_ == bytes_.size(); }
  std::size_t left() const { return bytes_.size() - position_; }
  /// 0 beyond the end; a NUL there never looks like a trail octet.
  std::uint8_t peek(std::size_t ahead = 0) const {
    return ahead < left() ? std::to_integer<std::uint8_t>(bytes_[position_ + ahead]) : 0;
  }
  std::uint8_t next() { return std::to_integer<std::uint8_t>(bytes_[position_++]); }
  void skip(std::size_t count) { position_ += count; }
  const unsigned char *data() const {
    return reinterpret_cast<const unsigned char *>(bytes_.data()) + position_;
  }
  /// The octets below 0x80 from here on.
  Bytes ascii_run() {
    std::size_t end = position_;
    std::uint64_t eight;
    while (bytes_.size() - end >= sizeof eight) {
      std::memcpy(&eight, bytes_.data() + end, sizeof eight);
      if (eight & 0x8080808080808080) break;
      end += sizeof eight;
    }
    while (end < bytes_.size() && std::to_integer<std::uint8_t>(bytes_[end]) < 0x80)
      end++;
    Bytes run = bytes_.subspan(position_, end - position_);
    position_ = end;
    return run;
  }

  /// The octets below 0x80 up to what ISO 2022 gives a meaning: ESC, SO, SI.
  Bytes seven_bit_run() {
    std::size_t end = position_;
    for (; end < bytes_.size(); end++) {
      auto octet = std::to_integer<std::uint8_t>(bytes_[end]);
      if (octet >= 0x80 || octet == 0x1b || octet == 0x0e || octet == 0x0f) break;
    }
    Bytes run = bytes_.subspan(position_, end - position_);
    position_ = end;
    return run;
  }

private:
  Bytes bytes_;
  std::size_t position_ = 0;
};

bool between(std::uint8_t octet, std::uint8_t low, std::uint8_t high) {
  return octet >= low && octet <= high;
}

constexpr char32_t half_width_katakana = 0xff61; // of octet 0xa1 (0x21 in seven bits)

char32_t jis0208(unsigned row, unsigned cell) {
  const unsigned place = row * 94 + cell;
  const char32_t c = tables::jis0208[place];
  // Rows 85–88 are free; au's mails have their emoji there.
  return c == no_character && row >= 84 && row < 88 ? au_mail_emoji + (place - 84 * 94) : c;
}
char32_t jis0212(unsigned row, unsigned cell) {
  return tables::jis0212[row * 94 + cell];
}

/// JIS X 0213; `plane` 0 or 1.  A letter may have a mark of its own behind it.
void put_jis0213(Output &out, unsigned plane, unsigned row, unsigned cell) {
  const std::uint32_t place = tables::jis0213[plane][row * 94 + cell];
  out.put_or_error(place & 0xffffff);
  if (const std::uint32_t mark = place >> 24; mark != 0) out.put(tables::jis0213_marks[mark - 1]);
}

Decoded decode_ascii(Octets in, std::size_t size) {
  Output out(size);
  while (!in.at_end()) {
    out.put_run(in.ascii_run());
    if (in.at_end()) break;
    in.skip(1);
    out.error();
  }
  return out.take();
}

Decoded decode_utf8(Bytes octets) {
  std::string_view text = as_chars(octets);
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  if (utf8_valid(text)) return {std::string(text), 0};
  Output out(octets.size());
  for (std::size_t position = 0; position < text.size();) {
    char32_t c = utf8_next(text, position);
    c == utf8_invalid ? out.error() : out.put(c);
  }
  return out.take();
}

Decoded decode_utf16(Octets in, std::size_t size, Scheme scheme) {
  Output out(size);
  bool little = scheme == Scheme::utf16le;
  bool marked_little = in.peek() == 0xff && in.peek(1) == 0xfe;
  bool marked_big = in.peek() == 0xfe && in.peek(1) == 0xff;
  if (scheme == Scheme::utf16) little = !marked_big; // Encoding Standard: UTF-16 is UTF-16LE
  if (little ? marked_little : marked_big) in.skip(2);
  auto unit = [&](std::size_t ahead) -> char32_t {
    char32_t first = in.peek(ahead), second = in.peek(ahead + 1);
    return little ? second << 8 | first : first << 8 | second;
  };
  while (in.left() >= 2) {
    char32_t c = unit(0);
    in.skip(2);
    if (c < 0xd800 || c > 0xdfff) {
      out.put(c);
      continue;
    }
    char32_t low = in.left() >= 2 ? unit(0) : 0;
    if (c > 0xdbff || low < 0xdc00 || low > 0xdfff) {
      out.error();
      continue;
    }
    in.skip(2);
    out.put(0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00));
  }
  if (!in.at_end()) out.error();
  return out.take();
}

Decoded decode_utf32(Octets in, std::size_t size, bool little) {
  Output out(size);
  for (; in.left() >= 4; in.skip(4)) {
    char32_t c = 0;
    for (std::size_t i = 0; i < 4; i++)
      c = c << 8 | in.peek(little ? 3 - i : i);
    if (c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
      out.error();
    else if (c != 0xfeff)
      out.put(c);
  }
  if (!in.at_end()) out.error();
  return out.take();
}

/// JIS X 0213 annex 1: the rows of its second plane that stand behind the first, from lead 0xf0 on.
constexpr unsigned second_plane(unsigned row) {
  constexpr unsigned first[] = {1, 8, 3, 4, 5, 12, 13, 14, 15};
  return (row < std::size(first) ? first[row] : row - std::size(first) + 78) - 1;
}

Decoded decode_shift_jis(Octets in, std::size_t size, bool jis0213) {
  Output out(size);
  while (!in.at_end()) {
    out.put_run(in.ascii_run());
    if (in.at_end()) break;
    std::uint8_t lead = in.next();
    if (between(lead, 0xa1, 0xdf)) {
      out.put(half_width_katakana + lead - 0xa1);
      continue;
    }
    std::uint8_t trail = in.peek();
    if (lead == 0x80 || lead == 0xa0 || lead > 0xfc || trail < 0x40 || trail == 0x7f ||
        trail > 0xfc) {
      out.error();
      if (between(lead, 0x81, 0xfc) && lead != 0xa0 && trail >= 0x80) in.skip(1);
      continue;
    }
    const unsigned place = (lead - (lead < 0xa0 ? 0x81u : 0xc1u)) * 188 + trail - (trail < 0x7f ? 0x40u : 0x41u);
    if (jis0213) {
      in.skip(1);
      const unsigned row = place / 94, plane = row < 94 ? 0 : 1;
      put_jis0213(out, plane, plane == 0 ? row : second_plane(row - 94), place % 94);
      continue;
    }
    const char32_t c = jis0208(place / 94, place % 94);
    if (c != no_character || trail >= 0x80) in.skip(1); // an ASCII octet is never swallowed
    out.put_or_error(c);
  }
  return out.take();
}

Decoded decode_euc_jp(Octets in, std::size_t size, bool jis0213) {
  Output out(size);
  while (!in.at_end()) {
    out.put_run(in.ascii_run());
    if (in.at_end()) break;
    std::uint8_t lead = in.next();
    if (lead == 0x8e && between(in.peek(), 0xa1, 0xdf)) {
      out.put(half_width_katakana + in.next() - 0xa1);
      continue;
    }
    bool third = lead == 0x8f && between(in.peek(), 0xa1, 0xfe);
    if (third) lead = in.next();
    if (!between(lead, 0xa1, 0xfe) || !between(in.peek(), 0xa1, 0xfe)) {
      out.error();
      if (between(lead, 0xa1, 0xfe) && in.peek() >= 0x80) in.skip(1);
      continue;
    }
    unsigned cell = in.next() - 0xa1u;
    if (jis0213) put_jis0213(out, third ? 1 : 0, lead - 0xa1u, cell);
    else out.put_or_error(third ? jis0212(lead - 0xa1u, cell) : jis0208(lead - 0xa1u, cell));
  }
  return out.take();
}

/// ISO-2022-JP, -1, -2 (without its European sets), -3, -2004, the CP5022x extensions.
class Iso2022Jp {
public:
  Iso2022Jp(Octets in, std::size_t size) : in_(in), out_(size) {}

  Decoded decode() {
    while (!in_.at_end()) {
      if (!shifted_ && set_ == Set::ascii)
        out_.put_run(in_.seven_bit_run());
      else if (!shifted_ && set_ == Set::jis0208)
        kanji_run();
      if (!in_.at_end()) step();
    }
    return out_.take();
  }

private:
  enum class Set : std::uint8_t { ascii, roman, katakana, jis0208, jis0212, jis0213_1, jis0213_2, gb2312, ksc5601 };

  /// Whole pairs that stand for something; what else comes is step()'s.
  void kanji_run() {
    const std::size_t pairs = in_.left() / 2;
    const unsigned char *from = in_.data();
    char *to = out_.room_for(pairs * 3);
    std::size_t i = 0;
    for (; i < pairs; i++, from += 2, to += 3) {
      const unsigned row = from[0] - 0x21u, cell = from[1] - 0x21u;
      if (row > 0x5d || cell > 0x5d) break;
      const char32_t c = tables::jis0208[row * 94 + cell];
      if (c < 0x800) break; // none, or short in UTF-8
      to[0] = static_cast<char>(0xe0 | c >> 12);
      to[1] = static_cast<char>(0x80 | (c >> 6 & 0x3f));
      to[2] = static_cast<char>(0x80 | (c & 0x3f));
    }
    in_.skip(i * 2);
    out_.wrote(i * 3);
  }

  void step() {
    std::uint8_t octet = in_.next();
    if (octet == 0x1b) return escape();
    if (octet == 0x0e || octet == 0x0f) { // shift out and in: katakana of JIS X 0201 in seven bits
      shifted_ = octet == 0x0e;
      return;
    }
    if (octet == '\n' || octet == '\r') { // a lost return to ASCII costs one line, not the mail
      set_ = Set::ascii;
      shifted_ = false;
      return out_.put_ascii(octet);
    }
    if (octet >= 0x80) {
      if (between(octet, 0xa1, 0xdf)) return out_.put(half_width_katakana + octet - 0xa1);
      return out_.error();
    }
    if (octet < 0x20 || octet == 0x7f) return out_.put_ascii(octet);
    if (shifted_) return katakana(octet);
    switch (set_) {
    case Set::ascii: return out_.put_ascii(octet);
    case Set::roman:
      return octet == '\\'  ? out_.put(0xa5)
             : octet == '~' ? out_.put(0x203e)
                            : out_.put_ascii(octet);
    case Set::katakana: return katakana(octet);
    default: return pair(octet);
    }
  }

  void katakana(std::uint8_t octet) {
    between(octet, 0x21, 0x5f) ? out_.put(half_width_katakana + octet - 0x21) : out_.error();
  }

  void pair(std::uint8_t lead) {
    if (lead == 0x20) return out_.put_ascii(lead);
    if (!between(in_.peek(), 0x21, 0x7e)) return out_.error();
    unsigned row = lead - 0x21u, cell = in_.next() - 0x21u;
    switch (set_) {
    case Set::jis0212: return out_.put_or_error(jis0212(row, cell));
    case Set::jis0213_1: return put_jis0213(out_, 0, row, cell);
    case Set::jis0213_2: return put_jis0213(out_, 1, row, cell);
    case Set::gb2312: return out_.put_or_error(tables::gbk[(row + 0x20) * 190 + cell + 0x60]);
    case Set::ksc5601: return out_.put_or_error(tables::euc_kr[(row + 0x20) * 190 + cell + 0x60]);
    default: return out_.put_or_error(jis0208(row, cell));
    }
  }

  void escape() {
    struct Row {
      std::string_view sequence;
      Set set;
    };
    static constexpr Row rows[] = {
        {"(B", Set::ascii},    {"(J", Set::roman},    {"(I", Set::katakana}, {"(H", Set::ascii},
        {"$@", Set::jis0208},  {"$B", Set::jis0208},  {"$(@", Set::jis0208}, {"$(B", Set::jis0208},
        {"$(D", Set::jis0212}, {"$(O", Set::jis0213_1}, {"$(Q", Set::jis0213_1}, {"$(P", Set::jis0213_2},
        {"$A", Set::gb2312},   {"$(A", Set::gb2312},  {"$(C", Set::ksc5601},
    };
    if (in_.peek() == '&' && in_.peek(1) == '@') return in_.skip(2); // revision of JIS X 0208-1990
    for (const Row &row : rows) {
      bool same = in_.left() >= row.sequence.size();
      for (std::size_t i = 0; same && i < row.sequence.size(); i++)
        same = in_.peek(i) == static_cast<std::uint8_t>(row.sequence[i]);
      if (!same) continue;
      in_.skip(row.sequence.size());
      set_ = row.set;
      shifted_ = false;
      return;
    }
    out_.error();
  }

  Octets in_;
  Output out_;
  Set set_ = Set::ascii;
  bool shifted_ = false;
};

Decoded decode_gb18030(Octets in, std::size_t size) {
  Output out(size);
  while (!in.at_end()) {
    out.put_run(in.ascii_run());
    if (in.at_end()) break;
    std::uint8_t lead = in.next();
    if (lead == 0x80) {
      out.put(0x20ac);
      continue;
    }
    std::uint8_t second = in.peek();
    if (lead != 0xff && between(second, 0x30, 0x39) && between(in.peek(1), 0x81, 0xfe) &&
        between(in.peek(2), 0x30, 0x39)) {
      unsigned index = ((lead - 0x81u) * 10 + (second - 0x30u)) * 1260 + (in.peek(1) - 0x81u) * 10 +
                       (in.peek(2) - 0x30u);
      in.skip(3);
      if (index < tables::gb18030_size)
        out.put_or_error(tables::gb18030[index]);
      else if (index >= 189'000 && index <= 1'237'575)
        out.put(0x10000 + index - 189'000);
      else
        out.error();
      continue;
    }
    if (lead == 0xff || second < 0x40 || second == 0x7f || second == 0xff) {
      out.error();
      continue;
    }
    char32_t c = tables::gbk[(lead - 0x81u) * 190 + second - (second < 0x7f ? 0x40u : 0x41u)];
    if (c != no_character || second >= 0x80) in.skip(1);
    out.put_or_error(c);
  }
  return out.take();
}

Decoded decode_hz(Octets in, std::size_t size) { // RFC 1843
  Output out(size);
  bool chinese = false;
  while (!in.at_end()) {
    std::uint8_t octet = in.next();
    if (octet == '~') {
      std::uint8_t next = in.peek();
      if (next == '{' || next == '}' || next == '~' || next == '\n') in.skip(1);
      if (next == '{' || next == '}')
        chinese = next == '{';
      else if (next == '~')
        out.put_ascii('~');
      else if (next != '\n')
        out.error();
      continue;
    }
    if (octet == '\n') chinese = false;
    if (octet >= 0x80)
      out.error();
    else if (!chinese || octet <= 0x20)
      out.put_ascii(octet);
    else if (!between(octet, 0x21, 0x7e) || !between(in.peek(), 0x21, 0x7e))
      out.error();
    else
      out.put_or_error(tables::gbk[(octet - 0x21u + 0x20) * 190 + in.next() - 0x21u + 0x60]);
  }
  return out.take();
}

Decoded decode_big5(Octets in, std::size_t size) {
  Output out(size);
  while (!in.at_end()) {
    out.put_run(in.ascii_run());
    if (in.at_end()) break;
    std::uint8_t lead = in.next(), trail = in.peek();
    bool good =
        between(lead, 0x81, 0xfe) && (between(trail, 0x40, 0x7e) || between(trail, 0xa1, 0xfe));
    char32_t c = no_character;
    if (good) c = tables::big5[(lead - 0x81u) * 157 + trail - (trail < 0x7f ? 0x40u : 0x62u)];
    if (c != no_character || (good && trail >= 0x80)) in.skip(1);
    out.put_or_error(c);
  }
  return out.take();
}

Decoded decode_euc_kr(Octets in, std::size_t size) {
  Output out(size);
  while (!in.at_end()) {
    out.put_run(in.ascii_run());
    if (in.at_end()) break;
    std::uint8_t lead = in.next(), trail = in.peek();
    bool good = between(lead, 0x81, 0xfe) && between(trail, 0x41, 0xfe);
    char32_t c = good ? tables::euc_kr[(lead - 0x81u) * 190 + trail - 0x41u] : no_character;
    if (c != no_character || (good && trail >= 0x80)) in.skip(1);
    out.put_or_error(c);
  }
  return out.take();
}

Decoded decode_iso2022kr(Octets in, std::size_t size) { // RFC 1557
  Output out(size);
  bool korean = false;
  while (!in.at_end()) {
    std::uint8_t octet = in.next();
    if (octet == 0x1b && in.peek() == '$' && in.peek(1) == ')' && in.peek(2) == 'C')
      in.skip(3);
    else if (octet == 0x0e || octet == 0x0f)
      korean = octet == 0x0e;
    else if (octet >= 0x80 || octet == 0x1b)
      out.error();
    else if (octet == '\n')
      korean = false, out.put_ascii(octet);
    else if (!korean || octet <= 0x20)
      out.put_ascii(octet);
    else if (octet == 0x7f || !between(in.peek(), 0x21, 0x7e))
      out.error();
    else
      out.put_or_error(tables::euc_kr[(octet - 0x21u + 0x20) * 190 + in.next() - 0x21u + 0x60]);
  }
  return out.take();
}

Decoded decode_single_octet(Octets in, std::size_t size, std::uint8_t table) {
  Output out(size);
  const std::uint16_t *upper = tables::single_octet[table].upper;
  while (!in.at_end()) {
    out.put_run(in.ascii_run());
    if (!in.at_end()) out.put_or_error(upper[in.next() - 0x80]);
  }
  return out.take();
}

} // namespace

Decoded decode(Charset charset, Bytes octets) {
  Octets in(octets);
  std::size_t size = octets.size();
  switch (charset.scheme) {
  case Scheme::utf8: return decode_utf8(octets);
  case Scheme::utf16:
  case Scheme::utf16le:
  case Scheme::utf16be: return decode_utf16(in, size, charset.scheme);
  case Scheme::utf32le: return decode_utf32(in, size, true);
  case Scheme::utf32be: return decode_utf32(in, size, false);
  case Scheme::iso2022jp: return Iso2022Jp(in, size).decode();
  case Scheme::shift_jis:
  case Scheme::shift_jis_2004: return decode_shift_jis(in, size, charset.scheme == Scheme::shift_jis_2004);
  case Scheme::euc_jp:
  case Scheme::euc_jis_2004: return decode_euc_jp(in, size, charset.scheme == Scheme::euc_jis_2004);
  case Scheme::gb18030: return decode_gb18030(in, size);
  case Scheme::hz: return decode_hz(in, size);
  case Scheme::big5: return decode_big5(in, size);
  case Scheme::euc_kr: return decode_euc_kr(in, size);
  case Scheme::iso2022kr: return decode_iso2022kr(in, size);
  case Scheme::single_octet: return decode_single_octet(in, size, charset.table);
  case Scheme::ascii:
  case Scheme::refused: break;
  }
  return decode_ascii(in, size);
}

} // namespace sekisho::text
