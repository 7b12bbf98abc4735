#include "sanitizer/rebuild/mail/note_words.hh"

#include "base/text.hh"
#include "base/utf8.hh"
#include "sanitizer/verify/characters.hh"

#include <algorithm>
#include <array>
#include <initializer_list>

namespace sekisho::rebuild {
namespace {

struct Placeholder {
  std::string_view word;
  NoteItem item;
};
constexpr std::array<Placeholder, 7> placeholders = {{{"receipt", NoteItem::receipt},
                                                      {"count", NoteItem::count},
                                                      {"original", NoteItem::original},
                                                      {"taken", NoteItem::taken},
                                                      {"changed", NoteItem::changed},
                                                      {"body", NoteItem::body},
                                                      {"whole", NoteItem::whole}}};
constexpr std::array<std::string_view, 7> placeholder_words = {"receipt", "count", "original", "taken",
                                                               "changed", "body", "whole"};
constexpr std::array<std::string_view, 4> section_words = {"heading", "ja", "en", "subject"};
constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
constexpr std::size_t most_findings = 20;

/// "[ja]": a section begins.  Any word is taken for one, so that a mistyped name is seen.
std::optional<std::string_view> section_name(std::string_view line) {
  line = trimmed(line, " ");
  if (line.size() < 3 || line.front() != '[' || line.back() != ']') return std::nullopt;
  line = line.substr(1, line.size() - 2);
  const bool is_word = std::ranges::all_of(line, [](char c) { return c >= 'a' && c <= 'z'; });
  return is_word ? std::optional(line) : std::nullopt;
}

std::string joined(std::initializer_list<std::string_view> parts) {
  std::string text;
  for (std::string_view part : parts)
    text += part;
  return text;
}

std::uint32_t count_characters(std::string_view utf8) {
  return static_cast<std::uint32_t>(
      std::ranges::count_if(utf8, [](char c) { return (c & 0xc0) != 0x80; }));
}

class Reader {
public:
  explicit Reader(std::string_view text) : text_(text) {}

  ReadNote read() {
    if (text_.starts_with(byte_order_mark)) text_.remove_prefix(byte_order_mark.size());
    if (text_.size() > max_note_words) {
      error(1, 1, "the words of the note are longer than 64 KiB");
      return std::move(result_);
    }
    while (!text_.empty() && result_.findings.size() < most_findings)
      line();
    end_section();
    for (const Section &section : sections_)
      if (!section.is_there && section.is_needed)
        error(1, 1, joined({"there is no section [", section.name, "]"}),
              joined({"begin it with a line  [", section.name, "]"}))
            .line = 1;
    const bool good =
        std::ranges::none_of(result_.findings, [](const NoteFinding &f) { return f.is_error; });
    if (good)
      result_.words = {std::move(sections_[0].text), std::move(sections_[1].text),
                       std::move(sections_[2].text), words_of(sections_[3].text)};
    return std::move(result_);
  }

private:
  /// One line of words.
  static std::string words_of(const NoteSection &section) {
    if (section.empty() || section.front().front().front().item != NoteItem::text) return {};
    return section.front().front().front().text;
  }

  struct Section {
    std::string_view name;
    bool is_needed = false;
    bool is_there = false;
    std::uint32_t line = 0; // of its name
    NoteSection text = {};
    bool has_receipt = false, has_taken = false;
  };

  NoteFinding &error(std::uint32_t first, std::uint32_t last, std::string message,
                     std::string help = {}) {
    NoteFinding finding;
    finding.line = std::max(line_, 1u);
    finding.first_column = first;
    finding.last_column = std::max(first, last);
    finding.message = std::move(message);
    finding.help = std::move(help);
    return result_.findings.emplace_back(std::move(finding));
  }

  void line() {
    ++line_;
    const std::size_t end = std::min(text_.find('\n'), text_.size());
    std::string_view line = text_.substr(0, end);
    text_.remove_prefix(std::min(end + 1, text_.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!is_readable(line)) return;
    if (line.starts_with('#')) return;
    result_.plain += line;
    result_.plain += '\n';
    if (const auto name = section_name(line)) return begin_section(*name, line);
    if (trimmed(line, " ").empty()) return end_paragraph();
    if (!section_) {
      if (!stray_) error(1, count_characters(line), "this line stands in no section", "begin with  [ja]");
      stray_ = true;
      return;
    }
    if (NoteLine read = pieces(line); !read.empty()) paragraph_.push_back(std::move(read));
  }

  /// What verify would not let pass in a mail is not let in here.
  bool is_readable(std::string_view line) {
    std::uint32_t column = 1;
    for (std::size_t position = 0; position < line.size(); ++column) {
      const char32_t c = utf8_next(line, position);
      if (c == utf8_invalid) {
        if (!foreign_) error(column, column, "this is not UTF-8", "save the file as UTF-8");
        foreign_ = true;
        return false;
      }
      if (!verify::is_forbidden(c)) continue;
      error(column, column, c == '\t' ? "a TAB" : "a control character or an invisible one",
            c == '\t' ? "write blanks" : "take it out");
      return false;
    }
    return true;
  }

  void begin_section(std::string_view name, std::string_view line) {
    end_section();
    const std::uint32_t last = count_characters(line);
    const auto found = std::ranges::find(sections_, name, &Section::name);
    if (found == sections_.end()) {
      NoteFinding &finding = error(1, last, joined({"no section is called [", name, "]"}),
                                   "the sections are [heading], [ja], [en] and [subject]");
      finding.unknown = name;
      finding.known = section_words;
      section_ = &unknown_;
      return;
    }
    if (found->is_there) error(1, last, joined({"a second section [", name, "]"}));
    found->is_there = true;
    found->line = line_;
    section_ = &*found;
  }

  void end_section() {
    end_paragraph();
    if (!section_ || !section_->is_needed) return;
    const std::string name = joined({"[", section_->name, "]"});
    const auto at_name = [&](NoteFinding &finding) -> NoteFinding & {
      finding.line = section_->line;
      return finding;
    };
    const auto last = static_cast<std::uint32_t>(name.size());
    if (!section_->has_receipt)
      at_name(error(1, last, joined({"section ", name, " does not give the receipt number (H2)"}),
                    "add a line with  {receipt}"));
    if (!section_->has_taken)
      at_name(error(1, last, joined({"section ", name, " does not tell what was taken out (H2)"}),
                    "add a line  {taken}"))
          .is_error = false;
  }

  void end_paragraph() {
    if (!paragraph_.empty() && section_) section_->text.push_back(std::move(paragraph_));
    paragraph_.clear();
  }

  NoteLine pieces(std::string_view line) {
    NoteLine read;
    std::string text;
    list_ = {};
    std::uint32_t column = 1;
    while (!line.empty()) {
      const std::size_t brace = std::min(line.find('{'), line.size());
      text += line.substr(0, brace);
      column += count_characters(line.substr(0, brace));
      line.remove_prefix(brace);
      if (line.empty()) break;
      if (line.starts_with("{{")) {
        text += '{';
        line.remove_prefix(2);
        column += 2;
        continue;
      }
      const std::size_t end = line.find('}');
      if (end == std::string_view::npos) {
        error(column, column, "'{' is never closed", "write  {{  for a brace that is none of ours");
        return {};
      }
      const std::string_view word = line.substr(1, end - 1);
      const std::uint32_t last = column + count_characters(line.substr(0, end));
      const auto found = std::ranges::find(placeholders, word, &Placeholder::word);
      if (found == placeholders.end()) {
        NoteFinding &finding =
            error(column, last, joined({"no placeholder is called {", word, "}"}));
        finding.help = "there are {receipt}, {count}, {original}, {taken}, {changed}, {body} and {whole}";
        finding.unknown = word;
        finding.known = placeholder_words;
        return {};
      }
      if (!text.empty()) read.push_back({NoteItem::text, std::move(text)});
      text.clear();
      read.push_back({found->item, {}});
      if (found->item == NoteItem::taken) section_->has_taken = true;
      if (found->item >= NoteItem::taken) list_ = {column, last, word};
      line.remove_prefix(end + 1);
      column = last + 1;
    }
    if (!text.empty()) read.push_back({NoteItem::text, std::move(text)});
    const auto has = [&](NoteItem item) { return std::ranges::find(read, item, &NotePiece::item) != read.end(); };
    if (has(NoteItem::receipt) && !has(NoteItem::original)) section_->has_receipt = true; // in each mail
    return list_.last == 0 ? read : alone(std::move(read));
  }

  /// A list has its line for itself; blanks around it do not count.
  NoteLine alone(NoteLine read) {
    std::erase_if(read, [](const NotePiece &piece) {
      return piece.item == NoteItem::text && trimmed(piece.text, " ").empty();
    });
    if (read.size() == 1) return read;
    error(list_.first, list_.last, joined({"{", list_.word, "} is a list"}),
          "give it a line of its own");
    return {};
  }

  struct List {
    std::uint32_t first = 0, last = 0;
    std::string_view word;
  };

  std::string_view text_;
  std::uint32_t line_ = 0;
  ReadNote result_;
  std::array<Section, 4> sections_ = {{{.name = "heading"},
                                       {.name = "ja", .is_needed = true},
                                       {.name = "en", .is_needed = true},
                                       {.name = "subject"}}};
  Section unknown_ = {.name = ""};
  Section *section_ = nullptr;
  NoteParagraph paragraph_;
  List list_; // in the line in hand
  bool foreign_ = false, stray_ = false;
};

constexpr std::string_view built_in = R"note(# メールに添えるお知らせの文面。関所に組み込まれている文面と同じものです。
# 写しを直して規則の  note "/etc/sekisho/note.txt"  に書き、sekisho check で確かめます。
#
# The words of the note that goes with a mail, the same as those built in.  To have others, edit a copy, name
# it in a relay of the rules ( note "/etc/sekisho/note.txt" ), and try  sekisho check.
#
# [heading] は本文の前、[ja] と [en] は本文の後に入ります。空行で区切った段落のうち、一覧が空になるものは省かれます。
# sekisho.rules(5) explains sections, paragraphs and placeholders.

[heading]
【関所】このメールから{count}件を取り除きました。説明は末尾にあります。

[ja]
【関所】無害化のお知らせ
このメールは安全な形に作り直してお届けしています。本文は文字だけにしています。

■ 取り除いたものと理由
{taken}

■ 残っている添付ファイル(安全な形に作り直したもの)
{changed}

■ 本文について
{body}

■ メール全体について
{whole}

{original}元の内容が業務に必要なときは、受付番号を添えてシステム管理者にお申し出ください。
受付番号: {receipt}

[en]
[Sekisho] This mail was made harmless on its way to you.
It was built anew, its text as plain text.

Taken out, and why:
{taken}

Attachments that are left, built anew in a harmless form:
{changed}

About the text of the mail:
{body}

About the mail as a whole:
{whole}

{original}If you need the original, ask your system administrator and give the receipt number.
Receipt number: {receipt}
)note";

} // namespace

ReadNote read_note_words(std::string_view text) { return Reader(text).read(); }

std::string_view built_in_note_words() { return built_in; }

} // namespace sekisho::rebuild
