// bench-render: pages a second from octets in to verified octets out, each document in a fresh
// jailed worker, beside the same pages drawn by the same engine in this process with nothing around
// it (no worker, no encoding, no verification), and beside pdftoppm where it is installed.
//
//   bench-render [--json] [--quick]
#include "base/clock.hh"
#include "bench/render_samples.hh"
#include "sanitizer/client/client.hh"
#include "sanitizer/rebuild/pdfium.hh"
#include "sanitizer/rebuild/rebuild.hh"
#include "sanitizer/rebuild/warm_up.hh"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <optional>

namespace sekisho::bench {
namespace {

constexpr unsigned dpi = 150;

struct Figure {
  std::string name, unit, reference;
  std::vector<double> values, reference_values;
};

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

double seconds(const std::function<bool()> &work) {
  const std::uint64_t start = monotonic_ns();
  if (!work())
    std::exit((fmt::print(stderr, "bench-render: a sample did not come out clean\n"), 1));
  return static_cast<double>(monotonic_ns() - start) / 1e9;
}

job::Plan plan() {
  job::Plan plan;
  for (job::Treatment &treatment : plan.treatments)
    treatment = job::Treatment::render;
  plan.dpi = dpi;
  plan.max_input = plan.max_output = 256u << 20;
  plan.deadline_ms = 120'000;
  return plan;
}

bool sanitize(client::Sanitizer &sanitizer, const std::string &octets) {
  job::Job job;
  job.receipt = "bench";
  job.plan = plan();
  job.bytes = as_bytes(octets);
  return sanitizer.sanitize(job).status == job::Status::clean;
}

/// What the engine itself needs: open, draw every page into one buffer, forget.
bool draw_plainly(const std::string &pdf) {
  const rebuild::pdfium::Engine &engine = *rebuild::pdfium::engine();
  auto document = engine.open(pdf.data(), static_cast<int>(pdf.size()), nullptr);
  if (!document) return false;
  std::vector<std::uint32_t> pixels;
  for (int i = 0; i < engine.page_count(document); ++i) {
    auto page = engine.load_page(document, i);
    const int width = static_cast<int>(engine.page_width(page) * dpi / 72);
    const int height = static_cast<int>(engine.page_height(page) * dpi / 72);
    pixels.resize(static_cast<std::size_t>(width) * static_cast<std::size_t>(height));
    auto bitmap =
        engine.make_bitmap(width, height, rebuild::pdfium::format_bgrx, pixels.data(), width * 4);
    engine.fill(bitmap, 0, 0, width, height, 0xffffffff);
    engine.draw(bitmap, page, 0, 0, width, height, 0, rebuild::pdfium::with_annotations);
    engine.destroy_bitmap(bitmap);
    engine.close_page(page);
  }
  engine.close(document);
  return true;
}

/// The usual command: a file in, a JPEG a page out.
bool run_pdftoppm(const std::filesystem::path &folder) {
  const std::string command = fmt::format("pdftoppm -r {} -jpeg '{}/in.pdf' '{}/out' 2>/dev/null",
                                          dpi, folder.string(), folder.string());
  return std::system(command.c_str()) == 0;
}

bool have_pdftoppm() {
  return std::system("command -v pdftoppm >/dev/null 2>&1") == 0;
}

class Folder {
public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "bench-render.XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  Folder(const Folder &) = delete;
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::filesystem::path &path() const { return path_; }

private:
  std::filesystem::path path_;
};

/// Both sides by turns, so that whatever else the machine does falls on both.
Figure measure(Figure figure, double units, unsigned runs, const std::function<bool()> &work,
               const std::function<bool()> &reference) {
  work();
  reference();
  for (unsigned run = 0; run < runs; ++run) {
    figure.values.push_back(units / seconds(work));
    figure.reference_values.push_back(units / seconds(reference));
  }
  return figure;
}

void measure_document(const std::string &name, const std::string &pdf, unsigned pages,
                      unsigned runs, client::Sanitizer &sanitizer, std::vector<Figure> &figures) {
  const auto ours = [&] { return sanitize(sanitizer, pdf); };
  figures.push_back(
      measure({"render/" + name, "pages/s", "PDFium drawing only, in process", {}, {}}, pages, runs,
              ours, [&] { return draw_plainly(pdf); }));
  if (!have_pdftoppm()) return;
  const Folder folder;
  std::ofstream(folder.path() / "in.pdf", std::ios::binary) << pdf;
  figures.push_back(
      measure({"render/" + name + "-against-pdftoppm", "pages/s", "pdftoppm -jpeg", {}, {}}, pages,
              runs, ours, [&] { return run_pdftoppm(folder.path()); }));
}

std::string as_json(const std::vector<Figure> &figures) {
  std::string text;
  for (const Figure &f : figures) {
    const double value = median(f.values), reference = median(f.reference_values);
    text += fmt::format(
        "{}{{\"name\": \"{}\", \"value\": {:.2f}, \"unit\": \"{}\", \"min\": {:.2f}, "
        "\"max\": {:.2f}, \"runs\": {}, \"reference\": \"{}\", \"reference_value\": {:.2f}, "
        "\"ratio\": {:.3f}}}",
        text.empty() ? "" : ",\n  ", f.name, value, f.unit,
        *std::min_element(f.values.begin(), f.values.end()),
        *std::max_element(f.values.begin(), f.values.end()), f.values.size(), f.reference,
        reference, value / reference);
  }
  return "{\"figures\": [\n  " + text + "\n]}\n";
}

std::string as_table(const std::vector<Figure> &figures) {
  std::string text = fmt::format("{:34} {:>9} {:8} {:>9} {:>7}  {}\n", "figure", "median", "unit",
                                 "reference", "ratio", "reference is");
  for (const Figure &f : figures)
    text += fmt::format("{:34} {:9.1f} {:8} {:9.1f} {:7.2f}  {}\n", f.name, median(f.values),
                        f.unit, median(f.reference_values),
                        median(f.values) / median(f.reference_values), f.reference);
  return text;
}

std::string find_sanitizer() {
  const std::filesystem::path folder =
      std::filesystem::read_symlink("/proc/self/exe").parent_path();
  return (folder / "../sanitizer/worker/sekisho-sanitizer").string();
}

int run(bool json, bool quick) {
  if (const rebuild::Engines engines = rebuild::warm_up(""); !engines.pdf) {
    for (const std::string &missing : engines.missing)
      fmt::print(stderr, "bench-render: missing {}\n", missing);
    return 1;
  }
  Result<client::Sanitizer> sanitizer = client::Sanitizer::start(find_sanitizer());
  if (!sanitizer) {
    fmt::print(stderr, "bench-render: {}\n", sanitizer.error().what);
    return 1;
  }
  const unsigned runs = quick ? 3 : 7, pages = quick ? 10 : 30;
  std::vector<Figure> figures;
  measure_document("text", text_document(pages), pages, runs, *sanitizer, figures);
  measure_document("one-page", text_document(1), 1, runs * 3, *sanitizer, figures);
  measure_document("scan", scan_document(pages), pages, runs, *sanitizer, figures);
  measure_document("vector", vector_document(pages / 5), pages / 5, runs, *sanitizer, figures);
  const std::string picture = photo();
  figures.push_back(measure(
      {"render/photo-12-megapixel",
       "files/s",
       "the same decoding and encoding, in process",
       {},
       {}},
      1, runs, [&] { return sanitize(*sanitizer, picture); },
      [&] { return rebuild::jpeg(rebuild::Input(as_bytes(picture)), plan()).has_value(); }));
  fmt::print("{}", json ? as_json(figures) : as_table(figures));
  return 0;
}

} // namespace
} // namespace sekisho::bench

int main(int count, char **arguments) {
  bool json = false, quick = false;
  for (int i = 1; i < count; ++i) {
    json |= std::string_view(arguments[i]) == "--json";
    quick |= std::string_view(arguments[i]) == "--quick";
  }
  return sekisho::bench::run(json, quick);
}
