#include "sanitizer/rebuild/pdf/pdf_pages.hh"

#include "sanitizer/rebuild/ballast.hh"
#include "sanitizer/rebuild/pdf/page_annotations.hh"
#include "sanitizer/rebuild/pdf/page_appearances.hh"
#include "sanitizer/rebuild/pdf/page_gaps.hh"
#include "sanitizer/rebuild/pdf/page_picture.hh"
#include "sanitizer/rebuild/pdf/page_scan.hh"
#include "sanitizer/rebuild/pdf/page_sight.hh"
#include "sanitizer/rebuild/pdf/pdf_findings.hh"
#include "sanitizer/rebuild/pdf/pdfium.hh"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <limits>
#include <optional>
#include <set>

namespace sekisho::rebuild {
namespace {

constexpr double most_points = 14400;             // a page's side, ISO 32000-1 annex C.2
constexpr std::uint32_t most_pixels = 36'000'000; // a page; larger ones are drawn coarser
constexpr int longest_side = 30000;               // pixels
// An A0 page under three layers of its size takes 0.8 GB, one of three million lines 0.9.
constexpr std::size_t room = std::size_t{1} << 30;
constexpr int white = 0xff;
constexpr std::size_t most_fields = 2000; // the engine looks for each among all
constexpr unsigned most_flattened = 50;   // pages of one document, which grows by each

/// The open document, with its form where that is asked for; closes in the right order.
class Document {
public:
  Document(const pdfium::Engine &engine, Bytes bytes)
      : engine_(engine),
        document_(engine.open(bytes.data(), static_cast<int>(bytes.size()), nullptr)) {}
  Document(const Document &) = delete;
  ~Document() {
    if (form_) engine_.close_form(form_);
    if (document_) engine_.close(document_);
  }
  /// Without it fields are drawn as they are stored.
  void open_form() {
    form_ = engine_.open_form(document_, &callbacks_);
    if (form_) engine_.highlight(form_, 0);
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

double points_of(float untrusted_points, double otherwise) {
  return std::isfinite(untrusted_points) && untrusted_points > 0 ? untrusted_points : otherwise;
}

double to_hundredths(double points) {
  return std::clamp(std::round(points * 100) / 100, 1.0, most_points);
}

/// The engine counts in user units, and does not say how large one is.  Known is it where every page
/// says the same.
double user_unit(const std::vector<double> &units, std::uint32_t pages) {
  if (units.size() != pages || !(units.front() > 0 && units.front() <= 1000)) return 1;
  const bool same = std::all_of(units.begin(), units.end(), [&](double u) { return u == units.front(); });
  return same ? units.front() : 1;
}

Sheet sheet_of(const pdfium::Engine &engine, pdfium::Page page, double unit,
               const job::Plan &plan) {
  Sheet sheet;
  if (page) {
    sheet.width = points_of(engine.page_width(page), sheet.width) * unit;
    sheet.height = points_of(engine.page_height(page), sheet.height) * unit;
  }
  const double smaller = std::min(1.0, most_points / std::max(sheet.width, sheet.height));
  sheet.width = to_hundredths(sheet.width * smaller);
  sheet.height = to_hundredths(sheet.height * smaller);
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
  std::memset(pixels.memory.data(), white, pixels.row_size() * pixels.height);
  if (page.get()) {
    engine.draw(bitmap, page.get(), 0, 0, width, height, 0, pdfium::with_annotations);
    if (document.form())
      engine.draw_form(document.form(), bitmap, page.get(), 0, 0, width, height, 0,
                       pdfium::with_annotations);
  }
  engine.destroy_bitmap(bitmap);
  return true;
}

/// Where names are not seen (encrypted, object streams packed in rare ways) or may be words of a page: as they stand in a
/// copy that the engine writes.  Without one everything that may be there is told.
PdfNames names_of(const pdfium::Engine &engine, Bytes bytes) {
  PdfNames names = names_in_pdf(bytes);
  if (!names.encrypted && !names.unread && names.doubtful.empty()) return names;
  struct Copy : pdfium::Sink {
    Buffer octets;
  } copy;
  copy.write = [](pdfium::Sink *sink, const void *data, unsigned long size) {
    constexpr std::size_t most_copied = 64u << 20;
    Buffer &octets = static_cast<Copy *>(sink)->octets;
    if (octets.size() + size > most_copied) return 0;
    const auto *from = static_cast<const std::byte *>(data);
    octets.insert(octets.end(), from, from + size);
    return 1;
  };
  const Document document(engine, bytes); // one of its own: the other is drawn
  const bool whole = engine.save_copy && document.get() && engine.save_copy(document.get(), &copy, pdfium::without_security) != 0;
  PdfNames open = names_in_pdf(copy.octets, PdfWriting::by_engine);
  std::set<Reason> all(names.findings.begin(), names.findings.end());
  all.insert(open.findings.begin(), open.findings.end());
  if (!whole || !open.sure) all.insert(names.doubtful.begin(), names.doubtful.end());
  if (!whole || !open.sure) all.insert(open.doubtful.begin(), open.doubtful.end());
  if (!whole && (names.encrypted || names.unread)) all.insert(Reason::part_active_content);
  names.findings.assign(all.begin(), all.end());
  if (names.user_units.empty()) names.user_units = std::move(open.user_units);
  names.fields = std::max(names.fields, open.fields);
  names.redrawn = names.redrawn || open.redrawn;
  return names;
}

std::uint32_t hundredths(double points) {
  return static_cast<std::uint32_t>(std::lround(points * 100));
}

} // namespace

struct PdfPages::State {
  State(const pdfium::Engine &engine, Bytes bytes, const job::Plan &plan)
      : ballast(room), engine(engine), bytes(bytes), document(engine, bytes), appearances(engine, document.get()), plan(plan) {}

  Result<PagePicture, Reason> picture_of(const Page &page, const Sheet &sheet) {
    if (plain_pictures)
      if (auto scan = scanned_page(engine, page.get(), sheet.pixel_width, sheet.pixel_height,
                                   plan.max_pixels))
        return std::move(*scan);
    if (!make_room(sheet) || !draw(engine, document, page, pixels))
      return fail(Reason::part_too_big);
    gaps = has_gaps(engine, page.get(), pixels);
    return encode_page(pixels);
  }
  PageAnnotations annotations_of(const Page &page, int index) {
    PageAnnotations annotations = read_annotations(engine, document.form(), page.get());
    appearances.give(page.get(), annotations);
    if (annotations.drawn.empty()) return annotations;
    if (flattened++ % most_flattened == 0) flat.emplace(engine, bytes);
    if (flat->get()) read_drawn(engine, flat->get(), index, page.get(), redrawn, annotations);
    return annotations;
  }
  bool make_room(const Sheet &sheet) {
    pixels.width = sheet.pixel_width;
    pixels.height = sheet.pixel_height;
    pixels.channels = 4;
    const std::size_t size = pixels.row_size() * pixels.height;
    if (pixels.memory.size() < size) pixels.memory = Scratch(size);
    return pixels.memory.size() >= size;
  }

  const Ballast ballast;
  const pdfium::Engine &engine;
  Bytes bytes;
  Document document;
  Appearances appearances;
  std::optional<Document> flat; // of which pages are changed, once one is to be
  unsigned flattened = 0;       // pages of it
  const job::Plan &plan;
  std::uint32_t count = 0;
  std::vector<Reason> findings;
  bool plain_pictures = false, redrawn = false, layers_off = false;
  double unit = 1; // points
  Pixels pixels; // page after page into the same memory
  bool gaps = false; // in them
};

PdfPages::PdfPages(std::unique_ptr<State> state) : state_(std::move(state)) {}
PdfPages::PdfPages(PdfPages &&) noexcept = default;
PdfPages::~PdfPages() = default;

Result<PdfPages, Reason> PdfPages::open(const Input &input, const job::Plan &plan) {
  const pdfium::Engine *engine = pdfium::engine();
  if (!engine) return fail(Reason::part_engine_missing);
  const Bytes bytes = input.untrusted_value();
  if (bytes.size() > std::numeric_limits<int>::max()) return fail(Reason::part_too_big);
  auto state = std::make_unique<State>(*engine, bytes, plan);
  if (!state->document.get())
    return fail(engine->last_error() == pdfium::error_password ? Reason::part_encrypted
                                                               : Reason::part_malformed);
  const int pages = engine->page_count(state->document.get());
  if (pages <= 0) return fail(Reason::part_malformed);
  state->count = static_cast<std::uint32_t>(pages);
  if (state->count > plan.max_pages) return fail(Reason::part_too_big);
  state->findings = {Reason::part_rendered};
  const PdfNames names = names_of(*engine, bytes);
  state->findings.insert(state->findings.end(), names.findings.begin(), names.findings.end());
  if (names.fields <= most_fields)
    state->document.open_form();
  else
    state->findings.push_back(Reason::part_too_big);
  state->plain_pictures = names.plain_pictures;
  state->layers_off = std::ranges::find(names.findings, Reason::part_hidden_content) != names.findings.end();
  state->redrawn = names.redrawn;
  state->unit = user_unit(names.user_units, state->count);
  return PdfPages(std::move(state));
}

std::uint32_t PdfPages::count() const {
  return state_->count;
}

const std::vector<Reason> &PdfPages::findings() const {
  return state_->findings;
}

/// The engine leaves out what it gets no memory for.
Result<PrintedPage, Reason> PdfPages::print(std::uint32_t index) {
  State &s = *state_;
  errno = 0;
  const Page page(s.engine, s.document, static_cast<int>(index));
  const Sheet sheet = sheet_of(s.engine, page.get(), s.unit, s.plan);
  PrintedPage printed;
  printed.readable = page.get() != nullptr;
  printed.width = hundredths(sheet.width);
  printed.height = hundredths(sheet.height);
  s.gaps = false;
  const PageAnnotations annotations = s.annotations_of(page, static_cast<int>(index)); // some are drawn only then
  Result<PagePicture, Reason> picture = s.picture_of(page, sheet);
  if (!picture) return fail(picture.error());
  if (errno == ENOMEM) return fail(Reason::part_too_big);
  printed.picture = std::move(*picture);
  printed.gaps = s.gaps;
  printed.remarks = !annotations.remarks.empty();
  printed.undrawn = !annotations.undrawn.empty();
  printed.hidden = annotations.hidden || std::ranges::any_of(annotations.shown, [](const auto &one) { return !one.value.empty(); });
  if (s.layers_off) take_off_layers(s.engine, page.get(), [&](Pixels &pixels) { return draw(s.engine, s.document, page, pixels); });
  printed.text = read_text(s.engine, page.get(), sheet.width, sheet.height, annotations, &printed.hidden);
  return printed;
}

Result<std::optional<PlainPage>, Reason> PdfPages::text(std::uint32_t index) {
  State &s = *state_;
  errno = 0;
  const Page page(s.engine, s.document, static_cast<int>(index));
  if (!page.get()) return std::optional<PlainPage>();
  const PageAnnotations annotations = s.annotations_of(page, static_cast<int>(index));
  const OthersOfPage others = take_other_words(s.engine, s.document.get(), static_cast<int>(index), page.get());
  std::optional<PlainPage> plain =
      plain_text_of(s.engine, page.get(), annotations, others.words,
                    [&](Pixels &pixels) { return draw(s.engine, s.document, page, pixels); }, s.layers_off);
  if (!plain || errno == ENOMEM) return fail(Reason::part_too_big);
  plain->ambiguous = plain->ambiguous || !others.all_compared;
  return plain;
}

} // namespace sekisho::rebuild
