// PDF to pictures of its pages to a new PDF (ISO 32000-1).  What a reader sees, annotations and
// filled-in fields included, is drawn; whatever acts, hides or calls out has no way through a
// picture.  The page's text goes along, cleaned and invisible, so that it can be searched.
#include "sanitizer/rebuild/page_picture.hh"
#include "sanitizer/rebuild/page_text.hh"
#include "sanitizer/rebuild/pdf_writer.hh"
#include "sanitizer/rebuild/pdfium.hh"
#include "sanitizer/rebuild/rebuild.hh"

#include <algorithm>
#include <cmath>
#include <limits>

namespace sekisho::rebuild {
namespace {

constexpr double most_points = 14400;             // a page's side, ISO 32000-1 annex C.2
constexpr std::uint32_t most_pixels = 36'000'000; // a page; larger ones are drawn coarser
constexpr int longest_side = 30000;               // pixels
constexpr unsigned long white = 0xffffffff;

/// The open document with its form; closes in the right order.
class Document {
public:
  Document(const pdfium::Engine &engine, Bytes bytes)
      : engine_(engine),
        document_(engine.open(bytes.data(), static_cast<int>(bytes.size()), nullptr)) {
    if (!document_) return;
    form_ = engine_.open_form(document_, &callbacks_);
    if (form_) engine_.highlight(form_, 0);
  }
  Document(const Document &) = delete;
  ~Document() {
    if (form_) engine_.close_form(form_);
    if (document_) engine_.close(document_);
  }
  pdfium::Document get() const { return document_; }
  pdfium::Form form() const { return form_; }

private:
  const pdfium::Engine &engine_;
  pdfium::FormCallbacks callbacks_{};
  pdfium::Document document_ = nullptr;
  pdfium::Form form_ = nullptr;
};

class Page {
public:
  Page(const pdfium::Engine &engine, const Document &document, int index)
      : engine_(engine), form_(document.form()), page_(engine.load_page(document.get(), index)) {
    if (page_ && form_) engine_.form_page_opened(page_, form_);
  }
  Page(const Page &) = delete;
  ~Page() {
    if (page_ && form_) engine_.form_page_closing(page_, form_);
    if (page_) engine_.close_page(page_);
  }
  pdfium::Page get() const { return page_; }

private:
  const pdfium::Engine &engine_;
  pdfium::Form form_;
  pdfium::Page page_;
};

struct Sheet {
  double width = 595.28, height = 841.89; // points; A4 where the page does not say
  std::uint32_t pixel_width = 0, pixel_height = 0;
};

double clamp_points(float untrusted_points, double otherwise) {
  if (!std::isfinite(untrusted_points) || untrusted_points <= 0) return otherwise;
  return std::clamp(std::round(static_cast<double>(untrusted_points) * 100) / 100, 1.0,
                    most_points);
}

Sheet sheet_of(const pdfium::Engine &engine, pdfium::Page page, const job::Plan &plan) {
  Sheet sheet;
  if (page) {
    sheet.width = clamp_points(engine.page_width(page), sheet.width);
    sheet.height = clamp_points(engine.page_height(page), sheet.height);
  }
  double scale = std::clamp(plan.dpi, 36u, 600u) / 72.0;
  const double most = std::min(plan.max_pixels, most_pixels);
  scale = std::min(scale, std::sqrt(most / (sheet.width * sheet.height)));
  scale = std::min(scale, longest_side / std::max(sheet.width, sheet.height));
  sheet.pixel_width = static_cast<std::uint32_t>(std::max(1.0, std::floor(sheet.width * scale)));
  sheet.pixel_height = static_cast<std::uint32_t>(std::max(1.0, std::floor(sheet.height * scale)));
  return sheet;
}

bool draw(const pdfium::Engine &engine, const Document &document, const Page &page,
          Pixels &pixels) {
  const int width = static_cast<int>(pixels.width), height = static_cast<int>(pixels.height);
  pdfium::Bitmap bitmap =
      engine.make_bitmap(width, height, pdfium::format_bgrx, pixels.memory.data(), width * 4);
  if (!bitmap) return false;
  engine.fill(bitmap, 0, 0, width, height, white);
  if (page.get()) {
    engine.draw(bitmap, page.get(), 0, 0, width, height, 0, pdfium::with_annotations);
    if (document.form())
      engine.draw_form(document.form(), bitmap, page.get(), 0, 0, width, height, 0,
                       pdfium::with_annotations);
  }
  engine.destroy_bitmap(bitmap);
  return true;
}

/// For the report only: what could be seen of what is now gone.
std::vector<Reason> reasons_for(const pdfium::Engine &engine, const Document &document,
                                Bytes bytes) {
  std::vector<Reason> reasons = {Reason::part_rendered};
  if (as_chars(bytes).find("/JavaScript") != std::string_view::npos)
    reasons.push_back(Reason::part_script);
  if (engine.attachment_count && engine.attachment_count(document.get()) > 0)
    reasons.push_back(Reason::part_hidden_content);
  return reasons;
}

/// Draws page after page into the same memory.
class Printer {
public:
  Printer(const pdfium::Engine &engine, const Document &document, const job::Plan &plan)
      : engine_(engine), document_(document), plan_(plan) {}

  /// Pages that cannot be read become white ones, counted.
  Result<void, Reason> print(int index) {
    const Page page(engine_, document_, index);
    if (!page.get()) ++unreadable_;
    const Sheet sheet = sheet_of(engine_, page.get(), plan_);
    if (!make_room(sheet)) return fail(Reason::part_too_big);
    if (!draw(engine_, document_, page, pixels_)) return fail(Reason::part_too_big);
    Result<PagePicture, Reason> picture = encode_page(pixels_);
    if (!picture) return fail(picture.error());
    const std::vector<TextRun> text = read_text(engine_, page.get(), sheet.width, sheet.height);
    if (!writer_.add_page(sheet.width, sheet.height, *picture, text))
      return fail(Reason::part_too_big);
    if (writer_.size() > plan_.max_output) return fail(Reason::part_too_big);
    return {};
  }
  int unreadable() const { return unreadable_; }
  Buffer finish() { return writer_.finish(); }

private:
  bool make_room(const Sheet &sheet) {
    pixels_.width = sheet.pixel_width;
    pixels_.height = sheet.pixel_height;
    pixels_.channels = 4;
    const std::size_t size = pixels_.row_size() * pixels_.height;
    if (pixels_.memory.size() < size) pixels_.memory = Scratch(size);
    return pixels_.memory.size() >= size;
  }

  const pdfium::Engine &engine_;
  const Document &document_;
  const job::Plan &plan_;
  Pixels pixels_;
  PdfWriter writer_;
  int unreadable_ = 0;
};

} // namespace

Result<Rebuilt, Reason> pdf(const Input &input, const job::Plan &plan) {
  const pdfium::Engine *engine = pdfium::engine();
  if (!engine) return fail(Reason::part_engine_missing);
  const Bytes bytes = input.untrusted_value();
  if (bytes.size() > std::numeric_limits<int>::max()) return fail(Reason::part_too_big);
  const Document document(*engine, bytes);
  if (!document.get())
    return fail(engine->last_error() == pdfium::error_password ? Reason::part_encrypted
                                                               : Reason::part_malformed);
  const int pages = engine->page_count(document.get());
  if (pages <= 0) return fail(Reason::part_malformed);
  if (static_cast<std::uint32_t>(pages) > plan.max_pages) return fail(Reason::part_too_big);

  std::vector<Reason> reasons = reasons_for(*engine, document, bytes);
  Printer printer(*engine, document, plan);
  for (int index = 0; index < pages; ++index)
    TRY(printer.print(index));
  if (printer.unreadable() == pages) return fail(Reason::part_malformed);
  if (printer.unreadable() > 0) reasons.push_back(Reason::part_malformed);
  return Rebuilt{job::Kind::pdf, printer.finish(), std::move(reasons)};
}

} // namespace sekisho::rebuild
