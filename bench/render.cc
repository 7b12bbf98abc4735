// bench-render: documents from octets in to verified octets out, each in fresh jailed workers, beside
// other ways of making a new PDF of pixels, in turns.  Times a page in milliseconds: a ratio below 1
// is faster than the reference.  bench/README.md says what the figures are.
//
//   bench-render [--json] [--quick] [render/NAME…]
#include "base/clock.hh"
#include "bench/render_office.hh"
#include "bench/render_peers.hh"
#include "bench/render_samples.hh"
#include "bench/words.hh"
#include "sanitizer/client/client.hh"
#include "sanitizer/client/zygote.hh"
#include "sanitizer/rebuild/rebuild.hh"
#include "sanitizer/rebuild/warm_up.hh"
#include "sanitizer/verify/verify.hh"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

namespace sekisho::bench {
namespace {

struct Figure {
  std::string name, unit, reference;
  std::vector<double> values, reference_values;
};

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

[[noreturn]] void give_up(const std::string &why) {
  fmt::print(stderr, "bench-render: {}\n", why);
  std::exit(1);
}

double milliseconds(const std::function<bool()> &work) {
  const std::uint64_t start = monotonic_ns();
  if (!work()) give_up("a sample did not come out");
  return static_cast<double>(monotonic_ns() - start) / 1e6;
}

job::Plan plan() {
  job::Plan plan;
  for (job::Treatment &treatment : plan.treatments)
    treatment = job::Treatment::render;
  plan.dpi = peer_dpi;
  plan.max_input = plan.max_output = 256u << 20;
  plan.deadline_ms = 120'000;
  return plan;
}

job::Outcome sanitize(client::Sanitizer &sanitizer, const std::string &octets) {
  job::Job job;
  job.receipt = "bench";
  job.plan = plan();
  job.bytes = as_bytes(octets);
  return sanitizer.sanitize(job);
}

/// The same drawing, coding, writing and reading back with nothing around it.
bool in_process(const std::string &pdf) {
  Result<rebuild::Rebuilt, Reason> rebuilt = rebuild::pdf(rebuild::Input(as_bytes(pdf)), plan());
  return rebuilt &&
         verify::Verifier::accept(job::Kind::pdf, Untrusted(std::move(rebuilt->bytes))).has_value();
}

std::string program(const char *below_build) {
  const std::filesystem::path folder =
      std::filesystem::read_symlink("/proc/self/exe").parent_path();
  return (folder / ".." / below_build).string();
}
std::string sanitizer_program() {
  return program("sanitizer/worker/sekisho-sanitizer");
}

client::Sanitizer start_sanitizer() {
  Result<client::Sanitizer> sanitizer = client::Sanitizer::start(sanitizer_program(), program("sanitizer/office/sekisho-office"));
  if (!sanitizer) give_up(sanitizer.error().what);
  return std::move(*sanitizer);
}

/// This process on one processor, and what it starts meanwhile.
class OneCore {
public:
  OneCore() {
    ::sched_getaffinity(0, sizeof before_, &before_);
    int last = 0;
    for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu)
      if (CPU_ISSET(cpu, &before_)) last = cpu;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(last, &one);
    ::sched_setaffinity(0, sizeof one, &one);
  }
  OneCore(const OneCore &) = delete;
  ~OneCore() { ::sched_setaffinity(0, sizeof before_, &before_); }

private:
  cpu_set_t before_;
};

constexpr useconds_t office_starts_within = 2'500'000;

class Bench {
public:
  explicit Bench(const Words &words)
      : rounds_(words.quick ? 3 : 5), pages_(words.quick ? 6 : 30), scans_(words.quick ? 4 : 12), words_(words),
        sanitizer_(start_sanitizer()) {}

  void run() {
    document("text", pages_, [&] { return text_document(pages_); });
    document("slides", pages_ / 2, [&] { return slides_document(pages_ / 2); });
    document("scan-gray", scans_, [&] { return scan_document(scans_, true); });
    document("scan-color", scans_, [&] { return scan_document(scans_, false); });
    for (const OfficeSample &sample : office_samples())
      office(sample);
    jail(1);
    jail(10);
    two_cores();
    worker_start();
  }
  const std::vector<Figure> &figures() const { return figures_; }

private:
  bool wanted(const std::string &name) const { return words_.want("render/" + name); }

  /// By turns, so that whatever else the machine does falls on both.
  void measure(Figure figure, double units, const std::function<bool()> &work,
               const std::function<bool()> &reference) {
    if (!reference()) {
      fmt::print(stderr, "bench-render: {} is left out: {} cannot be run\n", figure.name, figure.reference);
      return;
    }
    if (!work()) give_up(figure.name + " did not come out clean");
    for (unsigned round = 0; round < rounds_; ++round) {
      figure.reference_values.push_back(milliseconds(reference) / units);
      figure.values.push_back(milliseconds(work) / units);
    }
    figures_.push_back(std::move(figure));
  }

  void document(const std::string &name, unsigned pages, const std::function<std::string()> &make) {
    bool any = wanted(name + "-size") || wanted(name + "-one-core");
    for (const Peer &peer : peers)
      any = any || wanted(name + peer.suffix);
    if (!any) return;
    const std::string pdf = make();
    const PeerFolder folder(pdf);
    const auto work = [&] { return sanitize(sanitizer_, pdf).status == job::Status::clean; };
    for (const Peer &peer : peers)
      if (wanted(name + peer.suffix))
        measure({"render/" + name + peer.suffix, "ms/page", peer.what, {}, {}}, pages, work,
                [&] { return folder.run(peer); });
    if (wanted(name + "-size") && folder.run(peers[0])) {
      const double own = static_cast<double>(sanitize(sanitizer_, pdf).output.size()) / 1024 / pages;
      const double other = static_cast<double>(folder.output_size()) / 1024 / pages;
      figures_.push_back({"render/" + name + "-size", "KiB/page", peers[0].what, {own}, {other}});
    }
    if (!wanted(name + "-one-core")) return;
    const OneCore one;
    client::Sanitizer pinned = start_sanitizer();
    measure({"render/" + name + "-one-core", "ms/page", peers[0].what, {}, {}}, pages,
            [&] { return sanitize(pinned, pdf).status == job::Status::clean; },
            [&] { return folder.run(peers[0]); });
  }

  /// Whole documents.  A worker that was used is replaced while nobody's clock runs.
  void office(const OfficeSample &sample) {
    const std::string name = fmt::format("render/{}", sample.ending);
    if (!wanted(sample.ending)) return;
    const PeerFolder folder(sample.octets, fmt::format("in.{}", sample.ending));
    const auto settled = [](const std::function<bool()> &work) {
      ::usleep(office_starts_within);
      return milliseconds(work);
    };
    const auto work = [&] { return sanitize(sanitizer_, sample.octets).status == job::Status::clean; };
    if (!folder.run(cold_office) || !work()) {
      fmt::print(stderr, "bench-render: {} is left out: LibreOffice is not installed\n", name);
      return;
    }
    Figure figure{name, "ms", cold_office.what, {}, {}};
    for (unsigned round = 0; round < rounds_; ++round) {
      figure.reference_values.push_back(settled([&] { return folder.run(cold_office); }));
      figure.values.push_back(settled(work));
    }
    figures_.push_back(std::move(figure));
  }

  void jail(unsigned pages) {
    const std::string name = fmt::format("jail-{}-page{}", pages, pages > 1 ? "s" : "");
    if (!wanted(name)) return;
    const std::string pdf = text_document(pages);
    const OneCore one;
    client::Sanitizer pinned = start_sanitizer();
    const unsigned times = pages > 1 ? 3 : 20;
    const auto repeated = [&](const std::function<bool()> &work) {
      return [&work, times] {
        for (unsigned i = 0; i < times; ++i)
          if (!work()) return false;
        return true;
      };
    };
    const std::function<bool()> jailed = [&] {
      return sanitize(pinned, pdf).status == job::Status::clean;
    };
    const std::function<bool()> here = [&] { return in_process(pdf); };
    measure({"render/" + name, "ms/page", "in process", {}, {}}, pages * times, repeated(jailed),
            repeated(here));
  }

  void two_cores() {
    if (!wanted("two-cores")) return;
    const std::string pdf = text_document(2 * pages_);
    const OneCore one;
    client::Sanitizer pinned = start_sanitizer();
    Figure figure{"render/two-cores", "times", "one core", {}, {}};
    for (unsigned round = 0; round <= rounds_; ++round) {
      const double alone = milliseconds([&] { return !sanitize(pinned, pdf).output.empty(); });
      const double both = with_all_cores(pdf);
      if (round == 0) continue; // warm
      figure.values.push_back(alone / both);
      figure.reference_values.push_back(1);
    }
    figures_.push_back(std::move(figure));
  }
  double with_all_cores(const std::string &pdf) {
    cpu_set_t pinned, all;
    ::sched_getaffinity(0, sizeof pinned, &pinned);
    CPU_ZERO(&all);
    for (long cpu = 0; cpu < ::sysconf(_SC_NPROCESSORS_ONLN); ++cpu)
      CPU_SET(static_cast<int>(cpu), &all);
    ::sched_setaffinity(0, sizeof all, &all);
    const double time = milliseconds([&] { return !sanitize(sanitizer_, pdf).output.empty(); });
    ::sched_setaffinity(0, sizeof pinned, &pinned);
    return time;
  }

  void worker_start() {
    if (!wanted("worker-start")) return;
    constexpr unsigned times = 200;
    Result<client::Zygote> zygote = client::Zygote::start(sanitizer_program());
    if (!zygote) give_up(zygote.error().what);
    measure({"render/worker-start", "ms", "fork, exec and end of /bin/true", {}, {}}, times,
            [&] {
              for (unsigned i = 0; i < times; ++i)
                if (!zygote->ask(client::protocol::Worker::file, 1000, monotonic_ns() + 1'000'000'000))
                  return false;
              return true;
            },
            [&] {
              for (unsigned i = 0; i < times; ++i) {
                const pid_t child = ::fork();
                if (child == 0) {
                  ::execl("/bin/true", "true", nullptr);
                  ::_exit(1);
                }
                int status = 1;
                if (child < 0 || ::waitpid(child, &status, 0) < 0 || status != 0) return false;
              }
              return true;
            });
  }

  unsigned rounds_, pages_, scans_;
  Words words_;
  client::Sanitizer sanitizer_;
  std::vector<Figure> figures_;
};

std::string as_json(const std::vector<Figure> &figures) {
  std::string text;
  for (const Figure &f : figures) {
    const double value = median(f.values), reference = median(f.reference_values);
    text += fmt::format(
        "{}{{\"name\": \"{}\", \"value\": {:.3f}, \"unit\": \"{}\", \"min\": {:.3f}, "
        "\"max\": {:.3f}, \"runs\": {}, \"reference\": \"{}\", \"reference_value\": {:.3f}, "
        "\"ratio\": {:.3f}}}",
        text.empty() ? "" : ",\n  ", f.name, value, f.unit,
        *std::min_element(f.values.begin(), f.values.end()),
        *std::max_element(f.values.begin(), f.values.end()), f.values.size(), f.reference,
        reference, value / reference);
  }
  return "{\"figures\": [\n  " + text + "\n]}\n";
}

std::string as_table(const std::vector<Figure> &figures) {
  std::string text = fmt::format("{:30} {:>9} {:8} {:>9} {:>7}  {}\n", "figure", "median", "unit",
                                 "reference", "ratio", "reference is");
  for (const Figure &f : figures)
    text += fmt::format("{:30} {:9.2f} {:8} {:9.2f} {:7.3f}  {}\n", f.name, median(f.values),
                        f.unit, median(f.reference_values),
                        median(f.values) / median(f.reference_values), f.reference);
  return text;
}

int run(const Words &words) {
  if (const rebuild::Engines engines = rebuild::warm_up(""); !engines.pdf) {
    for (const std::string &missing : engines.missing)
      fmt::print(stderr, "bench-render: missing {}\n", missing);
    return 1;
  }
  Bench bench(words);
  bench.run();
  fmt::print("{}", words.json ? as_json(bench.figures()) : as_table(bench.figures()));
  return bench.figures().empty() ? 1 : 0;
}

} // namespace
} // namespace sekisho::bench

int main(int count, char **arguments) { return sekisho::bench::run(sekisho::bench::read_words(count, arguments)); }
