// One pass over the octets, as the tokenizer of the HTML Standard §13.2.5 walks them, and a short
// stack of open elements instead of a tree: enough to know what is hidden, quoted, listed or
// linked.
#include "sanitizer/text/html.hh"

#include "base/find.hh"
#include "base/utf8.hh"
#include "sanitizer/text/html_link.hh"
#include "sanitizer/text/html_output.hh"
#include "sanitizer/text/html_sheet.hh"
#include "sanitizer/text/html_table.hh"
#include "sanitizer/text/html_tags.hh"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>
#include <vector>

namespace sekisho::text {
namespace {

constexpr std::size_t max_open = 512;      // elements on the stack; deeper ones are not tracked
constexpr std::size_t max_attributes = 64; // kept of one tag
constexpr std::size_t max_search = 64;     // how far up an end tag looks for its start
constexpr std::size_t max_value = 8192;    // octets of an attribute read
constexpr std::size_t max_classes = 512;   // octets of them
constexpr std::size_t max_id = 64;
constexpr int max_columns = 1000, max_rows = 65'534; // HTML Standard §4.9.11
constexpr unsigned max_places = 200'000;              // of tables, without words of their own
constexpr std::size_t max_reopened = 8;               // struck elements that another one ended
constexpr unsigned max_indented = 6;                  // lists in lists
constexpr int max_number = 1'000'000;                 // of a list's item
constexpr unsigned max_ahead = 100'000;               // tags that are looked at before their time

struct Open {
  Tag tag = Tag::other;
  int number = 1;      // of a list's next item
  Marks marks = Marks::bullet; // of a list, unless a style says otherwise
  bool is_reversed = false; // <ol>
  bool shown = true;   // as a link, a line of a list …
  bool hides = false;  // text of its own
  bool struck = false; // marked as such
  bool has_child = false;
  unsigned lists = 0;  // around it, with marks
  Look look;
};

/// A <tfoot> that was passed over.
struct Foot {
  std::size_t start, end; // in the input
  std::size_t tables;     // open around it
};

/// Where reading goes on, and of what.
struct Return {
  std::string_view html;
  std::size_t position;
};

struct Generated {
  std::string text;
  Box box = Box::none;
};

/// What speaks of a whole page.
struct Page {
  StyleSheets sheets, before{Place::before}, behind{Place::behind};
  bool generates = false; // there may be rules in the last two
  std::string base; // where its relative links lead on from

  std::size_t rules() const { return sheets.size() + before.size() + behind.size(); }
};

class Converter {
public:
  /// `page`: what is known of it already, where that stands behind what it speaks of.
  Converter(std::string_view html, const PictureNames &pictures, Page *page = nullptr)
      : html_(html), pictures_(pictures), out_(html.size()), page_(page ? *page : own_page_), page_known_(page != nullptr),
        generated_left_(html.size()) {
    links_.set_base(page_.base);
    attributes_.reserve(max_attributes);
    open_.reserve(64);
    path_.reserve(64);
  }

  HtmlText run() {
    while (position_ < html_.size() || go_on()) {
      const std::size_t end = find_either(html_, position_, '<', '&');
      if (end > position_) text(html_.substr(position_, end - position_));
      position_ = end;
      if (position_ == html_.size()) continue;
      if (html_[position_++] == '&')
        reference();
      else
        markup();
    }
    if (page_late_) return Converter(html_, pictures_, &page_).run();
    while (!open_.empty())
      pop();
    close_link();
    found_.text = out_.take();
    return std::move(found_);
  }

private:
  // -- characters
  // --------------------------------------------------------------------------------------
  void text(std::string_view run) {
    if (text_hidden_) {
      const bool is_bracket = open_.back().tag == Tag::rp && run.size() <= 3; // <rt> has its own
      if (!found_.hidden && !is_bracket) found_.hidden = !std::all_of(run.begin(), run.end(), is_space);
      return;
    }
    if (!reopened_.empty() && !std::all_of(run.begin(), run.end(), is_space)) reopen();
    if (open_.empty()) return out_.put_text(run);
    const Look &look = open_.back().look;
    if (look.symbols != SymbolFont::none) return symbols(run);
    switch (look.kept) {
    case Kept::none: return out_.put_text(run);
    case Kept::lines: return out_.put_lines(run);
    case Kept::all: return out_.put_preformatted(run);
    }
  }

  /// In a font whose letters are pictures.
  void symbols(std::string_view run) {
    std::string shown;
    for (std::size_t at = 0; at < run.size();) {
      const char32_t c = utf8_next(run, at);
      const char32_t picture = c == utf8_invalid ? 0 : symbol_character(open_.back().look.symbols, c);
      utf8_append(shown, picture != 0 ? picture : c);
    }
    out_.put_text(shown);
  }

  void reference() {
    reference_.clear();
    append_character_reference(html_, position_, false, reference_);
    if (reference_ == "\u00a0" && text_hidden_) reference_ = " "; // it hides nothing
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
      std::size_t end = find_either(html_, start, quote, quote);
      position_ = std::min(end + 1, html_.size());
      return html_.substr(start, end - start);
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
    const std::size_t start = position_ - 1;
    if (!read_tag()) return;
    Tag tag = tag_named(name_);
    if (tag == Tag::rows && name_ == "tfoot" && put_off(start)) return;
    look_at_attributes(tag);
    close_implied(tag);
    const bool alone = is_void(tag, name_) || open_.size() >= max_open;
    push(tag, alone);
    if (tag == Tag::base) base();
    if (open_.back().shown) {
      opened(tag);
    } else if (tag == Tag::img || (tag == Tag::area && attribute("href"))) {
      found_.hidden = true;
    }
    if (page_.generates && !alone && tag != Tag::rp && !open_.back().look.gone) generate(); // seen where its own text is not, perhaps
    if (open_.back().shown && alone) edge_of(tag, open_.back().look.box);
    if (alone) drop();
    body_seen_ = body_seen_ || !is_of_head(tag);
    skip_raw_text(tag);
  }

  /// What stands before all that a style could speak of.
  bool is_of_head(Tag tag) const {
    return tag == Tag::style || tag == Tag::title || tag == Tag::meta || tag == Tag::link || tag == Tag::script ||
           tag == Tag::base || name_ == "html" || name_ == "head";
  }

  /// Event handlers, remote references; what the element is called, and says of how it looks.
  void look_at_attributes(Tag tag) {
    named_ = {hash_of_name(name_), Match::maybe, {}, {}};
    own_ = hints_ = {};
    if (tag == Tag::button) hint(Style::background, unknown_colour);
    if (tag == Tag::struck) hints_.set |= Style::struck, hints_.hides |= Style::struck;
    if (is_preformatted(tag)) hints_.set |= Style::white_space, hints_.kept = Kept::all;
    for (const Attribute &attribute : attributes_) {
      switch (lower(attribute.name[0])) {
      case 'o':
        if (attribute.name.size() > 4 && lower(attribute.name[1]) == 'n') found_.script = true;
        break;
      case 'c':
        if (named_.classes.empty() && equals_lower(attribute.name, "class"))
          named_.classes = attribute.value.substr(0, max_classes);
        if (name_ == "font" && equals_lower(attribute.name, "color")) hint(Style::colour, colour_in(attribute.value));
        break;
      case 'f':
        if (name_ == "font" && equals_lower(attribute.name, "face")) {
          hints_.set |= Style::font;
          hints_.symbols = symbol_font(attribute.value.substr(0, attribute.value.find(',')));
        }
        break;
      case 'i':
        if (named_.id.empty() && equals_lower(attribute.name, "id")) named_.id = attribute.value.substr(0, max_id);
        break;
      case 't':
        if (name_ == "body" && equals_lower(attribute.name, "text")) hint(Style::colour, colour_in(attribute.value));
        break;
      case 's':
        if (equals_lower(attribute.name, "style"))
          style_attribute(attribute.value);
        else
          look_for_reference(tag, attribute);
        break;
      case 'h':
        if (equals_lower(attribute.name, "hidden"))
          hints_.set |= Style::display, hints_.hides |= Style::display;
        else if (tag == Tag::a && equals_lower(attribute.name, "href") && (text_hidden_ || around().text != black))
          hint(Style::colour, link_blue);
        else
          look_for_reference(tag, attribute);
        break;
      case 'b':
        if (equals_lower(attribute.name, "bgcolor"))
          hint(Style::background, colour_in(attribute.value));
        else if (equals_lower(attribute.name, "background"))
          hint(Style::background, unknown_colour);
        look_for_reference(tag, attribute);
        break;
      case 'd':
      case 'l':
      case 'p': look_for_reference(tag, attribute); break;
      default: break;
      }
    }
  }

  void hint(Style::Property property, Colour colour) {
    hints_.set |= property;
    (property == Style::colour ? hints_.text : hints_.behind) = colour;
  }

  static Colour colour_in(std::string_view value) {
    std::string words = lower_without_space(decode_attribute(value, 32));
    const bool digits = words.size() == 6 && words.find_first_not_of("0123456789abcdef") == words.npos;
    return colour_of(digits ? '#' + words : words);
  }

  void style_attribute(std::string_view value) {
    const bool plain = value.find('&') == value.npos;
    const std::string decoded = plain ? std::string() : decode_attribute(value, max_value);
    const std::string_view css = plain ? value.substr(0, max_value) : std::string_view(decoded);
    CssReader reader(css);
    read_declarations(reader, own_);
    if (css.find("//") != css.npos && lower_without_space(css).find("url(") != std::string::npos) found_.remote = true;
  }

  void look_for_reference(Tag tag, const Attribute &attribute) {
    if (tag == Tag::a || tag == Tag::form || tag == Tag::base || tag == Tag::area || found_.remote) return;
    bool loads = false;
    for (std::string_view name : {"src", "srcset", "background", "data", "href", "lowsrc", "poster"})
      loads = loads || equals_lower(attribute.name, name);
    if (!loads) return;
    found_.remote = attribute.value.find('&') == std::string_view::npos
                        ? is_remote(attribute.value.substr(0, 256))
                        : is_remote(decode_attribute(attribute.value, 256));
  }

  Look around() const { return open_.empty() ? Look() : open_.back().look; }
  // What few pages need is not inlined where each tag passes.
  /// Words that only a style sheet has, before and behind those of the element in hand.
  [[gnu::noinline]] void generate() {
    if (page_.before.may_meet(named_)) put_generated(generated(page_.before));
    if (!page_.behind.may_meet(named_)) return;
    Generated words = generated(page_.behind);
    if (!words.text.empty()) behind_.emplace_back(open_.size(), std::move(words));
  }

  Generated generated(StyleSheets &sheets) {
    Style style;
    Words words = sheets.words_in(path_, attributes_, style);
    const Look look = around().inside(style);
    const bool is_too_much = words.text.size() > generated_left_;
    if (std::ranges::all_of(words.text, is_space)) words.text.clear();
    if (words.left_out || (!words.text.empty() && (look.hides_text() || is_too_much))) found_.hidden = true;
    if (look.hides_text() || is_too_much) return {};
    generated_left_ -= words.text.size();
    return {std::move(words.text), look.box};
  }

  [[gnu::noinline]] void put_generated(const Generated &words) {
    if (words.text.empty()) return;
    edge_of(Tag::other, words.box);
    out_.put_text(words.text);
    edge_of(Tag::other, words.box);
  }

  /// By what look_at_attributes() has seen.
  bool is_styled() const { return own_.set != 0 || hints_.set != 0 || page_.sheets.may_meet(named_); }

  /// Where a parent that has no tags may stand between, nobody knows.
  Match first_in_parent() {
    if (open_.empty()) return Match::maybe;
    constexpr std::uint32_t html = hash_of_name("html");
    const bool is_first = !std::exchange(open_.back().has_child, true);
    if (open_.back().tag == Tag::table || path_.back().name == html) return Match::maybe;
    return is_first ? Match::yes : Match::no;
  }

  /// `alone`: without content, or so deep that it is treated as if it had none.
  void push(Tag tag, bool alone) {
    named_.first = first_in_parent();
    path_.push_back(named_);
    const bool is_inside = !open_.empty();
    Open &open = open_.emplace_back();
    if (is_inside) open.look = (&open - 1)->look;
    if (is_inside) open.lists = (&open - 1)->lists;
    open.tag = tag;
    open.hides = text_hidden_;
    const bool is_list = tag == Tag::ul || tag == Tag::ol;
    if (is_list) open.look.marks = Marks::usual;
    open.look.struck = open.look.raised = open.look.lowered = open.look.tight_above = open.look.tight_below = false;
    open.look.box = Box::none;
    if (is_styled()) {
      open.look = open.look.inside(page_.sheets.style_of(path_, attributes_, hints_, own_));
      open.hides = text_hidden_ = open.look.hides_text();
    }
    open.lists += is_list && open.look.marks != Marks::none;
    if (tag == Tag::rp) open.hides = text_hidden_ = true;
    open.shown = !text_hidden_ || (is_structure(tag) && !open.look.gone && !open.look.invisible);
    if (open.shown) edge_of(tag, open.look.box);
    open.struck = !text_hidden_ && !alone && struck_ == 0 && open.look.struck;
    if (open.shown && !alone && open.look.raised) out_.shift('^');
    if (open.shown && !alone && open.look.lowered) out_.shift('_');
    if (open.struck) out_.open_mark("[取消: ");
    struck_ += open.struck;
  }

  /// Where an element within a line begins or ends.
  void edge_of(Tag tag, Box box) {
    if (box == Box::none || !is_phrase(tag)) return;
    box == Box::block ? out_.block(1) : out_.space();
  }

  static bool is_phrase(Tag tag) {
    switch (tag) {
    case Tag::a:
    case Tag::button:
    case Tag::img:
    case Tag::input:
    case Tag::other:
    case Tag::struck: return true;
    default: return false;
    }
  }

  static bool is_preformatted(Tag tag) { return tag == Tag::pre || tag == Tag::textarea || tag == Tag::raw; }

  /// What makes lines and cells, and pictures: they are seen, or what is inside them, where letters have no size.
  static bool is_structure(Tag tag) {
    switch (tag) {
    case Tag::a:
    case Tag::area:
    case Tag::blockquote:
    case Tag::br:
    case Tag::caption:
    case Tag::dd:
    case Tag::div:
    case Tag::dt:
    case Tag::form:
    case Tag::frame:
    case Tag::heading:
    case Tag::hr:
    case Tag::iframe:
    case Tag::img:
    case Tag::input:
    case Tag::meta:
    case Tag::object:
    case Tag::ol:
    case Tag::p:
    case Tag::rows:
    case Tag::table:
    case Tag::td:
    case Tag::tr:
    case Tag::ul: return true;
    default: return false;
    }
  }

  void drop() {
    open_.pop_back();
    path_.pop_back();
    text_hidden_ = !open_.empty() && open_.back().hides;
  }

  void pop(bool is_own_end = false) {
    const Open &top = open_.back();
    if (top.struck) out_.close_mark("]");
    struck_ -= top.struck;
    if (!behind_.empty() && behind_.back().first == open_.size()) {
      put_generated(behind_.back().second);
      behind_.pop_back();
    }
    if (top.shown) closed(top.tag);
    if (top.shown) edge_of(top.tag, top.look.box);
    if (top.shown && (top.look.raised || top.look.lowered)) out_.end_shift();
    if (top.tag == Tag::struck && !is_own_end && reopened_.size() < max_reopened) reopened_.push_back(path_.back());
    drop();
  }

  /// HTML Standard §13.2.4.3: what strikes out goes on where a paragraph or a cell around it has ended.
  void reopen() {
    for (const Named &element : std::exchange(reopened_, {})) {
      named_ = element;
      own_ = hints_ = {};
      hints_.set = hints_.hides = Style::struck;
      attributes_.clear();
      if (open_.size() < max_open) push(Tag::struck, false);
    }
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
      case Tag::rp:
      case Tag::rt: return open == Tag::rp || open == Tag::rt;
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
    const std::size_t start = position_++ - 1;
    if (!read_tag()) return;
    Tag tag = tag_named(name_);
    if (tag == Tag::table && !feet_.empty() && feet_.back().tables >= tables_.size()) return show_foot(start);
    const bool shown = open_.empty() || !open_.back().look.gone;
    if (tag == Tag::br && shown) return out_.line_break(); // </br> is <br>
    std::uint32_t hash = hash_of_name(name_);
    std::size_t stop = open_.size() > max_search ? open_.size() - max_search : 0;
    for (std::size_t i = open_.size(); i > stop; i--) {
      if (path_[i - 1].name != hash) continue;
      while (open_.size() > i)
        pop();
      return pop(true);
    }
    const auto lost = std::ranges::find(reopened_, hash, &Named::name);
    if (lost != reopened_.end()) reopened_.erase(lost);
    if (tag == Tag::p && shown) out_.block(2); // one without content
  }

  void opened(Tag tag) {
    switch (tag) {
    case Tag::a: return open_link();
    case Tag::area: return area();
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
    case Tag::select:
    case Tag::textarea:
    case Tag::raw: return out_.block(1);
    case Tag::option: return option();
    case Tag::table: return table();
    case Tag::rows: return row_group();
    case Tag::tr: return row();
    case Tag::ul: return out_.block(1);
    case Tag::ol: return ordered_list();
    case Tag::heading: return out_.block(2);
    case Tag::p:
    case Tag::pre: return out_.block(open_.back().look.tight_above ? 1 : 2);
    case Tag::hr:
      out_.block(1);
      out_.put_word("----------");
      return out_.block(1);
    case Tag::img: return image();
    case Tag::input: return input();
    case Tag::li: return list_item();
    case Tag::meta: return meta();
    case Tag::q: return out_.put_word("\"");
    case Tag::rt: return out_.put_word("(");
    case Tag::sub: return out_.shift('_');
    case Tag::sup: return out_.shift('^');
    case Tag::td: return cell();
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
    case Tag::option:
    case Tag::select:
    case Tag::textarea:
    case Tag::raw: return out_.block(1);
    case Tag::li: out_.end_item(); return out_.block(1);
    case Tag::table: return end_table();
    case Tag::rows: return row_group();
    case Tag::tr: return end_row();
    case Tag::ul:
    case Tag::ol: return out_.block(1);
    case Tag::heading: return out_.block(2);
    case Tag::p:
    case Tag::pre: return out_.block(open_.back().look.tight_below ? 1 : 2);
    case Tag::td: return end_cell();
    case Tag::q: return out_.put_word("\"");
    case Tag::rt: return out_.put_word(")");
    case Tag::sub:
    case Tag::sup: return out_.end_shift();
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
    if (tag == Tag::style) style_sheet(content);
    if (tag == Tag::style && content.find("//") != std::string_view::npos &&
        (content.find("url") != std::string_view::npos ||
         content.find("@import") != std::string_view::npos))
      found_.remote = true;
    if (shown) shown_raw_text(tag, content);
    position_ = end;
  }

  void style_sheet(std::string_view css) {
    if (page_known_) return;
    const std::size_t before = page_.rules();
    const std::string_view media = attribute("media").value_or("");
    page_.sheets.add(css, media);
    if (may_generate(css)) {
      page_.generates = true;
      page_.before.add(css, media);
      page_.behind.add(css, media);
      found_.hidden = found_.hidden || !page_.before.is_whole() || !page_.behind.is_whole();
    }
    page_late_ = page_late_ || (body_seen_ && page_.rules() > before);
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
         at += 2)
      if (is_tag(at + 2, name)) return at;
    return html_.size();
  }

  /// Whether that name stands at `at`, to its end.
  bool is_tag(std::size_t at, std::string_view name) const {
    const std::size_t end = at + name.size();
    if (at > html_.size() || !equals_lower(html_.substr(at, name.size()), name)) return false;
    return end == html_.size() || is_space(html_[end]) || html_[end] == '/' || html_[end] == '>';
  }

  // -- single elements
  // ---------------------------------------------------------------------------------
  void image() {
    link_seen_ = true;
    std::optional<std::string_view> alt = attribute("alt");
    std::string description = alt ? decode_attribute(*alt, max_value) : std::string();
    const bool is_silent = std::all_of(description.begin(), description.end(), is_space);
    const std::optional<std::string_view> source = attribute("src");
    const bool is_inside = source && starts_like(source->substr(0, 16), "cid:");
    const std::string name = is_inside ? name_of_picture(*source) : std::string();
    if (is_silent && !is_inside) {
      link_picture_ = link_picture_ || (source && !alt && !is_tiny()); // an empty description: nothing to read in it
      return;
    }
    if (is_silent && name.empty()) return out_.put_word("[画像]");
    out_.put_word("[画像: ");
    out_.put_text(is_silent ? name : description);
    if (!is_silent && !name.empty() && description.find(name) == description.npos) out_.put_text(" (" + name + ')');
    out_.put_word("]");
  }
  std::string name_of_picture(std::string_view source) const {
    if (pictures_.empty()) return {};
    const std::string target = decode_attribute(source, max_value);
    const auto found = pictures_.find(std::string_view(target).substr(target.find(':') + 1));
    return found == pictures_.end() ? std::string() : found->second;
  }

  /// As pictures that count readers are.
  bool is_tiny() const {
    const auto is_slight = [&](std::string_view side) { return number_in(attribute(side)).value_or(100) <= 3; };
    return is_slight("width") || is_slight("height") || (own_.hides & (Style::width | Style::height)) != 0;
  }

  // -- forms: what was ticked, chosen or written, as it stands on the page
  // -----------------------------------------------------------------------------------------------------------------
  void input() {
    found_.active = true;
    const std::string type = lower_without_space(attribute("type").value_or("text"));
    const bool is_checked = attribute("checked").has_value();
    if (type == "checkbox") return out_.put_word(is_checked ? "☑" : "☐");
    if (type == "radio") return out_.put_word(is_checked ? "◉" : "○");
    for (const std::string_view unseen : {"hidden", "password", "image", "submit", "reset", "button", "file", "range", "color"})
      if (type == unseen) return;
    const std::string value = decode_attribute(attribute("value").value_or(""), max_value);
    if (!value.empty()) out_.put_text(" " + value + " ");
  }

  void option() {
    out_.block(1);
    out_.put_word(attribute("selected") ? "◉ " : "○ ");
  }

  /// A whole number at the beginning, as browsers read one.
  static std::optional<int> number_in(std::optional<std::string_view> value) {
    if (!value) return {};
    while (!value->empty() && is_space(value->front()))
      value->remove_prefix(1);
    int number = 0;
    const auto [end, error] = std::from_chars(value->data(), value->data() + value->size(), number);
    return error == std::errc() ? std::optional(std::clamp(number, -max_number, max_number)) : std::nullopt;
  }

  void ordered_list() {
    Open &list = open_.back();
    list.marks = marks_of_type(attribute("type").value_or(""));
    list.is_reversed = attribute("reversed").has_value();
    const std::optional<int> start = number_in(attribute("start"));
    list.number = start || !list.is_reversed ? start.value_or(1) : items_ahead();
    if (!start && list.is_reversed && ahead_left_ == 0) list.marks = Marks::bullet;
    out_.block(1);
  }

  /// Of the list whose start tag was read.
  int items_ahead() {
    int items = 0;
    for (std::size_t at = position_, lists = 1; lists > 0 && ahead_left_ > 0; --ahead_left_) {
      at = html_.find('<', at);
      if (at == html_.npos) break;
      const bool is_end = html_.substr(++at).starts_with('/');
      const auto is = [&](std::string_view name) { return is_tag(at + is_end, name); };
      const bool is_list = is("ol") || is("ul") || is("menu") || is("dir");
      lists += is_list && !is_end;
      lists -= is_list && is_end;
      if (!is_end && lists == 1 && is("li")) ++items;
    }
    return items;
  }

  void list_item() {
    const Open &item = open_.back();
    Marks marks = Marks::bullet;
    int number = 1;
    for (std::size_t i = open_.size(); i > 0 && open_.size() - i < max_search; i--) {
      Open &list = open_[i - 1];
      if (list.tag != Tag::ul && list.tag != Tag::ol) continue;
      number = number_in(attribute("value")).value_or(list.number);
      list.number = number + (list.is_reversed ? -1 : 1);
      marks = list.marks;
      break;
    }
    if (item.look.marks != Marks::usual) marks = item.look.marks;
    found_.hidden = found_.hidden || marks == Marks::written;
    std::string mark = list_mark(marks, number);
    if (!mark.empty()) mark.insert(0, 2 * std::clamp(item.lists, 1u, max_indented) - 2, ' ');
    out_.item(std::move(mark));
  }

  // -- tables
  // -----------------------------------------------------------------------------------------------------------------
  void table() {
    if (!tables_.empty()) tables_.back().holds_table();
    if (tables_.size() < max_open) tables_.emplace_back();
    out_.block(1);
  }

  void end_table() {
    if (!tables_.empty()) {
      tables_.back().write_columns(out_, places_);
      tables_.pop_back();
    }
    out_.block(1);
  }

  /// <tfoot>: it stands at the foot of its table wherever it is written.
  [[gnu::noinline]] bool put_off(std::size_t start) {
    const bool is_second = !feet_.empty() && feet_.back().tables == tables_.size();
    if (tables_.empty() || is_second || !returns_.empty() || !open_.back().shown) return false;
    const std::optional<std::size_t> end = end_of_foot();
    if (!end) return false;
    feet_.push_back({start, *end, tables_.size()});
    position_ = *end;
    return true;
  }

  /// Behind the end tag of the <tfoot> in hand; none where another part of a table, or the end of one, comes before it.
  std::optional<std::size_t> end_of_foot() const {
    for (std::size_t at = position_; (at = html_.find('<', at)) != html_.npos;) {
      if (is_tag(++at, "/tfoot")) return std::min(html_.find('>', at), html_.size() - 1) + 1;
      for (const std::string_view part : {"/table", "table", "tfoot", "tbody", "thead"})
        if (is_tag(at, part)) return {};
    }
    return {};
  }

  /// Before what stands at `position`.
  [[gnu::noinline]] void show_foot(std::size_t position) {
    returns_.push_back({html_, position});
    html_ = html_.substr(0, feet_.back().end);
    position_ = feet_.back().start;
    feet_.pop_back();
  }

  /// At the end: false where nothing is left that was put off.
  [[gnu::noinline]] bool go_on() {
    while (position_ >= html_.size()) {
      if (returns_.empty()) {
        if (feet_.empty()) return false;
        show_foot(html_.size());
        continue;
      }
      html_ = returns_.back().html;
      position_ = returns_.back().position;
      returns_.pop_back();
    }
    return true;
  }

  void row_group() {
    if (tables_.empty()) return;
    tables_.back().end_row();
    tables_.back().end_group();
  }

  void row() {
    out_.block(1);
    if (!tables_.empty()) tables_.back().begin_row();
  }

  void end_row() {
    if (!tables_.empty()) tables_.back().end_row();
    out_.block(1);
  }

  void cell() {
    out_.cell();
    out_.watch();
    if (tables_.empty()) return;
    const int columns = number_in(attribute("colspan")).value_or(1), rows = number_in(attribute("rowspan")).value_or(1);
    tables_.back().begin_cell(static_cast<unsigned>(std::clamp(columns, 1, max_columns)),
                              static_cast<unsigned>(rows == 0 ? max_rows : std::clamp(rows, 1, max_rows))); // 0: to the end
  }

  void end_cell() {
    if (!tables_.empty()) {
      const std::size_t start = out_.first_word();
      tables_.back().end_cell(start == HtmlOutput::none ? std::string_view() : out_.since(start), start);
    }
    out_.cell();
  }

  void meta() {
    std::optional<std::string_view> equivalent = attribute("http-equiv");
    if (equivalent && equals_lower(*equivalent, "refresh")) found_.active = true;
  }

  /// The first one counts, for the links before it too.
  void base() {
    found_.active = true;
    const std::optional<std::string_view> href = attribute("href");
    if (page_known_ || !page_.base.empty() || !href) return;
    page_.base = decode_attribute(*href, href->size());
    links_.set_base(page_.base);
    page_late_ = page_late_ || links_passed_;
  }

  /// A link of a picture that has several.
  void area() {
    if (!attribute("href")) return;
    out_.space();
    open_link();
    link_seen_ = link_picture_ = true;
    out_.put_text(decode_attribute(attribute("alt").value_or(""), max_value));
    close_link();
    out_.space();
  }

  void open_link() {
    close_link();
    std::optional<std::string_view> href = attribute("href");
    if (!href) href = attribute("xlink:href"); // of SVG
    if (!href) return;
    link_ = *href; // its host may stand far behind
    if (link_.find('&') != link_.npos) link_ = decoded_link_ = decode_attribute(link_, link_.size());
    out_.begin_link();
    in_link_ = true;
    link_picture_ = false;
    link_seen_ = !text_hidden_;
  }

  void close_link() {
    if (!in_link_) return;
    in_link_ = false;
    links_passed_ = true;
    const std::string_view words = out_.link();
    LinkText text = links_.text_of(words, link_);
    found_.script = found_.script || text.script;
    if (text.shown.empty() || !(link_seen_ || !words.empty())) return;
    if (words.empty() && link_picture_) out_.put_word("[画像]");
    out_.put_text(" ");
    for (const std::string_view piece : {std::string_view("<"), std::string_view(text.shown), std::string_view(">")})
      out_.put_word(piece);
  }

  std::string_view html_;
  const PictureNames &pictures_;
  std::size_t position_ = 0;
  HtmlOutput out_;
  HtmlText found_;
  Page own_page_;
  Page &page_;
  bool page_known_, page_late_ = false, body_seen_ = false, links_passed_ = false;
  std::vector<Attribute> attributes_;
  std::vector<Open> open_;
  std::vector<Named> path_; // as long as open_
  std::vector<Named> reopened_; // that come before the next word
  std::vector<HtmlTable> tables_; // those that are open
  std::vector<std::pair<std::size_t, Generated>> behind_; // the words of elements, by how many are open with them
  std::vector<Foot> feet_;
  std::vector<Return> returns_;
  Named named_;             // the element in hand
  Style own_, hints_;       // of its style attribute, of its other ones
  std::string name_, reference_, decoded_link_;
  std::string_view link_;
  Links links_;
  bool in_link_ = false, link_seen_ = false, link_picture_ = false, text_hidden_ = false;
  unsigned struck_ = 0, places_ = max_places, ahead_left_ = max_ahead;
  std::size_t generated_left_; // octets
};

} // namespace

bool may_generate(std::string_view css) {
  const auto is = [&](std::size_t at, std::string_view word) { return equals_lower(css.substr(at, word.size()), word); };
  for (std::size_t at = 0; (at = find_either(css, at, 't', 'T')) < css.size(); ++at)
    if ((at >= 3 && is(at - 3, "content")) || (at >= 4 && is(at - 4, "counter-style"))) return true;
  for (std::size_t at = 0; (at = css.find('\\', at)) != css.npos; ++at) // "c\6f ntent", not the "\@" before a name of a font
    if (at + 1 < css.size() && (is_letter(css[at + 1]) || (css[at + 1] >= '0' && css[at + 1] <= '9'))) return true;
  return false;
}

HtmlText html_to_text(std::string_view utf8, const PictureNames &pictures) {
  return Converter(utf8, pictures).run();
}

std::string html_declared_charset(std::string_view octets) {
  std::string start(octets.substr(0, 1024));
  for (char &c : start)
    c = lower(c);
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
