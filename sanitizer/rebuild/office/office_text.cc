#include "sanitizer/rebuild/office/office_text.hh"

#include "base/text.hh"
#include "sanitizer/rebuild/plain_text.hh"

#include <algorithm>

namespace sekisho::rebuild {

void TextWriter::put(std::string_view text) {
  if (!has_room(text.size())) return;
  for (const char c : text)
    out_ += c == '\n' || c == '\t' || c == '\r' ? ' ' : c;
}

void TextWriter::end_field() {
  field_start_ = std::min(field_start_, out_.size());
  if (guards_ && starts_formula(std::string_view(out_).substr(field_start_))) {
    out_.insert(field_start_, 1, '\'');
    marked_ = true;
  }
}

void TextWriter::line_break() {
  if (too_big_) return;
  if (!in_cell()) {
    end_field();
    out_ += '\n';
    field_start_ = out_.size();
  } else if (out_.size() > cell_start_ && out_.back() != ' ') {
    out_ += ' ';
  }
}

void TextWriter::tab() {
  if (too_big_) return;
  if (!in_cell()) end_field();
  out_ += in_cell() ? ' ' : '\t';
  if (!in_cell()) field_start_ = out_.size();
}

void TextWriter::heading(std::string_view text) {
  end_field();
  if (!out_.empty()) out_ += '\n';
  out_ += "--- ";
  put(text);
  out_ += " ---\n";
  field_start_ = out_.size();
}

void TextWriter::open_cell() {
  if (++cells_open_ > 1) return line_break();
  cell_start_ = out_.size();
}

void TextWriter::close_cell(std::size_t times, std::string_view otherwise) {
  if (cells_open_ == 0 || --cells_open_ > 0) return;
  std::string text(sekisho::trimmed(std::string_view(out_).substr(cell_start_), " "));
  out_.resize(cell_start_);
  if (text.empty()) text = otherwise;
  if (text.empty()) {
    gap_ += times;
    return;
  }
  if (guards_ && starts_formula(text)) {
    text.insert(text.begin(), '\'');
    marked_ = true;
  }
  for (; times > 0 && !too_big_; --times) {
    if (out_.size() + row_.size() + gap_ + text.size() > most_) {
      too_big_ = true;
      return;
    }
    row_.append(gap_ + row_has_cell_, '\t');
    row_ += text;
    row_has_cell_ = true;
    gap_ = 0;
  }
}

void TextWriter::close_row(std::size_t times) {
  if (in_cell()) return line_break();
  for (; times > 0 && row_has_cell_ && !too_big_; --times) {
    if (out_.size() + row_.size() > most_) too_big_ = true;
    end_field(); // of what stands before the row
    out_ += row_;
    out_ += '\n';
    field_start_ = out_.size();
  }
  row_.clear();
  row_has_cell_ = false;
  gap_ = 0;
}

void TextWriter::close_row_of(std::uint32_t number) {
  end_field();
  const std::size_t start = out_.size();
  close_row();
  if (out_.size() > start) rows_.push_back({number, start, out_.size() - start});
}

void TextWriter::order_rows() {
  const auto before = [](const Row &a, const Row &b) { return a.number < b.number; };
  if (!std::is_sorted(rows_.begin(), rows_.end(), before)) {
    const std::string all = out_.substr(rows_.front().start);
    const std::size_t first = rows_.front().start;
    out_.resize(first);
    std::stable_sort(rows_.begin(), rows_.end(), before);
    for (const Row &row : rows_)
      out_.append(all, row.start - first, row.size);
    field_start_ = out_.size();
  }
  rows_.clear();
}

bool TextWriter::has_room(std::size_t octets) {
  if (out_.size() + octets > most_) too_big_ = true;
  return !too_big_;
}

Result<Words, Reason> TextWriter::take() {
  if (too_big_) return fail(Reason::part_too_big);
  end_field();
  Words words{{}, marked_, field_empty_, field_undrawn_};
  std::string &text = words.text; // at most one empty line in a row, none at the ends
  std::size_t ends = 2;
  for (const char c : out_) {
    if (c == '\n' && ends > 1) continue;
    ends = c == '\n' ? ends + 1 : 0;
    text += c;
  }
  while (text.ends_with("\n\n"))
    text.pop_back();
  return words;
}

bool only_counts_pages(std::string_view words) {
  while (!words.empty()) {
    constexpr std::string_view known[] = {"ページ", "頁", "Page", "page", "of"};
    const auto word = std::ranges::find_if(known, [words](std::string_view one) { return words.starts_with(one); });
    if (word == std::end(known) && std::string_view(" \n\t0123456789.,:/|+-()?").find(words.front()) == std::string_view::npos) return false;
    words.remove_prefix(word == std::end(known) ? 1 : word->size());
  }
  return true;
}

bool PartWords::read(std::string_view xml) {
  XmlScanner scanner(xml);
  scanner_ = &scanner;
  for (std::size_t skipped = 0;;) {
    switch (scanner.next()) {
    case XmlScanner::Event::start:
      if (skipped == 0 && !start(scanner.name())) skipped = scanner.depth();
      break;
    case XmlScanner::Event::end:
      if (skipped == 0)
        end(scanner.name());
      else if (scanner.depth() + 1 == skipped)
        skipped = 0;
      break;
    case XmlScanner::Event::text:
      if (skipped == 0) text(plain(scanner.text()));
      break;
    case XmlScanner::Event::done: return true;
    case XmlScanner::Event::bad: return false;
    }
  }
}

std::string PartWords::value(std::string_view name) const {
  for (const XmlScanner::Attribute &attribute : scanner_->attributes())
    if (attribute.name == name) return plain(attribute.value);
  return {};
}

} // namespace sekisho::rebuild
