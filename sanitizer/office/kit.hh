// LibreOffice through LibreOfficeKit, its public C interface.  The declarations are the part of
// that interface we use (LibreOfficeKit.h of 6.0 and later); its own headers come with a desktop's
// worth of packages.
#pragma once

#include "base/result.hh"

#include <cstddef>
#include <string>

namespace sekisho::office::kit {

struct Document;
struct DocumentClass { // LibreOfficeKitDocumentClass: its first members
  std::size_t size = 0;
  void (*destroy)(Document *) = nullptr;
  int (*save_as)(Document *, const char *url, const char *format, const char *options) = nullptr;
};
struct Document {
  DocumentClass *calls = nullptr;
};

struct Office;
struct OfficeClass { // LibreOfficeKitClass: its first members
  std::size_t size = 0;
  void (*destroy)(Office *) = nullptr;
  Document *(*load)(Office *, const char *url) = nullptr;
  char *(*error)(Office *) = nullptr;
  Document *(*load_with_options)(Office *, const char *url, const char *options) = nullptr;
  void (*free_error)(char *) = nullptr;
  void (*on_event)(Office *, void (*call)(int type, const char *payload, void *data),
                   void *data) = nullptr;
  char *(*filter_types)(Office *) = nullptr;
  void (*set_features)(Office *, unsigned long long features) = nullptr;
  void (*set_password)(Office *, const char *url, const char *password) = nullptr;
};
struct Office {
  OfficeClass *calls = nullptr;
};

constexpr unsigned long long asks_for_passwords = 3; // LOK_FEATURE_DOCUMENT_PASSWORD, …_TO_MODIFY
constexpr int event_password = 20;                   // LOK_CALLBACK_DOCUMENT_PASSWORD
constexpr int event_password_to_modify = 21;         // LOK_CALLBACK_DOCUMENT_PASSWORD_TO_MODIFY

/// Maps LibreOffice's libraries, those that it would map with its first documents too.  `program`:
/// its folder of that name.  Starts nothing: no thread, no file but the libraries.
Result<void> load_libraries(const std::string &program);
/// Starts it in this process, for good; `profile` is a file: URL.  It makes threads.
Result<Office *> start(const std::string &program, const std::string &profile);

} // namespace sekisho::office::kit
