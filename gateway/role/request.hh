// What control asks of the supervisor, read by the only process that is root.
#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
#include <string>

namespace sekisho::role {

struct Request {
  std::string zone;           // empty: none was named
  std::uint64_t within = 0;   // seconds, at most 7 days
  nlohmann::ordered_json who; // uid and pid, where they are numbers
};

/// Whatever else stands there is left out: a tree of any depth would be copied and printed by recursion.
Request read_request(const std::string &untrusted);
/// A user's number; -1: it is none.
std::int64_t read_uid(std::string_view untrusted);

} // namespace sekisho::role
