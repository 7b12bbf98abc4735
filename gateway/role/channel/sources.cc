// The rule sources on their way from the supervisor to a role: a count, then name and text of each file,
// then the same of the notes they name, where there are any; in a sealed memfd so that no reader sees them change.
#include "gateway/role/channel/sources.hh"

#include "gateway/role/channel/long_text.hh"

#include <algorithm>

namespace sekisho::role {
namespace {

constexpr std::uint32_t max_files = 256;
constexpr std::size_t max_name = 4096; // octets, PATH_MAX

void put(ByteWriter &writer, std::span<const rules::SourceFile> sources, bool notes) {
  const auto wanted = [notes](const rules::SourceFile &source) { return source.is_note == notes && source.unread.empty(); };
  writer.put_u32(static_cast<std::uint32_t>(std::ranges::count_if(sources, wanted)));
  for (const rules::SourceFile &source : sources) {
    if (!wanted(source)) continue;
    writer.put_counted(source.name);
    writer.put_counted(source.text);
  }
}

Result<void> take(ByteReader &reader, std::vector<rules::SourceFile> &sources, bool notes) {
  std::uint32_t count = reader.read_u32();
  if (reader.failed() || count > max_files) return fail("rule sources: too many files");
  for (std::uint32_t i = 0; i < count; i++) {
    rules::SourceFile source;
    source.name = reader.take_string(max_name);
    source.text = reader.take_string(max_sources);
    source.is_note = notes;
    if (reader.failed()) return fail("rule sources: cut short");
    sources.push_back(std::move(source));
  }
  return {};
}

} // namespace

Buffer encode_sources(std::span<const rules::SourceFile> sources) {
  ByteWriter writer;
  put(writer, sources, false);
  if (std::ranges::any_of(sources, &rules::SourceFile::is_note)) put(writer, sources, true);
  return writer.take();
}

Result<std::vector<rules::SourceFile>> decode_sources(Bytes untrusted) {
  ByteReader reader(untrusted);
  std::vector<rules::SourceFile> sources;
  TRY(take(reader, sources, false));
  if (!reader.at_end()) TRY(take(reader, sources, true));
  if (!reader.at_end()) return fail("rule sources: octets left over");
  return sources;
}

Result<UniqueFd> sources_memfd(std::span<const rules::SourceFile> sources) {
  Buffer encoded = encode_sources(sources);
  if (encoded.size() > max_sources) return fail("the rule files are above 16 MiB together");
  return sealed_memfd("sekisho-rules", encoded);
}

Result<std::vector<rules::SourceFile>> read_sources(int memfd) {
  Result<std::string> encoded = read_memfd(memfd, max_sources);
  if (!encoded) return fail("rule sources: " + encoded.error().what);
  return decode_sources(as_bytes(*encoded));
}

} // namespace sekisho::role
