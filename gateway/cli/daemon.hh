// The conversation of a command with the running daemon, and how a terminal is kept safe from its words.
#pragma once

#include "gateway/control/client.hh"

#include <CLI/CLI.hpp>

#include <memory>
#include <optional>

namespace sekisho::cli {

constexpr int answered = 0, refused = 1, unreachable = 2; // exit statuses

/// Adds --run to a command.
std::shared_ptr<std::string> add_run_option(CLI::App &command);

enum class Because : std::uint8_t { or_reason, only };
/// Adds --because TEXT, which must be given and say something; --reason, its name of earlier versions, is understood too, unless
/// the command has an option of that name.
void add_because(CLI::App &command, std::string &text, Because names = Because::or_reason);

/// What --since and --until say, as members of the question.  False: told.  `who`: "sekisho trace".
bool put_span(control::Json &question, std::string_view who, const std::string &since, const std::string &until);

/// Asks; prints what went wrong to standard error as "sekisho WORD: …" and stores the exit status.
/// Returns the answer, or nothing when there is none.  `sent_along`: a descriptor for the daemon.
std::optional<control::Json> ask_daemon(std::string_view word, const std::string &run,
                                        const control::Json &question, int &exit_status,
                                        int sent_along = -1);

/// Text from mails, peers and names of files for a terminal: control characters, invisible and bidirectional ones
/// shown as <U+202E>, so that none can paint over what is told about it.
std::string for_terminal(std::string_view text);

/// "WHO: WHAT" as one line on standard error, safe for a terminal.  `who`: "sekisho check".
void tell_error(std::string_view who, std::string_view what);

} // namespace sekisho::cli
