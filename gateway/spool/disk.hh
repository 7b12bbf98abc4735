// The few things the spool asks of a disk: a seam, so that tests can fail every one of them and pull the
// plug between any two.
#pragma once

#include "base/bytes.hh"
#include "base/result.hh"

#include <memory>
#include <string>
#include <vector>

namespace sekisho::spool {

enum class DiskError : std::uint8_t {
  failed,
  full,
  harmed, // it answers, and not with what was written
};

/// Of memory and of files: what lies in both at the same place within it can be written without a copy.
constexpr std::size_t page_size = 4096;

struct Room {
  std::uint64_t free = 0, all = 0; // octets
};

/// One folder of flat files.  Files are named by handles that stay open.
class Disk {
public:
  using Handle = int;
  virtual ~Disk() = default;

  /// Names of the files, sorted.
  virtual Result<std::vector<std::string>, DiskError> list() = 0;
  /// Makes the file when it is not there; the name is durable when this returns.
  virtual Result<Handle, DiskError> open(const std::string &name) = 0;
  virtual Result<std::uint64_t, DiskError> size(Handle file) = 0;
  /// Zeros up to `size`, blocks taken: later writes within cannot find the disk full.
  virtual Result<void, DiskError> allocate(Handle file, std::uint64_t size) = 0;
  /// The pieces one after another.  Durable only after flush().  Large ones past the page cache, where a piece lies
  /// within its page as in the file.
  virtual Result<void, DiskError> write(Handle file, std::uint64_t offset,
                                        std::span<const Bytes> pieces) = 0;
  virtual Result<void, DiskError> flush(Handle file) = 0;
  /// What stands before `end` and was flushed is not read soon: memory has better uses.
  virtual void let_go(Handle /*file*/, std::uint64_t /*end*/) {}
  /// Fewer octets than asked only at the end of the file.
  virtual Result<Buffer, DiskError> read(Handle file, std::uint64_t offset, std::size_t length) = 0;
  /// Overwritten with zeros, durably, and the room given back where the file system can: what stood there cannot be
  /// read any more.
  virtual Result<void, DiskError> erase(Handle file, std::uint64_t offset, std::uint64_t length) = 0;
  virtual Room room() = 0;
  /// The name is gone for good when this returns.
  virtual Result<void, DiskError> remove(const std::string &name, Handle file) = 0;
};

/// A twentieth of the disk, 512 MB at most, is left to the record, to orders and to the index: else a disk full of mail could neither be told of
/// nor emptied.
bool leaves_reserve(const Room &room, std::uint64_t octets);

/// The real one.  `folder` is there and ours.
std::unique_ptr<Disk> open_folder(std::string folder);

} // namespace sekisho::spool
