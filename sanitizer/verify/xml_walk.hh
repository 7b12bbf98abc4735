// XML in the one form that our writer has; private to verify.
//
//   document = declaration LF element
//   element  = "<" name *(" " name "=" DQUOTE value DQUOTE) ( "/>" / ">" *( text / element ) "</"
//   name ">" ), at most 128 attributes; text, value: no "<" or ">", "&" only as &amp; &lt; &gt;
//   &quot; &#9; &#10; &#13;; no control characters but TAB and LF in text
#pragma once

#include "base/bytes.hh"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sekisho::verify {

class XmlVisitor {
public:
  using Attributes = std::vector<std::pair<std::string_view, std::string_view>>;
  virtual ~XmlVisitor() = default;
  /// False ends the walk: not ours.  `depth` of the root is 1.
  virtual bool start(std::string_view name, const Attributes &attributes, std::size_t depth) = 0;
  virtual bool text(std::string_view text) = 0;
  virtual bool end(std::string_view name) = 0;
};

/// `deadline`: monotonic_ns() at which to give up.
bool walk_xml(Bytes untrusted, XmlVisitor &visitor, std::uint64_t deadline);

/// Without entities.
std::string unescaped(std::string_view text);

} // namespace sekisho::verify
