// ARP (RFC 826): the kernel answers for the gateway, behind the path's check of who asks (Z5).
#include "gateway/wire/arp.hh"

#include "gateway/path/path.hh"

namespace sekisho::path {
namespace {

const Ip probe = Ip::from_v4(0); // RFC 5227 §1.1: asks whether its own is taken

} // namespace

Fate Path::judge_arp(std::size_t i) {
  const wire::Headers &headers = burst_.headers[i];
  wire::Arp arp;
  if (Reason reason = wire::parse_arp(burst_.frames[i].bytes().subspan(wire::ethernet_size), arp);
      reason != Reason::none)
    return drop_odd(i, reason);
  burst_.headers[i].source = arp.sender; // for the record
  burst_.headers[i].destination = arp.target;
  burst_.headers[i].length = wire::arp_frame_size;
  if (burst_.side == Side::kernel) return judge_arp_from_kernel(headers, arp);

  if (!headers.destination_mac.is_group())
    if (Reason reason = check_frame(headers); reason != Reason::none) return dropped(reason);
  if (Reason reason = check_arp_sender(headers, arp); reason != Reason::none)
    return dropped(reason);
  if (arp.sender != probe)
    if (Reason reason = hear(arp.sender, arp.sender_mac); reason != Reason::none)
      return dropped(reason);
  const rules::Zone &zone = policy_->rules().zones()[burst_.zone];
  bool is_ours = zone.address == arp.target || policy_->is_shared_address(burst_.zone, arp.target);
  if (!is_ours || !door(burst_.zone, Side::kernel).port)
    return dropped(Reason::arp_not_for_gateway);
  return {.verdict = rules::Verdict::relay,
          .reason = Reason::none,
          .out = burst_.zone,
          .out_side = Side::kernel};
}

/// The sender is who it says: its frame's MAC, and an address that MAC may have.
Reason Path::check_arp_sender(const wire::Headers &headers, const wire::Arp &arp) const {
  if (arp.sender_mac != headers.source_mac) return Reason::arp_spoofed;
  if (arp.sender != probe) return check_binding(arp.sender, arp.sender_mac, Reason::arp_spoofed);
  if (arp.sender_mac.is_group() || (!options_.replay && arp.sender_mac == mac_of(burst_.zone)))
    return Reason::arp_spoofed;
  const rules::Zone &zone = policy_->rules().zones()[burst_.zone];
  if (zone.closed && !policy_->host_with(burst_.zone, arp.sender_mac)) return Reason::host_unknown;
  return check_home(arp.sender_mac);
}

/// The kernel may ask and answer, but only as the gateway.
Fate Path::judge_arp_from_kernel(const wire::Headers &headers, const wire::Arp &arp) {
  const rules::Zone &zone = policy_->rules().zones()[burst_.zone];
  bool is_gateway = zone.address &&
                    (arp.sender == *zone.address || arp.sender == probe ||
                     policy_->is_shared_address(burst_.zone, arp.sender)) &&
                    arp.sender_mac == port_of(burst_.zone)->mac() && headers.source_mac == arp.sender_mac;
  if (!is_gateway) return dropped(Reason::kernel_not_listed);
  if (arp.is_request) expect_answer(headers, arp.target);
  return {.verdict = rules::Verdict::relay, .reason = Reason::none, .out = burst_.zone};
}

} // namespace sekisho::path
