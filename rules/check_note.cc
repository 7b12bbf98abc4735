// The file with the words of a relay's note: which ones the rules name, and what is wrong in one.
#include "rules/checker.hh"
#include "rules/notes.hh"
#include "rules/parse.hh"
#include "sanitizer/rebuild/mail/note_words.hh"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

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
  const SourceFile *found = file_named(path, "note \"/etc/sekisho/note.txt\"", "H2");
  if (!found) return;
  const auto file = static_cast<std::uint32_t>(found - sources_.data());
  auto [entry, fresh] = notes_.try_emplace(file);
  if (fresh) entry->second = read_note(*found, file, reporter_).value_or("");
  relay.plan.note_words = entry->second;
}

namespace {

/// Of the files that have one of these words.
void each_relay(std::span<const SourceFile> sources, std::initializer_list<std::string_view> words,
                const std::function<void(const RelaySentence &)> &look) {
  std::vector<Diagnostic> ignored;
  for (std::uint32_t file = 0; file < sources.size(); ++file) {
    const SourceFile &source = sources[file];
    const auto is_there = [&](std::string_view word) { return source.text.find(word) != std::string::npos; };
    if (source.is_note || std::ranges::none_of(words, is_there)) continue;
    Reporter reporter(ignored);
    Texts texts;
    Tokens tokens(source, file, Comments::dropped, texts, reporter);
    Sentences sentences;
    parse(tokens, sentences, reporter, [&](Outline outline) {
      if (outline.last > 0) tokens.forget_before(outline.last - 1);
    });
    for (const RelaySentence &relay : sentences.relays) look(relay);
    ignored.clear();
  }
}

} // namespace

std::vector<std::string> notes_named(std::span<const SourceFile> sources) {
  std::vector<std::string> paths;
  const auto name = [&](const std::optional<Word> &path) {
    if (path && is_whole_path(path->text) && std::ranges::find(paths, path->text) == paths.end())
      paths.emplace_back(path->text);
  };
  each_relay(sources, {"note", "refuse", "authority"}, [&](const RelaySentence &relay) {
    name(relay.note);
    name(relay.routes.authority);
    for (const RefuseItem &item : relay.guard.refuse)
      name(item.file);
  });
  return paths;
}

std::vector<SecretFiles> secret_files(std::span<const SourceFile> sources) {
  std::vector<SecretFiles> found;
  const auto file = [](const std::optional<Word> &path) {
    return path && is_whole_path(path->text) ? SecretFile{std::string(path->text), path->place} : SecretFile();
  };
  each_relay(sources, {"certificate", "password", "sign"}, [&](const RelaySentence &relay) {
    found.push_back({file(relay.door.certificate), file(relay.door.key), file(relay.door.client_ca),
                     file(relay.routes.password), file(relay.guard.sign_key)});
  });
  return found;
}

std::vector<Diagnostic> note_diagnostics(const SourceFile &source) {
  std::vector<Diagnostic> found;
  Reporter reporter(found);
  (void)read_note(source, 0, reporter);
  return found;
}

} // namespace sekisho::rules
