#include "gateway/relay/relay.hh"

#include "base/log.hh"
#include "gateway/role/channel/long_text.hh"
#include "rules/compile.hh"

#include <fcntl.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace sekisho::relay {
namespace {

using namespace std::chrono_literals;
constexpr auto wind_up_within = 8s;

std::string mail_folder(const std::string &spool_folder) { return spool_folder + "/mail"; }
std::string greylist_file(const std::string &spool_folder) { return spool_folder + "/greylist"; }
std::string guard_folder(const std::string &spool_folder) { return spool_folder + "/guard"; }
std::string hold_folder(const std::string &spool_folder) { return spool_folder + "/hold"; }
std::string queue_folder(const std::string &spool_folder) { return spool_folder + "/queue"; }

std::set<std::string> receipts_of(const std::map<spool::MailId, spool::Envelope> &waiting) {
  std::set<std::string> receipts;
  for (const auto &[id, envelope] : waiting) receipts.insert(envelope.receipt);
  return receipts;
}

} // namespace

Result<void> prepare_folders(const std::string &spool_folder, uid_t uid, gid_t gid) {
  for (const std::string &folder : {spool_folder, mail_folder(spool_folder), hold_folder(spool_folder),
                                    queue_folder(spool_folder), guard_folder(spool_folder)})
    if ((::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) || ::lchown(folder.c_str(), uid, gid) != 0)
      return fail("cannot make " + folder + ": " + std::strerror(errno));
  return {};
}

Result<std::unique_ptr<Relay>> Relay::open(RelaySettings settings,
                                           std::shared_ptr<const rules::RuleSet> rules,
                                           std::string_view severed, RelayParts parts) {
  std::unique_ptr<Relay> relay(new Relay(std::move(settings), std::move(rules), severed));
  TRY(relay->put_together(std::move(parts)));
  return relay;
}

Relay::Relay(RelaySettings settings, std::shared_ptr<const rules::RuleSet> rules, std::string_view severed)
    : settings_(std::move(settings)), policy_(std::move(rules)) {
  policy_.set_severed(severed);
}

Relay::~Relay() = default;

Result<void> Relay::put_together(RelayParts parts) {
  spool_disk_ = spool::open_folder(mail_folder(parts.spool_folder));
  hold_disk_ = spool::open_folder(hold_folder(parts.spool_folder));
  auto spool = spool::Spool::open(*spool_disk_, parts.keys, parts.spool);
  if (!spool) return fail(spool.error());
  auto hold = spool::Hold::open(*hold_disk_, parts.keys, hold_folder(parts.spool_folder) + "/index.db", parts.hold);
  if (!hold) return fail(hold.error());
  const std::map<spool::MailId, spool::Envelope> waiting = spool->waiting();
  const std::set<std::string> receipts_waiting = receipts_of(waiting);
  auto steering = Steering::open(spool::open_folder(queue_folder(parts.spool_folder)), receipts_waiting);
  if (!steering) return fail(steering.error());
  const std::map<spool::MailId, std::string> orders = spool->orders();
  const std::map<spool::MailId, std::vector<std::string>> reached = spool->reached();
  std::vector<std::string> known = hold->receipts();
  known.insert(known.end(), receipts_waiting.begin(), receipts_waiting.end());
  auto receipts = Receipts::open(guard_folder(parts.spool_folder), known, parts.recorded_until);
  if (!receipts) return fail(receipts.error());
  receipts_ = std::move(*receipts);
  if (!waiting.empty()) log_info(fmt::format("{} mails of an earlier run go on", waiting.size()));

  recorder_ = std::make_unique<Recorder>(loop_, parts.record, steady(settings_.order_wait));
  auto clock = ClockWatch::open(loop_, *recorder_, guard_folder(parts.spool_folder));
  if (!clock) return fail(clock.error());
  clock_ = std::move(*clock);
  keeper_ = std::make_unique<Keeper>(loop_, std::move(*spool), std::move(*hold));
  treater_ = std::make_unique<Treater>(loop_, std::move(parts.make_cleaner), settings_.treat_threads, parts.scan);
  queue_ = std::make_unique<Queue>(loop_, policy_, *recorder_, std::move(*steering));
  auto gatekeeper = Gatekeeper::open(loop_, settings_, policy_, *recorder_, guard_folder(parts.spool_folder),
                                     [this] { journeys_->policy_changed(); });
  if (!gatekeeper) return fail(gatekeeper.error());
  gatekeeper_ = std::move(*gatekeeper);
  journeys_ = std::make_unique<Journeys>(loop_, settings_, policy_, counters_, *recorder_, *keeper_, *treater_,
                                         *gatekeeper_, *queue_, *clock_, *receipts_);
  holds_ = std::make_unique<Holds>(loop_, policy_, *recorder_, *keeper_, *treater_, *journeys_, *clock_);
  disk_watch_ = std::make_unique<DiskWatch>(loop_, settings_, *keeper_, *journeys_, *recorder_);
  certificates_ = std::make_unique<CertificateWatch>(loop_, *recorder_);
  TakeMail take = [this](smtp::Mail mail, std::string client, std::string relay) {
    keeper_->set_peers(doors_->conversations());
    return journeys_->take(std::move(mail), std::move(client), std::move(relay));
  };
  doors_ = std::make_unique<Doors>(loop_, settings_, policy_, counters_, *recorder_, std::move(take),
                                   greylist_file(parts.spool_folder));
  TRY(take_secrets(policy_.rules(), parts.secrets));
  role::wipe(parts.secrets);

  const auto &relays = policy_.rules().relays();
  for (std::size_t i = 0; i < relays.size() && i < parts.listeners.size(); ++i) {
    const std::string zone = policy_.zone_name(relays[i].from);
    if (parts.listeners[i] >= 0 && !doors_->has_door(zone, relays[i].listen_port))
      doors_->open(parts.listeners[i], zone, relays[i].listen_port, relays[i].name);
  }
  journeys_->resume(waiting, orders, reached);
  start(loop_, clock_->watch());
  start(loop_, holds_->watch());
  start(loop_, disk_watch_->watch());
  start(loop_, certificates_->watch());
  for (role::Channel channel : {parts.orders, parts.control})
    if (channel) start(loop_, obey(channel));
  return {};
}

void Relay::run() { loop_.run(); }

void Relay::stop() {
  net::post(loop_, [this] {
    if (stopping_) return;
    stopping_ = true;
    start(loop_, wind_up());
  });
}

/// What is in hand is finished, what waits is durable.
Task<void> Relay::wind_up() {
  doors_->shut();
  const auto end = SteadyClock::now() + wind_up_within;
  net::steady_timer timer(loop_);
  int quiet = 0; // looks in a row: between the peer's answer, the record's and the spool's a mail is in no hand
  while (SteadyClock::now() < end && quiet < 2) {
    const bool busy = doors_->conversations() > 0 || journeys_->in_hand() > 0 || !recorder_->empty();
    quiet = busy ? 0 : quiet + 1;
    timer.expires_after(50ms);
    co_await timer.async_wait(as_result);
  }
  clock_->end();
  loop_.stop();
}

void Relay::set_severed(std::string_view names) {
  policy_.set_severed(names);
  doors_->policy_changed();
  journeys_->policy_changed();
}

Result<void> Relay::set_rules(std::shared_ptr<const rules::RuleSet> rules, const role::Secrets &secrets) {
  for (const rules::Relay &relay : rules->relays()) {
    const std::string zone = relay.from < rules->zones().size() ? rules->zones()[relay.from].name : "";
    if (!doors_->has_door(zone, relay.listen_port))
      return fail(fmt::format("relay {} has no listening socket yet: the role must be started anew", relay.name));
  }
  TRY(take_secrets(*rules, secrets));
  policy_.set_rules(std::move(rules));
  doors_->policy_changed();
  journeys_->policy_changed();
  return {};
}

/// Errors: certificates that cannot be used; then nothing was taken.
Result<void> Relay::take_secrets(const rules::RuleSet &rules, const role::Secrets &secrets) {
  TRY(doors_->set_secrets(rules, secrets));
  std::map<std::string, std::string> passwords;
  for (const rules::Relay &relay : rules.relays())
    if (const auto found = secrets.find(relay.routes.password_file); found != secrets.end()) passwords.insert(*found);
  policy_.set_passwords(std::move(passwords));
  gatekeeper_->set_signers(Signers::make(rules, secrets));
  certificates_->set(certificates_of(rules, secrets));
  return {};
}

Task<void> Relay::obey(role::Channel channel) {
  const int copy = ::fcntl(channel.fd(), F_DUPFD_CLOEXEC, 0);
  net::posix::stream_descriptor descriptor(loop_, copy);
  while (true) {
    auto [error] = co_await descriptor.async_wait(net::posix::stream_descriptor::wait_read, as_result);
    if (error) co_return;
    for (auto message = channel.receive(0); message; message = channel.receive(0)) obey(channel, *message);
  }
}

void Relay::obey(role::Channel channel, const role::Message &message) {
  using role::MessageType;
  Result<void> done;
  switch (message.type) {
  case MessageType::rules: done = load(message); break;
  case MessageType::severed: set_severed(message.text); break;
  case MessageType::stop: return stop();
  case MessageType::hold: return start(loop_, holds_->answer(channel, message.id, message.text));
  case MessageType::breaker: return start(loop_, answer_breaker(channel, message.id, message.text));
  case MessageType::status: (void)channel.send(MessageType::reply, message.id, status()); return;
  case MessageType::queue: return start(loop_, answer_queue(channel, message.id, message.text));
  default: done = fail("the relay knows no such order"); break;
  }
  if (done) (void)channel.send(MessageType::done, message.id);
  else (void)channel.send(MessageType::failed, message.id, done.error().what);
}

Task<void> Relay::answer_queue(role::Channel channel, std::uint32_t id, std::string question) {
  Result<std::string> answer = co_await queue_->answer(std::move(question));
  if (answer) role::send_long(channel, role::MessageType::reply, id, *answer);
  else (void)channel.send(role::MessageType::failed, id, answer.error().what);
}

Task<void> Relay::answer_breaker(role::Channel channel, std::uint32_t id, std::string question) {
  Result<std::string> answer = co_await gatekeeper_->answer(std::move(question));
  if (answer) role::send_long(channel, role::MessageType::reply, id, *answer);
  else (void)channel.send(role::MessageType::failed, id, answer.error().what);
}

Result<void> Relay::load(const role::Message &message) {
  if (!message.fd) return fail("no rules came with the order");
  auto read = role::read_rules_with_secrets(message.fd.get());
  if (!read) return fail(read.error());
  rules::Compiled compiled = rules::compile(read->sources, unix_now());
  const Result<void> set = compiled.rules ? set_rules(compiled.rules, read->secrets)
                                          : fail(rules::render(compiled.diagnostics, read->sources, false));
  role::wipe(read->secrets);
  return set;
}

std::string Relay::status() const {
  nlohmann::ordered_json json;
  json["role"] = "relay";
  nlohmann::ordered_json counters = nlohmann::ordered_json::object();
  for (const ReasonInfo &row : all_reasons())
    if (std::uint64_t count = counters_.reasons[static_cast<std::size_t>(row.reason)]; count > 0)
      counters[std::string(row.word)] = count;
  json["counters"] = std::move(counters);
  json["accepted"] = counters_.accepted;
  json["delivered"] = counters_.delivered;
  json["held"] = counters_.held;
  json["deferred"] = counters_.deferred;
  json["queue"] = journeys_->under_way();
  json["resting"] = journeys_->resting();
  json["memory"] = journeys_->memory();
  json["hold"] = keeper_->held_count();
  json["sessions"] = doors_->conversations();
  if (const std::size_t known = doors_->greylisted(); known > 0) json["greylist"] = known;
  json["hold_octets"] = keeper_->held_octets();
  json["spool"] = disk_watch_->spool();
  json["hold_disk"] = disk_watch_->hold();
  for (const auto &[name, mails] : journeys_->without_room()) json["hold_full"].push_back({{"relay", name}, {"mails", mails}});
  const UnixSeconds now = unix_now();
  for (const EndingCertificate &one : certificates_->ending(now))
    json["certificates"].push_back({{"relay", one.relay}, {"what", one.file.empty() ? one.what : one.what + " " + one.file},
                                    {"ends", to_rfc3339(one.ends)}, {"in_days", one.days(now)}});
  if (const auto jump = clock_->jumped()) json["clock_jumped"] = {{"from", to_rfc3339(jump->from)}, {"to", to_rfc3339(jump->to)}};
  json["severed"] = policy_.severed();
  if (!gatekeeper_->stopped().empty()) {
    json["stopped"] = nlohmann::ordered_json::array();
    for (const auto &[relay, stopped] : gatekeeper_->stopped()) json["stopped"].push_back(relay);
  }
  for (const auto &[relay, mails] : journeys_->astray()) json["astray"].push_back({{"relay", relay}, {"mails", mails}});
  return json.dump();
}

} // namespace sekisho::relay
