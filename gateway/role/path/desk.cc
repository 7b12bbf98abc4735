#include "gateway/role/path/desk.hh"

#include "base/log.hh"
#include "gateway/evidence/remark.hh"
#include "gateway/role/channel/long_text.hh"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>

namespace sekisho::role {
namespace {

constexpr std::uint64_t second = 1'000'000'000;          // ns
constexpr std::uint64_t keep_every = 30 * second;        // what a power cut may lose
constexpr std::uint64_t complain_every = 60 * second;
constexpr std::size_t max_jobs = 8;                      // lists that wait

std::string text_of(const nlohmann::ordered_json &json) {
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

int fd_at(const std::vector<int> &fds, std::size_t place) { return place < fds.size() ? fds[place] : -1; }

std::vector<evidence::Interface> interfaces_of(const rules::RuleSet &rules) {
  std::vector<evidence::Interface> interfaces;
  for (const rules::Zone &zone : rules.zones()) interfaces.push_back({zone.name, zone.port});
  return interfaces;
}

/// Between the path's clock and the calendar.
std::uint64_t calendar_offset() {
  timespec calendar{}, path{};
  ::clock_gettime(CLOCK_REALTIME, &calendar);
  ::clock_gettime(CLOCK_MONOTONIC, &path);
  auto nanoseconds = [](const timespec &time) {
    return static_cast<std::uint64_t>(time.tv_sec) * second + static_cast<std::uint64_t>(time.tv_nsec);
  };
  return nanoseconds(calendar) - nanoseconds(path);
}

/// The ledger of any rule: permits and relays have one.
std::vector<const rules::Ledger *> ledgers_of(const rules::RuleSet &rules) {
  std::vector<const rules::Ledger *> ledgers(rules.labels().size());
  for (const rules::Permit &permit : rules.permits())
    if (permit.rule < ledgers.size()) ledgers[permit.rule] = &permit.ledger;
  for (const rules::Relay &relay : rules.relays())
    if (relay.rule < ledgers.size()) ledgers[relay.rule] = &relay.ledger;
  return ledgers;
}

std::string time_or_null(UnixSeconds time) {
  return time > 0 ? fmt::format("\"{}\"", to_rfc3339(time)) : "null";
}

} // namespace

Desk::Desk(const PathConfig &config, const std::vector<std::unique_ptr<Worker>> &workers, Commons &commons)
    : config_(config), workers_(workers), commons_(commons),
      hit_files_(fd_at(config.hits, 0), fd_at(config.hits, 1)),
      device_files_(fd_at(config.devices, 0), fd_at(config.devices, 1)) {
  load_hits();
  kept_at_ = monotonic_ns();
}

/// The listed ones are known already.
void Desk::load_devices() {
  Result<Buffer> kept = device_files_.load();
  if (kept && kept->empty()) return;
  nlohmann::ordered_json devices;
  if (kept) devices = nlohmann::ordered_json::parse(as_chars(*kept), nullptr, false);
  Result<void> taken = kept ? commons_.devices().from_json(devices, rules()) : fail(kept.error());
  if (!taken) log_error("the device table begins anew: " + taken.error().what);
}

void Desk::load_hits() {
  Result<Buffer> kept = hit_files_.load();
  Result<void> taken = kept ? book_.decode(*kept) : fail(kept.error());
  if (!taken) log_error("the rules' counters begin anew: " + taken.error().what);
}

void Desk::adopt(std::shared_ptr<const path::Policy> policy, const std::vector<rules::SourceFile> &sources) {
  keep_evidence(); // of the former rules: their labels
  for (Job &job : jobs_) job.is_stale = true; // the numbers of its rules mean others now
  for (RulesJob &job : rules_jobs_) job.ledgers.clear();
  policy_ = std::move(policy);
  book_.adopt(policy_, rules::sentence_texts(sources));
  if (!segments_ && !config_.evidence.empty())
    segments_.emplace(config_.evidence, config_.evidence_size, interfaces_of(rules()));
}

void Desk::begin(const Message &question) {
  auto kind = question.type == MessageType::hosts ? path::FlowList::Kind::hosts : path::FlowList::Kind::flows;
  Result<path::FlowList> list = path::FlowList::make(kind, question.text, rules());
  if (list && jobs_.size() >= max_jobs) list = fail("too many lists are asked for at once");
  if (!list) {
    config_.control.send(MessageType::failed, question.id, list.error().what);
    return;
  }
  jobs_.push_back({});
  jobs_.back().id = question.id;
  jobs_.back().list = std::move(*list);
  if (jobs_.size() == 1) start(jobs_.front());
}

void Desk::start(Job &job) {
  for (const auto &worker : workers_) {
    job.surveys.push_back(std::make_unique<path::Survey>());
    worker->survey(*job.surveys.back());
  }
}

bool Desk::go_on() {
  keep_evidence();
  if (monotonic_ns() - kept_at_ >= keep_every) keep_counts();
  if (!rules_jobs_.empty()) {
    go_on(rules_jobs_.front());
    if (rules_jobs_.front().is_done) rules_jobs_.pop_front();
  }
  if (jobs_.empty()) return !rules_jobs_.empty();
  go_on(jobs_.front());
  if (jobs_.front().is_done) {
    jobs_.pop_front();
    if (!jobs_.empty()) start(jobs_.front());
  }
  return !jobs_.empty() || !rules_jobs_.empty();
}

/// Asked first whether a core is through, its ring is then emptied for good.
void Desk::go_on(Job &job) {
  bool are_through = true;
  for (std::size_t core = 0; core < workers_.size(); ++core) {
    are_through &= workers_[core]->has_surveyed();
    for (path::FlowRow row; job.surveys[core]->take(row);) job.list.add(row);
  }
  if (!are_through) return;
  if (job.is_stale) {
    job.is_done = config_.control.send(MessageType::failed, job.id, "the rules were replaced meanwhile; ask again");
    return;
  }
  if (job.answer.empty()) job.answer = text_of(job.list.take(rules()));
  job.is_done = send_long(config_.control, MessageType::reply, job.id, job.answer);
}

void Desk::keep_evidence() {
  if (!segments_) return;
  std::uint64_t offset = calendar_offset();
  const std::vector<std::string> &labels = rules().labels();
  for (const auto &worker : workers_)
    for (path::RefusedPacket packet; worker->evidence().take(packet);) {
      std::string reason(word_of(packet.reason));
      std::uint64_t time = packet.nanoseconds + offset;
      if (packet.length == 0) {
        segments_->add(evidence::Statistics{packet.zone, time, evidence::write_left_out(reason, packet.left_out)});
        continue;
      }
      std::string label = packet.rule < labels.size() ? labels[packet.rule] : "";
      evidence::Remark remark{std::move(reason), std::move(label), packet.left_out};
      segments_->add(evidence::Packet{packet.zone, time, packet.length, packet.from_kernel,
                                      Bytes(packet.octets).first(packet.kept), evidence::write_remark(remark)});
    }
  if (Result<void> written = segments_->flush(); !written) complain(written.error().what);
}

void Desk::keep_counts() {
  kept_at_ = monotonic_ns();
  if (Result<void> saved = hit_files_.save(book_.encode()); !saved)
    complain("the rules' counters are not kept: " + saved.error().what);
  std::string devices = text_of(commons_.devices().to_json(rules()));
  if (Result<void> saved = device_files_.save(as_bytes(devices)); !saved)
    complain("the device table is not kept: " + saved.error().what);
}

/// A full disk is told now and then, not ten times a second.
void Desk::complain(const std::string &what) {
  std::uint64_t now = monotonic_ns();
  if (complained_at_ != 0 && now - complained_at_ < complain_every) return;
  complained_at_ = now;
  log_error(what);
}

void Desk::close() {
  keep_evidence();
  keep_counts();
}

void Desk::begin_rules(std::uint32_t id, std::function<std::string()> status) {
  if (rules_jobs_.size() >= max_jobs) {
    config_.control.send(MessageType::failed, id, "too many lists are asked for at once");
    return;
  }
  rules_jobs_.emplace_back().id = id;
  rules_jobs_.back().status = std::move(status);
}

/// From the beginning where the rules were replaced meanwhile.
void Desk::go_on(RulesJob &job) {
  constexpr std::size_t at_once = 2000; // some milliseconds
  const rules::RuleSet &set = rules();
  if (job.ledgers.empty()) {
    job.ledgers = ledgers_of(set);
    job.next = 0;
    job.text.clear();
    job.answer.clear();
  }
  const UnixSeconds now = unix_now();
  const std::size_t end = std::min(job.next + at_once, set.labels().size());
  for (; job.next < end; ++job.next) {
    const path::RuleTotal total = book_.total(static_cast<rules::RuleId>(job.next));
    const rules::Ledger *ledger = job.ledgers[job.next];
    const UnixSeconds until = ledger && ledger->until ? *ledger->until : 0;
    fmt::format_to(std::back_inserter(job.text),
                   R"({}{{"label":{},"packets":{},"octets":{},"last_used":{},"until":{},"expired":{}}})",
                   job.next > 0 ? "," : "", text_of(set.labels()[job.next]), total.packets, total.octets,
                   time_or_null(total.last_used), time_or_null(until), until > 0 && until < now);
  }
  if (job.next < set.labels().size()) return;
  if (job.answer.empty()) {
    job.answer = job.status();
    job.answer.insert(job.answer.size() - 1, ",\"rules\":[" + fmt::to_string(job.text) + "]");
  }
  job.is_done = send_long(config_.control, MessageType::reply, job.id, job.answer);
}

} // namespace sekisho::role
