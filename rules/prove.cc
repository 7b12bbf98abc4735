#include "rules/prove.hh"

#include "base/text.hh"
#include "rules/calendar.hh"
#include "rules/describe.hh"
#include "rules/policy.hh"
#include "rules/text.hh"

#include <fmt/format.h>

#include <algorithm>

namespace sekisho::rules {
namespace {

constexpr std::size_t max_told = 200; // sentences
constexpr std::size_t max_asked = 1000;

/// One side of the question: networks, each with its zone.
struct Somewhere {
  std::string name;
  bool is_gateway = false;
  std::vector<std::pair<ZoneId, Network>> networks;
};

std::optional<Network> overlap(const Network &a, const Network &b) {
  if (a.prefix <= b.prefix && a.contains(b.address)) return b;
  if (b.prefix <= a.prefix && b.contains(a.address)) return a;
  return std::nullopt;
}

class Prover {
public:
  Prover(const RuleSet &rules, UnixSeconds now) : rules_(rules), now_(now) {}

  Proof answer(std::string_view question) {
    if (question.size() > 1000) return misread(question.substr(0, 60), 0, "it is too long");
    std::size_t arrow = question.find("->");
    if (arrow == std::string_view::npos)
      return misread(question, question.size(), "expected '->' between two places (in quotes: a shell takes > for itself)");
    Somewhere from, to;
    if (!read(question, 0, arrow, from) || !read(question, arrow + 2, question.size(), to))
      return std::move(misread_);
    if (from.is_gateway && to.is_gateway)
      return misread(question, arrow, "the gateway is on both sides");
    for (const Permit &permit : rules_.permits())
      if (!from.is_gateway && !to.is_gateway) across(permit, from, to);
    for (const Local &local : rules_.locals())
      if (local.leaves ? from.is_gateway : to.is_gateway)
        at_gateway(local, local.leaves ? to : from);
    for (const Relay &relay : rules_.relays())
      relayed(relay, from, to);
    return summary(from, to);
  }

private:
  // -- the question ------------------------------------------------------------------------------
  Proof misread(std::string_view question, std::size_t at, std::string_view why) {
    Proof proof;
    std::string shown;
    for (char c : question)
      shown += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
    std::string_view before = std::string_view(shown).substr(0, at);
    std::size_t cells = 0;
    while (!before.empty()) {
      Character character = first_character(before);
      cells += display_width(character.code);
      before.remove_prefix(character.octets);
    }
    proof.text = fmt::format("cannot understand the question: {}\n  {}\n  {}^\n"
                             "ask   PLACE -> PLACE, as in  internet -> mynumber\n"
                             "where PLACE is a zone, a host, a network, an address or gateway\n",
                             why, shown, std::string(cells, ' '));
    return proof;
  }

  bool read(std::string_view question, std::size_t first, std::size_t last, Somewhere &into) {
    std::string_view side = question.substr(first, last - first);
    std::string_view word = trimmed(side);
    std::size_t at = word.empty() ? last : static_cast<std::size_t>(word.data() - question.data());
    into.name = word;
    if (word == "gateway") return into.is_gateway = true;
    if (std::optional<ZoneId> zone = rules_.zone_named(word)) {
      for (const Network &network : rules_.zones()[*zone].networks)
        into.networks.emplace_back(*zone, network);
      return true;
    }
    std::vector<std::string_view> known = {"gateway"};
    for (const Zone &zone : rules_.zones())
      known.push_back(zone.name);
    for (const Host &host : rules_.hosts()) {
      if (host.name == word) {
        into.networks.emplace_back(host.zone, Network{host.address, 128});
        return true;
      }
      known.push_back(host.name);
    }
    std::optional<Network> network = parse_network(word);
    if (std::optional<Ip> ip = parse_ip(word)) network = Network{*ip, 128};
    if (network && in_zones(*network, into)) return true;
    std::string_view near = nearest(word, known);
    misread_ = misread(question, at,
                       network        ? std::string("this lies in no zone")
                       : near.empty() ? std::string("no zone, host, network or address")
                                      : fmt::format("did you mean '{}'?", near));
    return false;
  }

  /// The network as the zones share it.
  bool in_zones(const Network &network, Somewhere &into) const {
    for (ZoneId zone = 0; zone < rules_.zones().size(); ++zone)
      for (const Network &of_zone : rules_.zones()[zone].networks)
        if (std::optional<Network> common = overlap(network, of_zone))
          into.networks.emplace_back(zone, *common);
    return !into.networks.empty();
  }

  // -- the sentences -----------------------------------------------------------------------------
  static std::vector<std::pair<ZoneId, Network>> common(const std::vector<End> &ends,
                                                        const Somewhere &place) {
    std::vector<std::pair<ZoneId, Network>> both;
    for (const End &end : ends)
      for (const auto &[zone, network] : place.networks)
        if (zone == end.zone)
          for (const Network &listed : *end.networks)
            if (std::optional<Network> shared = overlap(listed, network))
              both.emplace_back(zone, *shared);
    return both;
  }

  bool has_ended(const Ledger &ledger) const { return ledger.until && *ledger.until < now_; }

  void across(const Permit &permit, const Somewhere &from, const Somewhere &to) {
    auto sources = common(permit.from, from), targets = common(permit.to, to);
    if (sources.empty() || targets.empty()) return;
    if (has_ended(permit.ledger)) return expired_.push_back(permit.rule);
    std::string witness = asked(permit.services, sources, targets);
    // Two zones that no packet crosses between: the compiler refuses such a permit.
    if (!witness.empty()) tell(permit.rule, witness);
  }

  void at_gateway(const Local &local, const Somewhere &hosts) {
    auto listed = common(local.hosts, hosts);
    if (listed.empty()) return;
    if (has_ended(local.ledger)) return expired_.push_back(local.rule);
    tell(local.rule, local.leaves ? "opened by the gateway itself" : "to the gateway itself");
  }

  void relayed(const Relay &relay, const Somewhere &from, const Somewhere &to) {
    auto is_in = [](const Somewhere &place, ZoneId zone) {
      return std::any_of(place.networks.begin(), place.networks.end(),
                         [zone](const auto &network) { return network.first == zone; });
    };
    bool arrives = is_in(from, relay.from) && to.is_gateway;
    bool leaves = from.is_gateway && is_in(to, relay.to);
    bool through = is_in(from, relay.from) && is_in(to, relay.to);
    if (!arrives && !leaves && !through) return;
    if (has_ended(relay.ledger)) return expired_.push_back(relay.rule);
    if (through)
      relays_.push_back(relay.rule);
    else
      tell(relay.rule, arrives ? "to the gateway's relay" : "opened by the gateway's relay");
  }

  /// A packet of the sentence that decide() passes, now or when the sentence comes into force.
  std::string asked(const std::vector<Service> &services,
                    const std::vector<std::pair<ZoneId, Network>> &sources,
                    const std::vector<std::pair<ZoneId, Network>> &targets) const {
    std::size_t asked = 0;
    std::string last;
    for (const auto &[source_zone, source] : sources) {
      for (const auto &[target_zone, target] : targets) {
        if (source_zone == target_zone || apart(source_zone, target_zone) ||
            source.address.is_v4() != target.address.is_v4())
          continue;
        for (const Service &service : services) {
          for (const Selector &selector : selectors_of(service)) {
            if (++asked > max_asked) return last;
            PacketSubject subject = packet(source_zone, source, target, selector);
            if (passes(subject)) return "as " + words(subject);
            last = "no packet of it was found that passes soon: see its conditions";
          }
        }
      }
    }
    return last;
  }

  bool apart(ZoneId one, ZoneId other) const {
    return rules_.zones()[one].outside || rules_.zones()[other].outside;
  }

  PacketSubject packet(ZoneId zone, const Network &source, const Network &target,
                       const Selector &selector) const {
    PacketSubject subject;
    subject.from = zone;
    subject.source = somebody(source);
    subject.destination = somebody(target);
    subject.protocol = selector.protocol;
    if (selector.protocol == protocol::icmp || selector.protocol == protocol::icmp6) {
      subject.icmp_type = static_cast<std::uint8_t>(selector.first >> 8);
    } else {
      subject.source_port = 40'000;
      subject.destination_port = std::max<std::uint16_t>(selector.first, 1);
    }
    const Host *host = rules_.host_at(subject.source);
    if (host && host->mac) subject.source_mac = *host->mac;
    return subject;
  }

  /// Not the gateway, nor the address of the network itself.
  Ip somebody(const Network &network) const {
    Ip ip = network.address;
    for (unsigned last = 1; network.prefix < 127 && last < 8; ++last) {
      bool is_taken = std::any_of(rules_.zones().begin(), rules_.zones().end(),
                                  [&](const Zone &zone) { return zone.address == ip; });
      if (ip != network.address && !is_taken) break;
      ip.octets[15] = static_cast<std::uint8_t>(network.address.octets[15] | last);
    }
    return ip;
  }

  bool passes(const PacketSubject &subject) const {
    UnixSeconds time = now_;
    for (unsigned i = 0; i < 20; ++i) {
      if (rules_.decide(subject, time).verdict != Verdict::drop) return true;
      time = rules_.next_change(time);
      if (time == std::numeric_limits<UnixSeconds>::max()) break;
    }
    return false;
  }

  static std::string words(const PacketSubject &subject) {
    auto end = [](const Ip &ip, std::uint16_t port) {
      if (port == 0) return to_string(ip);
      return ip.is_v4() ? fmt::format("{}:{}", to_string(ip), port)
                        : fmt::format("[{}]:{}", to_string(ip), port);
    };
    return fmt::format("{} from {} to {}", protocol_word(subject.protocol),
                       to_string(subject.source),
                       end(subject.destination, subject.destination_port));
  }

  void tell(RuleId rule, const std::string &witness) {
    if (++found_ > max_told) return;
    told_ += fmt::format("  {}  {}\n", rules_.labels()[rule], sentence_of(rules_, rule));
    if (const Ledger *ledger = ledger_of(rules_, rule))
      told_ += fmt::format("    {}\n", describe(*ledger));
    if (std::string conditions = conditions_of(rules_, rule); !conditions.empty())
      told_ += fmt::format("    {}\n", conditions);
    told_ += fmt::format("    {}\n", witness);
  }

  Proof summary(const Somewhere &from, const Somewhere &to) {
    Proof proof;
    proof.understood = true;
    proof.passes = found_ > 0;
    proof.text = fmt::format("{} -> {}\n\n", from.name, to.name);
    if (found_ == 0) {
      proof.text += fmt::format("nothing passes: none of {} permits and {} local sentences lists a "
                                "flow from the one to the other\n",
                                rules_.permits().size(), rules_.locals().size());
      why_not(from, to, proof.text);
    } else {
      proof.text += fmt::format("{} sentence{} can let a flow be opened\n{}", found_,
                                found_ == 1 ? "" : "s", told_);
      if (found_ > max_told) proof.text += fmt::format("  … and {} more\n", found_ - max_told);
    }
    list(proof.text,
         "\nmail is made anew by the gateway and crosses as mail only; no packet does\n", relays_);
    list(proof.text, "\nexpired: these pass nothing any more\n", expired_);
    proof.text += fmt::format("\npolicy {}, at {} (Japan)\n", rules_.hash(), minute_of(now_));
    return proof;
  }

  void why_not(const Somewhere &from, const Somewhere &to, std::string &text) const {
    bool always = !from.networks.empty() && !to.networks.empty();
    for (const auto &[one, network] : from.networks)
      for (const auto &[other, beside] : to.networks)
        always = always && (one == other || apart(one, other));
    if (!always) return;
    text += from.networks[0].first == to.networks[0].first
                ? "one zone: its traffic never meets the gateway, and is dropped if it does\n"
                : "nor can any sentence: the compiler refuses it and decide() drops such packets "
                  "whatever is listed (Z3, Z4)\n";
  }

  void list(std::string &text, std::string_view title, const std::vector<RuleId> &those) const {
    if (those.empty()) return;
    text += title;
    for (std::size_t i = 0; i < std::min(those.size(), max_told); ++i)
      text += fmt::format("  {}  {}\n", rules_.labels()[those[i]], sentence_of(rules_, those[i]));
  }

  const RuleSet &rules_;
  UnixSeconds now_;
  Proof misread_;
  std::string told_;
  std::size_t found_ = 0;
  std::vector<RuleId> relays_, expired_;
};

} // namespace

Proof prove(const RuleSet &rules, std::string_view question, UnixSeconds now) {
  return Prover(rules, now).answer(question);
}

} // namespace sekisho::rules
