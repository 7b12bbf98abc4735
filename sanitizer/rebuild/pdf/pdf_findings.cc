#include "sanitizer/rebuild/pdf/pdf_findings.hh"

#include "base/text.hh"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <set>
#include <string>
#include <string_view>

namespace sekisho::rebuild {
namespace {

constexpr std::size_t most_before_array = 128; // octets: each name of a file may be such a one
constexpr std::size_t most_unpacked = 64u << 20; // octets of all object streams together
constexpr std::size_t longest_name = 32;
constexpr std::size_t most_units = 10'000;
constexpr std::size_t least_in_stream = 5; // shorter names occur by chance in packed octets
constexpr std::size_t most_of_opening = 1000; // octets
constexpr std::size_t most_openings = 16, most_looks = 1000; // of what may be written once more, or stand in a string
constexpr std::string_view blanks("\0\t\n\f\r ", 6); // §7.2.2

/// Where a name stands as what it names: some are words of other things as well (a blend mode, a font's name).
enum class Where : std::uint8_t { anywhere, as_type, as_key, opening };

struct Row {
  std::string_view name;
  Reason reason;
  Where where = Where::anywhere;
};

// ISO 32000-1: actions table 198, triggers §12.6.3, annotations table 169, files §7.11.4,
// multimedia §13.
constexpr auto rows = std::to_array<Row>({
    {"JavaScript", Reason::part_javascript},
    {"JS", Reason::part_javascript, Where::as_key},
    {"EmbeddedFile", Reason::part_embedded_file},
    {"EmbeddedFiles", Reason::part_embedded_file},
    {"FileAttachment", Reason::part_embedded_file},
    {"GoToE", Reason::part_embedded_file},
    {"Launch", Reason::part_launch_action},
    {"OpenAction", Reason::part_automatic_action, Where::opening},
    {"AA", Reason::part_automatic_action, Where::as_key},
    {"SubmitForm", Reason::part_form_sending},
    {"ImportData", Reason::part_form_sending},
    {"URI", Reason::part_external_link},
    {"GoToR", Reason::part_external_link},
    {"RichMedia", Reason::part_multimedia},
    {"Rendition", Reason::part_multimedia},
    {"Movie", Reason::part_multimedia, Where::as_type},
    {"Sound", Reason::part_multimedia, Where::as_type},
    {"Screen", Reason::part_multimedia, Where::as_type},
    {"3D", Reason::part_multimedia, Where::as_type},
    {"XFA", Reason::part_xfa_form},
});

// §7.8.3: in these, names are chosen by who writes.
constexpr auto resources = std::to_array<std::string_view>(
    {"Font", "XObject", "ExtGState", "ColorSpace", "Pattern", "Shading", "Properties"});

// Masks, odd decoding, layers that may be off, transfer functions (§8.9.5, 8.9.6, 8.11, 10.5); and of
// an encrypted file no name is seen.
constexpr auto odd_pictures = std::to_array<std::string_view>(
    {"SMask", "SMaskInData", "Mask", "Decode", "ColorTransform", "Encrypt", "Matte", "OCProperties", "TR", "TR2"});

bool ends_name(char c) {
  return static_cast<unsigned char>(c) <= 0x20 ||
         std::string_view("/<>[](){}%").find(c) != std::string_view::npos;
}

std::string_view without_blanks_behind(std::string_view text) { return text.substr(0, text.find_last_not_of(blanks) + 1); }
bool is_space(char c) { return blanks.find(c) != blanks.npos; }

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/// The name that begins behind a slash at `at`, which moves behind it.
std::string read_name(std::string_view text, std::size_t &at) {
  std::string name;
  for (; at < text.size() && name.size() <= longest_name && !ends_name(text[at]); ++at) {
    const bool spelt = text[at] == '#' && at + 2 < text.size() && hex_digit(text[at + 1]) >= 0 &&
                       hex_digit(text[at + 2]) >= 0;
    name += spelt ? static_cast<char>(hex_digit(text[at + 1]) * 16 + hex_digit(text[at + 2]))
                  : text[at];
    if (spelt) at += 2;
  }
  return name;
}

/// 1 where no number stands.
double number_at(std::string_view text, std::size_t at) {
  at = std::min(text.find_first_not_of(" \r\n\t", at), text.size());
  double number = 1;
  std::from_chars(text.data() + at, text.data() + text.size(), number);
  return number;
}

/// Behind a string (§7.3.4) at `at`.
std::size_t end_of_string(std::string_view text, std::size_t at) {
  if (text[at] == '<') return std::min(text.find('>', at), text.size() - 1) + 1;
  for (unsigned depth = 0; at < text.size(); ++at) {
    if (text[at] == '\\')
      ++at;
    else if (text[at] == '(')
      ++depth;
    else if (text[at] == ')' && --depth == 0)
      return at + 1;
  }
  return text.size();
}

/// What is done when the document is opened (§7.7.2): nothing but to show a place in it (§12.3.2, §12.6.4.2), or it
/// stands in another object.
enum class Opening { view, elsewhere, action };

Opening opening_in(std::string_view value) {
  value = trimmed(value.substr(0, most_of_opening), blanks);
  if (value.starts_with('[')) return Opening::view;
  if (!value.empty() && is_digit(value.front())) return Opening::elsewhere;
  if (!value.starts_with("<<")) return Opening::action;
  bool shows = false, type_next = false;
  unsigned depth = 0;
  for (std::size_t at = 0; at < value.size();) {
    const std::string_view rest = value.substr(at);
    if (rest.starts_with("<<") || rest.starts_with(">>")) {
      depth = rest.front() == '<' ? depth + 1 : depth - 1;
      if (depth == 0) return shows ? Opening::view : Opening::action;
      at += 2;
    } else if (rest.front() == '(' || rest.front() == '<') {
      at = end_of_string(value, at);
    } else if (rest.front() == '/') {
      const std::string name = read_name(value, ++at);
      if ((type_next && name != "GoTo") || name == "Next") return Opening::action;
      shows = shows || type_next;
      type_next = name == "S" && depth == 1;
    } else if (is_space(rest.front()) || !type_next) {
      ++at;
    } else {
      return Opening::action;
    }
  }
  return Opening::action;
}

/// As much as there is of one zlib stream, and no more than `most`.
std::string unpack(std::string_view packed, std::size_t most) {
  z_stream stream{};
  if (inflateInit(&stream) != Z_OK) return {};
  stream.next_in = reinterpret_cast<Bytef *>(const_cast<char *>(packed.data()));
  stream.avail_in = static_cast<uInt>(
      std::min<std::size_t>(packed.size(), std::numeric_limits<uInt>::max()));
  std::string plain;
  std::array<char, 16 << 10> window;
  for (int status = Z_OK; status == Z_OK && plain.size() < most;) {
    stream.next_out = reinterpret_cast<Bytef *>(window.data());
    stream.avail_out = window.size();
    status = inflate(&stream, Z_NO_FLUSH);
    plain.append(window.data(), window.size() - stream.avail_out);
    if (stream.avail_out == window.size()) break;
  }
  inflateEnd(&stream);
  return plain;
}

/// Whether `plain` begins as what an object stream holds (§7.5.7): the number of an object and where it is.
bool begins_objects(std::string_view plain) {
  for (unsigned numbers = 0; numbers < 2; ++numbers) {
    while (!plain.empty() && is_space(plain.front()))
      plain.remove_prefix(1);
    const std::size_t digits = std::min(plain.find_first_not_of("0123456789"), plain.size());
    if (digits == 0 || digits == plain.size()) return false;
    plain.remove_prefix(digits);
  }
  return true;
}

/// Of the names before a stream: how it is packed.
class Packing {
public:
  void see(std::string_view name) {
    const bool flate = name == "FlateDecode";
    odd_ = odd_ || (filter_next_ && !flate) || (name.ends_with("Decode") && !flate) || name == "DecodeParms" || name == "DP";
    filters_ += name == "Filter";
    flates_ += flate;
    filter_next_ = name == "Filter";
  }
  /// Not at all, or once in the way that nearly all are, with no more said of it.
  bool is_simple() const { return !odd_ && filters_ == flates_ && filters_ < 2; }

private:
  unsigned filters_ = 0, flates_ = 0;
  bool odd_ = false, filter_next_ = false;
};

class Search {
public:
  explicit Search(PdfWriting writing) : trusted_(writing == PdfWriting::by_engine) {}

  void look(std::string_view text) {
    bool object_stream = false;
    while (!text.empty()) {
      const std::size_t begin = std::min(text.find("stream"), text.size());
      const std::string_view before = text.substr(0, begin);
      object_stream = names_in(before, 1, false) || object_stream;
      if (begin == text.size()) break;
      text.remove_prefix(begin + std::string_view("stream").size());
      if (trusted_ && in_strings_ > 0) continue; // a word
      const std::size_t end = end_of_stream(before, text);
      if (object_stream) unpack_objects(text.substr(0, end));
      (void)names_in(text.substr(0, end), least_in_stream, true);
      text.remove_prefix(std::min(end + std::string_view("endstream").size(), text.size()));
      packing_ = {};
      object_stream = false;
      in_strings_ = 0;
    }
  }
  /// Last, over the whole file.
  void look_at_openings(std::string_view text) {
    std::size_t looks = 0;
    for (const unsigned number : openings_) {
      const std::string object = std::to_string(number) + " 0 obj";
      for (std::size_t at = 0; (at = text.find(object, at)) != text.npos; at += object.size()) {
        if (at > 0 && is_digit(text[at - 1])) continue;
        if (++looks > most_looks || opening_in(text.substr(at + object.size())) != Opening::view) return (void)found_.insert(Reason::part_automatic_action);
      }
    }
  }
  PdfNames found() {
    std::erase_if(doubtful_, [&](Reason reason) { return found_.contains(reason); });
    const std::size_t fields = form_ ? std::max(named_, drawn_) : 0;
    return {{found_.begin(), found_.end()}, {doubtful_.begin(), doubtful_.end()}, plain_, units_, fields, encrypted_, redrawn_, unread_, sure_};
  }

private:
  /// Where its last word begins.  That word may stand in it as well: only its length is sure.
  std::size_t end_of_stream(std::string_view before, std::string_view text) {
    const std::size_t end = std::min(text.find("endstream"), text.size());
    if (!trusted_) return end;
    const std::size_t length = before.rfind("/Length ");
    const double said = length == before.npos ? -1 : number_at(before, length + 8);
    const std::size_t start = text.starts_with("\r\n") ? 2 : 1;
    if (said >= 0 && said <= static_cast<double>(text.size()))
      for (std::size_t at = start + static_cast<std::size_t>(said), blanks = 0; blanks < 3; ++at, ++blanks)
        if (at <= text.size() && text.substr(at).starts_with("endstream")) return at;
    sure_ = false;
    return end;
  }

  /// The next slash at or behind `at`.  Strings (§7.3.4.2) are followed outside of streams.
  std::size_t next_name(std::string_view text, std::size_t at, bool in_stream) {
    if (in_stream) return std::min(text.find('/', at), text.size());
    for (; at < text.size() && text[at] != '/'; ++at) {
      if (text[at] == '(') ++in_strings_;
      if (in_strings_ == 0) follow_dictionary(text, at);
      if (in_strings_ == 0) continue;
      if (text[at] == ')') --in_strings_;
      if (text[at] == '\\') ++at;
    }
    return std::min(at, text.size());
  }

  /// Notes the names of `least` octets or more.  Whether there is one of an object stream.
  bool names_in(std::string_view text, std::size_t least, bool in_stream) {
    bool object_stream = false;
    last_end_ = mark_end_ = nullptr;
    dictionaries_.clear();
    for (std::size_t at = 0; (at = next_name(text, at, in_stream)) < text.size();) {
      const std::size_t begin = ++at;
      const std::string name = read_name(text, at);
      if (name.size() < least) continue;
      std::set<Reason> &reasons = in_stream || in_strings_ > 0 ? doubtful_ : found_;
      look_for_layers(name, text.substr(at), reasons);
      packing_.see(name);
      object_stream = object_stream || name == "ObjStm";
      encrypted_ = encrypted_ || name == "Encrypt";
      form_ = form_ || name == "AcroForm";
      redrawn_ = redrawn_ || (name == "NeedAppearances" && text.substr(at).starts_with(" true"));
      if (name == "T") ++named_; // §12.7.3.1, and remarks
      if (name == "Widget") ++drawn_;
      if (name == "UserUnit" && units_.size() < most_units) units_.push_back(number_at(text, at));
      if (std::find(odd_pictures.begin(), odd_pictures.end(), name) != odd_pictures.end())
        plain_ = false;
      const auto row = std::find_if(rows.begin(), rows.end(),
                                    [&](const Row &candidate) { return candidate.name == name; });
      if (row != rows.end()) note(*row, text, begin, at, reasons);
      last_name_ = name;
      last_end_ = text.data() + at;
    }
    return object_stream;
  }
  /// Who writes by hand could make a name look as if it stood elsewhere: then the engine's copy says.
  void note(const Row &row, std::string_view text, std::size_t begin, std::size_t end, std::set<Reason> &reasons) {
    if (reasons.contains(row.reason)) return;
    const std::string_view behind = trimmed(text.substr(end, most_before_array), blanks);
    switch (row.where) {
    case Where::anywhere: break;
    case Where::as_type:
      if (is_type(text.substr(0, begin))) break;
      return doubt(row.reason);
    case Where::as_key:
      if (!in_resources() && !behind.empty() && (is_digit(behind.front()) || behind.front() == '<' || behind.front() == '(')) break;
      return doubt(row.reason);
    case Where::opening:
      const Opening opening = opening_in(text.substr(end));
      if (opening == Opening::view) return;
      if (opening == Opening::action || openings_.size() == most_openings) break;
      if (trusted_ && &reasons == &found_) openings_.insert(static_cast<unsigned>(std::clamp(number_at(behind, 0), 0.0, 1e9)));
      return doubt(row.reason);
    }
    reasons.insert(row.reason);
  }
  void doubt(Reason reason) {
    if (!trusted_) doubtful_.insert(reason);
  }
  /// The value of what says the type of a dictionary, or one that such a value may stand for: an object of its own.
  bool is_type(std::string_view before) const {
    before = without_blanks_behind(before.substr(0, before.size() - 1));
    if (before.ends_with("obj")) return true;
    return before.data() + before.size() == last_end_ && (last_name_ == "Subtype" || last_name_ == "S" || last_name_ == "Type");
  }
  void follow_dictionary(std::string_view text, std::size_t at) {
    if (at == 0 || text[at - 1] != text[at] || text.data() + at == mark_end_) return;
    if (text[at] == '<') {
      const std::string_view before = without_blanks_behind(text.substr(0, at - 1));
      const bool named = before.data() + before.size() == last_end_;
      dictionaries_.push_back(named && std::ranges::find(resources, last_name_) != resources.end());
    } else if (text[at] == '>') {
      if (!dictionaries_.empty()) dictionaries_.pop_back();
    } else {
      return;
    }
    mark_end_ = text.data() + at + 1;
  }
  bool in_resources() const { return !dictionaries_.empty() && dictionaries_.back(); }

  /// §8.11: groups that are off when the document is opened, and what is seen only while others are off.
  void look_for_layers(std::string_view name, std::string_view behind, std::set<Reason> &reasons) {
    if (reasons.contains(Reason::part_hidden_content)) return;
    bool hides = name == "AllOff" || name == "AnyOff" || (name == "Not" && expressions_);
    if (name == "OFF") hides = state_ == State::of_groups || (state_ == State::none && lists_one(behind));
    if (hides) reasons.insert(Reason::part_hidden_content);
    expressions_ = expressions_ || name == "VE";
    state_ = name == "BaseState" || name == "ViewState" ? State::of_groups
             : name == "State"                          ? State::of_action
                                                        : State::none;
  }
  /// An array that is not empty, or one that stands elsewhere, or so far behind comments that nobody writes it so.
  static bool lists_one(std::string_view behind) {
    const std::size_t size = behind.size();
    behind = behind.substr(0, most_before_array);
    constexpr std::string_view before(" \t\r\n\f[\0", 7);
    std::size_t at = behind.find_first_not_of(before);
    while (at != behind.npos && behind[at] == '%') // a comment
      at = behind.find_first_not_of(before, std::min(behind.find_first_of("\r\n", at), behind.size()));
    return at == behind.npos ? behind.size() < size : behind[at] >= '0' && behind[at] <= '9';
  }

  void unpack_objects(std::string_view packed) {
    packed.remove_prefix(std::min(packed.find_first_not_of("\r\n"), packed.size()));
    const std::size_t room = most_unpacked - unpacked_;
    const bool simple = packing_.is_simple();
    std::string plain = unpack(packed, room);
    if (plain.empty()) plain = packed.substr(0, room);
    if (plain.size() > room) plain.resize(room);
    unread_ = unread_ || !simple || plain.size() == room || !begins_objects(plain);
    unpacked_ += plain.size();
    in_strings_ = 0;
    (void)names_in(plain, 1, false); // there are no streams inside (§7.5.7)
  }

  enum class State : std::uint8_t { none, of_groups, of_action };

  bool trusted_;
  std::set<Reason> found_, doubtful_;
  unsigned in_strings_ = 0; // one in the other
  std::string last_name_;
  const char *last_end_ = nullptr; // of that name
  const char *mark_end_ = nullptr; // of the last that begins or ends a dictionary
  std::vector<bool> dictionaries_; // one in the other: whether it names resources
  std::set<unsigned> openings_;    // objects that say what is done when the document is opened
  Packing packing_;         // of the next stream
  bool redrawn_ = false, unread_ = false, sure_ = true;
  State state_ = State::none; // whose the next name is
  bool expressions_ = false;  // of visibility
  bool plain_ = true, encrypted_ = false, form_ = false;
  std::size_t named_ = 0, drawn_ = 0; // fields
  std::vector<double> units_;
  std::size_t unpacked_ = 0;
};

} // namespace

PdfNames names_in_pdf(Bytes untrusted, PdfWriting writing) {
  Search search(writing);
  search.look(as_chars(untrusted));
  search.look_at_openings(as_chars(untrusted));
  return search.found();
}

} // namespace sekisho::rebuild
