#include "sanitizer/text/html_table.hh"

#include <algorithm>

namespace sekisho::text {
namespace {

constexpr std::size_t most_pieces = 50'000; // of a table, and rows
constexpr std::size_t most_octets = 300, most_lines = 4; // of a cell of data
constexpr std::string_view again = "〃";

} // namespace

void HtmlTable::begin_row() {
  end_row();
  in_row_ = true;
  if (++pieces_ > most_pieces) is_layout_ = true;
  if (!is_layout_) rows_.emplace_back();
  of_row_.clear();
  column_ = 0;
}

/// Cells from rows above stand where the next one would.
void HtmlTable::pass_reaching() {
  for (; column_ < reaching_.size() && reaching_[column_].rows > 0; ++column_) {
    if (!reaching_[column_].seen || is_layout_ || column_ >= max_columns) continue;
    rows_.back().push_back({column_, above, above});
    ++pieces_;
  }
}

void HtmlTable::begin_cell(unsigned columns, unsigned rows) {
  if (!in_row_) begin_row();
  pass_reaching();
  width_ = columns;
  height_ = rows;
}

void HtmlTable::end_cell(std::string_view text, std::size_t start) {
  if (!in_row_ || width_ == 0) return;
  if (column_ + width_ > max_columns) is_layout_ = true;
  if (text.size() > most_octets || static_cast<std::size_t>(std::ranges::count(text, '\n')) >= most_lines || text.starts_with("[画像"))
    is_layout_ = true;
  if (!is_layout_ && !text.empty()) {
    rows_.back().push_back({column_, start, start + text.size()});
    used_.set(column_);
    ++pieces_;
  }
  if (height_ > 1 && !is_layout_) {
    of_row_.resize(std::max<std::size_t>(of_row_.size(), column_ + width_));
    for (unsigned i = 0; i < width_; ++i)
      of_row_[column_ + i] = {height_ - 1, !text.empty() && i == 0};
  }
  column_ += width_;
  width_ = 0;
}

void HtmlTable::end_row() {
  if (!in_row_) return;
  in_row_ = false;
  if (is_layout_) return;
  pass_reaching();
  for (; column_ < reaching_.size(); ++column_)
    pass_reaching();
  for (Reaching &cell : reaching_)
    cell.rows -= cell.rows > 0;
  reaching_.resize(std::max(reaching_.size(), of_row_.size()));
  for (std::size_t i = 0; i < of_row_.size(); ++i)
    if (of_row_[i].rows > 0) reaching_[i] = of_row_[i];
  const auto is_here = [](const Piece &piece) { return piece.start != above; };
  rows_of_several_ += std::ranges::count_if(rows_.back(), is_here) > 1;
}

/// Empty: as it was.  `start`: where `written` stands in the output.
std::string HtmlTable::written_anew(const Row &row, std::string_view written, std::size_t start) const {
  std::string line;
  bool is_first = true;
  const Piece *last = nullptr;
  auto piece = row.begin();
  for (unsigned column = 0; piece != row.end(); ++column) {
    if (!used_[column] && piece->column != column) continue;
    std::string cell;
    if (piece->column == column) {
      if (piece->start == above) {
        cell = again;
      } else {
        const std::size_t end = last ? last->end - start : 0;
        if (last && written.substr(end, piece->start - start - end).find_first_not_of("\n> |") != written.npos) return {};
        cell = written.substr(piece->start - start, piece->end - piece->start);
        last = &*piece;
      }
      ++piece;
    }
    if (!is_first) line += line.empty() ? "|" : " |";
    if (!is_first && !cell.empty()) line += ' ';
    is_first = false;
    for (std::size_t at = 0; at < cell.size();) {
      const std::size_t end = std::min(cell.find('\n', at), cell.size());
      line.append(cell, at, end - at);
      at = std::min(cell.find_first_not_of("\n> ", end), cell.size()); // with the marks of a quotation
      if (at < cell.size()) line += " / ";
    }
  }
  return line;
}

void HtmlTable::write_columns(HtmlOutput &out, unsigned &budget) {
  end_row();
  if (is_layout_ || rows_.size() < 2 || rows_of_several_ == 0) return;
  const auto is_here = [](const Piece &piece) { return piece.start != above; };
  std::string anew;
  std::size_t start = above, copied = above;
  std::string_view written;
  for (const Row &row : rows_) {
    const auto first = std::ranges::find_if(row, is_here);
    if (first == row.end()) continue;
    if (start == above) {
      start = copied = first->start;
      written = out.since(start);
    }
    if (budget < max_columns) break;
    const std::string line = written_anew(row, written, start);
    if (line.empty()) continue;
    budget -= static_cast<unsigned>(row.back().column + 1 - std::ranges::count_if(row, is_here));
    const std::string_view between = written.substr(copied - start, first->start - copied);
    const bool is_break = between.find_first_not_of("\n> ") == between.npos; // paragraphs in cells leave empty lines
    anew += is_break ? between.substr(std::min(between.rfind('\n'), between.size())) : between;
    anew += line;
    copied = std::find_if(row.rbegin(), row.rend(), is_here)->end;
  }
  if (start == above) return;
  anew += written.substr(copied - start);
  out.replace_from(start, anew);
}

} // namespace sekisho::text
