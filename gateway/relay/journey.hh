// One mail's way through the gateway, in one function a mail (travel): kept → treated → delivered or held →
// done.  A crash anywhere begins it again from the durable original; the sanitizer makes the same of it.
#pragma once

#include "gateway/relay/clock_watch.hh"
#include "gateway/relay/counters.hh"
#include "gateway/relay/digester.hh"
#include "gateway/relay/doors.hh"
#include "gateway/relay/gatekeeper.hh"
#include "gateway/relay/keeper.hh"
#include "gateway/relay/notices.hh"
#include "gateway/relay/policy.hh"
#include "gateway/relay/queue.hh"
#include "gateway/relay/receipts.hh"
#include "gateway/relay/recorder.hh"
#include "gateway/relay/routes.hh"
#include "gateway/relay/release.hh"
#include "gateway/relay/throttle.hh"
#include "gateway/relay/treater.hh"

#include <set>

namespace sekisho::relay {

class Journeys {
public:
  Journeys(net::io_context &loop, const RelaySettings &settings, Policy &policy, Counters &counters,
           Recorder &recorder, Keeper &keeper, Treater &treater, Gatekeeper &gatekeeper, Queue &queue, ClockWatch &clock, Receipts &receipts);

  /// A mail that was read to its end: durable and recorded, or not taken.
  Task<Taken> take(smtp::Mail mail, std::string client_ip, std::string relay);
  /// What an earlier process left.
  void resume(const std::map<spool::MailId, spool::Envelope> &waiting,
              const std::map<spool::MailId, std::string> &orders,
              const std::map<spool::MailId, std::vector<std::string>> &reached);
  /// A mail from the hold goes its way once more, from its original.  None: durable, and on its way.
  Task<Reason> release(spool::Envelope envelope, SharedBuffer original, Release release);
  /// Severed zones and next hops as the policy has them now.
  void policy_changed();
  std::size_t under_way() const;
  /// Of those; until a later try, other rules, or room in the hold.
  std::size_t resting() const;
  /// How many of each relay that the rules have no more.
  std::map<std::string, std::size_t> astray() const;
  /// Of those, by relay: that wait for room in the hold, where what the rules grant of it is used up.
  std::map<std::string, std::size_t> without_room() const;
  std::size_t memory() const { return memory_; }
  bool is_on_its_way(const std::string &receipt) const { return released_.contains(receipt) || queue_.has(receipt); }
  std::size_t in_hand() const;

private:
  struct Failed {
    Notice::About about;
    spool::Notify notify;
  };
  /// What became of the recipients in one attempt.
  struct Sorted {
    std::vector<std::size_t> reached, open; // places in the envelope
    std::string event;                      // mail-delivered; empty: nobody got it
  };
  struct Traveller {
    spool::MailId id = 0;
    spool::Envelope envelope;
    SharedBuffer original; // may be dropped: the spool has it
    std::string sha256;    // of it; empty: left by an earlier process
    Release release;       // of one from the hold
    job::Outcome outcome;
    std::string subject, report; // for the hold, of a form that was forgotten
    std::uint64_t treated_under = 0; // Policy::treatment_number()
    std::uint64_t judged_under = 0;  // Policy::rules_number(): whom it may go to
    bool may_have_arrived = false; // a next hop had all of it, and its answer was not heard
    bool is_lost = false;       // its octets are harmed on disk: what is known of it is all that is left
    std::string introduction;   // mail-received, until the record has it; empty: left by an earlier process
    bool is_without_room = false; // counted in its relay's load
    std::size_t charged = 0;    // octets of it in memory_
    bool has_place = false;     // one of its relay's, where the memory is full
    bool told = false;          // mail-treated went to the record
    std::vector<Failed> failed; // cannot get it, and nobody was told yet
    std::vector<Failed> bounced; // cannot get it, and the sender knows
    std::vector<std::string> reached; // who has it, in all attempts
    SteadyClock::time_point tell_again{}; // the delay; there was no room for the notice
    std::size_t fruitful = 0;   // the last attempt that reached somebody; waits grow with those in vain
    std::shared_ptr<QueueEntry> entry = {};
  };
  enum class Next : std::uint8_t { again, over };
  /// Why one goes no further: a person keeps it, its way is shut for now, or its rule is over.
  struct Still {
    enum class What : std::uint8_t { open, held, shut, over } what = What::open;
    Reason reason = Reason::none;
    std::string words; // where no reason says it
  };
  /// Of one that goes no further for now: its sender is to be told, or it is given up.
  enum class Standing : std::uint8_t { free, patient, delayed, overdue };

  Task<void> travel(Traveller mail);
  Task<void> rest(const Traveller &mail, Seconds seconds);
  Task<void> keep_from_piling(const std::string &relay);
  Still standstill(const Traveller &mail) const;
  static bool has_expired(const rules::Relay &relay);
  Still why_shut(const rules::Relay &relay, const spool::Envelope &envelope) const;
  Standing standing_of(const Traveller &mail, const Still &still) const;
  Task<void> stand(Traveller &mail, Still still);
  Task<void> give_up(Traveller &mail, Still still);
  Task<bool> treat(Traveller &mail);
  void let_go(Traveller &mail);
  void forget_form(Traveller &mail);
  void drop_form(Traveller &mail);
  void charge(Traveller &mail);
  Task<bool> pass_original(Traveller &mail);
  Task<std::optional<job::Outcome>> treat_once(Traveller &mail, job::Plan plan, std::optional<rules::ScanRule> scan);
  Task<bool> take_turn(Traveller &mail);
  void end_turn();
  Task<Next> deliver(Traveller &mail);
  Sorted sort_answers(Traveller &mail, const Attempt &attempt);
  static Notice::About about_of(const Traveller &mail, std::size_t place, Reason reason, const std::string &answer,
                                const std::string &next_hop);
  static void fail_recipient(Traveller &mail, std::size_t place, Reason reason, const std::string &answer,
                             const std::string &next_hop);
  Task<void> settle(Traveller &mail, const Attempt &attempt, Sorted &sorted);
  Task<Next> judge_destinations(Traveller &mail);
  Task<void> keep_open(Traveller &mail, const std::vector<std::size_t> &places, std::size_t before);
  Task<void> defer(Traveller &mail, std::vector<Notice::About> about, bool may_have_arrived);
  bool is_released(const Traveller &mail) const { return released_.contains(mail.envelope.receipt); }
  static void serve_only(spool::Envelope &envelope, const std::vector<Failed> &these);
  spool::Held held_of(const Traveller &mail, Reason reason, bool all_served) const;
  Task<void> hold(Traveller &mail, Reason reason, bool record);
  void set_without_room(Traveller &mail, bool is_so);
  Task<std::vector<std::string>> who_had_it(std::string receipt);
  Task<void> stop(Traveller &mail);
  Task<Result<Buffer>> read_back(Traveller &mail);
  Task<void> lie_lost(Traveller &mail);

  // notifying.cc: what its sender is told
  Task<bool> compose(Traveller &mail);
  Task<bool> tell_sender(const Traveller &mail, Notice notice);
  Task<void> tell_failed(Traveller &mail);
  Task<void> tell_relayed(const Traveller &mail, const Attempt &attempt, const std::vector<std::size_t> &reached);
  Task<void> tell_delayed(Traveller &mail, std::vector<Notice::About> about);
  std::optional<Seconds> until_delay_is_told(const Traveller &mail) const;

  Task<void> pause(Seconds seconds);
  smtp::Outgoing outgoing(const Traveller &mail, const rules::Relay &relay) const;
  std::string trace(const Traveller &mail, const rules::Relay &relay) const;
  Routes &routes(const rules::Relay &relay);
  bool may_go(const QueueEntry &entry) const;
  Task<void> end_way(Traveller &mail);
  Task<void> finish(Traveller &mail);
  Seconds next_wait(const Traveller &mail) const;
  UnixSeconds left_to_try(const Traveller &mail, const rules::PatienceRule &patience) const;
  Task<void> watch();

  net::io_context &loop_;
  const RelaySettings &settings_;
  Policy &policy_;
  Counters &counters_;
  Recorder &recorder_;
  Keeper &keeper_;
  Treater &treater_;
  Gatekeeper &gatekeeper_;
  Queue &queue_;
  ClockWatch &clock_;
  Receipts &receipts_;
  std::map<std::string, std::unique_ptr<Routes>> routes_; // by relay
  Throttle throttle_;
  Digester digester_;
  net::steady_timer timer_;
  struct Load {
    std::size_t under_way = 0, resting = 0; // mails; those that rest wait for a later try
    std::size_t without_room = 0;           // mails: what the rules grant of the hold is used up
    std::size_t places = 0;                 // taken in memory though it is full
  };
  std::map<std::string, Load> loads_; // by relay
  std::set<std::string> released_; // receipts put on their way once more, until they are over
  std::size_t memory_ = 0; // octets of originals and of harmless forms in memory
  std::size_t turns_ = 0;  // originals read back from the spool
  std::deque<std::shared_ptr<Waiter<bool>>> waiting_turns_;
};

} // namespace sekisho::relay
