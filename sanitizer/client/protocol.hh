// What is said between the gateway's side and the sanitizer's processes.
//
//   client → zygote or nursery, one SOCK_SEQPACKET message a worker asked for:
//     kind (1 octet)  deadline in ms (u32, 0: none)  + one end of a fresh stream socket
//   client ⇄ worker on that stream, frames of
//     type (1 octet)  length (u32)  payload
//
//   file worker:  ← taken   → job   ← outcome                                  and it is gone
//   office worker: ← taken   → job   ← outcome (a PDF that is never handed on)     and it is gone
//                 ← missing: there is no engine
//   mail worker:  ← taken   → job   (← file_job   → file_outcome)*   ← outcome  and again from →
//   job
//
// Closing the stream ends the worker: the zygote watches it.
#pragma once

#include <cstddef>
#include <cstdint>

namespace sekisho::client::protocol {

enum class Worker : std::uint8_t { mail = 'M', file = 'F', office = 'O' };
constexpr std::size_t request_size = 5;

enum class Frame : std::uint8_t {
  taken = 'T',        // the worker is there and jailed; empty
  missing = 'N',      // instead of taken: the engine is not installed; empty
  job = 'J',          // job::encode(Job)
  outcome = 'O',      // job::encode(Outcome)
  file_job = 'F',     // an attachment for a process of its own
  file_outcome = 'R', // what became of it
};
constexpr std::size_t frame_header_size = 5;
constexpr std::size_t most_frame = 512u << 20; // octets; both sides refuse more before taking any

} // namespace sekisho::client::protocol
