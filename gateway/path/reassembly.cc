#include "gateway/path/reassembly.hh"

#include "base/check.hh"

#include <algorithm>

namespace sekisho::path {
namespace {

constexpr std::size_t swept_a_fragment = 4; // datagrams: more than one fragment can open

DatagramKey key_of(const Fragment &fragment) {
  const wire::Headers &headers = *fragment.headers;
  DatagramKey key;
  key.source = headers.source;
  key.destination = headers.destination;
  key.id = headers.fragment_id;
  key.source_mac = headers.source_mac;
  key.protocol = headers.network == wire::Network::ipv4 ? headers.protocol : 0;
  key.zone = fragment.zone;
  key.side = static_cast<std::uint8_t>(fragment.side);
  return key;
}

std::size_t size_of(const wire::Headers &headers) {
  return headers.length - headers.fragment_start;
}

} // namespace

Reassembly::Reassembly(const ReassemblyLimits &limits, const flow::HashKey &key,
                       port::FramePool &pool, Lost lost)
    : limits_(limits), key_{key[1] ^ key[4], key[3] ^ key[6]}, pool_(pool), lost_(std::move(lost)),
      mask_(std::bit_ceil(2u * limits.datagrams) - 1), buckets_(mask_ + 1, none),
      source_buckets_(mask_ + 1, none), datagrams_(limits.datagrams),
      pieces_(std::size_t{limits.datagrams} * limits.fragments), sources_(limits.datagrams),
      held_(limits.frames) {
  CHECK(limits.datagrams > 0 && limits.datagrams < none && limits.frames > 0 &&
        limits.frames < none && limits.source_datagrams > 0 && limits.fragments > 1 &&
        limits.fragments <= most_fragments);
  for (std::size_t i = 0; i < limits.datagrams; ++i) {
    Index next = i + 1 < limits.datagrams ? static_cast<Index>(i + 1) : none;
    datagrams_[i].next_in_bucket = next;
    sources_[i].next = next;
  }
  for (std::size_t i = 0; i < limits.frames; ++i)
    held_[i].next_free = i + 1 < limits.frames ? static_cast<Index>(i + 1) : none;
}

Reassembly::~Reassembly() {
  while (oldest_ != none) {
    pool_.release(take_frames(oldest_));
    close(oldest_);
  }
}

Reassembly::Result Reassembly::add(const Fragment &fragment, std::uint32_t now) {
  sweep(now, swept_a_fragment);
  DatagramKey key = key_of(fragment);
  std::uint32_t hash = hash_of(&key, sizeof key);
  Reason reason = Reason::none;
  Index index = find(key, hash);
  if (index != none && now - datagrams_[index].born >= limits_.seconds) { // the sweeper is behind
    lose(index, Reason::fragment_timeout);
    close(index);
    index = none;
  }
  if (index == none) index = open(key, hash, now, reason);
  if (index == none) return {.reason = reason};

  std::size_t at = 0;
  reason = place(index, fragment, at);
  if (reason != Reason::none) {
    bool is_harmless =
        reason == Reason::fragment_duplicate || reason == Reason::fragment_table_full;
    if (!is_harmless)
      lose(index, reason);
    else if (datagrams_[index].count == 0 && datagrams_[index].lost == Reason::none)
      close(index);
    return {.reason = reason};
  }
  hold(index, fragment, at);
  return is_whole(datagrams_[index]) ? complete(index) : Result{.outcome = Outcome::held};
}

/// Where among the pieces this one belongs, or why not.
Reason Reassembly::place(Index index, const Fragment &fragment, std::size_t &at) const {
  const Datagram &datagram = datagrams_[index];
  if (datagram.lost != Reason::none) return datagram.lost;
  const wire::Headers &headers = *fragment.headers;
  std::size_t begin = headers.fragment_offset, end = begin + size_of(headers);
  std::span<const Piece> there = pieces(index).first(datagram.count);
  auto after = std::ranges::upper_bound(there, begin, {}, &Piece::begin);
  if (after != there.begin()) {
    const Piece &before = after[-1];
    if (before.begin == begin && before.end == end && is_same(before, fragment))
      return Reason::fragment_duplicate;
    if (before.end > begin) return Reason::fragment_overlap;
  }
  if (after != there.end() && after->begin < end) return Reason::fragment_overlap;
  if (Reason reason = check_end(datagram, headers, end); reason != Reason::none) return reason;
  if (datagram.count == limits_.fragments) return Reason::fragment_too_many;
  if (free_frame_ == none || zone_frames_[fragment.zone] >= share(limits_.frames))
    return Reason::fragment_table_full;
  at = static_cast<std::size_t>(after - there.begin());
  return Reason::none;
}

/// There is one end, and nothing lies behind it.
Reason Reassembly::check_end(const Datagram &datagram, const wire::Headers &headers,
                             std::size_t end) const {
  bool is_last = !headers.more_fragments;
  if (datagram.end != 0)
    return is_last || end > datagram.end ? Reason::fragment_malformed : Reason::none;
  if (!is_last || datagram.count == 0) return Reason::none;
  Index index = static_cast<Index>(&datagram - datagrams_.data());
  return pieces(index)[datagram.count - 1].end > end ? Reason::fragment_malformed : Reason::none;
}

bool Reassembly::is_same(const Piece &piece, const Fragment &fragment) const {
  const Held &held = held_[piece.frame];
  return std::memcmp(held.frame.data + held.data,
                     fragment.frame.data + fragment.headers->fragment_start,
                     size_of(*fragment.headers)) == 0;
}

void Reassembly::hold(Index index, const Fragment &fragment, std::size_t at) {
  Datagram &datagram = datagrams_[index];
  const wire::Headers &headers = *fragment.headers;
  Index place = free_frame_;
  free_frame_ = held_[place].next_free;
  held_[place].frame = fragment.frame;
  held_[place].data = headers.fragment_start;
  ++frame_count_;
  ++zone_frames_[datagram.key.zone];

  std::span<Piece> all = pieces(index);
  std::copy_backward(all.begin() + static_cast<std::ptrdiff_t>(at), all.begin() + datagram.count,
                     all.begin() + datagram.count + 1);
  auto size = static_cast<std::uint16_t>(size_of(headers));
  auto end = static_cast<std::uint16_t>(headers.fragment_offset + size);
  all[at] = {headers.fragment_offset, end, place};
  ++datagram.count;
  datagram.octets = static_cast<std::uint16_t>(datagram.octets + size);
  if (!headers.more_fragments) datagram.end = end;
}

Reassembly::Result Reassembly::complete(Index index) {
  std::size_t length = datagrams_[index].end;
  std::span<const port::Frame> frames = take_frames(index);
  close(index);
  return {.outcome = Outcome::complete,
          .reason = Reason::none,
          .frames = frames,
          .data_length = length};
}

std::span<const port::Frame> Reassembly::take_frames(Index index) {
  Datagram &datagram = datagrams_[index];
  std::size_t count = datagram.count;
  for (std::size_t i = 0; i < count; ++i) {
    Index place = pieces(index)[i].frame;
    taken_[i] = held_[place].frame;
    held_[place].next_free = free_frame_;
    free_frame_ = place;
  }
  frame_count_ -= count;
  zone_frames_[datagram.key.zone] =
      static_cast<std::uint16_t>(zone_frames_[datagram.key.zone] - count);
  datagram.count = 0;
  datagram.octets = 0;
  return std::span(taken_).first(count);
}

/// What it held goes; that it is lost stays.
void Reassembly::lose(Index index, Reason reason) {
  if (datagrams_[index].lost == Reason::none) datagrams_[index].lost = reason;
  std::span<const port::Frame> frames = take_frames(index);
  if (frames.empty()) return;
  if (lost_) lost_(datagrams_[index].key, reason, frames);
  pool_.release(frames);
}

void Reassembly::sweep(std::uint32_t now, std::size_t most) {
  for (; most > 0 && oldest_ != none; --most) {
    Index index = oldest_;
    if (now - datagrams_[index].born < limits_.seconds) return;
    lose(index, Reason::fragment_timeout);
    close(index);
  }
}

void Reassembly::forget(std::uint32_t zones, Reason reason) {
  for (Index index = oldest_; index != none;) {
    Index next = datagrams_[index].younger;
    if (zones >> datagrams_[index].key.zone & 1) {
      lose(index, reason);
      close(index);
    }
    index = next;
  }
}

// -- the table: chains in buckets, and all datagrams in order of their age
// ----------------------------

std::uint32_t Reassembly::hash_of(const void *octets, std::size_t size) const {
  return static_cast<std::uint32_t>(
      flow::sip_hash(key_[0], key_[1], {static_cast<const std::byte *>(octets), size}));
}

Reassembly::Index Reassembly::find(const DatagramKey &key, std::uint32_t hash) const {
  Index index = buckets_[hash & mask_];
  while (index != none && !(datagrams_[index].hash == hash && datagrams_[index].key == key))
    index = datagrams_[index].next_in_bucket;
  return index;
}

Reassembly::Index Reassembly::open(const DatagramKey &key, std::uint32_t hash, std::uint32_t now,
                                   Reason &reason) {
  reason = Reason::fragment_table_full;
  if (free_datagram_ == none || zone_datagrams_[key.zone] >= share(limits_.datagrams)) return none;
  Index source = count_source(key.source, key.zone);
  reason = Reason::fragment_source_limit;
  if (source == none) return none;

  Index index = free_datagram_;
  Datagram &datagram = datagrams_[index];
  free_datagram_ = datagram.next_in_bucket;
  datagram = {};
  datagram.key = key;
  datagram.born = now;
  datagram.hash = hash;
  datagram.source = source;
  datagram.next_in_bucket = buckets_[hash & mask_];
  buckets_[hash & mask_] = index;
  datagram.older = youngest_;
  (youngest_ == none ? oldest_ : datagrams_[youngest_].younger) = index;
  youngest_ = index;
  ++datagram_count_;
  ++zone_datagrams_[key.zone];
  return index;
}

/// It holds nothing any more.
void Reassembly::close(Index index) {
  Datagram &datagram = datagrams_[index];
  Index *link = &buckets_[datagram.hash & mask_];
  while (*link != index)
    link = &datagrams_[*link].next_in_bucket;
  *link = datagram.next_in_bucket;
  (datagram.older == none ? oldest_ : datagrams_[datagram.older].younger) = datagram.younger;
  (datagram.younger == none ? youngest_ : datagrams_[datagram.younger].older) = datagram.older;
  uncount_source(datagram.source);
  --datagram_count_;
  --zone_datagrams_[datagram.key.zone];
  datagram.next_in_bucket = free_datagram_;
  free_datagram_ = index;
}

Reassembly::Index Reassembly::find_source(const Ip &ip, rules::ZoneId zone,
                                          std::uint32_t hash) const {
  Index index = source_buckets_[hash & mask_];
  while (index != none && !(sources_[index].ip == ip && sources_[index].zone == zone))
    index = sources_[index].next;
  return index;
}

/// None when the source has as many as it may.  There are as many places for sources as for
/// datagrams.
Reassembly::Index Reassembly::count_source(const Ip &ip, rules::ZoneId zone) {
  std::uint32_t hash = hash_of(&ip, sizeof ip);
  Index index = find_source(ip, zone, hash);
  if (index == none) {
    index = free_source_;
    Source &source = sources_[index];
    free_source_ = source.next;
    source = {ip, hash, zone, source_buckets_[hash & mask_], 0};
    source_buckets_[hash & mask_] = index;
  }
  if (sources_[index].count >= limits_.source_datagrams) return none;
  ++sources_[index].count;
  return index;
}

void Reassembly::uncount_source(Index index) {
  Source &source = sources_[index];
  if (--source.count > 0) return;
  Index *link = &source_buckets_[source.hash & mask_];
  while (*link != index)
    link = &sources_[*link].next;
  *link = source.next;
  source.next = free_source_;
  free_source_ = index;
}

} // namespace sekisho::path
