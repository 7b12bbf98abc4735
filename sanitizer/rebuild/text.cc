#include "base/text.hh"
#include "base/utf8.hh"
#include "sanitizer/mime/header.hh"
#include "sanitizer/rebuild/mail/calendar_text.hh"
#include "sanitizer/rebuild/plain_text.hh"
#include "sanitizer/rebuild/rebuild.hh"
#include "sanitizer/text/charset.hh"
#include "sanitizer/text/clean.hh"
#include "sanitizer/text/html.hh"
#include "sanitizer/text/inert.hh"
#include "sanitizer/text/rtf.hh"

#include <algorithm>
#include <optional>

namespace sekisho::rebuild {
namespace {

/// That of a first line "sep=|", by which Excel goes; else a comma.
char named_delimiter(std::string_view csv) {
  if (csv.starts_with('"')) csv.remove_prefix(1);
  const bool named = csv.size() > 4 && mime::equals_ignoring_case(csv.substr(0, 4), "sep=");
  return named ? csv[4] : ',';
}

/// What a cell that begins as a formula would do beyond its own sheet.
void add_reach(std::string_view cell, std::vector<Reason> &reasons) {
  const std::string small = lower_case(cell);
  const auto has = [&](std::string_view word) { return small.find(word) != small.npos; };
  if (has("|")) add_reason(reasons, Reason::office_dde);
  if (has("://") || has("\\\\") || has("hyperlink") || has("webservice")) add_reason(reasons, Reason::part_external_link);
}

/// The cell at the start of `csv` as it is shown: without quotes, wherever they stand, and blanks before it.  A
/// delimiter between quotes does not end it.
std::string cell_of(std::string_view csv, std::string_view ends) {
  std::string cell;
  bool quoted = false;
  for (std::size_t i = 0; i < csv.size(); i++) {
    const char c = csv[i];
    const bool is_first = i == 0 && c != '"'; // it may be what "sep=" names
    if (!quoted && !is_first && ends.find(c) != ends.npos) break;
    if (c == '"')
      quoted = !quoted;
    else if (c != ' ' || !cell.empty())
      cell += c;
  }
  return cell;
}

/// A sign, and something behind it.
bool is_signed(std::string_view cell) {
  for (const std::string_view sign : {"+", "-", "＋", "－"})
    if (cell.starts_with(sign) && cell.size() > sign.size()) return true;
  return false;
}

/// Full-width characters as those of ASCII.
std::string narrow(std::string_view cell) {
  std::string plain;
  for (std::size_t at = 0; at < cell.size();) {
    const char32_t c = utf8_next(cell, at);
    utf8_append(plain, c > 0xff00 && c < 0xff5f ? c - 0xfee0 : c == 0x3000 ? U' ' : c);
  }
  return plain;
}

/// Behind a wide sign stand words as well ("＋α"): only a function by its name, another program or another sheet is one.
bool calls(std::string_view cell) {
  const auto is_of_name = [](char c) { return is_letter_or_digit(c) || c == '_' || c == '.'; };
  for (std::size_t at = 1; at < cell.size(); ++at)
    if (cell[at] == '|' || (cell[at] == '(' && is_of_name(cell[at - 1])) || (cell[at] == '!' && at + 1 < cell.size())) return true;
  return false;
}

/// A cell ends at any of the delimiters that are in use, and a program that goes by another one sees a
/// longer cell: one that begins with a sign stays only where nothing is called up to the line's end.
/// The apostrophe of a cell in quotes stands behind the first one, so that it stays one cell; where the quote is within
/// a cell for most programs, before it.
std::string without_formulas(std::string_view csv, std::vector<Reason> &reasons) {
  constexpr std::string_view starts = "=@+-\xef"; // the last: of wide characters
  const std::string ends = std::string(",\n\t;") + named_delimiter(csv);
  std::string result;
  result.reserve(csv.size());
  bool at_cell = true, inside = false, marked = false;
  std::size_t last_call = 0, last_exchange = 0; // of the line
  for (std::size_t i = 0, line = 0; i < csv.size(); i++) {
    const char c = csv[i];
    if (i == line) {
      line = std::min(csv.find('\n', i), csv.size() - 1) + 1;
      const std::string_view here = csv.substr(i, line - i);
      const std::size_t call = here.find_last_of("|(!"), exchange = here.rfind('|');
      last_call = call == csv.npos ? 0 : i + call;
      last_exchange = exchange == csv.npos ? 0 : i + exchange;
    }
    const bool quote = c == '"';
    if (at_cell && (quote || starts.find(c) != starts.npos)) {
      const std::string cell = cell_of(csv.substr(i), ends);
      const bool formula = starts_formula(cell), called = is_signed(cell) && last_call > i;
      const bool mark = formula || called, behind = quote && !inside;
      if (mark && !behind) result += '\'';
      result += c;
      if (mark && behind) result += '\'';
      marked = marked || mark;
      if (formula) add_reach(cell, reasons);
      if (called && last_exchange > i) add_reason(reasons, Reason::office_dde);
    } else {
      result += c;
    }
    if (quote) inside = !inside && (at_cell || (i > 0 && csv[i - 1] == '"'));
    at_cell = ends.find(c) != ends.npos || (at_cell && c == ' ');
  }
  if (marked) add_reason(reasons, Reason::part_formula_marked);
  return result;
}

/// Text out of its format, not yet cleaned.
struct Read {
  std::string text;
  bool errors = false;
  bool ambiguous = false; // of a charset that is not read, and all of it ASCII too
};

Read read_characters(Bytes octets, std::string_view charset) {
  text::Decoded decoded = text::decode_labelled(octets, charset);
  const std::optional<text::Charset> named = text::charset_named(charset);
  const bool ambiguous = named && named->scheme == text::Scheme::refused && decoded.errors == 1; // that one says so
  return {std::move(decoded.text), decoded.errors > 0 && !ambiguous, ambiguous};
}

/// What a page says of itself in <meta>, where it can be true: who reads it there reads octets of
/// ASCII.
std::optional<text::Charset> charset_of_page(Bytes octets) {
  std::optional<text::Charset> named =
      text::charset_named(text::html_declared_charset(as_chars(octets)));
  if (named && ((named->scheme >= text::Scheme::utf16 && named->scheme <= text::Scheme::utf32be) ||
                named->scheme == text::Scheme::refused))
    named.reset();
  return named;
}

/// The mail's header names the set; the page does where the header says nothing, or what it says cannot be
/// true: octets that are none of its characters, or a set of one octet a character for a text that reads
/// without a fault by the page's own.
Read read_page(Bytes octets, std::string_view charset) {
  using text::Scheme;
  const std::optional<text::Charset> named = text::charset_named(charset);
  const std::optional<text::Charset> of_page = charset_of_page(octets);
  if (!of_page || (named && (named->scheme == of_page->scheme || named->scheme == Scheme::refused)))
    return read_characters(octets, charset);
  if (!named || named->scheme == Scheme::ascii)
    return read_characters(octets, text::html_declared_charset(as_chars(octets)));
  const bool can_be = named->scheme != Scheme::single_octet && decode(*named, octets).errors == 0;
  text::Decoded decoded = can_be ? text::Decoded{} : text::decode(*of_page, octets);
  if (can_be || decoded.errors > 0) return read_characters(octets, charset);
  return {.text = std::move(decoded.text)};
}

Read read_html(Bytes octets, std::string_view charset, const text::PictureNames &pictures, std::vector<Reason> &reasons) {
  Read read = read_page(octets, charset);
  text::HtmlText converted = text::html_to_text(read.text, pictures);
  add_reason(reasons, Reason::part_html_to_text);
  add_beside_text(reasons, converted);
  return {std::move(converted.text), read.errors, read.ambiguous};
}

Read read_rtf(Bytes octets, std::vector<Reason> &reasons) {
  text::RtfText converted = text::rtf_to_text(octets);
  add_beside_text(reasons, converted);
  if (converted.picture) add_reason(reasons, Reason::part_picture_dropped);
  if (converted.damaged) add_reason(reasons, Reason::part_malformed);
  return {.text = std::move(converted.text), .errors = converted.errors > 0};
}

/// `is_written`: the words are those of the file itself.  In what a page shows a tag is no tag, and one that gets a blank is
/// not told: it would read as one that was taken out.
void clean(PlainText &plain, std::string_view words, text::Carrier carrier, bool errors, bool is_written) {
  text::Findings findings;
  plain.text = text::clean(words, findings, carrier);
  bool active = false;
  plain.text = text::inert(plain.text, active);
  if (active && is_written) add_reason(plain.reasons, Reason::part_active_content);
  keep_from_sylk(plain.text, plain.reasons);
  if (errors || findings.unreadable) add_reason(plain.reasons, Reason::part_charset_replaced);
  if (findings.control) add_reason(plain.reasons, Reason::part_control_characters);
}

} // namespace

/// OWASP "CSV injection", wide characters too.  A cell that begins with a sign stays where it is a number,
/// a date or the number of a telephone, and words behind a wide sign: nothing in it can be called.
bool starts_formula(std::string_view cell) {
  cell.remove_prefix(std::min(cell.find_first_not_of(' '), cell.size()));
  for (const std::string_view start : {"=", "@", "＝", "＠"})
    if (cell.starts_with(start)) return true;
  if (!is_signed(cell)) return false;
  const bool wide = !cell.starts_with('+') && !cell.starts_with('-');
  const std::string plain = wide ? narrow(cell) : std::string(cell);
  const bool number = plain.find_first_not_of("0123456789.,:/%()+- ") == plain.npos && plain.find_first_of("0123456789") != plain.npos;
  return !number && (!wide || calls(plain));
}

/// Spreadsheets go by the first two characters; "C;" begins the record of a cell.
void keep_from_sylk(std::string &text, std::vector<Reason> &reasons) {
  if (!text.starts_with("ID")) return;
  if (!text.starts_with("ID;") && text.find("\nC;") == text.npos) return;
  text.insert(0, 1, '\'');
  add_reason(reasons, Reason::part_formula_marked);
}

void add_reason(std::vector<Reason> &reasons, Reason reason) {
  if (std::find(reasons.begin(), reasons.end(), reason) == reasons.end()) reasons.push_back(reason);
}

bool is_text_kind(job::Kind kind) {
  return kind == job::Kind::rtf || job::class_of(kind) == job::KindClass::text;
}

PlainText plain_text(Bytes octets, job::Kind kind, std::string_view charset,
                     text::Carrier carrier, std::string_view said, const text::PictureNames &pictures) {
  PlainText plain;
  Read read = kind == job::Kind::rtf    ? read_rtf(octets, plain.reasons)
              : kind == job::Kind::html ? read_html(octets, charset, pictures, plain.reasons)
                                        : read_characters(octets, charset);
  bool is_read = kind == job::Kind::rtf || kind == job::Kind::html;
  if (kind == job::Kind::calendar || kind == job::Kind::vcard) {
    std::vector<Reason> left_out;
    std::string readable = kind == job::Kind::vcard ? card_text(read.text, left_out)
                                                    : calendar_text(read.text, left_out, said);
    is_read = !readable.empty();
    if (is_read) plain.reasons = std::move(left_out);
    if (is_read) read.text = std::move(readable);
  }
  if (read.ambiguous) add_reason(plain.reasons, Reason::part_ambiguous);
  clean(plain, read.text, carrier, read.errors, !is_read);
  if (kind == job::Kind::csv) plain.text = without_formulas(plain.text, plain.reasons);
  return plain;
}

std::string page_markup(Bytes octets, std::string_view charset) {
  return read_page(octets, charset).text;
}

Result<Rebuilt, Reason> document_text(std::string words, std::vector<Reason> reasons,
                                      const job::Plan &plan) {
  PlainText plain{{}, std::move(reasons)};
  clean(plain, words, text::Carrier::unknown, false, true);
  if (plain.text.find_first_not_of(" \n\t") == std::string::npos)
    return fail(Reason::part_no_text);
  if (plain.text.size() > plan.max_output) return fail(Reason::part_too_big);
  return Rebuilt{job::Kind::text, to_buffer(plain.text), std::move(plain.reasons)};
}

Result<Rebuilt, Reason> text(const Input &input, job::Kind kind, const job::Plan &plan) {
  Bytes octets = input.untrusted_value();
  if (octets.size() > plan.max_input) return fail(Reason::part_too_big);
  PlainText plain = plain_text(octets, kind, "");
  if (plain.text.empty()) plain.text += '\n'; // a clean file is never without octets
  if (plain.text.size() > plan.max_output) return fail(Reason::part_too_big);
  if (kind != job::Kind::html) add_reason(plain.reasons, Reason::part_to_text); // a page's say so
  return Rebuilt{job::Kind::text, to_buffer(plain.text), std::move(plain.reasons)};
}

} // namespace sekisho::rebuild
