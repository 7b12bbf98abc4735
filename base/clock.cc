#include "base/clock.hh"

#include <ctime>

namespace sekisho {

std::string to_rfc3339(UnixSeconds time) {
  std::time_t seconds = static_cast<std::time_t>(time);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

} // namespace sekisho
