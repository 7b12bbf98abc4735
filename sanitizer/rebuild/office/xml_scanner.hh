// XML 1.0 and its namespaces as office files have it, read in one pass and strictly; private to
// rebuild. UTF-8 only; a document type is refused; comments and processing instructions are passed
// over.
#pragma once

#include "base/bytes.hh"
#include "base/reason.hh"

#include <string>
#include <string_view>
#include <vector>

namespace sekisho::rebuild {

class XmlScanner {
public:
  enum class Event : std::uint8_t { start, end, text, done, bad };

  struct Attribute {
    std::string_view name;  // as written, with prefix
    std::string_view value; // as written, between the quotes: see append_value and plain
  };

  /// `xml` is borrowed.
  explicit XmlScanner(std::string_view xml);

  /// An element without content is a start and an end.
  Event next();

  std::string_view name() const { return name_; } // start, end: as written, with prefix
  const std::vector<Attribute> &attributes() const { return attributes_; }
  std::string_view text() const { return text_; } // text: as written
  bool is_cdata() const { return cdata_; }        // then without any entity
  /// Where the last event began.
  std::size_t position() const { return position_; }
  std::size_t end_position() const { return at_; }
  std::size_t depth() const { return open_.size(); }
  /// Why Event::bad.
  Reason reason() const { return reason_; }

private:
  Event bad(Reason reason = Reason::part_malformed);
  Event start_tag();
  Event end_tag();
  bool attribute();
  bool skip_past(std::string_view mark);
  bool declaration();
  void skip_space();
  std::string_view take_name();

  std::string_view xml_;
  std::size_t at_ = 0, position_ = 0;
  std::string_view name_, text_;
  std::vector<Attribute> attributes_;
  std::vector<std::string_view> open_;
  bool cdata_ = false, pending_end_ = false, rooted_ = false;
  Reason reason_ = Reason::none;
};

/// Why `xml` cannot be read to its end; Reason::none where it can.
Reason fault_of_xml(std::string_view xml);

/// Character data as our writer writes it: '<', '>', '&' (and '"' in a value) as entities, CR LF as
/// LF, references resolved.  False where a reference or character must not be in XML.
bool append_text(std::string &out, std::string_view raw, bool cdata);
bool append_value(std::string &out, std::string_view raw);
/// Without entities.  Empty where it is malformed.
std::string plain(std::string_view raw);

} // namespace sekisho::rebuild
