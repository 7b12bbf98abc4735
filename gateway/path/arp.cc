// ARP (RFC 826): the kernel answers for the gateway, behind the path's check of who asks (Z5).
#include "gateway/wire/arp.hh"

#include "gateway/path/path.hh"

#include <algorithm>

namespace sekisho::path {
namespace {

bool is_in(const rules::Zone &zone, const Ip &ip) {
  return std::ranges::any_of(zone.networks,
                             [&](const Network &network) { return network.contains(ip); });
}

const Ip probe = Ip::from_v4(0);

} // namespace

Fate Path::judge_arp(std::size_t i) {
  const wire::Headers &headers = burst_.headers[i];
  wire::Arp arp;
  if (Reason reason = wire::parse_arp(burst_.frames[i].bytes().subspan(wire::ethernet_size), arp);
      reason != Reason::none)
    return dropped(reason);
  burst_.headers[i].source = arp.sender; // for the record
  burst_.headers[i].destination = arp.target;
  burst_.headers[i].length = wire::arp_frame_size;
  if (burst_.side == Side::kernel) return judge_arp_from_kernel(arp);

  if (!headers.destination_mac.is_group())
    if (Reason reason = check_frame(headers); reason != Reason::none) return dropped(reason);
  if (Reason reason = check_arp_sender(headers, arp); reason != Reason::none)
    return dropped(reason);
  const rules::Zone &zone = policy_->rules().zones()[burst_.zone];
  if (!zone.address || arp.target != *zone.address || !door(burst_.zone, Side::kernel).port)
    return dropped(Reason::arp_not_for_gateway);
  if (arp.sender != probe)
    neighbours_.learn(burst_.zone, arp.sender, arp.sender_mac, burst_.now.seconds());
  return {.verdict = rules::Verdict::relay,
          .reason = Reason::none,
          .out = burst_.zone,
          .out_side = Side::kernel};
}

/// The sender is who it says: its frame's MAC, an address of this zone, the binding the rules list in both
/// directions; and not the gateway itself.
Reason Path::check_arp_sender(const wire::Headers &headers, const wire::Arp &arp) const {
  const rules::RuleSet &rules = policy_->rules();
  const rules::Zone &zone = rules.zones()[burst_.zone];
  if (arp.sender_mac != headers.source_mac || arp.sender_mac.is_group()) return Reason::arp_spoofed;
  if (!options_.replay && arp.sender_mac == port_of(burst_.zone)->mac())
    return Reason::arp_spoofed;
  const rules::Host *bound = policy_->host_with(burst_.zone, arp.sender_mac);
  if (arp.sender == probe) return zone.closed && !bound ? Reason::host_unknown : Reason::none;
  if (policy_->is_gateway_address(arp.sender)) return Reason::arp_spoofed;
  if (!is_in(zone, arp.sender)) return Reason::source_not_of_zone;
  const rules::Host *listed = rules.host_at(arp.sender);
  if (listed && listed->mac && *listed->mac != arp.sender_mac) return Reason::arp_spoofed;
  if (bound && bound->address != arp.sender) return Reason::arp_spoofed;
  if (zone.closed && !listed) return Reason::host_unknown;
  return Reason::none;
}

/// The kernel may ask and answer, but only as the gateway.
Fate Path::judge_arp_from_kernel(const wire::Arp &arp) const {
  const rules::Zone &zone = policy_->rules().zones()[burst_.zone];
  bool is_gateway = zone.address && (arp.sender == *zone.address || arp.sender == probe) &&
                    arp.sender_mac == port_of(burst_.zone)->mac();
  if (!is_gateway) return dropped(Reason::kernel_not_listed);
  return {.verdict = rules::Verdict::relay, .reason = Reason::none, .out = burst_.zone};
}

void Path::ask(rules::ZoneId zone, const Ip &target) {
  const std::optional<Ip> &address = policy_->rules().zones()[zone].address;
  port::Port *port = door(zone, Side::port).port;
  port::Frame frame;
  if (!address || !address->is_v4() || !port || !pool_.allocate(frame)) return;
  auto request = wire::arp_request(port->mac(), *address, target);
  std::ranges::copy(request, frame.data);
  pool_.set_length(frame, request.size());
  counters_.arp_asked.add(port->transmit({&frame, 1}));
}

} // namespace sekisho::path
