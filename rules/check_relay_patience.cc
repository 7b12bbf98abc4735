// Of a relay: do its times fit each other?
#include "rules/checker.hh"

#include <fmt/format.h>

#include <algorithm>

namespace sekisho::rules {
namespace {

constexpr std::uint64_t minute = 60, hour = 3600, day = 86'400;

} // namespace

void Checker::relay_patience(const RelaySentence &said, Relay &relay) {
  const PatienceSentence &patience = said.patience;
  PatienceRule &rule = relay.patience;
  if (patience.first_wait) {
    in_range(*patience.first_wait, 1, hour, "1 s to 1 hour");
    rule.first_wait = std::clamp<std::uint64_t>(patience.first_wait->value, 1, hour);
  }
  if (patience.longest_wait) {
    in_range(*patience.longest_wait, minute, day, "1 minute to 24 hours");
    rule.longest_wait = patience.longest_wait->value;
  }
  if (patience.give_up) {
    in_range(*patience.give_up, 5 * minute, 30 * day, "5 minutes to 30 days");
    rule.give_up = patience.give_up->value;
  }
  relay_waits(patience, rule);
  if (patience.delay_notice) relay_delay_notice(said, rule);
}

void Checker::relay_waits(const PatienceSentence &patience, const PatienceRule &rule) {
  if (patience.longest_wait && rule.longest_wait < rule.first_wait) {
    Diagnostic &error = reporter_.error(patience.longest_wait->place, "the longest wait is shorter than the first one");
    if (patience.first_wait) error.related.push_back({patience.first_wait->place, "the first one"});
    error.help = "the waits grow: from  after  up to  at least every";
    return;
  }
  const std::optional<Amount> &last = patience.longest_wait ? patience.longest_wait : patience.first_wait;
  const std::uint64_t wait = patience.longest_wait ? rule.longest_wait : rule.first_wait;
  if (!last || wait < rule.give_up) return;
  Diagnostic &error = reporter_.error(last->place, "so long a mail is not tried at all");
  if (patience.give_up) error.related.push_back({patience.give_up->place, "then it is given up"});
  error.help = "it is given up after what  for  says, 5 days if nothing is said";
}

void Checker::relay_delay_notice(const RelaySentence &said, PatienceRule &rule) {
  const Amount &delay = *said.patience.delay_notice;
  if (delay.value < 5 * minute || delay.value >= rule.give_up) {
    reporter_.error(delay.place, "out of range").help = "allowed: 5 minutes up to what  retry … for  says";
    return;
  }
  rule.delay_notice = delay.value;
  if (said.routes.bounce_to.empty())
    reporter_.error(delay.place, "nobody is told of a delay").help = "add  bounce to \"*@town.example.lg.jp\"";
}

} // namespace sekisho::rules
