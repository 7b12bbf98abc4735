// Nor do plain octets, whoever wrote them.
// error: could not convert|no viable conversion|cannot convert|no known conversion|no matching function|no matching constructor
#include "sanitizer/mime/write.hh"

using namespace sekisho;

void add(mime::NewMail &mail, Buffer octets, verify::CleanPart clean) {
#ifdef MUST_NOT_COMPILE
  (void)clean;
  mime::Attachment attachment{.part = std::move(octets), .name = ""};
  mail.attachments.push_back(std::move(attachment));
#else
  (void)octets;
  mail.attachments.push_back({.part = std::move(clean), .name = ""});
#endif
}
