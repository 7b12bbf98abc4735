#include "gateway/control/visitor.hh"

#include "base/pass_fd.hh"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <span>

namespace sekisho::control {
namespace {

constexpr std::uint64_t second = 1'000'000'000;

/// How long a visitor may stay in a phase.
constexpr std::uint64_t patience(Visitor::Phase phase) {
  switch (phase) {
  case Visitor::Phase::asking: return 2 * second;
  case Visitor::Phase::waiting: return 20 * second; // a reload of many rules
  case Visitor::Phase::reading: return 5 * second;
  case Visitor::Phase::gone: break;
  }
  return 0;
}

} // namespace

Json to_json(const Who &who) {
  Json object;
  object["uid"] = who.uid;
  object["pid"] = who.pid;
  if (!who.user.empty()) object["user"] = who.user;
  return object;
}

Visitor::Visitor(std::uint64_t number, UniqueFd fd, Who who, std::uint64_t now_ns)
    : number_(number), fd_(std::move(fd)), who_(who) {
  go_on(Phase::asking, now_ns);
}

void Visitor::go_on(Phase phase, std::uint64_t now_ns) {
  phase_ = phase;
  deadline_ = now_ns + patience(phase);
}

short Visitor::wanted_events() const {
  if (phase_ == Phase::asking) return POLLIN;
  return phase_ == Phase::reading ? POLLOUT : 0; // hanging up is told without asking
}

std::optional<Question> Visitor::take_question(std::uint64_t now_ns, UniqueFd &rules) {
  std::string untrusted(max_question + 1, '\0');
  ReceivedWithFd received = receive_with_fd(fd_.get(), std::as_writable_bytes(std::span(untrusted)));
  const ssize_t length = received.size;
  if (length < 0 && (errno == EAGAIN || errno == EINTR)) return std::nullopt;
  if (length <= 0) {
    phase_ = Phase::gone;
    return std::nullopt;
  }
  untrusted.resize(static_cast<std::size_t>(length));
  Result<Question> question = read_question(untrusted);
  if (!question) {
    answer(write_refusal(question.error().what), now_ns);
    return std::nullopt;
  }
  if (question->kind == Question::Kind::apply) rules = std::move(received.fd); // else closed again
  go_on(Phase::waiting, now_ns);
  return *question;
}

void Visitor::answer(std::string text, std::uint64_t now_ns) {
  if (phase_ == Phase::gone) return;
  answer_ = text.size() <= max_answer ? std::move(text) : write_refusal("the answer is too long");
  go_on(Phase::reading, now_ns);
  push();
}

void Visitor::push() {
  while (sent_ < answer_.size()) {
    std::size_t size = std::min(max_packet, answer_.size() - sent_);
    ssize_t sent = ::send(fd_.get(), answer_.data() + sent_, size, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (sent != static_cast<ssize_t>(size)) break;
    sent_ += size;
  }
  phase_ = Phase::gone;
}

void Visitor::look_at_clock(std::uint64_t now_ns) {
  if (now_ns >= deadline_) phase_ = Phase::gone;
}

void Visitor::look_for_hangup() {
  pollfd look{fd_.get(), 0, 0};
  if (::poll(&look, 1, 0) > 0 && (look.revents & (POLLHUP | POLLERR))) phase_ = Phase::gone;
}

} // namespace sekisho::control
