#include "gateway/scan/remote.hh"

#include "base/pass_fd.hh"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace sekisho::scan {
namespace {

constexpr std::uint64_t millisecond = 1'000'000;
constexpr std::size_t most_path = 107;            // of a unix socket, unix(7)
constexpr std::uint64_t most_octets = 1u << 30;   // as large as a rule's size limit can be
constexpr std::uint32_t most_deadline = 600'000;  // ms
constexpr std::size_t most_words = 200;
constexpr std::uint32_t grace_ms = 2000; // the scan role answers in time by itself

/// Everything, or false when the clock has run out or the other side is gone.
class Pipe {
public:
  Pipe(int fd, std::uint64_t deadline) : fd_(fd), deadline_(deadline) {}

  bool write(Bytes bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (sent > 0) bytes = bytes.subspan(static_cast<std::size_t>(sent));
      else if (sent == 0 || !(errno == EINTR || (errno == EAGAIN && wait_for(POLLOUT)))) return false;
    }
    return true;
  }
  bool read(std::span<std::byte> bytes) {
    while (!bytes.empty()) {
      const ssize_t got = ::recv(fd_, bytes.data(), bytes.size(), MSG_DONTWAIT);
      if (got > 0) bytes = bytes.subspan(static_cast<std::size_t>(got));
      else if (got == 0 || !(errno == EINTR || (errno == EAGAIN && wait_for(POLLIN)))) return false;
    }
    return true;
  }
  bool write_counted(Bytes bytes) {
    ByteWriter head;
    head.put_u32(static_cast<std::uint32_t>(bytes.size()));
    return write(head.buffer()) && write(bytes);
  }
  std::optional<Buffer> read_counted(std::size_t most) {
    std::array<std::byte, 4> head;
    if (!read(head)) return std::nullopt;
    const std::uint32_t size = ByteReader(head).read_u32();
    if (size > most) return std::nullopt;
    Buffer bytes(size);
    if (!read(bytes)) return std::nullopt;
    return bytes;
  }

private:
  bool wait_for(short events) const {
    const std::uint64_t now = monotonic_ns();
    if (now >= deadline_) return false;
    pollfd waiting{fd_, events, 0};
    const int ready = ::poll(&waiting, 1, static_cast<int>((deadline_ - now) / millisecond + 1));
    return ready > 0 || (ready < 0 && errno == EINTR);
  }

  const int fd_;
  const std::uint64_t deadline_;
};

Answer unavailable(const char *why) { return {Finding::unavailable, why}; }

} // namespace

Buffer encode(const Question &question) {
  ByteWriter writer;
  writer.put_counted(question.scanner.socket);
  writer.put_u32(question.scanner.definitions_days);
  writer.put_u32(question.scanner.deadline_ms);
  writer.put_u64(question.size);
  return writer.take();
}

Result<Question> decode_question(Bytes untrusted) {
  ByteReader reader(untrusted);
  Question question;
  question.scanner.socket = reader.take_string(most_path);
  question.scanner.definitions_days = reader.read_u32();
  question.scanner.deadline_ms = reader.read_u32();
  question.size = reader.read_u64();
  const bool is_good = !reader.failed() && reader.at_end() && question.scanner.socket.starts_with('/') &&
                       question.scanner.socket.find('\0') == std::string::npos && question.size <= most_octets &&
                       question.scanner.deadline_ms <= most_deadline;
  if (!is_good) return fail("no question to a scanner");
  return question;
}

Buffer encode(const Answer &answer) {
  ByteWriter writer;
  writer.put_u8(static_cast<std::uint8_t>(answer.finding));
  writer.put_counted(answer.words);
  return writer.take();
}

Answer decode_answer(Bytes untrusted) {
  ByteReader reader(untrusted);
  const std::uint8_t finding = reader.read_u8();
  std::string words = reader.take_string(most_words);
  if (reader.failed() || !reader.at_end() || finding > static_cast<std::uint8_t>(Finding::definitions_old))
    return unavailable("an answer that is none");
  for (char &c : words)
    if (c < 0x20 || c > 0x7e) c = '?';
  return {static_cast<Finding>(finding), std::move(words)};
}

Answer scan_remotely(int channel, const ScannerOptions &options, Bytes untrusted) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return unavailable("no socket pair");
  UniqueFd near(ends[0]), far(ends[1]);
  constexpr std::byte mark[] = {std::byte{1}};
  if (!send_with_fd(channel, {mark}, far.get())) return unavailable("the scan role does not keep up");
  far.reset();
  Pipe pipe(near.get(), monotonic_ns() + (options.deadline_ms + grace_ms) * millisecond);
  if (!pipe.write_counted(encode(Question{options, untrusted.size()})) || !pipe.write(untrusted))
    return unavailable("the scan role does not take it");
  const std::optional<Buffer> answer = pipe.read_counted(most_words + 64);
  return answer ? decode_answer(*answer) : unavailable("the scan role does not answer");
}

void serve_question(int stream, const std::function<bool(const std::string &)> &is_listed, UnixSeconds now) {
  const std::uint64_t start = monotonic_ns();
  Pipe asking(stream, start + most_deadline * millisecond);
  const std::optional<Buffer> head = asking.read_counted(most_path + 64);
  if (!head) return;
  const Result<Question> question = decode_question(*head);
  if (!question) return;
  Pipe pipe(stream, start + (question->scanner.deadline_ms + grace_ms) * millisecond);
  Buffer untrusted(question->size);
  if (!pipe.read(untrusted)) return;
  const Answer answer = is_listed(question->scanner.socket) ? Scanner(question->scanner).scan(untrusted, now)
                                                            : unavailable("no rule names this scanner");
  (void)pipe.write_counted(encode(answer));
}

UniqueFd take_stream(int channel) {
  std::byte mark[1];
  return receive_with_fd(channel, mark).fd;
}

} // namespace sekisho::scan
