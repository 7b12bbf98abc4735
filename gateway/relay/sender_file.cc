#include "gateway/relay/sender_file.hh"

#include "base/log.hh"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/rand.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cerrno>
#include <cstring>
#include <filesystem>

namespace sekisho::relay {
namespace {

constexpr std::string_view title = "SEKISHO SENDERS1"; // then the key, then entries; written last, so a file has it whole
constexpr std::size_t head_size = 32;
constexpr std::size_t max_file = 64u << 20; // octets
constexpr std::string_view prefix = "senders.";
constexpr std::uint64_t few_entries = 10'000;

std::string path_of(const std::string &folder, std::uint64_t number) {
  return fmt::format("{}/{}{}", folder, prefix, number);
}

/// Numbers of the files that are there, highest first.
std::vector<std::uint64_t> numbers_in(const std::string &folder) {
  std::vector<std::uint64_t> numbers;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename();
    std::uint64_t number = 0;
    if (!name.starts_with(prefix)) continue;
    const char *last = name.data() + name.size();
    const auto [at, wrong] = std::from_chars(name.data() + prefix.size(), last, number);
    if (wrong == std::errc{} && at == last) numbers.push_back(number);
  }
  std::ranges::sort(numbers, std::greater<>());
  return numbers;
}

bool write_all(int fd, Bytes octets, off_t at) {
  while (!octets.empty()) {
    const ssize_t size = ::pwrite(fd, octets.data(), octets.size(), at);
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return false;
    octets = octets.subspan(static_cast<std::size_t>(size));
    at += size;
  }
  return true;
}

Buffer read_all(int fd) {
  struct stat status {};
  if (::fstat(fd, &status) != 0 || status.st_size < 0 || static_cast<std::uint64_t>(status.st_size) > max_file) return {};
  Buffer octets(static_cast<std::size_t>(status.st_size));
  std::size_t have = 0;
  while (have < octets.size()) {
    const ssize_t size = ::pread(fd, octets.data() + have, octets.size() - have, static_cast<off_t>(have));
    if (size <= 0) break;
    have += static_cast<std::size_t>(size);
  }
  octets.resize(have);
  return octets;
}

} // namespace

Result<SenderFile> SenderFile::open(std::string folder) {
  SenderFile file;
  file.folder_ = std::move(folder);
  for (std::uint64_t number : numbers_in(file.folder_)) {
    file.number_ = std::max(file.number_, number);
    const std::string path = path_of(file.folder_, number);
    UniqueFd fd(::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW));
    if (!fd) return fail("cannot open " + path + ": " + std::strerror(errno)); // it is there: nothing is thrown away unread
    const Buffer octets = read_all(fd.get());
    const bool whole = as_chars(octets).starts_with(title) && octets.size() >= head_size;
    if (file.senders_ || !whole) {
      if (!whole && !octets.empty()) log_error(path + " is damaged or was not finished: left out");
      ::unlink(path.c_str());
      continue;
    }
    std::ranges::copy(Bytes(octets).subspan(title.size(), file.key_.size()), file.key_.begin());
    file.senders_ = std::make_unique<guard::KnownSenders>(file.key_);
    ByteReader reader(Bytes(octets).subspan(head_size));
    guard::KnownSenders::Entry entry;
    while (reader.remaining() >= guard::sender_entry_size) {
      ++file.entries_;
      if (guard::take_entry(reader, entry)) file.senders_->restore(entry);
    }
    file.file_ = std::move(fd);
    file.number_ = number;
  }
  if (file.senders_) return file;
  if (RAND_bytes(reinterpret_cast<unsigned char *>(file.key_.data()), static_cast<int>(file.key_.size())) != 1)
    return fail("no random octets for the key of the table of known senders");
  file.senders_ = std::make_unique<guard::KnownSenders>(file.key_);
  TRY(file.write_anew());
  return file;
}

void SenderFile::append(const guard::KnownSenders::Entry &entry) {
  ByteWriter writer;
  guard::put_entry(writer, entry);
  const auto at = static_cast<off_t>(head_size + entries_ * guard::sender_entry_size);
  bool good = write_all(file_.get(), writer.buffer(), at);
  if (good) ++entries_;
  if (good && entries_ > few_entries && entries_ > 2 * senders_->size()) good = write_anew().has_value();
  if (!good && !failed_) log_error("the table of known senders cannot be written: " + std::string(std::strerror(errno)));
  failed_ = !good;
}

Result<void> SenderFile::write_anew() {
  const std::string path = path_of(folder_, number_ + 1);
  UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd) return fail("cannot make " + path + ": " + std::strerror(errno));
  ByteWriter writer;
  senders_->each([&](const guard::KnownSenders::Entry &entry) { guard::put_entry(writer, entry); });
  ByteWriter head;
  head.put_bytes(as_bytes(title));
  head.put_bytes(key_);
  if (!write_all(fd.get(), writer.buffer(), head_size) || ::fdatasync(fd.get()) != 0 ||
      !write_all(fd.get(), head.buffer(), 0))
    return fail("cannot write " + path + ": " + std::strerror(errno));
  if (file_) ::unlink(path_of(folder_, number_).c_str());
  file_ = std::move(fd);
  ++number_;
  entries_ = senders_->size();
  return {};
}

} // namespace sekisho::relay
