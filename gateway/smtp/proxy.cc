#include "gateway/smtp/proxy.hh"

#include <algorithm>
#include <charconv>
#include <string_view>

namespace sekisho::smtp {
namespace {

using State = ProxyReader::State;

constexpr std::string_view text_mark = "PROXY ";
constexpr std::string_view binary_mark("\r\n\r\n\0\r\nQUIT\n", 12);
constexpr std::size_t max_text = 107;    // §2.1, CRLF included
constexpr std::size_t binary_head = 16;  // §2.2: mark, version and command, family and protocol, length
constexpr unsigned tcp_v4 = 0x11, tcp_v6 = 0x21, unspecified = 0x00;

/// Fields are parted by exactly one blank.
std::string_view take_field(std::string_view &rest) {
  const std::string_view field = rest.substr(0, rest.find(' '));
  rest.remove_prefix(std::min(field.size() + 1, rest.size()));
  return field;
}

bool is_port(std::string_view digits) {
  unsigned port = 0;
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  return error == std::errc() && end == digits.data() + digits.size() && port <= 65535 &&
         (digits.size() == 1 || digits.front() != '0');
}

/// As it is written, not what it says: a balancer with a socket for both has IPv4 clients as ::ffff:192.0.2.1.
std::optional<Ip> address(std::string_view text, bool v4) {
  return (text.find(':') == std::string_view::npos) == v4 ? parse_ip(text) : std::nullopt;
}

unsigned octet_at(std::string_view text, std::size_t i) { return static_cast<unsigned char>(text[i]); }

std::size_t length_at(std::string_view text, std::size_t i) { return octet_at(text, i) << 8 | octet_at(text, i + 1); }

/// Type, length and value again and again, to the end.
bool are_fields(std::string_view rest) {
  while (!rest.empty()) {
    if (rest.size() < 3 || length_at(rest, 1) + 3 > rest.size()) return false;
    rest.remove_prefix(length_at(rest, 1) + 3);
  }
  return true;
}

} // namespace

std::size_t ProxyReader::feed(Bytes untrusted_input) {
  std::size_t taken = 0;
  for (const char c : as_chars(untrusted_input)) {
    if (state_ != State::reading) break;
    header_ += c;
    ++taken;
    const auto begins = [&](std::string_view mark) {
      return std::string_view(header_).substr(0, mark.size()) == mark.substr(0, header_.size());
    };
    state_ = begins(text_mark) ? read_text() : begins(binary_mark) ? read_binary() : State::broken;
  }
  return taken;
}

/// "PROXY TCP4 192.0.2.1 192.0.2.2 40000 25\r\n", "PROXY UNKNOWN …\r\n"
State ProxyReader::read_text() {
  if (header_.size() > max_text) return State::broken;
  if (header_.back() == '\r' || header_.size() < text_mark.size()) return State::reading;
  if (header_.back() != '\n') return header_.find('\r') == std::string::npos ? State::reading : State::broken;
  if (!header_.ends_with("\r\n") || header_.find('\r') + 2 != header_.size()) return State::broken;
  std::string_view rest = std::string_view(header_).substr(text_mark.size());
  rest.remove_suffix(2);
  const std::string_view family = take_field(rest);
  if (family == "UNKNOWN") return State::read;
  if ((family != "TCP4" && family != "TCP6") || rest.empty() || rest.back() == ' ') return State::broken;
  const bool v4 = family == "TCP4";
  const std::optional<Ip> source = address(take_field(rest), v4), target = address(take_field(rest), v4);
  const bool ports = is_port(take_field(rest)) && is_port(take_field(rest));
  if (!source || !target || !ports || !rest.empty()) return State::broken;
  client_ = source;
  return State::read;
}

State ProxyReader::read_binary() {
  if (header_.size() < binary_head) return State::reading;
  const std::string_view header = header_;
  const unsigned version = octet_at(header, 12) >> 4, command = octet_at(header, 12) & 15, family = octet_at(header, 13);
  const std::size_t length = length_at(header, 14);
  if (version != 2 || command > 1 || binary_head + length > max_proxy_header) return State::broken;
  if (header.size() < binary_head + length) return State::reading;
  const std::string_view rest = header.substr(binary_head);
  if (command == 0) return State::read; // LOCAL: whatever follows is not looked at
  if (family == unspecified) return State::read;
  const std::size_t addresses = family == tcp_v4 ? 12 : family == tcp_v6 ? 36 : 0;
  if (addresses == 0 || rest.size() < addresses || !are_fields(rest.substr(addresses))) return State::broken;
  Ip ip;
  if (family == tcp_v4) {
    ip = Ip::from_v4(static_cast<std::uint32_t>(length_at(rest, 0) << 16 | length_at(rest, 2)));
  } else {
    std::copy_n(rest.begin(), ip.octets.size(), ip.octets.begin());
  }
  client_ = ip;
  return State::read;
}

} // namespace sekisho::smtp
