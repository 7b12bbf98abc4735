// Text of any kind to clean text; what text.cc and mail.cc share.
#pragma once

#include "sanitizer/rebuild/rebuild.hh"
#include "sanitizer/text/emoji.hh"
#include "sanitizer/text/html.hh"

#include <string>
#include <string_view>
#include <vector>

namespace sekisho::rebuild {

struct PlainText {
  std::string text; // as verify::accept_text wants it
  std::vector<Reason> reasons;
};

/// Whether a file of this kind is read by plain_text(): all of characters, and RTF.
bool is_text_kind(job::Kind kind);

/// `kind`: html, csv, rtf, calendar and vcard are read as such, all else as plain text.  `charset` as
/// declared, may be empty.  `carrier`: whose private emoji the sender may use.  `said`: what a reader has before him, see
/// calendar_text().  `pictures`: of a page.
PlainText plain_text(Bytes octets, job::Kind kind, std::string_view charset,
                     text::Carrier carrier = text::Carrier::unknown, std::string_view said = {},
                     const text::PictureNames &pictures = {});

/// A page's markup, not yet cleaned, as plain_text() reads it.
std::string page_markup(Bytes octets, std::string_view charset);

/// Words that were read out of a document, cleaned as any text, as a text file; `reasons`: of the
/// document.  Errors: no-text, part-too-big.
Result<Rebuilt, Reason> document_text(std::string words, std::vector<Reason> reasons,
                                      const job::Plan &plan);

/// Whether a spreadsheet would run a cell that begins so, unless an apostrophe stood before it.
bool starts_formula(std::string_view cell);

/// An apostrophe before a text that a spreadsheet would read as SYLK, formulas and all, whatever the file's name; noted.
void keep_from_sylk(std::string &text, std::vector<Reason> &reasons);

void add_reason(std::vector<Reason> &reasons, Reason reason); // once each

/// What a page (text::HtmlText, text::RtfText) has beside the text that is read.
template <class Converted> void add_beside_text(std::vector<Reason> &reasons, const Converted &converted) {
  if (converted.script) add_reason(reasons, Reason::part_script);
  if (converted.active) add_reason(reasons, Reason::part_active_content);
  if (converted.hidden) add_reason(reasons, Reason::part_hidden_content);
  if (converted.remote) add_reason(reasons, Reason::part_remote_content);
}

} // namespace sekisho::rebuild
