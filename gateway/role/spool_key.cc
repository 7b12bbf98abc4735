#include "gateway/role/spool_key.hh"

#include "base/log.hh"
#include "gateway/role/channel/long_text.hh"
#include "gateway/role/state_file.hh"
#include "gateway/spool/key.hh"

#include <fmt/format.h>
#include <sys/stat.h>

#include <filesystem>

namespace sekisho::role {
namespace {

/// Segments stand below the spool's folder: written under a key that was there once.
bool has_mail(const std::string &spool_folder) {
  std::error_code ignored;
  for (const char *folder : {"/mail", "/hold"})
    for (const auto &entry : std::filesystem::directory_iterator(spool_folder + folder, ignored)) {
      const std::string name = entry.path().filename();
      if (name.starts_with("mail-") || name.starts_with("hold-")) return true;
    }
  return false;
}

Result<std::string> make(const std::string &path) {
  std::optional<std::string> text = spool::new_key_file();
  if (!text) return fail("no random octets for the key of the spool");
  TRY(replace_file(path, *text, 0600));
  log_info("made " + path + ", the key of spool and hold; without it the mail in them cannot be read, so keep a copy "
           "elsewhere");
  return *text;
}

} // namespace

Result<UniqueFd> open_spool_key(const std::string &given, const std::string &state_folder,
                                const std::string &spool_folder) {
  const std::string path = given.empty() ? state_folder + "/spool.key" : given;
  auto text = read_state_file(path, spool::max_key_file);
  if (!text) return fail(text.error());
  if (!*text) {
    if (!given.empty()) return fail(path + ", the key of spool and hold, is not there");
    if (has_mail(spool_folder))
      return fail(fmt::format("{} is not there, but mail encrypted with it is. Put the key back; where it is lost for "
                              "good, nobody can read that mail: remove {}/mail and {}/hold",
                              path, spool_folder, spool_folder));
    auto made = make(path);
    if (!made) return fail(made.error());
    *text = std::move(*made);
  }
  struct stat facts {};
  if (::stat(path.c_str(), &facts) != 0 || (facts.st_mode & 07) != 0 || ((facts.st_mode & 070) != 0 && facts.st_gid != 0))
    return fail(path + ", the key of spool and hold, can be read by others: chmod 600 " + path);
  if (auto keys = spool::read_keys(**text); !keys) return fail(path + ": " + keys.error().what);
  return sealed_memfd("sekisho-spool-key", as_bytes(**text));
}

} // namespace sekisho::role
