#include "gateway/guard/breaker.hh"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace sekisho::guard {
namespace {

using rules::MassPer;

constexpr std::size_t most_clusters = 256; // kinds of text in sight of one relay

std::string_view word_of(MassPer per) {
  constexpr std::string_view words[] = {"sender", "client", "relay", "text"};
  return words[static_cast<std::size_t>(per)];
}

std::string key_of(const std::string &relay, const rules::MassLimit &limit, const std::string &who) {
  std::string key = relay;
  key += '\0';
  key += static_cast<char>('0' + static_cast<int>(limit.per));
  key += limit.seconds == 60 ? 'm' : 'h';
  return key += lower_case(who);
}

/// Empty: it is nobody's own.
std::string who_of(const rules::MassLimit &limit, const Counted &mail) {
  if (limit.per == MassPer::client) return mail.client;
  if (limit.per != MassPer::sender) return {};
  return mail.is_claimed ? fmt::format("{} from {}", mail.sender, mail.client) : mail.sender;
}

} // namespace

std::string words_of(const Trip &trip) {
  return fmt::format("more than {} mails per {} per {}{}", trip.limit.mails, trip.limit.seconds == 60 ? "minute" : "hour",
                     word_of(trip.limit.per), trip.who.empty() ? "" : " (" + trip.who + ")");
}

double Breaker::Window::add(double mails, double now) {
  const double position = now / seconds;
  const auto stretch = static_cast<std::uint64_t>(position);
  if (stretch != index) {
    before = stretch == index + 1 ? present : 0;
    present = 0;
    index = stretch;
  }
  present = std::max(0.0, present + mails);
  return present + before * (1 - (position - std::floor(position)));
}

bool Breaker::Window::is_over(double now) const {
  return static_cast<std::uint64_t>(now / seconds) > index + 1;
}

/// Null: no room, though all that is over went; then the relay's own limit still counts, whose place is never refused.
Breaker::Window *Breaker::window(const std::string &key, const rules::MassLimit &limit, double now) {
  auto found = windows_.find(key);
  if (found != windows_.end()) return &found->second;
  if (windows_.size() >= most_ && limit.per != MassPer::relay) {
    if (now < next_sweep_) return nullptr;
    next_sweep_ = now + 1;
    std::erase_if(windows_, [now](const auto &one) { return one.second.is_over(now); });
    if (windows_.size() >= most_) return nullptr;
  }
  Window fresh;
  fresh.seconds = limit.seconds;
  fresh.index = static_cast<std::uint64_t>(now / limit.seconds);
  return &windows_.emplace(key, fresh).first->second;
}

/// The nearest kind of text; a new one takes the place of the one longest not seen.
Breaker::Cluster &Breaker::cluster(const std::string &relay, const Sketch &text) {
  std::vector<Cluster> &clusters = clusters_[relay];
  Cluster *nearest = nullptr;
  int best = 65;
  for (Cluster &one : clusters) {
    const int distance = std::popcount(one.centre.bits ^ text.bits);
    if (distance < best && are_alike(one.centre, text)) nearest = &one, best = distance;
  }
  if (nearest) return *nearest;
  Cluster fresh;
  fresh.centre = text;
  if (clusters.size() < most_clusters) return clusters.emplace_back(fresh);
  return *std::ranges::min_element(clusters, {}, &Cluster::last) = fresh;
}

std::optional<Trip> Breaker::count(const std::string &relay, const std::vector<rules::MassLimit> &limits,
                                   const Counted &mail, double now) {
  for (std::size_t i = 0; i < limits.size(); ++i) {
    const std::optional<double> seen = add(relay, limits[i], mail, mail.recipients, now);
    if (!seen || *seen <= limits[i].mails) continue;
    take_back(relay, std::span(limits).first(i + 1), mail, now);
    return Trip{limits[i], who_of(limits[i], mail)};
  }
  return std::nullopt;
}

void Breaker::take_back(const std::string &relay, std::span<const rules::MassLimit> limits, const Counted &mail, double now) {
  for (const rules::MassLimit &limit : limits) add(relay, limit, mail, -1.0 * mail.recipients, now);
}

/// How many it has seen then.  Nothing: it does not count the mail.
std::optional<double> Breaker::add(const std::string &relay, const rules::MassLimit &limit, const Counted &mail,
                                   double mails, double now) {
  if (limit.per == MassPer::sender && mail.sender.empty()) return std::nullopt; // notices are of many mail systems, not of one
  if (limit.per == MassPer::text) {
    Cluster &alike = cluster(relay, mail.text);
    alike.last = now;
    return (limit.seconds == 60 ? alike.minute : alike.hour).add(mails, now);
  }
  Window *counter = window(key_of(relay, limit, who_of(limit, mail)), limit, now);
  return counter ? std::optional(counter->add(mails, now)) : std::nullopt;
}

void Breaker::forget(const std::string &relay) {
  std::erase_if(windows_, [&](const auto &one) { return one.first.starts_with(relay + '\0'); });
  clusters_.erase(relay);
}

} // namespace sekisho::guard
