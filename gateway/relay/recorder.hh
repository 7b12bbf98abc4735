// The relay's line to the record.  What the record has not taken yet waits here; when too much waits, no
// mail is accepted (L1).
#pragma once

#include "gateway/relay/net.hh"
#include "gateway/role/channel/channel.hh"

#include <deque>
#include <map>
#include <memory>
#include <string>

namespace sekisho::relay {

class Recorder {
public:
  /// `channel` is borrowed.  Without one (tests, benches) everything is recorded at once, nowhere.
  /// `order_wait`: how long a person's order waits for the record; less than who asks waits for the answer.
  Recorder(net::io_context &loop, role::Channel channel, SteadyClock::duration order_wait = std::chrono::seconds(8));

  /// No answer is awaited; it is kept until the record takes it.
  void tell(std::string event);
  /// True once it is on disk; false when the record does not say so in time.
  Task<bool> tell_and_wait(std::string event);
  /// The same for a person's order, who does not wait for long: false, and he is told so: the order must not be
  /// carried out.  A false that comes late may be recorded all the same; events::not_done says the rest.
  Task<bool> tell_within(std::string event, SteadyClock::time_point until);
  SteadyClock::time_point end_of_order() const { return SteadyClock::now() + order_wait_; } // of one that comes now
  /// Ends once it is on disk: told again and again until then.
  Task<void> tell_until_kept(std::string event);
  /// The record did not keep the last event that it was to keep: nothing more may be accepted until it does.
  bool failing() const { return failing_; }
  /// Too much waits: nothing more may be accepted.
  bool choked() const { return waiting_octets_ > most_waiting; }
  bool empty() const { return waiting_.empty() && open_.empty(); }

private:
  static constexpr std::size_t most_waiting = 32u << 20; // octets
  struct Item {
    role::MessageType type;
    std::uint32_t id;
    std::string event;
  };
  struct Told {
    std::uint32_t id = 0;
    bool kept = false;
  };
  struct Open {
    std::shared_ptr<Waiter<bool>> waiter;
    SteadyClock::time_point until;
  };

  Task<Told> tell(std::string event, SteadyClock::time_point until);
  void push(Item item);
  void withdraw(std::uint32_t id);
  void send_waiting();
  Task<void> write_when_ready();
  Task<void> read_answers();
  Task<void> watch();

  net::io_context &loop_;
  role::Channel channel_;
  net::posix::stream_descriptor descriptor_;
  net::steady_timer timer_;
  const SteadyClock::duration order_wait_;
  std::deque<Item> waiting_;
  std::size_t waiting_octets_ = 0;
  bool writing_ = false, failing_ = false;
  std::uint32_t next_id_ = 1;
  std::map<std::uint32_t, Open> open_;
};

} // namespace sekisho::relay
