// Greylisting (RFC 6647): the first mail of an unknown client, sender and recipient is asked to come again; programs that
// only fire once do not.  A table of fixed size: who is new pushes out who was never seen again, of his own net mostly.  No clock.
#pragma once

#include "base/address.hh"
#include "base/bytes.hh"
#include "base/clock.hh"
#include "base/reason.hh"

#include <array>
#include <string_view>
#include <vector>

namespace sekisho::relay {

class Greylist {
public:
  static constexpr std::size_t places = 65'536;

  Greylist();

  /// None, or greylisted: `wait` seconds since the first time are not over.  What was waited for is good for 36 days,
  /// from each use anew; what did not come again within two days is forgotten.
  Reason ask(const Ip &client, std::string_view from, std::string_view recipient, std::uint32_t wait,
             UnixSeconds now);

  /// As decode() takes it back: the key and every place that is in use.
  Buffer encode() const;
  /// False: damaged, or cut short by a power cut; nothing has changed.
  bool decode(Bytes untrusted);
  /// Something has changed since note_kept().
  bool has_changed() const { return changed_; }
  void note_kept() { changed_ = false; }
  std::size_t count() const;

private:
  static constexpr std::size_t bucket_size = 8, buckets = places / bucket_size;
  struct Place {
    std::uint64_t name = 0;
    std::uint32_t first = 0, last = 0; // Unix seconds; last 0: free
    bool passed = false;
  };
  std::uint64_t name(const Ip &client, std::string_view from, std::string_view recipient) const;
  Place &place_for(std::uint64_t name, std::uint32_t now);
  static bool is_over(const Place &place, std::uint32_t now);

  std::array<std::byte, 16> key_; // so that nobody can aim at another's place
  std::vector<Place> places_;
  bool changed_ = false;
};

} // namespace sekisho::relay
