#include "gateway/path/devices.hh"

#include <algorithm>
#include <tuple>

namespace sekisho::path {
namespace {

using Kind = DeviceEvent::Kind;

std::uint64_t number_of(const Mac &mac) {
  std::uint64_t number = 0;
  for (std::uint8_t octet : mac.octets) number = number << 8 | octet;
  return number;
}

/// The MACs of a virtual router (RFC 5798 §7.3) are the same wherever its number is: they have no home.
bool is_virtual_router(const Mac &mac) {
  const auto &o = mac.octets;
  return o[0] == 0 && o[1] == 0 && o[2] == 0x5e && o[3] == 0 && (o[4] == 1 || o[4] == 2);
}

/// What it says of itself contradicts what is listed or known.
bool is_contradiction(Reason reason) {
  return reason == Reason::mac_mismatch || reason == Reason::arp_spoofed ||
         reason == Reason::nd_spoofed || reason == Reason::neighbour_moved ||
         reason == Reason::nd_router || reason == Reason::nd_redirect;
}

/// Who may push whom out of the table.
int class_of(Standing standing) {
  return standing == Standing::permitted ? 2 : standing == Standing::heard ? 1 : 0;
}

DeviceEvent about(const Sighting &sighting, Kind kind) {
  return {.kind = kind,
          .mac = sighting.mac,
          .zone = sighting.zone,
          .ip = sighting.ip,
          .reason = sighting.reason,
          .count = sighting.count,
          .time = sighting.time};
}

template <class Value> void keep_latest(std::vector<Value> &values, const Value &value, std::size_t most) {
  if (values.size() >= most) values.erase(values.begin());
  values.push_back(value);
}

} // namespace

std::string_view word_of(DeviceEvent::Kind kind) {
  switch (kind) {
  case Kind::appeared: return "device-new";
  case Kind::unknown: return "device-unknown";
  case Kind::moved: return "device-moved";
  case Kind::changed: return "device-changed";
  case Kind::contradicts: return "device-contradicts";
  case Kind::flood: return "device-flood";
  }
  return "device-new";
}

void Devices::adopt(const rules::RuleSet &rules) {
  listed_.clear();
  for (const rules::Host &host : rules.hosts()) {
    if (!host.mac) continue;
    Listing &listing = listed_[number_of(*host.mac)];
    if (listing.host.empty()) listing.host = host.name;
    listing.zones |= 1u << host.zone;
    DeviceRow &row = rows_[number_of(*host.mac)]; // listed ones have their row before they are seen
    row.mac = *host.mac;
    if (row.first_seen == 0) row.zone = host.zone;
    homes_.forget(*host.mac); // what is listed needs no home
  }
  std::erase_if(rows_, [&](const auto &entry) {
    return entry.second.first_seen == 0 && !listed_.contains(entry.first);
  });
  unlisted_ = 0;
  for (auto &[number, row] : rows_) {
    const Listing *listing = listing_of(row.mac);
    row.host = listing ? listing->host : std::string();
    unlisted_ += listing == nullptr;
  }
}

const Devices::Listing *Devices::listing_of(const Mac &mac) const {
  auto found = listed_.find(number_of(mac));
  return found == listed_.end() ? nullptr : &found->second;
}

/// Makes room by forgetting somebody who is no better known than the newcomer, of those the least seen.  A flood
/// of devices that only announce themselves never pushes out one with a permitted flow.
bool Devices::make_room(Standing newcomer) {
  if (unlisted_ < options_.unlisted) return true;
  auto rank = [](const DeviceRow &row) {
    return std::tuple(class_of(row.standing), std::min<std::uint64_t>(row.seen, 4), row.last_seen);
  };
  auto least = rows_.end();
  for (auto row = rows_.begin(); row != rows_.end(); ++row)
    if (!listed_.contains(row->first) &&
        (least == rows_.end() || rank(row->second) < rank(least->second)))
      least = row;
  if (least == rows_.end() || class_of(least->second.standing) > class_of(newcomer)) return false;
  homes_.forget(least->second.mac);
  rows_.erase(least);
  --unlisted_;
  return true;
}

DeviceRow *Devices::row_for(const Sighting &sighting, bool &is_new) {
  std::uint64_t number = number_of(sighting.mac);
  auto found = rows_.find(number);
  if (found == rows_.end()) {
    if (!make_room(sighting.standing)) return nullptr;
    found = rows_.emplace(number, DeviceRow{}).first;
    found->second.mac = sighting.mac;
    found->second.zone = sighting.zone;
    ++unlisted_;
  }
  is_new = found->second.first_seen == 0;
  return &found->second;
}

void Devices::take(const Sighting &sighting, std::vector<DeviceEvent> &events) {
  if (sighting.zone >= rules::max_zones || sighting.mac.is_group()) return;
  bool is_new = false;
  DeviceRow *row = row_for(sighting, is_new);
  if (!row) {
    beyond_ += sighting.count;
    return;
  }
  bool is_trusted_now = is_trusted(sighting.standing);
  bool was_only_refused = row->standing == Standing::refused && row->trusted_at == 0;
  if (is_new) row->first_seen = sighting.time;
  row->last_seen = std::max(row->last_seen, sighting.time);
  row->seen += sighting.count;
  if (sighting.standing != Standing::refused && (is_new || (is_trusted_now && was_only_refused)))
    tell(*row, about(sighting, Kind::appeared), events);
  bool is_told = note_place(*row, sighting, events);
  if (sighting.standing == Standing::refused) note_refusal(*row, sighting, is_told, events);
  if (is_trusted_now) {
    row->trusted_at = sighting.time;
    note_address(*row, sighting, events);
    if (!listing_of(row->mac) && !is_virtual_router(row->mac)) homes_.put(row->mac, row->zone);
  }
  row->standing = std::max(row->standing, sighting.standing);
}

/// Where a device is follows from where it is trusted: who only sends with its MAC elsewhere moves nothing.
/// Returns whether it was told as moved.
bool Devices::note_place(DeviceRow &row, const Sighting &sighting, std::vector<DeviceEvent> &events) {
  if (sighting.zone == row.zone || is_virtual_router(row.mac)) return false;
  const Listing *listing = listing_of(row.mac);
  bool is_listed_here = listing && (listing->zones >> sighting.zone & 1);
  if (!is_listed_here) {
    DeviceEvent event = about(sighting, Kind::moved);
    event.from = row.zone;
    tell(row, event, events);
  }
  if (is_trusted(sighting.standing) || (!listing && row.trusted_at == 0)) row.zone = sighting.zone;
  return !is_listed_here;
}

void Devices::note_address(DeviceRow &row, const Sighting &sighting, std::vector<DeviceEvent> &events) {
  if (sighting.ip == Ip{}) return;
  auto known = std::ranges::find(row.addresses, sighting.ip, &DeviceAddress::ip);
  if (known != row.addresses.end()) {
    known->last_seen = sighting.time;
    return;
  }
  bool has_one = std::ranges::any_of(row.addresses, [&](const DeviceAddress &address) {
    return address.ip.is_v4() == sighting.ip.is_v4();
  });
  keep_latest(row.addresses, {sighting.ip, sighting.time, sighting.time}, max_addresses);
  if (has_one) tell(row, about(sighting, Kind::changed), events);
}

void Devices::note_refusal(DeviceRow &row, const Sighting &sighting, bool is_told,
                           std::vector<DeviceEvent> &events) {
  row.refused += sighting.count;
  row.reason = sighting.reason;
  if (is_told) return;
  Kind kind = is_contradiction(sighting.reason) ? Kind::contradicts : Kind::unknown;
  tell(row, about(sighting, kind), events);
}

/// The same of the same device once in a while; of all devices so many an interval.
void Devices::tell(DeviceRow &row, const DeviceEvent &event, std::vector<DeviceEvent> &events) {
  auto same = std::ranges::find_if(row.changes, [&](const DeviceEvent &former) {
    return former.kind == event.kind && former.zone == event.zone && former.reason == event.reason;
  });
  if (same != row.changes.end() && event.time - same->time < repeat_after) {
    same->count += event.count;
    return;
  }
  if (same != row.changes.end()) row.changes.erase(same);
  keep_latest(row.changes, event, max_changes);
  ++row.change_count;

  if (event.time - interval_began_ >= interval) tidy(event.time, events);
  std::size_t &told = row.host.empty() ? told_others_ : told_listed_;
  if (told >= options_.events_an_interval) {
    ++untold_;
    return;
  }
  ++told;
  events.push_back(event);
}

void Devices::tidy(UnixSeconds now, std::vector<DeviceEvent> &events) {
  if (now - interval_began_ >= interval || now < interval_began_) {
    if (untold_ > 0)
      events.push_back({.kind = Kind::flood, .mac = {}, .ip = {}, .count = untold_, .time = now});
    interval_began_ = now;
    told_listed_ = told_others_ = 0;
    untold_ = 0;
  }
  if (now - tidied_at_ < 60 && now >= tidied_at_) return;
  tidied_at_ = now;
  for (const auto &[number, row] : rows_)
    if (row.trusted_at != 0 && now - row.trusted_at >= home_for) homes_.forget(row.mac);
}

/// What was known before a restart; what was seen since is not overwritten.
void Devices::restore(DeviceRow row) {
  std::uint64_t number = number_of(row.mac);
  const Listing *listing = listing_of(row.mac);
  auto found = rows_.find(number);
  if (found != rows_.end() ? found->second.first_seen != 0 : unlisted_ >= options_.unlisted) return;
  bool is_trusted_there = row.trusted_at != 0 && !is_virtual_router(row.mac);
  if (listing) {
    row.host = listing->host;
    if (!(listing->zones >> row.zone & 1)) row.zone = found->second.zone;
  } else {
    ++unlisted_;
    if (is_trusted_there) homes_.put(row.mac, row.zone); // tidy() forgets what is over
  }
  rows_[number] = std::move(row);
}

std::vector<DeviceRow> Devices::snapshot() const {
  std::vector<DeviceRow> all;
  all.reserve(rows_.size());
  for (const auto &[number, row] : rows_) all.push_back(row);
  std::ranges::sort(all, {}, [](const DeviceRow &row) {
    return std::tuple(row.zone, row.host.empty(), std::string_view(row.host), row.mac);
  });
  return all;
}

} // namespace sekisho::path
