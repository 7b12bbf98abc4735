#include "sanitizer/rebuild/office/math_words.hh"

#include "base/utf8.hh"
#include "sanitizer/text/run_marks.hh"

namespace sekisho::rebuild {
namespace {

/// Whether it stands for itself beside a sign: a number, a word.
bool is_simple(char32_t c) {
  if (c < 0x80) return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == ',';
  const bool sign = c == U'±' || c == U'×' || c == U'÷' || c == U'·' || (c >= 0x2200 && c < 0x2300) || c == 0x3000 ||
                    c == U'＋' || c == U'－' || c == U'＝' || c == U'／';
  return !sign;
}

/// Whether what comes behind a part would run into it.
bool runs_on(std::string_view text) {
  std::size_t at = 0;
  const char32_t c = text.empty() ? 0 : utf8_next(text, at);
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || text::is_digit_of_number(c);
}

} // namespace

bool MathWords::start(std::string_view name, const std::string &value) {
  if (open_.empty()) {
    if (name == "m:oMath") open_.push_back({name});
    return name != "m:oMathParaPr";
  }
  Open &around = open_.back();
  if (in_properties_) {
    if (name == "m:begChr" || name == "m:chr") around.first = value;
    if (name == "m:sepChr") around.between = value;
    if (name == "m:endChr") around.last = value;
    return false;
  }
  in_properties_ = name == "m:dPr" || name == "m:naryPr";
  if (in_properties_) return true;
  if (name.ends_with("Pr")) return false;
  before(name, around);
  open_.push_back({name});
  return true;
}

void MathWords::before(std::string_view child, Open &around) {
  const bool is_first = around.children++ == 0;
  if (around.name == "m:d") out_ += is_first ? around.first.value_or("(") : around.between.value_or("|");
  if (around.name == "m:nary") out_ += is_first ? around.first.value_or("∫") : child == "m:e" ? " " : "";
  if ((around.name == "m:mr" || around.name == "m:eqArr") && !is_first) out_ += ' ';
  if (around.name == "m:m" && !is_first) out_ += "; ";
  if (around.name == "m:rad" && child == "m:e") out_ += "√(";
  if (child == "m:num" || child == "m:den" || child == "m:deg") mark(Mark::plain);
  if (child == "m:sup") mark(Mark::above);
  if (child == "m:sub") mark(Mark::below);
  if (child == "m:lim") mark(around.name == "m:limUpp" ? Mark::above : Mark::below);
}

std::string MathWords::end() {
  if (in_properties_) {
    in_properties_ = false;
    return {};
  }
  if (open_.empty()) return {};
  const Open closed = std::move(open_.back());
  open_.pop_back();
  const std::string_view name = closed.name;
  if (name == "m:num" || name == "m:den" || name == "m:deg" || name == "m:sup" || name == "m:sub" || name == "m:lim")
    mark(Mark::end);
  if (name == "m:num") out_ += '/';
  if (name == "m:d" && closed.children > 0) out_ += closed.last.value_or(")");
  if (name == "m:fName") out_ += ' ';
  if (name == "m:e" && !open_.empty() && open_.back().name == "m:rad") out_ += ')';
  if (!open_.empty()) return {};
  std::string formula = in_line();
  is_apart_ = !marks_.empty() && ((marks_.front().at == 0 && marks_.front().what == Mark::plain) || marks_.back().at == out_.size());
  out_.clear();
  marks_.clear();
  return formula;
}

/// Parentheses around parts of more than one word, in two passes: where they are needed is known at their end.  Each
/// part that begins ends: so do the elements.
std::string MathWords::in_line() const {
  struct Part {
    bool simple = true, empty = true;
  };
  std::vector<Part> parts;
  std::vector<std::size_t> open;
  std::size_t at = 0;
  const auto read_to = [&](std::size_t end) {
    while (at < end) {
      const char32_t c = utf8_next(out_, at);
      if (!open.empty()) parts[open.back()] = {parts[open.back()].simple && is_simple(c), false};
    }
  };
  for (const Placed &mark : marks_) {
    read_to(mark.at);
    if (mark.what != Mark::end) {
      open.push_back(parts.size());
      parts.emplace_back();
      continue;
    }
    const bool empty = parts[open.back()].empty;
    open.pop_back();
    if (!open.empty() && !empty) parts[open.back()] = {false, false};
  }
  std::string line;
  std::size_t next = 0, copied = 0;
  for (std::size_t i = 0; i < marks_.size(); ++i) {
    const Placed &mark = marks_[i];
    line.append(out_, copied, mark.at - copied);
    copied = mark.at;
    if (mark.what != Mark::end) {
      open.push_back(next++);
      const Part &part = parts[open.back()];
      if (!part.empty && mark.what != Mark::plain) line += mark.what == Mark::above ? '^' : '_';
      if (mark.what == Mark::plain && part.simple && text::ends_in_digit(line)) line += ' '; // 3½ is no 31/2
      if (!part.simple) line += '(';
      continue;
    }
    const Part &part = parts[open.back()];
    open.pop_back();
    line += part.simple ? "" : ")";
    const bool is_last_here = i + 1 == marks_.size() || marks_[i + 1].at > mark.at;
    const bool goes_on = is_last_here && runs_on(std::string_view(out_).substr(mark.at));
    if (part.simple && !part.empty && goes_on) line += ' ';
  }
  return line.append(out_, copied);
}

} // namespace sekisho::rebuild
