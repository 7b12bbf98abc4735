#include "gateway/relay/greylist_file.hh"

#include "base/log.hh"

#include <fcntl.h>
#include <fmt/format.h>

#include <cerrno>
#include <cstring>

namespace sekisho::relay {
namespace {

UniqueFd open_file(const std::string &path) {
  UniqueFd file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file) log_error(fmt::format("cannot open {}: {}: the greylist is not kept", path, std::strerror(errno)));
  return file;
}

} // namespace

GreylistFile::GreylistFile(std::string path)
    : path_(std::move(path)), first_(open_file(path_ + ".0")), second_(open_file(path_ + ".1")),
      files_(first_.get(), second_.get()) {}

void GreylistFile::load(Greylist &list) {
  const Result<Buffer> kept = files_.load();
  if (!kept || (!kept->empty() && !list.decode(*kept)))
    log_error(fmt::format("{0}.0 and {0}.1 are damaged: greylisting begins anew", path_));
}

void GreylistFile::keep(Greylist &list) {
  if (!list.has_changed()) return;
  if (Result<void> saved = files_.save(list.encode()); saved) list.note_kept();
  else log_error("the greylist " + saved.error().what);
}

} // namespace sekisho::relay
