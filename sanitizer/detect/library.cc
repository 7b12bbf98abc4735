#include "sanitizer/detect/library.hh"

#include <magic.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

namespace sekisho::detect {
namespace {

using job::Kind;
using job::KindClass;

constexpr std::size_t looked_at = 64u << 10; // octets; beyond them only the cost grows

magic_t library = nullptr;

struct Row {
  std::string_view type; // media type or its beginning
  KindClass kind_class;
};

// Only where libmagic is sure of itself; elsewhere it says nothing.
constexpr auto rows = std::to_array<Row>({
    {"application/pdf", KindClass::pdf},
    {"image/", KindClass::image},
    {"application/x-dosexec", KindClass::any},
    {"application/x-executable", KindClass::any},
    {"application/x-sharedlib", KindClass::any},
    {"application/x-mach-binary", KindClass::any},
    {"application/zip", KindClass::archive},
    {"application/x-rar", KindClass::archive},
    {"application/x-7z-compressed", KindClass::archive},
    {"application/gzip", KindClass::archive},
    {"application/x-tar", KindClass::archive},
});

std::optional<KindClass> opinion(Bytes bytes) {
  const char *type = magic_buffer(library, bytes.data(), std::min(bytes.size(), looked_at));
  if (type == nullptr) return std::nullopt;
  for (const Row &row : rows)
    if (std::string_view(type).starts_with(row.type)) return row.kind_class;
  return std::nullopt;
}

} // namespace

bool load_library() {
  if (library != nullptr) return true;
  magic_t opened = magic_open(MAGIC_MIME_TYPE | MAGIC_NO_CHECK_COMPRESS | MAGIC_NO_CHECK_ELF);
  if (opened == nullptr) return false;
  if (magic_load(opened, nullptr) != 0) {
    magic_close(opened);
    return false;
  }
  (void)magic_buffer(opened, "warm", 4); // what it does once, it does before the lockdown
  library = opened;
  return true;
}

bool library_disagrees(Kind kind, Bytes bytes) {
  if (library == nullptr || kind == Kind::encrypted) return false;
  const std::optional<KindClass> other = opinion(bytes);
  if (!other) return false;
  const KindClass own = class_of(kind);
  // Office files are zips to libmagic when their members come in an unusual order; so are programs
  // of Java.
  if (*other == KindClass::archive)
    return own != KindClass::archive && own != KindClass::office && kind != Kind::executable;
  return own != *other;
}

} // namespace sekisho::detect
