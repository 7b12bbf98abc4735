#include "gateway/scan/scanner.hh"

#include "base/result.hh"
#include "base/unique_fd.hh"
#include "sanitizer/job/digest.hh"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace sekisho::scan {
namespace {

constexpr std::uint64_t millisecond = 1'000'000;
constexpr UnixSeconds day = 86'400;
constexpr UnixSeconds look_again = 60; // seconds
constexpr std::size_t most_reply = 4096;

/// One conversation, against the clock.
class Conversation {
public:
  explicit Conversation(std::uint64_t deadline) : deadline_(deadline) {}

  Result<void> connect(const std::string &path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) return fail(path + ": too long for a socket's path");
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    fd_ = UniqueFd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!fd_ || ::connect(fd_.get(), reinterpret_cast<sockaddr *>(&address), sizeof address) != 0)
      return fail(path + ": " + std::strerror(errno));
    return {};
  }

  /// False: the other side takes no more; perhaps it has said why.
  bool send(Bytes bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent > 0) bytes = bytes.subspan(static_cast<std::size_t>(sent));
      else if (sent < 0 && errno == EAGAIN && wait_for(POLLOUT)) continue;
      else if (sent >= 0 || errno != EINTR) return false;
    }
    return true;
  }

  /// Up to the NUL, or the end of the stream.
  Result<std::string> reply() {
    std::string text;
    while (text.size() <= most_reply && text.find('\0') == text.npos) {
      char piece[512];
      const ssize_t got = ::recv(fd_.get(), piece, sizeof piece, 0);
      if (got == 0) break;
      if (got > 0) text.append(piece, static_cast<std::size_t>(got));
      else if (errno == EAGAIN && wait_for(POLLIN)) continue;
      else if (errno == EAGAIN) return fail("no answer in time");
      else if (errno != EINTR) return fail(std::string("no answer: ") + std::strerror(errno));
    }
    if (text.empty()) return fail("no answer");
    return text;
  }

private:
  bool wait_for(short events) const {
    const std::uint64_t now = monotonic_ns();
    if (now >= deadline_) return false;
    pollfd waiting{fd_.get(), events, 0};
    return ::poll(&waiting, 1, static_cast<int>((deadline_ - now) / millisecond + 1)) > 0;
  }

  const std::uint64_t deadline_;
  UniqueFd fd_;
};

Answer unavailable(std::string why) { return {Finding::unavailable, std::move(why)}; }

/// All of it, in chunks; an answer before the end is the answer.
void send_stream(Conversation &clamd, Bytes untrusted) {
  if (!clamd.send(as_bytes(instream_command))) return;
  while (!untrusted.empty()) {
    const Bytes chunk = untrusted.first(std::min(untrusted.size(), max_chunk));
    if (!clamd.send(chunk_head(static_cast<std::uint32_t>(chunk.size()))) || !clamd.send(chunk)) return;
    untrusted = untrusted.subspan(chunk.size());
  }
  clamd.send(chunk_head(0));
}

} // namespace

Answer Scanner::scan(Bytes untrusted, UnixSeconds now) {
  const std::uint64_t deadline = monotonic_ns() + options_.deadline_ms * millisecond;
  const bool asks_age = options_.definitions_days > 0;
  if (asks_age && (now > good_until_ || now + look_again < good_until_))
    if (Answer answer = look_at_definitions(now, deadline); answer.finding != Finding::clean) return answer;
  Conversation clamd(deadline);
  if (auto connected = clamd.connect(options_.socket); !connected) return unavailable(connected.error().what);
  send_stream(clamd, untrusted);
  const Result<std::string> reply = clamd.reply();
  return reply ? parse_scan(*reply) : unavailable(reply.error().what);
}

Answer Scanner::look_at_definitions(UnixSeconds now, std::uint64_t deadline) {
  Conversation clamd(deadline);
  if (auto connected = clamd.connect(options_.socket); !connected) return unavailable(connected.error().what);
  if (!clamd.send(as_bytes(version_command))) return unavailable("it takes no command");
  const Result<std::string> reply = clamd.reply();
  if (!reply) return unavailable(reply.error().what);
  const std::optional<UnixSeconds> made = parse_definitions(*reply);
  if (!made) return {Finding::definitions_old, "it has no definitions"};
  if (*made + (UnixSeconds{options_.definitions_days} + 1) * day < now) // a day for its time zone
    return {Finding::definitions_old, "definitions of " + to_rfc3339(*made)};
  good_until_ = now + look_again;
  return {Finding::clean, {}};
}

job::Outcome held_outcome(const Answer &answer, const job::Job &job) {
  job::Outcome outcome;
  outcome.status = job::Status::held;
  outcome.reason = answer.finding == Finding::malware           ? Reason::job_malware
                   : answer.finding == Finding::definitions_old ? Reason::job_definitions_old
                                                                : Reason::job_scanner_unavailable;
  if (answer.finding == Finding::malware) outcome.report.malware = answer.words;
  outcome.report.receipt = job.receipt;
  outcome.report.version = SEKISHO_VERSION;
  outcome.report.input_size = job.bytes.size();
  outcome.report.input_sha256 = job::sha256_hex(job.bytes);
  return outcome;
}

} // namespace sekisho::scan
