// What a sender is told of a mail of his: not delivered, delayed, or handed to a mail system that tells no more.
// RFC 3464, in Japanese and English.
//
// In the spool lie the facts, never a mail: the mail is written of them when it goes out, so that no octet of
// anybody's mail can go out this way.  Of the original only what the sanitizer read of four header fields is told.
#pragma once

#include "base/bytes.hh"
#include "base/clock.hh"
#include "base/reason.hh"
#include "base/result.hh"

#include <string>
#include <vector>

namespace sekisho::relay {

struct Notice {
  enum class Kind : std::uint8_t { failed, delayed, relayed };
  struct About { // one recipient
    std::string recipient;
    std::string original; // ORCPT as it stood, xtext; empty: none
    Reason reason = Reason::next_hop_refused;
    std::string answer;   // of the next hop, printable; empty: it said nothing
    std::string next_hop; // "10.2.0.25:25"; empty: none was asked
    bool operator==(const About &) const = default;
  };

  Kind kind = Kind::failed;
  std::string receipt;     // of the mail
  std::string sender;      // of the mail: who is told
  std::string envelope_id; // ENVID as it stood, xtext; empty: none
  UnixSeconds arrived = 0, time = 0;
  UnixSeconds until = 0; // delayed: when it will be given up; 0: a person says
  std::string from, to, subject, message_id; // as the sanitizer read them, UTF-8; empty: not known
  std::vector<About> about;
  bool operator==(const Notice &) const = default;
};

Buffer encode(const Notice &notice);
/// Our own disk is input too.  Errors: these are no such facts.
Result<Notice> decode_notice(Bytes untrusted);

/// The whole mail, CRLF lines of ASCII.  `receipt`: the notice's own.
Buffer write_notice(const Notice &notice, const std::string &host_name, const std::string &receipt);

/// "5.1.1" of what the next hop said, else what fits the reason (RFC 3463).
std::string status_of(Notice::Kind kind, const Notice::About &about);

} // namespace sekisho::relay
