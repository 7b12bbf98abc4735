#include "gateway/relay/holds.hh"

#include "base/json_members.hh"
#include "base/log.hh"
#include "gateway/role/channel/long_text.hh"
#include "gateway/spool/recipients.hh"
#include "rules/text.hh"
#include "sanitizer/text/idn.hh"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

namespace sekisho::relay {
namespace {

using namespace std::chrono_literals;
using Json = nlohmann::ordered_json;

constexpr std::size_t page_rows = 500;           // looked at between two commits of the disk
constexpr std::size_t most_listed = 10'000;
constexpr std::size_t most_listed_octets = 4u << 20; // of an answer to list, about
constexpr std::size_t listed_recipients = 20, listed_subject = 1000; // octets
constexpr std::size_t most_receipts = 200;       // of one question
constexpr std::size_t sweep_receipts = 50;       // erased between two commits
constexpr std::size_t most_previewed = 16u << 20; // octets of a harmless mail that are shown
constexpr std::uint32_t preview_ms = 9'000;      // whoever asks does not wait longer

bool contains(const std::string &text, const std::string &part) {
  if (part.empty()) return true; // std::search finds nothing in nothing
  auto same = [](char a, char b) { return std::tolower(static_cast<unsigned char>(a)) == std::tolower(static_cast<unsigned char>(b)); };
  return std::search(text.begin(), text.end(), part.begin(), part.end(), same) != text.end();
}

/// A part of an address, its domain in U-labels or A-labels.
bool has_part(const std::string &address, const std::string &part) {
  return contains(address, part) || contains(text::with_ascii_domain(address), text::with_ascii_domain(part));
}

/// As addresses are compared.
std::string same_spelling(const std::string &address) { return lower_case(text::with_ascii_domain(address)); }

/// RFC 5321 §4.5.3.1.6: what a reader here takes at the door, and no next hop need take.
bool has_line_too_long(Bytes mail) {
  constexpr std::size_t longest = 998;
  const std::string_view text = as_chars(mail);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    if (end - at > longest + 1) return true; // CR with it
    at = end + 1;
  }
  return false;
}

/// Addresses between blanks; in the quotes of a local part (RFC 5321 §4.1.2) a blank ends none.
std::vector<std::string> addresses_in(std::string_view text) {
  std::vector<std::string> addresses;
  std::string address;
  bool is_quoted = false;
  for (std::size_t at = 0; at <= text.size(); ++at) {
    const bool ends = at == text.size() || (text[at] == ' ' && !is_quoted);
    if (ends && !address.empty()) addresses.push_back(std::exchange(address, {}));
    if (ends) continue;
    if (text[at] == '"') is_quoted = !is_quoted;
    address += text[at];
    if (is_quoted && text[at] == '\\' && at + 1 < text.size()) address += text[++at];
  }
  return addresses;
}

Json to_json(const spool::Held &held) {
  Json json;
  json["receipt"] = held.envelope.receipt;
  json["relay"] = held.envelope.relay;
  json["time"] = to_rfc3339(held.time);
  json["accepted"] = to_rfc3339(held.envelope.accepted);
  json["client"] = held.envelope.client_ip;
  json["sender"] = held.envelope.from;
  json["recipients"] = held.envelope.recipients;
  json["subject"] = held.subject;
  json["size"] = held.size;
  json["reason"] = word_of(held.reason);
  json["delivered"] = held.delivered;
  if (held.released > 0) json["released"] = to_rfc3339(held.released);
  return json;
}

/// With many recipients and a long subject: what a list has room for.
Json to_row(spool::Held held) {
  const std::size_t recipients = held.envelope.recipients.size();
  held.envelope.recipients.resize(std::min(recipients, listed_recipients));
  if (held.subject.size() > listed_subject) held.subject = held.subject.substr(0, listed_subject) + "…";
  Json json = to_json(held);
  if (recipients > listed_recipients) json["more_recipients"] = recipients - listed_recipients;
  return json;
}

std::string text_of(const Json &json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

} // namespace

struct Holds::Asked {
  std::string what, relay, sender, recipient, reason, because, as;
  std::vector<std::string> receipts, to;
  bool original = false, again = false;
  SteadyClock::time_point end{}; // what is not recorded by then is not done
  std::int64_t since = 0, until = 0, limit = 0;
  Json who;
  std::string user; // empty: nobody that is known
  Release release;

  bool fits(const spool::Held &held) const {
    if (sender == "<>" ? !held.envelope.from.empty() : !has_part(held.envelope.from, sender)) return false;
    if (!reason.empty() && word_of(held.reason) != reason) return false;
    if (until > 0 && held.time > until) return false;
    return recipient.empty() || std::ranges::any_of(held.envelope.recipients, [&](const std::string &one) {
             return has_part(one, recipient);
           });
  }
};

Holds::Holds(net::io_context &loop, Policy &policy, Recorder &recorder, Keeper &keeper, Treater &treater,
             Journeys &journeys, ClockWatch &clock)
    : policy_(policy), recorder_(recorder), keeper_(keeper), treater_(treater), journeys_(journeys),
      clock_(clock), timer_(loop) {}

// -- questions ----------------------------------------------------------------------------------------------

Task<void> Holds::answer(role::Channel channel, std::uint32_t id, std::string question) {
  Result<Asked> asked = read(question);
  Result<Json> done = fail("not asked");
  if (!asked) done = fail(asked.error());
  else done = co_await act(std::move(*asked));
  bool sent = done ? role::send_long(channel, role::MessageType::reply, id, text_of(*done))
                   : channel.send(role::MessageType::failed, id, done.error().what);
  if (!sent) log_error("an answer about the hold could not be given");
}

Result<Holds::Asked> Holds::read(const std::string &untrusted) const {
  const Json told = Json::parse(untrusted, nullptr, false);
  if (!told.is_object()) return fail("question not understood");
  Asked asked;
  asked.what = text_in(told, "what");
  asked.relay = text_in(told, "relay");
  asked.sender = text_in(told, "sender");
  asked.recipient = text_in(told, "recipient");
  asked.reason = text_in(told, "reason");
  asked.because = text_in(told, "because");
  asked.as = text_in(told, "as");
  asked.original = is_true_in(told, "original");
  asked.again = is_true_in(told, "again");
  asked.end = recorder_.end_of_order();
  for (const std::string &typed : addresses_in(text_in(told, "to"))) asked.to.push_back(same_spelling(typed));
  asked.since = integer_in(told, "since", 0);
  asked.until = integer_in(told, "until", 0);
  asked.limit = std::clamp<std::int64_t>(integer_in(told, "limit", 100), 1, most_listed);
  std::istringstream receipts(text_in(told, "receipts"));
  for (std::string typed; receipts >> typed;) {
    auto receipt = spool::read_receipt(typed);
    if (!receipt) return fail(fmt::format("'{}' is no receipt number", typed));
    asked.receipts.push_back(std::move(*receipt));
  }
  if (asked.receipts.size() > most_receipts) return fail(fmt::format("at most {} receipts at once", most_receipts));
  if (!asked.reason.empty() && !reason_from_word(asked.reason))
    return fail(fmt::format("no reason is called '{}'; `sekisho reasons` lists them", asked.reason));
  auto release = read_release(asked.as);
  if (!release) return fail(release.error());
  asked.release = release->plan.empty() ? widest() : std::move(*release);
  asked.release.original_by.clear();
  if (auto who = told.find("who"); who != told.end() && who->is_object()) {
    asked.who["uid"] = integer_in(*who, "uid", -1);
    asked.who["pid"] = integer_in(*who, "pid", -1);
    asked.user = text_in(*who, "user");
    if (!asked.user.empty()) asked.who["user"] = asked.user;
  }
  return asked;
}

Task<Result<Holds::Json>> Holds::act(Asked asked) {
  const std::string what = asked.what;
  if (what != "list" && asked.receipts.empty()) co_return fail("say which: a receipt number");
  if ((what == "show" || what == "preview") && asked.receipts.size() > 1) co_return fail("one receipt at a time");
  if ((what == "release" || what == "delete") && asked.because.empty())
    co_return fail("say why: it is recorded");
  if (what == "list") co_return co_await list(std::move(asked));
  if (what == "show") co_return co_await show(std::move(asked));
  if (what == "preview") co_return co_await preview(std::move(asked));
  if (what == "release") co_return co_await release(std::move(asked));
  if (what == "delete") co_return co_await erase(std::move(asked));
  co_return fail("question not understood");
}

Task<bool> Holds::record(const char *word, const Asked &asked, std::string receipt, Reason reason) {
  Json event;
  event["event"] = word;
  if (!receipt.empty()) event["receipt"] = receipt;
  if (reason != Reason::none) event["reason"] = word_of(reason);
  if (!asked.because.empty()) event["because"] = asked.because;
  if (asked.what == "release") event["as"] = asked.original ? std::string("original") : to_words(asked.release);
  if (asked.what == "list")
    for (const auto &[name, value] : {std::pair("relay", &asked.relay), std::pair("sender", &asked.sender),
                                      std::pair("recipient", &asked.recipient), std::pair("reason_held", &asked.reason)})
      if (!value->empty()) event[name] = *value;
  if (!asked.to.empty()) event["to"] = asked.to;
  event["who"] = asked.who;
  std::string text = text_of(event);
  const bool recorded = co_await recorder_.tell_within(std::move(text), asked.end);
  co_return recorded;
}

/// It may be recorded all the same, later: then the record says too that it was not done.
Holds::Failed Holds::not_done(const char *word, const std::string &receipt) {
  recorder_.tell(events::not_done(receipt, word, "record-unavailable"));
  return {Reason::record_unavailable, "nothing was done: the record did not take it in time"};
}

// -- looking ------------------------------------------------------------------------------------------------

/// Of the rules, or gone from them with something of it still held.
Task<bool> Holds::has_relay(std::string name) {
  if (policy_.relay_named(name)) co_return true;
  auto is_known = std::make_shared<bool>(false);
  std::function<void(spool::Hold &)> look = [name, is_known](spool::Hold &hold) { *is_known = hold.sums().contains(name); };
  co_await keeper_.with_hold(std::move(look));
  co_return *is_known;
}

Task<Result<Holds::Json>> Holds::list(Asked asked) {
  const bool is_known = asked.relay.empty() || co_await has_relay(asked.relay); // a mistyped name must not look like an empty hold
  if (!is_known) co_return fail(policy_.no_such_relay(asked.relay));
  const bool recorded = co_await record("hold-listed", asked, std::string(), Reason::none);
  if (!recorded) co_return fail("the record does not take it: nothing is shown");
  Json answer{{"held", Json::array()}, {"more", false}};
  auto page = std::make_shared<spool::Hold::Page>();
  const std::size_t limit = static_cast<std::size_t>(asked.limit);
  std::size_t octets = 0;
  bool over = false;
  do {
    std::function<void(spool::Hold &)> act = [page, from = page->next, relay = asked.relay](spool::Hold &hold) {
      *page = hold.page(relay, from, page_rows);
    };
    co_await keeper_.with_hold(std::move(act));
    for (const spool::Held &held : page->held) {
      if (asked.since > 0 && held.time < asked.since) continue;
      if (!asked.fits(held)) continue;
      if (answer["held"].size() == limit || octets > most_listed_octets) {
        answer["more"] = over = true;
        break;
      }
      Json row = to_row(held);
      if (journeys_.is_on_its_way(held.envelope.receipt)) row["on_its_way"] = true;
      octets += text_of(row).size();
      answer["held"].push_back(std::move(row));
    }
    // in the order of holding: what comes now is older still, a minute for a clock that was set
    if (asked.since > 0 && !page->held.empty() && page->held.back().time + 60 < asked.since) over = true;
  } while (!over && page->next != 0);
  answer["count"] = keeper_.held_count();
  answer["octets"] = keeper_.held_octets();
  co_return answer;
}

/// `original`: where it goes; null: not read.
Task<Result<spool::Held>> Holds::find(std::string receipt, Buffer *original) {
  struct Found {
    Result<spool::Held> held = fail("not found");
    Buffer original;
  };
  auto found = std::make_shared<Found>();
  const bool wants_original = original != nullptr;
  std::function<void(spool::Hold &)> act = [found, receipt, wants_original](spool::Hold &hold) {
    found->held = hold.find(receipt);
    if (!wants_original || !found->held) return;
    if (auto octets = hold.read(receipt)) found->original = std::move(*octets);
    else found->held = fail(octets.error());
  };
  co_await keeper_.with_hold(std::move(act));
  if (original) *original = std::move(found->original);
  co_return std::move(found->held);
}

Task<Result<Holds::Json>> Holds::show(Asked asked) {
  const std::string receipt = asked.receipts.front();
  Result<spool::Held> held = co_await find(receipt, nullptr);
  if (!held) co_return fail(held.error());
  const bool recorded = co_await record("hold-shown", asked, receipt, Reason::none);
  if (!recorded) co_return fail("the record does not take it: nothing is shown");
  Json answer;
  answer["held"] = to_json(*held);
  answer["held"]["reached"] = held->reached;
  for (const Json &one : Json::parse(held->answers, nullptr, false)) // of whom it has reached since, nobody needs to hear
    if (one.is_object() && spool::is_among(held->envelope.recipients, one.value("recipient", ""))) answer["held"]["answers"].push_back(one);
  if (journeys_.is_on_its_way(receipt)) answer["held"]["on_its_way"] = true;
  const Json report = Json::parse(held->report, nullptr, false);
  answer["report"] = report.is_object() ? report : Json();
  co_return answer;
}

/// What a release with this plan would hand on; never the original.
Task<Result<Holds::Json>> Holds::preview(Asked asked) {
  const std::string receipt = asked.receipts.front();
  Buffer octets;
  Result<spool::Held> held = co_await find(receipt, &octets);
  if (!held) co_return fail(held.error());
  const rules::Relay *relay = policy_.relay_named(held->envelope.relay);
  if (!relay) co_return fail("the rules have no relay " + held->envelope.relay + " any more");
  if (is_notice(held->envelope)) co_return fail(receipt + " is a notice of the gateway itself: there is no original of it");
  job::Plan plan = widened(relay->plan, asked.release); // copied: new rules may come while the record is waited for
  std::optional<rules::ScanRule> scan = relay->scan;
  const bool recorded = co_await record("hold-previewed", asked, receipt, Reason::none);
  if (!recorded) co_return fail("the record does not take it: nothing is shown");
  plan.deadline_ms = std::min(plan.deadline_ms, preview_ms);
  plan.mail_charset = job::MailCharset::utf8; // for a terminal
  SharedBuffer original = std::make_shared<const Buffer>(std::move(octets));
  const job::Outcome outcome = co_await treater_.treat(held->envelope, std::string(), plan, scan, original);
  Json answer;
  answer["receipt"] = receipt;
  answer["outcome"] = job::word_of(outcome.status);
  answer["reason"] = word_of(outcome.reason);
  const Json report = Json::parse(events::report_within(outcome, events::most_octets), nullptr, false);
  answer["report"] = report.is_object() ? report : Json();
  if (outcome.status == job::Status::clean)
    answer["mail"] = as_chars(Bytes(outcome.output).first(std::min(outcome.output.size(), most_previewed)));
  co_return answer;
}

// -- doing --------------------------------------------------------------------------------------------------

void Holds::note(Json &answer, const std::string &receipt, const Failed &failed) {
  if (failed.error.empty()) {
    answer["done"].push_back(receipt);
    return;
  }
  Json one{{"receipt", receipt}};
  if (failed.reason != Reason::none) one["reason"] = word_of(failed.reason);
  one["error"] = failed.error;
  answer["failed"].push_back(std::move(one));
}

Task<Result<Holds::Json>> Holds::release(Asked asked) {
  Json answer{{"done", Json::array()}, {"failed", Json::array()}};
  for (const std::string &receipt : asked.receipts) {
    const Failed failed = co_await release_one(asked, receipt);
    note(answer, receipt, failed);
  }
  co_return answer;
}

/// Whom a release serves.  Errors: somebody who was none of the mail's recipients.
Result<spool::Envelope> Holds::chosen(const Asked &asked, const spool::Held &held) {
  spool::Envelope envelope = held.envelope;
  if (asked.to.empty() && envelope.recipients.empty()) return fail("nobody is left to serve of " + envelope.receipt + ": say to whom, --to");
  if (asked.to.empty()) return envelope;
  std::vector<std::string> all = envelope.recipients, chosen;
  all.insert(all.end(), held.reached.begin(), held.reached.end());
  for (const std::string &typed : asked.to) {
    const auto found = std::ranges::find(all, typed, same_spelling);
    if (found == all.end()) return fail(fmt::format("{} is no recipient of {}", typed, envelope.receipt));
    if (std::ranges::count(chosen, *found) == 0) chosen.push_back(*found);
  }
  spool::keep_recipients(envelope, std::move(chosen));
  return envelope;
}

Task<Holds::Failed> Holds::release_one(const Asked &asked, const std::string &receipt) {
  const Ordered ordered(ordered_, receipt);
  if (!ordered.is_first()) co_return Failed{Reason::none, "another order about " + receipt + " is being carried out"};
  Buffer octets;
  Result<spool::Held> held = co_await find(receipt, &octets);
  if (!held) co_return Failed{Reason::none, held.error().what};
  const rules::Relay *relay = policy_.relay_named(held->envelope.relay);
  if (!relay) co_return Failed{Reason::none, "the rules have no relay " + held->envelope.relay + " any more"};
  if (journeys_.is_on_its_way(receipt)) co_return Failed{Reason::none, receipt + " is on its way already"};
  if (held->released > 0 && !asked.again)
    co_return Failed{Reason::none, fmt::format("{} was released already, {}; once more: --again", receipt,
                                               to_rfc3339(held->released))};
  Result<spool::Envelope> envelope = chosen(asked, *held);
  if (!envelope) co_return Failed{Reason::none, envelope.error().what};
  Release release = asked.release;
  if (asked.original && !asked.as.empty())
    co_return Failed{Reason::none, "either the original or a harmless form, not both"};
  if (asked.original) {
    if (is_notice(held->envelope)) co_return Failed{Reason::none, receipt + " is a notice of the gateway itself: there is no original of it"};
    if (!relay->hold.may_release_original(asked.user)) {
      (void)co_await record("hold-refused", asked, receipt, Reason::original_not_allowed);
      co_return Failed{Reason::original_not_allowed,
                       fmt::format("relay {} does not say  release original by \"{}\"", held->envelope.relay,
                                   asked.user.empty() ? "…" : asked.user)};
    }
    if (has_line_too_long(octets))
      co_return Failed{Reason::none, receipt + " has a line of more than 998 octets, which mail does not carry on (RFC 5321 §4.5.3.1.6): "
                                               "a harmless form can be handed on"};
    release = {{}, asked.user};
  }
  const bool recorded = co_await record("hold-released", asked, receipt, Reason::hold_released);
  if (!recorded) co_return not_done("hold-released", receipt);
  SharedBuffer original = std::make_shared<const Buffer>(std::move(octets));
  const Result<spool::Held> now = co_await find(receipt, nullptr); // another order may have been quicker
  if (journeys_.is_on_its_way(receipt) || !now || now->released != held->released) {
    recorder_.tell(events::not_done(receipt, "hold-released", "another order was quicker"));
    co_return Failed{Reason::none, receipt + " is on its way already, or gone"};
  }
  const Reason reason = co_await journeys_.release(*envelope, original, release);
  if (reason != Reason::none) co_return Failed{reason, "the spool does not take it"};
  const auto is_served = [&](const std::string &recipient) { return spool::is_among(envelope->recipients, recipient); };
  if (!std::ranges::all_of(held->envelope.recipients, is_served)) co_return Failed{}; // not released for the others
  std::function<void(spool::Hold &)> act = [receipt](spool::Hold &hold) {
    (void)hold.set_released(receipt, unix_now());
  };
  co_await keeper_.with_hold(std::move(act));
  co_return Failed{};
}

Task<Result<Holds::Json>> Holds::erase(Asked asked) {
  Json answer{{"done", Json::array()}, {"failed", Json::array()}};
  for (const std::string &receipt : asked.receipts) {
    const Failed failed = co_await erase_one(asked, receipt);
    note(answer, receipt, failed);
  }
  co_return answer;
}

Task<Holds::Failed> Holds::erase_one(const Asked &asked, const std::string &receipt) {
  const Ordered ordered(ordered_, receipt);
  if (!ordered.is_first()) co_return Failed{Reason::none, "another order about " + receipt + " is being carried out"};
  auto known = std::make_shared<bool>(false);
  std::function<void(spool::Hold &)> look = [receipt, known](spool::Hold &hold) { *known = hold.knows(receipt); };
  co_await keeper_.with_hold(std::move(look));
  if (!*known) co_return Failed{Reason::none, "nothing is held under " + receipt};
  if (journeys_.is_on_its_way(receipt)) // it would come back where somebody cannot get it
    co_return Failed{Reason::none, fmt::format("{0} is on its way; first  sekisho queue drop {0} --because TEXT", receipt)};
  const bool recorded = co_await record("hold-deleted", asked, receipt, Reason::hold_deleted);
  if (!recorded) co_return not_done("hold-deleted", receipt);
  auto error = std::make_shared<std::string>();
  std::function<void(spool::Hold &)> act = [receipt, error](spool::Hold &hold) {
    if (auto erased = hold.erase({&receipt, 1}); !erased) *error = erased.error().what;
  };
  co_await keeper_.with_hold(std::move(act));
  co_return Failed{error->empty() ? Reason::none : Reason::spool_failed, *error};
}

// -- retention ----------------------------------------------------------------------------------------------

Task<void> Holds::watch() {
  while (true) {
    co_await sweep();
    timer_.expires_after(60s);
    auto [error] = co_await timer_.async_wait(as_result);
    if (error) co_return;
  }
}

/// What a relay holds whose rule is gone stays: nobody says how long.
Task<void> Holds::sweep() {
  std::vector<std::pair<std::string, UnixSeconds>> relays;
  for (const rules::Relay &relay : policy_.rules().relays())
    if (relay.hold.days > 0) relays.emplace_back(relay.name, UnixSeconds{relay.hold.days} * 86'400);
  for (const auto &[relay, age] : relays) {
    const std::vector<Ages::Span> spans = clock_.older_than(age);
    for (const Ages::Span &span : spans) co_await sweep(relay, span);
  }
}

Task<void> Holds::sweep(std::string relay, Ages::Span span) {
  auto receipts = std::make_shared<std::vector<std::string>>();
  do {
    std::function<void(spool::Hold &)> look = [=](spool::Hold &hold) {
      *receipts = hold.held_within(relay, span.first, span.last, sweep_receipts);
    };
    co_await keeper_.with_hold(std::move(look));
    if (receipts->empty() || recorder_.choked() || recorder_.failing()) co_return; // asked again in a minute
    for (std::size_t i = 0; i < receipts->size(); ++i) {
      Json event;
      event["event"] = "hold-expired";
      event["receipt"] = (*receipts)[i];
      event["reason"] = word_of(Reason::hold_retention_over);
      std::string text = text_of(event);
      if (i + 1 < receipts->size()) recorder_.tell(std::move(text));
      else co_await recorder_.tell_until_kept(std::move(text)); // in order: then the others are there too
    }
    auto good = std::make_shared<bool>(true);
    std::function<void(spool::Hold &)> act = [=](spool::Hold &hold) {
      if (auto erased = hold.erase(*receipts); !erased) {
        log_error("hold: " + erased.error().what);
        *good = false;
      }
    };
    co_await keeper_.with_hold(std::move(act));
    if (!*good) co_return;
  } while (receipts->size() == sweep_receipts);
}

} // namespace sekisho::relay
