// Of a relay: what is looked at before a mail is taken: authentication, destinations, forwarding, masses (M2, M5–M7, M11, X4).
#pragma once

#include "base/address.hh"
#include "base/reason.hh"
#include "rules/domain_list.hh"
#include "rules/subject.hh"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sekisho::rules {

/// What is done with the first mail of a sender (M11).
enum class UnknownSenders : std::uint8_t {
  ignore,
  tell, // in the note
  mark, // in the subject too: Plan::note_words have the words
};

/// Whose mails a limit counts (M2).
enum class MassPer : std::uint8_t { sender, client, relay, text };

/// So many mails in so long and the relay stops itself, or from outside takes no more for now.  A mail to several
/// recipients counts once for each.
struct MassLimit {
  MassPer per = MassPer::relay;
  std::uint32_t mails = 0;
  std::uint32_t seconds = 60; // or 3600
  bool operator==(const MassLimit &) const = default;
};

/// SPF, DKIM and DMARC (X4).
enum class Authentication : std::uint8_t {
  none,
  tell,   // the reader and the next hop
  refuse, // and what its domain's DMARC policy says to reject
};

struct Resolver {
  Ip address;
  std::uint16_t port = 53; // TCP
  ZoneId zone = no_zone;
};

/// The gateway's own DKIM signature on what leaves (RFC 6376).  The key is in a file that only root reads.
struct Signing {
  std::string domain, selector, key_file;
};

struct GuardRule {
  /// Lower case: "*", "*@a.example", "*@*.lg.jp" (all below) or an address; none: every recipient of the relay.
  std::vector<std::string> destinations;
  std::shared_ptr<const DomainList> free_mail, network_storage; // null: not refused
  bool refuse_forwarded = false;
  UnknownSenders unknown_senders = UnknownSenders::ignore;
  std::vector<MassLimit> mass;
  Authentication authentication = Authentication::none;
  std::optional<Resolver> resolver; // none: nothing is asked
  std::optional<Signing> signing;
};

/// none, free_mail, network_storage or domain_unlisted (M7).  `recipient` as in RCPT, any case.
Reason judge_destination(const GuardRule &rule, std::string_view recipient);

} // namespace sekisho::rules
