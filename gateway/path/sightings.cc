#include "gateway/path/sightings.hh"

#include <cstring>

namespace sekisho::path {
namespace {

std::uint64_t print_of(const Sighting &sighting) {
  std::uint64_t mac = 0;
  std::memcpy(&mac, sighting.mac.octets.data(), 6);
  auto [low, high] = sighting.ip.words();
  std::uint64_t rest = std::uint64_t{sighting.zone} << 16 |
                       static_cast<std::uint64_t>(sighting.standing) << 8 |
                       static_cast<std::uint64_t>(sighting.reason);
  std::uint64_t print = 0x9e3779b97f4a7c15;
  for (std::uint64_t word : {mac, low, high, rest}) {
    print = (print ^ word) * 0xd1b54a32d192ed03;
    print ^= print >> 29;
  }
  return print;
}

} // namespace

bool is_about_identity(Reason reason) {
  switch (reason) {
  case Reason::source_not_of_zone:
  case Reason::mac_mismatch:
  case Reason::host_unknown:
  case Reason::arp_spoofed:
  case Reason::nd_spoofed:
  case Reason::nd_router: // somebody would be the router here
  case Reason::nd_redirect:
  case Reason::neighbour_moved:
  case Reason::device_moved: return true;
  default: return false;
  }
}

void Sightings::note(const Sighting &sighting, std::uint32_t now) {
  if (now != second_) {
    second_ = now;
    trusted_told_ = others_told_ = 0;
  }
  bool trusted = is_trusted(sighting.standing);
  Memory &memory = trusted ? trusted_ : others_;
  std::uint32_t &told = trusted ? trusted_told_ : others_told_;
  std::uint64_t print = print_of(sighting);
  Recent &recent = memory[print >> 32 & (memory.size() - 1)];
  bool is_same = recent.print == print;
  if (is_same && recent.second == now) {
    ++recent.count;
    return;
  }
  if (told == (trusted ? trusted_a_second : others_a_second)) {
    ++beyond_;
    return;
  }
  Sighting out = sighting;
  out.count = 1 + (is_same ? recent.count : 0);
  if (!is_same) beyond_ += recent.count;
  if (!ring_.push(out)) beyond_ += out.count;
  ++told;
  recent = {.print = print, .second = now, .count = 0};
}

} // namespace sekisho::path
