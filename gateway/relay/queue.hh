// The mails that are under way, as people see and steer them (`sekisho queue`): listed, stopped, sent on, tried at
// once, taken out.
//
//   question  {"action": "list" | "show" | "flush" | "hold" | "release" | "drop", …, "who": {"uid", "pid", "user"}}
//             chosen by "receipt", "relay", "recipient" (an address, a domain or "*@domain"), "sender" (or "<>"); "everything": true
//             chooses all; "why": hold and drop must say; "limit" of list
//   answer    list, show: {"total": n, "mails": [{"receipt", "relay", "sender", "recipients", "state", …}]}
//             the others: {"changed": n, "mails": [receipt, …]}; of hold and drop too: "handed_over": [of those, which may still
//             arrive], "too_late": [besides those, whose way was over]
#pragma once

#include "gateway/relay/net.hh"
#include "gateway/relay/policy.hh"
#include "gateway/relay/recorder.hh"
#include "gateway/relay/settings.hh"
#include "gateway/relay/steering.hh"
#include "gateway/spool/envelope.hh"

#include <nlohmann/json.hpp>

namespace sekisho::relay {

/// One mail as the queue knows it; its journey writes here how far it is.
struct QueueEntry {
  enum class State : std::uint8_t { treated, delivered, waiting, stopped, lost };
  const spool::Envelope *envelope = nullptr; // the journey's own
  State state = State::treated;              // what is being done, or waited for
  std::size_t attempts = 0;
  UnixSeconds retry_at = 0;      // waiting
  Reason still = Reason::none;   // stopped: why
  std::string why_still;         // where no reason says it
  Reason reason = Reason::none;  // why it was not delivered last time
  std::string answer, next_hop;  // then
  std::string answers;           // as JSON, where not all were told the same; the first ones
  bool for_hold = false;         // waits for room in the hold, and goes nowhere else
  bool given_up = false;         // dropped meanwhile: its original too
  Steered steered;
  net::steady_timer pause;       // ended early when something is ordered
  explicit QueueEntry(net::io_context &loop) : pause(loop) {}
};

class Queue {
public:
  Queue(net::io_context &loop, const Policy &policy, Recorder &recorder, Steering steering)
      : loop_(loop), policy_(policy), recorder_(recorder), steering_(std::move(steering)) {}

  /// A mail begins its way; `envelope` must stay until leave().
  std::shared_ptr<QueueEntry> enter(const spool::Envelope &envelope);
  void leave(const spool::Envelope &envelope);
  /// Before a mail of a former receipt is put on its way once more.  Errors: an order of before may come back.
  Result<void> begin_anew(const std::string &receipt) { return steering_.begin_anew(receipt); }
  bool has(const std::string &receipt) const;
  /// Until the time is over or somebody orders something.
  Task<void> wait(std::shared_ptr<QueueEntry> entry, Seconds seconds);
  void told_delay(QueueEntry &entry);
  /// Everybody has it: what a person ordered meanwhile is recorded as not done.
  void came_too_late(const QueueEntry &entry);

  /// The answer's text.  Errors: what to tell the person.
  Task<Result<std::string>> answer(std::string untrusted_question);

private:
  using Json = nlohmann::ordered_json;
  struct Question;

  static Result<Question> read(std::string_view untrusted);
  Result<void> may_choose(const Question &question) const;
  const QueueEntry *kept_from(const Question &question) const;
  bool is_chosen(const QueueEntry &entry, const Question &question) const;
  Json told(const QueueEntry &entry) const;
  std::string list(const Question &question) const;
  static Json event_of(const std::string &receipt, const Question &question);
  Task<Result<std::string>> change(Question question);
  bool concerns(const QueueEntry &entry, const Question &question) const;
  void obey(const std::string &receipt, const Steered &steered, const Question &question, Json &answer);

  net::io_context &loop_;
  const Policy &policy_;
  Recorder &recorder_;
  Steering steering_;
  std::multimap<std::string, std::shared_ptr<QueueEntry>> entries_; // by receipt; what an earlier version gave twice is ordered about together
};

} // namespace sekisho::relay
