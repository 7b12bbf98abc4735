/* Target functions: rules::compile, rules::format, rules::render, rules::explain, RuleSet::decide.
 */
// Any text ends; what fmt writes is what fmt writes again, and means the same.
#include "base/check.hh"
#include "rules/compile.hh"

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

/// Packets between all gateways and hosts: decide() must hold its own invariants.
void check_decisions(const rules::RuleSet &rules) {
  for (const rules::Host &from : rules.hosts()) {
    for (const rules::Host &to : rules.hosts()) {
      rules::PacketSubject subject;
      subject.from = from.zone;
      subject.source = from.address;
      subject.source_mac = from.mac.value_or(Mac{});
      subject.destination = to.address;
      subject.protocol = rules::protocol::tcp;
      subject.destination_port = 443;
      rules::Decision decision = rules.decide(subject, now);
      CHECK((decision.verdict == rules::Verdict::drop) == (decision.reason != Reason::none));
      if (decision.verdict != rules::Verdict::pass) continue;
      const rules::Zone &one = rules.zones()[from.zone], &other = rules.zones()[to.zone];
      CHECK(!one.outside && !other.outside);                         // Z4
      CHECK((!one.closed && !other.closed) || (from.mac && to.mac)); // Z3
    }
  }
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
  if (split != std::string::npos) rules::explain(*compiled.rules, text.substr(split + 2), now);
  return 0;
}
