// What a reader is shown of a link: its true target, in a form that no program turns into a link
// again.
#pragma once

#include <string>
#include <string_view>

namespace sekisho::text {

struct LinkText {
  std::string shown;   // "hxxps://true[.]target/"; empty where the link's text says it already
  bool script = false; // the target is a program
};

/// `text`: what the link says; `href`: its target, references decoded.  The host it leads to is shown whole, of a very long
/// path the beginning.
LinkText text_of_link(std::string_view text, std::string_view href);

} // namespace sekisho::text
