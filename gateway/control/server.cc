#include "gateway/control/server.hh"

#include "base/clock.hh"
#include "gateway/control/status.hh"
#include "gateway/role/channel/long_text.hh"

#include <poll.h>
#include <sys/random.h>
#include <sys/socket.h>

#include <algorithm>

namespace sekisho::control {
namespace {

using role::MessageType;

constexpr std::size_t max_visitors = 32;
constexpr std::size_t max_tasks = 64; // visitors may leave before their task ends
constexpr std::uint64_t millisecond = 1'000'000;
constexpr int turn_ms = 100; // how late a deadline may be noticed
constexpr std::uint64_t name_time = 1000 * millisecond; // a user's number says who it was too

std::uint64_t time_for(Question::Kind kind) {
  switch (kind) {
  case Question::Kind::status: return 1000 * millisecond;
  case Question::Kind::trace:
  case Question::Kind::flows: // a table of millions is copied in slices
  case Question::Kind::hosts:
  case Question::Kind::devices: return 5000 * millisecond;
  default: return 12'000 * millisecond;
  }
}

MessageType message_for(Question::Kind kind) {
  switch (kind) {
  case Question::Kind::status: return MessageType::status;
  case Question::Kind::trace: return MessageType::trace;
  case Question::Kind::reload: return MessageType::reload;
  case Question::Kind::sever: return MessageType::sever;
  case Question::Kind::join: return MessageType::join;
  case Question::Kind::apply: return MessageType::apply;
  case Question::Kind::confirm: return MessageType::confirm;
  case Question::Kind::go_back: return MessageType::go_back;
  case Question::Kind::flows: return MessageType::flows;
  case Question::Kind::hosts: return MessageType::hosts;
  case Question::Kind::devices: return MessageType::devices;
  case Question::Kind::queue: return MessageType::queue;
  case Question::Kind::hold: return MessageType::hold;
  case Question::Kind::breaker: return MessageType::breaker;
  }
  return MessageType::none;
}

std::optional<Who> peer_of(int fd) {
  ucred credentials{};
  socklen_t size = sizeof credentials;
  if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) return std::nullopt;
  return Who{credentials.uid, credentials.pid, {}};
}

} // namespace

int Server::serve() {
  // Answers to a dead predecessor's questions may still be on the way: start elsewhere.
  (void)!::getrandom(&next_id_, sizeof next_id_, GRND_NONBLOCK);
  roles_.orders.send(MessageType::ready, 0);
  while (!stopped_) {
    wait();
    take_orders();
    hear(roles_.supervisor, "supervisor");
    hear(roles_.path, "path");
    hear(roles_.relay, "relay");
    hear(roles_.record, "record");
    attend();
    admit();
    give_up(monotonic_ns());
    std::erase_if(visitors_, [](const Visitor &one) { return one.phase() == Visitor::Phase::gone; });
  }
  return 0;
}

void Server::wait() {
  std::vector<pollfd> fds;
  for (const role::Channel *channel :
       {&roles_.orders, &roles_.supervisor, &roles_.path, &roles_.relay, &roles_.record})
    fds.push_back({channel->fd(), POLLIN, 0});
  fds.push_back({listener_, POLLIN, 0});
  for (const Visitor &one : visitors_) fds.push_back({one.fd(), one.wanted_events(), 0});
  ::poll(fds.data(), fds.size(), visitors_.empty() && tasks_.empty() ? -1 : turn_ms);
  if (fds.front().revents & (POLLHUP | POLLERR)) stopped_ = true; // the supervisor is gone
}

void Server::take_orders() {
  while (auto message = roles_.orders.receive(0))
    if (message->type == MessageType::stop) stopped_ = true;
}

void Server::admit() {
  for (;;) {
    UniqueFd fd(::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!fd) return;
    std::optional<Who> who = peer_of(fd.get());
    if (!who || visitors_.size() >= max_visitors) continue; // closed again
    visitors_.emplace_back(next_visitor_++, std::move(fd), *who, monotonic_ns());
  }
}

void Server::attend() {
  std::uint64_t now = monotonic_ns();
  for (Visitor &one : visitors_) {
    one.look_at_clock(now);
    switch (one.phase()) {
    case Visitor::Phase::asking: {
      UniqueFd rules;
      if (auto question = one.take_question(now, rules)) begin(one, *question, rules, now);
      break;
    }
    case Visitor::Phase::waiting: one.look_for_hangup(); break;
    case Visitor::Phase::reading: one.push(); break;
    case Visitor::Phase::gone: break;
    }
  }
}

bool Server::ask(Task &task, const role::Channel &channel, const std::string &name, MessageType type,
                 const std::string &text, int fd) {
  if (!channel) return false;
  std::uint32_t id = next_id_++;
  task.open[id] = name;
  return channel.send(type, id, text, fd);
}

void Server::begin(Visitor &visitor, const Question &question, const UniqueFd &rules, std::uint64_t now) {
  if (tasks_.size() >= max_tasks) {
    visitor.answer(write_refusal("too many questions at once; ask again"), now);
    return;
  }
  Task task;
  task.kind = question.kind;
  task.visitor = visitor.number();
  task.deadline = now + time_for(question.kind);
  MessageType type = message_for(question.kind);
  if (question.kind == Question::Kind::status) {
    ask(task, roles_.supervisor, "supervisor", type, "");
    ask(task, roles_.path, "path", type, question.with_rules ? "rules" : "");
    if (question.with_rules) task.deadline += 4000 * millisecond;
    ask(task, roles_.relay, "relay", type, "");
    ask(task, roles_.record, "record", type, "");
  } else if (const Addressee asked = addressee(question.kind); asked.name) {
    task.who = visitor.who();
    task.choice = question.choice;
    if (std::string_view(asked.name) != "path") ask_name(task, now);
    if (task.name_until == 0 && !pass_on(task, now)) return;
  } else {
    Json request;
    request["zone"] = question.argument;
    request["within"] = question.within;
    request["who"] = to_json(visitor.who());
    if (!ask(task, roles_.supervisor, "supervisor", type, request.dump(), rules.get())) {
      visitor.answer(write_refusal("the supervisor is busy; ask again"), now);
      return;
    }
  }
  tasks_.push_back(std::move(task));
}

void Server::ask_name(Task &task, std::uint64_t now) {
  if (ask(task, roles_.supervisor, "supervisor", MessageType::user, std::to_string(task.who.uid))) task.name_until = now + name_time;
  else task.open.clear();
}

void Server::take_name(Task &task, std::uint64_t now) {
  const auto told = task.told.find("supervisor");
  if (told != task.told.end() && told->second[0] == 'd') task.who.user = told->second.substr(1);
  task.told.clear();
  task.open.clear();
  task.name_until = 0;
  if (visitor(task.visitor)) (void)pass_on(task, now); // else nobody waits for it any more
}

bool Server::pass_on(Task &task, std::uint64_t now) {
  const Addressee asked = addressee(task.kind);
  if (task.kind == Question::Kind::trace) record_trace(task);
  if (std::string_view(asked.name) == "relay") task.choice["who"] = to_json(task.who);
  if (ask(task, asked.channel, asked.name, message_for(task.kind), task.choice.dump(-1, ' ', false, Json::error_handler_t::replace)))
    return true;
  task.open.clear();
  const std::string name = asked.name;
  if (Visitor *asker = visitor(task.visitor))
    asker->answer(write_refusal(asked.channel     ? "the " + name + " is busy; ask again"
                                : name == "path" ? "this daemon runs without packets"
                                                 : "this daemon runs without mail"),
                  now);
  return false;
}

/// Reading what happened to mails is itself recorded (Art. 55-3).
void Server::record_trace(const Task &task) {
  Json event;
  event["event"] = "trace-asked";
  event["asked"] = task.choice;
  event["who"] = to_json(task.who);
  roles_.events.send(MessageType::event, 0, event.dump(-1, ' ', false, Json::error_handler_t::replace));
}

Server::Addressee Server::addressee(Question::Kind kind) const {
  switch (kind) {
  case Question::Kind::flows:
  case Question::Kind::hosts:
  case Question::Kind::devices: return {roles_.path, "path"};
  case Question::Kind::queue:
  case Question::Kind::hold:
  case Question::Kind::breaker: return {roles_.relay, "relay"};
  case Question::Kind::trace: return {roles_.record, "record"};
  default: return {};
  }
}

void Server::hear(const role::Channel &channel, const std::string &name) {
  if (!channel) return;
  while (auto message = channel.receive(0)) {
    for (Task &task : tasks_) {
      auto open = task.open.find(message->id);
      if (open == task.open.end() || open->second != name) continue;
      task.open.erase(open);
      // The first octet tells which of the three it was.
      char kind = message->type == MessageType::failed ? 'f' : 'd';
      Result<std::string> text = role::long_text(*message, max_answer);
      task.told[name] = text ? kind + *text : 'f' + text.error().what;
    }
  }
  std::uint64_t now = monotonic_ns();
  for (Task &task : tasks_)
    if (task.open.empty() && task.name_until > 0) take_name(task, now);
    else if (task.open.empty()) finish(task, now);
  std::erase_if(tasks_, [](const Task &task) { return task.open.empty(); });
}

void Server::give_up(std::uint64_t now) {
  for (Task &task : tasks_)
    if (task.name_until > 0 && now >= task.name_until) {
      take_name(task, now);
    } else if (now >= task.deadline) {
      finish(task, now);
      task.open.clear();
    }
  std::erase_if(tasks_, [](const Task &task) { return task.open.empty(); });
}

Visitor *Server::visitor(std::uint64_t number) {
  auto found = std::ranges::find_if(visitors_, [&](const Visitor &one) { return one.number() == number; });
  return found == visitors_.end() ? nullptr : &*found;
}

void Server::finish(Task &task, std::uint64_t now) {
  Visitor *asker = visitor(task.visitor);
  if (!asker || asker->phase() != Visitor::Phase::waiting) return;
  if (task.kind == Question::Kind::status) return tell_status(task, *asker, now);
  if (const Addressee asked = addressee(task.kind); asked.name) return tell_of(asked.name, task, *asker, now);
  auto told = task.told.find("supervisor");
  if (told == task.told.end())
    asker->answer(write_refusal("the supervisor did not answer in time; its log says why"), now);
  else if (told->second[0] == 'f')
    asker->answer(write_refusal(told->second.substr(1)), now);
  else
    asker->answer(write_answer(told->second.substr(1)), now);
}

void Server::tell_status(const Task &task, Visitor &asker, std::uint64_t now) {
  auto base = task.told.find("supervisor");
  if (base == task.told.end()) {
    asker.answer(write_refusal("the supervisor did not answer in time; its log says why"), now);
    return;
  }
  Json status = Json::parse(base->second.substr(1), nullptr, false);
  if (!status.is_object()) status = Json::object();
  for (auto &[name, text] : task.told)
    if (name != "supervisor") add_role(status, name, text.substr(1));
  for (auto &[id, name] : task.open) add_silent_role(status, name);
  asker.answer(write_answer(status), now);
}

void Server::tell_of(const char *role, const Task &task, Visitor &asker, std::uint64_t now) {
  auto told = task.told.find(role);
  if (told == task.told.end()) {
    asker.answer(write_refusal(std::string("the ") + role + " did not answer in time; its log says why"), now);
    return;
  }
  std::string text = told->second.substr(1);
  Json answer = told->second[0] == 'd' ? parse_reply(text) : Json();
  if (answer.is_object()) asker.answer(write_answer(answer), now);
  else if (told->second[0] == 'f') asker.answer(write_refusal(text.substr(0, 1000)), now);
  else asker.answer(write_refusal(std::string("the ") + role + " could not answer: " + text.substr(0, 1000)), now);
}

} // namespace sekisho::control
