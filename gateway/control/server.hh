// The local socket's event loop: visitors on one side, the roles on the other.
#pragma once

#include "gateway/control/visitor.hh"
#include "gateway/role/channel/channel.hh"

#include <map>

namespace sekisho::control {

/// Whom to ask; a channel that is not there belongs to a role that does not run in this daemon.
struct Roles {
  role::Channel orders, supervisor, path, relay, record, events;
};

class Server {
public:
  Server(int listener, Roles roles) : listener_(listener), roles_(roles) {}
  /// Says `ready`, serves until `stop`.
  int serve();

private:
  /// A visitor's question, on its way through the roles.
  struct Task {
    Question::Kind kind;
    std::uint64_t visitor = 0;
    std::uint64_t deadline = 0;
    std::map<std::uint32_t, std::string> open; // message id → role not heard of yet
    std::map<std::string, std::string> told;   // role → its answer
    std::uint64_t name_until = 0; // not 0: it is passed on once the asker's name is known, or then
    Who who;
    Json choice; // what is passed on
  };

  void wait();
  void take_orders();
  void admit();
  void hear(const role::Channel &channel, const std::string &name);
  void attend();
  void begin(Visitor &visitor, const Question &question, const UniqueFd &rules, std::uint64_t now);
  bool ask(Task &task, const role::Channel &channel, const std::string &name, role::MessageType type,
           const std::string &text, int fd = -1);
  /// What is recorded with who asked.
  void ask_name(Task &task, std::uint64_t now);
  void take_name(Task &task, std::uint64_t now);
  /// To the one role it is for.  False: it does not take it; the visitor was told.
  bool pass_on(Task &task, std::uint64_t now);
  void finish(Task &task, std::uint64_t now);
  void tell_status(const Task &task, Visitor &visitor, std::uint64_t now);
  struct Addressee {
    role::Channel channel;
    const char *name = nullptr; // none: the supervisor, or several
  };
  /// The one role that a kind of question is passed on to.
  Addressee addressee(Question::Kind kind) const;
  void tell_of(const char *role, const Task &task, Visitor &visitor, std::uint64_t now);
  void give_up(std::uint64_t now);
  Visitor *visitor(std::uint64_t number);
  void record_trace(const Task &task);

  int listener_;
  Roles roles_;
  bool stopped_ = false;
  std::uint64_t next_visitor_ = 1;
  std::uint32_t next_id_ = 1;
  std::vector<Visitor> visitors_;
  std::vector<Task> tasks_;
};

} // namespace sekisho::control
