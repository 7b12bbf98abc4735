// How long, how many.  Times after RFC 5321 §4.5.3.2 and §4.5.4.1; tests shorten them.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace sekisho::relay {

using Seconds = std::chrono::duration<double>;

struct RelaySettings {
  std::string host_name = "localhost";
  // the door
  std::size_t connections = 400; // of one door, where its rule does not say otherwise; so the next two
  std::size_t connections_a_client = 50;
  std::size_t connections_a_net = 200;       // an IPv4 /24, an IPv6 /64
  std::size_t most_connections = 1800;       // of all doors, whatever the rules say: descriptors
  Seconds command_wait{300}, data_wait{180}; // for a whole command, for 1,000 octets of a mail
  Seconds crowded_wait{10}, crowded_data_wait{30}; // the same where a door is nearly full, so that others come in
  Seconds conversation{3600};
  Seconds handshake_wait{30}, proxy_wait{5}; // of TLS, for a balancer's header
  std::size_t waiting_mails = 20'000;   // above, spool_full
  std::size_t resting_mails = 1'000;    // of one relay, for a later try; above, its 250s are said later and later
  std::size_t unhurried_mails = 150;    // above, a 250 waits its turn, so that the rest keeps up
  std::size_t memory = 256u << 20;      // octets of originals, and of harmless forms, kept in memory
  std::size_t memory_at_doors = 512u << 20; // octets of mails that are not read to their end yet, of all doors
  Seconds order_wait{8};                // of a person, for the record; control gives up after 12
  Seconds trouble_told{60};             // of disk and room: how long after it was there last
  // the way out
  std::size_t deliveries_a_relay = 4;   // conversations with one next hop
  Seconds connect_wait{30}, reply_wait{300}, last_reply_wait{600};
  Seconds hop_away{30};                 // how long another next hop is preferred to one that could not be reached
  Seconds keep_open{5};                 // an idle conversation with a next hop
  std::optional<Seconds> retry_wait;    // tests: instead of what the rule says
  Seconds relay_missing{3600};          // rules without a mail's relay may be a slip: so long nothing is given up for them
  // the sanitizer
  std::size_t treat_threads = 2;
  std::vector<Seconds> treat_again{Seconds(2), Seconds(10), Seconds(30)}; // after a worker's death
};

inline std::chrono::steady_clock::duration steady(Seconds seconds) {
  return std::chrono::duration_cast<std::chrono::steady_clock::duration>(seconds);
}

} // namespace sekisho::relay
