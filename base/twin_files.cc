#include "base/twin_files.hh"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>

namespace sekisho {
namespace {

constexpr std::uint32_t magic = 0x534b5431; // "SKT1"
constexpr std::size_t head_size = 24;       // octets

struct Kept {
  std::uint64_t sequence = 0;
  Buffer content;
};

/// FNV-1a with a finish, over both: against accidents, not against whoever may write the file.
std::uint64_t digest(std::uint64_t sequence, Bytes octets) {
  std::uint64_t hash = 0xcbf29ce484222325 ^ sequence * 0x9e3779b97f4a7c15;
  for (std::byte octet : octets) hash = (hash ^ std::to_integer<std::uint64_t>(octet)) * 0x100000001b3;
  hash = (hash ^ hash >> 32) * 0x9e3779b97f4a7c15;
  return hash ^ hash >> 29;
}

/// Magic, sequence, digest, number of octets, the octets; a longer former text may follow.
std::optional<Kept> read_file(int fd, bool &has_something) {
  struct stat status {};
  if (fd < 0 || ::fstat(fd, &status) != 0 || status.st_size <= 0) return std::nullopt;
  has_something = true;
  if (static_cast<std::uint64_t>(status.st_size) > TwinFiles::max_content + head_size) return std::nullopt;
  Buffer octets(static_cast<std::size_t>(status.st_size));
  for (std::size_t done = 0; done < octets.size();) {
    ssize_t count = ::pread(fd, octets.data() + done, octets.size() - done, static_cast<off_t>(done));
    if (count <= 0) return std::nullopt;
    done += static_cast<std::size_t>(count);
  }
  ByteReader reader(octets);
  bool is_ours = reader.read_u32() == magic;
  Kept kept;
  kept.sequence = reader.read_u64();
  std::uint64_t wanted = reader.read_u64();
  Bytes content = reader.take(reader.read_u32());
  if (!is_ours || reader.failed() || digest(kept.sequence, content) != wanted) return std::nullopt;
  kept.content = to_buffer(content);
  return kept;
}

} // namespace

Result<TwinFiles> TwinFiles::open(const std::string &path) {
  TwinFiles files(-1, -1);
  for (const int i : {0, 1}) {
    const std::string name = path + '.' + std::to_string(i);
    files.owned_[i].reset(::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!files.owned_[i]) return fail("cannot open " + name + ": " + std::strerror(errno));
    files.fds_[i] = files.owned_[i].get();
  }
  return files;
}

Result<Buffer> TwinFiles::load() {
  bool has_something = false;
  std::optional<Kept> latest;
  for (int fd : fds_)
    if (auto kept = read_file(fd, has_something); kept && (!latest || kept->sequence > latest->sequence))
      latest = std::move(kept);
  if (!latest && has_something) return fail("both files are damaged");
  if (!latest) return Buffer();
  sequence_ = latest->sequence;
  return std::move(latest->content);
}

Result<void> TwinFiles::save(Bytes content) {
  int fd = fds_[(sequence_ + 1) % 2]; // the older one
  if (fd < 0) return {};
  if (content.size() > max_content) return fail("too much to be kept");
  ByteWriter writer;
  writer.put_u32(magic);
  writer.put_u64(sequence_ + 1);
  writer.put_u64(digest(sequence_ + 1, content));
  writer.put_counted(content);
  Bytes left = writer.buffer();
  for (off_t at = 0; !left.empty();) {
    ssize_t written = ::pwrite(fd, left.data(), left.size(), at);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return fail("cannot be written: " + std::string(std::strerror(errno)));
    left = left.subspan(static_cast<std::size_t>(written));
    at += written;
  }
  if (::fdatasync(fd) != 0) return fail("cannot be flushed: " + std::string(std::strerror(errno)));
  ++sequence_;
  return {};
}

} // namespace sekisho
