// Writes tokens back in one way: a sentence on one line if it is short and holds no comment, else
// one item a line; items in a fixed order.  A comment on its own line stays before what it stood
// before; one behind the last word of an item or sentence stays behind it; any other moves in front
// of the item it interrupts.
#include "rules/format.hh"

#include "base/address.hh"
#include "rules/compile.hh"
#include "rules/parse.hh"

#include <fmt/format.h>

#include <algorithm>

namespace sekisho::rules {
namespace {

std::string quote(std::string_view text) {
  std::string quoted = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + "\"";
}

/// Addresses in their shortest form, `20MB` as `20 MB`; names as they are.
std::string canonical_word(const std::string &word) {
  if (std::optional<Mac> mac = parse_mac(word)) return to_string(*mac);
  if (std::optional<Ip> ip = parse_ip(word)) return to_string(*ip);
  if (std::optional<Network> network = parse_network(word)) return to_string(*network);
  std::size_t digits = word.find_first_not_of("0123456789");
  if (digits != std::string::npos && digits > 0) {
    std::string unit = word.substr(digits);
    if (unit == "MB" || unit == "KB" || unit == "s") return word.substr(0, digits) + " " + unit;
  }
  return word;
}

std::size_t width_of(std::string_view text) {
  std::size_t width = 0;
  while (!text.empty()) {
    Character character = first_character(text);
    width += display_width(character.code);
    text.remove_prefix(character.octets);
  }
  return width;
}

class Writer {
public:
  Writer(const Lexed &lexed, Comments comments)
      : lexed_(lexed), comments_(comments), comment_end_(lexed.comments.size()) {}

  std::string run(const std::vector<Outline> &outlines) {
    std::size_t previous_line = 0; // last line of the sentence before, 0 at the start
    for (const Outline &outline : outlines) {
      bool gap = previous_line > 0 && wants_gap(outline, previous_line);
      if (gap) text_ += '\n';
      leading(outline.first, 0);
      sentence(outline);
      previous_line = last_line(outline);
    }
    std::size_t end = lexed_.tokens.size() - 1;
    if (next_comment_ < comment_end_ && !text_.empty() && comments_ == Comments::kept &&
        lexed_.comments[next_comment_].after_blank)
      text_ += '\n';
    leading(end, 0);
    return std::move(text_);
  }

private:
  std::size_t last_line(const Outline &outline) const {
    return lexed_.tokens[outline.last - 1].place.line;
  }

  /// A blank line stands where the writer put one, and around sentences of several lines.
  bool wants_gap(const Outline &outline, std::size_t previous_line) {
    (void)previous_line;
    bool gap = outline.kind != previous_kind_ || outline.kind == Outline::Kind::permit ||
               outline.kind == Outline::Kind::relay || !fits(outline) || !previous_fitted_;
    return gap || comment_before(outline.first);
  }
  bool comment_before(std::size_t token) const {
    return comments_ == Comments::kept && next_comment_ < comment_end_ &&
           lexed_.comments[next_comment_].before <= token;
  }

  void line(unsigned indent, std::string_view text) {
    text_.append(indent * 4, ' ');
    text_ += text;
    text_ += '\n';
  }

  /// Comments that stand before token number `token`.
  void leading(std::size_t token, unsigned indent) {
    for (; next_comment_ < comment_end_ && lexed_.comments[next_comment_].before <= token;
         ++next_comment_) {
      if (comments_ == Comments::dropped) continue;
      const Comment &comment = lexed_.comments[next_comment_];
      bool first = text_.empty() || text_.ends_with("{\n") || text_.ends_with("\n\n");
      if (comment.after_blank && comment.own_line && !first) text_ += '\n';
      line(indent, comment.text);
    }
  }

  std::string words(std::size_t first, std::size_t last) const {
    std::string text;
    for (std::size_t i = first; i < last; ++i) {
      const Token &token = lexed_.tokens[i];
      if (token.type == Token::Type::comma) {
        text += ',';
        continue;
      }
      std::string word =
          token.type == Token::Type::string ? quote(token.text) : canonical_word(token.text);
      bool dash = word == "-" || (i > first && lexed_.tokens[i - 1].text == "-" &&
                                  lexed_.tokens[i - 1].type == Token::Type::word);
      if (!text.empty() && !dash) text += ' ';
      text += word;
    }
    return text;
  }

  /// Items in canonical order; of equal rank as written.
  static std::vector<const Outline *> in_order(const Outline &outline) {
    std::vector<const Outline *> items;
    for (const Outline &item : outline.items)
      items.push_back(&item);
    std::stable_sort(items.begin(), items.end(),
                     [](const Outline *a, const Outline *b) { return a->rank < b->rank; });
    return items;
  }

  std::string joined_items(const Outline &outline) const {
    std::string text;
    for (const Outline *item : in_order(outline))
      text += (text.empty() ? "" : "  ") + words(item->first, item->head_end);
    return text;
  }

  bool holds_comment(const Outline &outline) const {
    if (comments_ == Comments::dropped) return false;
    return std::any_of(lexed_.comments.begin(), lexed_.comments.end(), [&](const Comment &comment) {
      return comment.before > outline.first && comment.before < outline.last;
    });
  }

  static bool may_be_short(const Outline &outline) {
    return outline.kind == Outline::Kind::zone || outline.kind == Outline::Kind::host;
  }
  std::string short_form(const Outline &outline) const {
    return fmt::format("{} {{ {} }}", words(outline.first, outline.head_end),
                       joined_items(outline));
  }
  bool fits(const Outline &outline) const {
    return may_be_short(outline) && !holds_comment(outline) &&
           width_of(short_form(outline)) <= canonical_width;
  }

  void sentence(const Outline &outline) {
    previous_kind_ = outline.kind;
    previous_fitted_ = fits(outline);
    if (previous_fitted_) {
      line(0, short_form(outline) + trailing(outline.last));
    } else if (outline.kind == Outline::Kind::permit) {
      permit(outline);
    } else {
      block(outline, 0);
    }
  }

  void permit(const Outline &outline) {
    std::string ledger = joined_items(outline);
    if (holds_comment(outline)) { // their words stay together, so inner comments come first
      leading(outline.last - 1, 0);
    }
    line(0, words(outline.first, outline.head_end));
    std::string behind = trailing(outline.last);
    if (4 + width_of(ledger) <= canonical_width || outline.items.empty()) {
      if (!ledger.empty()) line(1, ledger + behind);
      return;
    }
    std::vector<const Outline *> items = in_order(outline);
    for (const Outline *item : items)
      line(1, words(item->first, item->head_end) + (item == items.back() ? behind : ""));
  }

  /// A comment behind the last token before `token`, on the same line.
  std::string trailing(std::size_t token) {
    if (next_comment_ >= comment_end_ || comments_ == Comments::dropped) return {};
    const Comment &comment = lexed_.comments[next_comment_];
    if (comment.before != token || comment.own_line) return {};
    ++next_comment_;
    return "  " + comment.text;
  }

  void block(const Outline &outline, unsigned indent) {
    std::size_t items_begin =
        outline.items.empty() ? outline.last - 1 : outline.items.front().first;
    // Comments inside the head come before it; one behind `{` becomes the first line of the block.
    leading(outline.head_end, indent);
    line(indent, words(outline.first, outline.head_end) + " {");
    (void)items_begin;
    std::vector<Piece> pieces = read_items(outline);
    for (const Piece &piece : pieces)
      write(piece, outline, indent + 1);
    leading(outline.last - 1, indent + 1);
    line(indent, "}" + trailing(outline.last));
  }

  /// An item with the comments that belong to it, so that both can be moved.
  struct Piece {
    const Outline *item;
    std::size_t first_comment, end_comment; // in front of it or in it
    bool has_trailing;                      // the comment after those stands behind it
  };

  std::vector<Piece> read_items(const Outline &outline) {
    std::vector<Piece> pieces;
    std::size_t next = next_comment_;
    for (const Outline &item : outline.items) {
      Piece piece{&item, next, next, false};
      while (next < comment_end_ && lexed_.comments[next].before < item.last)
        ++next;
      piece.end_comment = next;
      if (next < comment_end_ && lexed_.comments[next].before == item.last &&
          !lexed_.comments[next].own_line) {
        piece.has_trailing = true;
        ++next;
      }
      pieces.push_back(piece);
    }
    std::stable_sort(pieces.begin(), pieces.end(),
                     [](const Piece &a, const Piece &b) { return a.item->rank < b.item->rank; });
    after_items_ = next;
    return pieces;
  }

  void write(const Piece &piece, const Outline &outline, unsigned indent) {
    std::size_t after = after_items_;
    std::size_t end = comment_end_;
    next_comment_ = piece.first_comment;
    comment_end_ = piece.end_comment + (piece.has_trailing ? 1 : 0);
    if (piece.item->kind == Outline::Kind::attachment) {
      leading(piece.item->first, indent);
      block(*piece.item, indent);
    } else {
      std::size_t with_trailing = comment_end_;
      comment_end_ = piece.end_comment;
      leading(piece.item->last, indent);
      comment_end_ = with_trailing;
      line(indent, words(piece.item->first, piece.item->head_end) + trailing(piece.item->last));
    }
    (void)outline;
    comment_end_ = end;
    next_comment_ = after_items_ = after;
  }

  const Lexed &lexed_;
  Comments comments_;
  std::size_t comment_end_;
  std::size_t next_comment_ = 0, after_items_ = 0;
  std::string text_;
  Outline::Kind previous_kind_ = Outline::Kind::item;
  bool previous_fitted_ = true;
};

} // namespace

std::string canonical_text(const Lexed &lexed, const std::vector<Outline> &outlines,
                           Comments comments) {
  return Writer(lexed, comments).run(outlines);
}

std::string format(const SourceFile &source, std::vector<Diagnostic> &diagnostics) {
  Reporter reporter(diagnostics);
  Sentences sentences;
  Lexed lexed = lex(source, 0, reporter);
  std::vector<Outline> outlines = parse(lexed, sentences, reporter);
  if (reporter.errors() > 0) return {};
  return canonical_text(lexed, outlines, Comments::kept);
}

} // namespace sekisho::rules
