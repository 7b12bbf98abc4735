// What a reader is shown of a link: its true target, in a form that no program turns into a link
// again.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace sekisho::text {

struct LinkText {
  std::string shown;   // "hxxps://true[.]target/", "相対: page.html"; empty where the link's text says it already
  bool script = false; // the target is a program
};

/// The links of one text.  All that is shown of them is bounded by a multiple of it, and so is the work.
class Links {
public:
  /// `text`: what the link says; `href`: its target, references decoded.  The host it leads to is shown whole, with its form
  /// in ASCII where letters of other scripts could be taken for others; of a very long path the beginning.
  LinkText text_of(std::string_view text, std::string_view href);
  /// Where relative targets lead on from: of a <base>.  Nothing where `href` is relative itself.
  void set_base(std::string_view href);

private:
  std::string target_shown(std::string_view target);
  std::string addresses_shown(std::string_view list);
  std::string fields_shown(std::string_view fields);
  std::string mail_shown(std::string_view target, std::string_view text);
  std::string host_shown(std::string_view host);
  bool is_relative(std::string_view scheme, std::string_view href) const;
  std::string resolved(std::string_view href);

  std::string base_;                          // up to its query
  std::size_t base_octets_left_ = 16'000'000; // that a few of relative targets may become
  unsigned names_left_ = 1000;                // of other letters to be converted
};

} // namespace sekisho::text
