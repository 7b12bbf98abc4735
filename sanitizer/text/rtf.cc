#include "sanitizer/text/rtf.hh"

#include "base/text.hh"
#include "base/utf8.hh"
#include "sanitizer/text/charset.hh"
#include "sanitizer/text/field_words.hh"
#include "sanitizer/text/html_link.hh"
#include "sanitizer/text/html_tags.hh"
#include "sanitizer/text/rtf_words.hh"
#include "sanitizer/text/run_marks.hh"
#include "sanitizer/text/symbol.hh"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <utility>
#include <vector>

namespace sekisho::text {
namespace {

constexpr std::size_t most_word = 32; // letters of a control word, as the specification says
constexpr std::size_t most_fonts = 32768;
constexpr std::size_t most_font_name = 32, most_property = 64;
constexpr unsigned latin = 1252;
constexpr std::string_view words_of_shape = "gtextUNICODE"; // WordArt, watermarks

int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool is_double_octet(Charset charset) {
  return charset.scheme == Scheme::shift_jis || charset.scheme == Scheme::gb18030 ||
         charset.scheme == Scheme::big5 || charset.scheme == Scheme::euc_kr;
}

/// A field's instruction, word by word: HYPERLINK "https://…" \o "tip".
class Instruction {
public:
  explicit Instruction(std::string_view text) : text_(text) {}
  std::string next() {
    while (at_ < text_.size() && static_cast<unsigned char>(text_[at_]) <= ' ')
      ++at_;
    std::string word;
    const bool quoted = at_ < text_.size() && text_[at_] == '"';
    if (quoted) ++at_;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (quoted ? c == '"' : static_cast<unsigned char>(c) <= ' ') break;
      word += c;
      ++at_;
    }
    if (quoted && at_ < text_.size()) ++at_;
    return word;
  }
  bool at_end() const { return at_ >= text_.size(); }

private:
  std::string_view text_;
  std::size_t at_ = 0;
};

/// Of `<a href="…">`, which `tag` begins with; nothing of any other.
std::optional<std::string> href_of(std::string_view tag) {
  constexpr std::string_view blanks = " \t\r\n\f";
  const auto skip = [&tag](std::string_view these) { tag.remove_prefix(std::min(tag.find_first_not_of(these), tag.size())); };
  const auto take = [&tag](std::string_view until) {
    const std::string_view taken = tag.substr(0, tag.find_first_of(until));
    tag.remove_prefix(taken.size());
    return taken;
  };
  if (!equals_lower(take(" \t\r\n\f/>"), "<a")) return {};
  while (skip(" \t\r\n\f/"), !tag.empty() && tag.front() != '>') {
    const std::string_view name = take(" \t\r\n\f/>=");
    skip(blanks);
    std::string_view value;
    if (tag.starts_with('=')) {
      tag.remove_prefix(1);
      skip(blanks);
      const bool quoted = tag.starts_with('"') || tag.starts_with('\'');
      const std::string_view quote = tag.substr(0, quoted);
      tag.remove_prefix(quote.size());
      value = take(quoted ? quote : " \t\r\n\f>");
      tag.remove_prefix(std::min(quote.size(), tag.size()));
    }
    if (equals_lower(name, "href")) return decode_attribute(value, value.size());
  }
  return {};
}

/// The target of a link; empty where it leads within the document.
std::string target_of(Instruction &instruction) {
  while (!instruction.at_end()) {
    const std::string word = instruction.next();
    if (word == "\\o" || word == "\\t" || word == "\\l")
      (void)instruction.next();
    else if (!word.starts_with('\\'))
      return word;
  }
  return {};
}

class Reader {
public:
  explicit Reader(Bytes rtf) : in_(as_chars(rtf)) {}

  RtfText run() {
    if (!in_.starts_with("{\\rt")) return {};
    while (at_ < in_.size() && !(begun_ && groups_.empty()))
      step();
    if (!groups_.empty()) result_.damaged = true;
    for (too_deep_ = 0; !groups_.empty();) close(); // what was left open ends here, links too
    flush();
    close_html_link();
    result_.text += marks_.end();
    put_asides();
    return std::move(result_);
  }

private:
  enum class Into : std::uint8_t { text, nothing, font_table, instruction, form, form_entry, shape, property, html };
  struct Group {
    Into into = Into::text;
    bool starred = false; // \*: left out where it is not known
    bool hidden = false;
    bool opens_field = false;
    bool opens_twice = false;
    bool opens_aside = false;
    bool opens_html = false;
    unsigned skipped_after_unicode = 1;
    unsigned page = 0;     // 0: that of the document
    SymbolFont symbols = SymbolFont::none;
    Look look = {};
    std::size_t field = 0; // index in fields_ + 1, 0: none
  };
  struct Field {
    std::string instruction;
    std::optional<std::size_t> result; // where it begins in the text
    std::size_t start = 0;             // of the field
    int form_type = -1;
    std::size_t chosen = form_default, chosen_first = 0;
    std::vector<std::string> entries;
  };
  /// Words that are not where they stand in the file.
  struct Aside {
    std::string before; // its words; none: no note
    std::string around; // it, in the file
    RunMarks marks_around;
  };
  struct Font {
    unsigned page = 0;
    SymbolFont symbols = SymbolFont::none;
  };
  struct HtmlLink {
    std::string target;
    std::size_t start = 0; // of its words
    bool hidden = false;
  };
  static constexpr int form_box = 1, form_list = 2; // \fftype
  static constexpr std::size_t form_default = 25;   // \ffres: nothing was chosen

  void step() {
    const char c = in_[at_++];
    switch (c) {
    case '{': return open();
    case '}': return close();
    case '\\': return control();
    case '\r':
    case '\n':
    case '\0': return;
    default: put_octet(c);
    }
  }

  void open() {
    flush();
    skip_ = 0;
    begun_ = true;
    if (groups_.size() >= most_rtf_depth) {
      result_.damaged = true;
      ++too_deep_;
      return;
    }
    Group inner = groups_.empty() ? Group{} : groups_.back();
    inner.starred = inner.opens_field = inner.opens_twice = inner.opens_aside = inner.opens_html = false;
    groups_.push_back(inner);
  }

  void close() {
    flush();
    skip_ = 0;
    if (too_deep_ > 0) {
      --too_deep_;
      return;
    }
    if (groups_.empty()) return;
    if (groups_.back().opens_field) end_field(fields_[groups_.back().field - 1]);
    if (groups_.back().opens_aside) end_aside();
    if (groups_.back().opens_html) end_html();
    groups_.pop_back();
  }

  // octets and characters -----------------------------------------------------------------------
  void put_octet(char c) {
    if (skip_ > 0)
      --skip_;
    else if (too_deep_ == 0 && !groups_.empty() && groups_.back().into != Into::nothing)
      octets_ += c;
  }

  /// The octets met since the last change of state, in the code page they were met in.
  void flush() {
    if (octets_.empty()) return;
    const std::string octets = std::move(octets_);
    octets_.clear();
    if (groups_.empty()) return;
    const Group &group = groups_.back();
    if (group.symbols != SymbolFont::none && group.into == Into::text && !is_text_of_page(octets))
      return put_symbols(octets, group.symbols);
    if (std::all_of(octets.begin(), octets.end(), [](char c) { return (c & 0x80) == 0; }))
      return put(octets);
    Decoded decoded = decode_octets(as_bytes(octets));
    result_.errors += decoded.errors;
    put(decoded.text);
  }

  /// Words that a writer left in a font of symbols.
  bool is_text_of_page(std::string_view octets) const {
    const Charset charset = charset_of_code_page(page_);
    if (!is_double_octet(charset)) return false;
    const Decoded decoded = decode(charset, as_bytes(octets));
    const auto characters = std::ranges::count_if(decoded.text, [](char c) { return (c & 0xc0) != 0x80; });
    return decoded.errors == 0 && static_cast<std::size_t>(characters) < octets.size();
  }
  void put_symbols(std::string_view octets, SymbolFont font) {
    std::string shown;
    for (const char c : octets) {
      const char32_t code = static_cast<unsigned char>(c), known = symbol_character(font, code);
      utf8_append(shown, known != 0 ? known : code < 0x80 ? code : 0xf000 + code);
    }
    put(shown);
  }

  /// A font that says Latin in a document of a double-octet page usually means the page.
  Decoded decode_octets(Bytes octets) const {
    const unsigned page = groups_.back().page;
    if (page != 0) return decode(charset_of_code_page(page), octets);
    const Charset charset = charset_of_code_page(page_);
    Decoded decoded = decode(charset, octets);
    if (decoded.errors == 0 || !is_double_octet(charset)) return decoded;
    return decode(charset_of_code_page(latin), octets);
  }

  /// `more`: of its look, beside that of the group.
  void put(std::string_view text, Look more = {}) {
    if (too_deep_ > 0 || groups_.empty()) return;
    const Group &group = groups_.back();
    if (group.into == Into::instruction && group.field > 0) {
      std::string &instruction = fields_[group.field - 1].instruction;
      instruction +=
          text.substr(0, most_instruction - std::min(instruction.size(), most_instruction));
    }
    if (group.into == Into::font_table) return name_font(text);
    if (group.into == Into::property && property_.size() < most_property) property_ += text.substr(0, most_property);
    if (group.into == Into::form_entry) fields_[group.field - 1].entries.back() += text;
    if (group.into == Into::html && html_.size() < most_instruction) html_ += text;
    if (group.into != Into::text) return;
    if (!group.hidden) {
      const bool ends = text == "\n" || text == "\t";
      const Look look{group.look.struck, group.look.raised || more.raised, more.apart};
      result_.text += ends ? std::string(marks_.end()) : marks_.before(text, look);
      result_.text += text;
    } else if (text.find_first_not_of(" \t\n") != text.npos) {
      result_.hidden = true;
    }
  }

  void put_character(char32_t character) {
    flush();
    std::string text;
    utf8_append(text, character);
    put(text);
  }

  // Signed 16 bits; characters above U+FFFF come as two.  Fonts of symbols have theirs at U+F000.
  void put_code_unit(int value) {
    const auto unit = static_cast<char32_t>(value & 0xffff);
    if (groups_.empty()) return;
    if (unit >= 0xd800 && unit < 0xdc00) {
      high_ = unit;
    } else if (unit >= 0xdc00 && unit < 0xe000) {
      put_character(high_ != 0 ? 0x10000 + ((high_ - 0xd800) << 10) + (unit - 0xdc00) : 0xfffd);
      high_ = 0;
    } else {
      high_ = 0;
      flush();
      const bool in_font = groups_.back().into == Into::text;
      const char32_t known = in_font ? symbol_character(groups_.back().symbols, unit) : 0;
      put_character(known != 0 ? known : unit == 0xf0b7 ? U'\u2022' : unit);
    }
    skip_ = groups_.back().skipped_after_unicode;
  }

  // control words and symbols -------------------------------------------------------------------
  void control() {
    if (at_ >= in_.size()) return;
    if (is_letter(in_[at_])) return word();
    const char symbol = in_[at_++];
    switch (symbol) {
    case '\'': return hex_octet();
    case '\\':
    case '{':
    case '}': return put_octet(symbol);
    case '*':
      flush();
      if (!groups_.empty()) groups_.back().starred = true;
      return;
    case '~': return put_symbol(U'\u00a0');
    case '_': return put_symbol(U'-');
    case '\r':
    case '\n': return put_symbol(U'\n');
    case '\t': return put_symbol(U'\t');
    default: return; // optional hyphens, index marks, what is unknown
    }
  }

  void put_symbol(char32_t character) {
    if (skip_ > 0)
      --skip_;
    else
      put_character(character);
  }

  void hex_octet() {
    if (at_ + 2 > in_.size()) return void(at_ = in_.size());
    const int high = hex_value(in_[at_]), low = hex_value(in_[at_ + 1]);
    if (high < 0 || low < 0) return;
    at_ += 2;
    put_octet(static_cast<char>(high * 16 + low));
  }

  void word() {
    std::size_t end = at_;
    while (end < in_.size() && is_letter(in_[end]) && end - at_ < most_word)
      ++end;
    const std::string_view name = in_.substr(at_, end - at_);
    at_ = end;
    const std::optional<int> number = read_number();
    if (at_ < in_.size() && in_[at_] == ' ') ++at_;
    flush();
    skip_ = 0;
    if (!groups_.empty() && too_deep_ == 0) act(rtf_word(name), name, number);
  }

  std::optional<int> read_number() {
    std::size_t end = at_;
    if (end < in_.size() && in_[end] == '-') ++end;
    while (end < in_.size() && is_digit(in_[end]) && end - at_ < 11)
      ++end;
    int value = 0;
    const auto [stop, error] = std::from_chars(in_.data() + at_, in_.data() + end, value);
    if (stop == in_.data() + at_) return {};
    at_ = end;
    return error == std::errc() ? value : 0;
  }

  void act(RtfWord meaning, std::string_view name, std::optional<int> number) {
    Group &group = groups_.back();
    switch (meaning) {
    case RtfWord::unknown:
      if (group.starred) group.into = Into::nothing;
      break;
    case RtfWord::dropped: group.into = Into::nothing; break;
    case RtfWord::picture: return leave_out(result_.picture);
    case RtfWord::comment: return leave_out(result_.hidden);
    case RtfWord::remote: return leave_out(result_.remote);
    case RtfWord::shown: break;
    case RtfWord::note: begin_note(); break;
    case RtfWord::aside: begin_aside({}); break;
    case RtfWord::property: group.into = group.into == Into::text ? Into::shape : Into::nothing; break;
    case RtfWord::property_name:
      property_.clear();
      group.into = group.into == Into::shape ? Into::property : Into::nothing;
      break;
    case RtfWord::property_value:
      group.into = group.into == Into::shape && property_ == words_of_shape ? Into::text : Into::nothing;
      begin_aside({});
      break;
    case RtfWord::object: result_.active |= group.into != Into::nothing; break;
    case RtfWord::font_table: group.into = Into::font_table; break;
    case RtfWord::field: return begin_field();
    case RtfWord::instruction:
      if (group.into == Into::text) group.into = Into::instruction;
      break;
    case RtfWord::result: return begin_result();
    case RtfWord::form:
      group.into = group.into != Into::nothing && group.field > 0 ? Into::form : Into::nothing;
      break;
    case RtfWord::form_entry:
      group.into = group.into == Into::form ? Into::form_entry : Into::nothing;
      if (group.into == Into::form_entry) fields_[group.field - 1].entries.emplace_back();
      break;
    case RtfWord::twice:
      group.opens_twice = group.into == Into::text;
      if (group.opens_twice) group.into = Into::nothing;
      break;
    case RtfWord::unicode:
      if (groups_.size() > 1 && groups_[groups_.size() - 2].opens_twice) group.into = Into::text;
      break;
    case RtfWord::from_html: from_html_ = number.value_or(1) != 0; break;
    case RtfWord::html_tag:
      group.opens_html = from_html_ && group.into == Into::text;
      group.into = group.opens_html ? Into::html : Into::nothing;
      html_.clear();
      break;
    case RtfWord::binary:
      at_ += std::min(in_.size() - at_, static_cast<std::size_t>(std::max(number.value_or(0), 0)));
      break;
    case RtfWord::line_end: put("\n"); break;
    case RtfWord::cell_end: put("\t"); break;
    case RtfWord::row_end: end_row(); break;
    case RtfWord::character: put_character(rtf_character(name)); break;
    case RtfWord::code_unit: put_code_unit(number.value_or(0xfffd)); break;
    default: set(meaning, number); break;
    }
    group.starred = false;
  }

  void set(RtfWord meaning, std::optional<int> number) {
    Group &group = groups_.back();
    const int value = number.value_or(0);
    switch (meaning) {
    case RtfWord::hides: group.hidden = number.value_or(1) != 0; break;
    case RtfWord::strikes: group.look.struck = number.value_or(1) != 0; break;
    case RtfWord::raises: group.look.raised = number.value_or(1) != 0; break;
    case RtfWord::lowers: group.look.raised = false; break;
    case RtfWord::plain:
      group.hidden = false;
      group.look = {};
      use_font(default_font_);
      break;
    case RtfWord::form_type:
    case RtfWord::form_result:
    case RtfWord::form_default: set_form(meaning, value); break;
    case RtfWord::font: set_font(value); break;
    case RtfWord::font_charset: set_page_of_font(rtf_page_of_charset(value)); break;
    case RtfWord::font_page: set_page_of_font(static_cast<unsigned>(value & 0xffff)); break;
    case RtfWord::code_page: page_ = static_cast<unsigned>(value & 0x1ffff); break;
    case RtfWord::page_mac: page_ = 10000; break;
    case RtfWord::page_437: page_ = 437; break;
    case RtfWord::page_850: page_ = 850; break;
    case RtfWord::default_font: default_font_ = value; break;
    case RtfWord::skipped_after_unicode:
      group.skipped_after_unicode = static_cast<unsigned>(std::clamp(value, 0, 16));
      break;
    default: break;
    }
  }

  void leave_out(bool &found) {
    Group &group = groups_.back();
    if (group.into != Into::nothing) found = true;
    group.into = Into::nothing;
  }

  // notes, headers, footers ---------------------------------------------------------------------
  void begin_note() {
    Group &group = groups_.back();
    if (group.into != Into::text || group.opens_aside) return;
    if (group.hidden) return leave_out(result_.hidden);
    group.look.raised = false;
    std::string mark(1, '[');
    mark += std::to_string(++notes_);
    mark += ']';
    put(mark);
    begin_aside(mark + ' ');
  }
  void begin_aside(std::string before) {
    Group &group = groups_.back();
    if (group.into != Into::text || group.opens_aside) return;
    group.opens_aside = true;
    group.look = {};
    asides_.push_back({std::move(before), std::exchange(result_.text, {}), std::exchange(marks_, {})});
  }
  void end_aside() {
    Aside aside = std::move(asides_.back());
    asides_.pop_back();
    std::string words = std::exchange(result_.text, std::move(aside.around));
    words += std::exchange(marks_, aside.marks_around).end();
    const std::size_t start = words.find_first_not_of(" \t\n");
    if (start == words.npos) return;
    words.resize(words.find_last_not_of(" \t\n") + 1);
    (aside.before.empty() ? lines_ : notes_text_) += aside.before + words.substr(start) + '\n';
  }
  void put_asides() {
    if (notes_text_.empty() && lines_.empty()) return;
    if (!result_.text.empty() && !result_.text.ends_with('\n')) result_.text += '\n';
    result_.text += notes_text_ + lines_;
  }

  // fonts ---------------------------------------------------------------------------------------
  void set_font(int number) {
    Group &group = groups_.back();
    if (group.into == Into::font_table)
      list_font(number);
    else
      use_font(number);
  }
  void list_font(int number) {
    listed_font_ = number;
    font_name_.clear();
  }
  void name_font(std::string_view text) {
    font_name_ += text.substr(0, most_font_name - std::min(font_name_.size(), most_font_name));
    const SymbolFont symbols = symbol_font(std::string_view(font_name_).substr(0, font_name_.find(';')));
    if (symbols != SymbolFont::none && fonts_.size() < most_fonts) fonts_[listed_font_].symbols = symbols;
  }
  void set_page_of_font(unsigned page) {
    if (groups_.back().into != Into::font_table || fonts_.size() >= most_fonts) return;
    if (page != 0) fonts_[listed_font_].page = page;
  }
  void use_font(int number) {
    const auto found = fonts_.find(number);
    const Font font = found == fonts_.end() ? Font{} : found->second;
    groups_.back().page = font.page;
    groups_.back().symbols = font.symbols;
  }

  // tables and fields ---------------------------------------------------------------------------
  void end_row() {
    const Group &group = groups_.back();
    if (group.into == Into::text && result_.text.ends_with('\t')) result_.text.pop_back();
    put("\n");
  }

  void begin_field() {
    Group &group = groups_.back();
    if (group.into != Into::text || group.opens_field) return;
    fields_.emplace_back();
    fields_.back().start = result_.text.size();
    group.field = fields_.size();
    group.opens_field = true;
  }

  void begin_result() {
    Group &group = groups_.back();
    if (group.into != Into::text || group.field == 0) return;
    Field &field = fields_[group.field - 1];
    const bool is_first = !field.result;
    field.result = result_.text.size();
    // The font of a symbol is in the instruction alone.
    const bool is_symbol = is_first && name_of(field) == "SYMBOL";
    if (is_symbol && !field_words(field.instruction).text.empty()) group.into = Into::nothing;
  }

  static std::string name_of(const Field &field) {
    std::string name = Instruction(field.instruction).next();
    for (char &c : name)
      if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
    return name;
  }

  void set_form(RtfWord meaning, int value) {
    const Group &group = groups_.back();
    if (group.into != Into::form || value < 0) return;
    Field &field = fields_[group.field - 1];
    if (meaning == RtfWord::form_type) field.form_type = value;
    if (meaning == RtfWord::form_result) field.chosen = static_cast<std::size_t>(value);
    if (meaning == RtfWord::form_default) field.chosen_first = static_cast<std::size_t>(value);
  }

  /// What a field shows where its result says nothing.
  static WordsWithLook shown_by(const Field &field) {
    const std::size_t chosen = field.chosen == form_default ? field.chosen_first : field.chosen;
    if (field.form_type == form_box) return {chosen != 0 ? "☑" : "☐"};
    if (field.form_type == form_list) return {chosen < field.entries.size() ? field.entries[chosen] : std::string()};
    return field_words(field.instruction);
  }
  bool says_nothing_from(std::size_t start) const {
    return start >= result_.text.size() || result_.text.find_first_not_of(" \t\n", start) == std::string::npos;
  }

  void end_field(const Field &field) {
    const std::string what = name_of(field);
    if (const WordsWithLook shown = shown_by(field); !shown.text.empty() && says_nothing_from(field.start))
      put(shown.text, shown.look);
    for (std::string_view active : {"DDE", "DDEAUTO", "LINK", "EMBED", "MACROBUTTON"})
      result_.active |= what == active;
    for (std::string_view remote : {"INCLUDETEXT", "INCLUDEPICTURE", "INCLUDE", "IMPORT", "RD"})
      result_.remote |= what == remote;
    if (what != "HYPERLINK") return;
    Instruction instruction(field.instruction);
    (void)instruction.next();
    target_ = target_of(instruction);
    put_target(target_, field.result.value_or(result_.text.size()), groups_.back().hidden);
  }
  /// Of a link whose words begin at `start`.
  void put_target(const std::string &target, std::size_t start, bool hidden) {
    const LinkText link = links_.text_of(std::string_view(result_.text).substr(std::min(start, result_.text.size())), target);
    result_.script |= link.script;
    if (!link.shown.empty() && !hidden) result_.text += " <" + link.shown + ">";
  }

  // the page that was made RTF ------------------------------------------------------------------
  void end_html() {
    const std::string_view html = html_;
    for (std::size_t at = 0; (at = html.find('<', at)) != html.npos; at = std::min(html.find('>', at), html.size())) {
      const std::string_view tag = html.substr(at);
      if (equals_lower(tag.substr(0, 3), "</a") && (tag.size() < 4 || is_space(tag[3]) || tag[3] == '>')) close_html_link();
      if (std::optional<std::string> href = href_of(tag)) {
        close_html_link();
        target_.clear();
        html_link_ = {std::move(*href), result_.text.size(), groups_.back().hidden};
      }
    }
  }
  /// Its words may be a field of the same target, for those who know nothing of pages.
  void close_html_link() {
    const std::optional<HtmlLink> link = std::exchange(html_link_, {});
    if (link && link->target != target_) put_target(link->target, link->start, link->hidden);
  }

  std::string_view in_;
  std::size_t at_ = 0;
  bool begun_ = false;
  std::vector<Group> groups_;
  std::size_t too_deep_ = 0;
  std::string octets_;
  unsigned skip_ = 0; // characters left that stand for one already given by \u
  char32_t high_ = 0;
  unsigned page_ = latin;
  int default_font_ = 0, listed_font_ = 0;
  std::string font_name_;
  std::string property_; // of a shape, by name
  std::map<int, Font> fonts_; // by number
  std::vector<Field> fields_;
  RunMarks marks_;
  Links links_;
  std::string target_; // of the last field that is a link
  bool from_html_ = false;
  std::string html_; // of a tag
  std::optional<HtmlLink> html_link_; // that is open
  std::vector<Aside> asides_; // one in the other
  std::size_t notes_ = 0;
  std::string notes_text_, lines_; // they stand behind the text
  RtfText result_;
};

} // namespace

RtfText rtf_to_text(Bytes rtf) {
  return Reader(rtf).run();
}

} // namespace sekisho::text
