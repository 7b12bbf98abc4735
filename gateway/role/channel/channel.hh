// Roles talk over socket pairs with small typed messages; whoever reads treats them as hostile.
#pragma once

#include "base/bytes.hh"
#include "base/result.hh"
#include "base/unique_fd.hh"

#include <optional>
#include <string>

namespace sekisho::role {

enum class MessageType : std::uint8_t {
  none,
  // supervisor → role
  rules,    // fd: a sealed memfd with the rule sources (encode_sources), for the relay with its secrets (secrets.hh); answered by done or failed
  severed,  // text: names of the severed zones, blank-separated, the whole list; answered by done
  stop,     // finish what is in hand and exit 0
  // role → supervisor
  ready,    // up, jailed, serving
  // control → supervisor
  reload,   // text: {"who"}; answered by done, or failed with the rendered diagnostics
  sever,    // text: {"zone", "who": {"uid", "pid"}}
  join,     // the same
  apply,    // fd: a sealed memfd with rule sources, none: the rule files; text: {"who", "within": seconds, 0: for good}
  confirm,  // text: {"who"}: what is on trial stays
  go_back,  // text: {"who"}: what is on trial ends now
  user,     // text: a user's number; answered by reply, his name as it is now, empty: he has none
  // control → path, relay, record
  status,   // answered by reply with one JSON object; path, text "rules": with one row a rule
  flows,    // path; text: one JSON object (gateway/path/survey.hh); answered by reply
  hosts,    // path; the same
  devices,  // path; the same
  queue,    // relay; text: one JSON object, as gateway/relay/queue.hh reads it; answered by reply
  hold,     // relay; text: one JSON object, as gateway/relay/holds.hh reads it; answered by reply, with a file's descriptor where one was asked for
  breaker,  // relay; text: one JSON object, as gateway/relay/breaker.hh reads it; answered by reply
  trace,    // record; text: one JSON object, as gateway/record/search.hh reads it; answered by reply
  // any → record
  event,       // text: one JSON object, at least {"event": word}; no answer
  event_acked, // the same, answered by done once it is on disk
  // answers; `id` is that of the request
  done,
  failed, // text: why
  reply,  // text: JSON
};
constexpr std::uint8_t message_type_count = static_cast<std::uint8_t>(MessageType::reply) + 1;

constexpr std::size_t max_message_text = 160 * 1024; // octets; fits the default socket buffer

struct Message {
  MessageType type = MessageType::none;
  std::uint32_t id = 0;
  std::string text;
  UniqueFd fd;
};

/// One end of a SOCK_SEQPACKET pair.  The supervisor keeps both ends of every pair open, so a role that is
/// restarted finds its channels, and what was sent meanwhile, where it left them.
class Channel {
public:
  Channel() = default;
  explicit Channel(int fd) : fd_(fd) {} // borrowed
  int fd() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }

  /// Never blocks: false when the other side is not keeping up or is gone.  `text` above max_message_text is
  /// false too.
  bool send(MessageType type, std::uint32_t id, std::string_view text = {}, int fd = -1) const;
  /// Waits up to `timeout_ms` (-1: for ever, 0: not at all).  A malformed message is dropped and logged.
  std::optional<Message> receive(int timeout_ms) const;
  /// Throws away what waits here, at most as much as one buffer holds.
  void forget() const;

private:
  bool wait(int timeout_ms) const;

  int fd_ = -1;
};

/// A new pair: {first, second}.
Result<std::pair<UniqueFd, UniqueFd>> make_pair();

} // namespace sekisho::role
