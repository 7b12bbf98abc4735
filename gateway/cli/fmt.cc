// sekisho fmt: rule files in their one canonical form.
#include "gateway/cli/commands.hh"
#include "gateway/cli/rule_files.hh"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace sekisho::cli {
namespace {

struct FmtOptions {
  std::vector<std::string> paths;
  bool check = false, write = false;
};

/// Beside the file, made durable, then renamed over it: a power cut leaves the old or the new
/// rules, whole.
Result<void> replace_file(const std::string &path, std::string_view text) {
  struct stat before {};
  if (stat(path.c_str(), &before) != 0)
    return fail(fmt::format("cannot write {}: {}", path, std::strerror(errno)));
  std::string beside = path + ".fmt-new";
  auto failed = [&](int fd) {
    Error error{fmt::format("cannot write {}: {}", path, std::strerror(errno))};
    if (fd >= 0) close(fd);
    unlink(beside.c_str());
    return fail(std::move(error));
  };
  int fd = open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, before.st_mode & 0777);
  if (fd < 0) return fail(fmt::format("cannot write {}: {}", beside, std::strerror(errno)));
  for (std::string_view rest = text; !rest.empty();) {
    ssize_t written = ::write(fd, rest.data(), rest.size());
    if (written < 0) return failed(fd);
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  // Owner and mode stay; where root is not there to give files away, the mode alone.
  if (fchown(fd, before.st_uid, before.st_gid) != 0 && errno != EPERM) return failed(fd);
  if (fchmod(fd, before.st_mode & 07777) != 0 || fsync(fd) != 0) return failed(fd);
  close(fd);
  if (rename(beside.c_str(), path.c_str()) != 0) return failed(-1);
  return {};
}

/// Exit status for one file.
int format_one(const std::string &path, const FmtOptions &options) {
  Result<rules::SourceFile> source = read_rule_file(path);
  if (!source) {
    fmt::print(stderr, "sekisho: {}\n", source.error().what);
    return 2;
  }
  std::vector<rules::Diagnostic> diagnostics;
  std::string canonical = rules::format(*source, diagnostics);
  if (!diagnostics.empty()) {
    std::vector<rules::SourceFile> sources = {*source};
    fmt::print(stderr, "{}", rules::render(diagnostics, sources, wants_colour(STDERR_FILENO)));
    return 1;
  }
  bool same = canonical == source->text;
  if (options.check) {
    if (!same) fmt::print("{} is not in canonical form\n", path);
    return same ? 0 : 1;
  }
  if (!options.write) {
    fmt::print("{}", canonical);
    return 0;
  }
  if (same) return 0;
  Result<void> written = replace_file(path, canonical);
  if (!written) fmt::print(stderr, "sekisho: {}\n", written.error().what);
  return written ? 0 : 2;
}

} // namespace

void add_fmt(CLI::App &app, int &exit_status) {
  CLI::App *command = app.add_subcommand("fmt", "Write rule files in their one canonical form");
  auto options = std::make_shared<FmtOptions>();
  command->add_option("FILE", options->paths, "rule files; - is standard input")->required();
  CLI::Option *check =
      command->add_flag("--check", options->check, "only say which files would change");
  command->add_flag("--write", options->write, "change the files in place")->excludes(check);
  command->footer(
      "Exit status: 0 done, 1 a file has errors or (--check) would change, 2 a file cannot be read "
      "or written.\n\nExample:\n  sekisho fmt --write /etc/sekisho/*.rules");
  command->callback([options, &exit_status] {
    exit_status = 0;
    for (const std::string &path : options->paths)
      exit_status = std::max(exit_status, format_one(path, *options));
  });
}

} // namespace sekisho::cli
