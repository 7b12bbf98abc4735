// Fills the words of the note with what was done; the words themselves are in note_words.cc.
#include "sanitizer/rebuild/mail/note.hh"

#include "base/reason.hh"
#include "base/utf8.hh"
#include "sanitizer/job/missing.hh"
#include "sanitizer/rebuild/mail/calendar_text.hh"
#include "sanitizer/rebuild/mail/look_alike.hh"
#include "sanitizer/rebuild/mail/mail_text.hh"
#include "sanitizer/text/charset.hh"
#include "sanitizer/text/iso2022jp.hh"

#include <algorithm>
#include <iterator>
#include <optional>

namespace sekisho::rebuild {
namespace {

constexpr std::string_view rule = "----------------------------------------\n";
/// How lines of ours outside of the note begin.
constexpr std::string_view other_lines[] = {"----- 以下は同じメールの文字版です", "----- 以下は同じメールのHTML版です",
                                            "----- The same mail's plain form follows", "----- The same mail's HTML form follows"};
constexpr std::size_t max_listed = 30;
constexpr std::size_t fewest_letters = 3; // that make a line ours

/// What of the body a reader should know of.
bool is_body_changed(const job::PartReport &part) {
  if (part.action != job::Action::kept_text || !part.output_name.empty()) return false;
  if (job::missing_in_body(part) != Reason::none) return true;
  return std::ranges::any_of(part.reasons, [](Reason reason) {
    return reason == Reason::part_active_content || reason == Reason::part_control_characters ||
           reason == Reason::part_imitation || reason == Reason::part_remote_content;
  });
}

/// The rebuilder puts what matters before the everyday reasons.
bool is_odd(const job::Report &report) {
  return !report.reasons.empty() && !is_everyday(report.reasons.front());
}

/// What makes the sender doubtful: told before the body too (M11, X4).
bool is_about_sender(Reason reason) {
  return reason == Reason::unknown_sender || reason == Reason::dmarc_failed || reason == Reason::spf_failed ||
         reason == Reason::dkim_failed || reason == Reason::authentication_unavailable ||
         reason == Reason::part_name_with_address;
}

/// What the lists of a language say themselves.
struct Language {
  std::string_view more, more_after, unnamed, open, close, between, beware, comma, taken_out, macros, blanks, exchange,
      bracket_open, bracket_close;
  bool japanese;
};
constexpr Language japanese = {"  ほか ", " 件\n", "(名前なし)", "「", "」", " … ",
                               "(心当たりがなければ、添付ファイルやリンクを開かないでください)",
                               "、", "除去したもの: ", "マクロ", "タグやスクリプトの記述が動かないよう空白を挿入",
                               "他プログラムとのデータ交換(DDE)を行うセル", "(", ")", true};
constexpr Language english = {"  and ", " more\n", "(no name)", "\"", "\"", ": ",
                              " (if you do not expect it, open no attachment and follow no link)",
                              "; ", "taken out: ", "macros", "blanks put into tags and script addresses, so that they do nothing",
                              "cells that would exchange data with other programs (DDE)", " (", ")", false};

std::string words_of(const std::vector<Reason> &reasons, const Language &language) {
  std::string words;
  for (Reason reason : reasons) {
    if (!words.empty()) words += language.comma;
    words += language.japanese ? info(reason).japanese : info(reason).english;
  }
  return words;
}

/// What a page says is not all that it holds.
bool is_page(job::Kind kind) {
  return kind == job::Kind::html || kind == job::Kind::rtf || kind == job::Kind::calendar || kind == job::Kind::vcard;
}

/// Of a text that stays what it is nothing was taken: the reasons that say so of other files have other words.
std::string words_of(Reason reason, const job::PartReport &part, const Language &language) {
  const bool is_text = part.action == job::Action::kept_text && job::class_of(part.kind) == job::KindClass::text && !is_page(part.kind);
  if (is_text && reason == Reason::part_active_content) return std::string(language.blanks);
  if (is_text && reason == Reason::office_dde) return std::string(language.exchange);
  return words_of({reason}, language);
}

bool is_treatment(Reason reason) {
  return reason == Reason::part_rendered || reason == Reason::part_reencoded || reason == Reason::part_to_text ||
         reason == Reason::part_html_to_text || reason == Reason::part_unpacked || reason == Reason::office_rebuilt;
}

/// What such a part came with and is not in what was made of it, whatever the rules keep.
bool is_left_behind(Reason reason, const job::PartReport &part) {
  switch (reason) {
  case Reason::part_script:
  case Reason::part_remote_content:
  case Reason::part_javascript:
  case Reason::part_embedded_file:
  case Reason::part_launch_action:
  case Reason::part_automatic_action:
  case Reason::part_form_sending:
  case Reason::part_multimedia:
  case Reason::part_xfa_form:
  case Reason::part_macro:
  case Reason::part_hidden_content:
  case Reason::part_picture_dropped:
  case Reason::part_signature: return true;
  case Reason::part_active_content: return is_page(part.kind); // else a word of the text
  case Reason::part_external_link: return std::ranges::count(part.reasons, Reason::part_formula_marked) == 0; // else in a cell
  default: return false;
  }
}

/// What was done, in brackets what was taken out by it, and all else.  That a body became text the note says of each.
std::string words_of(const job::PartReport &part, const Language &language) {
  if (part.action == job::Action::stripped || part.action == job::Action::held) return words_of(part.reasons, language);
  std::vector<Reason> done, others;
  std::string taken;
  for (Reason reason : part.reasons) {
    if ((reason == Reason::part_html_to_text || reason == Reason::part_to_text) && part.output_name.empty()) continue;
    if (!is_left_behind(reason, part)) {
      (is_treatment(reason) ? done : others).push_back(reason);
      continue;
    }
    taken += taken.empty() ? language.taken_out : language.comma;
    taken += reason == Reason::part_macro ? language.macros : words_of({reason}, language); // its words are of the whole file
  }
  std::string words = words_of(done, language);
  const auto add = [&](const std::string &more) {
    if (!words.empty() && !more.empty()) words += language.comma;
    words += more;
  };
  if (!done.empty() && !taken.empty()) words.append(language.bracket_open).append(taken).append(language.bracket_close);
  for (Reason reason : others)
    add(words_of(reason, part, language));
  if (done.empty()) add(taken);
  return words;
}

/// A name is the sender's: it does not end before its quotation marks do, or what looks like them.
std::string in_quotes(std::string_view name, const Language &language) {
  constexpr std::u32string_view opening = U"「『｢﹁﹃⌈⌜⎡", closing = U"」』｣﹂﹄⌋⌟⎦", quotes = U"\"'“”„‟‘’‚‛″‶′‵〝〞〟＂＇ˮʼʹײ׳״";
  std::string quoted(language.open);
  for (std::size_t next = 0; next < name.size();) {
    const char32_t c = utf8_next(name, next);
    utf8_append(quoted, opening.find(c) != opening.npos  ? U'('
                        : closing.find(c) != closing.npos ? U')'
                        : quotes.find(c) != quotes.npos   ? U'_'
                                                          : c);
  }
  return quoted.append(language.close);
}

std::string list(const job::Report &report, const Language &language,
                 bool (*belongs)(const job::PartReport &), bool named) {
  std::string text;
  std::size_t count = 0;
  for (const job::PartReport &part : report.parts) {
    if (!belongs(part) || ++count > max_listed) continue;
    text += "  ";
    if (named) {
      const std::string name = told_as_senders(part.name), output_name = told_as_senders(part.output_name);
      text += name.empty() ? std::string(language.unnamed) : in_quotes(name, language);
      if (name.empty() && output_name.empty()) text += ' ' + in_quotes(told_as_senders(part.declared_type), language);
      if (!output_name.empty() && output_name != name) text += " → " + in_quotes(output_name, language);
      text += language.between;
    }
    text += words_of(part, language) + "\n";
  }
  if (count > max_listed) {
    text += language.more;
    text += std::to_string(count - max_listed);
    text += language.more_after;
  }
  return text;
}

std::size_t count_taken(const job::Report &report) {
  return static_cast<std::size_t>(std::ranges::count_if(report.parts, job::is_taken));
}

/// All that the gateway found beside the parts, and the first thing that the rebuilder did.
std::string list_of_mail(const job::Report &report, const Language &language) {
  std::string text;
  bool told = false;
  for (Reason reason : report.reasons) {
    const bool of_mail = info(reason).group == ReasonGroup::mail;
    if (!of_mail && (told || reason == Reason::part_header_dropped)) continue;
    told = told || !of_mail;
    text += "  " + words_of({reason}, language);
    if (is_about_sender(reason)) text += language.beware;
    text += '\n';
  }
  return text;
}

std::string list_for(NoteItem item, const job::Report &report, const Language &language) {
  switch (item) {
  case NoteItem::taken: return list(report, language, job::is_taken, true);
  case NoteItem::changed: return list(report, language, job::is_made_anew, true);
  case NoteItem::body: return list(report, language, is_body_changed, false);
  case NoteItem::whole: return list_of_mail(report, language);
  default: return {};
  }
}

/// One that is there only where the original is kept.
bool is_kept_line(const NoteLine &line) {
  return std::ranges::find(line, NoteItem::original, &NotePiece::item) != line.end();
}

/// One paragraph, or nothing where its lists are all empty.  The receipt number is never left out.
std::string filled(const NoteParagraph &paragraph, const job::Report &report,
                   const Language &language) {
  std::string text;
  bool has_list = false, has_items = false, has_receipt = false;
  for (const NoteLine &line : paragraph) {
    if (is_kept_line(line) && job::what_is_missing(report) == Reason::none) continue;
    if (line.front().item >= NoteItem::taken) {
      const std::string items = list_for(line.front().item, report, language);
      has_list = true;
      has_items = has_items || !items.empty();
      text += items;
      continue;
    }
    for (const NotePiece &piece : line) {
      has_receipt = has_receipt || piece.item == NoteItem::receipt;
      text += piece.item == NoteItem::receipt ? report.receipt
              : piece.item == NoteItem::count ? std::to_string(count_taken(report))
                                              : piece.text;
    }
    text += '\n';
  }
  return has_list && !has_items && !has_receipt ? std::string() : text;
}

std::string filled(const NoteSection &section, const job::Report &report,
                   const Language &language) {
  std::string text;
  for (const NoteParagraph &paragraph : section) {
    const std::string one = filled(paragraph, report, language);
    if (!text.empty() && !one.empty()) text += '\n';
    text += one;
  }
  return text;
}

bool any_of(const job::Report &report, bool (*belongs)(const job::PartReport &)) {
  for (const job::PartReport &part : report.parts)
    if (belongs(part)) return true;
  return false;
}

std::string_view without_blanks(std::string_view line) {
  std::size_t next = 0;
  for (std::size_t position = 0; position < line.size(); position = next) {
    next = position;
    if (!is_unseen(utf8_next(line, next))) return line.substr(position);
  }
  return {};
}

/// A line as its reader sees it when the mail is written in ISO-2022-JP, where other characters stand for some; as it
/// is where that has not all of them.
std::string as_written_in_jis(std::string_view line) {
  static const std::optional<text::Charset> jis = text::charset_named("iso-2022-jp");
  const std::optional<std::string> written = text::to_iso_2022_jp(line);
  return written && jis ? text::decode(*jis, as_bytes(*written)).text : std::string(line);
}

std::size_t count_letters(std::string_view utf8) {
  return static_cast<std::size_t>(std::ranges::count_if(utf8, [](char c) {
    return (c & 0xc0) == 0xc0 || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  }));
}

/// Of the first three octets, mixed.
std::size_t sum_of(std::string_view line) {
  const auto octet = [&](std::size_t at) { return std::size_t{static_cast<unsigned char>(line[at])}; };
  return (octet(0) * 1031 + octet(1) * 61 + octet(2)) % 4096;
}

/// What a text quotes of another mail without '>': from the line under which programs put that mail to the end, or all
/// lines behind other marks.
class Quotation {
public:
  explicit Quotation(std::string_view text) : text_(text) {}

  /// Each line in turn, but those that were in one already.
  void next(std::size_t start, std::string_view line) {
    if (mail_ == text_.npos && begins_quoted_mail(line, text_.substr(start + line.size()))) mail_ = start;
    marked_ = has_quote_mark(line) ? std::min(marked_, start) : text_.npos;
  }
  bool is_open() const { return mail_ != text_.npos || marked_ != text_.npos; }
  /// Where the one begins in which the line at `start` stands; else that line.
  std::size_t first(std::size_t start) const { return std::min({mail_, marked_, start}); }
  /// Where it ends, at `most` at the latest; else that line.
  std::size_t last(std::size_t end, std::size_t most) const {
    if (mail_ != text_.npos) return most - text_.substr(0, most).ends_with("\n\n");
    if (marked_ != text_.npos)
      while (end < text_.size() && has_quote_mark(text_.substr(end)))
        end = std::min(text_.find('\n', end), text_.size() - 1) + 1;
    return end;
  }

private:
  std::string_view text_;
  std::size_t mail_ = text_.npos, marked_ = text_.npos; // where the one in hand begins
};

NoteWords words_from(std::string_view note_words) {
  static const NoteWords built_in = *read_note_words(built_in_note_words()).words;
  if (note_words.empty()) return built_in;
  ReadNote read = read_note_words(note_words);
  return read.words ? std::move(*read.words) : built_in;
}

} // namespace

Note::Note(std::string_view note_words) : words_(words_from(note_words)) {
  for (const NoteSection *section : {&words_.heading, &words_.japanese, &words_.english})
    protect(*section);
  beginnings_.insert(beginnings_.end(), std::begin(other_lines), std::end(other_lines));
  for (std::string &line : calendar_headlines())
    beginnings_.push_back(std::move(line));
  for (std::size_t i = 0, count = beginnings_.size(); i < count; ++i)
    if (std::string shown = as_written_in_jis(beginnings_[i]); shown != beginnings_[i])
      beginnings_.push_back(std::move(shown));
  for (const std::string &beginning : beginnings_)
    if (std::string_view bare = behind_symbols(beginning); count_letters(bare) >= fewest_letters) bare_.emplace_back(bare);
  for (std::vector<std::string> *beginnings : {&beginnings_, &bare_}) {
    for (std::string &beginning : *beginnings)
      beginning = at_a_glance(beginning);
    std::erase_if(*beginnings, [](const std::string &beginning) { return beginning.size() < fewest_letters; });
    for (const std::string &beginning : *beginnings) {
      sums_.set(sum_of(beginning));
      longest_ = std::max(longest_, beginning.size());
    }
  }
}

void Note::protect(const NoteSection &section) {
  for (const NoteParagraph &paragraph : section)
    for (const NoteLine &line : paragraph) {
      const auto first = std::ranges::find_if(line, [](const NotePiece &piece) { return piece.item != NoteItem::original; });
      if (first == line.end() || first->item != NoteItem::text) continue;
      std::string_view beginning = without_blanks(first->text);
      while (beginning.ends_with(' '))
        beginning.remove_suffix(1);
      if (count_letters(beginning) >= fewest_letters) beginnings_.emplace_back(beginning);
    }
}

bool Note::begins_as_ours(std::string_view line) const {
  if (without_blanks(line).starts_with('>')) return false; // a quotation, whatever looks like '>' in our words
  if (begins_as_one(line, beginnings_)) return true;
  const std::string_view bare = behind_symbols(line);
  return bare.size() < without_blanks(line).size() && begins_as_one(bare, bare_);
}

bool Note::begins_as_one(std::string_view line, const std::vector<std::string> &beginnings) const {
  const std::string first = at_a_glance(line, fewest_letters);
  if (first.size() < fewest_letters || !sums_[sum_of(first)]) return false; // most lines end here
  const std::string seen = at_a_glance(line, longest_);
  return std::ranges::any_of(beginnings, [&](const std::string &beginning) { return seen.starts_with(beginning); });
}

std::shared_ptr<const Note> note_with(std::string_view note_words) {
  thread_local std::string words;
  thread_local std::shared_ptr<const Note> note;
  if (!note || words != note_words) {
    words = note_words;
    note = std::make_shared<const Note>(words);
  }
  return note;
}

bool is_everyday(Reason reason) {
  return reason == Reason::part_header_dropped || reason == Reason::date_made;
}

std::string_view form_divider(bool is_plain) {
  return is_plain ? "----- 以下は同じメールの文字版です(HTML版と内容が異なるため両方を載せています) / "
                    "The same mail's plain form follows: it says something else -----\n"
                  : "----- 以下は同じメールのHTML版です(文字版と内容が異なるため両方を載せています) / "
                    "The same mail's HTML form follows: it says something else -----\n";
}

std::string appended_heading(std::string_view name) {
  std::string text("\n【関所】添付ファイルの文字 / [Sekisho] Text of the attachment: ");
  text += name.empty() ? "-" : in_quotes(told_as_senders(std::string(name)), japanese);
  return text += "\n\n";
}

std::string Note::heading(const job::Report &report) const {
  std::string text;
  for (Reason reason : report.reasons)
    if (is_about_sender(reason)) {
      text += "【関所】ご注意: ";
      text += info(reason).japanese;
      text += " / [Sekisho] Caution: ";
      text += info(reason).english;
      text += '\n';
    }
  if (count_taken(report) > 0) text += filled(words_.heading, report, japanese);
  if (!text.empty()) text += '\n';
  return text;
}

std::string Note::subject_mark(const job::Report &report) const {
  const bool is_unknown = std::ranges::count(report.reasons, Reason::unknown_sender) > 0;
  return is_unknown ? words_.subject : std::string();
}

std::string Note::senders_subject(std::string subject) const {
  return told_as_senders(std::move(subject), words_.subject);
}

std::string Note::foot(const job::Report &report) const {
  if (!any_of(report, job::is_taken) && !any_of(report, job::is_made_anew) &&
      !any_of(report, is_body_changed) && !is_odd(report))
    return {};
  std::string text("\n");
  text += rule;
  text += filled(words_.japanese, report, japanese);
  text += '\n';
  text += filled(words_.english, report, english);
  text += rule;
  return text;
}

std::string Note::without_forged_lines(std::string body, job::MailCharset charset, bool *has_marks,
                                       std::span<const std::size_t> own) const {
  const bool is_jis = charset == job::MailCharset::iso_2022_jp;
  std::string marked;
  std::size_t copied = 0;
  MarksInside inside(body);
  Quotation quotation(body);
  for (std::size_t start = 0; start < body.size();) {
    const std::size_t end = std::min(body.find('\n', start), body.size() - 1) + 1;
    const std::string_view line = std::string_view(body).substr(start, end - start);
    if (!own.empty() && own.front() == start) {
      own = own.subspan(1);
      quotation = Quotation(body);
      start = end;
      continue;
    }
    quotation.next(start, line);
    const bool is_inside = inside.next(start) < end && !behind_symbols(line).empty();
    if (!is_inside && !is_jis && begins_as_itself(line) && !sums_[sum_of(line)]) {
      start = end;
      continue;
    }
    const bool has_mark = is_inside || begins_with_mark(line);
    if (!has_mark && !begins_as_ours(line) && !(is_jis && begins_as_ours(as_written_in_jis(line)))) {
      start = end;
      continue;
    }
    const std::size_t first = quotation.first(start), last = quotation.last(end, own.empty() ? body.size() : own.front());
    if (has_mark && !quotation.is_open() && has_marks) *has_marks = true;
    marked.append(body, copied, first - copied);
    marked += quoted(std::string_view(body).substr(first, last - first));
    copied = start = last;
  }
  if (copied == 0 && marked.empty()) return body;
  return marked.append(body, copied);
}

} // namespace sekisho::rebuild
