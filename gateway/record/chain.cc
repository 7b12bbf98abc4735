#include "gateway/record/chain.hh"

#include "base/bytes.hh"
#include "sanitizer/job/digest.hh"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace sekisho::record {
namespace {

constexpr std::string_view seq_opening = R"({"seq":)";
constexpr std::string_view time_opening = R"(,"time":")";
constexpr std::string_view prev_opening = R"(,"prev":")";
constexpr std::string_view hash_opening = R"(,"hash":")";
constexpr std::string_view closing = R"("})";
constexpr std::size_t hash_digits = 64;

bool is_hash(std::string_view text) {
  return std::ranges::all_of(
      text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

/// Takes `,"name":"<64 hex>"` off the end of `text`; empty when it is not there.
std::string_view take_hash(std::string_view &text, std::string_view opening) {
  std::size_t length = opening.size() + hash_digits + 1;
  if (text.size() < length) return {};
  std::string_view member = text.substr(text.size() - length);
  std::string_view digits = member.substr(opening.size(), hash_digits);
  if (!member.starts_with(opening) || member.back() != '"' || !is_hash(digits)) return {};
  text.remove_suffix(length);
  return digits;
}

} // namespace

std::string sha256_hex(std::string_view text) {
  return job::sha256_hex(as_bytes(text));
}

std::string make_line(Link &last, UnixSeconds now, std::string_view members) {
  std::uint64_t seq = last.seq + 1;
  std::string line = fmt::format(R"({{"seq":{},"time":"{}",{},"prev":"{}"}})", seq, to_rfc3339(now),
                                 members, last.hash);
  last = {seq, sha256_hex(line)};
  line.pop_back();
  line += fmt::format("{}{}{}\n", hash_opening, last.hash, closing);
  return line;
}

Result<Line> read_line(std::string_view text) {
  Line line;
  std::string_view rest = text;
  if (!rest.starts_with(seq_opening) || !rest.ends_with(closing))
    return fail("the line is not of the record's shape");
  const char *digits = rest.data() + seq_opening.size();
  auto [end, error] = std::from_chars(digits, rest.data() + rest.size(), line.seq);
  if (error != std::errc() || !std::string_view(end, rest.data() + rest.size()).starts_with(time_opening))
    return fail("the line does not begin with its number and time");

  rest.remove_suffix(1); // the brace
  line.hash = take_hash(rest, hash_opening);
  if (line.hash.empty()) return fail("the line does not end in its hash");
  std::string hashed = std::string(rest) + "}";
  line.prev = take_hash(rest, prev_opening);
  if (line.prev.empty()) return fail("the line does not name the hash of the line before");
  if (sha256_hex(hashed) != line.hash)
    return fail("the line was changed: its hash is not that of its octets");
  return line;
}

} // namespace sekisho::record
