// What people do with the hold (H2, L11, X5): look, release, delete; and what time does: retention by rule.  Every step
// is recorded with who asked and why, before it is done: what cannot be recorded is not done.
//
//   question  one JSON object, as control passes it on:
//             {"what": "list", "relay", "sender", "recipient", "reason", "since", "until", "limit"}   each may be missing
//             {"what": "show" | "preview", "receipts": "one", "as": words of release.hh}
//             {"what": "release", "receipts": "one or more", "because": "…", "as": …, "original": true,
//              "to": "addresses, of its recipients and those who have it; none: its recipients",
//              "again": true, where it was released before}
//             {"what": "delete", "receipts": "one or more", "because": "…"}
//             and "who": {"uid", "pid", "user"} as the kernel tells it; the name as the supervisor does, none: nobody has the number
//   answer    list     {"held": [{…}], "more": true when there are, "count", "octets"}; of many recipients the first ones
//             show     {"held": {…, "reached": who has a harmless form}, "report": {…}}; held: "on_its_way": true of what was released
//                      and is not over
//             preview  {"receipt", "outcome", "reason", "report": {…}, "mail": "the harmless form"}
//             release, delete   {"done": ["receipt"…], "failed": [{"receipt", "reason", "error"}…]}
#pragma once

#include "gateway/relay/journey.hh"

#include <nlohmann/json.hpp>

#include <set>

namespace sekisho::relay {

class Holds {
public:
  Holds(net::io_context &loop, Policy &policy, Recorder &recorder, Keeper &keeper, Treater &treater,
        Journeys &journeys, ClockWatch &clock);

  /// Answers on `channel` when it is done.
  Task<void> answer(role::Channel channel, std::uint32_t id, std::string question);
  /// Deletes what a rule's time is over for; every minute until the loop ends.
  Task<void> watch();
  Task<void> sweep();

private:
  using Json = nlohmann::ordered_json;
  struct Asked; // a question, checked
  Result<Asked> read(const std::string &untrusted) const;
  Task<Result<Json>> act(Asked asked);
  Task<bool> has_relay(std::string name);
  Task<Result<Json>> list(Asked asked);
  Task<Result<Json>> show(Asked asked);
  Task<Result<Json>> preview(Asked asked);
  Task<Result<Json>> release(Asked asked);
  Task<Result<Json>> erase(Asked asked);
  struct Failed {
    Reason reason = Reason::none; // none where `error` says more than a reason could
    std::string error;            // empty: it is done
  };
  /// Two orders about one mail at once could each undo the other's; the second is told so.
  class Ordered {
  public:
    Ordered(std::set<std::string> &all, const std::string &receipt)
        : all_(all), receipt_(receipt), is_first_(all.insert(receipt).second) {}
    ~Ordered() {
      if (is_first_) all_.erase(receipt_);
    }
    Ordered(const Ordered &) = delete;
    bool is_first() const { return is_first_; }

  private:
    std::set<std::string> &all_;
    const std::string receipt_;
    const bool is_first_;
  };
  Task<Failed> release_one(const Asked &asked, const std::string &receipt);
  static Result<spool::Envelope> chosen(const Asked &asked, const spool::Held &held);
  Failed not_done(const char *word, const std::string &receipt);
  Task<Failed> erase_one(const Asked &asked, const std::string &receipt);
  static void note(Json &answer, const std::string &receipt, const Failed &failed);
  Task<Result<spool::Held>> find(std::string receipt, Buffer *original);
  Task<bool> record(const char *word, const Asked &asked, std::string receipt, Reason reason);
  Task<void> sweep(std::string relay, Ages::Span span);

  Policy &policy_;
  Recorder &recorder_;
  Keeper &keeper_;
  Treater &treater_;
  Journeys &journeys_;
  ClockWatch &clock_;
  net::steady_timer timer_;
  std::set<std::string> ordered_; // receipts about which an order is being carried out
};

} // namespace sekisho::relay
