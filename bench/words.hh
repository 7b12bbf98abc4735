// The words of a measuring program: [--json] [--quick] [FIGURE…].
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace sekisho::bench {

struct Words {
  bool json = false;
  bool quick = false;
  std::vector<std::string> figures; // none: all of them
  bool want(std::string_view figure) const { return figures.empty() || std::ranges::count(figures, figure) > 0; }
};

inline Words read_words(int count, char **arguments) {
  Words words;
  for (int i = 1; i < count; ++i) {
    const std::string_view word = arguments[i];
    if (word == "--json") words.json = true;
    else if (word == "--quick") words.quick = true;
    else words.figures.emplace_back(word);
  }
  return words;
}

} // namespace sekisho::bench
