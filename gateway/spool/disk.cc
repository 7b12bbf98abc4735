#include "gateway/spool/disk.hh"

#include "base/log.hh"
#include "base/unique_fd.hh"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/uio.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>

namespace sekisho::spool {
namespace {

constexpr std::size_t pieces_a_call = 1024; // IOV_MAX
constexpr std::size_t least_direct = 64 * 1024; // octets: below, the copy costs less than the wait

class FolderDisk final : public Disk {
public:
  explicit FolderDisk(std::string folder) : folder_(std::move(folder)) {}

  Result<std::vector<std::string>, DiskError> list() override {
    DIR *folder = ::opendir(folder_.c_str());
    if (!folder) return wrong("list", folder_);
    std::vector<std::string> names;
    while (dirent *entry = ::readdir(folder))
      if (entry->d_name[0] != '.') names.emplace_back(entry->d_name);
    ::closedir(folder);
    std::sort(names.begin(), names.end());
    return names;
  }

  Result<Handle, DiskError> open(const std::string &name) override {
    for (const auto &[handle, file] : files_)
      if (file.name == name) return handle;
    const std::string path = folder_ + "/" + name;
    UniqueFd file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!file) return wrong("open", path);
    if (!sync_folder()) return wrong("sync", folder_);
    const Handle handle = file.get();
    files_[handle] = {name, std::move(file)};
    return handle;
  }

  Result<std::uint64_t, DiskError> size(Handle file) override {
    struct stat facts;
    if (::fstat(file, &facts) != 0) return wrong("look at", "file");
    return static_cast<std::uint64_t>(facts.st_size);
  }

  /// Written, not fallocate()d: the first write to an unwritten extent costs a flush of metadata, and this
  /// is done once a segment for ever.
  Result<void, DiskError> allocate(Handle file, std::uint64_t size) override {
    TRY(write_zeros(file, 0, size));
    return flush(file);
  }

  Result<void, DiskError> write(Handle file, std::uint64_t offset, std::span<const Bytes> pieces) override {
    std::vector<Bytes> copied; // of those, the ones up to `offset`
    std::uint64_t start = offset;
    for (const Bytes piece : pieces) {
      const auto [before, middle] = direct_part(offset, piece);
      offset += piece.size();
      if (middle == 0) {
        copied.push_back(piece);
        continue;
      }
      copied.push_back(piece.first(before));
      TRY(write_copied(file, start, copied));
      TRY(write_past_cache(file, offset - piece.size() + before, piece.subspan(before, middle)));
      copied = {piece.subspan(before + middle)};
      start = offset - copied.front().size();
    }
    return write_copied(file, start, copied);
  }

  /// One that cannot be asked says itself where it is full.
  Room room() override {
    struct statvfs facts;
    if (::statvfs(folder_.c_str(), &facts) != 0) return {~std::uint64_t{0}, 0};
    return {std::uint64_t{facts.f_bavail} * facts.f_frsize, std::uint64_t{facts.f_blocks} * facts.f_frsize};
  }

  Result<void, DiskError> flush(Handle file) override {
    // not repeated: after a failed fdatasync the kernel may have dropped what it could not write
    if (::fdatasync(file) != 0) return wrong("flush", "segment");
    return {};
  }

  /// Whole pages: the next write goes on in the last one, which it would have to read again.
  void let_go(Handle file, std::uint64_t end) override {
    const std::uint64_t whole = end / page_size * page_size;
    if (whole > 0) ::posix_fadvise(file, 0, static_cast<off_t>(whole), POSIX_FADV_DONTNEED);
  }

  Result<Buffer, DiskError> read(Handle file, std::uint64_t offset, std::size_t length) override {
    Buffer octets(length);
    std::size_t have = 0;
    while (have < length) {
      ssize_t got = ::pread(file, octets.data() + have, length - have,
                            static_cast<off_t>(offset + have));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return wrong("read", "segment");
      if (got == 0) break;
      have += static_cast<std::size_t>(got);
    }
    octets.resize(have);
    return octets;
  }

  Result<void, DiskError> erase(Handle file, std::uint64_t offset, std::uint64_t length) override {
    TRY(write_zeros(file, offset, length));
    TRY(flush(file));
    constexpr int mode = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;
    if (::fallocate(file, mode, static_cast<off_t>(offset), static_cast<off_t>(length)) != 0 && errno != EOPNOTSUPP)
      return wrong("give back room of", "segment");
    return {};
  }

  Result<void, DiskError> remove(const std::string &name, Handle file) override {
    files_.erase(file);
    if (direct_of_ == file) close_direct();
    const std::string path = folder_ + "/" + name;
    if (::unlink(path.c_str()) != 0) return wrong("remove", path);
    if (!sync_folder()) return wrong("sync", folder_);
    return {};
  }

private:
  struct Part {
    std::size_t before = 0, size = 0; // octets
  };

  /// The whole pages in the middle of a large piece, where memory and file have them at the same place.
  static Part direct_part(std::uint64_t offset, Bytes piece) {
    const bool is_alike = (offset - reinterpret_cast<std::uintptr_t>(piece.data())) % page_size == 0;
    if (piece.size() < least_direct || !is_alike) return {};
    const std::size_t before = (page_size - offset % page_size) % page_size;
    return {before, (piece.size() - before) / page_size * page_size};
  }

  void close_direct() {
    direct_.reset();
    direct_of_ = -1;
  }

  /// Whether large pieces go to this file past the page cache.
  bool open_direct(Handle file) {
    if (direct_of_ == file) return static_cast<bool>(direct_);
    const std::string path = folder_ + "/" + files_.at(file).name;
    direct_.reset(::open(path.c_str(), O_WRONLY | O_DIRECT | O_CLOEXEC | O_NOFOLLOW));
    direct_of_ = file;
    return static_cast<bool>(direct_);
  }

  /// What the file system does not take that way goes the other.
  Result<void, DiskError> write_past_cache(Handle file, std::uint64_t offset, Bytes pages) {
    while (!pages.empty() && open_direct(file)) {
      const ssize_t written = ::pwrite(direct_.get(), pages.data(), pages.size(), static_cast<off_t>(offset));
      if (written < 0 && errno == EINTR) continue;
      if (written < 0 && errno == EINVAL) {
        direct_.reset();
        break;
      }
      if (written <= 0) return wrong("write to", "segment");
      offset += static_cast<std::uint64_t>(written);
      pages = pages.subspan(static_cast<std::size_t>(written));
    }
    return write_copied(file, offset, {&pages, 1});
  }

  Result<void, DiskError> write_copied(Handle file, std::uint64_t offset, std::span<const Bytes> pieces) {
    std::vector<iovec> left;
    for (Bytes piece : pieces)
      if (!piece.empty()) left.push_back({const_cast<std::byte *>(piece.data()), piece.size()});
    std::size_t first = 0;
    while (first < left.size()) {
      const int count = static_cast<int>(std::min(pieces_a_call, left.size() - first));
      ssize_t written = ::pwritev(file, &left[first], count, static_cast<off_t>(offset));
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) return wrong("write to", "segment");
      offset += static_cast<std::uint64_t>(written);
      for (std::size_t done = static_cast<std::size_t>(written); done > 0;) {
        iovec &piece = left[first];
        const std::size_t step = std::min(done, piece.iov_len);
        piece.iov_base = static_cast<char *>(piece.iov_base) + step;
        piece.iov_len -= step;
        done -= step;
        if (piece.iov_len == 0) ++first;
      }
    }
    return {};
  }

  Result<void, DiskError> write_zeros(Handle file, std::uint64_t offset, std::uint64_t length) {
    const Buffer zeros(std::min<std::uint64_t>(length, 1 << 20));
    for (std::uint64_t done = 0; done < length; done += zeros.size()) {
      const Bytes piece = Bytes(zeros).first(std::min<std::uint64_t>(zeros.size(), length - done));
      TRY(write(file, offset + done, {&piece, 1}));
    }
    return {};
  }

  bool sync_folder() {
    UniqueFd folder(::open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    return folder && ::fsync(folder.get()) == 0;
  }

  Failure<DiskError> wrong(const char *what, const std::string &path) {
    const int error = errno;
    log_error(fmt::format("spool: cannot {} {}: {}", what, path, std::strerror(error)));
    return fail(error == ENOSPC || error == EDQUOT ? DiskError::full : DiskError::failed);
  }

  std::string folder_;
  struct File {
    std::string name;
    UniqueFd fd;
  };
  UniqueFd direct_; // the file of direct_of_ once more, O_DIRECT; none where the file system has no such thing
  Handle direct_of_ = -1;
  std::map<Handle, File> files_;
};

} // namespace

bool leaves_reserve(const Room &room, std::uint64_t octets) {
  constexpr std::uint64_t most = 512u << 20;
  const std::uint64_t reserve = std::min(room.all / 20, most);
  return room.free >= octets && room.free - octets >= reserve;
}

std::unique_ptr<Disk> open_folder(std::string folder) {
  return std::make_unique<FolderDisk>(std::move(folder));
}

} // namespace sekisho::spool
