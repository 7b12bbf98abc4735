#include "gateway/smtp/data.hh"

#include "gateway/smtp/line_ends.hh"

#include <algorithm>
#include <charconv>
#include <string>
#include <string_view>

namespace sekisho::smtp {
namespace {

constexpr unsigned most_hops = 1'000'000;

bool is_field(std::string_view line, std::string_view lower_name) {
  if (line.size() < lower_name.size()) return false;
  for (std::size_t i = 0; i < lower_name.size(); ++i) {
    const char c = line[i];
    if ((c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c) != lower_name[i]) return false;
  }
  // RFC 5322 §4.5.8 lets blanks stand before the colon
  std::string_view rest = line.substr(lower_name.size());
  rest.remove_prefix(std::min(rest.find_first_not_of(" \t"), rest.size()));
  return !rest.empty() && rest.front() == ':';
}

unsigned field_number(std::string_view line) {
  std::string_view value = line.substr(line.find(':') + 1);
  value.remove_prefix(std::min(value.find_first_not_of(" \t"), value.size()));
  unsigned number = 0;
  auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  return error == std::errc() ? std::min(number, most_hops) : most_hops;
}

} // namespace

void DataReader::spoil(Reason reason) {
  if (fault_ == Reason::none || reason == Reason::bare_line_end) fault_ = reason;
  mail_ = {};
}

void DataReader::keep(std::string_view octets) {
  line_ += octets.size();
  if (fault_ != Reason::none) return;
  if (line_ > max_line_) return spoil(Reason::line_too_long);
  if (mail_.size() + octets.size() > max_size_) return spoil(Reason::mail_too_big);
  append(octets);
}

void DataReader::append(std::string_view octets) {
  constexpr std::size_t ahead = 8; // times what came
  const std::size_t needed = mail_.size() + octets.size();
  if (needed > mail_.capacity() && needed < expected_) mail_.reserve(std::min(expected_, ahead * needed));
  const Bytes bytes = as_bytes(octets);
  mail_.insert(mail_.end(), bytes.begin(), bytes.end());
}

/// A stretch of text up to, and not with, the next CR or LF.
std::size_t DataReader::feed_text(std::string_view rest) {
  const std::string_view run = rest.substr(0, rest.find_first_of("\r\n"));
  keep(run);
  return run.size();
}

/// At the beginning of a line: all whole lines without fault up to the first with a dot in front, together.
std::size_t DataReader::feed_lines(std::string_view rest) {
  if (fault_ != Reason::none) return 0;
  const std::string_view run = rest.substr(0, plain_lines(rest, max_line_));
  if (mail_.size() + run.size() > max_size_) {
    spoil(Reason::mail_too_big);
    return run.size();
  }
  append(run);
  return run.size();
}

/// How many octets that took: 1 or none.
std::size_t DataReader::take_behind_cr(char c) {
  if (c == '\n') {
    keep("\r\n");
    state_ = State::line_start;
    return 1;
  }
  spoil(Reason::bare_line_end);
  if (c == '\r') return 1;
  state_ = State::text;
  return 0;
}

std::size_t DataReader::feed(Bytes input) {
  const std::string_view text = as_chars(input);
  std::size_t i = 0;
  while (i < text.size() && state_ != State::ended) {
    const char c = text[i];
    switch (state_) {
    case State::line_start:
      if (const std::size_t taken = feed_lines(text.substr(i)); taken > 0) {
        i += taken;
        break;
      }
      line_ = 0;
      state_ = c == '.' ? State::dot : State::text;
      if (c == '.') ++i;
      break;
    case State::dot: // the dot is dropped whatever follows, §4.5.2
      state_ = c == '\r' ? State::dot_cr : State::text;
      if (c == '\r') ++i;
      break;
    case State::dot_cr:
      if (c != '\n') spoil(Reason::bare_line_end);
      state_ = c == '\n' ? State::ended : c == '\r' ? State::text_cr : State::text;
      if (c == '\n' || c == '\r') ++i;
      break;
    case State::text:
      i += feed_text(text.substr(i));
      if (i == text.size()) break;
      if (text[i] == '\n') spoil(Reason::bare_line_end);
      else state_ = State::text_cr;
      ++i;
      break;
    case State::text_cr:
      i += take_behind_cr(c);
      break;
    case State::ended: break;
    }
  }
  read_ += i;
  return i;
}

void DataReader::feed_unstuffed(Bytes chunk) {
  const std::string_view text = as_chars(chunk);
  std::size_t i = 0;
  while (i < text.size()) {
    if (state_ == State::line_start) {
      line_ = 0;
      state_ = State::text;
    } else if (state_ == State::text) {
      i += feed_text(text.substr(i));
      if (i == text.size()) break;
      if (text[i] == '\n') spoil(Reason::bare_line_end);
      else state_ = State::text_cr;
      ++i;
    } else { // text_cr
      i += take_behind_cr(text[i]);
    }
  }
  read_ += text.size();
}

void DataReader::finish() {
  if (state_ == State::text_cr) spoil(Reason::bare_line_end);
  if (state_ == State::text) keep("\r\n");
  state_ = State::ended;
}

std::string stuff_dots(Bytes mail) {
  const std::string_view text = as_chars(mail);
  std::string out;
  out.reserve(text.size() + text.size() / 50 + 8);
  std::size_t copied = 0, line = 0;
  while (line < text.size()) {
    if (text[line] == '.') {
      out.append(text, copied, line - copied).append(".");
      copied = line;
    }
    const std::size_t end = text.find("\r\n", line);
    if (end == std::string_view::npos) break;
    line = end + 2;
  }
  out.append(text, copied);
  if (line < text.size()) out += "\r\n";
  out += ".\r\n";
  return out;
}

unsigned count_hops(Bytes mail) {
  std::string_view rest = as_chars(mail);
  unsigned hops = 0;
  while (!rest.empty()) {
    const std::size_t end = rest.find("\r\n");
    std::string_view line = rest.substr(0, end);
    if (line.empty()) break;
    if (is_field(line, "received")) ++hops;
    if (is_field(line, "sekisho-hops")) hops += field_number(line);
    hops = std::min(hops, most_hops);
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + 2);
  }
  return hops;
}

} // namespace sekisho::smtp
