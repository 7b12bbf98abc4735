#include "sanitizer/mime/address.hh"

#include "base/check.hh"
#include "base/text.hh"
#include "base/utf8.hh"
#include "sanitizer/text/clean.hh"
#include "sanitizer/text/idn.hh"

#include <algorithm>
#include <optional>
#include <utility>

namespace sekisho::mime {
namespace {

constexpr std::size_t max_address = 254; // RFC 5321 §4.5.3.1.3
constexpr std::size_t max_message_id = 250;
constexpr std::size_t max_name = 512; // octets of a display name
constexpr unsigned most_joined = 20;  // elements that are one name with commas in it

bool is_blank(char c) { return c == ' ' || c == '\t'; }

/// One element of the list as written, quotes still on.
struct Element {
  std::string phrase, angle, comment;
  std::string before_colon;
  bool has_angle = false;
  bool has_quoted_blank = false; // in the phrase
  bool goes_on = false; // no comma before it, but a second '<'
  bool begins_group = false, ends_group = false;
  char end = ',';
};

/// Walks the list; octets of raw Japanese mean nothing here.
class Scanner {
public:
  explicit Scanner(std::string_view list) : in_(list), foreign_(!utf8_valid(list)) {}
  bool at_end() const { return position_ >= in_.size(); }

  Element next() {
    Element element;
    element.goes_on = std::exchange(goes_on_, false);
    while (!at_end()) {
      char c = in_[position_];
      goes_on_ = c == '<' && element.has_angle;
      if (goes_on_) break;
      if (take_japanese(element.phrase)) continue;
      position_++;
      if (c == ',' || c == ';') {
        element.end = c;
        element.ends_group = c == ';' && std::exchange(in_group_, false);
        break;
      }
      if (c == ':' && !element.has_angle) {
        begin_group(element);
        continue;
      }
      switch (c) {
      case '"': take_quoted(element); break;
      case '(':
        take_comment(element.comment);
        element.phrase += ' ';
        break;
      case '<': take_angle(element); break;
      default: element.phrase += c;
      }
    }
    if (element.has_angle && !element.before_colon.empty()) {
      element.phrase.insert(0, element.before_colon);
      element.begins_group = false;
    }
    return element;
  }

private:
  /// Or a colon in a name without quotes, "Important: Office <a@b>", where no group ends behind it.
  void begin_group(Element &element) {
    if (!last_end_) {
      Scanner ahead(in_);
      ahead.last_end_ = in_.size();
      for (last_end_ = 0; !ahead.at_end();)
        if (ahead.next().end == ';') last_end_ = ahead.position_;
    }
    element.begins_group = in_group_ = true;
    element.has_quoted_blank = false;
    if (*last_end_ < position_ && !trimmed(element.phrase).empty()) element.before_colon.append(element.phrase) += ':';
    element.phrase.clear();
  }
  void take_quoted(Element &element) {
    while (!at_end() && in_[position_] != '"') {
      if (take_japanese(element.phrase)) continue;
      char c = in_[position_++];
      if (c == '\\' && !at_end()) c = in_[position_++];
      element.has_quoted_blank = element.has_quoted_blank || is_blank(c);
      element.phrase += c;
    }
    position_++;
  }
  void take_comment(std::string &target) {
    for (unsigned depth = 1; !at_end();) {
      if (take_japanese(target)) continue;
      char c = in_[position_++];
      if (c == '(') depth++;
      if (c == ')' && --depth == 0) break;
      if (c == '\\' && !at_end()) c = in_[position_++];
      target += c;
    }
  }
  void take_angle(Element &element) {
    std::size_t end = in_.find('>', position_);
    if (end == std::string_view::npos) end = in_.size();
    element.angle = in_.substr(position_, end - position_);
    element.has_angle = true;
    position_ = end + 1;
  }
  bool take_japanese(std::string &target) { return take_raw_japanese(in_, position_, foreign_, target); }

  std::string_view in_;
  bool foreign_;
  std::size_t position_ = 0;
  bool goes_on_ = false, in_group_ = false;
  std::optional<std::size_t> last_end_; // behind the last ';', once it was looked for
};

/// Names that have no address: of what came last they may be the beginning, as in "Yamada, Taro <a@b>" without quotes.
struct Waiting {
  std::string words;
  unsigned count = 0;
};

/// Without the blanks at the ends and beside the signs of an address, where RFC 5322 §4.4 allows them.  Others make two words
/// of one: who joins them has somebody else's address.
std::string without_space(std::string_view text) {
  constexpr std::string_view signs = "@.,:";
  text = trimmed(text);
  std::string result;
  bool blank = false;
  for (char c : text) {
    if (is_blank(c)) {
      blank = true;
      continue;
    }
    if (blank && signs.find(c) == signs.npos && signs.find(result.back()) == signs.npos) result += ' ';
    blank = false;
    result += c;
  }
  return result;
}

std::string name_in(std::string_view raw) {
  text::Findings ignored;
  std::string name = text::clean_line(decode_text(raw), ignored);
  if (name.size() > max_name) {
    std::size_t end = max_name;
    while (end > 0 && (name[end] & 0xc0) == 0x80)
      end--;
    name.resize(end);
    name = text::clean_line(name, ignored); // what is at its end now may be a blank, or half of what was one character
  }
  return name;
}

bool is_domain(std::string_view domain) {
  if (domain.starts_with('[') && domain.ends_with(']'))
    return domain.size() > 2 && std::all_of(domain.begin() + 1, domain.end() - 1, [](char c) {
             return is_letter_or_digit(c) || c == '.' || c == ':' || c == '-';
           });
  if (domain.empty() || domain.front() == '.' || domain.back() == '.' ||
      domain.find("..") != std::string_view::npos)
    return false;
  return std::all_of(domain.begin(), domain.end(), [](char c) {
    return is_letter_or_digit(c) || c == '-' || c == '.' || c == '_';
  });
}

} // namespace

bool is_address(std::string_view text) {
  std::size_t at = text.find('@');
  if (at == std::string_view::npos || at == 0 || text.size() > max_address) return false;
  // Dots in odd places stand in addresses that Japanese carriers gave out; they do no harm.
  constexpr std::string_view atom = "!#$%&'*+-/=?^_`{|}~.";
  std::string_view local = text.substr(0, at);
  bool good = std::all_of(local.begin(), local.end(), [&](char c) {
    return is_letter_or_digit(c) || atom.find(c) != std::string_view::npos;
  });
  return good && local.find("=?") == std::string_view::npos && is_domain(text.substr(at + 1));
}

namespace {

/// Makes mailboxes of the elements, one by one.
class List {
public:
  std::size_t count() const { return mailboxes_.size() - waiting_.count; } // of which all is known; whatever the limit is, they are read alike

  void take(Element element) {
    if (element.begins_group) waiting_ = {};
    const std::string address = address_of(element);
    if (element.has_angle) join(element, !address.empty());
    const bool known = !mailboxes_.empty() && !address.empty() && equals_ignoring_case(mailboxes_.back().address, address);
    if (element.goes_on && (known || address.empty())) return; // the address once more, or none
    add(element, {name_of(element, !address.empty()), address});
  }
  std::vector<Mailbox> mailboxes(std::size_t limit) && {
    if (mailboxes_.size() > limit) mailboxes_.resize(limit);
    return std::move(mailboxes_);
  }

private:
  /// Empty where there is none that can be written.
  static std::string address_of(const Element &element) {
    const std::string written = without_space(element.has_angle ? element.angle : element.phrase);
    const bool is_one = written.find('@') != written.npos && written.find(' ') == written.npos &&
                        (element.has_angle || !element.has_quoted_blank);
    std::string bare = is_one ? text::with_ascii_domain(written) : std::string();
    const std::size_t route = bare.rfind(':'); // <@a,@b:c@d> of RFC 5322 §4.4
    if (element.has_angle && route != bare.npos && bare.starts_with('@')) bare.erase(0, route + 1);
    return is_address(bare) ? bare : std::string();
  }

  static std::string name_of(const Element &element, bool has_address) {
    const bool is_all_comment = !element.has_angle && (has_address || trimmed(element.phrase).empty());
    if (is_all_comment) return name_in(element.comment);
    if (!element.has_angle) return name_in(element.comment.empty() ? element.phrase : element.phrase + '(' + element.comment + ')');
    std::string name = name_in(element.phrase);
    if (name.empty()) name = name_in(element.comment);
    if (name.empty() && !has_address) name = name_in(element.angle);
    return name;
  }

  /// Whatever stands in angles ends the names before it: they are its own, or have no address.
  void join(Element &element, bool has_address) {
    const Waiting names = std::exchange(waiting_, {});
    if (names.count == 0 || !has_address) return;
    CHECK(names.count <= mailboxes_.size() && !names.words.empty());
    const bool has_own = !trimmed(element.phrase).empty();
    element.phrase.insert(0, names.words, 0, names.words.size() - (has_own ? 0 : 1));
    mailboxes_.resize(mailboxes_.size() - names.count);
  }

  void add(const Element &element, Mailbox mailbox) {
    const bool is_anybody = !mailbox.address.empty() || !mailbox.name.empty();
    const bool is_word = is_anybody && !element.has_angle && element.comment.empty() && mailbox.address.empty() &&
                         mailbox.name.find('@') == mailbox.name.npos; // an address, whether it can be written or not, is an author
    if ((is_anybody && !is_word) || element.ends_group || waiting_.count == most_joined) waiting_ = {};
    if (is_word && !element.ends_group) {
      waiting_.words.append(element.phrase) += element.end;
      ++waiting_.count;
    }
    if (is_anybody) mailboxes_.push_back(std::move(mailbox));
  }

  std::vector<Mailbox> mailboxes_;
  Waiting waiting_; // the last ones of them
};

/// Of what is longer than is read.
std::string_view until_last_element(std::string_view list) {
  if (list.size() <= most_of_list) return list;
  const std::size_t end = list.find_last_of(",;", most_of_list - 1);
  return list.substr(0, end == list.npos ? most_of_list : end);
}

} // namespace

std::vector<Mailbox> parse_addresses(std::string_view field_value, std::size_t limit) {
  const std::string unfolded = unfold(until_last_element(field_value), most_of_list);
  Scanner scanner(unfolded);
  List list;
  while (!scanner.at_end() && list.count() < limit)
    list.take(scanner.next());
  return std::move(list).mailboxes(limit);
}

Authors authors_of(const std::vector<Field> &fields, std::size_t limit) {
  const auto named_in = [&](std::string_view name, std::size_t most) {
    const Field *field = find_field(fields, name);
    return field ? parse_addresses(field->value, most) : std::vector<Mailbox>();
  };
  Authors authors{"From", named_in("From", limit)};
  if (authors.mailboxes.empty()) authors = {"Sender", named_in("Sender", 1)};
  return authors;
}

bool is_message_id(std::string_view text) {
  if (text.size() < 5 || text.size() > max_message_id || text.front() != '<' || text.back() != '>')
    return false;
  std::string_view inside = text.substr(1, text.size() - 2);
  std::size_t at = inside.find('@');
  if (at == std::string_view::npos || at == 0 || at + 1 == inside.size()) return false;
  return inside.find("=?") == std::string_view::npos &&
         std::all_of(inside.begin(), inside.end(), [](char c) {
           return c > 0x20 && c < 0x7f &&
                  std::string_view("<>()\"\\,;").find(c) == std::string_view::npos;
         });
}

namespace {

/// Each word; nothing where one of them is no id without them: then it is a sentence.
std::string in_angles(std::string_view words) {
  std::string ids;
  for (std::size_t at = 0; (at = words.find_first_not_of(" \t", at)) != words.npos;) {
    const std::size_t end = std::min(words.find_first_of(" \t", at), words.size());
    const std::string id = '<' + std::string(words.substr(at, end - at)) + '>';
    if (!is_message_id(id)) return {};
    ids += id;
    at = end;
  }
  return ids;
}

} // namespace

std::vector<std::string> parse_message_ids(std::string_view field_value, std::size_t limit) {
  std::string unfolded = unfold(field_value);
  std::vector<std::string> ids;
  if (unfolded.find('<') == std::string::npos) unfolded = in_angles(unfolded);
  std::size_t position = 0;
  while ((position = unfolded.find('<', position)) != std::string::npos) {
    std::size_t end = unfolded.find('>', position);
    if (end == std::string::npos) break;
    std::string id = unfolded.substr(position, end - position + 1);
    std::erase_if(id, is_blank);
    if (is_message_id(id)) ids.push_back(std::move(id));
    position = end + 1;
  }
  if (ids.size() > limit) ids.erase(ids.begin() + (limit > 1), ids.end() - static_cast<std::ptrdiff_t>(limit - (limit > 1)));
  return ids;
}

} // namespace sekisho::mime
