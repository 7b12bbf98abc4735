// What goes over RUN/control, a SOCK_SEQPACKET socket.  One question a connection:
//
//   question  one packet, one flat object:
//             {"do": "status", "rules": true}   rules: with one row a rule
//             {"do": "reload"}
//             {"do": "apply", "within": 300}    with a sealed memfd of rule sources (none: the rule files);
//                                               within: seconds until they go back, 0: for good
//             {"do": "confirm" | "go-back"}
//             {"do": "trace", …}    passed on to the record (gateway/record/search.hh)
//             {"do": "sever" | "join", "zone": "…"}
//             {"do": "queue", "action": "list" | …, …}   the members of gateway/relay/queue.hh, "who" left out
//             {"do": "flows" | "hosts" | "devices", …}   what to choose: zone, host, rule, sort (words), limit
//             {"do": "hold", …}     passed on to the relay with who asks (gateway/relay/holds.hh)
//             {"do": "breaker"} | {"do": "breaker", "relay": "…", "reason": "…"}   gateway/relay/breaker.hh
//   answer    packets until the end of the connection, joined one JSON object:
//             {"ok": true, "answer": …} | {"ok": false, "error": "text for a person"}
#pragma once

#include "base/result.hh"

#include <nlohmann/json.hpp>

#include <optional>
#include <string>

namespace sekisho::control {

using Json = nlohmann::ordered_json;

constexpr std::size_t max_question = 4096;      // octets
constexpr std::size_t max_packet = 32 * 1024;   // octets of one packet of an answer
constexpr std::size_t max_answer = 64u << 20;   // octets of a whole answer: a hundred thousand rules
constexpr std::uint64_t max_within = 7 * 86'400; // seconds

struct Question {
  enum class Kind {
    status, reload, trace, sever, join, apply, confirm, go_back, flows, hosts, devices, queue, hold, breaker
  };
  Kind kind = Kind::status;
  std::string argument; // zone: printable, at most 64 octets
  std::uint64_t within = 0;
  bool with_rules = false;
  Json choice; // of flows, hosts, devices, queue and breaker: an object of the members above, checked; of hold and trace: all but "do"
};

/// Errors: not one of the questions above; the text says so to whoever asked.
Result<Question> read_question(std::string_view untrusted);

/// Arrays and objects are nested no deeper, so that a parser may be let near it.
bool is_nested_at_most(std::string_view json, int depth);

std::string write_answer(const Json &answer);
std::string write_refusal(std::string_view error);

} // namespace sekisho::control
