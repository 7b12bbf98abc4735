// bench-image: pictures decoded and encoded anew, octets in to octets out, in process, beside the
// same by libvips with one thread, and PNG beside libpng.  Processor time of all threads, by turns.
//
//   bench-image [--json] [--quick]
#include "bench/image_peers.hh"
#include "bench/image_samples.hh"
#include "bench/render_samples.hh"
#include "bench/words.hh"
#include "sanitizer/rebuild/rebuild.hh"
#include "sanitizer/verify/verify.hh"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <functional>

namespace sekisho::bench {
namespace {

using Treat = Result<rebuild::Rebuilt, Reason> (*)(const rebuild::Input &, const job::Plan &, const job::Cut &);

struct Figure {
  std::string name, reference;
  std::vector<double> values, reference_values; // milliseconds
  std::size_t bytes = 0, reference_bytes = 0;
};

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

double milliseconds(clockid_t clock, const std::function<std::size_t()> &work, std::size_t &bytes) {
  timespec start{}, end{};
  ::clock_gettime(clock, &start);
  bytes = work();
  ::clock_gettime(clock, &end);
  if (bytes == 0) std::exit((fmt::print(stderr, "bench-image: a sample did not come out\n"), 1));
  return static_cast<double>(end.tv_sec - start.tv_sec) * 1e3 +
         static_cast<double>(end.tv_nsec - start.tv_nsec) / 1e6;
}

class Rounds {
public:
  explicit Rounds(const Words &words) : words_(words), rounds_(words.quick ? 3 : 7) {}

  void measure(const std::string &name, const std::string &reference,
               const std::function<std::size_t()> &work, const std::function<std::size_t()> &peer,
               clockid_t clock = CLOCK_PROCESS_CPUTIME_ID) {
    if (!words_.want(name)) return;
    Figure figure{name, reference, {}, {}, 0, 0};
    for (unsigned round = 0; round <= rounds_; ++round) {
      const double theirs = milliseconds(clock, peer, figure.reference_bytes);
      const double ours = milliseconds(clock, work, figure.bytes);
      if (round == 0) continue; // the first fills the caches
      figure.values.push_back(ours);
      figure.reference_values.push_back(theirs);
    }
    figures_.push_back(std::move(figure));
  }
  const std::vector<Figure> &figures() const { return figures_; }

private:
  Words words_;
  unsigned rounds_;
  std::vector<Figure> figures_;
};

std::function<std::size_t()> ours(Treat treat, const Buffer &sample) {
  return [treat, &sample]() -> std::size_t {
    job::Plan plan;
    plan.max_output = 256u << 20;
    const auto rebuilt = treat(rebuild::Input(sample), plan, {});
    return rebuilt ? rebuilt->bytes.size() : 0;
  };
}

/// What is read back, too, as the gateway does with every result.
std::function<std::size_t()> ours_verified(Treat treat, const Buffer &sample) {
  return [treat, &sample]() -> std::size_t {
    auto rebuilt = treat(rebuild::Input(sample), {}, {});
    if (!rebuilt) return 0;
    const auto clean =
        verify::Verifier::accept(rebuilt->kind, Untrusted(std::move(rebuilt->bytes)));
    return clean ? clean->bytes().size() : 0;
  };
}

std::string as_json(const std::vector<Figure> &figures) {
  std::string text;
  for (const Figure &f : figures) {
    const double value = median(f.values), reference = median(f.reference_values);
    text += fmt::format(
        "{}{{\"name\": \"{}\", \"value\": {:.3f}, \"unit\": \"ms\", \"min\": {:.3f}, "
        "\"max\": {:.3f}, \"runs\": {}, \"reference\": \"{}\", \"reference_value\": {:.3f}, "
        "\"ratio\": {:.3f}, \"bytes\": {}, \"reference_bytes\": {}}}",
        text.empty() ? "" : ",\n  ", f.name, value,
        *std::min_element(f.values.begin(), f.values.end()),
        *std::max_element(f.values.begin(), f.values.end()), f.values.size(), f.reference,
        reference, value / reference, f.bytes, f.reference_bytes);
  }
  return "{\"figures\": [\n  " + text + "\n]}\n";
}

std::string as_table(const std::vector<Figure> &figures) {
  std::string text = fmt::format("{:20} {:>9} {:>9} {:>7} {:>10} {:>10}  {}\n", "figure", "ms",
                                 "reference", "ratio", "octets", "reference", "reference is");
  for (const Figure &f : figures)
    text += fmt::format("{:20} {:9.2f} {:9.2f} {:7.3f} {:10} {:10}  {}\n", f.name, median(f.values),
                        median(f.reference_values), median(f.values) / median(f.reference_values),
                        f.bytes, f.reference_bytes, f.reference);
  return text;
}

int run(const Words &words) {
  Rounds rounds(words);
  const auto vips = [](const Buffer &sample, const char *load, const char *save) {
    return [&sample, load, save] { return vips_again(sample, load, save); };
  };
  const Buffer slide = slide_png(), picture = photo_png(), jpeg = to_buffer(photo());
  const Buffer gif = moving_gif(), fax = fax_pages(12);
  const std::string libpng = "libpng, level 6, all filters";
  rounds.measure("image/png", libpng, ours(rebuild::png, slide),
                 [&] { return libpng_again(slide); });
  rounds.measure("image/png-photo", libpng, ours(rebuild::png, picture),
                 [&] { return libpng_again(picture); });
  if (!have_vips()) {
    fmt::print(stderr, "bench-image: built without libvips: its figures are left out\n");
  } else {
    rounds.measure("image/jpeg", "libvips, quality 90", ours(rebuild::jpeg, jpeg),
                   vips(jpeg, "", ".jpg[Q=90,strip]"));
    rounds.measure("image/jpeg-wall", "libvips, quality 90, wall time", ours(rebuild::jpeg, jpeg),
                   vips(jpeg, "", ".jpg[Q=90,strip]"), CLOCK_MONOTONIC);
    rounds.measure("image/gif", "libvips", ours(rebuild::gif, gif), vips(gif, "n=-1", ".gif"));
    rounds.measure("image/tiff", "libvips, Group 4", ours(rebuild::tiff, fax),
                   vips(fax, "n=-1", ".tif[compression=ccittfax4,bitdepth=1,strip]"));
    rounds.measure("image/gif-verified", "libvips", ours_verified(rebuild::gif, gif),
                   vips(gif, "n=-1", ".gif"));
    rounds.measure("image/tiff-verified", "libvips, Group 4", ours_verified(rebuild::tiff, fax),
                   vips(fax, "n=-1", ".tif[compression=ccittfax4,bitdepth=1,strip]"));
  }
  fmt::print("{}", words.json ? as_json(rounds.figures()) : as_table(rounds.figures()));
  return rounds.figures().empty() ? 1 : 0;
}

} // namespace
} // namespace sekisho::bench

int main(int count, char **arguments) { return sekisho::bench::run(sekisho::bench::read_words(count, arguments)); }
