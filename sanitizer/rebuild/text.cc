#include "sanitizer/detect/detect.hh"
#include "sanitizer/rebuild/calendar_text.hh"
#include "sanitizer/rebuild/plain_text.hh"
#include "sanitizer/rebuild/rebuild.hh"
#include "sanitizer/text/charset.hh"
#include "sanitizer/text/clean.hh"
#include "sanitizer/text/html.hh"
#include "sanitizer/text/inert.hh"
#include "sanitizer/text/rtf.hh"

#include <algorithm>

namespace sekisho::rebuild {
namespace {

/// A spreadsheet runs what starts with one of these; an apostrophe makes it text (OWASP "CSV
/// injection"). A sign before a digit is a number and stays.
bool starts_formula(std::string_view cell) {
  if (cell.empty()) return false;
  if (cell[0] == '=' || cell[0] == '@') return true;
  if (cell[0] != '+' && cell[0] != '-') return false;
  return cell.size() > 1 &&
         !((cell[1] >= '0' && cell[1] <= '9') || cell[1] == '.' || cell[1] == ',');
}

std::string without_formulas(std::string_view csv) {
  std::string result;
  result.reserve(csv.size());
  bool at_cell = true;
  for (std::size_t i = 0; i < csv.size(); i++) {
    char c = csv[i];
    if (at_cell && c == '"' && starts_formula(csv.substr(i + 1, 2))) {
      result += "\"'";
      at_cell = false;
      continue;
    }
    if (at_cell && starts_formula(csv.substr(i, 2))) result += '\'';
    result += c;
    at_cell = c == ',' || c == '\n' || c == '\t' || c == ';' || (at_cell && c == ' ');
  }
  return result;
}

/// Text out of its format, not yet cleaned.
struct Read {
  std::string text;
  bool errors = false;
};

Read read_characters(Bytes octets, std::string_view charset) {
  text::Decoded decoded = text::decode_labelled(octets, charset);
  return {std::move(decoded.text), decoded.errors > 0};
}

Read read_html(Bytes octets, std::string_view charset, std::vector<Reason> &reasons) {
  std::string declared(charset);
  if (!text::charset_named(declared)) declared = text::html_declared_charset(as_chars(octets));
  Read read = read_characters(octets, declared);
  text::HtmlText converted = text::html_to_text(read.text);
  add_reason(reasons, Reason::part_html_to_text);
  if (converted.script) add_reason(reasons, Reason::part_script);
  if (converted.active) add_reason(reasons, Reason::part_active_content);
  if (converted.hidden) add_reason(reasons, Reason::part_hidden_content);
  if (converted.remote) add_reason(reasons, Reason::part_remote_content);
  return {std::move(converted.text), read.errors};
}

Read read_rtf(Bytes octets, std::vector<Reason> &reasons) {
  text::RtfText converted = text::rtf_to_text(octets);
  if (converted.script) add_reason(reasons, Reason::part_script);
  if (converted.active) add_reason(reasons, Reason::part_active_content);
  if (converted.hidden) add_reason(reasons, Reason::part_hidden_content);
  if (converted.remote) add_reason(reasons, Reason::part_remote_content);
  if (converted.picture) add_reason(reasons, Reason::part_picture_dropped);
  if (converted.damaged) add_reason(reasons, Reason::part_malformed);
  return {std::move(converted.text), converted.errors > 0};
}

} // namespace

void add_reason(std::vector<Reason> &reasons, Reason reason) {
  if (std::find(reasons.begin(), reasons.end(), reason) == reasons.end()) reasons.push_back(reason);
}

bool is_text_kind(job::Kind kind) {
  return kind == job::Kind::rtf || job::class_of(kind) == job::KindClass::text;
}

PlainText plain_text(Bytes octets, job::Kind kind, std::string_view charset,
                     text::Carrier carrier) {
  PlainText plain;
  Read read = kind == job::Kind::rtf    ? read_rtf(octets, plain.reasons)
              : kind == job::Kind::html ? read_html(octets, charset, plain.reasons)
                                        : read_characters(octets, charset);
  text::Findings findings;
  if (kind == job::Kind::calendar || kind == job::Kind::vcard) {
    std::string readable =
        kind == job::Kind::vcard ? card_text(read.text) : calendar_text(read.text);
    if (!readable.empty()) read.text = std::move(readable);
  }
  plain.text = text::clean(read.text, findings, carrier);
  bool active = false;
  plain.text = text::inert(plain.text, active);
  if (active) add_reason(plain.reasons, Reason::part_active_content);
  if (kind == job::Kind::csv) plain.text = without_formulas(plain.text);
  if (read.errors || findings.unreadable) add_reason(plain.reasons, Reason::part_charset_replaced);
  if (findings.control) add_reason(plain.reasons, Reason::part_control_characters);
  return plain;
}

Result<Rebuilt, Reason> text(const Input &input, const job::Plan &plan) {
  Bytes octets = input.untrusted_value();
  if (octets.size() > plan.max_input) return fail(Reason::part_too_big);
  PlainText plain = plain_text(octets, detect::kind_of(octets), "");
  if (plain.text.empty()) plain.text += '\n'; // a clean file is never without octets
  if (plain.text.size() > plan.max_output) return fail(Reason::part_too_big);
  add_reason(plain.reasons, Reason::part_to_text);
  return Rebuilt{job::Kind::text, to_buffer(plain.text), std::move(plain.reasons)};
}

} // namespace sekisho::rebuild
