// A scanner in another process: the relay, which may make no unix sockets, asks the scan role, which may make no
// others.  Each request is one end of a fresh stream socket sent over a SOCK_SEQPACKET channel; on it go the question and
// the octets, and back comes the answer.  Both sides take what they read for hostile.
#pragma once

#include "base/result.hh"
#include "base/unique_fd.hh"
#include "gateway/scan/scanner.hh"

#include <functional>

namespace sekisho::scan {

/// One question; the octets follow it.
struct Question {
  ScannerOptions scanner;
  std::uint64_t size = 0; // octets
};

Buffer encode(const Question &question);
Result<Question> decode_question(Bytes untrusted);
Buffer encode(const Answer &answer);
/// What cannot be read is `unavailable`.
Answer decode_answer(Bytes untrusted);

/// The relay's side; any thread.  `channel` is borrowed.  Blocks up to the deadline of `options`.
Answer scan_remotely(int channel, const ScannerOptions &options, Bytes untrusted);

/// The scan role's side: reads one question from `stream` and answers it.  `is_listed` says whether the rules name the
/// socket: of any other nothing is asked.
void serve_question(int stream, const std::function<bool(const std::string &)> &is_listed, UnixSeconds now);

/// The stream that came by `channel`, if one did.
UniqueFd take_stream(int channel);

} // namespace sekisho::scan
