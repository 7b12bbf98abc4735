#include "gateway/record/terms.hh"

#include "base/utf8.hh"
#include "gateway/record/fold.hh"
#include "sanitizer/text/idn.hh"

#include <simdjson.h>

#include <algorithm>
#include <span>

namespace sekisho::record {
namespace {

namespace dom = simdjson::dom;

constexpr int most_addresses = 100; // of one From or To, which anybody may fill
constexpr std::size_t fragment = 6;           // characters of a subject
constexpr std::size_t fragments_together = 5; // of so many neighbours one is kept
constexpr std::string_view address_ends = " \t<>,;\"()[]:";
constexpr std::string_view null_sender = "<>"; // of notices, RFC 5321 §4.5.5

/// FNV-1a, then mixed; the field is part of it.
Term number_of(Field field, std::string_view word) {
  std::uint64_t hash = 0xcbf29ce484222325u ^ static_cast<std::uint64_t>(field) * 0x9e3779b97f4a7c15u;
  for (const char c : word) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  hash ^= hash >> 32;
  hash *= 0xd6e8feb86659fd93u;
  hash ^= hash >> 29;
  return hash >> 17;
}

std::string lower(std::string_view text) {
  std::string low(text);
  std::ranges::transform(low, low.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return low;
}

std::string_view without(std::string_view text, std::string_view around) {
  const std::size_t first = text.find_first_not_of(around);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(around) - first + 1);
}

/// A message-id as it is compared.
std::string_view bare_id(std::string_view text) { return without(text, "<> "); }
/// An address or a domain as it is compared, whatever was typed around it.
std::string bare_address(std::string_view text) { return lower(text::with_ascii_domain(without(text, "<> @"))); }
bool is_null_sender(std::string_view text) { return without(text, " ") == null_sender; }
std::string_view domain_of(std::string_view address) { return address.substr(address.rfind('@') + 1); }

/// Of each place where so many characters stand side by side.
std::vector<Term> pieces(std::u32string_view characters, std::size_t size) {
  std::vector<Term> terms;
  for (std::size_t i = 0; i + size <= characters.size(); ++i) {
    std::string piece;
    for (const char32_t c : characters.substr(i, size)) utf8_append(piece, c);
    terms.push_back(number_of(Field::subject, piece));
  }
  return terms;
}

/// All pairs; of longer pieces the one among neighbours that has the smallest number.  A part as long as these neighbours together
/// has it too, so that it is found without going through pairs that stand everywhere (winnowing).
void add_subject(std::string_view subject, std::vector<Term> &terms) {
  const std::u32string characters = fold(subject);
  const std::vector<Term> pairs = pieces(characters, 2), fragments = pieces(characters, fragment);
  terms.insert(terms.end(), pairs.begin(), pairs.end());
  for (std::size_t i = 0; i + fragments_together <= fragments.size(); ++i) {
    const auto first = fragments.begin() + static_cast<std::ptrdiff_t>(i);
    terms.push_back(*std::min_element(first, first + fragments_together));
  }
}

/// Where the local part before this '@' begins: at the other quote of one in quotes (RFC 5321 §4.1.2).  `at`: there is none.
std::size_t begin_of_local(std::string_view text, std::size_t at) {
  constexpr std::size_t longest = 2 + 2 * 64;
  if (at == 0) return at;
  if (text[at - 1] != '"') return text.find_last_of(address_ends, at - 1) + 1; // npos + 1: from the beginning
  for (std::size_t i = at - 1; i > 0 && at - i < longest; --i)
    if (text[i - 1] == '"' && (i < 2 || text[i - 2] != '\\')) return i - 1;
  return at;
}

/// A literal has its brackets (RFC 5321 §4.1.3).
std::size_t end_of_domain(std::string_view text, std::size_t begin) {
  if (begin < text.size() && text[begin] == '[') {
    const std::size_t close = text.find(']', begin);
    return close == text.npos ? begin : close + 1;
  }
  return std::min(text.find_first_of(address_ends, begin), text.size());
}

/// "Name <a@b>, c@d" as addresses in small letters; a lone word as it is (RFC 5321 4.5.1: postmaster).
template <class Each> void each_address(std::string_view text, const Each &each) {
  if (text.find('@') == std::string_view::npos && text.find_first_of(address_ends) == std::string_view::npos) each(lower(text));
  int left = most_addresses;
  for (std::size_t at = text.find('@'); at != std::string_view::npos && left > 0; at = text.find('@', at + 1)) {
    std::size_t first = begin_of_local(text, at), last = end_of_domain(text, at + 1);
    if (first < last && text[first] == '\'' && text[last - 1] == '\'') ++first, --last; // in quotes; else it is the name's (o'brien)
    if (first >= at || at + 1 >= last) continue;
    each(lower(text::with_ascii_domain(text.substr(first, last - first))));
    left--;
  }
}

template <class Each> void each_text(const dom::element &value, const Each &each) {
  auto tell = [&](const dom::element &one) {
    if (one.is_string() && one.get_string_length().value_unsafe() > 0) each(std::string_view(one));
  };
  tell(value);
  if (!value.is_array()) return;
  for (const dom::element one : dom::array(value)) tell(one);
}

struct Member {
  std::string_view name;
  Field field;
};
constexpr Member of_event[] = {{"receipt", Field::receipt},       {"sender", Field::sender}, {"recipients", Field::recipient},
                               {"recipient", Field::recipient}, {"sha256", Field::hash}};
constexpr Member of_report[] = {{"message_id", Field::message_id}, {"from", Field::sender},       {"to", Field::recipient},
                                {"subject", Field::subject},       {"input_sha256", Field::hash}, {"output_sha256", Field::hash}};
constexpr Member of_part[] = {{"sha256", Field::hash}, {"output_sha256", Field::hash}};

/// The event is of a mail whose envelope has no sender; of one that was refused, it was known by then.
bool has_null_sender(const dom::element &event) {
  std::string_view sender, recipient;
  if (event["sender"].get(sender) != simdjson::SUCCESS || !sender.empty()) return false;
  dom::element receipt;
  dom::array recipients;
  return event["receipt"].get(receipt) == simdjson::SUCCESS ||
         (event["recipient"].get(recipient) == simdjson::SUCCESS && !recipient.empty()) ||
         (event["recipients"].get(recipients) == simdjson::SUCCESS && recipients.size() > 0);
}

/// Every word of an event that can be asked for.
template <class Each> void each_word(const dom::element &event, const Each &each) {
  auto texts = [&](const dom::element &object, std::span<const Member> members) {
    if (!object.is_object()) return;
    for (const auto [name, value] : dom::object(object))
      if (const auto member = std::ranges::find(members, name, &Member::name); member != members.end())
        each_text(value, [&, field = member->field](std::string_view text) {
          if (text != null_sender) each(field, text);
        });
  };
  texts(event, of_event);
  if (has_null_sender(event)) each(Field::sender, null_sender);
  dom::element report;
  if (event["report"].get(report) != simdjson::SUCCESS) return;
  texts(report, of_report);
  dom::array parts;
  if (report["parts"].get(parts) != simdjson::SUCCESS) return;
  for (const dom::element part : parts) texts(part, of_part);
}

/// A question's word as it is compared.
struct Wanted {
  explicit Wanted(const Word &of)
      : word(of), part(of.field == Field::subject ? fold(of.text) : std::u32string()), who(bare_address(of.text)) {}

  const Word &word;
  std::u32string part;
  std::string who;
  bool is_found = false;

  bool is_in(std::string_view text) const {
    switch (word.field) {
    case Field::receipt: return text == word.text;
    case Field::message_id: return bare_id(text) == bare_id(word.text);
    case Field::hash: return lower(text) == lower(without(word.text, " "));
    case Field::subject: return fold(text).find(part) != std::u32string::npos;
    case Field::sender:
    case Field::recipient: break;
    }
    bool is_one = text == null_sender && is_null_sender(word.text);
    each_address(text, [&](const std::string &address) { is_one = is_one || address == who || domain_of(address) == who; });
    return is_one;
  }
};

void make_unique(std::vector<Term> &terms) {
  std::ranges::sort(terms);
  terms.erase(std::unique(terms.begin(), terms.end()), terms.end());
}

} // namespace

std::vector<Term> terms_of(const dom::element &event) {
  std::vector<Term> terms;
  each_word(event, [&](Field field, std::string_view word) {
    switch (field) {
    case Field::receipt: terms.push_back(number_of(field, word)); return;
    case Field::sender:
    case Field::recipient:
      if (word == null_sender) terms.push_back(number_of(field, word));
      each_address(word, [&](const std::string &address) {
        terms.push_back(number_of(field, address));
        terms.push_back(number_of(field, domain_of(address)));
      });
      return;
    case Field::message_id: terms.push_back(number_of(field, bare_id(word))); return;
    case Field::hash: terms.push_back(number_of(field, lower(word))); return;
    case Field::subject: add_subject(word, terms); return;
    }
  });
  make_unique(terms);
  return terms;
}

std::vector<Term> terms_of(Field field, std::string_view word) {
  std::vector<Term> terms;
  auto add = [&](std::string_view text) {
    if (!text.empty()) terms.push_back(number_of(field, text));
  };
  switch (field) {
  case Field::receipt: add(word); break;
  case Field::sender:
  case Field::recipient:
    if (field == Field::sender && is_null_sender(word)) add(null_sender);
    else add(bare_address(word));
    break;
  case Field::message_id: add(bare_id(word)); break;
  case Field::hash: add(lower(without(word, " "))); break;
  case Field::subject: add_subject(word, terms); break;
  }
  make_unique(terms);
  return terms;
}

bool fits(const std::vector<Word> &words, const std::vector<std::string> &lines) {
  std::vector<Wanted> wanted;
  for (const Word &word : words) wanted.emplace_back(word);
  thread_local dom::parser parser;
  for (const std::string &line : lines) {
    dom::element event;
    if (parser.parse(line).get(event) == simdjson::SUCCESS)
      each_word(event, [&](Field field, std::string_view text) {
        for (Wanted &one : wanted)
          if (!one.is_found && one.word.field == field) one.is_found = one.is_in(text);
      });
    if (std::ranges::all_of(wanted, &Wanted::is_found)) return true;
  }
  return wanted.empty();
}

} // namespace sekisho::record
