/* Target functions: rules::compile, rules::format, rules::render, rules::explain, rules::prove,
   RuleSet::decide, RuleSet::next_change.
 */
// Any text ends; what fmt writes is what fmt writes again, and means the same.
#include "base/check.hh"
#include "rules/compile.hh"
#include "rules/describe.hh"
#include "rules/prove.hh"

#include <cstring>

namespace {

using namespace sekisho;

constexpr UnixSeconds now = 1'795'180'000;

bool has_error(const std::vector<rules::Diagnostic> &diagnostics) {
  for (const rules::Diagnostic &diagnostic : diagnostics)
    if (diagnostic.level == rules::Diagnostic::Level::error) return true;
  return false;
}

void check_format(const rules::SourceFile &source, const rules::RuleSet *rules) {
  std::vector<rules::Diagnostic> diagnostics;
  std::string canonical = rules::format(source, diagnostics);
  if (has_error(diagnostics)) return;
  std::vector<rules::SourceFile> again = {{"again", canonical}};
  CHECK(rules::format(again[0], diagnostics) == canonical);
  if (!rules) return;
  rules::Compiled compiled = rules::compile(again, now);
  CHECK(compiled.rules && compiled.rules->hash() == rules->hash());
}

bool covers(const std::vector<rules::End> &ends, rules::ZoneId zone, const Ip &ip) {
  for (const rules::End &end : ends)
    for (const Network &network : *end.networks)
      if (end.zone == zone && network.contains(ip)) return true;
  return false;
}

bool serves(const std::vector<rules::Service> &services, const rules::PacketSubject &subject) {
  for (const rules::Service &service : services) {
    if (service.protocol != subject.protocol) continue;
    if (service.ports.empty()) return true;
    for (const rules::PortRange &range : service.ports)
      if (range.first <= subject.destination_port && subject.destination_port <= range.last)
        return true;
  }
  return false;
}

bool in_force(const rules::Permit &permit, UnixSeconds time) {
  return permit.ledger.since.value_or(time) <= time && time <= permit.ledger.until.value_or(time) &&
         (!permit.schedule || permit.schedule->covers(time));
}

/// Passed by the first permit in force that lists it, and by none of the zones that never meet.
void check_decision(const rules::RuleSet &rules, const rules::PacketSubject &subject,
                    UnixSeconds time) {
  rules::Decision decision = rules.decide(subject, time);
  CHECK((decision.verdict == rules::Verdict::drop) == (decision.reason != Reason::none));
  if (decision.verdict != rules::Verdict::pass) {
    CHECK(decision.verdict == rules::Verdict::drop || decision.rule != rules::no_rule);
    return;
  }
  const rules::Zone &one = rules.zones()[subject.from], &other = rules.zones()[decision.to];
  CHECK(!one.outside && !other.outside); // Z4
  const rules::Host *from = rules.host_at(subject.source), *to = rules.host_at(subject.destination);
  CHECK((!one.closed && !other.closed) || (from && to && from->mac && to->mac)); // Z3
  for (const rules::Permit &permit : rules.permits()) {
    if (!in_force(permit, time) || !covers(permit.from, subject.from, subject.source) ||
        !covers(permit.to, decision.to, subject.destination) || !serves(permit.services, subject))
      continue;
    CHECK(permit.rule == decision.rule);
    return;
  }
  CHECK(false); // nothing lists it
}

/// Packets at the edges of what is listed, and between all hosts.
void check_decisions(const rules::RuleSet &rules) {
  std::size_t asked = 0;
  auto ask = [&](rules::ZoneId zone, const Ip &from, const Ip &to, std::uint8_t protocol,
                 std::uint16_t port) {
    if (++asked > 200) return;
    rules::PacketSubject subject;
    subject.from = zone;
    subject.source = from;
    const rules::Host *host = rules.host_at(from);
    subject.source_mac = host && host->mac ? *host->mac : Mac{};
    subject.destination = to;
    subject.protocol = protocol;
    subject.destination_port = port;
    for (UnixSeconds time : {now, rules.next_change(now), UnixSeconds{0}})
      check_decision(rules, subject, time);
  };
  for (const rules::Permit &permit : rules.permits()) {
    CHECK(rules.permit_of(permit.rule) == &permit);
    for (const rules::End &from : permit.from)
      for (const rules::End &to : permit.to)
        for (const rules::Service &service : permit.services)
          for (std::uint16_t port :
               {service.ports.empty() ? std::uint16_t{1} : service.ports[0].first,
                service.ports.empty() ? std::uint16_t{65'535} : service.ports.back().last}) {
            if (service.protocol == rules::protocol::icmp) continue;
            Ip inside = from.networks->back().address;
            inside.octets[15] |= from.networks->back().prefix < 121 ? 9 : 0;
            ask(from.zone, inside, to.networks->front().address, service.protocol, port);
            ask(from.zone, from.networks->front().address, to.networks->back().address,
                service.protocol, port);
          }
  }
  for (const rules::Host &from : rules.hosts())
    for (const rules::Host &to : rules.hosts())
      ask(from.zone, from.address, to.address, rules::protocol::tcp, 443);
}

void check_words(const rules::RuleSet &rules) {
  CHECK(rules.next_change(now) > now);
  for (rules::RuleId rule = 0; rule < rules.labels().size(); ++rule)
    CHECK(!rules::sentence_of(rules, rule).empty() && rules::ledger_of(rules, rule));
  const rules::Zone &first = rules.zones().front(), &last = rules.zones().back();
  CHECK(rules::prove(rules, first.name + " -> " + last.name, now).understood);
  CHECK(rules::prove(rules, "gateway -> " + last.name, now).understood);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
  std::string text(reinterpret_cast<const char *>(data), size);
  std::size_t split = text.find("\n?"); // behind it: a question
  std::vector<rules::SourceFile> sources = {{"fuzz", text.substr(0, split)}};
  rules::Compiled compiled = rules::compile(sources, now);
  CHECK((compiled.rules == nullptr) == has_error(compiled.diagnostics));
  std::string said = rules::render(compiled.diagnostics, sources, false);
  CHECK(said.find('\x1b') == std::string::npos);
  check_format(sources[0], compiled.rules.get());
  if (!compiled.rules) return 0;
  check_decisions(*compiled.rules);
  check_words(*compiled.rules);
  if (split == std::string::npos) return 0;
  rules::explain(*compiled.rules, text.substr(split + 2), now);
  rules::prove(*compiled.rules, text.substr(split + 2), now);
  return 0;
}
