#include "gateway/relay/refusals.hh"

#include <algorithm>

namespace sekisho::relay {

std::string Refusals::add(const events::Door &door, smtp::Refusal refusal) {
  const auto [place, is_first] = sums_.try_emplace(key_of(door.client, refusal));
  Sum &sum = place->second;
  sum.door = door;
  if (is_first) {
    ++of_client_[place->first.client];
    sum.last = {refusal.reason, refusal.from, {}};
    Sum alone = sum;
    name(alone, std::move(refusal.recipients));
    return events::refused(door, alone.last, alone.times);
  }
  ++sum.times.all;
  if (!place->first.is_one_sender) ++sum.times.senders_left_out;
  sum.last.from = std::move(refusal.from);
  name(sum, std::move(refusal.recipients));
  return {};
}

Refusals::Key Refusals::key_of(const std::string &client, const smtp::Refusal &refusal) {
  const Key own{client, refusal.reason, true, refusal.from};
  if (sums_.contains(own)) return own;
  const bool has_room = sums_.size() < most_sums;
  const auto count = of_client_.find(client);
  if (has_room && (count == of_client_.end() || count->second < most_of_client)) return own;
  return {has_room ? client : std::string(), refusal.reason, false, {}};
}

void Refusals::name(Sum &sum, std::vector<std::string> recipients) {
  for (std::string &recipient : recipients) {
    std::vector<std::string> &named = sum.last.recipients;
    if (std::ranges::find(named, recipient) != named.end()) continue;
    if (named.size() < most_recipients && octets_ + recipient.size() <= most_octets) {
      octets_ += recipient.size();
      named.push_back(std::move(recipient));
    } else {
      ++sum.times.recipients_left_out;
    }
  }
}

std::vector<std::string> Refusals::take_sums() {
  std::vector<std::string> sums;
  for (const auto &[key, sum] : sums_)
    if (sum.times.all > 0) sums.push_back(events::refused(sum.door, sum.last, sum.times));
  sums_.clear();
  of_client_.clear();
  octets_ = 0;
  return sums;
}

} // namespace sekisho::relay
