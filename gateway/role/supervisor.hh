// The supervisor: the only process that stays root.  It reads no packet and no mail; it starts the roles,
// starts them again, and carries out what an administrator orders: reload, sever, join, stop.
#pragma once

#include "gateway/role/doors.hh"
#include "gateway/role/held.hh"
#include "gateway/role/process.hh"
#include "gateway/role/severed.hh"
#include "gateway/role/wiring.hh"

#include <nlohmann/json.hpp>

#include <deque>
#include <memory>
#include <set>

namespace sekisho::role {

class Supervisor {
public:
  Supervisor(Options options, Policy policy, Identities identities, Doors doors, Severed severed,
             Held held, Wiring wiring);
  /// Until SIGTERM or SIGINT.  Returns the exit status.
  int run();

private:
  using Json = nlohmann::ordered_json;
  /// A role that never stops talking must not keep the supervisor from the others.
  static constexpr int messages_a_turn = 64;

  /// An order of an administrator while the roles confirm it.
  struct Order {
    MessageType type = MessageType::none; // reload, apply, confirm, go_back, sever, join
    std::uint32_t request = 0;            // id of control's message; 0: a signal asked
    Json who;
    std::string zone;               // sever, join
    Policy policy;                  // reload, apply: the new one
    UniqueFd sources;               // apply: a memfd; none: the rule files
    std::uint64_t within = 0;       // apply: seconds on trial, 0: for good
    ChangeText changes;             // reload, apply
    std::uint64_t trial = 0;        // go_back by the clock: which trial it ends
    bool recording = false;         // waits for the record before anything is changed
    std::string done;               // what to answer
    bool is_kept = true;            // sever: also after a restart
    std::set<std::string> open;     // roles that have not confirmed
    std::uint64_t deadline = 0;
    std::uint32_t id = 0;           // of our messages to the roles
  };

  /// Rules in force until somebody confirms them in time.
  struct Trial {
    std::uint64_t number = 0;
    Policy former;
    Json who;                   // put them on trial
    std::uint64_t deadline = 0; // monotonic_ns
    bool is_over = false;       // going back is ordered
  };

  // roles.cc: what each role is
  void describe_roles();
  Process make_path();
  Process make_relay();
  Process make_sanitizer();
  Process make_scan();
  Process make_office();
  Process make_record();
  Process make_control();

  // supervisor.cc: the loop
  void serve();
  void wait();
  void take_signals();
  void reap();
  void start_due();
  void hear_roles();
  void say_ready_once();
  void stop_all();
  void stop(const std::vector<std::string> &names, int seconds);
  Process *process(const std::string &name);
  const Pair &orders_pair(const std::string &name) const;
  Channel orders_of(const std::string &name) const { return orders_pair(name).near_end(); }
  void forget_orders(const std::string &name);

  // orders.cc: what administrators ask
  void hear_requests();
  void begin(Order order);
  std::string prepare(Order &order);
  std::string prepare_zone(Order &order);
  void ask_record(Order order);
  void hear_record();
  void carry_out(Order order);
  Result<void> carry_out_zone(Order &order);
  void sever(Order &order);
  Result<void> join(Order &order);
  void keep_severed();
  void tell_kept(const std::vector<std::string> &owed);
  Json event_of(const Order &order) const;

  // trials.cc: rules in force, on trial, and back
  void tell_interrupted_trial();
  std::string prepare_rules(Order &order);
  std::string prepare_confirm(const Order &order) const;
  std::string prepare_go_back(const Order &order) const;
  Json rules_event_of(const Order &order) const;
  Result<void> carry_out_rules(Order &order);
  Result<void> carry_out_confirm(Order &order);
  Result<void> carry_out_go_back(Order &order);
  Result<void> keep(const std::vector<rules::SourceFile> &sources, const Json &who);
  Result<void> put_in_force(Order &order, Policy policy);
  void look_at_trial();
  Json trial_status() const;

  void ask_to_confirm(Order &order, MessageType type, std::string_view text, int fd);
  void confirmed(const std::string &name, const Message &message);
  void check_order();
  void answer(const Order &order, bool ok, const std::string &text);
  std::string status() const;
  void tell(Json event) const;

  Options options_;
  Policy policy_;
  Identities identities_;
  Doors doors_;
  Severed severed_;
  std::string not_kept_because_;    // the last failure to write down which zones are severed
  std::uint64_t next_keep_ = 0;     // monotonic_ns: when it is tried again
  Wiring wiring_;
  UniqueFd secrets_; // those of policy_, under a number that stays: what a relay that is started anew is given
  std::vector<Process> processes_;
  std::string office_program_; // empty: not installed
  UniqueFd signals_;
  bool stopping_ = false, said_ready_ = false;
  int exit_status_ = 0;
  std::uint32_t next_id_ = 1;
  std::deque<Order> waiting_orders_;
  std::optional<Order> order_;
  Held held_;
  std::optional<Trial> trial_;
  std::uint64_t trials_ = 0;
};

} // namespace sekisho::role
