// Any octets as TNEF: what is read of it lies inside it or is not much longer.
#include "base/check.hh"
#include "base/utf8.hh"
#include "sanitizer/tnef/tnef.hh"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
  using namespace sekisho;
  const Bytes octets = std::as_bytes(std::span(data, size));
  const auto is_inside = [&](Bytes part) {
    return part.empty() || (part.data() >= octets.data() && part.size() <= octets.size() &&
                            part.data() + part.size() <= octets.data() + octets.size());
  };
  const std::optional<tnef::Message> message = tnef::read(octets, 50);
  if (!message) return 0;
  CHECK(message->attachments.size() <= 50 && is_inside(message->html));
  CHECK(message->rtf.size() <= octets.size() * 9 && utf8_valid(message->plain));
  CHECK(is_inside(message->properties) && utf8_valid(message->message_class) && utf8_valid(message->appointment.place));
  for (const tnef::Attachment &attachment : message->attachments)
    CHECK(is_inside(attachment.content) && utf8_valid(attachment.name));
  return 0;
}
