// Threads that wait for the sanitizer, so that the loop need not.
#pragma once

#include "gateway/relay/cleaner.hh"
#include "gateway/relay/keeper.hh"
#include "rules/ruleset.hh"

namespace sekisho::relay {

class Treater {
public:
  /// `scan`: channel to the scan role (scan::scan_remotely), borrowed; -1: none, then no mail passes that must be
  /// scanned.
  Treater(net::io_context &loop, MakeCleaner make_cleaner, std::size_t threads, int scan);
  ~Treater();

  /// `mail` is the original, `sha256` its digest where it is known; plan and scanner come from the rules.
  Task<job::Outcome> treat(const spool::Envelope &envelope, std::string sha256, job::Plan plan,
                           std::optional<rules::ScanRule> scan, SharedBuffer mail);

private:
  struct Request {
    std::string receipt, authentication;
    UnixSeconds accepted = 0;
    std::vector<Reason> known;
    std::string sha256;
    job::Plan plan;
    std::optional<rules::ScanRule> scan;
    SharedBuffer mail;
    std::function<void(job::Outcome)> tell;
  };
  void run();
  std::optional<job::Outcome> held_by_scan(const Request &request, const job::Job &job) const;

  net::io_context &loop_;
  MakeCleaner make_cleaner_;
  const int scan_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Request> requests_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

} // namespace sekisho::relay
