// A figure: measured in rounds, beside its reference, round by round.
#pragma once

#include <nlohmann/json.hpp>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace sekisho::bench {

using Json = nlohmann::ordered_json;

/// One round of a measurement.
struct Sample {
  double value = 0;
  double core_share = 1; // of the wall time, that the measuring thread had its processor
};

struct Figure {
  std::string name, unit;
  std::function<Sample()> measure;
  std::string reference;                       // what it is; empty: none
  std::function<Sample()> measure_reference{}; // may be empty when there is none
  std::function<Json(double)> more{};          // further members of its JSON, from the median
};

/// How figures are printed: for people, as one JSON line each when it is measured, or all as one
/// object.
enum class Output : std::uint8_t { table, lines, object };

class Session {
public:
  Session(bool quick, Output output, std::vector<std::string> wanted)
      : quick_(quick), output_(output), wanted_(std::move(wanted)) {}

  bool wants(std::string_view name) const;
  bool is_quick() const { return quick_; }
  int rounds() const { return quick_ ? 3 : 5; }
  /// Seconds of one round.
  double seconds() const { return quick_ ? 0.15 : 0.6; }

  /// Runs `group`; what it throws ends it, is told, and makes the whole run fail.
  void guard(std::string_view group, const std::function<void()> &work);

  /// Runs the rounds, figure and reference in turns, and keeps the result.  A round whose core
  /// share is below 0.98 is done again, at most as often as there are rounds; what is below then
  /// stays, and is told.
  void run(const Figure &figure);
  void add(Json figure);
  /// Prints what is still to be printed; the exit status.
  int finish() const;

private:
  void run_rounds(const Figure &figure);

  bool quick_;
  Output output_;
  std::vector<std::string> wanted_;
  Json figures_ = Json::array();
  bool has_failed_ = false;
};

/// Seconds of processor time of this thread, and of the clock.
struct Seconds {
  double processor = 0, wall = 0;
  static Seconds now();
  Seconds operator-(const Seconds &other) const {
    return {processor - other.processor, wall - other.wall};
  }
  double share() const { return wall > 0 ? processor / wall : 1; }
};

/// Calls `turn` (returns packets) for `seconds` of processor time.
struct Count {
  double packets = 0;
  Seconds time;
  Sample ns_a_packet() const { return {time.processor * 1e9 / packets, time.share()}; }
  Sample mpps() const { return {packets / time.processor / 1e6, time.share()}; }
};
template <class Turn> Count count_packets(double seconds, Turn turn) {
  Count count;
  Seconds begin = Seconds::now();
  do {
    for (int i = 0; i < 64; ++i)
      count.packets += static_cast<double>(turn());
    count.time = Seconds::now() - begin;
  } while (count.time.processor < seconds);
  return count;
}

double median(std::vector<double> values);

/// Binds this thread to the last processor but `from_last` of those it may use.
bool pin(std::size_t from_last = 0);

} // namespace sekisho::bench
