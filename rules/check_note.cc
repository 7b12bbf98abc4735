// The file with the words of a relay's note: which ones the rules name, and what is wrong in one.
#include "rules/checker.hh"
#include "rules/notes.hh"
#include "rules/parse.hh"
#include "sanitizer/rebuild/mail/note_words.hh"

#include <fmt/format.h>

#include <algorithm>

namespace sekisho::rules {
namespace {

/// Gives the words as a plan wants them; nothing where there is an error.
std::optional<std::string> read_note(const SourceFile &source, std::uint32_t file,
                                     Reporter &reporter) {
  rebuild::ReadNote read = rebuild::read_note_words(source.text);
  for (rebuild::NoteFinding &finding : read.findings) {
    const Place place{file, finding.line, finding.first_column, finding.last_column};
    Diagnostic &diagnostic = finding.is_error ? reporter.error(place, std::move(finding.message))
                                              : reporter.warning(place, std::move(finding.message));
    diagnostic.help = finding.known.empty()
                          ? std::move(finding.help)
                          : did_you_mean(finding.unknown, finding.known, std::move(finding.help));
  }
  if (!read.words) return std::nullopt;
  return std::move(read.plain);
}

} // namespace

void Checker::relay_note(const Word &path, Relay &relay) {
  if (!is_whole_path(path.text)) {
    reporter_.error(path.place, "this is not the whole path of a file", "H2").help =
        "write  note \"/etc/sekisho/note.txt\"";
    return;
  }
  const auto found = std::ranges::find_if(sources_, [&](const SourceFile &source) {
    return source.is_note && source.name == path.text;
  });
  if (found == sources_.end()) {
    reporter_.error(path.place, "the words of the note were not read", "H2").help =
        "the file must be there when the rules are read";
    return;
  }
  const auto file = static_cast<std::uint32_t>(found - sources_.begin());
  auto [entry, fresh] = notes_.try_emplace(file);
  if (fresh) entry->second = read_note(*found, file, reporter_).value_or("");
  relay.plan.note_words = entry->second;
}

std::vector<std::string> notes_named(std::span<const SourceFile> sources) {
  std::vector<std::string> paths;
  std::vector<Diagnostic> ignored;
  for (const SourceFile &source : sources) {
    if (source.is_note ||
        (source.text.find("note") == std::string::npos && source.text.find("authority") == std::string::npos)) continue;
    Reporter reporter(ignored);
    Texts texts;
    Tokens tokens(source, 0, Comments::dropped, texts, reporter);
    Sentences sentences;
    parse(tokens, sentences, reporter, [&](Outline outline) {
      if (outline.last > 0) tokens.forget_before(outline.last - 1);
    });
    for (const RelaySentence &relay : sentences.relays)
      for (const std::optional<Word> &named : {relay.note, relay.routes.authority})
        if (named && is_whole_path(named->text) && std::ranges::find(paths, named->text) == paths.end())
          paths.emplace_back(named->text);
    ignored.clear();
  }
  return paths;
}

std::vector<Diagnostic> note_diagnostics(const SourceFile &source) {
  std::vector<Diagnostic> found;
  Reporter reporter(found);
  (void)read_note(source, 0, reporter);
  return found;
}

} // namespace sekisho::rules
