#include "sanitizer/detect/detect.hh"
#include "sanitizer/rebuild/calendar_text.hh"
#include "sanitizer/rebuild/plain_text.hh"
#include "sanitizer/rebuild/rebuild.hh"
#include "sanitizer/text/charset.hh"
#include "sanitizer/text/clean.hh"
#include "sanitizer/text/html.hh"
#include "sanitizer/text/inert.hh"

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

} // namespace

void add_reason(std::vector<Reason> &reasons, Reason reason) {
  if (std::find(reasons.begin(), reasons.end(), reason) == reasons.end()) reasons.push_back(reason);
}

PlainText plain_text(Bytes octets, job::Kind kind, std::string_view charset, text::Carrier carrier) {
  PlainText plain;
  bool html = kind == job::Kind::html;
  std::string declared(charset);
  if (html && !text::charset_named(declared))
    declared = text::html_declared_charset(as_chars(octets));
  text::Decoded decoded = text::decode_labelled(octets, declared);
  text::Findings findings;
  if (html) {
    text::HtmlText converted = text::html_to_text(decoded.text);
    add_reason(plain.reasons, Reason::part_html_to_text);
    if (converted.script) add_reason(plain.reasons, Reason::part_script);
    if (converted.active) add_reason(plain.reasons, Reason::part_active_content);
    if (converted.hidden) add_reason(plain.reasons, Reason::part_hidden_content);
    if (converted.remote) add_reason(plain.reasons, Reason::part_remote_content);
    plain.text = text::clean(converted.text, findings, carrier);
  } else {
    std::string readable;
    if (kind == job::Kind::calendar) readable = calendar_text(decoded.text);
    if (kind == job::Kind::vcard) readable = card_text(decoded.text);
    plain.text = text::clean(readable.empty() ? decoded.text : readable, findings, carrier);
  }
  bool active = false;
  plain.text = text::inert(plain.text, active);
  if (active) add_reason(plain.reasons, Reason::part_active_content);
  if (kind == job::Kind::csv) plain.text = without_formulas(plain.text);
  if (decoded.errors > 0 || findings.unreadable)
    add_reason(plain.reasons, Reason::part_charset_replaced);
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
