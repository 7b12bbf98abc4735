#include "gateway/role/path/attendant.hh"

#include "base/check.hh"
#include "gateway/path/limits_json.hh"
#include "gateway/path/survey.hh"
#include "gateway/role/channel/long_text.hh"
#include "rules/compile.hh"

#include <poll.h>

#include <algorithm>
#include <sstream>
#include <thread>

namespace sekisho::role {
namespace {

constexpr int event_pause_ms = 100;           // how long an event may wait for its way to the record
constexpr int retry_pause_ms = 5;             // while the record is busy
constexpr int desk_pause_ms = 1;              // while a list of flows is on its way
constexpr std::size_t backlog_limit = 16384;  // events
constexpr std::uint64_t order_limit = 5'000'000'000; // ns; a core that takes no order for so long is stuck
constexpr std::uint64_t end_limit = 1'000'000'000;   // ns; for the cores to end

bool have_same_ports(const rules::RuleSet &one, const rules::RuleSet &other) {
  return std::ranges::equal(one.zones(), other.zones(), [](const auto &a, const auto &b) {
    return a.port == b.port && a.vlan == b.vlan && a.mtu == b.mtu;
  });
}

std::string text_of(const path::Json &json) {
  return json.dump(-1, ' ', false, path::Json::error_handler_t::replace);
}

} // namespace

Result<std::shared_ptr<const rules::RuleSet>> compiled(
    const std::vector<rules::SourceFile> &sources) {
  rules::Compiled compiled = rules::compile(sources, unix_now());
  if (!compiled.rules) return fail(rules::render(compiled.diagnostics, sources, false));
  return compiled.rules;
}

Result<std::uint32_t> severed_zones(const rules::RuleSet &rules, const std::string &names) {
  std::uint32_t zones = 0;
  std::istringstream words(names);
  for (std::string name; words >> name;) {
    std::optional<rules::ZoneId> zone = rules.zone_named(name);
    if (!zone) return fail("cannot cut off " + name + ": there is no such zone");
    zones |= 1u << *zone;
  }
  return zones;
}

std::shared_ptr<const path::Policy> policy_of(std::shared_ptr<const rules::RuleSet> rules,
                                              std::size_t cores) {
  return std::make_shared<const path::Policy>(std::move(rules), cores);
}

Attendant::Attendant(const PathConfig &config, const Workers &workers, Commons &commons,
                     const ZonePorts &ports, std::shared_ptr<const path::Policy> policy,
                     std::uint32_t severed)
    : config_(config), workers_(workers), commons_(commons), ports_(ports),
      policy_(std::move(policy)), severed_(severed), desk_(config, workers, commons) {
  desk_.adopt(policy_, config_.rules);
  commons_.devices().adopt(rules());
  desk_.load_devices();
}

void Attendant::serve() {
  while (!stopped_) {
    wait();
    while (auto message = config_.orders.receive(0)) obey(*message);
    while (auto message = config_.control.receive(0)) answer(*message);
    hand_on_events();
    desk_is_busy_ = desk_.go_on();
  }
  for (const auto &worker : workers_) worker->stop();
  wait_for_cores();
  desk_.close();
}

/// So that their last counts are kept; not for long.
void Attendant::wait_for_cores() const {
  std::uint64_t since = monotonic_ns();
  auto have_ended = [this] { return std::ranges::all_of(workers_, [](const auto &one) { return one->has_ended(); }); };
  while (!have_ended() && monotonic_ns() - since < end_limit) std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

void Attendant::wait() {
  std::array<pollfd, 2> channels = {
      {{config_.orders.fd(), POLLIN, 0}, {config_.control.fd(), POLLIN, 0}}};
  ::poll(channels.data(), channels.size(), desk_is_busy_      ? desk_pause_ms
                                            : backlog_.empty() ? event_pause_ms
                                                               : retry_pause_ms);
  if (channels[0].revents & (POLLHUP | POLLERR)) stopped_ = true; // no supervisor any more
}

void Attendant::answer(const Message &question) {
  switch (question.type) {
  case MessageType::status:
    if (question.text == "rules") desk_.begin_rules(question.id, [this] { return status(); });
    else send_long(config_.control, MessageType::reply, question.id, status());
    break;
  case MessageType::devices:
    answer_devices(question);
    break;
  case MessageType::flows:
  case MessageType::hosts: desk_.begin(question); break;
  default: break;
  }
}

void Attendant::answer_devices(const Message &question) {
  const Result<std::optional<rules::ZoneId>> zone =
      path::zone_in(path::Json::parse(question.text, nullptr, false), rules());
  if (!zone) {
    config_.control.send(MessageType::failed, question.id, zone.error().what);
    return;
  }
  send_long(config_.control, MessageType::reply, question.id, text_of(commons_.devices().to_json(rules(), *zone)));
}

void Attendant::obey(Message &message) {
  Result<void> done;
  switch (message.type) {
  case MessageType::rules: done = take_rules(message); break;
  case MessageType::severed: done = take_severed(message.text); break;
  case MessageType::stop: stopped_ = true; return;
  default: return;
  }
  if (done) config_.orders.send(MessageType::done, message.id);
  else config_.orders.send(MessageType::failed, message.id,
                           std::string_view(done.error().what).substr(0, max_message_text));
}

/// Compiled here, away from the forwarding cores; the old rules hold until the new ones do.
Result<void> Attendant::take_rules(Message &message) {
  Result<std::vector<rules::SourceFile>> sources = read_sources(message.fd.get());
  if (!sources) return fail(sources.error());
  Result<std::shared_ptr<const rules::RuleSet>> compiled_rules = compiled(*sources);
  if (!compiled_rules) return fail(compiled_rules.error());
  if (!have_same_ports(rules(), **compiled_rules))
    return fail("zones and ports change only when sekishod is started again");
  auto policy = policy_of(std::move(*compiled_rules), workers_.size());
  give({.policy = policy, .brings_policy = true, .severed = severed_});
  hand_on_events(); // those of the old rules still know their labels
  policy_ = std::move(policy);
  desk_.adopt(policy_, *sources);
  commons_.devices().adopt(rules());
  ++generation_;
  return {};
}

Result<void> Attendant::take_severed(const std::string &names) {
  Result<std::uint32_t> zones = severed_zones(rules(), names);
  if (!zones) return fail(zones.error());
  severed_ = *zones;
  give({.policy = nullptr, .brings_policy = false, .severed = severed_});
  return {};
}

/// Returns when every forwarding core has it: from then on nothing is decided otherwise.  What the cores gave
/// back is freed here.
void Attendant::give(const Order &order) {
  std::vector<Order> orders(workers_.size(), order);
  for (std::size_t core = 0; core < workers_.size(); ++core) workers_[core]->give(orders[core]);
  std::uint64_t since = monotonic_ns();
  for (const auto &worker : workers_)
    while (!worker->has_taken()) {
      CHECK(monotonic_ns() - since < order_limit);
      std::this_thread::sleep_for(std::chrono::microseconds(50));
    }
}

std::string Attendant::status() const {
  path::Counters counters;
  for (const auto &worker : workers_) path::add_up(counters, worker->counters());
  path::Json status = path::status_json(counters, *policy_);
  port::Dpdk::Handed handed = ports_.handed();
  if (handed.lost > 0) status["counters"][std::string(word_of(Reason::core_busy))] = handed.lost;
  status["cores"] = workers_.size();
  if (workers_.size() > 1) status["handed_over"] = handed.over;
  if (handed.distrusted > 0) status["ports_spread_by_software"] = handed.distrusted;
  for (std::size_t zone = 0; zone < status["zones"].size(); ++zone)
    if (std::optional<bool> is_up = ports_.link(static_cast<rules::ZoneId>(zone)))
      status["zones"][zone]["link"] = *is_up ? "up" : "down";
  status["limits"] = path::limits_json(commons_.limits(), *policy_);
  status["generation"] = generation_;
  status["events_lost"] = counters.events_lost.value() + unsent_;
  return text_of(status);
}

/// What the record does not take yet waits here, as text: its rule labels are those of its time.
void Attendant::hand_on_events() {
  for (const auto &worker : workers_)
    for (path::Event event; worker->events().pop(event);) hand_on(path::to_json(event, &rules()));
  for (const path::DeviceEvent &event : commons_.watch(unix_now())) hand_on(path::to_json(event, rules()));
  while (!backlog_.empty() && config_.record.send(MessageType::event, 0, backlog_.front()))
    backlog_.pop_front();
}

void Attendant::hand_on(const path::Json &event) {
  if (backlog_.size() == backlog_limit) ++unsent_;
  else backlog_.push_back(text_of(event));
}

} // namespace sekisho::role
