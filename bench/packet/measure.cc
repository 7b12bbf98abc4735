#include "bench/packet/measure.hh"

#include <fmt/format.h>

#include <sched.h>

#include <algorithm>
#include <ctime>

namespace sekisho::bench {
namespace {

constexpr double enough_share = 0.98;

double seconds_of(clockid_t clock) {
  timespec time{};
  ::clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

} // namespace

Seconds Seconds::now() {
  return {seconds_of(CLOCK_THREAD_CPUTIME_ID), seconds_of(CLOCK_MONOTONIC)};
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  std::size_t middle = values.size() / 2;
  return values.size() % 2 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

bool Session::wants(std::string_view name) const {
  return wanted_.empty() || std::ranges::find(wanted_, name) != wanted_.end();
}

void Session::guard(std::string_view group, const std::function<void()> &work) {
  try {
    work();
  } catch (const std::exception &error) {
    fmt::print(stderr, "{} is left out: {}\n", group, error.what());
    has_failed_ = true;
  }
}

void Session::run(const Figure &figure) {
  guard(figure.name, [&] { run_rounds(figure); });
}

void Session::run_rounds(const Figure &figure) {
  std::vector<double> values, references;
  double lowest_share = 1;
  int spare = quick_ ? 0 : rounds();
  while (static_cast<int>(values.size()) < rounds()) {
    Sample reference;
    if (figure.measure_reference) reference = figure.measure_reference();
    Sample sample = figure.measure();
    double share = std::min(sample.core_share, reference.core_share);
    if (share < enough_share && spare-- > 0) continue;
    lowest_share = std::min(lowest_share, share);
    values.push_back(sample.value);
    if (figure.measure_reference) references.push_back(reference.value);
  }
  if (lowest_share < enough_share)
    fmt::print(stderr, "{}: the core was shared (it was ours for {:.2f} of the time)\n",
               figure.name, lowest_share);
  double value = median(values);
  Json json{{"name", figure.name},
            {"value", value},
            {"unit", figure.unit},
            {"min", std::ranges::min(values)},
            {"max", std::ranges::max(values)},
            {"runs", values.size()}};
  if (!references.empty()) {
    json["reference"] = figure.reference;
    json["reference_value"] = median(references);
    json["ratio"] = value / median(references);
  }
  json["core_share"] = lowest_share;
  if (figure.more) json.update(figure.more(value));
  add(std::move(json));
}

namespace {

void print_for_people(const Json &figure) {
  fmt::print("{:<28} {:9.3f} {:<10} ({:.3f} to {:.3f})", figure["name"].get<std::string>(),
             figure["value"].get<double>(), figure["unit"].get<std::string>(),
             figure["min"].get<double>(), figure["max"].get<double>());
  if (figure.contains("ratio"))
    fmt::print("  {} {:.3f}, ratio {:.3f}", figure["reference"].get<std::string>(),
               figure["reference_value"].get<double>(), figure["ratio"].get<double>());
  fmt::print("\n");
}

} // namespace

void Session::add(Json figure) {
  if (output_ == Output::table) print_for_people(figure);
  if (output_ == Output::lines) fmt::print("{}\n", figure.dump());
  std::fflush(stdout);
  figures_.push_back(std::move(figure));
}

int Session::finish() const {
  if (output_ == Output::object) fmt::print("{}\n", Json{{"figures", figures_}}.dump());
  return has_failed_ ? 1 : 0;
}

namespace {
/// Of the process as it was started: a thread inherits the one processor that its maker was bound to.
cpu_set_t processors_at_start() {
  cpu_set_t may;
  CPU_ZERO(&may);
  (void)::sched_getaffinity(0, sizeof may, &may);
  return may;
}
} // namespace

bool pin(std::size_t from_last) {
  static const cpu_set_t may = processors_at_start();
  cpu_set_t one;
  for (int cpu = CPU_SETSIZE - 1; cpu >= 0; --cpu) {
    if (!CPU_ISSET(cpu, &may) || from_last-- > 0) continue;
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    return ::sched_setaffinity(0, sizeof one, &one) == 0;
  }
  return false;
}

} // namespace sekisho::bench
