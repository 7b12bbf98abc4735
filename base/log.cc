#include "base/log.hh"

#include "base/clock.hh"

#include <unistd.h>

#include <string>

namespace sekisho {
namespace {

std::string name = "sekisho";

void write_line(std::string_view level, std::string_view text) {
  std::string line = to_rfc3339(unix_now()) + " " + name + ": ";
  line += level;
  for (char c : text) {
    unsigned char octet = static_cast<unsigned char>(c);
    if (octet >= 0x20 && octet != 0x7f) {
      line += c;
    } else {
      static constexpr char digits[] = "0123456789abcdef";
      line += "\\x";
      line += digits[octet >> 4];
      line += digits[octet & 15];
    }
  }
  line += '\n';
  // One write, so that lines of several processes do not mix; a full or closed log stops nobody.
  [[maybe_unused]] ssize_t ignored = ::write(STDERR_FILENO, line.data(), line.size());
}

} // namespace

void set_log_name(std::string_view new_name) { name = new_name; }
void log_info(std::string_view text) { write_line("", text); }
void log_error(std::string_view text) { write_line("error: ", text); }

} // namespace sekisho
