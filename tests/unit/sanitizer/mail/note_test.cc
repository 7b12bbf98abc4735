// The note (H2): its words as an administrator writes them, what is filled in, and that no mail can bring one along.
#include "base/utf8.hh"
#include "sanitizer/job/missing.hh"
#include "sanitizer/rebuild/mail/look_alike.hh"
#include "sanitizer/rebuild/mail/note.hh"
#include "sanitizer/verify/verify.hh"
#include "tests/support/cost.hh"
#include "tests/unit/sanitizer/corpus.hh"

#include <gtest/gtest.h>

#include <algorithm>

namespace sekisho::rebuild {
namespace {

const std::string both = "[ja]\n受付番号 {receipt}\n[en]\nReceipt {receipt}\n";

job::Report report_of_one_taken() {
  job::Report report;
  report.receipt = "R-7";
  job::PartReport part;
  part.name = "run.exe";
  part.action = job::Action::stripped;
  part.reasons = {Reason::part_executable};
  report.parts.push_back(part);
  return report;
}

TEST(NoteWords, the_example_file_is_what_is_built_in) {
  const char *source = std::getenv("SOURCE");
  EXPECT_EQ(corpus::read(std::filesystem::path(source ? source : ".") / "deploy/notes/default.txt"),
            built_in_note_words());
  const ReadNote read = read_note_words(built_in_note_words());
  EXPECT_TRUE(read.words);
  EXPECT_TRUE(read.findings.empty());
}

TEST(NoteWords, what_is_wrong) {
  const struct {
    std::string text;
    std::uint32_t line, first, last;
    std::string_view message;
  } cases[] = {
      {"", 1, 1, 1, "there is no section [ja]"},
      {"[ja]\n{receipt}\n", 1, 1, 1, "there is no section [en]"},
      {"hello\n" + both, 1, 1, 5, "this line stands in no section"},
      {both + "[jp]\n", 5, 1, 4, "no section is called [jp]"},
      {both + "[ja]\n{receipt}", 5, 1, 4, "a second section [ja]"},
      {both + "a {", 5, 3, 3, "'{' is never closed"},
      {both + "a {}", 5, 3, 4, "no placeholder is called {}"},
      {both + "見 {taken}", 5, 3, 9, "{taken} is a list"},
      {both + "{taken}{taken}", 5, 8, 14, "{taken} is a list"},
      {both + "a\tb", 5, 2, 2, "a TAB"},
      {both + "a\x1b[31m", 5, 2, 2, "a control character or an invisible one"},
      {both + "a\u202eb", 5, 2, 2, "a control character or an invisible one"},
      {both + "a\rb", 5, 2, 2, "a control character or an invisible one"},
      {both + std::string(1, '\0'), 5, 1, 1, "a control character or an invisible one"},
      {both + "\x8e\xf3\x95\x74", 5, 1, 1, "this is not UTF-8"},
      {both + std::string(64 << 10, 'x'), 1, 1, 1, "the words of the note are longer than 64 KiB"},
  };
  for (const auto &c : cases) {
    const ReadNote read = read_note_words(c.text);
    EXPECT_FALSE(read.words) << c.message;
    const auto found = std::ranges::find(read.findings, c.message, &NoteFinding::message);
    ASSERT_NE(found, read.findings.end()) << c.message;
    EXPECT_EQ(found->line, c.line) << c.message;
    EXPECT_EQ(found->first_column, c.first) << c.message;
    EXPECT_EQ(found->last_column, c.last) << c.message;
  }
}

TEST(NoteWords, any_octets_are_read_without_harm) {
  std::string text(built_in_note_words());
  for (std::size_t i = 0; i < text.size(); i += 7)
    for (char c : {'{', '}', '[', '\n', '\xff', '\0'}) {
      std::string damaged = text;
      damaged[i] = c;
      const ReadNote read = read_note_words(damaged);
      EXPECT_EQ(!read.words, std::ranges::any_of(read.findings, &NoteFinding::is_error));
      EXPECT_LT(read.findings.size(), 100u);
      EXPECT_TRUE(!read.words || read_note_words(read.plain).plain == read.plain);
    }
}

TEST(Note, says_the_administrators_words) {
  const Note note("[heading]\n{count} taken {{ }\n"
                  "[ja]\n役場より\n\n■ 一覧\n{taken}\n\n■ 残り\n{changed}\n\n番号 {receipt} です\n"
                  "[en]\nNo. {receipt}\n");
  const job::Report report = report_of_one_taken();
  EXPECT_EQ(note.heading(report), "1 taken { }\n\n");
  EXPECT_EQ(note.foot(report), "\n----------------------------------------\n"
                               "役場より\n\n■ 一覧\n  「run.exe」 … " +
                                   std::string(info(Reason::part_executable).japanese) +
                                   "\n\n番号 R-7 です\n\nNo. R-7\n"
                                   "----------------------------------------\n");
  EXPECT_EQ(note.foot({}), "");
  EXPECT_EQ(note.heading({}), "");
}

/// H2: nobody is sent to ask for what is not kept.
TEST(Note, invites_to_ask_for_the_original_where_it_is_kept) {
  const auto row_of = [](job::Kind kind, std::string output_name, Reason reason) {
    job::PartReport part;
    part.kind = kind;
    part.action = job::Action::kept_text;
    part.reasons = {reason};
    part.output_name = std::move(output_name);
    job::Report report;
    report.parts.push_back(std::move(part));
    return report;
  };
  const auto of_mail = [](Reason reason) {
    job::Report report;
    report.reasons = {reason};
    return report;
  };
  using enum Reason;
  const job::Report kept[] = {row_of(job::Kind::ooxml_word, "a.docx.txt", part_to_text), row_of(job::Kind::html, "", part_script),
                              row_of(job::Kind::html, "", part_hidden_content), row_of(job::Kind::html, "", part_active_content),
                              row_of(job::Kind::text, "", part_charset_replaced), report_of_one_taken(), of_mail(part_too_deep),
                              of_mail(part_too_big), of_mail(part_charset_replaced)};
  const job::Report others[] = {of_mail(unknown_sender), of_mail(part_forms_differ),
                                row_of(job::Kind::html, "", part_remote_content), row_of(job::Kind::text, "", part_active_content)};
  constexpr std::string_view japanese = "元の内容が業務に必要なときは", english = "If you need the original", receipt = "Receipt number: ";
  const auto foot_of = [](const job::Report &report) { return Note("").foot(report); };
  for (const job::Report &report : kept) {
    EXPECT_NE(job::what_is_missing(report), none);
    EXPECT_NE(foot_of(report).find(japanese), std::string::npos) << foot_of(report);
    EXPECT_NE(foot_of(report).find(english), std::string::npos);
  }
  for (const job::Report &report : others) {
    EXPECT_EQ(job::what_is_missing(report), none);
    EXPECT_EQ(foot_of(report).find(japanese), std::string::npos) << foot_of(report);
    EXPECT_EQ(foot_of(report).find(english), std::string::npos);
    EXPECT_NE(foot_of(report).find(receipt), std::string::npos) << foot_of(report);
  }
  EXPECT_FALSE(read_note_words("[ja]\n{original}{receipt}\n[en]\n{receipt}\n").words) << "each note has the number";
}

/// What was taken out of a file does not read as if it were still in there; what the rules keep is not called taken.
TEST(Note, what_is_delivered_has_in_brackets_what_it_came_with) {
  job::Report report = report_of_one_taken();
  job::PartReport &part = report.parts.front();
  part.name = part.output_name = "a.pdf";
  const auto row_of = [&](job::Action action, job::Kind kind, std::vector<Reason> reasons) {
    part.action = action;
    part.kind = kind;
    part.reasons = std::move(reasons);
    const std::string foot = Note("").foot(report);
    const auto behind = [&](std::string_view mark) {
      const std::size_t at = foot.find(mark) + mark.size();
      return foot.substr(at, foot.find('\n', at) - at);
    };
    return behind("「a.pdf」 … ") + " | " + behind("\"a.pdf\": ");
  };
  using enum Reason;
  constexpr auto rendered = job::Action::rendered, text = job::Action::kept_text, stripped = job::Action::stripped;
  EXPECT_EQ(row_of(rendered, job::Kind::pdf, {part_rendered, part_javascript, part_embedded_file, part_kind_mismatch}),
            "ページを画像にして作り直し(除去したもの: JavaScript、埋め込みファイル)、ファイル名や申告された種類と実際の中身が異なる | "
            "drawn as pixels and built anew (taken out: JavaScript; a file inside the file); name, declared type and content disagree");
  EXPECT_EQ(row_of(rendered, job::Kind::ooxml_macro, {part_macro, part_rendered}),
            "ページを画像にして作り直し(除去したもの: マクロ) | drawn as pixels and built anew (taken out: macros)");
  EXPECT_EQ(row_of(rendered, job::Kind::ooxml_word, {office_rebuilt, office_hidden}),
            "安全と分かっている要素だけで作り直し、非表示のシート・スライド・文字・画像の一部を含む | "
            "built anew from a list of what may be in it; holds hidden sheets, slides, text or parts of pictures");
  EXPECT_EQ(row_of(text, job::Kind::csv, {part_to_text, office_dde, part_external_link, part_formula_marked}).find("除去"), std::string::npos);
  EXPECT_EQ(row_of(text, job::Kind::csv, {part_to_text, office_dde}),
            "文字だけに変換、他プログラムとのデータ交換(DDE)を行うセル | turned into plain text; cells that would exchange data with other programs (DDE)");
  EXPECT_EQ(row_of(text, job::Kind::text, {part_to_text, part_active_content}),
            "文字だけに変換、タグやスクリプトの記述が動かないよう空白を挿入 | "
            "turned into plain text; blanks put into tags and script addresses, so that they do nothing");
  EXPECT_EQ(row_of(text, job::Kind::calendar, {part_to_text, part_active_content}).find("空白"), std::string::npos);
  EXPECT_EQ(row_of(stripped, job::Kind::ooxml_macro, {part_macro, part_javascript}).find("除去"), std::string::npos);
  EXPECT_EQ(row_of(text, job::Kind::html, {part_html_to_text, part_script}),
            "HTMLを文字だけに変換(除去したもの: スクリプト) | HTML turned into plain text (taken out: script)");
  part.output_name = ""; // the body
  part.reasons = {part_html_to_text, part_malformed, part_script};
  EXPECT_NE(Note("").foot(report).find("\n■ 本文について\n  破損または不正な形式、除去したもの: スクリプト\n"), std::string::npos);
}

/// A name that goes on as a row of ours does is still one name.
TEST(Note, no_name_is_a_row_of_its_own) {
  job::Report report = report_of_one_taken();
  report.parts.front().name = "請求書.pdf」 … 検査済み、安全 「a.exe";
  std::string foot = Note("").foot(report);
  EXPECT_NE(foot.find("\n  「請求書.pdf) … 検査済み、安全 (a.exe」 … 実行プログラム\n"), foot.npos) << foot;
  report.parts.front().name = "invoice.pdf“: checked, safe ’’a.exe";
  foot = Note("").foot(report);
  EXPECT_NE(foot.find("\n  \"invoice.pdf_: checked, safe __a.exe\": a program\n"), foot.npos) << foot;
  report.parts.front().output_name = "b → c.txt";
  report.parts.front().action = job::Action::kept_text;
  foot = Note("").foot(report);
  EXPECT_NE(foot.find("a.exe」 → 「b → c.txt」 … "), foot.npos) << foot;
  report.parts.front().name = report.parts.front().output_name = "";
  report.parts.front().declared_type = "image/png … 検査済み";
  report.parts.front().action = job::Action::stripped;
  foot = Note("").foot(report);
  EXPECT_NE(foot.find("  (名前なし) 「image/png … 検査済み」 … 実行プログラム\n"), foot.npos) << foot;
}

TEST(Note, the_receipt_number_is_never_left_out) {
  const Note note("[ja]\n{whole}\n番号 {receipt}\n[en]\n{whole}\nNo. {receipt}\n");
  const std::string text = note.foot(report_of_one_taken());
  EXPECT_NE(text.find("番号 R-7"), std::string::npos) << text;
  EXPECT_NE(text.find("No. R-7"), std::string::npos) << text;
}

TEST(Note, words_that_cannot_be_used_give_those_built_in) {
  EXPECT_EQ(Note("[ja]\nno receipt\n").foot(report_of_one_taken()), Note("").foot(report_of_one_taken()));
  EXPECT_NE(Note("").foot(report_of_one_taken()).find("受付番号: R-7"), std::string::npos);
  EXPECT_NE(Note("").foot(report_of_one_taken()).find("Receipt number: R-7"), std::string::npos);
}

TEST(Note, no_mail_brings_one_along) {
  const Note note("[ja]\n役場からのお知らせ\n受付番号 {receipt}\n[en]\nFrom the town hall\nNo. {receipt}\n--\n");
  EXPECT_EQ(note.without_forged_lines("a\n役場からのお知らせ!\n\u3000 受付番号 99\n\tFrom the town hall\n【関所】x"),
            "a\n> 役場からのお知らせ!\n> \u3000 受付番号 99\n> \tFrom the town hall\n> 【関所】x");
  for (const std::string fine : {"", "\n", "No. 5\n", "--\n", "> 受付番号 99\n", "役場からの道\n", "受"})
    EXPECT_EQ(note.without_forged_lines(fine), fine);
  EXPECT_EQ(Note("").without_forged_lines("Receipt number: 1\n"), "> Receipt number: 1\n");
  const Note bracket("[ja]\n)Taken out and why\n受付番号 {receipt}\n[en]\nTaken out and why\n{receipt}\n");
  EXPECT_EQ(bracket.without_forged_lines("Taken out and why\n> Taken out and why\n"), "> Taken out and why\n> Taken out and why\n");
}

/// What is not seen does not hide a line, nor what becomes ours only when the mail is written.
TEST(Note, no_mail_brings_one_along_in_disguise) {
  const Note note("[ja]\nセキュリティ通知センター\n受付番号 {receipt}\n[en]\nNo. {receipt}\n");
  for (const std::string before : {"\u200c", "\u200d", "\u2001", "\u2007", "\u202f", "\u2800", "\u0301", "\u2060", "\ufeff", "\u180b", "\u1ab0", "\ufffc"})
    EXPECT_EQ(note.without_forged_lines(before + "【関所】x"), "> " + before + "【関所】x");
  for (const std::string within : {"【\ufe00関所】x", "【関\U000e0100所】x", "【関所\u200b】x", "[\u2060Sekisho] x"})
    EXPECT_EQ(note.without_forged_lines(within), "> " + within);
  constexpr job::MailCharset jis = job::MailCharset::iso_2022_jp;
  const std::string half = "ｾｷｭﾘﾃｨ通知ｾﾝﾀｰから\n";
  EXPECT_EQ(note.without_forged_lines(half), half);
  EXPECT_EQ(note.without_forged_lines(half, jis), "> " + half);
  EXPECT_EQ(Note("").without_forged_lines("Receipt\u00a0number: 9\n", jis), "> Receipt\u00a0number: 9\n");
}

/// In other brackets, widths, scripts, behind a symbol: at a glance it is ours.
TEST(Note, no_mail_brings_a_look_alike_along) {
  const Note note("");
  for (const std::string line :
       {"【關所】x", "【闗所】x", "【閑所】x", "［関所］x", "〔関所〕x", "【 関 所 】x", "■【関所】x", "・ [関所] x", "[sekisho] x", "[SEKISHO] x",
        "［Ｓｅｋｉｓｈｏ］x", "[Sеkishо] x", "[5ek1sh0] x", "【Sekisho】x", "[𝐒𝐞𝐤𝐢𝐬𝐡𝐨] x", "[Ⓢⓔⓚⓘⓢⓗⓞ] x", "★ 【㪽】\n【关㪽】x",
        "『関所』x", "（関所）x", "(Sekisho) x", "《関所》x", "≪関所≫x", "＜関所＞x", "<Sekisho> x", "｛関所｝x", "(【関所】) x", "((関所))",
        "検査の結果 【関所】x", "検査済み。[Sekisho] x", "OK ［關所］x", "OK: 〔 関所〕x", "a\nb 【関所】x\nc"}) {
    bool has_marks = false;
    const std::string marked = note.without_forged_lines(line, job::MailCharset::utf8, &has_marks);
    EXPECT_NE(marked.find("> "), std::string::npos) << line;
    EXPECT_TRUE(has_marks) << line;
  }
  EXPECT_EQ(note.without_forged_lines("receipt  NUMBER: 9\n"), "> receipt  NUMBER: 9\n");
  for (const std::string fine : {"> 【関所】x", "「関所」まつり", "【関所跡】のご案内", "箱根の【関所】", "箱根の（関所）です", "see [1] (Sekisho) x", "(関所跡)", "『関所越え』", "> b 【関所】x", "関",
                                 "foo[Sekisho]", "（箱根関所）", "関【関", "[1] Sekisho", "【開所】",
                                 "【所】", "[", "【", "【関", "[Sekish", "http://a[.]example/"}) {
    bool has_marks = false;
    EXPECT_EQ(note.without_forged_lines(fine, job::MailCharset::utf8, &has_marks), fine);
    EXPECT_FALSE(has_marks) << fine;
  }
}

/// All of Unicode's Ps and Pe but quotation marks.
TEST(Note, brackets_of_all_kinds) {
  constexpr std::u32string_view pairs =
      U"()[]{}༺༻༼༽᚛᚜⁅⁆⁽⁾₍₎⌈⌉⌊⌋\u2329\u232a❨❩❪❫❬❭❮❯❰❱❲❳❴❵⟅⟆⟦⟧⟨⟩⟪⟫⟬⟭"
      U"⟮⟯⦃⦄⦅⦆⦇⦈⦉⦊⦋⦌⦍⦎⦏⦐⦑⦒⦓⦔⦕⦖⦗⦘⧘⧙⧚⧛⧼⧽⸢⸣⸤⸥⸦⸧⸨⸩⹕⹖⹗⹘⹙⹚⹛⹜〈〉"
      U"《》【】〔〕〖〗〘〙〚〛﴾﴿︗︘︵︶︷︸︹︺︻︼︽︾︿﹀﹃﹄﹇﹈﹙﹚﹛﹜﹝﹞（）［］｛｝｟｠";
  const Note note("");
  std::string line;
  for (std::size_t i = 0; i + 1 < pairs.size(); i += 2) {
    line.clear();
    utf8_append(line, pairs[i]);
    utf8_append(line += "関所", pairs[i + 1]);
    line += "x";
    EXPECT_EQ(note.without_forged_lines(line), "> " + line);
  }
  for (const std::string square : {"⟬関所⟭", "⦍関所⦎", "⹕関所⹖", "⦗関所⦘"})
    EXPECT_EQ(note.without_forged_lines("a " + square), "> a " + square);
  for (const std::string fine : {"「関所」x", "“関所”x", "a ⸢関所⸣", "a ﴾関所﴿"})
    EXPECT_EQ(note.without_forged_lines(fine), fine);
}

/// Whoever answers a mail that had our note quotes it, in many ways: he imitates nothing.  What he quotes is marked whole.
TEST(Note, an_answer_that_quotes_our_note_is_no_imitation) {
  const Note note("");
  const auto marked = [&](const std::string &body, bool is_imitation) {
    bool has_marks = false;
    const std::string text = note.without_forged_lines(body, job::MailCharset::utf8, &has_marks);
    EXPECT_EQ(has_marks, is_imitation) << body;
    return text;
  };
  const std::string ours = "【関所】無害化のお知らせ\n受付番号: 1\n";
  for (const std::string begins :
       {"-----Original Message-----\n", "----- 元のメッセージ -----\n", "---------- Forwarded message ---------\n", "Begin forwarded message:\n",
        "From: 佐藤 <s@a.example>\nSent: Wednesday\n", "*From:* s\n*Sent:* Wednesday\n", "差出人：佐藤\n\n送信日時：水曜日\n",
        "On Wed, Nov 25, 2026, S <s@a.example> wrote:\n", "2026年11月25日(水) 17:02 佐藤 <s@a.example>:\n", "佐藤さんは書きました:\n"}) {
    const std::string text = marked("了解しました。\n\n" + begins + "\n" + ours + "> b", false);
    EXPECT_TRUE(text.starts_with("了解しました。\n\n> " + begins.substr(0, begins.find('\n')))) << text;
    EXPECT_TRUE(text.ends_with("\n> \n> 【関所】無害化のお知らせ\n> 受付番号: 1\n>> b")) << text;
    EXPECT_EQ(marked("a\n" + begins + "b\n", false), "a\n" + begins + "b\n");
    EXPECT_TRUE(marked("【関所】a\n" + begins + ours, true).starts_with("> 【関所】a\n> "));
  }
  for (const std::string begins : {"From: 佐藤\n", "From 2026 on\nSent: x\n", "a wrote: b\n", "original message\n", "----------------\n"})
    EXPECT_EQ(marked(begins + "\n【関所】a\nb\n", true), begins + "\n> 【関所】a\nb\n");
  for (const std::string mark : {"| ", "｜", "│ ", "＞ ", "›", "    ", "\t", "\u3000\u3000", "  | "}) {
    EXPECT_EQ(marked("a\n" + mark + "b\n" + mark + "【関所】x\n" + mark + "c\n\nd\n", false),
              "a\n> " + mark + "b\n> " + mark + "【関所】x\n> " + mark + "c\n\nd\n");
    EXPECT_EQ(marked(mark + "b\n【関所】x\n" + mark + "c\n", true), mark + "b\n> 【関所】x\n" + mark + "c\n");
  }
  for (const std::string mark : {"   ", "\u3000 ", "・ ", "<| "})
    EXPECT_EQ(marked(mark + "【関所】x\n", true), "> " + mark + "【関所】x\n");
}

/// Lines of ours outside of the note.
TEST(Note, no_mail_brings_a_divider_or_a_headline_along) {
  const Note note("");
  for (const std::string &line : {std::string(form_divider(true)), std::string(form_divider(false)), std::string("━━ 以下は同じメールのHTML版です\n"),
                                 std::string("－－ the same mail's HTML form follows\n"), std::string("予定: 招待\n"), std::string(" ■予定： 取り消し \n")}) {
    EXPECT_EQ(note.without_forged_lines(line), "> " + line);
    const std::size_t own[] = {2};
    EXPECT_EQ(note.without_forged_lines("a\n" + line + line, job::MailCharset::utf8, nullptr, own), "a\n" + line + "> " + line);
  }
  for (const std::string fine : {"予定: 招待状を送る\n", "本日の予定: 招待\n", "予定: 10時\n", "招待\n", "----- 以下は同じメールです\n"})
    EXPECT_EQ(note.without_forged_lines(fine), fine);
  const std::string answer = "From: a\nSent: today\n【関所】b\n", ours = "予定: 招待\n";
  const std::size_t own[] = {answer.size()};
  EXPECT_EQ(note.without_forged_lines(answer + ours + ours, job::MailCharset::utf8, nullptr, own),
            "> From: a\n> Sent: today\n> 【関所】b\n" + ours + "> " + ours);
}

/// Our headings, behind whatever symbols: whoever reads the mail does not know which are ours.
TEST(Note, no_mail_brings_a_heading_along) {
  const Note note("");
  for (const std::string before : {"■ ", "□ ", "■", "◆◆ ", "●", "· ", "¶ ", "× ", "￭ ", "㊙ ", "🔒 ", "⸺", "【", "「 ", "* ", "━━━ ", "〓 ", "口 ", "ロ", "一 ", "\u3000▪\u200c"})
    for (const std::string heading : {"取り除いたものと理由\n", "受付番号: 1\n", "Taken out, and why:\n"})
      EXPECT_EQ(note.without_forged_lines(before + heading), "> " + before + heading);
  EXPECT_EQ(note.without_forged_lines("□ 取り除いたものと理由\n", job::MailCharset::iso_2022_jp), "> □ 取り除いたものと理由\n");
  for (const std::string fine : {"> □ 取り除いたものと理由\n", "□ > 取り除いたものと理由\n", "取り除いたものと理由\n", "□ 取り除いた\n", "あ 取り除いたものと理由\n",
                                 "一覧を取り除いたものと理由\n", "□\n", "■ \n", "----\n", "本文について\n"})
    EXPECT_EQ(note.without_forged_lines(fine), fine);
}

/// What is passed over at once could not have been a mark, and stands for itself.
TEST(Note, what_begins_as_itself_is_no_look_alike) {
  unsigned many = 0;
  for (char32_t c = 1; c < 0x20000; ++c) {
    std::string letter;
    utf8_append(letter, c);
    if (!begins_as_itself(letter + "所】")) continue;
    ++many;
    ASSERT_FALSE(begins_with_mark(letter + "【関所】")) << letter;
    ASSERT_EQ(at_a_glance(letter + "x", 3), letter);
  }
  EXPECT_GT(many, 20'000u);
  for (const std::string other : {"", "a", " 箱", "・", "口", "ロ", "【", "關", "关", "閞", "〇", "\xe7\xae"})
    EXPECT_FALSE(begins_as_itself(other)) << other;
  const Note note("[ja]\n関所から\n{receipt}\n[en]\n{receipt}\n");
  for (const std::string line : {"関所から x", "關所から x", "閞 所から x", "关㪽から x"})
    EXPECT_EQ(note.without_forged_lines(line), "> " + line);
  EXPECT_EQ(note.without_forged_lines("関門から x"), "関門から x");
}

TEST(Note, marks_inside_a_text) {
  const std::string text = "a 【関所】 [Sekisho] b 【 関所】関所 関[関所] \n【関所】";
  MarksInside marks(text);
  std::string found;
  for (std::size_t at = 0; (at = marks.next(at)) != text.npos; ++at)
    found += text.substr(at, 3) + std::to_string(at) + ' ';
  EXPECT_EQ(found, "【2 [Se15 【27 【60 ");
  const auto cost = [](const std::string &piece) {
    std::string many;
    while (many.size() < 300'000) many += piece;
    return test::cost_of([&] {
      MarksInside inside(many);
      while (inside.next(0) == 0) return;
    });
  };
  const auto plain = cost("ab ") + cost("あ");
  for (const std::string &piece : {std::string("["), std::string("【"), std::string("関"), std::string("[ "), std::string("【  関"), std::string("［")})
    EXPECT_LT(cost(piece), 2000 * plain) << piece;
}

TEST(Note, a_subject_or_name_is_told_as_the_senders) {
  EXPECT_EQ(told_as_senders("【関所】安全確認済み"), "(差出人記載 by sender) (関所)安全確認済み");
  EXPECT_EQ(told_as_senders("(差出人記載 by sender) (関所)x"), "(差出人記載 by sender) (関所)x"); // once
  EXPECT_EQ(told_as_senders("Re: [Sеkisho] safe 〔關 所〕"), "(差出人記載 by sender) Re: (Sеkisho) safe (關 所)");
  for (const std::string fine : {"", "[", "【関所", "関所", "「関所」", "[a] 【b】 []", "\xff[\xff"})
    EXPECT_EQ(told_as_senders(fine), fine);
  const Note note("[subject]\n【初めて】\n[ja]\n{receipt}\n[en]\n{receipt}\n");
  EXPECT_EQ(note.senders_subject("【初めて】 ご連絡"), "(差出人記載 by sender) 【初めて】 ご連絡");
  EXPECT_EQ(note.senders_subject("Re: 【初めて】"), "Re: 【初めて】");
  job::Report report = report_of_one_taken();
  report.parts.front().name = "【関所】検査済み.exe";
  const std::string foot = note.foot(report) + Note("").foot(report) + appended_heading("[Sekisho].pdf");
  EXPECT_EQ(foot.find("【関所】検査"), std::string::npos) << foot;
  EXPECT_NE(foot.find("(関所)検査済み.exe"), std::string::npos) << foot;
  EXPECT_NE(foot.find("(Sekisho).pdf"), std::string::npos) << foot;
}

} // namespace
} // namespace sekisho::rebuild
