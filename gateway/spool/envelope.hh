// What is kept with a mail: who, to whom, by which relay, since when.
#pragma once

#include "base/clock.hh"
#include "base/result.hh"
#include "base/bytes.hh"

#include <string>
#include <vector>

namespace sekisho::spool {

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
  bool operator==(const Envelope &) const = default;
};

/// Octets of the mail may follow.
Buffer encode(const Envelope &envelope);
/// Takes it off the reader.  Our own disk is input too: everything is range-checked.
Result<Envelope> decode_envelope(ByteReader &reader);

} // namespace sekisho::spool
