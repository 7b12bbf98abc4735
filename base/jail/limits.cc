// setrlimit(2): how much at most.  close_range(2): which descriptors stay.
#include "base/jail/failure.hh"
#include "base/jail/jail.hh"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <limits>

namespace sekisho::jail {
namespace {

Result<void> set_limit(__rlimit_resource resource, rlim_t value, const char *name) {
  const rlimit both{value, value}; // soft and hard: it cannot be raised again
  if (::setrlimit(resource, &both) != 0) return fail_errno(std::string("limit ") + name);
  return {};
}

void close_between(unsigned first, unsigned last) {
  if (first > last) return;
  if (::close_range(first, last, 0) == 0) return;
  const unsigned end = std::min<unsigned>(last, 65535); // no close_range before Linux 5.9
  for (unsigned fd = first; fd <= end; ++fd)
    ::close(static_cast<int>(fd));
}

} // namespace

Result<void> limit(const Limits &limits) {
  if (limits.address_space != 0) TRY(set_limit(RLIMIT_AS, limits.address_space, "address space"));
  if (limits.cpu_seconds != 0) TRY(set_limit(RLIMIT_CPU, limits.cpu_seconds, "processor time"));
  if (limits.open_files != 0) TRY(set_limit(RLIMIT_NOFILE, limits.open_files, "open files"));
  if (limits.processes != 0) TRY(set_limit(RLIMIT_NPROC, limits.processes, "processes"));
  if (limits.file_size != 0) TRY(set_limit(RLIMIT_FSIZE, limits.file_size, "file size"));
  if (limits.no_core) TRY(set_limit(RLIMIT_CORE, 0, "core size"));
  if (limits.no_file_size) TRY(set_limit(RLIMIT_FSIZE, 0, "file size"));
  return {};
}

void close_all_but(std::span<const int> keep) {
  std::vector<unsigned> sorted;
  for (int fd : keep)
    if (fd >= 0) sorted.push_back(static_cast<unsigned>(fd));
  std::sort(sorted.begin(), sorted.end());
  unsigned next = 0;
  for (unsigned fd : sorted) {
    if (fd > next) close_between(next, fd - 1);
    next = std::max(next, fd + 1);
  }
  close_between(next, std::numeric_limits<unsigned>::max());
}

} // namespace sekisho::jail
