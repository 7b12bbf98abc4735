#include "gateway/spool/envelope.hh"

namespace sekisho::spool {
namespace {

constexpr std::size_t max_word = 1024;
constexpr std::size_t max_authentication = 8192;
constexpr std::size_t max_recipients = 10'000;
constexpr std::size_t max_known = 100;
constexpr std::uint8_t word_follows = 0xff; // no reason had this number while numbers were written

enum Way : std::uint8_t { utf8_way = 1, helo_way = 2 };
enum Bit : std::uint8_t { given = 1, success = 2, failure = 4, delay = 8 };

void put(ByteWriter &writer, const Notify &notify) {
  writer.put_u8(static_cast<std::uint8_t>((notify.given ? given : 0) | (notify.success ? success : 0) |
                                          (notify.failure ? failure : 0) | (notify.delay ? delay : 0)));
  writer.put_counted(notify.original);
}

Notify take_notify(ByteReader &reader) {
  const std::uint8_t bits = reader.read_u8();
  Notify notify{(bits & given) != 0, (bits & success) != 0, (bits & failure) != 0, (bits & delay) != 0, {}};
  notify.original = reader.take_string(max_word);
  return notify;
}

bool take_known(ByteReader &reader, std::vector<Reason> &known) {
  const std::uint8_t count = reader.read_u8();
  if (count > max_known) return false;
  for (std::uint8_t i = 0; i < count && !reader.failed(); ++i)
    if (const Reason reason = take_reason(reader); reason != Reason::none) known.push_back(reason);
  return true;
}

} // namespace

void put_reason(ByteWriter &writer, Reason reason) {
  writer.put_u8(word_follows);
  writer.put_counted(word_of(reason));
}

Reason take_reason(ByteReader &reader) {
  const std::uint8_t number = reader.read_u8(); // alone in what earlier versions wrote
  if (number != word_follows) return reason_from_number(number).value_or(Reason::none);
  return reason_from_word(reader.take_string(max_word)).value_or(Reason::none);
}

Buffer encode(const Envelope &envelope) {
  ByteWriter writer;
  writer.put_counted(envelope.receipt);
  writer.put_counted(envelope.from);
  writer.put_counted(envelope.relay);
  writer.put_counted(envelope.client_ip);
  writer.put_counted(envelope.helo);
  writer.put_u64(static_cast<std::uint64_t>(envelope.accepted));
  writer.put_u32(envelope.hops);
  writer.put_u8(static_cast<std::uint8_t>((envelope.utf8 ? utf8_way : 0) | (envelope.by_helo ? helo_way : 0)));
  writer.put_u32(static_cast<std::uint32_t>(envelope.recipients.size()));
  for (const std::string &recipient : envelope.recipients) writer.put_counted(recipient);
  writer.put_u32(static_cast<std::uint32_t>(envelope.notify.size()));
  for (const Notify &notify : envelope.notify) put(writer, notify);
  writer.put_counted(envelope.envelope_id);
  writer.put_u8(static_cast<std::uint8_t>(envelope.returned));
  writer.put_u8(envelope.require_tls);
  writer.put_counted(envelope.tls);
  writer.put_counted(envelope.authentication);
  writer.put_u8(static_cast<std::uint8_t>(envelope.known.size()));
  for (const Reason reason : envelope.known) put_reason(writer, reason);
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
  const std::uint8_t way = reader.read_u8();
  envelope.utf8 = (way & utf8_way) != 0;
  envelope.by_helo = (way & helo_way) != 0;
  const std::uint32_t count = reader.read_u32();
  if (count > max_recipients) return fail("envelope with too many recipients");
  for (std::uint32_t i = 0; i < count && !reader.failed(); ++i)
    envelope.recipients.push_back(reader.take_string(max_word));
  const std::uint32_t notified = reader.read_u32();
  if (notified > count) return fail("envelope with more to notify than recipients");
  for (std::uint32_t i = 0; i < notified && !reader.failed(); ++i)
    envelope.notify.push_back(take_notify(reader));
  envelope.envelope_id = reader.take_string(max_word);
  const std::uint8_t returned = reader.read_u8();
  if (returned > static_cast<std::uint8_t>(Return::full)) return fail("envelope with an unknown RET");
  envelope.returned = static_cast<Return>(returned);
  envelope.require_tls = reader.read_u8() != 0;
  envelope.tls = reader.take_string(max_word);
  envelope.authentication = reader.take_string(max_authentication);
  if (!take_known(reader, envelope.known)) return fail("envelope with too many reasons");
  if (reader.failed()) return fail("damaged envelope");
  return envelope;
}

} // namespace sekisho::spool
