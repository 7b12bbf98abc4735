// What is said between the gateway's side and the sanitizer's processes.
//
//   client → zygote or nursery, one SOCK_SEQPACKET message a worker asked for:
//     kind (1 octet)  deadline in ms (u32, 0: none)  + one end of a fresh stream socket
//                                                    + for a mail worker a shelf: memory that it may read
//   client ⇄ worker on that stream, frames of
//     type (1 octet)  length (u32)  payload
//
//   ← taken   → job   (← file_job   → file_outcome)*   ← outcome
//
// after which a file worker is gone and a mail worker awaits the next job.  A mail worker's job that fits
// stands on the shelf until its outcome has come; the frame is then shelved, which says how long it is.
// Each file_job (an attachment,
// a picture of a document, a member of an archive) gets a file worker of its own, which may ask in turn:
// as deep as the plan's max_depth, and its max_parts files in all.  A file worker with a PDF to render
// answers otherwise:
//
//   ← taken   → job   ← pages   (→ print   ← page | outcome)*       until closed
//
// Several such workers have the same document and print different pages of it.  An office worker's outcome is
// a PDF that is never handed on, only drawn by file workers; it is gone then:
//
//   ← taken | missing (there is no engine)   → job   ← outcome
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
  shelved = 'S',      // the same, on the shelf; its length (u32)
  outcome = 'O',      // job::encode(Outcome)
  file_job = 'F',     // a file inside, for a process of its own
  file_outcome = 'R', // what became of it
  pages = 'P',        // count (u32), reasons (count u8, that many u8): what the document is
  print = 'I',        // number of the page (u32, from 0)
  page = 'G',         // rebuild::encode(PrintedPage); pages come in the order asked for
};
constexpr std::size_t frame_header_size = 5;
constexpr std::size_t most_frame = 512u << 20; // octets; both sides refuse more before taking any
constexpr std::size_t shelf_size = 4u << 20;    // octets
constexpr std::size_t in_one_piece = 64u << 10; // octets of a payload that goes out together with its header

} // namespace sekisho::client::protocol
