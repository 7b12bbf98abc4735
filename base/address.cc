#include "base/address.hh"

#include <arpa/inet.h>

#include <charconv>
#include <cstdio>

namespace sekisho {

std::optional<Mac> parse_mac(std::string_view text) {
  if (text.size() != 17) return std::nullopt;
  Mac mac;
  for (unsigned i = 0; i < 6; ++i) {
    const char *first = text.data() + 3 * i;
    auto [end, error] = std::from_chars(first, first + 2, mac.octets[i], 16);
    if (error != std::errc{} || end != first + 2) return std::nullopt;
    if (i < 5 && first[2] != ':') return std::nullopt;
  }
  return mac;
}

std::optional<Ip> parse_ip(std::string_view text) {
  std::string terminated(text);
  in_addr v4;
  if (inet_pton(AF_INET, terminated.c_str(), &v4) == 1) return Ip::from_v4(ntohl(v4.s_addr));
  Ip ip;
  if (inet_pton(AF_INET6, terminated.c_str(), ip.octets.data()) == 1) return ip;
  return std::nullopt;
}

std::optional<Network> parse_network(std::string_view text) {
  std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  std::optional<Ip> ip = parse_ip(text.substr(0, slash));
  std::string_view digits = text.substr(slash + 1);
  unsigned prefix = 0;
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), prefix);
  if (!ip || error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  if (prefix > (ip->is_v4() ? 32u : 128u)) return std::nullopt;
  Network network{*ip, static_cast<std::uint8_t>(ip->is_v4() ? prefix + 96 : prefix)};
  for (unsigned bit = network.prefix; bit < 128; ++bit)
    if (ip->octets[bit / 8] >> (7 - bit % 8) & 1) return std::nullopt;
  return network;
}

std::string to_string(const Mac &mac) {
  char text[18];
  std::snprintf(text, sizeof text, "%02x:%02x:%02x:%02x:%02x:%02x", mac.octets[0], mac.octets[1],
                mac.octets[2], mac.octets[3], mac.octets[4], mac.octets[5]);
  return text;
}

std::string to_string(const Ip &ip) {
  char text[INET6_ADDRSTRLEN];
  if (ip.is_v4()) {
    in_addr v4{htonl(ip.v4())};
    inet_ntop(AF_INET, &v4, text, sizeof text);
  } else {
    inet_ntop(AF_INET6, ip.octets.data(), text, sizeof text);
  }
  return text;
}

std::string to_string(const Network &network) {
  unsigned prefix = network.address.is_v4() ? network.prefix - 96u : network.prefix;
  return to_string(network.address) + "/" + std::to_string(prefix);
}

} // namespace sekisho
