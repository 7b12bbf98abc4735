#include "gateway/record/journal.hh"

#include "base/check.hh"

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <optional>

namespace sekisho::record {
namespace {

std::string because() { return ": " + std::string(std::strerror(errno)); }

Event own_event(std::string_view word, std::string_view more) {
  return {std::string(word), "",
          fmt::format(R"("event":"{}","role":"record"{}{})", word, more.empty() ? "" : ",", more)};
}

/// The last line that is whole and true to its hash: where it ends, line feed included.
struct LastLine {
  Link link;
  std::size_t end = 0;
};
std::optional<LastLine> last_whole_line(std::string_view text) {
  std::size_t end = text.rfind('\n');
  while (end != std::string_view::npos) {
    std::size_t before = end == 0 ? std::string_view::npos : text.rfind('\n', end - 1);
    std::size_t start = before == std::string_view::npos ? 0 : before + 1;
    if (auto line = read_line(text.substr(start, end - start)))
      return LastLine{{line->seq, std::string(line->hash)}, end + 1};
    end = before;
  }
  return std::nullopt;
}

} // namespace

Result<Journal> Journal::open(const std::string &folder, UnixSeconds now,
                              std::uint64_t max_file_size) {
  Journal journal;
  journal.folder_ = folder;
  journal.max_file_size_ = max_file_size;
  journal.folder_fd_.reset(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!journal.folder_fd_) return fail("cannot open the record folder " + folder + because());
  journal.head_fd_.reset(::open(head_path(folder).c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640));
  if (!journal.head_fd_) return fail("cannot open " + head_path(folder) + because());
  if (::flock(journal.head_fd_.get(), LOCK_EX | LOCK_NB) != 0)
    return fail("another process writes the record in " + folder);

  Result<std::vector<Event>> told = journal.find_end();
  if (!told) return fail(told.error());
  if (!told->empty())
    if (auto written = journal.write(*told, now); !written) return fail(written.error());
  return journal;
}

Result<std::vector<Event>> Journal::find_end() {
  std::vector<Event> told;
  Result<std::vector<std::string>> names = list_files(folder_);
  if (!names) return fail(names.error());

  for (std::size_t i = names->size(); i-- > 0 && last_.seq == 0;) {
    const std::string &name = (*names)[i];
    Result<std::string> text = read_file(folder_ + "/" + name);
    if (!text) return fail(text.error());
    std::optional<LastLine> end = last_whole_line(*text);
    std::size_t keep = end ? end->end : 0;
    if (keep < text->size()) TRY(move_aside(name, *text, keep, told));
    if (end) last_ = end->link;
    if (i + 1 == names->size()) {
      file_name_ = name;
      size_ = keep;
    }
  }
  if (!file_name_.empty()) {
    file_fd_.reset(::open((folder_ + "/" + file_name_).c_str(), O_WRONLY | O_CLOEXEC));
    if (!file_fd_) return fail("cannot open " + file_name_ + because());
  }

  Result<std::string> head_text = read_file(head_path(folder_));
  Head head = head_text ? decode_head(*head_text) : Head();
  if (head.link.seq == 0 && last_.seq > 0)
    told.push_back(own_event("record-broken", fmt::format(R"("what":"head was missing","found_seq":{})",
                                                          last_.seq)));
  if (head.link.seq > last_.seq) {
    told.push_back(own_event(
        "record-broken", fmt::format(R"("what":"lines before head are missing","head_seq":{},"found_seq":{})",
                                     head.link.seq, last_.seq)));
    last_ = head.link;
  }
  return told;
}

Result<void> Journal::move_aside(const std::string &name, std::string_view text, std::size_t keep,
                                 std::vector<Event> &told) {
  std::string torn = name + ".torn";
  UniqueFd aside;
  for (int i = 1; i < 1000 && !aside; i++) {
    aside.reset(::open((folder_ + "/" + torn).c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640));
    if (!aside && errno != EEXIST) break;
    if (!aside) torn = fmt::format("{}.torn{}", name, i);
  }
  if (!aside) return fail("cannot make " + torn + because());
  TRY(write_at(aside.get(), text.substr(keep), 0));
  if (::fsync(aside.get()) != 0 || ::fsync(folder_fd_.get()) != 0)
    return fail("cannot keep " + torn + because());
  std::string path = folder_ + "/" + name;
  UniqueFd file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!file || ::ftruncate(file.get(), static_cast<off_t>(keep)) != 0 || ::fsync(file.get()) != 0)
    return fail("cannot cut " + path + because());
  told.push_back(own_event("record-recovered",
                           fmt::format(R"("file":"{}","octets":{},"moved_to":"{}")", name,
                                       text.size() - keep, torn)));
  return {};
}

bool Journal::wants_new_file(UnixSeconds now) const {
  if (file_name_.empty() || size_ >= max_file_size_) return true;
  std::string name = next_name(file_name_, now);
  return size_ > 0 && name.substr(0, 15) != file_name_.substr(0, 15); // another day
}

Result<void> Journal::start_file(UnixSeconds now) {
  std::string name = next_name(file_name_, now);
  if (name == file_name_) return {};
  UniqueFd file(::open((folder_ + "/" + name).c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0640));
  if (!file || ::fsync(folder_fd_.get()) != 0)
    return fail("cannot start the record file " + name + because());
  file_fd_ = std::move(file);
  file_name_ = name;
  size_ = 0;
  return {};
}

Result<std::vector<Position>> Journal::write(std::span<const Event> events, UnixSeconds now) {
  std::vector<Position> positions;
  if (events.empty()) return positions;
  if (wants_new_file(now)) TRY(start_file(now));

  Link last = last_;
  std::string lines;
  for (const Event &event : events) {
    std::string line = make_line(last, now, event.members);
    positions.push_back({file_name_, size_ + lines.size(), static_cast<std::uint32_t>(line.size() - 1)});
    lines += line;
  }
  Result<void> written = write_at(file_fd_.get(), lines, size_);
  if (written && ::fdatasync(file_fd_.get()) != 0)
    written = fail("cannot make the record durable" + because());
  if (!written) {
    // What was half written must not stand in front of the next lines.
    CHECK(::ftruncate(file_fd_.get(), static_cast<off_t>(size_)) == 0);
    return fail(written.error());
  }
  size_ += lines.size();
  last_ = last;
  TRY(write_at(head_fd_.get(), encode_head({last_, file_name_}), 0));
  return positions;
}

void Journal::flush_head() { (void)::fdatasync(head_fd_.get()); }

} // namespace sekisho::record
