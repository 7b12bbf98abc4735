#include "gateway/cli/colour.hh"

#include "gateway/cli/rule_files.hh"

namespace sekisho::cli {

Colours colours_for(int fd) {
  if (!wants_colour(fd)) return {};
  return {"\x1b[1m", "\x1b[31m", "\x1b[32m", "\x1b[33m", "\x1b[2m", "\x1b[0m"};
}

} // namespace sekisho::cli
