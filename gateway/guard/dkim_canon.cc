#include "gateway/guard/dkim_canon.hh"

#include "sanitizer/job/digest.hh"

#include <algorithm>

namespace sekisho::guard {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t'; }

/// Runs of blanks as one, those at the end gone.
std::string without_blanks(std::string_view line) {
  std::string text;
  text.reserve(line.size());
  bool blank = false;
  for (char c : line) {
    if (is_blank(c)) {
      blank = true;
      continue;
    }
    if (blank) text += ' ';
    blank = false;
    text += c;
  }
  return text;
}

std::string octets_of(job::Digest &digest) { return std::string(as_chars(digest.take())); }

/// Hashes as many octets as are asked for and counts all.
class BodyHash {
public:
  explicit BodyHash(std::uint64_t most) : left_(most) {}
  void add(std::string_view octets) {
    length_ += octets.size();
    octets = octets.substr(0, std::min<std::uint64_t>(left_, octets.size()));
    left_ -= octets.size();
    digest_.add(as_bytes(octets));
  }
  std::uint64_t length() const { return length_; }
  std::string take() { return octets_of(digest_); }

private:
  job::Digest digest_;
  std::uint64_t left_, length_ = 0;
};

/// Gathers what is hashed: a call for each line costs more than the hash.
class Pieces {
public:
  explicit Pieces(BodyHash &hash) : hash_(hash) { piece_.reserve(most + 2); }
  void put(std::string_view octets) {
    if (octets.size() > most) {
      flush();
      hash_.add(octets);
      return;
    }
    if (piece_.size() + octets.size() > most) flush();
    piece_ += octets;
  }
  void flush() {
    hash_.add(piece_);
    piece_.clear();
  }

private:
  static constexpr std::size_t most = 16384;
  BodyHash &hash_;
  std::string piece_;
};

/// §3.4.3: as it is, but for empty lines at its end.
void add_simple(std::string_view body, BodyHash &hash) {
  while (body.ends_with("\r\n")) body.remove_suffix(2);
  hash.add(body);
  hash.add("\r\n");
}

/// §3.4.4: runs of blanks as one, those at the end of a line gone, as are empty lines at its end.
void add_relaxed(std::string_view body, BodyHash &hash) {
  Pieces pieces(hash);
  std::uint64_t empty_lines = 0; // kept back until something follows
  bool any_in_line = false, blank = false;
  std::size_t at = 0;
  while (at < body.size()) {
    const char c = body[at];
    if (is_blank(c)) {
      blank = true;
      ++at;
    } else if (c == '\r' && body.substr(at).starts_with("\r\n")) {
      if (any_in_line) pieces.put("\r\n");
      else ++empty_lines;
      any_in_line = blank = false;
      at += 2;
    } else {
      for (; empty_lines > 0; --empty_lines) pieces.put("\r\n");
      if (blank) pieces.put(" ");
      std::size_t end = at + 1;
      while (end < body.size() && !is_blank(body[end]) && body[end] != '\r') ++end;
      pieces.put(body.substr(at, end - at));
      any_in_line = true;
      blank = false;
      at = end;
    }
  }
  if (any_in_line) pieces.put("\r\n");
  pieces.flush();
}

} // namespace

std::string canonical_field(const Field &field, bool relaxed) {
  if (!relaxed) return std::string(field.whole) + "\r\n";
  std::string value(field.value);
  std::erase_if(value, [](char c) { return c == '\r' || c == '\n'; });
  value = without_blanks(value);
  if (value.starts_with(' ')) value.erase(0, 1);
  return lower_case(field.name) + ':' + value + "\r\n";
}

std::string hash_body(std::string_view body, bool relaxed, std::uint64_t most, std::uint64_t &length) {
  BodyHash hash(most);
  if (relaxed) add_relaxed(body, hash);
  else add_simple(body, hash);
  length = hash.length();
  return hash.take();
}

namespace {

/// The field with nothing behind b=.
std::string without_signature(std::string_view whole) {
  std::string text;
  while (!whole.empty()) {
    const std::size_t end = std::min(whole.find(';'), whole.size());
    std::string_view tag = whole.substr(0, end);
    // the first tag stands behind the field's name
    const std::size_t colon = text.empty() ? tag.find(':') + 1 : 0;
    const std::size_t equals = tag.find('=', colon);
    if (equals != std::string_view::npos && trimmed(tag.substr(colon, equals - colon)) == "b") tag = tag.substr(0, equals + 1);
    text += tag;
    if (end < whole.size()) text += ';';
    whole.remove_prefix(std::min(end + 1, whole.size()));
  }
  return text;
}

} // namespace

std::string signed_header(const Message &message, const std::vector<std::string> &names, const Field &signature,
                          bool relaxed) {
  std::string text;
  std::vector<bool> taken(message.fields.size());
  for (const std::string &name : names) {
    for (std::size_t i = message.fields.size(); i-- > 0;) {
      if (taken[i] || !equals_ignoring_case(message.fields[i].name, name)) continue;
      taken[i] = true;
      text += canonical_field(message.fields[i], relaxed);
      break;
    }
  }
  const std::string whole = without_signature(signature.whole);
  Field own{signature.name, std::string_view(whole).substr(whole.find(':') + 1), whole};
  std::string last = canonical_field(own, relaxed);
  last.resize(last.size() - 2);
  return text + last;
}

std::string sha256(std::string_view octets) {
  job::Digest digest;
  digest.add(as_bytes(octets));
  return octets_of(digest);
}

} // namespace sekisho::guard
