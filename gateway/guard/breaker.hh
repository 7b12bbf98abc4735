// The breaker of a relay (M2): counts mails by sender, client, relay and likeness of their text, and says when there
// are more than the rule takes for everyday mail.  Bounded; the time is passed in.
#pragma once

#include "gateway/guard/likeness.hh"
#include "rules/relay_guard.hh"

#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace sekisho::guard {

struct Counted {
  std::string sender, client; // empty sender: a notice, which counts for no sender
  std::uint32_t recipients = 1;
  Sketch text = {};
  bool is_claimed = false; // the sender: anybody may write his name, it counts for him who comes from this client
};

struct Trip {
  rules::MassLimit limit;
  std::string who; // sender, client, or "SENDER from CLIENT"; empty of relay and text
};

/// "more than 200 mails per minute per sender (a@town.example.lg.jp)"
std::string words_of(const Trip &trip);

class Breaker {
public:
  explicit Breaker(std::size_t most_counted = 50'000) : most_(most_counted) {}

  /// Counts the mail against every limit of its relay.  Nothing: it may pass; else it counts for none of them.
  /// `now`: seconds of a clock that only goes forward.
  std::optional<Trip> count(const std::string &relay, const std::vector<rules::MassLimit> &limits, const Counted &mail,
                            double now);
  /// A mail that was counted was not kept after all: it comes again.
  void take_back(const std::string &relay, std::span<const rules::MassLimit> limits, const Counted &mail, double now);
  /// Begins anew: a person has started the relay again.
  void forget(const std::string &relay);
  std::size_t size() const { return windows_.size(); }

private:
  /// Two stretches of time; the one before counts by how much of it is still in sight.
  struct Window {
    std::uint64_t index = 0; // of the present stretch
    double before = 0, present = 0;
    std::uint32_t seconds = 60;
    double add(double mails, double now);
    bool is_over(double now) const;
  };
  struct Cluster {
    Sketch centre;
    Window minute{.seconds = 60}, hour{.seconds = 3600};
    double last = 0;
  };

  Window *window(const std::string &key, const rules::MassLimit &limit, double now);
  std::optional<double> add(const std::string &relay, const rules::MassLimit &limit, const Counted &mail, double mails,
                            double now);
  Cluster &cluster(const std::string &relay, const Sketch &text);

  std::size_t most_;
  double next_sweep_ = 0;
  std::unordered_map<std::string, Window> windows_; // "relay\0what\0who"
  std::unordered_map<std::string, std::vector<Cluster>> clusters_; // by relay
};

} // namespace sekisho::guard
