// The mail half put together: doors, journeys, keeper, treater, recorder, and the orders of the supervisor.
#pragma once

#include "gateway/relay/certificate_watch.hh"
#include "gateway/relay/clock_watch.hh"
#include "gateway/relay/disk_watch.hh"
#include "gateway/relay/doors.hh"
#include "gateway/relay/holds.hh"

namespace sekisho::relay {

struct RelayParts {
  role::Channel orders, control, record; // any may be missing: tests, benches
  std::vector<int> listeners; // borrowed; one a relay, in the order of RuleSet::relays()
  std::string spool_folder;
  UnixSeconds recorded_until = 0; // as Receipts::open has it
  role::Secrets secrets; // what the rules name
  spool::Keys keys; // of spool and hold
  spool::SpoolSettings spool;
  spool::HoldSettings hold;
  MakeCleaner make_cleaner;
  int scan = -1; // channel to the scan role, borrowed
};

/// Makes the folders of the spool, owned by the user that will write there.  Before the jail.
Result<void> prepare_folders(const std::string &spool_folder, uid_t uid, gid_t gid);

class Relay {
public:
  static Result<std::unique_ptr<Relay>> open(RelaySettings settings,
                                             std::shared_ptr<const rules::RuleSet> rules,
                                             std::string_view severed, RelayParts parts);
  ~Relay();

  /// Serves until `stop` or stop().
  void run();
  /// From any thread.
  void stop();
  /// Orders as the supervisor gives them; on the loop's thread.
  void set_severed(std::string_view names);
  /// Errors: a relay without a listening socket (the role must be started anew for it), or without its certificate.
  Result<void> set_rules(std::shared_ptr<const rules::RuleSet> rules, const role::Secrets &secrets = {});
  std::string status() const;
  Queue &queue() { return *queue_; }
  net::io_context &loop() { return loop_; }

private:
  Relay(RelaySettings settings, std::shared_ptr<const rules::RuleSet> rules, std::string_view severed);
  Result<void> put_together(RelayParts parts);
  Task<void> obey(role::Channel channel);
  void obey(role::Channel channel, const role::Message &message);
  Result<void> load(const role::Message &message);
  Result<void> take_secrets(const rules::RuleSet &rules, const role::Secrets &secrets);
  Task<void> answer_queue(role::Channel channel, std::uint32_t id, std::string question);
  Task<void> answer_breaker(role::Channel channel, std::uint32_t id, std::string question);
  Task<void> wind_up();

  net::io_context loop_{1};
  RelaySettings settings_;
  Policy policy_;
  Counters counters_;
  std::unique_ptr<spool::Disk> spool_disk_, hold_disk_;
  std::unique_ptr<Recorder> recorder_;
  std::unique_ptr<ClockWatch> clock_;
  std::unique_ptr<Receipts> receipts_;
  std::unique_ptr<Keeper> keeper_;
  std::unique_ptr<Treater> treater_;
  std::unique_ptr<Queue> queue_;
  std::unique_ptr<Gatekeeper> gatekeeper_;
  std::unique_ptr<Journeys> journeys_;
  std::unique_ptr<Holds> holds_;
  std::unique_ptr<DiskWatch> disk_watch_;
  std::unique_ptr<CertificateWatch> certificates_;
  std::unique_ptr<Doors> doors_;
  bool stopping_ = false;
};

} // namespace sekisho::relay
