// Tells a decision in plain words.  The steps are those of Policy::decide, in its order; the reason
// says at which of them the packet stopped.
#include "rules/calendar.hh"
#include "rules/compile.hh"
#include "rules/describe.hh"
#include "rules/question.hh"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace sekisho::rules {
namespace {

class Story {
public:
  Story(const RuleSet &rules, UnixSeconds now) : rules_(rules), now_(now) {}

  Explanation tell(const PacketQuestion &question) {
    const PacketSubject &subject = question.subject;
    Explanation told{true, rules_.decide(subject, now_), {}};
    text_ = fmt::format("{} from {} to {}\n\n", protocol_word(subject.protocol), source(question),
                        where(subject.destination, subject.destination_port));
    verdict(told.decision);
    text_ += "\nchecked in this order\n";
    subject.from_kernel ? kernel_steps(told.decision) : steps(question, told.decision);
    other_times(subject, told.decision);
    told.text = std::move(text_);
    return told;
  }

  Explanation tell(const MailQuestion &question) {
    const Relay *relay = nullptr;
    Reason reason = rules_.relay_for(question.from, question.recipient, now_, &relay);
    if (reason == Reason::none && !takes_sender(relay->door, question.sender)) reason = Reason::sender_unlisted;
    if (reason == Reason::none) reason = judge_destination(relay->guard, question.recipient);
    Explanation told{true, {Verdict::drop, reason, no_zone, relay ? relay->rule : no_rule}, {}};
    if (reason == Reason::none)
      told.decision.verdict = Verdict::relay, told.decision.to = relay->to;
    text_ = fmt::format("mail from {}{} to {}\n\n", zone(question.from),
                        question.sender.empty() ? "" : ", " + question.sender, question.recipient);
    verdict(told.decision);
    if (reason == Reason::none) plan(*relay);
    told.text = std::move(text_);
    return told;
  }

private:
  std::string zone(ZoneId id) const {
    const Zone &zone = rules_.zones()[id];
    return fmt::format("zone '{}'{}", zone.name,
                       zone.closed    ? " (closed)"
                       : zone.outside ? " (outside)"
                                      : "");
  }
  std::string address(const Ip &ip, std::uint16_t port) const {
    std::string text = to_string(ip);
    if (port == 0) return text;
    return ip.is_v4() ? fmt::format("{}:{}", text, port) : fmt::format("[{}]:{}", text, port);
  }
  std::string who(const Ip &ip) const {
    const Host *host = rules_.host_at(ip);
    return host ? fmt::format(" ({})", host->name) : "";
  }
  std::string where(const Ip &ip, std::uint16_t port) const {
    std::optional<ZoneId> in = rules_.zone_of(ip);
    return fmt::format("{}{}, {}", address(ip, port), who(ip), in ? zone(*in) : "no zone");
  }
  std::string source(const PacketQuestion &question) const {
    const PacketSubject &subject = question.subject;
    if (subject.from_kernel) return "the gateway itself";
    std::string mac =
        subject.source_mac == Mac{} ? std::string("unknown") : to_string(subject.source_mac);
    return fmt::format(
        "{}{}, {}, mac {}{}", address(subject.source, subject.source_port), who(subject.source),
        zone(subject.from), mac,
        question.mac_assumed && subject.source_mac != Mac{} ? " (the listed one is taken)" : "");
  }

  void verdict(const Decision &decision) {
    switch (decision.verdict) {
    case Verdict::pass: text_ += fmt::format("pass to {}\n", zone(decision.to)); break;
    case Verdict::relay:
      text_ += is_local(decision.rule)
                   ? "local: between this host and the gateway itself, no packet crosses\n"
                   : "relay: taken by the gateway's mail relay, no packet crosses\n";
      break;
    case Verdict::drop: {
      const ReasonInfo &row = info(decision.reason);
      text_ += fmt::format("drop: {}\n  {} ({})\n  {}\n", row.word, row.english, row.source,
                           row.japanese);
    }
    }
    if (decision.rule == no_rule) return;
    text_ += fmt::format("rule {}\n  {}\n", rules_.labels()[decision.rule],
                         sentence_of(rules_, decision.rule));
    if (const Ledger *ledger = ledger_of(rules_, decision.rule))
      text_ += fmt::format("  {}\n", describe(*ledger));
    if (std::string conditions = conditions_of(rules_, decision.rule); !conditions.empty())
      text_ += fmt::format("  {}\n", conditions);
  }

  bool is_local(RuleId rule) const {
    return std::any_of(rules_.locals().begin(), rules_.locals().end(),
                       [rule](const Local &local) { return local.rule == rule; });
  }
  static bool is_not_in_force(Reason reason) {
    return reason == Reason::rule_expired || reason == Reason::rule_not_now;
  }
  /// ", which has expired"
  static std::string_view why_not(Reason reason) {
    return reason == Reason::rule_expired ? "has expired" : "is not in force at this time";
  }

  /// What the same packet meets later, where a date or an hour of the rules makes a difference.
  void other_times(const PacketSubject &subject, Decision decision) {
    constexpr unsigned most_changes = 200, most_told = 3;
    UnixSeconds time = now_;
    unsigned told = 0;
    for (unsigned i = 0; i < most_changes && told < most_told; ++i) {
      time = rules_.next_change(time);
      if (time == std::numeric_limits<UnixSeconds>::max()) break;
      Decision later = rules_.decide(subject, time);
      if (later.verdict == decision.verdict && later.reason == decision.reason &&
          later.rule == decision.rule)
        continue;
      decision = later;
      if (told++ == 0) text_ += "\nat another time (Japan)\n";
      std::string what = later.verdict == Verdict::drop
                             ? fmt::format("drop: {}", word_of(later.reason))
                         : later.verdict == Verdict::pass ? std::string("pass")
                                                          : std::string("taken by the gateway");
      text_ += fmt::format("  from {}  {}{}\n", minute_of(time), what,
                           later.rule == no_rule ? "" : ", " + rules_.labels()[later.rule]);
    }
  }

  /// One line; false when the packet stopped here.
  bool step(std::string_view what, std::string_view finding, bool good) {
    text_ += fmt::format("  {} {:<19} {}\n", good ? "ok  " : "STOP", what, finding);
    return good;
  }

  void steps(const PacketQuestion &question, const Decision &decision) {
    const PacketSubject &subject = question.subject;
    Reason reason = decision.reason;
    if (!source_steps(question, reason)) return;
    bool taken = decision.verdict == Verdict::relay;
    bool at_gateway = is_gateway(subject.destination) || subject.protocol == protocol::vrrp;
    if (taken || reason == Reason::gateway_port_closed || (is_not_in_force(reason) && at_gateway)) {
      step("gateway's service",
           taken ? fmt::format("listed by {}", rules_.labels()[decision.rule])
           : is_not_in_force(reason)
               ? fmt::format("listed by {}, which {}", rules_.labels()[decision.rule],
                             why_not(reason))
               : std::string("the gateway offers this host nothing on this address and port"),
           taken);
      return;
    }
    destination_steps(subject, decision);
  }

  bool is_gateway(const Ip &ip) const {
    for (const Zone &zone : rules_.zones())
      if (zone.address == ip) return true;
    return false;
  }

  bool source_steps(const PacketQuestion &question, Reason reason) {
    const PacketSubject &subject = question.subject;
    bool of_zone = reason != Reason::source_not_of_zone;
    if (!step("source address",
              fmt::format("{} {} a host's address in {}", to_string(subject.source),
                          of_zone ? "is" : "is not", zone(subject.from)),
              of_zone))
      return false;
    const Host *host = rules_.host_at(subject.source);
    bool closed = rules_.zones()[subject.from].closed;
    if (!step("listed device",
              host     ? fmt::format("it is host '{}'", host->name)
              : closed ? std::string("no listed host has this address, and the zone is closed")
                       : std::string("not listed; this zone does not ask for it"),
              reason != Reason::host_unknown))
      return false;
    bool mac_good = reason != Reason::mac_mismatch;
    std::string finding = "no MAC is listed for it";
    if (host && host->mac)
      finding = mac_good ? fmt::format("{} as listed", to_string(*host->mac))
                         : fmt::format("{} is listed", to_string(*host->mac));
    else if (!mac_good)
      finding = "this MAC is listed for a host of another zone";
    return step("MAC address", finding, mac_good);
  }

  void destination_steps(const PacketSubject &subject, const Decision &decision) {
    Reason reason = decision.reason;
    std::optional<ZoneId> to = rules_.zone_of(subject.destination);
    if (reason == Reason::ip_multicast && is_group(subject.destination)) {
      step("destination",
           fmt::format("{} is nobody's: multicast and broadcast cross no zone",
                       to_string(subject.destination)),
           false);
      return;
    }
    if (!step("destination",
              to ? fmt::format("{} lies in {}", to_string(subject.destination), zone(*to))
                 : fmt::format("{} lies in no zone", to_string(subject.destination)),
              reason != Reason::no_destination_zone))
      return;
    if (!step("two zones",
              reason == Reason::same_zone ? "source and destination are in the same zone"
                                          : "source and destination are in different zones",
              reason != Reason::same_zone))
      return;
    const Zone &one = rules_.zones()[subject.from], &other = rules_.zones()[*to];
    bool apart = one.outside || other.outside;
    if (!step("zones may meet",
              apart ? "no packet crosses between these two, whatever is listed"
                    : "packets may cross if a rule lists them",
              !apart))
      return;
    if (!step("one receiver",
              reason == Reason::ip_multicast ? "a broadcast address" : "a single host",
              reason != Reason::ip_multicast))
      return;
    std::string finding = "no rule lists these two hosts";
    if (reason == Reason::none)
      finding = "listed by " + rules_.labels()[decision.rule];
    else if (is_not_in_force(reason))
      finding =
          fmt::format("listed by {}, which {}", rules_.labels()[decision.rule], why_not(reason));
    else if (reason == Reason::service_not_listed)
      finding = "the two hosts are listed, but for other services:" + services(subject);
    step("permitted flows", finding, reason == Reason::none);
  }

  /// The sentences that do list the two hosts.
  std::string services(const PacketSubject &subject) const {
    std::string text;
    auto covers = [](const std::vector<End> &ends, const Ip &ip) {
      for (const End &end : ends)
        for (const Network &network : *end.networks)
          if (network.contains(ip)) return true;
      return false;
    };
    std::size_t shown = 0;
    for (const Permit &permit : rules_.permits())
      if (covers(permit.from, subject.source) && covers(permit.to, subject.destination) &&
          ++shown <= 5)
        text += fmt::format("\n         {}: {}", rules_.labels()[permit.rule], describe(permit));
    return text;
  }

  void kernel_steps(const Decision &decision) {
    bool listed = decision.verdict == Verdict::relay;
    step(is_local(decision.rule) ? "gateway's own flows" : "relay's next hop",
         listed ? fmt::format("listed by {}", rules_.labels()[decision.rule])
         : is_not_in_force(decision.reason)
             ? fmt::format("listed by {}, which {}", rules_.labels()[decision.rule],
                           why_not(decision.reason))
             : std::string("no relay delivers to this address and port, and no sentence lists it"),
         listed);
  }

  /// As rules say it.
  static std::string size(std::uint64_t octets) {
    for (const auto &[unit, factor] :
         {std::pair("GB", 1ull << 30), std::pair("MB", 1ull << 20), std::pair("KB", 1ull << 10)})
      if (octets % factor == 0) return fmt::format("{} {}", octets / factor, unit);
    return fmt::format("{} octets", octets);
  }

  static std::string hold_words(const HoldRule &hold) {
    std::string text = "  what is held or taken is kept ";
    text += hold.days > 0 ? fmt::format("for {} days", hold.days) : std::string("until a person deletes it");
    if (hold.most_octets > 0) text += fmt::format(", at most {}", size(hold.most_octets));
    std::string users;
    for (const std::string &user : hold.original_by) users += (users.empty() ? "" : ", ") + user;
    return text + fmt::format("; an original can be passed by {}\n", users.empty() ? "nobody" : users);
  }

  void plan(const Relay &relay) {
    text_ += "\nhanded in so\n" + describe(relay.door);
    text_ += fmt::format(
        "\ndelivered to {}, port {}, at most {}, after this was done\n  body {}\n",
        to_string(relay.next_hop), relay.next_hop_port, size(relay.size_limit),
        job::word_of(job::Treatment::text));
    for (std::size_t i = 1; i <= job::kind_class_count;
         ++i) { // `any` comes first in the enum, last here
      job::KindClass kind_class = static_cast<job::KindClass>(i % job::kind_class_count);
      text_ += fmt::format("  attachment {} {}\n", job::word_of(kind_class),
                           job::word_of(relay.plan.treatment(kind_class)));
    }
    text_ += fmt::format("  tracked {}  hidden {}  formulas {}\n", job::word_of(relay.plan.tracked),
                         job::word_of(relay.plan.hidden), job::word_of(relay.plan.formulas));
    text_ += fmt::format("  written in {}{}, with {} note\n", job::word_of(relay.plan.mail_charset),
                         relay.plan.append_text ? ", the text of attachments at its foot" : "",
                         relay.plan.note_words.empty() ? "the built-in" : "the administrator's");
    text_ += way_out(relay);
    text_ += hold_words(relay.hold);
    guard(relay);
  }

  static std::string own_side(const std::vector<std::string> &domains) {
    if (domains.empty()) return "the domain of From: the rules name none";
    constexpr std::size_t most = 20;
    const auto shown = std::span(domains).first(std::min(domains.size(), most));
    return fmt::format("{}{}", fmt::join(shown, ", "),
                       domains.size() > most ? fmt::format(" and {} more", domains.size() - most) : std::string());
  }

  void guard(const Relay &relay) {
    constexpr std::string_view per[] = {"sender", "client", "relay", "text"}; // by MassPer
    text_ += fmt::format("  forwarded mail {}  recipients {}  unknown senders {}\n",
                         relay.guard.refuse_forwarded ? "refused" : "taken",
                         relay.plan.hide_recipients ? "hidden" : "shown",
                         relay.guard.unknown_senders == UnknownSenders::ignore ? "not told" : "told");
    if (relay.plan.hide_recipients) text_ += fmt::format("  own side, not hidden  {}\n", own_side(relay.plan.own_domains));
    // A stranger's mass stops the stranger, not the relay (M2).
    const bool from_outside = rules_.zones()[relay.from].outside;
    std::string whole, slows;
    for (const MassLimit &limit : relay.guard.mass) {
      std::string &list = from_outside && limit.per != MassPer::relay ? slows : whole;
      list += fmt::format("{}{} mails {} per {}", list.empty() ? "" : ", ", limit.mails,
                          limit.seconds == 60 ? "a minute" : "an hour", per[static_cast<std::size_t>(limit.per)]);
    }
    if (!slows.empty()) text_ += fmt::format("  has whoever brings more come again later: {}\n", slows);
    text_ += fmt::format("  {} {}\n", from_outside ? "takes no more for now above" : "stops itself above", whole.empty() ? "no mass" : whole);
    if (relay.guard.resolver)
      text_ += fmt::format("  SPF, DKIM and DMARC asked of {}\n", address(relay.guard.resolver->address, relay.guard.resolver->port));
  }

  const RuleSet &rules_;
  UnixSeconds now_;
  std::string text_;
};

} // namespace

Explanation explain(const RuleSet &rules, std::string_view question, UnixSeconds now) {
  Result<Question> read = read_question(rules, question);
  if (!read) return {false, {}, read.error().what};
  return std::visit([&](const auto &asked) { return Story(rules, now).tell(asked); }, *read);
}

} // namespace sekisho::rules
