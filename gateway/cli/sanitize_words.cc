#include "gateway/cli/sanitize_words.hh"

#include "gateway/cli/counted.hh"
#include "gateway/cli/daemon.hh"
#include "gateway/cli/table.hh"

#include <fmt/format.h>

#include <algorithm>

namespace sekisho::cli {
namespace {

struct Words {
  std::string_view english, japanese;
  std::string_view read() const { return in_words(english, japanese); }
};

// In the order of job::Kind.
constexpr std::array<Words, job::kind_count> kinds = {{
    {"a file of unknown kind", "種類不明のファイル"},
    {"an empty file", "空のファイル"},
    {"plain text", "テキスト"},
    {"an HTML page", "HTML文書"},
    {"a table as text (CSV)", "CSV表"},
    {"an XML document", "XML文書"},
    {"JSON data", "JSONデータ"},
    {"a calendar entry", "予定(iCalendar)"},
    {"a contact card", "連絡先(vCard)"},
    {"an RTF document", "RTF文書"},
    {"a PDF document", "PDF文書"},
    {"a JPEG picture", "JPEG画像"},
    {"a PNG picture", "PNG画像"},
    {"a GIF picture", "GIF画像"},
    {"a BMP picture", "BMP画像"},
    {"a TIFF picture", "TIFF画像"},
    {"a WebP picture", "WebP画像"},
    {"a HEIF picture", "HEIF画像"},
    {"an SVG drawing", "SVG図形"},
    {"a Windows metafile", "メタファイル(WMF・EMF)"},
    {"a Word document", "Word文書"},
    {"an Excel workbook", "Excelブック"},
    {"a PowerPoint presentation", "PowerPointプレゼンテーション"},
    {"an Office document with macros", "マクロ付きOffice文書"},
    {"an OpenDocument file", "OpenDocument文書"},
    {"an old Office document", "旧形式のOffice文書"},
    {"an old Office document with macros", "マクロ付き旧形式Office文書"},
    {"an OLE2 file", "OLE2ファイル"},
    {"a zip archive", "ZIP書庫"},
    {"a 7z archive", "7z書庫"},
    {"a RAR archive", "RAR書庫"},
    {"a tar archive", "tar書庫"},
    {"a gzip file", "gzip圧縮ファイル"},
    {"a bzip2 file", "bzip2圧縮ファイル"},
    {"an xz file", "xz圧縮ファイル"},
    {"an LZH archive", "LZH書庫"},
    {"a cabinet archive", "CAB書庫"},
    {"a disk image", "ディスクイメージ"},
    {"an archive", "書庫"},
    {"a mail", "メール"},
    {"an Outlook container (winmail.dat)", "Outlook形式の添付(winmail.dat)"},
    {"a signature", "電子署名"},
    {"an encrypted file", "暗号化ファイル"},
    {"a program", "実行プログラム"},
    {"a script", "スクリプト"},
    {"a shortcut", "ショートカット"},
    {"a OneNote section", "OneNoteセクション"},
    {"a font", "フォント"},
    {"a sound file", "音声ファイル"},
    {"a film", "動画ファイル"},
    {"an Ichitaro document", "一太郎文書"},
    {"a DocuWorks document", "DocuWorks文書"},
    {"a Visio drawing", "Visio図面"},
    {"an XPS document", "XPS文書"},
}};

// In the order of job::Action.
constexpr std::array<Words, job::action_count> actions = {{
    {"kept as plain text", "文字だけにして残しました"},
    {"drawn as pixels, a new file was made of them", "ページを画像にして、新しいファイルを作りました"},
    {"decoded and encoded anew", "画像を作り直しました"},
    {"taken out", "取り除きました"},
    {"held: a person must look", "保留しました(担当者の確認が必要です)"},
}};

// What was done says more than that it was encoded anew.
constexpr struct {
  Reason reason;
  Words words;
} doings[] = {
    {Reason::office_rebuilt, {"a new document was written, of what is listed alone", "許可した要素だけで新しい文書を作りました"}},
    {Reason::part_unpacked,
     {"unpacked, and what became of its files packed anew", "展開し、無害化した中のファイルを改めて圧縮しました"}},
};

// In the order of job::Status.
constexpr std::array<Words, job::status_count> statuses = {{
    {"refused, nothing was written", "拒否(出力なし)"},
    {"held, nothing was written", "保留(出力なし)"},
    {"clean", "無害化完了"},
}};

template <class Enum, std::size_t count> const Words &row(const std::array<Words, count> &rows, Enum value) {
  return rows[static_cast<std::size_t>(value)];
}

std::string in_octets(std::uint64_t size) {
  return wants_japanese() ? fmt::format("{}バイト", size) : counted(size, "octet");
}

std::string_view what_was_done(const job::PartReport &part) {
  if (part.action == job::Action::reencoded)
    for (const auto &doing : doings)
      if (std::ranges::count(part.reasons, doing.reason) > 0) return doing.words.read();
  return row(actions, part.action).read();
}

/// Whether it says no more than what_was_done().
bool repeats_what_was_done(Reason reason, const job::PartReport &part) {
  switch (part.action) {
  case job::Action::kept_text: return reason == Reason::part_to_text || reason == Reason::part_html_to_text;
  case job::Action::rendered: return reason == Reason::part_rendered;
  case job::Action::reencoded:
    return reason == Reason::part_reencoded || std::ranges::any_of(doings, [&](const auto &doing) { return doing.reason == reason; });
  default: return false;
  }
}

std::string_view sentence(Reason reason) {
  const ReasonInfo &words = info(reason);
  return in_words(words.english, words.japanese);
}

/// Two blanks for each level of the path "1.2.1".
std::string indent_of(const job::PartReport &part) {
  return std::string(2 * static_cast<std::size_t>(std::ranges::count(part.path, '.')) + 2, ' ');
}

void tell_part(std::string &story, const job::PartReport &part) {
  const std::string indent = indent_of(part);
  const std::string name = part.name.empty() ? std::string(in_words("(no name)", "(名前なし)")) : for_terminal(part.name);
  story += fmt::format("{}{} {}\n", indent, part.path, name);
  const auto line = [&](const Words &heading, std::string_view text) {
    story += fmt::format("{}  {}{}\n", indent, heading.read(), text);
  };
  std::string what = fmt::format(fmt::runtime(in_words("{}, {}", "{}、{}")),
                                 kind_in_words(part.kind), in_octets(part.size));
  if (!part.declared_type.empty())
    what += fmt::format(fmt::runtime(in_words("; declared as {}", "(宣言は{})")), for_terminal(part.declared_type));
  line({"is: ", "内容: "}, what);
  for (Reason reason : part.reasons)
    if (!repeats_what_was_done(reason, part)) line({"found: ", "所見: "}, fmt::format("{} [{}]", sentence(reason), word_of(reason)));
  std::string done(what_was_done(part));
  if (part.output_size > 0 && !part.output_name.empty())
    done += fmt::format(fmt::runtime(in_words(": {}, {}", ": {}、{}")), for_terminal(part.output_name),
                        in_octets(part.output_size));
  line({"done: ", "処理: "}, done);
  if (part.milliseconds > 0) line({"took: ", "時間: "}, fmt::format("{} ms", part.milliseconds));
}

} // namespace

std::string words_of(Reason reason) {
  const ReasonInfo &words = info(reason);
  return fmt::format("{}: {} / {}", words.word, words.english, words.japanese);
}

std::string_view kind_in_words(job::Kind kind) { return row(kinds, kind).read(); }

std::string outcome_lines(const std::string &input, const std::string &output, const job::Outcome &outcome) {
  std::string lines = fmt::format("{} / {}: {}", word_of(outcome.status),
                                  row(statuses, outcome.status).japanese, for_terminal(input));
  if (outcome.status == job::Status::clean)
    lines += fmt::format(" -> {} ({}, sha256 {})\n", for_terminal(output), counted(outcome.report.output_size, "octet"),
                         outcome.report.output_sha256);
  else
    lines += fmt::format("\n  {}\n", words_of(outcome.reason));
  if (!outcome.report.malware.empty()) lines += fmt::format("  {}\n", for_terminal(outcome.report.malware));
  for (Reason reason : outcome.report.reasons)
    lines += fmt::format("  {}\n", words_of(reason));
  for (const job::PartReport &part : outcome.report.parts) {
    lines += fmt::format("  {} {} [{}, {}] {}\n", part.path, for_terminal(part.name), word_of(part.kind), counted(part.size, "octet"),
                         word_of(part.action));
    for (Reason reason : part.reasons)
      lines += fmt::format("      {}\n", words_of(reason));
  }
  return lines;
}

std::string outcome_story(const std::string &input, const job::Outcome &outcome) {
  const job::Report &report = outcome.report;
  std::string story = fmt::format("{}: {}\n", for_terminal(input), row(statuses, outcome.status).read());
  if (outcome.reason != Reason::none)
    story += fmt::format("  {}{} [{}]\n", in_words("why: ", "理由: "), sentence(outcome.reason),
                         word_of(outcome.reason));
  if (!report.malware.empty())
    story += fmt::format("  {}{}\n", in_words("malware: ", "検出名: "), for_terminal(report.malware));
  if (!report.subject.empty() || !report.from.empty())
    story += fmt::format(fmt::runtime(in_words("  a mail from {}: {}\n", "  {} からのメール: {}\n")), for_terminal(report.from),
                         for_terminal(report.subject));
  for (const std::string &hop : report.received)
    story += fmt::format("  {}{}\n", in_words("came by: ", "経路: "), for_terminal(hop));
  for (Reason reason : report.reasons)
    story += fmt::format("  {}{} [{}]\n", in_words("found: ", "所見: "), sentence(reason), word_of(reason));
  for (const job::PartReport &part : report.parts)
    tell_part(story, part);
  story += fmt::format("  {} {} ({})\n", in_words("input  sha256", "入力 SHA-256"), report.input_sha256, in_octets(report.input_size));
  if (!report.output_sha256.empty())
    story += fmt::format("  {} {} ({})\n", in_words("output sha256", "出力 SHA-256"), report.output_sha256, in_octets(report.output_size));
  return story;
}

} // namespace sekisho::cli
