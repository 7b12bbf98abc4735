// What administrators order: reload, apply and what follows it (trials.cc), sever, join.  One at a time; a role that does not confirm in time is
// ended, so that it starts again under the new order with its doors shut meanwhile.
#include "gateway/role/supervisor.hh"

#include "base/clock.hh"
#include "base/json_members.hh"
#include "base/log.hh"
#include "base/reason.hh"
#include "gateway/role/channel/secrets.hh"
#include "gateway/role/request.hh"

#include <fmt/format.h>

#include <pwd.h>

#include <algorithm>

namespace sekisho::role {
namespace {

constexpr std::uint64_t millisecond = 1'000'000;
constexpr std::uint64_t record_limit = 3000 * millisecond;
constexpr std::uint64_t zone_limit = 700 * millisecond;    // within a second (Z6)
constexpr std::uint64_t keep_again = 2000 * millisecond;
constexpr std::size_t max_waiting_orders = 64;

bool is_order(MessageType type) {
  switch (type) {
  case MessageType::reload:
  case MessageType::apply:
  case MessageType::confirm:
  case MessageType::go_back:
  case MessageType::sever:
  case MessageType::join: return true;
  default: return false;
  }
}

/// What closes something, or goes back to what was recorded before, waits for nothing.
bool waits_for_record(MessageType type) {
  return type != MessageType::sever && type != MessageType::go_back;
}

/// As it is now; empty: nobody has the number.
std::string user_name(std::int64_t uid) {
  const passwd *user = uid < 0 ? nullptr : ::getpwuid(static_cast<uid_t>(uid));
  return user ? user->pw_name : "";
}

std::string unrecorded(std::string_view why) {
  return fmt::format("{}: {} ({}); nothing was changed", word_of(Reason::record_unavailable),
                     info(Reason::record_unavailable).english, why);
}

} // namespace

void Supervisor::hear_requests() {
  Channel requests = wiring_.control_requests.near_end();
  for (int i = 0; i < messages_a_turn; ++i) {
    auto message = requests.receive(0);
    if (!message) return;
    if (message->type == MessageType::status) {
      requests.send(MessageType::reply, message->id, status());
      continue;
    }
    if (message->type == MessageType::user) {
      requests.send(MessageType::reply, message->id, user_name(read_uid(message->text)));
      continue;
    }
    if (!is_order(message->type)) continue;
    Request request = read_request(message->text);
    Order order;
    order.type = message->type;
    order.request = message->id;
    order.zone = std::move(request.zone);
    order.who = std::move(request.who);
    order.within = request.within;
    order.sources = std::move(message->fd);
    if (waiting_orders_.size() >= max_waiting_orders) {
      answer(order, false, "too many orders wait; ask again");
      continue;
    }
    order.who["user"] = user_name(integer_in(order.who, "uid", -1));
    waiting_orders_.push_back(std::move(order));
  }
}

void Supervisor::check_order() {
  if (order_ && monotonic_ns() >= order_->deadline) {
    if (order_->recording) {
      // The event may still come to be written: then this one follows it.
      tell({{"event", "order-dropped"}, {"order", event_of(*order_)}});
      answer(*order_, false, unrecorded("the record does not answer"));
      order_.reset();
    } else {
      for (const std::string &name : order_->open) {
        log_error("role " + name + " did not confirm an order: ended, it starts again under it");
        if (Process *one = process(name)) one->kill_now();
      }
      order_->open.clear();
    }
  }
  // A role that is down takes the order from its configuration when it starts.
  if (order_)
    std::erase_if(order_->open, [&](const std::string &name) {
      Process *one = process(name);
      return !one || !one->running();
    });
  if (order_ && !order_->recording && order_->open.empty()) {
    answer(*order_, order_->is_kept, order_->done);
    order_.reset();
  }
  if (!order_ && !waiting_orders_.empty()) {
    Order next = std::move(waiting_orders_.front());
    waiting_orders_.pop_front();
    begin(std::move(next));
  }
}

/// What opens something waits until it is recorded (L1); what closes something does not wait for anything.
void Supervisor::begin(Order order) {
  order.id = next_id_++;
  std::string error = prepare(order);
  if (!error.empty()) {
    answer(order, false, error);
    return;
  }
  if (waits_for_record(order.type)) {
    ask_record(std::move(order));
  } else {
    tell(event_of(order));
    carry_out(std::move(order));
  }
}

/// Empty, or why it cannot be done.
std::string Supervisor::prepare(Order &order) {
  switch (order.type) {
  case MessageType::reload:
  case MessageType::apply: return prepare_rules(order);
  case MessageType::confirm: return prepare_confirm(order);
  case MessageType::go_back: return prepare_go_back(order);
  default: return prepare_zone(order);
  }
}

std::string Supervisor::prepare_zone(Order &order) {
  const Result<rules::ZoneId> zone = policy_.rules->zone_typed(order.zone);
  return zone ? "" : zone.error().what;
}

Supervisor::Json Supervisor::event_of(const Order &order) const {
  if (order.type != MessageType::sever && order.type != MessageType::join) return rules_event_of(order);
  const char *word = order.type == MessageType::sever ? "zone-severed" : "zone-joined";
  return {{"event", word}, {"zone", order.zone}, {"who", order.who}};
}

void Supervisor::ask_record(Order order) {
  std::string text = event_of(order).dump(-1, ' ', false, Json::error_handler_t::replace);
  if (!wiring_.supervisor_events.far_end().send(MessageType::event_acked, order.id, text)) {
    answer(order, false, unrecorded("the record does not keep up"));
    return;
  }
  order.recording = true;
  order.deadline = monotonic_ns() + record_limit;
  order_ = std::move(order);
}

void Supervisor::hear_record() {
  while (auto message = wiring_.supervisor_events.far_end().receive(0)) {
    if (!order_ || !order_->recording || message->id != order_->id) continue;
    Order order = std::move(*order_);
    order_.reset();
    if (message->type == MessageType::done) carry_out(std::move(order));
    else answer(order, false, unrecorded(message->text));
  }
}

void Supervisor::carry_out(Order order) {
  order.recording = false;
  Result<void> begun;
  switch (order.type) {
  case MessageType::reload:
  case MessageType::apply: begun = carry_out_rules(order); break;
  case MessageType::confirm: begun = carry_out_confirm(order); break;
  case MessageType::go_back: begun = carry_out_go_back(order); break;
  default: begun = carry_out_zone(order);
  }
  if (!begun) {
    tell({{"event", "order-failed"}, {"error", begun.error().what}, {"who", order.who}});
    answer(order, false, begun.error().what);
    return;
  }
  order_ = std::move(order);
}

Result<void> Supervisor::carry_out_zone(Order &order) {
  if (order.type == MessageType::join) return join(order);
  sever(order);
  return {};
}

/// The roles first: a disk that is full, or does not answer, keeps no zone open.
void Supervisor::sever(Order &order) {
  const std::vector<std::string> owed = severed_.not_kept();
  severed_.sever(order.zone);
  order.deadline = monotonic_ns() + zone_limit;
  ask_to_confirm(order, MessageType::severed, severed_.text(), -1);
  order.done = fmt::format("zone {} is cut off, until: sekisho join {}", order.zone, order.zone);
  const Result<void> kept = severed_.keep();
  next_keep_ = monotonic_ns() + keep_again;
  if (!kept) not_kept_because_ = kept.error().what;
  tell_kept(owed);
  order.is_kept = severed_.is_kept(order.zone);
  if (order.is_kept) return;
  order.done = fmt::format("zone {} is cut off, but not kept: after a restart it would be joined ({}); it is tried again",
                           order.zone, not_kept_because_);
  if (order.request != 0) log_error(order.done);
  tell({{"event", "zone-not-kept"}, {"zone", order.zone}, {"error", not_kept_because_}, {"who", order.who}});
}

/// The file first: where it cannot be written the zone stays cut off.
Result<void> Supervisor::join(Order &order) {
  const std::vector<std::string> owed = severed_.not_kept();
  TRY(severed_.join(order.zone));
  tell_kept(owed);
  order.done = fmt::format("zone {} takes part again", order.zone);
  order.deadline = monotonic_ns() + zone_limit;
  ask_to_confirm(order, MessageType::severed, severed_.text(), -1);
  return {};
}

/// Tries again what could not be written when it was severed.
void Supervisor::keep_severed() {
  if (!severed_.is_owed() || monotonic_ns() < next_keep_) return;
  next_keep_ = monotonic_ns() + keep_again;
  const std::vector<std::string> owed = severed_.not_kept();
  if (const Result<void> kept = severed_.keep(); !kept) not_kept_because_ = kept.error().what;
  tell_kept(owed);
}

/// Of those that were told as not kept.
void Supervisor::tell_kept(const std::vector<std::string> &owed) {
  for (const std::string &zone : owed) {
    if (!severed_.is_kept(zone)) continue;
    log_info("zone " + zone + " stays cut off after a restart too: it is written down now");
    tell({{"event", "zone-kept"}, {"zone", zone}});
  }
}

void Supervisor::ask_to_confirm(Order &order, MessageType type, std::string_view text, int fd) {
  for (const char *name : {"path", "scan", "relay"}) {
    Process *one = process(name);
    if (!one || !one->running()) continue;
    UniqueFd own; // only the relay gets certificates, keys and passwords with its rules
    if (type == MessageType::rules && one->name() == "relay") {
      Result<UniqueFd> with = rules_with_secrets_memfd(policy_.sources, policy_.secrets->get());
      if (with) own = std::move(*with);
      else log_error(with.error().what);
    }
    if (orders_of(name).send(type, order.id, text, own ? own.get() : fd)) order.open.insert(name);
    else one->kill_now(); // it does not read: it must not go on under the old order
  }
}

void Supervisor::confirmed(const std::string &name, const Message &message) {
  if (!order_ || order_->recording || message.id != order_->id) return;
  if (message.type == MessageType::failed) {
    log_error("role " + name + " refuses an order: " + message.text + "; ended, it starts again under it");
    if (Process *one = process(name)) one->kill_now();
  } else if (message.type != MessageType::done) {
    return;
  }
  order_->open.erase(name);
}

void Supervisor::answer(const Order &order, bool ok, const std::string &text) {
  if (order.request == 0) {
    ok ? log_info(text) : log_error(text);
    return;
  }
  wiring_.control_requests.near_end().send(ok ? MessageType::done : MessageType::failed, order.request,
                                           text.substr(0, max_message_text));
}

std::string Supervisor::status() const {
  Json status;
  status["version"] = SEKISHO_VERSION;
  status["policy"] = policy_.rules->hash();
  status["rules"] = options_.rule_files;
  status["roles"] = Json::array();
  for (const Process &one : processes_) {
    Json role;
    role["name"] = one.name();
    role["state"] = one.ready() ? "up" : one.running() ? "starting" : "down";
    if (one.running()) role["pid"] = one.pid();
    role["uptime"] = one.uptime_seconds();
    role["restarts"] = one.restarts();
    status["roles"].push_back(std::move(role));
  }
  status["zones"] = Json::array();
  for (const rules::Zone &zone : policy_.rules->zones()) {
    Json told;
    told["name"] = zone.name;
    told["address"] = zone.address ? to_string(*zone.address) : "";
    told["severed"] = severed_.has(zone.name);
    told["port"] = zone.port;
    status["zones"].push_back(std::move(told));
  }
  status["severed"] = severed_.zones();
  if (const std::vector<std::string> zones = severed_.not_kept(); !zones.empty())
    status["not_kept"] = {{"zones", zones}, {"why", not_kept_because_}};
  if (Json trial = trial_status(); !trial.empty()) status["trial"] = std::move(trial);
  else if (held_.rules()) status["held"] = {{"by", held_.rules()->by}, {"since", held_.rules()->since}};
  return status.dump(-1, ' ', false, Json::error_handler_t::replace);
}

void Supervisor::tell(Json event) const {
  std::string text = event.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (!wiring_.supervisor_events.far_end().send(MessageType::event, 0, text))
    log_error("an event could not be handed to the record: " + text);
}

} // namespace sekisho::role
