// Ports of the benches: a net_null port whose frames are filled in on the spot.
#pragma once

#include "bench/packet/town.hh"
#include "gateway/port/port.hh"

#include <array>

namespace sekisho::bench {

/// Passes everything on; the kinds of traffic override receive().
class Source : public port::Port {
public:
  explicit Source(port::Port &port) : port_(port) {}
  std::size_t receive(std::span<port::Frame> burst) override { return port_.receive(burst); }
  std::size_t transmit(std::span<const port::Frame> frames) override {
    return port_.transmit(frames);
  }
  const Mac &mac() const override { return port_.mac(); }
  std::string_view name() const override { return port_.name(); }

protected:
  port::Port &port_;
};

/// Nothing comes.
class Silent : public Source {
public:
  using Source::Source;
  std::size_t receive(std::span<port::Frame>) override { return 0; }
};

/// Flows by number, as many as wanted without a list of them: sixteen hosts of either zone, and the
/// opener's port.  Half TCP, half UDP, drawn at random, to port 443.
class Numbered : public Source {
public:
  static constexpr unsigned pairs = 256;
  static Flow flow(std::uint64_t number);

  Numbered(port::Port &port, unsigned zone);
  void prepare(std::uint64_t flows);
  std::size_t receive(std::span<port::Frame> burst) override;

private:
  using Template = std::array<std::byte, 64>;
  unsigned zone_;
  std::uint64_t flows_ = 1;
  Random random_;
  std::array<Template, pairs> frames_;
};

/// Frames of a list, in its order or at random.
class Listed : public Source {
public:
  enum class Order : std::uint8_t { given, random };
  using Source::Source;
  void prepare(const std::vector<Octets> &frames, Order order);
  std::size_t receive(std::span<port::Frame> burst) override;

private:
  struct Slot {
    std::uint32_t offset, length;
  };
  Order order_ = Order::given;
  std::size_t next_ = 0;
  Random random_;
  std::vector<std::byte> octets_; // every frame begins on a cache line
  std::vector<Slot> slots_;
};

/// Each frame of the list with another source port every time round: every frame opens a flow.
class Fresh : public Source {
public:
  using Source::Source;
  /// `frames` of 64 octets: SYNs and UDP, of distinct (addresses, destination port, protocol).
  void prepare(std::vector<Octets> frames);
  std::size_t receive(std::span<port::Frame> burst) override;

private:
  std::vector<Octets> frames_;
  std::size_t next_ = 0;
  std::uint16_t source_port_ = 1024;
};

} // namespace sekisho::bench
