#include "gateway/cli/table.hh"

#include "gateway/cli/daemon.hh"
#include "rules/text.hh"

#include <algorithm>
#include <cstdlib>

namespace sekisho::cli {
namespace {

void append_cell(std::string &line, std::string_view text, std::size_t width, bool to_the_right, bool is_last) {
  std::size_t blanks = width - std::min(width, width_of(text));
  if (to_the_right) line.append(blanks, ' ');
  line += text;
  if (!to_the_right && !is_last) line.append(blanks, ' ');
  if (!is_last) line += "  ";
}

} // namespace

bool wants_japanese() {
  for (const char *name : {"LC_ALL", "LC_MESSAGES", "LANG"})
    if (const char *value = std::getenv(name); value && *value) return std::string_view(value).starts_with("ja");
  return false;
}

std::size_t width_of(std::string_view text) {
  std::size_t width = 0;
  while (!text.empty()) {
    rules::Character character = rules::first_character(text);
    width += rules::display_width(character.code);
    text.remove_prefix(character.octets);
  }
  return width;
}

std::string at_most(std::size_t cells, std::string text) {
  std::size_t width = 0, fits = 0; // octets that leave room for the mark
  for (std::string_view rest = text; !rest.empty();) {
    const rules::Character character = rules::first_character(rest);
    width += rules::display_width(character.code);
    if (width < cells) fits = text.size() - rest.size() + character.octets;
    rest.remove_prefix(character.octets);
  }
  return width <= cells ? text : text.substr(0, fits) + "…";
}

void Table::add(std::vector<std::string> cells) {
  for (std::string &cell : cells) cell = for_terminal(cell);
  cells.resize(columns_.size());
  rows_.push_back(std::move(cells));
}

std::string Table::text(const Colours &colours) const {
  std::vector<std::size_t> widths;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    std::size_t widest = width_of(in_words(columns_[i].english, columns_[i].japanese));
    for (const auto &row : rows_) widest = std::max(widest, width_of(row[i]));
    widths.push_back(widest);
  }
  std::string text(colours.bold);
  auto line = [&](auto cell) {
    for (std::size_t i = 0; i < columns_.size(); ++i)
      append_cell(text, cell(i), widths[i], columns_[i].is_number, i + 1 == columns_.size());
  };
  line([&](std::size_t i) { return in_words(columns_[i].english, columns_[i].japanese); });
  text += colours.off;
  text += '\n';
  for (const auto &row : rows_) {
    line([&](std::size_t i) { return std::string_view(row[i]); });
    text += '\n';
  }
  return text;
}

} // namespace sekisho::cli
