// Mail servers and clients of the plainest kind, for tests over loopback: blocking sockets, one thread a
// connection, nothing of the gateway's own SMTP code.
#pragma once

#include "base/unique_fd.hh"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace sekisho::test {

inline sockaddr_in loopback(const char *address, std::uint16_t port) {
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_port = htons(port);
  ::inet_pton(AF_INET, address, &where.sin_addr);
  return where;
}

/// A listening socket on a free port (or the given one).
inline UniqueFd listen_on(const char *address, std::uint16_t &port) {
  UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int on = 1;
  ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in where = loopback(address, port);
  if (::bind(fd.get(), reinterpret_cast<sockaddr *>(&where), sizeof where) != 0) return {};
  ::listen(fd.get(), 100);
  socklen_t length = sizeof where;
  ::getsockname(fd.get(), reinterpret_cast<sockaddr *>(&where), &length);
  port = ntohs(where.sin_port);
  return fd;
}

/// Lines to and from a socket.
class Wire {
public:
  explicit Wire(UniqueFd fd) : fd_(std::move(fd)) {}
  bool good() const { return static_cast<bool>(fd_); }
  int fd() const { return fd_.get(); }

  void write(std::string_view text) {
    while (!text.empty()) {
      const ssize_t written = ::send(fd_.get(), text.data(), text.size(), MSG_NOSIGNAL);
      if (written <= 0) return;
      text.remove_prefix(static_cast<std::size_t>(written));
    }
  }
  /// Up to and without CRLF; false at the end of the connection or after `timeout_ms`.
  bool read_line(std::string &line, int timeout_ms = 10'000) {
    std::size_t end;
    while ((end = input_.find("\r\n")) == std::string::npos) {
      pollfd waiting{fd_.get(), POLLIN, 0};
      char octets[16384];
      if (::poll(&waiting, 1, timeout_ms) <= 0) return false;
      const ssize_t got = ::recv(fd_.get(), octets, sizeof octets, 0);
      if (got <= 0) return false;
      input_.append(octets, static_cast<std::size_t>(got));
    }
    line = input_.substr(0, end);
    input_.erase(0, end + 2);
    return true;
  }

private:
  UniqueFd fd_;
  std::string input_;
};

struct Arrived {
  std::string from;
  std::vector<std::string> recipients;
  std::string text; // unstuffed
};

/// A next hop that keeps what it gets.
class Sink {
public:
  /// Answers a command line ("RCPT TO:<…>", "." for the end of data); empty: the usual yes; "hang up": says nothing and closes.
  using Answer = std::function<std::string(const std::string &line)>;

  explicit Sink(const char *address = "127.0.0.2", Answer answer = {}) : answer_(std::move(answer)) {
    listener_ = listen_on(address, port_);
    acceptor_ = std::thread([this] { accept(); });
  }
  ~Sink() {
    stopping_ = true;
    ::shutdown(listener_.get(), SHUT_RDWR);
    acceptor_.join();
    {
      std::lock_guard lock(mutex_);
      for (int fd : open_) ::shutdown(fd, SHUT_RDWR);
    }
    for (std::thread &thread : threads_) thread.join();
  }
  std::uint16_t port() const { return port_; }
  void set_answer(Answer answer) {
    std::lock_guard lock(mutex_);
    answer_ = std::move(answer);
  }
  std::size_t connections() const { return connections_; }

  /// Waits until so many mails are here.
  std::vector<Arrived> wait_for(std::size_t count, int timeout_ms = 10'000) {
    std::unique_lock lock(mutex_);
    arrived_now_.wait_for(lock, std::chrono::milliseconds(timeout_ms), [&] { return mails_.size() >= count; });
    return mails_;
  }

private:
  void accept() {
    while (!stopping_) {
      UniqueFd fd(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      if (!fd) continue;
      ++connections_;
      std::lock_guard lock(mutex_);
      open_.push_back(fd.get());
      threads_.emplace_back([this, wire = std::make_shared<Wire>(std::move(fd))] { serve(*wire); });
    }
  }

  std::string answer_to(const std::string &line, const char *usual) {
    std::lock_guard lock(mutex_);
    std::string answer = answer_ ? answer_(line) : std::string();
    return (answer.empty() ? usual : answer) + "\r\n";
  }

  void serve(Wire &wire) {
    wire.write(answer_to("", "220 sink.example"));
    Arrived mail;
    for (std::string line; wire.read_line(line, 60'000);) {
      std::string answer;
      if (line.starts_with("EHLO")) answer = answer_to(line, "250-sink.example\r\n250-PIPELINING\r\n250 SIZE");
      else if (line == "DATA") answer = answer_to(line, "354 go");
      else answer = answer_to(line, "250 2.0.0 ok");
      if (answer.starts_with("hang up")) return close(wire);
      wire.write(answer);
      if (answer.starts_with("421")) return close(wire);
      if (line.starts_with("MAIL FROM:")) mail = {line.substr(11, line.find('>') - 11), {}, {}};
      if (line.starts_with("RCPT TO:") && answer[0] == '2')
        mail.recipients.push_back(line.substr(9, line.find('>') - 9));
      if (line == "QUIT") return close(wire);
      if (line == "DATA" && answer.starts_with("354") && !take_text(wire, mail)) return close(wire);
    }
    close(wire);
  }

  bool take_text(Wire &wire, Arrived &mail) {
    for (std::string line; wire.read_line(line, 60'000);) {
      if (line == ".") {
        const std::string answer = answer_to(".", "250 2.0.0 taken");
        if (answer[0] == '2' && !mail.recipients.empty()) {
          std::lock_guard lock(mutex_);
          mails_.push_back(mail);
          arrived_now_.notify_all();
        }
        wire.write(answer);
        return !answer.starts_with("421");
      }
      mail.text += (line.starts_with(".") ? line.substr(1) : line) + "\r\n";
    }
    return false;
  }

  void close(Wire &wire) {
    std::lock_guard lock(mutex_);
    std::erase(open_, wire.fd());
    ::shutdown(wire.fd(), SHUT_RDWR);
  }

  std::uint16_t port_ = 0;
  UniqueFd listener_;
  std::mutex mutex_;
  std::condition_variable arrived_now_;
  Answer answer_;
  std::vector<Arrived> mails_;
  std::vector<int> open_;
  std::atomic<bool> stopping_ = false;
  std::atomic<std::size_t> connections_ = 0;
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

/// One who sends mail.
class Sender {
public:
  explicit Sender(std::uint16_t port, const char *address = "127.0.0.1") : wire_(connect(address, port)) {}

  /// The last line of the reply.
  std::string reply() {
    std::string line;
    do {
      if (!wire_.read_line(line)) return "closed";
    } while (line.size() > 3 && line[3] == '-');
    return line;
  }
  std::string say(const std::string &line) {
    wire_.write(line + "\r\n");
    return reply();
  }
  void write(std::string_view octets) { wire_.write(octets); }
  std::string hello() {
    reply();
    return say("EHLO client.example");
  }
  /// The answer to the final dot, or to the first command that was refused.
  std::string send(const std::string &text, const std::string &to = "b@town.example.lg.jp",
                   const std::string &from = "a@example.net") {
    for (const std::string &line : {"MAIL FROM:<" + from + ">", "RCPT TO:<" + to + ">", std::string("DATA")})
      if (std::string answer = say(line); answer[0] != '2' && answer[0] != '3') return answer;
    return say(text + ".");
  }

private:
  static UniqueFd connect(const char *address, std::uint16_t port) {
    UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in where = loopback(address, port);
    if (::connect(fd.get(), reinterpret_cast<sockaddr *>(&where), sizeof where) != 0) return {};
    return fd;
  }
  Wire wire_;
};

} // namespace sekisho::test
