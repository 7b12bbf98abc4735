// Asking the daemon, from the command line's side.
#pragma once

#include "gateway/control/protocol.hh"

namespace sekisho::control {

/// RUN folder: `given`, else $SEKISHO_RUN, else /run/sekisho.
std::string run_folder(const std::string &given);

/// Sends one question and waits for the whole answer.  Returns {"ok":…} as in protocol.hh.
/// Errors: the daemon cannot be reached, or did not answer within `timeout_ms`; the text says how to start it.
/// `fd`: goes along with the question.
Result<Json> ask(const std::string &run, const Json &question, int timeout_ms = 15'000, int fd = -1);

} // namespace sekisho::control
