#include "gateway/path/claims.hh"

#include "gateway/path/keyed_hash.hh"

namespace sekisho::path {

Claims::Claims(std::uint64_t hash_key) : key_(hash_key), claims_(new Claim[sets * ways]) {}

/// Its own place, else the one to be taken, which then has another ip.
Claims::Claim &Claims::claim_of(rules::ZoneId zone, const Ip &ip) {
  auto [low, high] = ip.words();
  std::uint64_t hash = keyed_hash(key_, {low, high, zone});
  Claim *set = &claims_[(hash >> 40 & (sets - 1)) * ways];
  Claim *oldest = set;
  for (Claim *claim = set; claim < set + ways; ++claim) {
    if (claim->zone == zone && claim->ip == ip) return *claim;
    if (claim->zone == rules::no_zone) claim->confirmed_at = 0;
    if (claim->confirmed_at < oldest->confirmed_at) oldest = claim;
  }
  return *oldest;
}

Claims::Answer Claims::hear(rules::ZoneId zone, const Ip &ip, const Mac &mac, std::optional<Mac> in_use,
                            std::uint32_t now) {
  Claim &claim = claim_of(zone, ip);
  if (claim.zone != zone || claim.ip != ip) {
    claim = {.ip = ip, .mac = in_use.value_or(mac), .challenger = {}, .zone = zone, .confirmed_at = now};
  }
  if (claim.mac != mac) return contest(claim, mac, now);
  claim.confirmed_at = now;
  claim.challenged_at = 0;
  return {};
}

Claims::Answer Claims::contest(Claim &claim, const Mac &mac, std::uint32_t now) {
  bool is_new = claim.challenged_at == 0 || claim.challenger != mac ||
                now - claim.challenged_at > patience;
  bool is_stale = now - claim.confirmed_at >= stale_after;
  if (is_stale || (!is_new && now - claim.challenged_at >= settle_after)) {
    claim.mac = mac;
    claim.confirmed_at = now;
    claim.challenged_at = 0;
    return {.outcome = Outcome::moved, .ask = {}};
  }
  Answer answer{.outcome = Outcome::contested, .ask = {}};
  if (now != second_) {
    second_ = now;
    asked_ = 0;
  }
  // Who was not asked has not been silent: without a question there is no challenge.
  if (claim.asked_at == now || asked_ == asks_a_second) return answer;
  if (is_new) {
    claim.challenger = mac;
    claim.challenged_at = now;
  }
  claim.asked_at = now;
  ++asked_;
  answer.ask = claim.mac;
  return answer;
}

} // namespace sekisho::path
