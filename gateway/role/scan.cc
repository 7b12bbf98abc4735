// The scan role: hands what the relay gives it to the virus scanners that the rules name (H5).  It alone may make unix
// sockets, and nothing else.  A thread a question: a scanner that is slow with one keeps no other waiting.
#include "base/clock.hh"
#include "base/log.hh"
#include "base/unique_fd.hh"
#include "gateway/role/jails.hh"
#include "gateway/role/roles.hh"
#include "gateway/scan/remote.hh"
#include "rules/compile.hh"

#include <poll.h>

#include <atomic>
#include <csignal>
#include <memory>
#include <set>
#include <thread>

namespace sekisho::role {
namespace {

constexpr unsigned most_threads = 16; // above, the relay is told to come again

using Sockets = std::set<std::string>;

std::shared_ptr<const Sockets> sockets_of(const rules::RuleSet &rules) {
  auto sockets = std::make_shared<Sockets>();
  for (const rules::Relay &relay : rules.relays())
    if (relay.scan) sockets->insert(relay.scan->socket);
  return sockets;
}

class Scans {
public:
  Scans(const ScanConfig &config, std::shared_ptr<const Sockets> sockets)
      : config_(config), sockets_(std::move(sockets)) {}

  int serve() {
    config_.orders.send(MessageType::ready, 0);
    while (!stopped_) {
      std::vector<pollfd> fds = {{config_.orders.fd(), POLLIN, 0}, {config_.requests, POLLIN, 0}};
      ::poll(fds.data(), fds.size(), -1);
      if (fds.front().revents & (POLLHUP | POLLERR)) break; // the supervisor is gone
      take_orders();
      if (fds.back().revents & POLLIN) take_request();
    }
    return 0;
  }

private:
  void take_orders() {
    while (auto message = config_.orders.receive(0)) {
      if (message->type == MessageType::stop) stopped_ = true;
      if (message->type == MessageType::rules) adopt(*message);
      if (message->type == MessageType::severed) config_.orders.send(MessageType::done, message->id);
    }
  }

  void adopt(const Message &message) {
    Result<std::vector<rules::SourceFile>> sources = read_sources(message.fd.get());
    rules::Compiled compiled;
    if (sources) compiled = rules::compile(*sources, unix_now());
    if (!compiled.rules) {
      config_.orders.send(MessageType::failed, message.id, "rules that do not compile");
      return;
    }
    sockets_ = sockets_of(*compiled.rules);
    config_.orders.send(MessageType::done, message.id);
  }

  void take_request() {
    UniqueFd taken = scan::take_stream(config_.requests);
    if (!taken || busy_.load() >= most_threads) return; // closed: no answer, so nothing passes
    ++busy_;
    std::thread([this, stream = std::move(taken), sockets = sockets_]() mutable {
      scan::serve_question(stream.get(), [&](const std::string &path) { return sockets->contains(path); }, unix_now());
      stream.reset();
      --busy_;
    }).detach();
  }

  const ScanConfig &config_;
  std::shared_ptr<const Sockets> sockets_;
  std::atomic<unsigned> busy_{0};
  bool stopped_ = false;
};

} // namespace

int run_scan(ScanConfig config) {
  ::signal(SIGPIPE, SIG_IGN);
  rules::Compiled compiled = rules::compile(config.rules, unix_now());
  if (!compiled.rules) {
    log_error(rules::render(compiled.diagnostics, config.rules, false));
    return 1;
  }
  if (auto jailed = jail_for_scan(config.identity); !jailed) {
    log_error("cannot jail itself: " + jailed.error().what);
    return 1;
  }
  const int status = Scans(config, sockets_of(*compiled.rules)).serve();
  ::_exit(status); // a thread may still wait for a scanner
}

} // namespace sekisho::role
