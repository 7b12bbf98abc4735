// Neighbour discovery (RFC 4861), as ARP: the kernel answers for the gateway's IPv6 address, behind the path's
// check of who asks and who answers (Z5).  Routers, redirects and multicast listeners are no business of a
// gateway that knows its neighbours from the rules: dropped by name.
#include "gateway/wire/nd.hh"

#include "gateway/path/path.hh"

namespace sekisho::path {
namespace {

constexpr std::uint8_t listener_query = 130, listener_report1 = 131, listener_done = 132,
                       router_solicitation = 133, router_advertisement = 134, redirect = 137,
                       listener_report2 = 143; // RFC 2710, 3810, 4861

bool is_listener_message(std::uint8_t type) {
  return (type >= listener_query && type <= listener_done) || type == listener_report2;
}

Fate going_to(rules::ZoneId zone, Side side) {
  return {.verdict = rules::Verdict::relay, .reason = Reason::none, .out = zone, .out_side = side};
}

} // namespace

/// Messages between the stations of one link, which no rule is asked about.
bool Path::is_link_message(std::size_t i) const {
  const wire::Headers &headers = burst_.headers[i];
  Reason reason = burst_.reasons[i];
  if (headers.network != wire::Network::ipv6 || headers.protocol != rules::protocol::icmp6 ||
      headers.is_fragment || (reason != Reason::none && reason != Reason::ip_multicast))
    return false;
  return wire::is_neighbour_message(headers) || is_listener_message(headers.icmp_type) ||
         (headers.icmp_type >= router_solicitation && headers.icmp_type <= redirect);
}

Fate Path::judge_link_message(std::size_t i) {
  const wire::Headers &headers = burst_.headers[i];
  bool from_kernel = burst_.side == Side::kernel;
  std::uint8_t type = headers.icmp_type;
  if (!from_kernel && headers.destination_mac.is_group()) {
    if (headers.destination_mac != wire::group_mac(headers.destination))
      return drop_odd(i, Reason::nd_malformed); // RFC 2464 §7
  } else if (Reason reason = check_frame(headers); reason != Reason::none) {
    return drop_odd(i, reason);
  }
  if (type == router_solicitation || type == router_advertisement) return drop_odd(i, Reason::nd_router);
  if (type == redirect) return drop_odd(i, Reason::nd_redirect);
  if (is_listener_message(type))
    return from_kernel ? judge_listener_from_kernel(headers) : drop_odd(i, Reason::multicast_listener);

  wire::Neighbour neighbour;
  Bytes frame = burst_.frames[i].bytes();
  if (Reason reason = wire::parse_neighbour(frame, headers, neighbour); reason != Reason::none)
    return drop_odd(i, reason);
  burst_.headers[i].destination = neighbour.target; // for the record: about whom
  return from_kernel ? judge_neighbour_from_kernel(headers, neighbour)
                     : judge_neighbour(headers, neighbour);
}

/// The gateway's own address of this zone, or the one its kernel gives the link.
bool Path::is_own_address(const Ip &ip) const {
  return ip == policy_->rules().zones()[burst_.zone].address ||
         ip == link_local_of(mac_of(burst_.zone));
}

Fate Path::judge_neighbour(const wire::Headers &headers, const wire::Neighbour &neighbour) {
  // A link address that is not the frame's own speaks for somebody else.
  if (neighbour.link_address.value_or(headers.source_mac) != headers.source_mac)
    return dropped(Reason::nd_spoofed);
  if (headers.source == Ip{}) return judge_address_probe(headers, neighbour);
  const Ip &claimed = neighbour.is_solicitation ? headers.source : neighbour.target;
  for (const Ip &ip : {headers.source, claimed})
    if (Reason reason = check_binding(ip, headers.source_mac, Reason::nd_spoofed);
        reason != Reason::none)
      return dropped(reason);
  if (Reason reason = hear(claimed, headers.source_mac); reason != Reason::none)
    return dropped(reason);
  bool is_for_gateway = !neighbour.is_solicitation || is_own_address(neighbour.target);
  if (!is_for_gateway || !door(burst_.zone, Side::kernel).port)
    return dropped(Reason::nd_not_for_gateway);
  return going_to(burst_.zone, Side::kernel);
}

/// RFC 4862 §5.4: somebody without an address asks whether one is taken.  The kernel defends the gateway's.
Fate Path::judge_address_probe(const wire::Headers &headers, const wire::Neighbour &neighbour) {
  const Mac &mac = headers.source_mac;
  const rules::Zone &zone = policy_->rules().zones()[burst_.zone];
  if (!options_.replay && mac == mac_of(burst_.zone)) return dropped(Reason::nd_spoofed);
  if (zone.closed && !policy_->host_with(burst_.zone, mac)) return dropped(Reason::host_unknown);
  if (Reason reason = check_home(mac); reason != Reason::none) return dropped(reason);
  if (!is_own_address(neighbour.target) || !door(burst_.zone, Side::kernel).port)
    return dropped(Reason::nd_not_for_gateway);
  return going_to(burst_.zone, Side::kernel);
}

/// The kernel may ask and answer, but only as the gateway.
Fate Path::judge_neighbour_from_kernel(const wire::Headers &headers,
                                       const wire::Neighbour &neighbour) {
  const Mac &mac = mac_of(burst_.zone);
  bool is_gateway = headers.source_mac == mac && neighbour.link_address.value_or(mac) == mac &&
                    (headers.source == Ip{} || is_own_address(headers.source)) &&
                    (neighbour.is_solicitation || is_own_address(neighbour.target));
  if (!is_gateway) return dropped(Reason::kernel_not_listed);
  if (neighbour.is_solicitation) expect_answer(headers, neighbour.target);
  return going_to(burst_.zone, Side::port);
}

/// A switch that looks at multicast (RFC 4541) must know that the gateway listens to its solicited-node group.
Fate Path::judge_listener_from_kernel(const wire::Headers &headers) const {
  bool is_report = headers.icmp_type == listener_report1 || headers.icmp_type == listener_report2 ||
                   headers.icmp_type == listener_done;
  bool is_gateway = headers.source_mac == mac_of(burst_.zone) && headers.hop_limit == 1 &&
                    (headers.source == Ip{} || is_own_address(headers.source));
  if (!is_report || !is_gateway) return dropped(Reason::multicast_listener);
  return going_to(burst_.zone, Side::port);
}

} // namespace sekisho::path
