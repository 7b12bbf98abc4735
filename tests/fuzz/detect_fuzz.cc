// Any octets under any name: what they are is said without reading beyond them and without walking in circles, and again
// the same; what an old Office file does not show is told by reasons of Office files.
#include "base/check.hh"
#include "sanitizer/detect/detect.hh"

/// The input: the name's length (one octet), the name, and the file.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
  using namespace sekisho;
  ByteReader reader(std::as_bytes(std::span(data, size)));
  const std::string_view name = as_chars(reader.take(std::min<std::size_t>(reader.read_u8(), reader.remaining())));
  const Bytes file = reader.take(reader.remaining());
  const job::Kind kind = detect::kind_of(file, name);
  CHECK(kind == detect::kind_of(file, name));
  (void)detect::is_also_document(file);
  (void)detect::disagrees(kind, name, name);
  for (const Reason reason : detect::unseen_in_compound_file(file))
    CHECK(reason == Reason::part_macro || reason == Reason::part_external_link || word_of(reason).starts_with("office-"));
  return 0;
}
