#include "gateway/role/note_files.hh"

#include "gateway/role/channel/secrets.hh"
#include "rules/notes.hh"

namespace sekisho::role {

static_assert(max_secret == rules::max_note_octets);

void add_notes(std::vector<rules::SourceFile> &sources) {
  for (const std::string &path : rules::notes_named(sources)) {
    rules::SourceFile note{path, {}, /*is_note=*/true};
    Result<std::string> text = read_secret(path, Readers::any);
    if (text) note.text = std::move(*text);
    else note.unread = text.error().what;
    sources.push_back(std::move(note));
  }
}

} // namespace sekisho::role
