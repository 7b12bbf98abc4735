// A disk in memory that can fail at the N-th operation and lose its power: what was not flushed is then
// there, not there, or there in part.  Two threads may use it, as spool and hold do.
#pragma once

#include "gateway/spool/disk.hh"

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <random>

namespace sekisho::spool {

class MemoryDisk final : public Disk {
public:
  /// The operation after `count` more fails (as does every later one while `for_good`).
  void fail_after(std::size_t count, DiskError error = DiskError::failed, bool for_good = true) {
    fail_in_ = count;
    error_ = error;
    for_good_ = for_good;
  }
  void heal() {
    fail_in_ = read_only_in_ = npos;
    failed_ = false;
  }
  /// The change after `count` more fails, as does every later one; reading goes on.
  void read_only_after(std::size_t count) { read_only_in_ = count; }
  /// An operation failed since the disk was well.  From any thread.
  bool failed() const { return failed_; }
  std::size_t operations() const { return operations_; }
  std::size_t flushes() const { return flushes_; }
  /// What it says of the size of every file from now on.
  void claim_size(std::uint64_t size) { claimed_size_ = size; }
  /// Octets that files may take together.
  void set_room(std::uint64_t octets) { room_ = octets; }
  /// What it says of its room; nothing else heeds it.
  void claim_room(Room room) { claimed_room_ = room; }
  Room room() override { return claimed_room_; }
  /// Whether these octets stand on it anywhere, flushed or not.
  bool holds(std::string_view octets) const {
    for (const auto &[handle, file] : files_)
      for (const Buffer *content : {&file.now, &file.durable})
        if (as_chars(*content).find(octets) != std::string_view::npos) return true;
    return false;
  }
  void harm(const std::string &name, std::uint64_t offset) {
    for (auto &[handle, file] : files_)
      if (file.name == name) {
        file.durable[offset] ^= std::byte{0x55};
        file.now[offset] ^= std::byte{0x55};
      }
  }

  /// A bit of some file, behind what was ever written too.
  void harm_somewhere(std::mt19937 &random) {
    auto file = std::next(files_.begin(), static_cast<std::ptrdiff_t>(random() % files_.size()));
    if (file->second.now.empty()) return;
    const std::size_t at = random() % file->second.now.size();
    const std::byte bit{static_cast<unsigned char>(1u << random() % 8)};
    file->second.durable[at] ^= bit;
    file->second.now[at] ^= bit;
  }

  /// Power off and on.  Each write since the last flush survives, is lost, or keeps a part of its sectors.
  void crash(std::mt19937 &random) {
    for (auto &[handle, file] : files_) {
      for (const Write &write : file.unflushed) {
        const unsigned fate = random() % 3;
        for (std::size_t i = 0; i < write.octets.size(); i += sector) {
          if (fate == 0 || (fate == 1 && random() % 2 == 0)) continue;
          const std::size_t length = std::min(sector, write.octets.size() - i);
          grow(file.durable, write.offset + i + length);
          std::copy_n(write.octets.begin() + static_cast<std::ptrdiff_t>(i), length,
                      file.durable.begin() + static_cast<std::ptrdiff_t>(write.offset + i));
        }
      }
      file.unflushed.clear();
      file.now = file.durable;
    }
    heal();
  }

  Result<std::vector<std::string>, DiskError> list() override {
    const std::lock_guard lock(*mutex_);
    if (broken()) return fail(error_);
    std::vector<std::string> names;
    for (auto &[handle, file] : files_) names.push_back(file.name);
    std::sort(names.begin(), names.end());
    return names;
  }
  Result<Handle, DiskError> open(const std::string &name) override {
    const std::lock_guard lock(*mutex_);
    if (broken()) return fail(error_);
    for (auto &[handle, file] : files_)
      if (file.name == name) return handle;
    if (cannot_change()) return fail(error_);
    files_[++last_].name = name;
    return last_;
  }
  Result<std::uint64_t, DiskError> size(Handle file) override {
    const std::lock_guard lock(*mutex_);
    if (broken()) return fail(error_);
    return claimed_size_ > 0 ? claimed_size_ : files_.at(file).now.size();
  }
  Result<void, DiskError> allocate(Handle file, std::uint64_t size) override {
    const std::lock_guard lock(*mutex_);
    if (broken() || cannot_change()) return fail(error_);
    std::uint64_t taken = size;
    for (auto &[handle, other] : files_) taken += other.durable.size();
    if (taken > room_) return fail(DiskError::full);
    grow(files_.at(file).now, size);
    grow(files_.at(file).durable, size);
    return {};
  }
  Result<void, DiskError> write(Handle file, std::uint64_t offset,
                                std::span<const Bytes> pieces) override {
    const std::lock_guard lock(*mutex_);
    std::uint64_t taken = 0, length = 0;
    for (auto &[handle, other] : files_) taken += other.now.size();
    for (Bytes piece : pieces) length += piece.size();
    const std::uint64_t size = files_.at(file).now.size();
    if (offset + length > size && taken + offset + length - size > room_) {
      ++operations_;
      return fail(DiskError::full);
    }
    Write write{offset, {}};
    for (Bytes piece : pieces) write.octets.insert(write.octets.end(), piece.begin(), piece.end());
    const bool fails = broken() || cannot_change();
    File &target = files_.at(file);
    grow(target.now, offset + write.octets.size());
    std::copy(write.octets.begin(), write.octets.end(),
              target.now.begin() + static_cast<std::ptrdiff_t>(offset));
    target.unflushed.push_back(std::move(write)); // a failed write may have happened
    if (fails) return fail(error_);
    return {};
  }
  Result<void, DiskError> flush(Handle file) override {
    const std::lock_guard lock(*mutex_);
    if (broken() || cannot_change()) return fail(error_);
    ++flushes_;
    File &target = files_.at(file);
    target.durable = target.now;
    target.unflushed.clear();
    return {};
  }
  Result<Buffer, DiskError> read(Handle file, std::uint64_t offset, std::size_t length) override {
    const std::lock_guard lock(*mutex_);
    if (broken()) return fail(error_);
    const Buffer &now = files_.at(file).now;
    if (offset >= now.size()) return Buffer{};
    const Bytes all = now;
    return to_buffer(all.subspan(offset, std::min<std::uint64_t>(length, now.size() - offset)));
  }
  Result<void, DiskError> erase(Handle file, std::uint64_t offset, std::uint64_t length) override {
    const std::lock_guard lock(*mutex_);
    const Buffer zeros(length);
    const Bytes piece = zeros;
    TRY(write(file, offset, {&piece, 1}));
    return flush(file);
  }
  Result<void, DiskError> remove(const std::string &, Handle file) override {
    const std::lock_guard lock(*mutex_);
    if (broken() || cannot_change()) return fail(error_);
    files_.erase(file);
    return {};
  }

private:
  static constexpr std::size_t npos = static_cast<std::size_t>(-1);
  static constexpr std::size_t sector = 512;
  struct Write {
    std::uint64_t offset;
    Buffer octets;
  };
  struct File {
    std::string name;
    Buffer now, durable;
    std::vector<Write> unflushed;
  };

  static void grow(Buffer &octets, std::uint64_t size) {
    if (octets.size() < size) octets.resize(size);
  }
  bool broken() {
    ++operations_;
    if (fail_in_ == npos) return false;
    if (fail_in_ > 0) {
      --fail_in_;
      return false;
    }
    if (!for_good_) fail_in_ = npos;
    failed_ = true;
    return true;
  }
  bool cannot_change() {
    if (read_only_in_ == npos) return false;
    if (read_only_in_ > 0) {
      --read_only_in_;
      return false;
    }
    failed_ = true;
    return true;
  }

  std::unique_ptr<std::recursive_mutex> mutex_ = std::make_unique<std::recursive_mutex>();
  std::map<Handle, File> files_;
  Handle last_ = 0;
  std::size_t fail_in_ = npos, read_only_in_ = npos, operations_ = 0, flushes_ = 0;
  DiskError error_ = DiskError::failed;
  bool for_good_ = true;
  std::atomic<bool> failed_ = false;
  std::uint64_t claimed_size_ = 0;
  Room claimed_room_{~std::uint64_t{0}, 0};
  std::uint64_t room_ = static_cast<std::uint64_t>(-1);
};

} // namespace sekisho::spool
