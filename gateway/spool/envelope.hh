// What is kept with a mail: who, to whom, by which relay, since when.
#pragma once

#include "base/clock.hh"
#include "base/reason.hh"
#include "base/result.hh"
#include "base/bytes.hh"

#include <string>
#include <vector>

namespace sekisho::spool {

/// What the sender asked to be told (RFC 3461).
struct Notify {
  bool given = false; // NOTIFY stood there; else success no, failure and delay yes
  bool success = false, failure = true, delay = true;
  std::string original; // ORCPT as it stood, xtext; empty: none
  bool operator==(const Notify &) const = default;
};

/// RET (RFC 3461 §4.3): what a report of failure is to have of the mail.  For those who report; ours has four fields, whatever is said.
enum class Return : std::uint8_t { unsaid, headers, full };

struct Envelope {
  std::string receipt;
  std::string from; // empty: null sender
  std::vector<std::string> recipients;
  std::string relay;     // name in the rules
  std::string client_ip; // of the peer
  std::string helo;
  UnixSeconds accepted = 0;
  std::uint32_t hops = 0;
  bool utf8 = false;
  bool by_helo = false;       // it came without service extensions
  std::vector<Notify> notify; // by recipient; shorter: the others asked for nothing
  std::string envelope_id;    // ENVID as it stood, xtext; empty: none
  Return returned = Return::unsaid;
  bool require_tls = false;   // RFC 8689
  std::string tls;            // "TLSv1.3 TLS_AES_256_GCM_SHA384", by which it came; empty: none
  std::string authentication; // value of Authentication-Results (RFC 8601); empty: none
  std::vector<Reason> known;  // what was found before treatment, for the reader
  bool operator==(const Envelope &) const = default;
};

/// By its word: numbers change from version to version.
void put_reason(ByteWriter &writer, Reason reason);
/// Reason::none for a word of another version.
Reason take_reason(ByteReader &reader);

/// Octets of the mail may follow.
Buffer encode(const Envelope &envelope);
/// Takes it off the reader.  Our own disk is input too: everything is range-checked.
Result<Envelope> decode_envelope(ByteReader &reader);

} // namespace sekisho::spool
