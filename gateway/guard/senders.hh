// Who has written before (M11): a bounded table of senders by relay, each as a keyed hash, so that the table tells
// nobody's address.  A value; relay/sender_file keeps it on disk.
#pragma once

#include "base/bytes.hh"

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>
#include <unordered_map>

struct evp_mac_ctx_st; // EVP_MAC_CTX

namespace sekisho::guard {

constexpr std::size_t most_senders = 200'000;
constexpr std::uint32_t sender_days = 400; // without a mail, then forgotten

using SenderKey = std::array<std::byte, 16>;

class KnownSenders {
public:
  /// As it is written: one sender, or a later sight of one.
  struct Entry {
    std::uint64_t name = 0;
    std::uint32_t day = 0;    // since 1970, of the last mail
    bool established = false; // seen on several days, or written to from inside
    bool operator==(const Entry &) const = default;
  };

  explicit KnownSenders(const SenderKey &key, std::size_t most = most_senders);

  /// `address` in any case, its domain in U-labels or A-labels.
  std::uint64_t name_of(std::string_view relay, std::string_view address) const;
  bool knows(std::uint64_t name, std::uint32_t day) const;
  /// Nothing to write where it was seen on the same day already.
  bool learn(std::uint64_t name, std::uint32_t day, bool established, Entry &entry);
  /// What learn() gave at some time.
  void restore(const Entry &entry);
  std::size_t size() const { return seen_.size(); }
  template <class Each> void each(Each call) const {
    for (const auto &[name, seen] : seen_) call(Entry{name, seen.day, seen.established});
  }

private:
  struct Seen {
    std::uint32_t day = 0;
    bool established = false;
  };
  void make_room();

  std::shared_ptr<evp_mac_ctx_st> mac_; // its memory serves name after name
  std::size_t most_;
  std::unordered_map<std::uint64_t, Seen> seen_;
};

/// 16 octets with a check of their own.
constexpr std::size_t sender_entry_size = 16;
void put_entry(ByteWriter &writer, const KnownSenders::Entry &entry);
/// False: damaged, to be passed over.
bool take_entry(ByteReader &reader, KnownSenders::Entry &entry);

} // namespace sekisho::guard
