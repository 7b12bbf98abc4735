#include "gateway/cli/rule_files.hh"

#include "gateway/cli/daemon.hh"
#include "gateway/role/note_files.hh"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <map>
#include <memory>

#include <sys/stat.h>
#include <unistd.h>

namespace sekisho::cli {
namespace {

constexpr std::size_t max_rule_file = 16u << 20; // octets, as the compiler's limit

Result<std::vector<std::string>> rules_in(const std::string &folder) {
  std::vector<std::string> paths;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error))
    if (entry->path().extension() == ".rules") paths.push_back(entry->path().string());
  if (error) return fail(fmt::format("cannot list {}: {}", folder, error.message()));
  if (paths.empty()) return fail(fmt::format("no *.rules file in {}", folder));
  std::sort(paths.begin(), paths.end());
  return paths;
}

/// Files by what they are, whatever they are called.
class NamedFiles {
public:
  /// Fails where the same file was named before: every sentence in it would contradict itself.
  Result<void> add(const std::string &path) {
    struct stat status {};
    if (path == "-" || stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return {};
    auto [known, is_new] = names_.try_emplace({status.st_dev, status.st_ino}, path);
    if (is_new) return {};
    return fail(known->second == path ? fmt::format("{} is named twice", path)
                                      : fmt::format("{} and {} are the same file: name it once", known->second, path));
  }

private:
  std::map<std::pair<dev_t, ino_t>, std::string> names_;
};

} // namespace

Result<rules::SourceFile> read_rule_file(const std::string &path) {
  bool standard_input = path == "-";
  std::error_code ignored;
  if (!standard_input && std::filesystem::is_directory(path, ignored))
    return fail(fmt::format("cannot read {}: it is a folder", path));
  std::unique_ptr<std::FILE, int (*)(std::FILE *)> file(
      standard_input ? stdin : std::fopen(path.c_str(), "re"),
      standard_input ? [](std::FILE *) { return 0; } : std::fclose);
  if (!file) return fail(fmt::format("cannot read {}: {}", path, std::strerror(errno)));
  rules::SourceFile source{standard_input ? "standard-input" : path, {}};
  char part[65536];
  while (std::size_t size = std::fread(part, 1, sizeof part, file.get())) {
    source.text.append(part, size);
    if (source.text.size() > max_rule_file)
      return fail(fmt::format("cannot read {}: larger than {} MiB", path, max_rule_file >> 20));
  }
  if (std::ferror(file.get()))
    return fail(fmt::format("cannot read {}: {}", path, std::strerror(errno)));
  return source;
}

Result<std::vector<rules::SourceFile>> read_rule_files(const std::vector<std::string> &paths) {
  std::vector<rules::SourceFile> sources;
  NamedFiles named;
  for (const std::string &path : paths) {
    std::vector<std::string> files = {path};
    std::error_code ignored;
    if (std::filesystem::is_directory(path, ignored)) {
      Result<std::vector<std::string>> listed = rules_in(path);
      if (!listed) return fail(listed.error());
      files = std::move(*listed);
    }
    for (const std::string &file : files) {
      if (Result<void> added = named.add(file); !added) return fail(added.error());
      Result<rules::SourceFile> source = read_rule_file(file);
      if (!source) return fail(source.error());
      sources.push_back(std::move(*source));
    }
  }
  role::add_notes(sources);
  return sources;
}

std::shared_ptr<const rules::RuleSet> compile_rule_files(const std::vector<std::string> &paths,
                                                         UnixSeconds now) {
  Result<std::vector<rules::SourceFile>> sources = read_rule_files(paths);
  if (!sources) {
    tell_error("sekisho", sources.error().what);
    return nullptr;
  }
  rules::Compiled compiled = rules::compile(*sources, now);
  fmt::print(stderr, "{}",
             rules::render(compiled.diagnostics, *sources, wants_colour(STDERR_FILENO)));
  return compiled.rules;
}

bool wants_colour(int fd) {
  const char *no_colour = std::getenv("NO_COLOR");
  return isatty(fd) && (!no_colour || !*no_colour);
}

} // namespace sekisho::cli
