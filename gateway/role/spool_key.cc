#include "gateway/role/spool_key.hh"

#include "base/log.hh"
#include "gateway/role/channel/long_text.hh"
#include "gateway/role/channel/secrets.hh"
#include "gateway/role/state_file.hh"
#include "gateway/spool/key.hh"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
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
  return std::move(*text);
}

Result<std::string> read_or_make(const std::string &path, bool is_given, const std::string &spool_folder) {
  if (::access(path.c_str(), F_OK) == 0 || errno != ENOENT) return read_secret(path, Readers::any);
  if (is_given) return fail(path + ", the key of spool and hold, is not there");
  if (has_mail(spool_folder))
    return fail(fmt::format("{} is not there, but mail encrypted with it is. Put the key back; where it is lost for "
                            "good, nobody can read that mail: remove {}/mail and {}/hold",
                            path, spool_folder, spool_folder));
  return make(path);
}

/// Errors: it is no key.
Result<UniqueFd> in_memfd(const std::string &path, const std::string &text) {
  struct stat facts {};
  if (::stat(path.c_str(), &facts) != 0 || (facts.st_mode & 07) != 0 || ((facts.st_mode & 070) != 0 && facts.st_gid != 0))
    return fail(path + ", the key of spool and hold, can be read by others: chmod 600 " + path);
  auto keys = spool::read_keys(text);
  if (!keys) return fail(path + ": " + keys.error().what);
  spool::wipe(*keys);
  return sealed_memfd("sekisho-spool-key", as_bytes(text));
}

} // namespace

Result<UniqueFd> open_spool_key(const std::string &given, const std::string &state_folder,
                                const std::string &spool_folder) {
  const std::string path = given.empty() ? state_folder + "/spool.key" : given;
  Result<std::string> text = read_or_make(path, !given.empty(), spool_folder);
  if (!text) return fail(text.error());
  Result<UniqueFd> memfd = in_memfd(path, *text);
  wipe(*text);
  return memfd;
}

} // namespace sekisho::role
