// Colours, where a person looks.
#pragma once

#include <string_view>

namespace sekisho::cli {

struct Colours {
  std::string_view bold, red, green, yellow, dim, off;
};

/// None unless the descriptor is a terminal and NO_COLOR is not set.
Colours colours_for(int fd);

} // namespace sekisho::cli
