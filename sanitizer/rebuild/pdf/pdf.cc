// PDF to pictures of its pages to a new PDF (ISO 32000-1).  What a reader sees, annotations and
// filled-in fields included, is drawn; whatever acts, hides or calls out has no way through a
// picture.  The page's text goes along, cleaned and invisible, so that it can be searched.
#include "sanitizer/rebuild/pdf/pdf_pages.hh"
#include "sanitizer/rebuild/plain_text.hh"
#include "sanitizer/text/clean.hh"
#include "sanitizer/text/inert.hh"

namespace sekisho::rebuild {

Result<Rebuilt, Reason> join_pages(PdfPages &pages, const job::Plan &plan,
                                   const std::vector<Reason> &) {
  PdfWriter writer;
  std::uint32_t unreadable = 0, blank = 0;
  bool remarks = false, hidden = false, gaps = false, undrawn = false;
  for (std::uint32_t index = 0; index < pages.count(); ++index) {
    const Result<PrintedPage, Reason> page = pages.print(index);
    if (!page) return fail(page.error());
    if (!page->readable) ++unreadable;
    if (page->picture.blank) ++blank; // an unreadable one is
    remarks = remarks || page->remarks;
    hidden = hidden || page->hidden;
    gaps = gaps || page->gaps;
    undrawn = undrawn || page->undrawn;
    if (!writer.add_page(*page) || writer.written().size() > plan.max_output)
      return fail(Reason::part_too_big);
  }
  if (unreadable == pages.count()) return fail(Reason::part_malformed);
  std::vector<Reason> reasons = pages.findings();
  if (hidden) add_reason(reasons, Reason::part_hidden_content);
  if (remarks) add_reason(reasons, Reason::office_tracked_removed);
  if (gaps) add_reason(reasons, Reason::part_charset_replaced);
  if (undrawn) add_reason(reasons, Reason::part_annotation_not_drawn);
  if (unreadable > 0) add_reason(reasons, Reason::part_malformed);
  if (blank == pages.count()) add_reason(reasons, Reason::part_blank);
  return Rebuilt{job::Kind::pdf, writer.finish(), std::move(reasons)};
}

Result<Rebuilt, Reason> pdf(const Input &input, const job::Plan &plan) {
  Result<PdfPages, Reason> pages = PdfPages::open(input, plan);
  if (!pages) return fail(pages.error());
  return join_pages(*pages, plan, {});
}

Result<Rebuilt, Reason> pdf_text(const Input &input, const job::Plan &plan) {
  Result<PdfPages, Reason> pages = PdfPages::open(input, plan);
  if (!pages) return fail(pages.error());
  std::string text;
  std::uint32_t unreadable = 0;
  bool remarks = false, hidden = false, cut = false, ambiguous = false, pictures = false, undrawn = false;
  for (std::uint32_t index = 0; index < pages->count(); ++index) {
    const Result<std::optional<PlainPage>, Reason> found = pages->text(index);
    if (!found) return fail(found.error());
    if (!*found) ++unreadable;
    const PlainPage plain = found->value_or(PlainPage{});
    remarks = remarks || plain.remarks;
    hidden = hidden || plain.hidden;
    cut = cut || plain.cut;
    ambiguous = ambiguous || plain.ambiguous;
    pictures = pictures || plain.pictures;
    undrawn = undrawn || plain.undrawn;
    std::string page = plain.text;
    while (page.ends_with('\n') || page.ends_with(' '))
      page.pop_back();
    if (page.empty()) continue;
    if (!text.empty()) text += "\n\n";
    text += page;
    if (text.size() > plan.max_output) return fail(Reason::part_too_big);
  }
  text::Findings findings;
  bool active = false;
  text = text::inert(text::clean(text, findings), active);
  if (unreadable == pages->count()) return fail(Reason::part_malformed);
  if (text.empty()) return fail(Reason::part_no_text);
  if (!text.ends_with('\n')) text += '\n';
  std::vector<Reason> reasons = {Reason::part_to_text};
  reasons.insert(reasons.end(), pages->findings().begin() + 1, pages->findings().end());
  if (hidden) add_reason(reasons, Reason::part_hidden_content);
  if (remarks) add_reason(reasons, Reason::office_tracked);
  if (cut) add_reason(reasons, Reason::part_too_big);
  if (ambiguous) add_reason(reasons, Reason::part_ambiguous);
  if (pictures) add_reason(reasons, Reason::part_picture_dropped);
  if (undrawn) add_reason(reasons, Reason::part_annotation_not_drawn);
  if (unreadable > 0) add_reason(reasons, Reason::part_malformed);
  if (findings.control) add_reason(reasons, Reason::part_control_characters);
  if (findings.unreadable) add_reason(reasons, Reason::part_charset_replaced);
  if (active) add_reason(reasons, Reason::part_active_content);
  keep_from_sylk(text, reasons);
  return Rebuilt{job::Kind::text, to_buffer(text), std::move(reasons)};
}

} // namespace sekisho::rebuild
