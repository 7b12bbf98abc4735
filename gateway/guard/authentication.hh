// SPF, DKIM and DMARC together, as they are told: Authentication-Results (RFC 8601) and reasons (X4).
#pragma once

#include "base/reason.hh"
#include "gateway/guard/dmarc.hh"

namespace sekisho::guard {

struct Authentication {
  SpfOutcome spf;
  std::vector<DkimOutcome> dkim;
  DmarcOutcome dmarc;
};

class Authenticator {
public:
  /// Message and query are borrowed.
  Authenticator(const Message &message, const SpfQuery &query, UnixSeconds now)
      : message_(message), query_(query), now_(now) {}
  /// False: `lookups` has more to ask for.
  bool go_on(Lookups &lookups);
  Authentication take();

private:
  const Message &message_;
  const SpfQuery &query_;
  UnixSeconds now_;
  std::optional<SpfOutcome> spf_;
  std::optional<std::vector<DkimOutcome>> dkim_;
  std::optional<DmarcOutcome> dmarc_;
};

/// The field's value on one line: "gate.example; spf=pass smtp.mailfrom=a@b.example; …".  Printable ASCII only.
std::string authentication_results(std::string_view host_name, const SpfQuery &query, const Authentication &found);
/// "gate.example; none": nothing was asked.
std::string no_authentication_results(std::string_view host_name);

/// The mail without Authentication-Results that bear our name (RFC 8601 §5): of a mail that leaves as it came they are not ours.
Buffer without_results_of(std::string_view host_name, Buffer mail);

/// What a reader should know; nothing where From is shown to be of its domain.
std::vector<Reason> findings(const Authentication &found);

/// It was shown that the domain of this address, which readers are shown as the sender's, has sent it.
bool is_shown_to_be_of(const Authentication &found, std::string_view address);

/// The domain in From asks to refuse what is not shown to be from it, and this is not; or no domain can be asked.
bool is_to_be_rejected(const Authentication &found);

} // namespace sekisho::guard
