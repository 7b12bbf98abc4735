// Questions to a resolver and its answers, as octets (RFC 1035, RFC 7766: over TCP) and as values.  No sockets.
#pragma once

#include "base/address.hh"
#include "base/bytes.hh"
#include "base/result.hh"

#include <compare>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace sekisho::guard {

enum class DnsType : std::uint16_t { a = 1, cname = 5, ptr = 12, mx = 15, txt = 16, aaaa = 28 };

struct Question {
  std::string name; // lower case, without a dot at the end; see is_askable()
  DnsType type = DnsType::txt;
  auto operator<=>(const Question &) const = default;
};

struct Answer {
  enum class Status : std::uint8_t {
    failed,  // no answer in time, SERVFAIL, refused, malformed
    no_name, // NXDOMAIN
    found,   // perhaps nothing of this type
  };
  Status status = Status::failed;
  std::vector<std::string> texts; // of TXT: the strings of a record joined; octets as they are
  std::vector<Ip> addresses;      // of A and AAAA
  std::vector<std::string> names; // of MX by preference, of PTR as they came
  std::uint32_t ttl = 0;          // seconds
  /// Nothing of what was asked for.
  bool empty() const { return texts.empty() && addresses.empty() && names.empty(); }
};

/// Labels of 1 to 63 octets, 253 octets in all.
bool is_askable(std::string_view name);

/// The message with its length in front.  The name must be askable.
Buffer encode_query(std::uint16_t id, const Question &question);
/// One message without its length.  Errors: not a response to this question, or malformed.  An alias is followed
/// within the message only.
Result<Answer> decode_response(Bytes untrusted, std::uint16_t id, const Question &question);

/// What is known of the names a judgement needs; what is not yet known is noted.  A judgement is a plain function
/// of this: it is called again with more answers until nothing is missing.
class Lookups {
public:
  /// Null: not known yet, and now wanted.  A name nobody can ask for has no address and no text.
  const Answer *ask(std::string_view name, DnsType type);
  void tell(Question question, Answer answer) { answers_.insert_or_assign(std::move(question), std::move(answer)); }
  /// What was asked for since the last call.
  std::set<Question> take_wanted() { return std::exchange(wanted_, {}); }
  bool complete() const { return wanted_.empty(); }

private:
  std::map<Question, Answer> answers_;
  std::set<Question> wanted_;
};

} // namespace sekisho::guard
