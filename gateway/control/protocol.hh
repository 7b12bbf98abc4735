// What goes over RUN/control, a SOCK_SEQPACKET socket.  One question a connection:
//
//   question  one packet: {"do": "status" | "reload"} | {"do": "trace", "receipt": "…"} |
//                         {"do": "sever" | "join", "zone": "…"}
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
constexpr std::size_t max_answer = 4u << 20;    // octets of a whole answer

struct Question {
  enum class Kind { status, reload, trace, sever, join };
  Kind kind = Kind::status;
  std::string argument; // receipt or zone: printable, at most 64 octets
};

/// Errors: not one of the questions above; the text says so to whoever asked.
Result<Question> read_question(std::string_view untrusted);

std::string write_answer(const Json &answer);
std::string write_refusal(std::string_view error);

} // namespace sekisho::control
