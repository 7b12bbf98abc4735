// What the record is told of refusals at the doors: of one client, reason and sender the first at once, the others within a while as
// one sum.  So each sender and recipient can be found, and a flood cannot fill the record: how many lines and recipients a while may
// have is bounded, and what is left out is a number.
#pragma once

#include "gateway/relay/events.hh"

#include <map>
#include <string>
#include <vector>

namespace sekisho::relay {

class Refusals {
public:
  static constexpr std::size_t most_sums = 1000;     // of all clients
  static constexpr std::size_t most_of_client = 16;  // of one: its other senders are one sum a reason
  static constexpr std::size_t most_recipients = 50; // named in one sum
  static constexpr std::size_t most_octets = 512u << 10; // of all that are named, from one take_sums() to the next

  /// The event to be told at once; empty: it is in a sum.
  std::string add(const events::Door &door, smtp::Refusal refusal);
  /// What was summed up since the last call; the next of each is told at once again.
  std::vector<std::string> take_sums();

private:
  struct Key {
    std::string client; // empty: any
    Reason reason;
    bool is_one_sender;
    std::string sender;
    auto operator<=>(const Key &) const = default;
  };
  struct Sum {
    events::Door door;
    smtp::Refusal last; // its recipients: those of all
    events::Times times;
  };
  Key key_of(const std::string &client, const smtp::Refusal &refusal);
  void name(Sum &sum, std::vector<std::string> recipients);

  std::map<Key, Sum> sums_;
  std::map<std::string, std::size_t> of_client_; // how many of sums_
  std::size_t octets_ = 0;
};

} // namespace sekisho::relay
