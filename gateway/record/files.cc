#include "gateway/record/files.hh"

#include "gateway/record/days.hh"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

namespace sekisho::record {
namespace {

constexpr std::size_t head_size = 256;      // octets: below a disk sector, so never half written
constexpr std::size_t max_file = 1u << 30;  // octets read at once
constexpr std::string_view prefix = "record-", suffix = ".jsonl";
constexpr std::size_t name_size = 7 + 8 + 1 + 3 + 6; // record-YYYYMMDD-NNN.jsonl

bool is_record_name(std::string_view name) {
  return name.size() == name_size && name.starts_with(prefix) && name.ends_with(suffix);
}

} // namespace

Result<std::vector<std::string>> list_files(const std::string &folder) {
  std::unique_ptr<DIR, int (*)(DIR *)> open(::opendir(folder.c_str()), ::closedir);
  if (!open) return fail("cannot read folder " + folder + ": " + std::strerror(errno));
  std::vector<std::string> names;
  while (const dirent *entry = ::readdir(open.get()))
    if (is_record_name(entry->d_name)) names.emplace_back(entry->d_name);
  std::ranges::sort(names);
  return names;
}

std::string next_name(const std::string &last, UnixSeconds now) {
  std::string day = to_rfc3339(now).substr(0, 10);
  std::erase(day, '-');
  unsigned number = 1;
  if (!last.empty()) {
    std::string last_day = last.substr(prefix.size(), 8);
    if (last_day >= day) { // the same day, or a clock that went back
      day = last_day;
      number = static_cast<unsigned>(std::strtoul(last.c_str() + prefix.size() + 9, nullptr, 10)) + 1;
    }
  }
  return number > 999 ? last : fmt::format("{}{}-{:03}{}", prefix, day, number, suffix);
}

UnixSeconds end_beyond(const std::string &folder, UnixSeconds now) {
  const Result<std::vector<std::string>> names = list_files(folder);
  if (!names || names->empty()) return 0;
  const std::string last = names->back().substr(prefix.size(), 8); // the names never go back
  const auto number = [&](std::size_t at, std::size_t count) { return static_cast<unsigned>(std::strtoul(last.substr(at, count).c_str(), nullptr, 10)); };
  const std::optional<std::uint64_t> day = day_of(number(0, 6), number(6, 2));
  return day && *day > day_of(now) ? start_of(*day + 1) : 0;
}

Result<std::string> read_file(const std::string &path) {
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat status {};
  if (!fd || ::fstat(fd.get(), &status) != 0)
    return fail("cannot read " + path + ": " + std::strerror(errno));
  if (static_cast<std::uint64_t>(status.st_size) > max_file) return fail(path + " is above 1 GiB");
  std::string text(static_cast<std::size_t>(status.st_size), '\0');
  std::size_t done = 0;
  while (done < text.size()) {
    ssize_t count = ::pread(fd.get(), text.data() + done, text.size() - done, static_cast<off_t>(done));
    if (count < 0) return fail("cannot read " + path + ": " + std::strerror(errno));
    if (count == 0) break;
    done += static_cast<std::size_t>(count);
  }
  text.resize(done);
  return text;
}

Result<void> write_at(int fd, std::string_view text, std::uint64_t offset) {
  while (!text.empty()) {
    ssize_t count = ::pwrite(fd, text.data(), text.size(), static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return fail("cannot write the record: " + std::string(std::strerror(errno)));
    text.remove_prefix(static_cast<std::size_t>(count));
    offset += static_cast<std::size_t>(count);
  }
  return {};
}

std::string encode_head(const Head &head) {
  std::string text =
      fmt::format(R"({{"seq":{},"hash":"{}","file":"{}"}})", head.link.seq, head.link.hash, head.file);
  text.resize(head_size - 1, ' ');
  return text + "\n";
}

Head decode_head(std::string_view text) {
  if (text.size() > head_size) return {};
  nlohmann::json object = nlohmann::json::parse(text, nullptr, false);
  if (!object.is_object() || !object.contains("seq") || !object["seq"].is_number_unsigned() ||
      !object.contains("hash") || !object["hash"].is_string() || !object.contains("file") ||
      !object["file"].is_string())
    return {};
  return {{object["seq"], object["hash"]}, object["file"]};
}

} // namespace sekisho::record
