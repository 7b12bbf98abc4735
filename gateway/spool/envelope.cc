#include "gateway/spool/envelope.hh"

namespace sekisho::spool {
namespace {

constexpr std::size_t max_word = 1024;
constexpr std::size_t max_recipients = 10'000;

} // namespace

Buffer encode(const Envelope &envelope) {
  ByteWriter writer;
  writer.put_counted(envelope.receipt);
  writer.put_counted(envelope.from);
  writer.put_counted(envelope.relay);
  writer.put_counted(envelope.client_ip);
  writer.put_counted(envelope.helo);
  writer.put_u64(static_cast<std::uint64_t>(envelope.accepted));
  writer.put_u32(envelope.hops);
  writer.put_u8(envelope.utf8);
  writer.put_u32(static_cast<std::uint32_t>(envelope.recipients.size()));
  for (const std::string &recipient : envelope.recipients) writer.put_counted(recipient);
  return writer.take();
}

Result<Envelope> decode_envelope(ByteReader &reader) {
  Envelope envelope;
  envelope.receipt = reader.take_string(max_word);
  envelope.from = reader.take_string(max_word);
  envelope.relay = reader.take_string(max_word);
  envelope.client_ip = reader.take_string(max_word);
  envelope.helo = reader.take_string(max_word);
  envelope.accepted = static_cast<UnixSeconds>(reader.read_u64());
  envelope.hops = reader.read_u32();
  envelope.utf8 = reader.read_u8() != 0;
  const std::uint32_t count = reader.read_u32();
  if (count > max_recipients) return fail("envelope with too many recipients");
  for (std::uint32_t i = 0; i < count && !reader.failed(); ++i)
    envelope.recipients.push_back(reader.take_string(max_word));
  if (reader.failed()) return fail("damaged envelope");
  return envelope;
}

} // namespace sekisho::spool
