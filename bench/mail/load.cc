// Sends mail over a number of conversations and takes in what comes out at the other side: one thread, one
// epoll.  Prints one JSON object.
//
//   bench-mail-load --to ADDRESS:PORT --sink ADDRESS:PORT --sessions N --count N [--only small|middle|big]
//
// accepted and arrived are counts; octets are those of the mails sent; seconds runs from the first connection to the last arrival; latency is
// from MAIL to the final 250, in milliseconds.  Only loopback addresses are served.
#include "base/clock.hh"
#include "base/unique_fd.hh"
#include "bench/mail/mix.hh"
#include "gateway/smtp/data.hh"
#include "gateway/smtp/session.hh"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstdio>
#include <list>
#include <memory>

namespace sekisho::bench {
namespace {

struct Options {
  std::string to, sink;
  std::size_t sessions = 10, count = 1000;
  int patience = 120; // seconds without an arrival
  std::string only = "mix";
};

sockaddr_in address_of(const std::string &text) {
  const std::size_t colon = text.rfind(':');
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(text.substr(colon + 1))));
  if (::inet_pton(AF_INET, text.substr(0, colon).c_str(), &address.sin_addr) != 1 ||
      (ntohl(address.sin_addr.s_addr) >> 24) != 127)
    throw std::runtime_error("only 127.0.0.0/8 is served: " + text);
  return address;
}

/// One end of a connection with what it still has to write: `out`, then `text`, which others own.
struct Peer {
  virtual ~Peer() = default;
  virtual void act() = 0; // fills `out` and `text`, sets `over`
  virtual void hear(Bytes octets) = 0;
  UniqueFd fd;
  std::string out;
  std::string_view text;
  std::size_t written = 0; // of `out`
  bool over = false;
};

struct Counts {
  std::size_t next = 0, accepted = 0, refused = 0, arrived = 0;
  std::uint64_t octets = 0;
  std::vector<double> latencies;
  std::uint64_t last_arrival = 0;
};

/// As it goes over the wire, made before the clock runs: the load shares two cores with what it measures.
struct Prepared {
  explicit Prepared(const std::string &mail)
      : envelope(fmt::format("MAIL FROM:<yamada@supplier.example.com> SIZE={}\r\nRCPT TO:<soumu@town.example.lg.jp>\r\nDATA\r\n",
                             mail.size())),
        text(smtp::stuff_dots(as_bytes(mail))), size(mail.size()) {}
  std::string envelope, text;
  std::size_t size;
};

/// The dialog of RFC 5321 with PIPELINING (RFC 2920): the envelope at once, the text after 354.
class Sender final : public Peer {
public:
  Sender(const std::vector<Prepared> &mails, std::size_t count, Counts &counts)
      : mails_(mails), count_(count), counts_(counts) {}
  void hear(Bytes octets) override { heard_ += as_chars(octets); }
  void act() override {
    std::size_t at = 0;
    for (std::size_t end; (end = heard_.find('\n', at)) != std::string::npos; at = end + 1)
      if (heard_[at + 3] != '-') answered(std::string_view(heard_).substr(at, end - at));
    heard_.erase(0, at);
  }

private:
  enum class Asked : std::uint8_t { greeting, ehlo, mail, rcpt, data, text, quit };
  void answered(std::string_view reply) {
    const bool good = reply.starts_with(asked_ == Asked::data ? '3' : '2');
    switch (asked_) {
    case Asked::greeting:
      out = "EHLO load.example\r\n";
      asked_ = Asked::ehlo;
      break;
    case Asked::mail: asked_ = Asked::rcpt; break;
    case Asked::rcpt: asked_ = Asked::data; break;
    case Asked::data:
      if (!good) return count(reply, false);
      text = mail_->text;
      asked_ = Asked::text;
      break;
    case Asked::text: return count(reply, good);
    case Asked::ehlo: return deliver();
    case Asked::quit: over = true;
    }
  }
  void count(std::string_view reply, bool good) {
    ++(good ? counts_.accepted : counts_.refused);
    if (!good) fmt::print(stderr, "refused: {}\n", reply);
    counts_.latencies.push_back(static_cast<double>(monotonic_ns() - began_) / 1e6);
    deliver();
  }
  void deliver() {
    if (counts_.next == count_) {
      out = "QUIT\r\n";
      asked_ = Asked::quit;
      return;
    }
    mail_ = &mails_[counts_.next++ % mails_.size()];
    counts_.octets += mail_->size;
    began_ = monotonic_ns();
    out = mail_->envelope;
    asked_ = Asked::mail;
  }

  const std::vector<Prepared> &mails_;
  std::size_t count_;
  Counts &counts_;
  Asked asked_ = Asked::greeting;
  const Prepared *mail_ = nullptr;
  std::string heard_;
  std::uint64_t began_ = 0;
};

class Receiver final : public Peer {
public:
  explicit Receiver(Counts &counts)
      : counts_(counts), session_(settings(), [](const smtp::Offer &) { return smtp::Route{Reason::none, 0, size_limit}; }) {}
  void hear(Bytes octets) override { session_.feed(octets); }
  void act() override {
    while (true) {
      smtp::Action action = session_.next();
      if (auto *send = std::get_if<smtp::Send>(&action)) {
        out += send->octets;
      } else if (std::holds_alternative<smtp::MailReady>(action)) {
        ++counts_.arrived;
        counts_.last_arrival = monotonic_ns();
        session_.kept("1");
      } else {
        over = std::holds_alternative<smtp::Close>(action);
        return;
      }
    }
  }

private:
  static constexpr std::uint64_t size_limit = 100u << 20;
  static smtp::Settings settings() {
    smtp::Settings settings;
    settings.host_name = "sink.example";
    settings.size_limit = size_limit;
    return settings;
  }

  Counts &counts_;
  smtp::Session session_;
};

class Loop {
public:
  explicit Loop(const Options &options) : options_(options), epoll_(::epoll_create1(0)) {
    for (const std::string &mail : mails_of(options.only, 1, options.only == "big" ? 20 : 400)) mails_.emplace_back(mail);
  }

  int run() {
    listen();
    const std::uint64_t began = monotonic_ns();
    for (std::size_t i = 0; i < options_.sessions; ++i) connect();
    counts_.last_arrival = began;
    while (counts_.arrived < options_.count && !stuck()) turn();
    const double seconds = static_cast<double>(counts_.last_arrival - began) / 1e9;
    report(seconds);
    return counts_.arrived >= options_.count ? 0 : 1;
  }

private:
  bool stuck() const {
    return monotonic_ns() - counts_.last_arrival > static_cast<std::uint64_t>(options_.patience) * 1'000'000'000;
  }
  void listen() {
    listener_.reset(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    const int on = 1;
    ::setsockopt(listener_.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    const sockaddr_in address = address_of(options_.sink);
    if (::bind(listener_.get(), reinterpret_cast<const sockaddr *>(&address), sizeof address) != 0 ||
        ::listen(listener_.get(), 128) != 0)
      throw std::runtime_error("cannot listen on " + options_.sink);
    watch(listener_.get(), nullptr);
  }
  void connect() {
    auto sender = std::make_unique<Sender>(mails_, options_.count, counts_);
    sender->fd.reset(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const sockaddr_in address = address_of(options_.to);
    if (::connect(sender->fd.get(), reinterpret_cast<const sockaddr *>(&address), sizeof address) != 0)
      throw std::runtime_error("cannot connect to " + options_.to);
    add(std::move(sender));
  }
  void add(std::unique_ptr<Peer> peer) {
    const int on = 1;
    ::setsockopt(peer->fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    watch(peer->fd.get(), peer.get());
    peers_.push_back(std::move(peer));
    advance(*peers_.back());
  }
  void watch(int fd, Peer *peer) {
    epoll_event event{};
    event.events = EPOLLIN | (peer ? EPOLLOUT | EPOLLET : 0u);
    event.data.ptr = peer;
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event);
  }
  void turn() {
    epoll_event events[64];
    const int count = ::epoll_wait(epoll_.get(), events, 64, 1000);
    for (int i = 0; i < count; ++i) {
      if (Peer *peer = static_cast<Peer *>(events[i].data.ptr)) serve(*peer);
      else accept();
    }
    std::erase_if(peers_, [](const auto &peer) { return peer->over && peer->out.empty(); });
  }
  void accept() {
    while (true) {
      UniqueFd fd(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      if (!fd) return;
      auto receiver = std::make_unique<Receiver>(counts_);
      receiver->fd = std::move(fd);
      add(std::move(receiver));
    }
  }
  void serve(Peer &peer) {
    while (true) {
      const ssize_t got = ::recv(peer.fd.get(), input_.data(), input_.size(), MSG_DONTWAIT);
      if (got == 0) peer.over = true;
      if (got <= 0) break;
      peer.hear(Bytes(input_).first(static_cast<std::size_t>(got)));
    }
    advance(peer);
  }
  void advance(Peer &peer) {
    peer.act();
    std::string_view out = std::string_view(peer.out).substr(peer.written);
    if (!write(peer.fd.get(), out)) {
      peer.written = peer.out.size() - out.size();
      return;
    }
    peer.out.clear();
    peer.written = 0;
    write(peer.fd.get(), peer.text);
  }
  /// True: all of it was written.
  static bool write(int fd, std::string_view &rest) {
    while (!rest.empty()) {
      const ssize_t sent = ::send(fd, rest.data(), rest.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
      if (sent <= 0) return false;
      rest.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  void report(double seconds) {
    std::sort(counts_.latencies.begin(), counts_.latencies.end());
    auto at = [&](double share) {
      const std::size_t size = counts_.latencies.size();
      return size == 0 ? 0.0 : counts_.latencies[std::min(size - 1, static_cast<std::size_t>(share * double(size)))];
    };
    fmt::print("{{\"accepted\": {}, \"refused\": {}, \"arrived\": {}, \"octets\": {}, \"seconds\": {:.4f}, "
               "\"p50_ms\": {:.2f}, \"p99_ms\": {:.2f}}}\n",
               counts_.accepted, counts_.refused, counts_.arrived, counts_.octets, seconds, at(0.5), at(0.99));
  }

  const Options &options_;
  std::vector<Prepared> mails_;
  UniqueFd epoll_, listener_;
  std::list<std::unique_ptr<Peer>> peers_;
  Buffer input_ = Buffer(256 * 1024);
  Counts counts_;
};

} // namespace
} // namespace sekisho::bench

int main(int argc, char **argv) {
  sekisho::bench::Options options;
  CLI::App app("sends mail and takes in what comes out at the other side");
  app.add_option("--to", options.to, "ADDRESS:PORT of the relay")->required();
  app.add_option("--sink", options.sink, "ADDRESS:PORT to take mail at")->required();
  app.add_option("--sessions", options.sessions, "conversations at once");
  app.add_option("--count", options.count, "mails");
  app.add_option("--only", options.only, "mails of one kind: 2 KB, 22 KB, 1 MB")->check(CLI::IsMember({"small", "middle", "big"}));
  app.add_option("--patience", options.patience, "seconds without an arrival before giving up");
  CLI11_PARSE(app, argc, argv);
  try {
    return sekisho::bench::Loop(options).run();
  } catch (const std::exception &error) {
    fmt::print(stderr, "bench-mail-load: {}\n", error.what());
    return 2;
  }
}
