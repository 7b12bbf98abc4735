#include "gateway/path/link_budget.hh"

#include "gateway/path/keyed_hash.hh"
#include "gateway/path/plain.hh"

namespace sekisho::path {
namespace {

template <class Table> auto &place_of(Table &table, std::uint64_t station) {
  return table[(station >> 40) % table.size()];
}

} // namespace

std::uint64_t LinkBudget::hash_of(rules::ZoneId zone, const Mac &mac) const {
  return keyed_hash(key_, {number_of(mac) << 16 | zone << 1 | 1u});
}

std::uint64_t LinkBudget::hash_of(rules::ZoneId zone, const Ip &ip) const {
  auto [low, high] = ip.words();
  return keyed_hash(key_, {low, high, zone});
}

void LinkBudget::expect(rules::ZoneId zone, const Ip &ip, const std::optional<Mac> &at, std::uint32_t now) {
  std::uint64_t station = at ? hash_of(zone, *at) : hash_of(zone, ip);
  place_of(questions_, station) = {static_cast<std::uint32_t>(station) | 1, now};
  asked_at_ = now;
}

bool LinkBudget::was_asked(std::uint64_t station, std::uint32_t now) const {
  const Question &question = place_of(questions_, station);
  return question.print == (static_cast<std::uint32_t>(station) | 1) && now - question.second < answer_within;
}

bool LinkBudget::take(rules::ZoneId zone, const Mac &mac, const Ip &ip, bool is_known, std::uint32_t now) {
  std::uint64_t station = hash_of(zone, mac);
  const bool may_answer = now - asked_at_ < answer_within;
  bool is_expected = is_known || (may_answer && was_asked(station, now));
  if (may_answer && !is_expected) // whoever has the address that was asked for
    if (std::uint64_t asked = hash_of(zone, ip); was_asked(asked, now)) is_expected = true, station = asked;

  std::uint32_t &own = (is_expected ? place_of(expected_, station) : place_of(others_, station)).at(now);
  if (own >= of_one) return false;
  if (!is_expected || own >= assured) {
    std::uint32_t &used = (is_expected ? shared_by_expected_ : shared_by_others_)[zone].at(now);
    if (used >= shared) return false;
    ++used;
  }
  ++own;
  return true;
}

} // namespace sekisho::path
