#include "gateway/relay/greylist_file.hh"

#include "base/log.hh"

#include <fmt/format.h>

namespace sekisho::relay {
namespace {

TwinFiles open_files(const std::string &path) {
  Result<TwinFiles> files = TwinFiles::open(path);
  if (files) return std::move(*files);
  log_error(files.error().what + ": the greylist is not kept");
  return {-1, -1};
}

} // namespace

GreylistFile::GreylistFile(std::string path)
    : path_(std::move(path)), files_(open_files(path_)) {}

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
