// The thread beside the forwarding cores: orders of the supervisor, questions of control, events to the
// record.  Everything slow happens here.
#pragma once

#include "gateway/role/path/commons.hh"
#include "gateway/role/path/desk.hh"
#include "gateway/role/path/ports.hh"
#include "gateway/role/path/worker.hh"
#include "gateway/path/report.hh"
#include "gateway/role/roles.hh"

#include <deque>

namespace sekisho::role {

class Attendant {
public:
  using Workers = std::vector<std::unique_ptr<Worker>>;
  /// `workers` have adopted `policy`, and `severed`.  All outlive the attendant.
  Attendant(const PathConfig &config, const Workers &workers, Commons &commons, const ZonePorts &ports,
            std::shared_ptr<const path::Policy> policy, std::uint32_t severed);

  /// Until stop(), or until the supervisor says so or is gone; then the workers are stopped.
  void serve();
  void stop() { stopped_ = true; }

private:
  void wait();
  void obey(Message &message);
  Result<void> take_rules(Message &message);
  Result<void> take_severed(const std::string &names);
  void give(const Order &order);
  void answer(const Message &question);
  void answer_devices(const Message &question);
  void wait_for_cores() const;
  std::string status() const;
  void hand_on_events();
  void hand_on(const path::Json &event);
  const rules::RuleSet &rules() const { return policy_->rules(); }

  const PathConfig &config_;
  const Workers &workers_;
  Commons &commons_;
  const ZonePorts &ports_;
  std::shared_ptr<const path::Policy> policy_;
  std::uint32_t severed_;
  Desk desk_;
  bool desk_is_busy_ = false;
  std::uint64_t generation_ = 1;
  std::deque<std::string> backlog_;
  std::uint64_t unsent_ = 0; // events for which there was no room
  std::atomic<bool> stopped_{false};
};

/// Compiles the rule sources; errors are the rendered diagnostics.
Result<std::shared_ptr<const rules::RuleSet>> compiled(const std::vector<rules::SourceFile> &sources);

/// Blank-separated names as bits by ZoneId.  Errors: there is no such zone.
Result<std::uint32_t> severed_zones(const rules::RuleSet &rules, const std::string &names);

/// For so many cores: each counts its own hits.
std::shared_ptr<const path::Policy> policy_of(std::shared_ptr<const rules::RuleSet> rules,
                                              std::size_t cores);

} // namespace sekisho::role
