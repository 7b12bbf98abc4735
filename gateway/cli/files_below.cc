#include "gateway/cli/files_below.hh"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

namespace sekisho::cli {
namespace {

namespace fs = std::filesystem;

/// One folder open at a time, however deep they lie.
class Walk {
public:
  explicit Walk(fs::path top) : top_(std::move(top)) {}

  FilesBelow run() {
    while (!folders_.empty()) {
      const fs::path folder = std::move(folders_.back());
      folders_.pop_back();
      list(folder);
    }
    std::ranges::sort(found_.files, {}, &FileBelow::path);
    return std::move(found_);
  }

private:
  void list(const fs::path &folder) {
    std::error_code error;
    for (fs::directory_iterator entry(top_ / folder, error), end; !error && entry != end; entry.increment(error))
      look_at(folder / entry->path().filename());
    if (error) cannot("list", folder, error);
  }

  void look_at(const fs::path &path) {
    std::error_code error;
    const fs::file_type type = fs::symlink_status(top_ / path, error).type();
    if (type == fs::file_type::none) cannot("read", path, error);
    else if (type == fs::file_type::directory) folders_.push_back(path);
    else if (type == fs::file_type::regular) found_.files.push_back({path.string(), {}});
    else if (type == fs::file_type::symlink) ++found_.links;
    else ++found_.others;
  }

  void cannot(std::string_view what, const fs::path &path, const std::error_code &error) {
    const bool is_top = path.empty();
    found_.files.push_back({is_top ? "." : path.string(),
                            fmt::format("cannot {} {}: {}", what, (is_top ? top_ : top_ / path).string(), error.message())});
  }

  const fs::path top_;
  std::vector<fs::path> folders_ = {{}}; // below it, to be listed
  FilesBelow found_;
};

} // namespace

FilesBelow files_below(const std::string &folder) { return Walk(folder).run(); }

} // namespace sekisho::cli
