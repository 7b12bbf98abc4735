// Draws diagnostics for a person at a terminal.
#include "rules/diagnostic.hh"
#include "rules/text.hh"

#include <fmt/format.h>

#include <algorithm>

namespace sekisho::rules {
namespace {

constexpr std::size_t max_shown =
    120; // cells of a quoted line; of longer ones the part around the caret
constexpr std::size_t max_quoted = 64u << 10; // octets of a line that is quoted at all
constexpr std::size_t tab_width = 4;

struct Mark {
  std::uint32_t first = 1, last = 1;
  char with = '^';
  std::string_view text;
};

/// Line starts of one source, found once.
class Lines {
public:
  explicit Lines(std::string_view text) : text_(text) {
    starts_.push_back(text_.substr(0, 3) == "\xef\xbb\xbf" ? 3 : 0);
    for (std::size_t i = text_.find('\n'); i != std::string_view::npos; i = text_.find('\n', i + 1))
      starts_.push_back(i + 1);
  }
  std::string_view line(std::uint32_t number) const {
    if (number == 0 || number > starts_.size()) return {};
    std::size_t start = starts_[number - 1];
    std::string_view line = text_.substr(start, text_.find('\n', start) - start);
    if (line.size() > max_quoted) return "(too long to be shown)";
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
  }

private:
  std::string_view text_;
  std::vector<std::size_t> starts_;
};

/// One character as it is safe to print: nothing here may steer the terminal.
void append_safe(std::string &into, std::string_view octets, const Character &character) {
  bool control = character.code < 0x20 || (character.code >= 0x7f && character.code < 0xa0);
  if (character.code == '\t')
    into.append(tab_width, ' ');
  else if (!character.valid || control || is_invisible_control(character.code))
    into += "\xef\xbf\xbd"; // U+FFFD
  else
    into.append(octets);
}

unsigned safe_width(const Character &character) {
  if (character.code == '\t') return tab_width;
  if (is_invisible_control(character.code)) return 1; // shown as U+FFFD
  return display_width(character.code);
}

std::string safe(std::string_view text) {
  std::string shown;
  while (!text.empty()) {
    Character character = first_character(text);
    append_safe(shown, text.substr(0, character.octets), character);
    text.remove_prefix(character.octets);
  }
  return shown;
}

/// The part of a line around the marks, and for each column where it stands in it.
struct Quoted {
  std::string text;
  std::uint32_t first_column = 1; // of what is shown
  std::vector<std::size_t> cells; // start cell of each shown column; one more at the end
};

Quoted quote_line(std::string_view line, std::uint32_t column) {
  Quoted quoted;
  std::uint32_t window_start = column > max_shown / 2 ? column - max_shown / 2 : 1;
  std::size_t cells = 0;
  std::uint32_t number = 1;
  if (count_characters(line) <= max_shown) window_start = 1;
  quoted.first_column = window_start;
  if (window_start > 1) {
    quoted.text = "…";
    cells = 1;
  }
  for (; !line.empty(); ++number) {
    Character character = first_character(line);
    if (number >= window_start) {
      if (cells >= max_shown) {
        quoted.text += "…";
        break;
      }
      quoted.cells.push_back(cells);
      append_safe(quoted.text, line.substr(0, character.octets), character);
      cells += safe_width(character);
    }
    line.remove_prefix(character.octets);
  }
  quoted.cells.push_back(cells);
  return quoted;
}

/// The row of marks, and below it the words of every mark but the last, each under its own.
std::vector<std::string> underline(const Quoted &quoted, std::vector<Mark> marks) {
  std::sort(marks.begin(), marks.end(),
            [](const Mark &a, const Mark &b) { return a.first < b.first; });
  auto cell = [&](std::uint32_t column) {
    if (column < quoted.first_column) return std::size_t{0};
    std::size_t index = column - quoted.first_column;
    return index < quoted.cells.size() ? quoted.cells[index] : quoted.cells.back() + 1;
  };
  std::vector<std::string> rows(1);
  std::size_t width = 0; // cells of the first row
  for (const Mark &mark : marks) {
    std::size_t start = std::max(cell(mark.first), width);
    std::size_t end = std::max(cell(mark.last + 1), start + 1);
    rows[0].append(start - width, ' ');
    rows[0].append(end - start, mark.with);
    width = end;
    if (mark.text.empty()) continue;
    if (&mark == &marks.back())
      rows[0] += fmt::format(" {}", mark.text);
    else
      rows.push_back(std::string(start, ' ') + std::string(mark.text));
  }
  return rows;
}

struct Colours {
  std::string_view bold, red, yellow, cyan, off;
};
constexpr Colours plain{};
constexpr Colours ansi{"\x1b[1m", "\x1b[1;31m", "\x1b[1;33m", "\x1b[36m", "\x1b[0m"};

class Renderer {
public:
  Renderer(std::span<const SourceFile> sources, bool colour)
      : sources_(sources), colours_(colour ? ansi : plain) {
    for (const SourceFile &source : sources)
      lines_.emplace_back(source.text);
  }

  void draw(const Diagnostic &diagnostic) {
    head(diagnostic);
    if (diagnostic.place.file < sources_.size()) places(diagnostic);
    if (!diagnostic.help.empty())
      text_ +=
          fmt::format("      {}help:{} {}\n", colours_.cyan, colours_.off, safe(diagnostic.help));
  }
  std::string take() { return std::move(text_); }

private:
  void head(const Diagnostic &diagnostic) {
    const Place &place = diagnostic.place;
    std::string name =
        place.file < sources_.size() ? safe(sources_[place.file].name) : std::string("rules");
    std::string columns = place.first_column == place.last_column
                              ? fmt::format("{}", place.first_column)
                              : fmt::format("{}-{}", place.first_column, place.last_column);
    bool error = diagnostic.level == Diagnostic::Level::error;
    bool warning = diagnostic.level == Diagnostic::Level::warning;
    text_ += fmt::format("{}{}:{}:{}:{} {}{}:{} {}{}{}\n", colours_.bold, name, place.line, columns,
                         colours_.off,
                         error     ? colours_.red
                         : warning ? colours_.yellow
                                   : colours_.cyan,
                         error     ? "error"
                         : warning ? "warning"
                                   : "note",
                         colours_.off, colours_.bold, safe(diagnostic.message), colours_.off);
  }

  void places(const Diagnostic &diagnostic) {
    const Place &main = diagnostic.place;
    std::vector<Mark> marks = {{main.first_column, main.last_column, '^', {}}};
    std::vector<const Diagnostic::Related *> elsewhere;
    for (const Diagnostic::Related &related : diagnostic.related) {
      if (shares_line(related.place, main, marks))
        marks.push_back({related.place.first_column, related.place.last_column, '~', related.text});
      else
        elsewhere.push_back(&related);
    }
    draw_line(main, marks, colours_.red);
    for (const Diagnostic::Related *related : elsewhere) {
      const Place &place = related->place;
      if (place.file >= sources_.size()) continue;
      if (place.file != main.file)
        text_ += fmt::format("      {}:{}\n", safe(sources_[place.file].name), place.line);
      draw_line(place, {{place.first_column, place.last_column, '~', related->text}},
                colours_.cyan);
    }
  }

  /// On the same line, near enough to be shown with it, and beside all marks so far.
  static bool shares_line(const Place &place, const Place &main, const std::vector<Mark> &marks) {
    if (place.file != main.file || place.line != main.line) return false;
    if (main.first_column > max_shown / 2 && place.first_column < main.first_column - max_shown / 2)
      return false;
    if (place.last_column > main.first_column + max_shown / 2) return false;
    return std::none_of(marks.begin(), marks.end(), [&](const Mark &mark) {
      return place.first_column <= mark.last && mark.first <= place.last_column;
    });
  }

  void draw_line(const Place &place, const std::vector<Mark> &marks, std::string_view colour) {
    Quoted quoted = quote_line(lines_[place.file].line(place.line), place.first_column);
    text_ += fmt::format("{:>5} | {}\n", place.line, quoted.text);
    for (const std::string &row : underline(quoted, marks))
      text_ += fmt::format("      | {}{}{}\n", colour, row, colours_.off);
  }

  std::span<const SourceFile> sources_;
  Colours colours_;
  std::vector<Lines> lines_;
  std::string text_;
};

} // namespace

std::string render(std::span<const Diagnostic> diagnostics, std::span<const SourceFile> sources,
                   bool colour) {
  Renderer renderer(sources, colour);
  for (const Diagnostic &diagnostic : diagnostics)
    renderer.draw(diagnostic);
  return renderer.take();
}

} // namespace sekisho::rules
