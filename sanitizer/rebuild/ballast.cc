#include "sanitizer/rebuild/ballast.hh"

#include <sys/mman.h>

namespace sekisho::rebuild {
namespace {

constexpr std::size_t piece_size = 64u << 20;

void *map(std::size_t size) {
  return ::mmap(nullptr, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
}

} // namespace

Ballast::Ballast(std::size_t room) {
  void *const kept = map(room);
  if (kept == MAP_FAILED) return; // there is not more
  for (void *&piece : pieces_)
    if ((piece = map(piece_size)) == MAP_FAILED) break;
  ::munmap(kept, room);
}

Ballast::~Ballast() {
  for (void *piece : pieces_)
    if (piece != nullptr && piece != MAP_FAILED) ::munmap(piece, piece_size);
}

} // namespace sekisho::rebuild
