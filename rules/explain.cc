// Tells a decision in plain words.  The steps are those of Policy::decide, in its order; the reason
// says at which of them the packet stopped.
#include "rules/calendar.hh"
#include "rules/compile.hh"
#include "rules/describe.hh"
#include "rules/question.hh"

#include <fmt/format.h>

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
    told.text = std::move(text_);
    return told;
  }

  Explanation tell(const MailQuestion &question) {
    const Relay *relay = nullptr;
    Reason reason = rules_.relay_for(question.from, question.recipient, now_, &relay);
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
      text_ += "relay: taken by the gateway's mail relay, no packet crosses\n";
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
    bool relay = decision.verdict == Verdict::relay;
    if (relay || reason == Reason::gateway_port_closed ||
        (reason == Reason::rule_expired && is_gateway(subject.destination))) {
      step("gateway's service",
           relay                            ? "a relay listens on this address and port"
           : reason == Reason::rule_expired ? "the relay that listened here has expired"
                                            : "the gateway offers nothing on this address and port",
           relay);
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
    else if (reason == Reason::rule_expired)
      finding = fmt::format("listed by {}, which has expired", rules_.labels()[decision.rule]);
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
    step("relay's next hop",
         decision.verdict == Verdict::relay        ? "a relay delivers to this address and port"
         : decision.reason == Reason::rule_expired ? "the relay that delivered here has expired"
                                                   : "no relay delivers to this address and port",
         decision.verdict == Verdict::relay);
  }

  void plan(const Relay &relay) {
    text_ += fmt::format(
        "\ndelivered to {}, port {}, at most {} octets, after this was done\n  body {}\n",
        to_string(relay.next_hop), relay.next_hop_port, relay.size_limit,
        job::word_of(job::Treatment::text));
    for (std::size_t i = 1; i <= job::kind_class_count;
         ++i) { // `any` comes first in the enum, last here
      job::KindClass kind_class = static_cast<job::KindClass>(i % job::kind_class_count);
      text_ += fmt::format("  attachment {} {}\n", job::word_of(kind_class),
                           job::word_of(relay.plan.treatment(kind_class)));
    }
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
