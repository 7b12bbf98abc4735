#include "gateway/evidence/segments.hh"

#include <fmt/format.h>

#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>

namespace sekisho::evidence {
namespace {

constexpr std::string_view title_start = "sekisho evidence, segment ";
constexpr std::size_t max_batch = 64 * 1024; // octets written at once, within a segment of the least size

/// The sequence number of what is in the file; 0: nothing of ours.
std::uint64_t begun_as(int fd) {
  std::byte head[512];
  ssize_t length = ::pread(fd, head, sizeof head, 0);
  if (length <= 0) return 0;
  Reader reader(Bytes(head, static_cast<std::size_t>(length)));
  if (reader.next() != Reader::Kind::section) return 0;
  return sequence_of(reader.section_comment).value_or(0);
}

Result<void> write_at(int fd, Bytes octets, std::uint64_t offset) {
  while (!octets.empty()) {
    ssize_t written = ::pwrite(fd, octets.data(), octets.size(), static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return fail("cannot write evidence: " + std::string(std::strerror(errno)));
    octets = octets.subspan(static_cast<std::size_t>(written));
    offset += static_cast<std::uint64_t>(written);
  }
  return {};
}

} // namespace

std::string segment_name(std::size_t number) { return fmt::format("segment-{}.pcapng", number); }

std::string title_of(std::uint64_t sequence) { return fmt::format("{}{}", title_start, sequence); }

std::optional<std::uint64_t> sequence_of(std::string_view title) {
  if (!title.starts_with(title_start)) return std::nullopt;
  title.remove_prefix(title_start.size());
  std::uint64_t sequence = 0;
  auto [end, error] = std::from_chars(title.data(), title.data() + title.size(), sequence);
  if (error != std::errc() || end != title.data() + title.size()) return std::nullopt;
  return sequence;
}

Segments::Segments(std::vector<int> fds, std::uint64_t size, std::vector<Interface> interfaces)
    : fds_(std::move(fds)), segment_size_(fds_.empty() ? 0 : size / fds_.size()),
      interfaces_(std::move(interfaces)) {
  std::uint64_t oldest = ~std::uint64_t{0};
  for (std::size_t i = 0; i < fds_.size(); ++i) {
    std::uint64_t sequence = begun_as(fds_[i]);
    next_sequence_ = std::max(next_sequence_, sequence + 1);
    if (sequence >= oldest) continue;
    oldest = sequence;
    next_ = i;
  }
}

void Segments::add(const Packet &packet) {
  make_room();
  put_packet(waiting_, packet);
}

void Segments::add(const Statistics &statistics) {
  make_room();
  put_statistics(waiting_, statistics);
}

/// A block is at most some 5 KiB; the bound is kept to within one batch.
void Segments::make_room() {
  if (waiting_.size() < max_batch) return;
  Result<void> written = flush();
  if (!written && trouble_) trouble_ = std::move(written);
}

Result<void> Segments::begin() {
  if (fds_.empty()) return fail("there are no evidence files");
  fd_ = fds_[next_];
  next_ = (next_ + 1) % fds_.size();
  at_ = 0;
  if (::ftruncate(fd_, 0) != 0) return fail("cannot empty an evidence file: " + std::string(std::strerror(errno)));
  Buffer head;
  put_section(head, title_of(next_sequence_++));
  for (const Interface &interface : interfaces_) put_interface(head, interface, snap_length);
  TRY(write_at(fd_, head, 0));
  at_ = head.size();
  return {};
}

Result<void> Segments::flush() {
  if (waiting_.empty()) return std::exchange(trouble_, {});
  Buffer batch = std::exchange(waiting_, {});
  if (fd_ < 0 || at_ + batch.size() > segment_size_) TRY(begin());
  if (Result<void> written = write_at(fd_, batch, at_); !written) {
    (void)!::ftruncate(fd_, static_cast<off_t>(at_)); // no half block in the middle
    return written;
  }
  at_ += batch.size();
  return std::exchange(trouble_, {});
}

} // namespace sekisho::evidence
