#include "sanitizer/office/kit.hh"

#include <dlfcn.h>

namespace sekisho::office::kit {
namespace {

constexpr const char *main_library = "libmergedlo.so";
// The applications and what reads and writes their formats.  One that is not installed: its files
// will not open.
constexpr const char *later_libraries[] = {
    "libswlo.so",  "libsclo.so",        "libscfiltlo.so",
    "libsdlo.so",  "libmswordlo.so",    "libwriterfilterlo.so",
    "libooxlo.so", "libpdffilterlo.so", "libchartcorelo.so"};

using Hook = Office *(*)(const char *program, const char *profile);
Hook hook = nullptr;

std::string why() {
  const char *text = ::dlerror();
  return text ? text : "unknown error";
}

} // namespace

Result<void> load_libraries(const std::string &program) {
  void *library = ::dlopen((program + "/" + main_library).c_str(), RTLD_LAZY);
  if (!library) return fail(why());
  hook = reinterpret_cast<Hook>(::dlsym(library, "libreofficekit_hook_2"));
  if (!hook) return fail(why());
  for (const char *name : later_libraries)
    (void)::dlopen((program + "/" + name).c_str(), RTLD_LAZY);
  return {};
}

Result<Office *> start(const std::string &program, const std::string &profile) {
  if (!hook) return fail("LibreOffice is not loaded");
  Office *office = hook(program.c_str(), profile.c_str());
  if (!office) return fail("LibreOffice did not start");
  if (office->calls->size < sizeof(OfficeClass)) return fail("LibreOffice is too old");
  return office;
}

} // namespace sekisho::office::kit
