// Certificates that end soon are told once a day: in the log, in the record, and all the while in `sekisho status`.
#pragma once

#include "gateway/relay/recorder.hh"
#include "gateway/role/channel/secrets.hh"
#include "rules/ruleset.hh"

#include <map>
#include <string>
#include <vector>

namespace sekisho::relay {

struct EndingCertificate {
  std::string relay, what, file; // file empty: it came with the rules
  UnixSeconds ends = 0;
  /// Whole ones from now on; negative: since it ended.
  std::int64_t days(UnixSeconds now) const;
  auto operator<=>(const EndingCertificate &) const = default;
};

/// Those that rules name: a door's own, the issuers of its clients, the issuers of next hops.  Of issuers the last to end counts.
std::vector<EndingCertificate> certificates_of(const rules::RuleSet &rules, const role::Secrets &secrets);

class CertificateWatch {
public:
  CertificateWatch(net::io_context &loop, Recorder &recorder) : recorder_(recorder), timer_(loop) {}

  /// Whatever is new among them is told at once.
  void set(std::vector<EndingCertificate> certificates);
  Task<void> watch();
  /// What ends within tls::warn_days, or has ended.
  std::vector<EndingCertificate> ending(UnixSeconds now) const;
  /// What of it was not told on this day yet; now it is.
  std::vector<EndingCertificate> due(UnixSeconds now);

private:
  void tell();

  Recorder &recorder_;
  net::steady_timer timer_;
  std::vector<EndingCertificate> certificates_;
  std::map<EndingCertificate, std::int64_t> told_; // on which day
};

} // namespace sekisho::relay
