// What must be known of a waiting mail over a restart, beside what the spool knows: that a person stopped it or took
// it out of the queue, that its sender was told of the delay.
//
// Lines of a CRC-32C and a JSON object in a file of its own; at the start what still matters goes to a new file.
#pragma once

#include "gateway/spool/disk.hh"

#include <map>
#include <memory>
#include <set>

namespace sekisho::relay {

struct Steered {
  enum class Order : std::uint8_t { none, held, dropped };
  Order order = Order::none;
  std::int64_t uid = -1;    // who
  std::string user;         // his name then; empty: not known
  std::string why;          // his words
  std::int64_t since = 0;   // UnixSeconds
  bool told_delay = false;  // to its sender
  bool operator==(const Steered &) const = default;
};

class Steering {
public:
  /// Errors: the folder cannot be read or written: then nobody can say what was stopped.
  /// `waiting`: the receipts in the spool; all others are forgotten.
  static Result<Steering> open(std::unique_ptr<spool::Disk> disk, const std::set<std::string> &waiting);

  /// Nothing was ordered: a fresh one.
  Steered of(const std::string &receipt) const;
  /// Durable before it returns.  Errors: nothing has changed.
  Result<void> set(const std::map<std::string, Steered> &steered);
  /// Not flushed: at worst a sender is told twice.
  void told_delay(const std::string &receipt);
  /// Its way is over.
  void forget(const std::string &receipt);
  /// The same receipt goes its way once more: what was said of it before must not come back with a restart.
  /// Durable before it returns.  Errors: it may come back.
  Result<void> begin_anew(const std::string &receipt);

private:
  explicit Steering(std::unique_ptr<spool::Disk> disk) : disk_(std::move(disk)) {}
  Result<void> read_all(const std::vector<std::string> &names);
  Result<void> begin_file();
  void remove(const std::string &name);
  Result<void> tidy();
  Result<void> append(const std::string &lines, bool flush);

  std::unique_ptr<spool::Disk> disk_;
  spool::Disk::Handle file_ = -1;
  std::uint64_t number_ = 0; // of the file
  std::uint64_t end_ = 0;
  std::map<std::string, Steered> steered_;
  std::set<std::string> former_; // forgotten, but still told of in the file
};

} // namespace sekisho::relay
