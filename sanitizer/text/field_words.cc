#include "sanitizer/text/field_words.hh"

#include "base/text.hh"
#include "base/utf8.hh"
#include "sanitizer/text/symbol.hh"

#include <algorithm>
#include <charconv>
#include <vector>

namespace sekisho::text {
namespace {

constexpr std::size_t most_depth = 16; // of arguments in arguments
constexpr std::string_view blanks = " \t\r\n";

/// One word, or what stands between quotes.
std::string_view next_word(std::string_view &text) {
  text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
  const bool quoted = text.starts_with('"');
  if (quoted) text.remove_prefix(1);
  const std::size_t end = std::min(text.find_first_of(quoted ? "\"" : blanks), text.size());
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(std::min(end + quoted, text.size()));
  return word;
}

/// Whether it needs no parentheses beside a stroke.
bool is_one(std::string_view text) {
  for (const char c : text)
    if ((c & 0x80) == 0 && !is_letter(c) && !is_digit(c) && c != '.') return false;
  return true;
}
std::string as_one(const std::string &text) {
  return is_one(text) ? text : "(" + text + ")";
}

/// The switches of EQ and their arguments: \o\ad(\s\up 9(たかはし),高橋).
class Equation {
public:
  explicit Equation(std::string_view code) : code_(code) {}

  WordsWithLook words() {
    open_.push_back({});
    while (at_ < code_.size())
      step();
    while (open_.size() > 1)
      close();
    const Argument &all = open_.front().arguments.front();
    return {std::string(trimmed(all.text)), {.raised = all.raised, .apart = all.apart}};
  }

private:
  struct Argument {
    std::string text;
    bool raised = false, apart = false;
    RunMarks marks = {};

    void put(std::string_view words, Look look = {}) {
      const std::string mark = marks.before(words, look);
      text += mark;
      text += mark == "^" ? as_one(std::string(words)) : words;
    }
  };
  struct Switch {
    char name = 0; // 0: parentheses that are text
    bool raised = false;
    std::vector<Argument> arguments = {{}};
  };

  void step() {
    const char c = code_[at_++];
    if (c == '\\') return backslash();
    Switch &here = open_.back();
    if (c == '(' && open_.size() < most_depth) return open('\0', false);
    if (c == ')' && open_.size() > 1) return close();
    if ((c == ',' || c == ';') && here.name != 0)
      return void(here.arguments.emplace_back());
    if (blanks.find(c) != blanks.npos) return here.arguments.back().put(" ");
    const std::size_t start = at_ - 1; // whole characters
    at_ = std::min(code_.find_first_of("\\(),; \t\r\n", at_), code_.size());
    here.arguments.back().put(code_.substr(start, at_ - start));
  }

  void open(char name, bool raised) {
    open_.push_back({name, raised});
  }

  void backslash() {
    if (at_ >= code_.size()) return;
    if (code_[at_] == '*') {
      ++at_;
      return skip_format();
    }
    if (!is_letter(code_[at_])) {
      open_.back().arguments.back().put(code_.substr(at_++, 1));
      return;
    }
    const char name = lower(code_[at_]);
    bool raised = false;
    for (--at_; at_ < code_.size() && code_[at_] == '\\';)
      if (!skip_option(raised)) return;
    if (at_ < code_.size() && code_[at_] == '(' && open_.size() < most_depth) {
      ++at_;
      open(name, raised);
    }
  }

  /// False where it is the last, and no arguments follow.
  bool skip_option(bool &raised) {
    const std::size_t start = ++at_;
    while (at_ < code_.size() && is_letter(code_[at_]))
      ++at_;
    const std::string option = lower_case(code_.substr(start, at_ - start));
    raised = raised || option == "up";
    // Which brackets: the character behind another backslash.
    if ((option == "lc" || option == "rc" || option == "bc") && at_ + 1 < code_.size() && code_[at_] == '\\') at_ += 2;
    std::size_t next = at_;
    const auto skip = [&](auto is_skipped) {
      while (next < code_.size() && is_skipped(code_[next]))
        ++next;
    };
    const auto is_blank = [](char c) { return blanks.find(c) != blanks.npos; };
    skip(is_blank);
    skip(is_digit);
    skip(is_blank);
    const bool goes_on = next < code_.size() && (code_[next] == '(' || (code_[next] == '\\' && next + 1 < code_.size() &&
                                                                       is_letter(code_[next + 1])));
    if (goes_on) at_ = next;
    return goes_on;
  }

  /// \* jc2, \* "Font:MS Mincho": how it looks.
  void skip_format() {
    std::string_view rest = code_.substr(at_);
    rest.remove_prefix(std::min(rest.find_first_not_of(blanks), rest.size()));
    if (rest.starts_with('"'))
      (void)next_word(rest);
    else
      rest.remove_prefix(std::min(rest.find_first_of(" \t\r\n\\"), rest.size()));
    at_ = code_.size() - rest.size();
  }

  void close() {
    const Switch closed = std::move(open_.back());
    open_.pop_back();
    const std::string text = shown(closed);
    Argument &around = open_.back().arguments.back();
    const Look look{.raised = closed.raised, .apart = std::string_view("afirx").find(closed.name) != std::string_view::npos};
    around.raised = around.raised || (closed.raised && around.text.find_first_not_of(' ') == std::string::npos);
    around.apart = around.apart || look.apart;
    around.put(text, look);
  }

  static std::string shown(const Switch &closed) {
    std::vector<std::string> texts;
    std::string reading;
    for (const Argument &argument : closed.arguments) {
      std::string text(closed.name == 0 ? std::string_view(argument.text) : trimmed(argument.text));
      if (closed.name == 'o' && argument.raised && closed.arguments.size() > 1)
        reading += text;
      else if (!text.empty() || closed.name == 'r')
        texts.push_back(std::move(text));
    }
    if (closed.name == 'f' && texts.size() == 2) return as_one(texts[0]) + "/" + as_one(texts[1]);
    if (closed.name == 'r' && texts.size() == 2) return texts[0] + "√(" + texts[1] + ")";
    if (closed.name == 'r' && texts.size() == 1) return "√(" + texts[0] + ")";
    if (closed.name == 'o' && texts.size() == 2 && is_frame(texts[0])) return "(" + texts[1] + ")";
    std::string all;
    for (const std::string &text : texts)
      all += (all.empty() || closed.name == 'o' ? "" : " ") + text;
    if (!reading.empty()) all += "(" + reading + ")";
    return closed.name == 0 || closed.name == 'b' ? "(" + all + ")" : all;
  }

  /// What is drawn around a character.
  static bool is_frame(std::string_view text) {
    for (const std::string_view frame : {"○", "◯", "〇", "△", "□", "◇", "☐"})
      if (text == frame) return true;
    return false;
  }

  std::string_view code_;
  std::size_t at_ = 0;
  std::vector<Switch> open_;
};

/// SYMBOL 254 \f Wingdings
std::string symbol_words(std::string_view code) {
  std::string_view digits = next_word(code);
  const bool hexadecimal = digits.starts_with("0x") || digits.starts_with("0X");
  if (hexadecimal) digits.remove_prefix(2);
  std::uint16_t number = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), number, hexadecimal ? 16 : 10);
  SymbolFont font = SymbolFont::none;
  while (!code.empty())
    if (equals_ignoring_case(next_word(code), "\\f")) font = symbol_font(next_word(code));
  const char32_t known = symbol_character(font, number);
  const bool in_font = number >= 0x80 && number <= 0xff; // which one we do not know
  std::string text;
  if (number >= ' ') utf8_append(text, known != 0 ? known : in_font ? 0xf000 + char32_t{number} : number);
  return text;
}

struct Instruction {
  std::string_view name, rest;
};
Instruction read_instruction(std::string_view instruction) {
  instruction.remove_prefix(std::min(instruction.find_first_not_of(blanks), instruction.size()));
  const std::size_t end = std::min(instruction.find_first_of(" \t\r\n\\"), instruction.size());
  return {instruction.substr(0, end), instruction.substr(end)};
}
bool is_any_of(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::ranges::any_of(names, [&](std::string_view one) { return equals_ignoring_case(name, one); });
}

} // namespace

bool needs_result(std::string_view instruction) {
  const std::string_view name = read_instruction(instruction).name;
  return name.starts_with('=') ||
         is_any_of(name, {"REF", "IF", "QUOTE", "MERGEFIELD", "DOCPROPERTY", "DOCVARIABLE", "STYLEREF", "SEQ", "PAGEREF", "NOTEREF", "FILLIN", "INFO",
                          "AUTHOR", "TITLE", "SUBJECT", "KEYWORDS", "COMMENTS", "LASTSAVEDBY", "USERNAME", "USERADDRESS", "USERINITIALS", "AUTOTEXT",
                          "COMPARE", "DATE", "TIME", "CREATEDATE", "SAVEDATE", "PRINTDATE", "FILENAME", "LISTNUM", "AUTONUM", "AUTONUMLGL",
                          "AUTONUMOUT", "ADDRESSBLOCK", "GREETINGLINE"});
}

bool needs_result_to_be_drawn(std::string_view instruction) {
  const auto [name, rest] = read_instruction(instruction);
  if (is_any_of(name, {"EQ"})) return rest.find("jc2") == rest.npos; // but readings over words
  return needs_result(instruction) && !is_any_of(name, {"REF", "DATE", "TIME", "FILENAME", "AUTONUM"});
}

std::string_view words_of_button(std::string_view instruction) {
  auto [name, rest] = read_instruction(instruction);
  if (!is_any_of(name, {"MACROBUTTON", "GOTOBUTTON"})) return {};
  (void)next_word(rest); // what it calls, or where it leads
  return trimmed(rest);
}

WordsWithLook field_words(std::string_view instruction) {
  instruction = instruction.substr(0, most_instruction);
  const auto [name, rest] = read_instruction(instruction);
  if (equals_ignoring_case(name, "EQ")) return Equation(rest).words();
  return {equals_ignoring_case(name, "SYMBOL") ? symbol_words(rest) : std::string(words_of_button(instruction))};
}

} // namespace sekisho::text
