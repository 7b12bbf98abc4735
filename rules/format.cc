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
  quoted += '"';
  return quoted;
}

/// Addresses in their shortest form, `20MB` as `20 MB`; names as they are.
std::string canonical_word(std::string_view word) {
  if (word.find_first_of(".:/0123456789") == std::string_view::npos ||
      word.find_first_not_of("0123456789") == std::string_view::npos)
    return std::string(word);
  if (std::optional<Mac> mac = parse_mac(word)) return to_string(*mac);
  if (std::optional<Ip> ip = parse_ip(word)) return to_string(*ip);
  if (std::optional<Network> network = parse_network(word)) return to_string(*network);
  std::size_t digits = word.find_first_not_of("0123456789");
  if (digits != std::string::npos && digits > 0) {
    for (std::string_view unit : {"GB", "MB", "KB", "s", "Kbit", "Mbit", "Gbit"})
      if (word.substr(digits) == unit) return fmt::format("{} {}", word.substr(0, digits), unit);
  }
  return std::string(word);
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

/// A sentence or item with the comments that belong to it, so that both can be moved.
struct Piece {
  const Outline *outline = nullptr;
  std::vector<const Comment *> before; // in front of it, then those from inside its words
  std::size_t leading = 0;             // how many of `before` stood in front
  const Comment *behind = nullptr;     // on the line of its last word
  std::vector<const Comment *> at_end; // before its '}'
  std::vector<Piece> items;            // in canonical order
};

/// Hands out the comments of a file, in order, to the pieces they belong to.
class Gatherer {
public:
  Gatherer(const std::vector<Comment> &comments) : comments_(comments) {}

  Piece gather(const Outline &outline) {
    Piece piece;
    piece.outline = &outline;
    until(outline.first, piece.before);
    piece.leading = piece.before.size();
    if (is_block(outline)) {
      until(outline.head_end, piece.before);
      for (const Outline &item : outline.items)
        piece.items.push_back(gather(item));
      until(outline.last - 1, piece.at_end);
    } else {
      until(outline.last - 1, piece.before);
      for (const Outline &item : outline.items) // of a permit or local sentence
        piece.items.emplace_back().outline = &item;
    }
    if (next_ < comments_.size() && comments_[next_].before == outline.last &&
        !comments_[next_].own_line)
      piece.behind = &comments_[next_++];
    std::stable_sort(piece.items.begin(), piece.items.end(), [](const Piece &a, const Piece &b) {
      return a.outline->rank < b.outline->rank;
    });
    return piece;
  }

  std::vector<const Comment *> rest() {
    std::vector<const Comment *> left;
    until(static_cast<std::size_t>(-1), left);
    return left;
  }

  static bool is_block(const Outline &outline) {
    return outline.kind != Outline::Kind::permit && outline.kind != Outline::Kind::item;
  }

private:
  /// Comments that stand before token number `token`.
  void until(std::size_t token, std::vector<const Comment *> &into) {
    while (next_ < comments_.size() && comments_[next_].before <= token)
      into.push_back(&comments_[next_++]);
  }

  const std::vector<Comment> &comments_;
  std::size_t next_ = 0;
};

class Writer {
public:
  Writer(const Tokens &tokens, Comments comments)
      : tokens_(tokens), gatherer_(comments == Comments::kept ? tokens.comments() : none_),
        gaps_(comments == Comments::kept) {}

  std::string run(const std::vector<Outline> &outlines) {
    bool after_long = false; // the sentence before took several lines
    for (const Outline &outline : outlines) {
      Piece piece = gatherer_.gather(outline);
      bool is_long = !fits(piece);
      bool wanted = piece.leading > 0 ? piece.before[0]->after_blank : first(piece).after_blank;
      if (wanted || is_long || after_long) gap();
      comments(piece.before, 0);
      if (piece.leading > 0 && first(piece).after_blank) gap();
      sentence(piece);
      after_long = is_long;
    }
    std::vector<const Comment *> rest = gatherer_.rest();
    if (!rest.empty() && (rest[0]->after_blank || after_long)) gap();
    comments(rest, 0);
    return std::move(text_);
  }

private:
  const Token &first(const Piece &piece) const { return tokens_[piece.outline->first]; }

  void line(unsigned indent, std::string_view text) {
    text_.append(indent * 4, ' ');
    text_ += text;
    text_ += '\n';
  }
  void gap() {
    if (gaps_ && !text_.empty()) text_ += '\n';
  }
  /// Between sentences, blank lines among comments stay; in a block there are none.
  void comments(const std::vector<const Comment *> &comments, unsigned indent) {
    for (const Comment *comment : comments) {
      if (indent == 0 && comment != comments.front() && comment->own_line && comment->after_blank)
        gap();
      line(indent, comment->text);
    }
  }
  static std::string behind(const Piece &piece) {
    return piece.behind ? fmt::format("  {}", piece.behind->text) : std::string();
  }

  std::string words(std::size_t first, std::size_t last) const {
    std::string text;
    for (std::size_t i = first; i < last; ++i) {
      const Token &token = tokens_[i];
      if (token.type == Token::Type::comma) {
        text += ',';
        continue;
      }
      bool range = is_dash(i) || (i > first && is_dash(i - 1)); // 8000 - 8010
      if (!text.empty() && !range) text += ' ';
      text += token.type == Token::Type::string ? quote(token.text) : canonical_word(token.text);
    }
    return text;
  }
  bool is_dash(std::size_t token) const {
    return tokens_[token].type == Token::Type::word && tokens_[token].text == "-";
  }
  std::string head(const Piece &piece) const {
    return words(piece.outline->first, piece.outline->head_end);
  }

  using Items = std::span<const Piece>;
  std::string joined(Items items, std::string_view between = "  ") const {
    std::string text;
    for (const Piece &item : items) {
      if (!text.empty()) text += between;
      text += head(item);
    }
    return text;
  }
  static bool has_comments(Items items) {
    return std::any_of(items.begin(), items.end(), [](const Piece &item) {
      return !item.before.empty() || item.behind || !item.at_end.empty() ||
             has_comments(item.items);
    });
  }

  std::string one_line(const Piece &piece) const {
    return fmt::format("{} {{ {} }}", head(piece),
                       joined(piece.items, is_list(piece) ? ", " : "  "));
  }
  static bool is_list(const Piece &piece) { return piece.outline->kind == Outline::Kind::list; }
  bool fits(const Piece &piece) const {
    bool may = is_list(piece) || piece.outline->kind == Outline::Kind::zone ||
               piece.outline->kind == Outline::Kind::host;
    return may && !has_comments(piece.items) && piece.at_end.empty() &&
           width_of(one_line(piece)) <= canonical_width;
  }

  void sentence(const Piece &piece) {
    if (fits(piece)) {
      line(0, one_line(piece) + behind(piece));
    } else if (piece.outline->kind == Outline::Kind::permit) {
      permit(piece);
    } else {
      block(piece, 0);
    }
  }

  /// Who answers for it, then on what conditions it holds.
  void permit(const Piece &piece) {
    line(0, head(piece));
    auto condition = std::find_if(piece.items.begin(), piece.items.end(), [&](const Piece &item) {
      return is_condition_word(first(item).text);
    });
    std::size_t of_ledger = static_cast<std::size_t>(condition - piece.items.begin());
    bool has_conditions = of_ledger < piece.items.size();
    items(Items(piece.items).first(of_ledger), 1, has_conditions ? "" : behind(piece));
    if (has_conditions) items(Items(piece.items).subspan(of_ledger), 1, behind(piece));
  }

  void block(const Piece &piece, unsigned indent) {
    line(indent, head(piece) + " {");
    if (is_list(piece)) {
      for (const Piece &item : piece.items) {
        comments(item.before, indent + 1);
        bool is_last = &item == &piece.items.back();
        line(indent + 1, head(item) + (is_last ? "" : ",") + behind(item));
      }
      comments(piece.at_end, indent + 1);
      return line(indent, fmt::format("}}{}", behind(piece)));
    }
    // Who answers for the rule is read as one: its items share a line where they fit.
    auto ledger = std::find_if(piece.items.begin(), piece.items.end(), [&](const Piece &item) {
      return piece.outline->kind == Outline::Kind::relay && is_ledger_word(first(item).text);
    });
    std::size_t others = static_cast<std::size_t>(ledger - piece.items.begin());
    for (const Piece &item : Items(piece.items).first(others))
      one_item(item, indent + 1);
    items(Items(piece.items).subspan(others), indent + 1, "");
    comments(piece.at_end, indent + 1);
    line(indent, fmt::format("}}{}", behind(piece)));
  }

  /// On one line, or each on its own.
  void items(Items items, unsigned indent, const std::string &comment_behind) {
    std::string together = joined(items);
    bool short_enough = indent * 4 + width_of(together) <= canonical_width;
    if (!items.empty() && short_enough && !has_comments(items))
      return line(indent, together + comment_behind);
    for (const Piece &item : items)
      one_item(item, indent, &item == &items.back() ? comment_behind : "");
  }

  void one_item(const Piece &item, unsigned indent, const std::string &comment_behind = {}) {
    comments(item.before, indent);
    if (Gatherer::is_block(*item.outline))
      block(item, indent);
    else
      line(indent, head(item) + behind(item) + comment_behind);
  }

  static inline const std::vector<Comment> none_;
  const Tokens &tokens_;
  Gatherer gatherer_;
  bool gaps_;
  std::string text_;
};

} // namespace

std::string canonical_text(const Tokens &tokens, const std::vector<Outline> &outlines,
                           Comments comments) {
  return Writer(tokens, comments).run(outlines);
}

std::string format(const SourceFile &source, std::vector<Diagnostic> &diagnostics) {
  Reporter reporter(diagnostics);
  Sentences sentences;
  Texts texts;
  Tokens tokens(source, 0, Comments::kept, texts, reporter);
  std::vector<Outline> outlines;
  parse(tokens, sentences, reporter,
        [&](Outline outline) { outlines.push_back(std::move(outline)); });
  reporter.sort();
  if (reporter.errors() > 0) return {};
  return canonical_text(tokens, outlines, Comments::kept);
}

} // namespace sekisho::rules
