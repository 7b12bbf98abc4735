// All the words a reader of a mail gets from us.  Edit here.
#include "sanitizer/rebuild/note.hh"

#include "base/reason.hh"

#include <algorithm>
#include <iterator>

namespace sekisho::rebuild {
namespace {

constexpr std::string_view markers[] = {"【関所】", "[Sekisho]"}; // how our own lines begin
constexpr std::string_view blanks[] = {" ", "\t", "\u00a0", "\u2002", "\u2003", "\u2009", "\u3000"};
constexpr std::string_view rule = "----------------------------------------\n";
constexpr std::size_t max_listed = 30;

namespace ja {
constexpr std::string_view heading_before = "【関所】このメールから";
constexpr std::string_view heading_after = "件を取り除きました。説明は末尾にあります。\n\n";
constexpr std::string_view title = "【関所】無害化のお知らせ\n";
constexpr std::string_view taken = "■ 取り除いたもの\n";
constexpr std::string_view changed = "■ 安全な形に作り直したもの\n";
constexpr std::string_view body = "■ 本文\n";
constexpr std::string_view whole = "■ メール全体\n";
constexpr std::string_view more = "  ほか ";
constexpr std::string_view more_after = " 件\n";
constexpr std::string_view unnamed = "(名前なし)";
constexpr std::string_view ask =
    "元の内容が業務に必要なときは、受付番号を添えてシステム管理者に申し出てください。\n";
constexpr std::string_view receipt = "受付番号: ";
} // namespace ja

namespace en {
constexpr std::string_view title = "[Sekisho] This mail was made harmless on its way to you.\n";
constexpr std::string_view taken = "Taken out:\n";
constexpr std::string_view changed = "Built anew in a harmless form:\n";
constexpr std::string_view body = "Text of the mail:\n";
constexpr std::string_view whole = "The mail as a whole:\n";
constexpr std::string_view more = "  and ";
constexpr std::string_view more_after = " more\n";
constexpr std::string_view unnamed = "(no name)";
constexpr std::string_view ask =
    "If you need the original, ask your system administrator and give the receipt number.\n";
constexpr std::string_view receipt = "Receipt number: ";
} // namespace en

bool is_taken(const job::PartReport &part) {
  if (part.action != job::Action::stripped) return false;
  for (Reason reason : part.reasons) // the same text is still there
    if (reason == Reason::part_alternative_dropped) return false;
  return true;
}

bool is_changed(const job::PartReport &part) {
  return part.action == job::Action::rendered || part.action == job::Action::reencoded ||
         (part.action == job::Action::kept_text && !part.output_name.empty());
}

/// What of the body a reader should know of.
bool is_body_changed(const job::PartReport &part) {
  if (part.action != job::Action::kept_text || !part.output_name.empty()) return false;
  for (Reason reason : part.reasons)
    if (reason == Reason::part_script || reason == Reason::part_hidden_content ||
        reason == Reason::part_active_content || reason == Reason::part_control_characters ||
        reason == Reason::part_charset_replaced || reason == Reason::part_ambiguous ||
        reason == Reason::part_remote_content)
      return true;
  return false;
}

/// The rebuilder puts what matters before the everyday reason.
bool is_odd(const job::Report &report) {
  return !report.reasons.empty() && report.reasons.front() != Reason::part_header_dropped;
}

std::string words_of(const std::vector<Reason> &reasons, bool japanese) {
  std::string words;
  for (Reason reason : reasons) {
    if (!words.empty()) words += japanese ? "、" : "; ";
    words += japanese ? info(reason).japanese : info(reason).english;
  }
  return words;
}

struct Words {
  std::string_view taken, changed, body, whole, more, more_after, unnamed;
  bool japanese;
};
constexpr Words japanese = {ja::taken, ja::changed,    ja::body,    ja::whole,
                            ja::more,  ja::more_after, ja::unnamed, true};
constexpr Words english = {en::taken, en::changed,    en::body,    en::whole,
                           en::more,  en::more_after, en::unnamed, false};

void list(std::string &text, std::string_view title, const job::Report &report, const Words &words,
          bool (*belongs)(const job::PartReport &), bool named) {
  std::size_t count = 0;
  for (const job::PartReport &part : report.parts) {
    if (!belongs(part) || ++count > max_listed) continue;
    if (count == 1) text += title;
    text += "  ";
    if (named) {
      text += part.name.empty() ? words.unnamed : std::string_view(part.name);
      if (part.name.empty() && part.output_name.empty()) text += " " + part.declared_type;
      if (!part.output_name.empty() && part.output_name != part.name)
        text += " → " + part.output_name;
      text += words.japanese ? " … " : ": ";
    }
    text += words_of(part.reasons, words.japanese) + "\n";
  }
  if (count > max_listed) {
    text += words.more;
    text += std::to_string(count - max_listed);
    text += words.more_after;
  }
}

void put_language(std::string &text, const job::Report &report, const Words &words) {
  list(text, words.taken, report, words, is_taken, true);
  list(text, words.changed, report, words, is_changed, true);
  list(text, words.body, report, words, is_body_changed, false);
  if (!is_odd(report)) return;
  text += words.whole;
  text += "  " + words_of({report.reasons.front()}, words.japanese) + "\n";
}

bool any_of(const job::Report &report, bool (*belongs)(const job::PartReport &)) {
  for (const job::PartReport &part : report.parts)
    if (belongs(part)) return true;
  return false;
}

std::string_view without_blanks(std::string_view line) {
  for (bool any = true; any;) {
    any = false;
    for (std::string_view blank : blanks)
      if (line.starts_with(blank)) {
        line.remove_prefix(blank.size());
        any = true;
      }
  }
  return line;
}

bool begins_as_ours(std::string_view line) {
  return std::any_of(std::begin(markers), std::end(markers),
                     [&](std::string_view marker) { return line.starts_with(marker); });
}

} // namespace

std::string note_heading(const job::Report &report) {
  std::size_t taken = 0;
  for (const job::PartReport &part : report.parts)
    taken += is_taken(part);
  if (taken == 0) return {};
  std::string text(ja::heading_before);
  text += std::to_string(taken);
  text += ja::heading_after;
  return text;
}

std::string note(const job::Report &report) {
  if (!any_of(report, is_taken) && !any_of(report, is_changed) &&
      !any_of(report, is_body_changed) && !is_odd(report))
    return {};
  std::string text("\n");
  text += rule;
  text += ja::title;
  put_language(text, report, japanese);
  text += ja::ask;
  text += ja::receipt;
  text += report.receipt + "\n\n";
  text += en::title;
  put_language(text, report, english);
  text += en::ask;
  text += en::receipt;
  text += report.receipt + "\n";
  text += rule;
  return text;
}

std::string without_forged_notes(std::string body) {
  if (std::none_of(std::begin(markers), std::end(markers),
                   [&](std::string_view marker) { return body.find(marker) != std::string::npos; }))
    return body;
  std::string marked;
  marked.reserve(body.size() + body.size() / 8);
  for (std::size_t start = 0; start < body.size();) {
    std::size_t end = body.find('\n', start);
    end = end == std::string::npos ? body.size() : end + 1;
    std::string_view line = std::string_view(body).substr(start, end - start);
    if (begins_as_ours(without_blanks(line))) marked += "> ";
    marked += line;
    start = end;
  }
  return marked;
}

} // namespace sekisho::rebuild
