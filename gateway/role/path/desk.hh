// What the attendant does for administrators: lists of flows, hosts and devices, the rules' counters and the
// device table over restarts, and the evidence files.
#pragma once

#include "base/twin_files.hh"
#include "gateway/evidence/segments.hh"
#include "gateway/path/hits.hh"
#include "gateway/path/survey.hh"
#include "gateway/role/path/commons.hh"
#include "gateway/role/path/worker.hh"
#include "gateway/role/roles.hh"

#include <fmt/format.h>

#include <deque>
#include <functional>

namespace sekisho::role {

class Desk {
public:
  /// All outlive the desk.
  Desk(const PathConfig &config, const std::vector<std::unique_ptr<Worker>> &workers, Commons &commons);

  /// What was known before a restart; once, when there are rules.
  void load_devices();

  /// The rules in force from now on; the cores have them.
  void adopt(std::shared_ptr<const path::Policy> policy, const std::vector<rules::SourceFile> &sources);

  /// Flows and hosts: the answer follows.
  void begin(const Message &question);
  /// A little of everything that is under way; true when there is more to do soon.
  bool go_on();
  /// What is to be kept is on disk.
  void close();

  /// The same for `status` with its rules: [{"label", "packets", "octets", "last_used", "until", "expired"}, …] in
  /// their order.  `status`: the object that this is put into, asked for when the list is whole.
  void begin_rules(std::uint32_t id, std::function<std::string()> status);

private:
  /// A list on its way from the cores.
  struct Job {
    std::uint32_t id = 0;
    path::FlowList list;
    std::vector<std::unique_ptr<path::Survey>> surveys; // one a core
    std::string answer;
    bool is_done = false, is_stale = false;
  };
  /// A list of rules: there may be a hundred thousand, and somebody may want to cut off a zone meanwhile.
  struct RulesJob {
    std::uint32_t id = 0;
    std::function<std::string()> status;
    std::vector<const rules::Ledger *> ledgers; // of the rules in force; empty: not begun
    std::size_t next = 0;                       // rule
    fmt::memory_buffer text;
    std::string answer;
    bool is_done = false;
  };
  void start(Job &job);
  void go_on(Job &job);
  void go_on(RulesJob &job);
  void keep_evidence();
  void load_hits();
  void keep_counts();
  void complain(const std::string &what);
  const rules::RuleSet &rules() const { return policy_->rules(); }

  const PathConfig &config_;
  const std::vector<std::unique_ptr<Worker>> &workers_;
  Commons &commons_;
  std::shared_ptr<const path::Policy> policy_;
  std::deque<Job> jobs_; // the first is under way
  std::deque<RulesJob> rules_jobs_;
  path::HitBook book_;
  TwinFiles hit_files_, device_files_;
  std::uint64_t kept_at_ = 0;
  std::optional<evidence::Segments> segments_;
  std::uint64_t complained_at_ = 0;
};

} // namespace sekisho::role
