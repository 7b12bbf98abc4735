// Rules put in force: by reload for good, by apply for good or on trial, and back.
//
//   reload            the rule files; nothing is held any more
//   apply             what was sent; held in the state folder unless the rule files say the same
//   apply, on trial   the former rules are held, on disk, before the new ones are in force: whatever ends the
//                     daemon, it starts under them.  The clock, an administrator or a restart goes back;
//                     only `confirm` makes the new ones stay.
#include "gateway/role/supervisor.hh"

#include "base/clock.hh"
#include "base/log.hh"
#include "gateway/role/channel/sources.hh"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

namespace sekisho::role {
namespace {

constexpr std::uint64_t second = 1'000'000'000;            // ns
constexpr std::uint64_t reload_limit = 8 * second;         // many rules take a while to compile
constexpr std::size_t max_shown_changes = 60'000;          // octets, to whoever asked
constexpr std::size_t max_recorded_changes = 20'000;       // octets, in the record

std::string name_of(const nlohmann::ordered_json &who) {
  if (std::string user = who.value("user", ""); !user.empty()) return user;
  if (auto uid = who.find("uid"); uid != who.end()) return fmt::format("user number {}", uid->dump());
  return who.contains("signal") ? "a signal" : "the clock";
}

std::string duration(std::uint64_t seconds) {
  if (seconds % 60 != 0 || seconds == 0) return fmt::format("{} s", seconds);
  return seconds % 3600 == 0 ? fmt::format("{} h", seconds / 3600) : fmt::format("{} min", seconds / 60);
}

} // namespace

/// Somebody started the daemon anew, or it ended, while rules were on trial: main() has taken the former ones.
void Supervisor::tell_interrupted_trial() {
  if (!held_.rules()) return;
  log_info(fmt::format("the rules in force are those kept by sekisho apply ({}, {}), not the rule files; sekisho "
                       "reload puts the files in force",
                       held_.rules()->by, held_.rules()->since));
  if (!held_.rules()->on_trial) return;
  Json who{{"user", held_.rules()->by}};
  tell({{"event", "rules-went-back"}, {"policy", policy_.rules->hash()}, {"why", "restart"}, {"applied_by", who}});
  if (Result<void> kept = keep(policy_.sources, who); !kept) log_error(kept.error().what);
}

std::string Supervisor::prepare_rules(Order &order) {
  if (trial_)
    return fmt::format("rules applied by {} are on trial: first  sekisho apply --confirm  or  sekisho apply --back\n",
                       name_of(trial_->who));
  Result<std::vector<rules::SourceFile>> sources =
      order.sources ? read_sources(order.sources.get()) : read_rule_files(options_.rule_files);
  const rules::RuleSet *in_force = order.sources ? policy_.rules.get() : nullptr;
  Result<Policy> policy = sources ? compile_policy(std::move(*sources), unix_now(), in_force) : fail(sources.error());
  std::string error = policy ? "" : policy.error().what;
  if (policy && !policy->unusable.empty()) error = policy->unusable + "these rules would deliver nothing there. The old rules stay in force.\n";
  if (policy && standing_parts(*policy->rules) != standing_parts(*policy_.rules))
    error = "zones, their ports and addresses, and where relays listen are fixed while sekishod runs:\n"
            "restart it to change them. The old rules stay in force.\n";
  if (!error.empty()) {
    tell({{"event", "rules-refused"}, {"policy", policy_.rules->hash()}, {"error", error.substr(0, 4000)},
          {"who", order.who}});
    return error;
  }
  order.policy = std::move(*policy);
  order.changes = change_text(policy_, order.policy, max_shown_changes);
  return "";
}

std::string Supervisor::prepare_confirm(const Order &) const {
  return trial_ ? "" : "no rules are on trial: nothing waits to be confirmed";
}

std::string Supervisor::prepare_go_back(const Order &order) const {
  if (!trial_) return "no rules are on trial: there is nothing to go back from";
  return order.trial == 0 || order.trial == trial_->number ? "" : "that trial is over";
}

Supervisor::Json Supervisor::rules_event_of(const Order &order) const {
  if (order.type == MessageType::confirm)
    return {{"event", "rules-confirmed"}, {"policy", policy_.rules->hash()}, {"applied_by", trial_->who},
            {"who", order.who}};
  if (order.type == MessageType::go_back)
    return {{"event", "rules-went-back"}, {"policy", trial_->former.rules->hash()},
            {"before", policy_.rules->hash()}, {"why", order.trial ? "time" : "asked"},
            {"applied_by", trial_->who}, {"who", order.who}};
  Json event{{"event", order.type == MessageType::reload ? "rules-loaded" : "rules-applied"},
             {"policy", order.policy.rules->hash()}, {"before", policy_.rules->hash()}};
  event["files"] = Json::array();
  for (const rules::SourceFile &source : order.policy.sources) event["files"].push_back(source.name);
  if (order.within > 0) event["confirm_within"] = order.within;
  event["added"] = order.changes.added;
  event["removed"] = order.changes.removed;
  event["changes"] = order.changes.lines.substr(0, max_recorded_changes);
  event["who"] = order.who;
  return event;
}

/// What is in force after a restart: the rule files where they say the same, else these.
Result<void> Supervisor::keep(const std::vector<rules::SourceFile> &sources, const Json &who) {
  Result<std::vector<rules::SourceFile>> files = read_rule_files(options_.rule_files);
  if (files && have_same_text(*files, sources)) return held_.let_go();
  return held_.hold({sources, /*on_trial=*/false, name_of(who), to_rfc3339(unix_now())});
}

Result<void> Supervisor::carry_out_rules(Order &order) {
  std::string shown = order.changes.lines.empty() ? "no sentence changes\n" : order.changes.lines;
  std::string new_hash = order.policy.rules->hash();
  if (order.within > 0) {
    HeldRules former{policy_.sources, /*on_trial=*/true, name_of(order.who), to_rfc3339(unix_now())};
    TRY(held_.hold(std::move(former)));
    Trial trial{++trials_, policy_, order.who, monotonic_ns() + order.within * second, false};
    TRY(put_in_force(order, std::move(order.policy)));
    trial_ = std::move(trial);
    order.done = fmt::format("{}policy {} is in force on trial: it goes back by itself in {}, unless\n"
                             "  sekisho apply --confirm",
                             shown, new_hash, duration(order.within));
    return {};
  }
  if (order.type == MessageType::reload) TRY(held_.let_go());
  else TRY(keep(order.policy.sources, order.who));
  TRY(put_in_force(order, std::move(order.policy)));
  order.done = fmt::format("{}policy {} is in force{}", order.type == MessageType::apply ? shown : "", new_hash,
                           held_.rules() ? "; the rule files say otherwise until they are changed too" : "");
  return {};
}

/// Also what a role gets that is started from now on.
Result<void> Supervisor::put_in_force(Order &order, Policy policy) {
  Result<UniqueFd> memfd = sources_memfd(policy.sources);
  if (!memfd) return fail(memfd.error());
  policy_ = std::move(policy);
  if (::dup3(policy_.secrets->get(), secrets_.get(), O_CLOEXEC) < 0) log_error("a relay started anew would have old certificates");
  order.deadline = monotonic_ns() + reload_limit;
  ask_to_confirm(order, MessageType::rules, "", memfd->get());
  return {};
}

Result<void> Supervisor::carry_out_confirm(Order &order) {
  TRY(keep(policy_.sources, order.who));
  trial_.reset();
  order.done = fmt::format("policy {} stays in force{}", policy_.rules->hash(),
                           held_.rules() ? "; the rule files say otherwise until they are changed too" : "");
  return {};
}

/// In force first: a full disk must not keep the rules on trial.  Its held file then says the same as now.
Result<void> Supervisor::carry_out_go_back(Order &order) {
  Json applied_by = trial_->who;
  TRY(put_in_force(order, trial_->former));
  trial_.reset();
  if (Result<void> kept = keep(policy_.sources, applied_by); !kept) log_error(kept.error().what);
  order.done = fmt::format("policy {} is in force again", policy_.rules->hash());
  return {};
}

/// A confirmation that came in time is heard before the clock.
void Supervisor::look_at_trial() {
  if (!trial_ || trial_->is_over || monotonic_ns() < trial_->deadline) return;
  trial_->is_over = true;
  Order order;
  order.type = MessageType::go_back;
  order.who = {{"clock", "not confirmed in time"}};
  order.trial = trial_->number;
  auto confirmation = std::ranges::find(waiting_orders_, MessageType::confirm, &Order::type);
  waiting_orders_.insert(confirmation == waiting_orders_.end() ? waiting_orders_.begin() : confirmation + 1,
                         std::move(order));
}

Supervisor::Json Supervisor::trial_status() const {
  if (!trial_) return {};
  std::uint64_t now = monotonic_ns();
  return {{"policy", policy_.rules->hash()},
          {"before", trial_->former.rules->hash()},
          {"by", name_of(trial_->who)},
          {"seconds_left", trial_->deadline > now ? (trial_->deadline - now) / second : 0}};
}

} // namespace sekisho::role
