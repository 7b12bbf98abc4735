#include "gateway/role/supervisor.hh"

#include "base/clock.hh"
#include "base/log.hh"

#include <fmt/format.h>

#include <fcntl.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>

namespace sekisho::role {
namespace {

constexpr std::uint64_t millisecond = 1'000'000;
constexpr int turn_ms = 500;

/// From now on signals are read, not delivered.
UniqueFd take_over_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (int signal : {SIGCHLD, SIGTERM, SIGINT, SIGHUP}) sigaddset(&set, signal);
  ::sigprocmask(SIG_BLOCK, &set, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  return UniqueFd(::signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC));
}

std::string end_in_words(int status) {
  if (WIFSIGNALED(status)) return fmt::format("killed by signal {}", WTERMSIG(status));
  return fmt::format("exit status {}", WEXITSTATUS(status));
}

/// sd_notify(3) without its library: one datagram to $NOTIFY_SOCKET.
void notify_service_manager(std::string_view text) {
  const char *path = std::getenv("NOTIFY_SOCKET");
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (!path || !*path || std::strlen(path) >= sizeof address.sun_path) return;
  std::strcpy(address.sun_path, path);
  if (address.sun_path[0] == '@') address.sun_path[0] = '\0';
  UniqueFd fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  socklen_t length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + std::strlen(path));
  ::sendto(fd.get(), text.data(), text.size(), MSG_NOSIGNAL, reinterpret_cast<sockaddr *>(&address), length);
}

} // namespace

Supervisor::Supervisor(Options options, Policy policy, Identities identities, Doors doors,
                       Severed severed, Held held, Wiring wiring)
    : options_(std::move(options)), policy_(std::move(policy)), identities_(identities),
      doors_(std::move(doors)), severed_(std::move(severed)), wiring_(std::move(wiring)),
      secrets_(::fcntl(policy_.secrets->get(), F_DUPFD_CLOEXEC, 0)), held_(std::move(held)) {}

int Supervisor::run() {
  signals_ = take_over_signals();
  describe_roles();
  tell({{"event", "daemon-started"}, {"version", SEKISHO_VERSION}, {"policy", policy_.rules->hash()}});
  tell_interrupted_trial();
  for (Process &one : processes_) one.start();
  while (!stopping_) serve();
  stop_all();
  return exit_status_;
}

void Supervisor::serve() {
  wait();
  take_signals();
  reap();
  start_due();
  hear_roles();
  hear_requests();
  look_at_trial();
  check_order();
  keep_severed();
  say_ready_once();
}

void Supervisor::wait() {
  std::vector<pollfd> fds = {{signals_.get(), POLLIN, 0},
                             {wiring_.control_requests.near.get(), POLLIN, 0},
                             {wiring_.supervisor_events.far.get(), POLLIN, 0}};
  for (const Process &one : processes_) fds.push_back({orders_of(one.name()).fd(), POLLIN, 0});
  std::uint64_t now = monotonic_ns(), next = now + turn_ms * millisecond;
  for (const Process &one : processes_)
    if (!one.running()) next = std::min(next, one.next_start());
  if (order_) next = std::min(next, order_->deadline);
  if (trial_ && !trial_->is_over) next = std::min(next, trial_->deadline);
  std::uint64_t sleep = next > now ? (next - now + millisecond - 1) / millisecond : 0;
  ::poll(fds.data(), fds.size(), static_cast<int>(sleep));
}

void Supervisor::take_signals() {
  signalfd_siginfo info{};
  while (::read(signals_.get(), &info, sizeof info) == sizeof info) {
    if (info.ssi_signo == SIGTERM || info.ssi_signo == SIGINT) stopping_ = true;
    if (info.ssi_signo == SIGHUP) {
      Order order;
      order.type = MessageType::reload;
      order.who = {{"signal", "HUP"}};
      waiting_orders_.push_back(std::move(order));
    }
  }
}

void Supervisor::reap() {
  int status = 0;
  for (pid_t pid; (pid = ::waitpid(-1, &status, WNOHANG)) > 0;) {
    auto one = std::ranges::find_if(processes_, [&](const Process &role) { return role.pid() == pid; });
    if (one == processes_.end()) continue;
    one->ended();
    if (stopping_) continue;
    std::string how = end_in_words(status);
    log_error(fmt::format("role {} ended: {}", one->name(), how));
    tell({{"event", "role-died"}, {"name", one->name()}, {"pid", pid}, {"status", how}});
    if (!said_ready_ && !one->ever_ready()) { // it cannot start at all: say so instead of trying for ever
      log_error("giving up: a role cannot start");
      exit_status_ = 1;
      stopping_ = true;
    }
  }
}

void Supervisor::start_due() {
  std::uint64_t now = monotonic_ns();
  for (Process &one : processes_) {
    if (one.stuck()) {
      log_error("role " + one.name() + " does not become ready: ended");
      one.kill_now();
    }
    if (stopping_ || one.running() || one.next_start() > now) continue;
    forget_orders(one.name());
    one.start();
    tell({{"event", "role-started"}, {"name", one.name()}, {"pid", one.pid()}, {"restarts", one.restarts()}});
  }
}

/// A role starts under what is in force now.  Orders that its predecessor left unread are older: read last,
/// they would open a severed zone again or bring back old rules.
void Supervisor::forget_orders(const std::string &name) {
  orders_pair(name).far_end().forget();
  orders_of(name).forget(); // a dead role's `ready` is not the new one's
  if (order_) order_->open.erase(name);
}

void Supervisor::hear_roles() {
  for (Process &one : processes_)
    for (int i = 0; i < messages_a_turn; ++i) {
      auto message = orders_of(one.name()).receive(0);
      if (!message) break;
      if (message->type == MessageType::ready) one.set_ready();
      else confirmed(one.name(), *message);
    }
  hear_record();
}

void Supervisor::say_ready_once() {
  if (said_ready_ || stopping_) return;
  if (!std::ranges::all_of(processes_, [](const Process &one) { return one.ready(); })) return;
  said_ready_ = true;
  fmt::print("sekishod: ready\n");
  std::fflush(stdout);
  notify_service_manager("READY=1");
}

/// Doors first, the record last, so that everything that happens on the way is recorded.
void Supervisor::stop_all() {
  stopping_ = true;
  notify_service_manager("STOPPING=1");
  ::unlink((options_.run_folder + "/control").c_str());
  stop({"control"}, 2);
  stop({"relay"}, 10);
  stop({"path", "sanitizer", "office", "scan"}, 3);
  next_keep_ = 0;
  keep_severed();
  for (const std::string &zone : severed_.not_kept())
    log_error("zone " + zone + " was cut off and is joined at the next start: " + not_kept_because_);
  tell({{"event", "daemon-stopped"}, {"policy", policy_.rules->hash()}});
  stop({"record"}, 5);
}

void Supervisor::stop(const std::vector<std::string> &names, int seconds) {
  std::uint64_t deadline = monotonic_ns() + static_cast<std::uint64_t>(seconds) * 1000 * millisecond;
  std::vector<Process *> open;
  for (const std::string &name : names)
    if (Process *one = process(name); one && one->running()) {
      if (name == "sanitizer" || name == "office")
        one->kill_now(); // what is in its hands is still in the spool
      orders_of(name).send(MessageType::stop, 0);
      open.push_back(one);
    }
  auto any_left = [&] { return std::ranges::any_of(open, [](Process *one) { return one->running(); }); };
  while (any_left() && monotonic_ns() < deadline) {
    pollfd waiting{signals_.get(), POLLIN, 0};
    ::poll(&waiting, 1, 100);
    take_signals();
    reap();
  }
  for (Process *one : open)
    if (one->running()) {
      log_error("role " + one->name() + " does not stop: ended");
      one->kill_now();
      int status = 0;
      ::waitpid(one->pid(), &status, 0);
      one->ended();
    }
}

Process *Supervisor::process(const std::string &name) {
  auto found = std::ranges::find_if(processes_, [&](const Process &one) { return one.name() == name; });
  return found == processes_.end() ? nullptr : &*found;
}

const Pair &Supervisor::orders_pair(const std::string &name) const {
  if (name == "path") return wiring_.path_orders;
  if (name == "relay") return wiring_.relay_orders;
  if (name == "sanitizer") return wiring_.sanitizer_orders;
  if (name == "office") return wiring_.office_orders;
  if (name == "record") return wiring_.record_orders;
  if (name == "scan") return wiring_.scan_orders;
  return wiring_.control_orders;
}

} // namespace sekisho::role
