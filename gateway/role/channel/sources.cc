// The rule sources on their way from the supervisor to a role: a count, then name and text of each file,
// in a sealed memfd so that no reader sees them change.
#include "gateway/role/channel/sources.hh"

#include "gateway/role/channel/long_text.hh"

namespace sekisho::role {
namespace {

constexpr std::uint32_t max_files = 256;
constexpr std::size_t max_name = 4096; // octets, PATH_MAX

} // namespace

Buffer encode_sources(std::span<const rules::SourceFile> sources) {
  ByteWriter writer;
  writer.put_u32(static_cast<std::uint32_t>(sources.size()));
  for (const rules::SourceFile &source : sources) {
    writer.put_counted(source.name);
    writer.put_counted(source.text);
  }
  return writer.take();
}

Result<std::vector<rules::SourceFile>> decode_sources(Bytes untrusted) {
  ByteReader reader(untrusted);
  std::uint32_t count = reader.read_u32();
  if (reader.failed() || count > max_files) return fail("rule sources: too many files");
  std::vector<rules::SourceFile> sources;
  for (std::uint32_t i = 0; i < count; i++) {
    rules::SourceFile source;
    source.name = reader.take_string(max_name);
    source.text = reader.take_string(max_sources);
    if (reader.failed()) return fail("rule sources: cut short");
    sources.push_back(std::move(source));
  }
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
