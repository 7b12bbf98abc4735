// A line at a time: header lines until an empty one, then body until a line that is a boundary of
// one of the open multiparts, innermost first; lines that begin otherwise are not looked at.  A
// message inside a message goes on in the same pass.
#include "sanitizer/mime/parse.hh"

#include "sanitizer/mime/fields.hh"
#include "sanitizer/text/clean.hh"

#include <algorithm>
#include <optional>

namespace sekisho::mime {
namespace {

constexpr std::size_t max_boundary = 1000; // octets; RFC 2046 §5.1.1 allows 70

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

void interpret_type(Part &part) {
  if (count_fields(part.fields, "Content-Type") > 1) part.ambiguous = true;
  const Field *field = find_field(part.fields, "Content-Type");
  if (!field) return;
  Parameterized type = parse_parameterized(field->value);
  part.ambiguous = part.ambiguous || type.ambiguous;
  if (type.value.find('/') != std::string::npos) {
    part.type = type.value;
    part.type_declared = true;
  } else if (type.value == "text" || type.value.empty()) {
    part.type = "text/plain";
  } else {
    part.type = "application/octet-stream";
  }
  auto take = [&](std::string_view name, std::string &target) {
    if (const std::string *value = type.find(name)) target = *value;
  };
  take("charset", part.charset);
  take("protocol", part.protocol);
  take("smime-type", part.smime_type);
  take("start", part.start);
  take("name", part.name);
  const auto says = [&](std::string_view name, std::string_view word) {
    const std::string *value = type.find(name);
    return value && equals_ignoring_case(*value, word);
  };
  part.flowed = part.type == "text/plain" && says("format", "flowed");
  part.delsp = says("delsp", "yes");
}

void interpret_disposition(Part &part) {
  if (count_fields(part.fields, "Content-Disposition") > 1) part.ambiguous = true;
  const Field *field = find_field(part.fields, "Content-Disposition");
  if (!field) return;
  Parameterized disposition = parse_parameterized(field->value);
  part.ambiguous = part.ambiguous || disposition.ambiguous;
  part.disposition = disposition.value == "inline" ? Disposition::inline_ : Disposition::attachment;
  const std::string *name = disposition.find("filename");
  if (!name || name->empty()) return;
  if (!part.name.empty() && text::extension_of(part.name) != text::extension_of(*name))
    part.ambiguous = true;
  part.name = *name;
}

/// Some write a comment behind the word, parameters, or other words.
Encoding encoding_of(std::string_view field_value) {
  const std::string unfolded = unfold(field_value);
  Encoding encoding = encoding_named(unfolded);
  if (encoding == Encoding::unknown) encoding = encoding_named(parse_parameterized(field_value).value);
  if (encoding == Encoding::unknown) encoding = encoding_named(std::string_view(unfolded).substr(0, unfolded.find_first_of(" \t,;")));
  return encoding;
}

void interpret(Part &part) {
  interpret_type(part);
  interpret_disposition(part);
  if (count_fields(part.fields, "Content-Transfer-Encoding") > 1) part.ambiguous = true;
  if (const Field *field = find_field(part.fields, "Content-Transfer-Encoding"))
    part.encoding = encoding_of(field->value);
  if (const Field *field = find_field(part.fields, "Content-ID"))
    part.content_id = unfold(field->value);
}

class Parser {
public:
  Parser(Mail &mail, const Limits &limits) : mail_(mail), limits_(limits) {}

  /// Parses one message; `parent` is the part that holds it, or nothing for the whole mail.
  void run(Bytes octets, std::optional<std::uint32_t> parent) {
    in_ = as_chars(octets);
    end_of_line_ = in_.find('\n') == std::string_view::npos ? '\r' : '\n';
    position_ = 0;
    levels_.clear();
    messages_.clear();
    begin_part(parent);
    while (position_ < in_.size())
      line();
    finish_part(in_.size());
    for (const Level &level : levels_)
      mail_.parts[level.part].malformed = true; // never closed
  }

private:
  struct Level {
    std::uint32_t part;
    std::string boundary;
    bool digest;
    bool any = false; // a part was seen
  };
  /// One that goes on until a boundary of a multipart around it.
  struct Message {
    std::uint32_t part;
    std::size_t body_start;
    std::size_t levels; // open ones around it
  };
  enum class State : std::uint8_t { fields, body, outside };

  void begin_part(std::optional<std::uint32_t> parent) {
    if (mail_.parts.size() >= limits_.max_parts) {
      mail_.too_many = true;
      state_ = State::outside;
      return;
    }
    Part part;
    if (parent) {
      Part &above = mail_.parts[*parent];
      part.depth = above.depth + 1;
      if (!levels_.empty() && levels_.back().part == *parent && levels_.back().digest)
        part.type = "message/rfc822"; // RFC 2046 §5.1.5
      part.path =
          (above.path.empty() ? "" : above.path + ".") + std::to_string(above.children.size() + 1);
      above.children.push_back(static_cast<std::uint32_t>(mail_.parts.size()));
    }
    current_ = static_cast<std::uint32_t>(mail_.parts.size());
    mail_.parts.push_back(std::move(part));
    state_ = State::fields;
    header_ = {};
  }

  Part &current() { return mail_.parts[current_]; }

  void line() {
    if (state_ != State::fields && !skip_to_dashes()) return;
    std::size_t start = position_;
    std::size_t end = in_.find(end_of_line_, start);
    position_ = end == std::string_view::npos ? in_.size() : end + 1;
    std::string_view line = in_.substr(start, position_ - start);
    if (line.starts_with("--") && !levels_.empty() && is_boundary(line, start)) return;
    if (state_ != State::fields) return;
    field_line(line, start);
  }

  /// From the beginning of a line on to that of the next line that begins as a boundary does; without one to the
  /// end.  Looks twice at no octet more than once a line: whatever the octets are, it is linear.
  bool skip_to_dashes() {
    while (position_ < in_.size()) {
      const std::size_t dash = levels_.empty() ? in_.npos : in_.find('-', position_);
      if (dash == in_.npos) break;
      const bool begins_line = dash == position_ || in_[dash - 1] == end_of_line_;
      if (begins_line && in_.substr(dash).starts_with("--")) {
        position_ = dash;
        return true;
      }
      const std::size_t end = in_.find(end_of_line_, dash);
      if (end == in_.npos) break;
      position_ = end + 1;
    }
    position_ = in_.size();
    return false;
  }

  void field_line(std::string_view line, std::size_t start) {
    const HeaderLines::Line said = header_.take(line, in_.substr(position_));
    if (said != HeaderLines::Line::of_header) end_fields(said == HeaderLines::Line::empty ? position_ : start);
  }

  /// What was read of the header becomes the part's.
  void take_header() {
    mail_.too_many_fields = mail_.too_many_fields || header_.cut;
    current().malformed = current().malformed || header_.malformed;
    current().fields = std::move(header_.fields);
    interpret(current());
  }

  void end_fields(std::size_t body_start) {
    take_header();
    Part &part = current();
    body_start_ = body_start;
    state_ = State::body;
    bool deeper = part.depth + 1 <= limits_.max_depth;
    if (part.is_message() && part.encoding == Encoding::identity) {
      if (!deeper) return void(part.too_deep = true);
      part.body = as_bytes(in_.substr(body_start));
      messages_.push_back({current_, body_start, levels_.size()});
      return begin_part(current_);
    }
    if (!part.is_multipart()) return;
    if (!deeper) return void(part.too_deep = true);
    open_multipart(part);
  }

  void open_multipart(Part &part) {
    const Field *field = find_field(part.fields, "Content-Type");
    Parameterized type = field ? parse_parameterized(field->value) : Parameterized{};
    const std::string *boundary = type.find("boundary");
    if (!boundary || boundary->empty() || boundary->size() > max_boundary) {
      part.malformed = true;
      return;
    }
    std::string trimmed(trimmed_end(*boundary));
    for (const Level &level : levels_)
      if (level.boundary == trimmed) part.ambiguous = true;
    levels_.push_back({current_, std::move(trimmed), part.is("multipart/digest")});
  }

  /// Whether the line is a boundary; if so, ends what it ends and begins what it begins.
  bool is_boundary(std::string_view line, std::size_t start) {
    std::string_view content = trimmed_end(line).substr(2);
    for (std::size_t i = levels_.size(); i > 0; i--) {
      Level &level = levels_[i - 1];
      if (!content.starts_with(level.boundary)) continue;
      std::string_view rest = content.substr(level.boundary.size());
      bool closing = rest.starts_with("--") && (rest.size() == 2 || is_blank(rest[2]));
      if (!rest.empty() && !is_blank(rest.front()) && !closing) {
        mail_.parts[level.part].ambiguous = true; // some readers compare the beginning only
        continue;
      }
      finish_part(start);
      for (; !messages_.empty() && messages_.back().levels >= i; messages_.pop_back())
        mail_.parts[messages_.back().part].body = before_boundary(messages_.back().body_start, start);
      for (std::size_t k = i; k < levels_.size(); k++)
        mail_.parts[levels_[k].part].malformed = true;
      levels_.resize(i);
      level.any = true;
      std::uint32_t parent = level.part;
      if (!closing) {
        begin_part(parent);
      } else {
        levels_.pop_back();
        state_ = State::outside;
      }
      return true;
    }
    return false;
  }

  /// Octets end before the boundary line at `start`; its line end belongs to the boundary.
  Bytes before_boundary(std::size_t body_start, std::size_t start) const {
    std::size_t end = start;
    if (start < in_.size()) {
      if (end > body_start && in_[end - 1] == end_of_line_) end--;
      if (end > body_start && in_[end - 1] == '\r') end--;
    }
    end = std::max(end, body_start);
    return as_bytes(in_.substr(body_start, end - body_start));
  }

  void finish_part(std::size_t start) {
    if (state_ == State::outside) return;
    if (state_ == State::fields) { // no empty line before the end
      take_header();
      body_start_ = start;
    }
    Part &part = current();
    part.body = before_boundary(body_start_, start);
    if (part.encoding == Encoding::base64 && goes_on_behind_padding(part.body)) part.ambiguous = true;
    state_ = State::outside;
  }

  Mail &mail_;
  Limits limits_;
  std::string_view in_;
  std::size_t position_ = 0, body_start_ = 0;
  std::vector<Level> levels_;
  std::vector<Message> messages_;
  std::uint32_t current_ = 0;
  State state_ = State::fields;
  HeaderLines header_;
  char end_of_line_ = '\n';
};

/// Messages in base64 or quoted-printable (RFC 2046 §5.2.1 forbids it, programs do it), from part
/// `first` on.  Each decoding is shorter than what it came from, and depth is bounded: linear
/// still.
void parse_encoded_messages(Mail &mail, std::size_t first, const Limits &limits) {
  for (std::size_t i = first; i < mail.parts.size(); i++) {
    Part &part = mail.parts[i];
    bool encoded = part.encoding == Encoding::base64 || part.encoding == Encoding::quoted_printable;
    if (!part.is_message() || !encoded || !part.children.empty()) continue;
    if (part.depth + 1 > limits.max_depth) {
      part.too_deep = true;
      continue;
    }
    mail.decoded.push_back(decode_transfer(part.encoding, part.body));
    Parser(mail, limits).run(mail.decoded.back(), static_cast<std::uint32_t>(i));
  }
}

} // namespace

Mail parse(Bytes mail, const Limits &limits) {
  Mail parsed;
  Parser(parsed, limits).run(mail, {});
  parse_encoded_messages(parsed, 0, limits);
  return parsed;
}

std::optional<std::uint32_t> parse_into(Mail &mail, std::uint32_t parent, Buffer entity,
                                        const Limits &limits) {
  std::size_t first = mail.parts.size();
  mail.decoded.push_back(std::move(entity));
  Parser(mail, limits).run(mail.decoded.back(), parent);
  parse_encoded_messages(mail, first, limits);
  if (mail.parts.size() == first) return {};
  return static_cast<std::uint32_t>(first);
}

} // namespace sekisho::mime
