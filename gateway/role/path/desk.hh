// What the attendant does for administrators: lists of flows, hosts and devices, the rules' counters and the
// device table over restarts, and the evidence files.
#pragma once

#include "gateway/evidence/segments.hh"
#include "gateway/path/hits.hh"
#include "gateway/path/survey.hh"
#include "gateway/path/twin_files.hh"
#include "gateway/role/path/commons.hh"
#include "gateway/role/path/worker.hh"
#include "gateway/role/roles.hh"

#include <deque>

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

  /// [{"label", "packets", "octets", "last_used", "until", "expired"}, …] in the order of the rules; the text
  /// of it, because there may be a hundred thousand.
  std::string rules_text() const;

private:
  /// A list on its way from the cores.
  struct Job {
    std::uint32_t id = 0;
    path::FlowList list;
    std::vector<std::unique_ptr<path::Survey>> surveys; // one a core
    std::string answer;
    bool is_done = false, is_stale = false;
  };
  void start(Job &job);
  void go_on(Job &job);
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
  path::HitBook book_;
  path::TwinFiles hit_files_, device_files_;
  std::uint64_t kept_at_ = 0;
  std::optional<evidence::Segments> segments_;
  std::uint64_t complained_at_ = 0;
};

} // namespace sekisho::role
