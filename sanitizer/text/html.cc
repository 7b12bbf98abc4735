// One pass over the octets, as the tokenizer of the HTML Standard §13.2.5 walks them, and a short
// stack of open elements instead of a tree: enough to know what is hidden, quoted, listed or
// linked.
#include "sanitizer/text/html.hh"

#include "sanitizer/text/html_output.hh"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

namespace sekisho::text {
namespace {

constexpr std::size_t max_open = 512;      // elements on the stack; deeper ones are not tracked
constexpr std::size_t max_attributes = 64; // kept of one tag
constexpr std::size_t max_search = 64;     // how far up an end tag looks for its start
constexpr std::size_t max_link = 240;      // octets of a link target shown
constexpr std::size_t max_href = 8192;     // octets of a link target read
constexpr std::size_t longest_tag = 16;

enum class Tag : std::uint8_t {
  other,
  a,
  base,
  blockquote,
  br,
  button,
  caption,
  dd,
  div,
  dt,
  embed,
  form,
  frame,
  heading,
  hr,
  iframe,
  img,
  input,
  li,
  link,
  meta,
  object,
  ol,
  option,
  p,
  pre,
  q,
  rt,
  script,
  select,
  skipped,
  source,
  style,
  svg_title,
  table,
  td,
  textarea,
  title,
  tr,
  ul,
  raw,
  plaintext,
};

struct TagRow {
  std::string_view name;
  Tag tag;
};

// Sorted by name.
constexpr TagRow tags[] = {
    {"a", Tag::a},
    {"address", Tag::div},
    {"applet", Tag::object},
    {"article", Tag::div},
    {"aside", Tag::div},
    {"audio", Tag::source},
    {"base", Tag::base},
    {"blockquote", Tag::blockquote},
    {"body", Tag::div},
    {"br", Tag::br},
    {"button", Tag::button},
    {"caption", Tag::caption},
    {"center", Tag::div},
    {"dd", Tag::dd},
    {"details", Tag::div},
    {"dir", Tag::ul},
    {"div", Tag::div},
    {"dl", Tag::div},
    {"dt", Tag::dt},
    {"embed", Tag::embed},
    {"fieldset", Tag::div},
    {"figcaption", Tag::div},
    {"figure", Tag::div},
    {"footer", Tag::div},
    {"form", Tag::form},
    {"frame", Tag::frame},
    {"h1", Tag::heading},
    {"h2", Tag::heading},
    {"h3", Tag::heading},
    {"h4", Tag::heading},
    {"h5", Tag::heading},
    {"h6", Tag::heading},
    {"header", Tag::div},
    {"hr", Tag::hr},
    {"iframe", Tag::iframe},
    {"image", Tag::img},
    {"img", Tag::img},
    {"input", Tag::input},
    {"legend", Tag::div},
    {"li", Tag::li},
    {"link", Tag::link},
    {"listing", Tag::pre},
    {"main", Tag::div},
    {"menu", Tag::ul},
    {"meta", Tag::meta},
    {"nav", Tag::div},
    {"noembed", Tag::skipped},
    {"noframes", Tag::skipped},
    {"object", Tag::object},
    {"ol", Tag::ol},
    {"option", Tag::option},
    {"p", Tag::p},
    {"plaintext", Tag::plaintext},
    {"pre", Tag::pre},
    {"q", Tag::q},
    {"rt", Tag::rt},
    {"script", Tag::script},
    {"section", Tag::div},
    {"select", Tag::select},
    {"source", Tag::source},
    {"style", Tag::style},
    {"summary", Tag::div},
    {"table", Tag::table},
    {"tbody", Tag::other},
    {"td", Tag::td},
    {"template", Tag::skipped},
    {"textarea", Tag::textarea},
    {"th", Tag::td},
    {"title", Tag::title},
    {"tr", Tag::tr},
    {"track", Tag::source},
    {"ul", Tag::ul},
    {"video", Tag::source},
    {"xmp", Tag::raw},
};

Tag tag_named(std::string_view lower) {
  auto row = std::lower_bound(std::begin(tags), std::end(tags), lower,
                              [](const TagRow &row, std::string_view n) { return row.name < n; });
  return row != std::end(tags) && row->name == lower ? row->tag : Tag::other;
}

bool is_void(Tag tag, std::string_view name) {
  switch (tag) {
  case Tag::base:
  case Tag::br:
  case Tag::embed:
  case Tag::frame:
  case Tag::hr:
  case Tag::img:
  case Tag::input:
  case Tag::link:
  case Tag::meta: return true;
  case Tag::source: return name == "source" || name == "track";
  default:
    return name == "wbr" || name == "col" || name == "area" || name == "param" || name == "keygen";
  }
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}
bool is_letter(char c) {
  return lower(c) >= 'a' && lower(c) <= 'z';
}
bool is_space(char c) {
  return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f';
}

bool equals_lower(std::string_view text, std::string_view wanted) {
  return text.size() == wanted.size() && std::equal(text.begin(), text.end(), wanted.begin(),
                                                    [](char a, char b) { return lower(a) == b; });
}

std::string lower_without_space(std::string_view text) {
  std::string result;
  for (char c : text)
    if (static_cast<unsigned char>(c) > 0x20) result += lower(c);
  return result;
}

std::string decode_attribute(std::string_view raw, std::size_t limit) {
  raw = raw.substr(0, limit);
  std::string value;
  for (std::size_t position = 0; position < raw.size();) {
    char c = raw[position++];
    if (c == '&')
      append_character_reference(raw, position, true, value);
    else
      value += c;
  }
  return value;
}

/// Whether a CSS property is set to nothing: "font-size:0px", not "font-size:0.9em".
bool is_zero(std::string_view style, std::string_view property) {
  for (std::size_t at = 0; (at = style.find(property, at)) != std::string_view::npos;) {
    at += property.size();
    std::size_t end = style.find_first_not_of("0.", at);
    char next = end == std::string_view::npos ? ';' : style[end];
    if (end != at && !(next >= '1' && next <= '9')) return true;
  }
  return false;
}

bool hides(const std::string &style) {
  for (std::string_view words : {"display:none", "visibility:hidden", "mso-hide:all"})
    if (style.find(words) != std::string::npos) return true;
  for (std::string_view property : {"font-size:", "opacity:", "max-height:"})
    if (is_zero(style, property)) return true;
  return false;
}

bool is_remote(std::string_view target) {
  std::string start = lower_without_space(target.substr(0, 64));
  return start.starts_with("http:") || start.starts_with("https:") || start.starts_with("ftp:") ||
         start.starts_with("//") || start.starts_with("\\\\") || start.starts_with("file:");
}

struct Attribute {
  std::string_view name, value; // as written; borrowed from the input
};

struct Open {
  Tag tag = Tag::other;
  std::uint32_t name_hash = 0;
  bool hidden = false;
  unsigned number = 0; // <ol>: the next item's
};

std::uint32_t hash_of(std::string_view lower_name) {
  std::uint32_t hash = 2166136261u;
  for (char c : lower_name)
    hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
  return hash;
}

class Converter {
public:
  explicit Converter(std::string_view html) : html_(html), out_(html.size()) {
    attributes_.reserve(max_attributes);
    open_.reserve(64);
  }

  HtmlText run() {
    while (position_ < html_.size()) {
      std::size_t end = position_;
      while (end < html_.size() && html_[end] != '<' && html_[end] != '&') end++;
      if (end > position_) text(html_.substr(position_, end - position_));
      position_ = end;
      if (position_ == html_.size()) break;
      if (html_[position_++] == '&')
        reference();
      else
        markup();
    }
    close_link();
    found_.text = out_.take();
    return std::move(found_);
  }

private:
  // -- characters
  // --------------------------------------------------------------------------------------
  void text(std::string_view run) {
    if (hidden_ > 0) {
      if (!found_.hidden) found_.hidden = !std::all_of(run.begin(), run.end(), is_space);
      return;
    }
    preformatted_ > 0 ? out_.put_preformatted(run) : out_.put_text(run);
  }

  void reference() {
    reference_.clear();
    append_character_reference(html_, position_, false, reference_);
    if (reference_ == "\xc2\xa0")
      reference_ = " "; // a no-break space breaks as any other in plain text
    text(reference_);
  }

  // -- markup
  // ------------------------------------------------------------------------------------------
  /// `position_`: behind '<'.
  void markup() {
    char c = position_ < html_.size() ? html_[position_] : '\0';
    if (is_letter(c)) return start_tag();
    if (c == '/') {
      char next = position_ + 1 < html_.size() ? html_[position_ + 1] : '\0';
      if (is_letter(next)) return end_tag();
      return skip_behind('>');
    }
    if (c == '!') return declaration();
    if (c == '?') return skip_behind('>');
    text("<");
  }

  void skip_behind(char c) {
    std::size_t end = html_.find(c, position_);
    position_ = end == std::string_view::npos ? html_.size() : end + 1;
  }

  void declaration() {
    std::string_view rest = html_.substr(position_);
    if (!rest.starts_with("!--")) return skip_behind('>');
    if (rest.starts_with("!-->")) return void(position_ += 4);
    if (rest.starts_with("!--->")) return void(position_ += 5);
    std::size_t end = html_.find("--", position_ + 3);
    while (end != std::string_view::npos) {
      std::size_t behind = html_.find_first_not_of('-', end);
      if (behind == std::string_view::npos) break;
      if (html_[behind] == '>') return void(position_ = behind + 1);
      if (html_.substr(behind, 2) == "!>") return void(position_ = behind + 2);
      end = html_.find("--", behind);
    }
    position_ = html_.size();
  }

  /// Reads a tag from its name on; false when the input ends inside it: then it is no tag.
  bool read_tag() {
    std::size_t start = position_;
    while (position_ < html_.size() && !is_space(html_[position_]) && html_[position_] != '/' &&
           html_[position_] != '>')
      position_++;
    std::string_view name = html_.substr(start, std::min(position_ - start, longest_tag));
    name_.assign(name);
    std::transform(name_.begin(), name_.end(), name_.begin(), lower);
    attributes_.clear();
    for (;;) {
      while (position_ < html_.size() && (is_space(html_[position_]) || html_[position_] == '/'))
        position_++;
      if (position_ == html_.size()) return false;
      if (html_[position_] == '>') {
        position_++;
        return true;
      }
      read_attribute();
    }
  }

  void read_attribute() {
    std::size_t start = position_++; // a leading '=' belongs to the name
    while (position_ < html_.size() && !is_space(html_[position_]) && html_[position_] != '/' &&
           html_[position_] != '>' && html_[position_] != '=')
      position_++;
    Attribute attribute{html_.substr(start, position_ - start), {}};
    std::size_t at = position_;
    while (at < html_.size() && is_space(html_[at]))
      at++;
    if (at < html_.size() && html_[at] == '=') {
      position_ = at + 1;
      attribute.value = read_value();
    }
    if (attributes_.size() < max_attributes) attributes_.push_back(attribute);
  }

  std::string_view read_value() {
    while (position_ < html_.size() && is_space(html_[position_]))
      position_++;
    if (position_ == html_.size() || html_[position_] == '>') return {};
    char quote = html_[position_];
    if (quote == '"' || quote == '\'') {
      std::size_t start = ++position_;
      std::size_t end = html_.find(quote, start);
      position_ = end == std::string_view::npos ? html_.size() : end + 1;
      return html_.substr(start, end == std::string_view::npos ? end : end - start);
    }
    std::size_t start = position_;
    while (position_ < html_.size() && !is_space(html_[position_]) && html_[position_] != '>')
      position_++;
    return html_.substr(start, position_ - start);
  }

  std::optional<std::string_view> attribute(std::string_view name) const {
    for (const Attribute &attribute : attributes_)
      if (equals_lower(attribute.name, name)) return attribute.value;
    return {};
  }

  // -- elements
  // ----------------------------------------------------------------------------------------
  void start_tag() {
    if (!read_tag()) return;
    Tag tag = tag_named(name_);
    bool hidden = look_at_attributes(tag);
    close_implied(tag);
    bool empty = is_void(tag, name_);
    if (!empty) push(tag, hidden);
    if (hidden_ == 0 && !(empty && hidden))
      opened(tag);
    else if (hidden && tag == Tag::img)
      found_.hidden = true;
    skip_raw_text(tag);
  }

  /// Event handlers, styles, remote references; whether the element is hidden.
  bool look_at_attributes(Tag tag) {
    bool hidden = false;
    for (const Attribute &attribute : attributes_) {
      char first = lower(attribute.name[0]);
      if (first == 'o' && attribute.name.size() > 4 && lower(attribute.name[1]) == 'n') {
        found_.script = true;
      } else if (first == 'h' && equals_lower(attribute.name, "hidden")) {
        hidden = true;
      } else if (first == 's' && equals_lower(attribute.name, "style")) {
        std::string style = lower_without_space(decode_attribute(attribute.value, max_href));
        hidden = hidden || hides(style);
        if (style.find("url(") != std::string::npos && style.find("//") != std::string::npos)
          found_.remote = true;
      } else if (tag != Tag::a && tag != Tag::form && tag != Tag::base &&
                 (first == 's' || first == 'b' || first == 'd' || first == 'h' || first == 'l' ||
                  first == 'p')) {
        bool loads = false;
        for (std::string_view name :
             {"src", "srcset", "background", "data", "href", "lowsrc", "poster"})
          loads = loads || equals_lower(attribute.name, name);
        if (loads && is_remote(decode_attribute(attribute.value, 256)) && name_ != "area")
          found_.remote = true;
      }
    }
    return hidden;
  }

  void push(Tag tag, bool hidden) {
    if (open_.size() >= max_open) return;
    open_.push_back({tag, hash_of(name_), hidden, 1});
    if (hidden) hidden_++;
    if (tag == Tag::pre || tag == Tag::textarea || tag == Tag::raw) preformatted_++;
  }

  void pop() {
    Open top = open_.back();
    open_.pop_back();
    if (top.tag == Tag::pre || top.tag == Tag::textarea || top.tag == Tag::raw) preformatted_--;
    if (hidden_ == 0) closed(top.tag);
    if (top.hidden) hidden_--;
  }

  /// What a start tag ends without saying so: <li> the item before, <p> a paragraph …
  void close_implied(Tag tag) {
    auto ends = [&](Tag open) {
      switch (tag) {
      case Tag::li: return open == Tag::li;
      case Tag::dd:
      case Tag::dt: return open == Tag::dd || open == Tag::dt;
      case Tag::tr: return open == Tag::tr || open == Tag::td;
      case Tag::td: return open == Tag::td;
      case Tag::option: return open == Tag::option;
      case Tag::p:
      case Tag::div:
      case Tag::ul:
      case Tag::ol:
      case Tag::table:
      case Tag::blockquote:
      case Tag::heading:
      case Tag::hr:
      case Tag::pre:
      case Tag::form: return open == Tag::p;
      default: return false;
      }
    };
    auto is_border = [](Tag open) {
      return open == Tag::table || open == Tag::ul || open == Tag::ol || open == Tag::blockquote ||
             open == Tag::div;
    };
    std::size_t keep = open_.size();
    std::size_t stop = open_.size() > 8 ? open_.size() - 8 : 0;
    for (std::size_t i = open_.size(); i > stop; i--) {
      if (ends(open_[i - 1].tag))
        keep = i - 1;
      else if (is_border(open_[i - 1].tag))
        break;
    }
    while (open_.size() > keep)
      pop();
  }

  void end_tag() {
    position_++;
    if (!read_tag()) return;
    Tag tag = tag_named(name_);
    if (tag == Tag::br && hidden_ == 0) return out_.line_break(); // </br> is <br>
    if (tag == Tag::p && hidden_ == 0) out_.block(2);
    std::uint32_t hash = hash_of(name_);
    std::size_t stop = open_.size() > max_search ? open_.size() - max_search : 0;
    for (std::size_t i = open_.size(); i > stop; i--) {
      if (open_[i - 1].name_hash != hash) continue;
      while (open_.size() >= i)
        pop();
      return;
    }
  }

  void opened(Tag tag) {
    switch (tag) {
    case Tag::a: return open_link();
    case Tag::base:
    case Tag::embed:
    case Tag::object: found_.active = true; return;
    case Tag::form: found_.active = true; return out_.block(1);
    case Tag::frame:
    case Tag::iframe: found_.active = true; return;
    case Tag::blockquote: return out_.quote(true);
    case Tag::br: return out_.line_break();
    case Tag::caption:
    case Tag::dd:
    case Tag::div:
    case Tag::dt:
    case Tag::option:
    case Tag::table:
    case Tag::tr:
    case Tag::select:
    case Tag::textarea:
    case Tag::raw: return out_.block(1);
    case Tag::ul:
    case Tag::ol: return out_.block(1);
    case Tag::heading:
    case Tag::p:
    case Tag::pre: return out_.block(2);
    case Tag::hr:
      out_.block(1);
      out_.put_word("----------");
      return out_.block(1);
    case Tag::img: return image();
    case Tag::input: found_.active = true; return;
    case Tag::li: return list_item();
    case Tag::meta: return meta();
    case Tag::q: return out_.put_word("\"");
    case Tag::rt: return out_.put_word("(");
    case Tag::td: return out_.cell();
    default: return;
    }
  }

  void closed(Tag tag) {
    switch (tag) {
    case Tag::a: return close_link();
    case Tag::blockquote: return out_.quote(false);
    case Tag::caption:
    case Tag::dd:
    case Tag::div:
    case Tag::dt:
    case Tag::form:
    case Tag::li:
    case Tag::option:
    case Tag::table:
    case Tag::tr:
    case Tag::select:
    case Tag::textarea:
    case Tag::raw: return out_.block(1);
    case Tag::ul:
    case Tag::ol: return out_.block(1);
    case Tag::heading:
    case Tag::p:
    case Tag::pre: return out_.block(2);
    case Tag::td: return out_.cell();
    case Tag::q: return out_.put_word("\"");
    case Tag::rt: return out_.put_word(")");
    default: return;
    }
  }

  /// Elements whose content is no markup.  Their text is skipped or, for a few, shown.
  void skip_raw_text(Tag tag) {
    if (tag == Tag::plaintext) {
      text(html_.substr(position_));
      position_ = html_.size();
      return;
    }
    bool shown = tag == Tag::textarea || tag == Tag::raw;
    bool skipped = tag == Tag::script || tag == Tag::style || tag == Tag::title ||
                   tag == Tag::iframe || tag == Tag::skipped;
    if (!shown && !skipped) return;
    if (tag == Tag::script) found_.script = true;
    std::string name = name_;
    std::size_t start = position_, end = find_end_tag(name);
    std::string_view content = html_.substr(start, end - start);
    if (tag == Tag::style && content.find("//") != std::string_view::npos &&
        (content.find("url") != std::string_view::npos ||
         content.find("@import") != std::string_view::npos))
      found_.remote = true;
    if (shown) shown_raw_text(tag, content);
    position_ = end;
  }

  void shown_raw_text(Tag tag, std::string_view content) {
    if (tag == Tag::raw) return text(content);
    std::string decoded; // RCDATA: references count
    for (std::size_t at = 0; at < content.size();) {
      char c = content[at++];
      if (c == '&')
        append_character_reference(content, at, false, decoded);
      else
        decoded += c;
    }
    text(decoded);
  }

  std::size_t find_end_tag(std::string_view name) const {
    for (std::size_t at = position_; (at = html_.find("</", at)) != std::string_view::npos;
         at += 2) {
      std::string_view found = html_.substr(at + 2, name.size());
      if (!equals_lower(found, name)) continue;
      char next = at + 2 + name.size() < html_.size() ? html_[at + 2 + name.size()] : '>';
      if (is_space(next) || next == '/' || next == '>') return at;
    }
    return html_.size();
  }

  // -- single elements
  // ---------------------------------------------------------------------------------
  void image() {
    std::optional<std::string_view> alt = attribute("alt");
    std::string description = alt ? decode_attribute(*alt, max_href) : std::string();
    if (std::all_of(description.begin(), description.end(), is_space)) {
      std::optional<std::string_view> source = attribute("src");
      if (!source || !lower_without_space(source->substr(0, 16)).starts_with("cid:")) return;
      return out_.put_word("[画像]");
    }
    out_.put_word("[画像: ");
    out_.put_text(description);
    out_.put_word("]");
  }

  void list_item() {
    out_.block(1);
    for (std::size_t i = open_.size(); i > 0 && open_.size() - i < max_search; i--) {
      if (open_[i - 1].tag == Tag::ul) break;
      if (open_[i - 1].tag == Tag::ol)
        return out_.put_word(std::to_string(open_[i - 1].number++) + ". ");
    }
    out_.put_word("- ");
  }

  void meta() {
    std::optional<std::string_view> equivalent = attribute("http-equiv");
    if (equivalent && equals_lower(*equivalent, "refresh")) found_.active = true;
  }

  void open_link() {
    close_link();
    std::optional<std::string_view> href = attribute("href");
    if (!href) return;
    link_ = decode_attribute(*href, max_href);
    link_start_ = out_.size();
    in_link_ = true;
  }

  /// The true target behind the text, in a form no program turns into a link again.
  void close_link() {
    if (!in_link_) return;
    in_link_ = false;
    std::string target;
    for (char c : link_)
      if (static_cast<unsigned char>(c) > 0x20 && c != 0x7f) target += c;
    std::string start = lower_without_space(std::string_view(target).substr(0, 16));
    if (start.starts_with("javascript:") || start.starts_with("vbscript:") ||
        start.starts_with("data:")) {
      found_.script = true;
      return;
    }
    std::string shown(out_.since(link_start_));
    if (start.starts_with("mailto:") || start.starts_with("tel:")) {
      std::string address = target.substr(target.find(':') + 1);
      address.resize(std::min(address.find('?'), address.size()));
      if (!address.empty() && shown.find(address) == std::string::npos) put_target(address);
      return;
    }
    bool web = start.starts_with("http:") || start.starts_with("https:");
    if (start.starts_with("//")) target.insert(0, "https:"), web = true;
    if (!web) {
      if (is_remote(target)) put_target(target);
      return;
    }
    if (!says_the_same(shown, target)) put_target(defanged(target));
  }

  void put_target(std::string_view target) {
    std::string cut(target.substr(0, max_link));
    if (cut.size() < target.size()) {
      while (!cut.empty() && (cut.back() & 0xc0) == 0x80)
        cut.pop_back();
      if (!cut.empty() && (cut.back() & 0x80)) cut.pop_back();
      cut += "…";
    }
    out_.put_text(" ");
    out_.put_word("<" + cut + ">");
  }

  static std::string_view without_scheme(std::string_view url) {
    std::size_t slashes = url.find("//");
    if (slashes != std::string_view::npos && slashes <= 6) url.remove_prefix(slashes + 2);
    while (url.ends_with('/'))
      url.remove_suffix(1);
    return url;
  }

  static bool says_the_same(std::string_view shown, std::string_view target) {
    while (!shown.empty() && is_space(shown.front()))
      shown.remove_prefix(1);
    while (!shown.empty() && is_space(shown.back()))
      shown.remove_suffix(1);
    return !shown.empty() && without_scheme(shown) == without_scheme(target);
  }

  /// hxxps://www[.]example[.]jp/path
  static std::string defanged(std::string_view url) {
    std::size_t slashes = url.find(':');
    std::string result = lower(url[4]) == 's' ? "hxxps" : "hxxp";
    std::string_view rest = url.substr(slashes);
    std::size_t host = std::min(rest.find_first_not_of(":/\\"), rest.size());
    std::size_t end = std::min(rest.find_first_of("/?#\\", host), rest.size());
    result += rest.substr(0, host);
    for (char c : rest.substr(host, end - host)) {
      if (c == '.')
        result += "[.]";
      else
        result += c;
    }
    result += rest.substr(end);
    return result;
  }

  std::string_view html_;
  std::size_t position_ = 0;
  HtmlOutput out_;
  HtmlText found_;
  std::vector<Attribute> attributes_;
  std::vector<Open> open_;
  std::string name_, reference_, link_;
  std::size_t link_start_ = 0;
  bool in_link_ = false;
  unsigned hidden_ = 0, preformatted_ = 0;
};

} // namespace

HtmlText html_to_text(std::string_view utf8) {
  return Converter(utf8).run();
}

std::string html_declared_charset(std::string_view octets) {
  std::string start;
  for (char c : octets.substr(0, 1024))
    start += lower(c);
  std::size_t meta = 0;
  while ((meta = start.find("<meta", meta)) != std::string::npos) {
    std::size_t end = std::min(start.find('>', meta), start.size());
    std::size_t at = start.find("charset", meta);
    meta = end;
    if (at == std::string::npos || at > end) continue;
    at = start.find_first_not_of(" \t\r\n=\"'", at + 7);
    if (at == std::string::npos || at > end) continue;
    std::size_t stop = std::min(start.find_first_of(" \t\r\n\"';>/", at), end);
    return start.substr(at, stop - at);
  }
  return {};
}

} // namespace sekisho::text
