#include "gateway/scan/clamd.hh"

#include <algorithm>
#include <array>
#include <ctime>

namespace sekisho::scan {
namespace {

constexpr std::size_t most_words = 200;

std::string printable(std::string_view text) {
  std::string result(text.substr(0, most_words));
  for (char &c : result)
    if (c < 0x20 || c > 0x7e) c = '?';
  return result;
}

std::string_view without_end(std::string_view reply) {
  while (!reply.empty() && (reply.back() == '\0' || reply.back() == '\n')) reply.remove_suffix(1);
  return reply;
}

} // namespace

std::array<std::byte, 4> chunk_head(std::uint32_t length) {
  return {std::byte(length >> 24), std::byte(length >> 16 & 0xff), std::byte(length >> 8 & 0xff),
          std::byte(length & 0xff)};
}

Answer parse_scan(std::string_view untrusted_reply) {
  constexpr std::string_view begin = "stream: ", found = " FOUND";
  std::string_view reply = without_end(untrusted_reply);
  if (!reply.starts_with(begin)) return {Finding::unavailable, printable(reply)};
  reply.remove_prefix(begin.size());
  if (reply == "OK") return {Finding::clean, {}};
  if (reply.size() <= found.size() || !reply.ends_with(found)) return {Finding::unavailable, printable(reply)};
  reply.remove_suffix(found.size());
  return {Finding::malware, printable(reply)};
}

std::optional<UnixSeconds> parse_definitions(std::string_view untrusted_reply) {
  const std::string reply = printable(without_end(untrusted_reply));
  if (!reply.starts_with("ClamAV ")) return std::nullopt;
  const std::size_t first = reply.find('/');
  const std::size_t second = first == reply.npos ? first : reply.find('/', first + 1);
  if (second == reply.npos) return std::nullopt;
  std::tm time{};
  const char *end = ::strptime(reply.c_str() + second + 1, "%a %b %d %H:%M:%S %Y", &time);
  if (!end || *end != '\0') return std::nullopt;
  return ::timegm(&time);
}

} // namespace sekisho::scan
