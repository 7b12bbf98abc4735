// The rule sources on their way from the supervisor to a role: a count, then name and text of each file,
// in a sealed memfd so that no reader sees them change.
#include "gateway/role/channel/sources.hh"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

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
  UniqueFd fd(::memfd_create("sekisho-rules", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!fd) return fail("cannot make a memfd: " + std::string(std::strerror(errno)));
  for (std::size_t done = 0; done < encoded.size();) {
    ssize_t written = ::write(fd.get(), encoded.data() + done, encoded.size() - done);
    if (written <= 0) return fail("cannot fill a memfd: " + std::string(std::strerror(errno)));
    done += static_cast<std::size_t>(written);
  }
  if (::fcntl(fd.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) != 0)
    return fail("cannot seal a memfd: " + std::string(std::strerror(errno)));
  return fd;
}

Result<std::vector<rules::SourceFile>> read_sources(int memfd) {
  struct stat status {};
  if (::fstat(memfd, &status) != 0) return fail("rule sources: no file came with the message");
  if (status.st_size < 0 || static_cast<std::uint64_t>(status.st_size) > max_sources)
    return fail("rule sources: above 16 MiB");
  Buffer buffer(static_cast<std::size_t>(status.st_size));
  for (std::size_t done = 0; done < buffer.size();) {
    ssize_t count = ::pread(memfd, buffer.data() + done, buffer.size() - done,
                            static_cast<off_t>(done));
    if (count <= 0) return fail("rule sources: cannot be read");
    done += static_cast<std::size_t>(count);
  }
  return decode_sources(buffer);
}

} // namespace sekisho::role
