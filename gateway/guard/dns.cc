#include "gateway/guard/dns.hh"

#include "gateway/guard/message.hh"

#include <algorithm>
#include <array>
#include <optional>

namespace sekisho::guard {
namespace {

constexpr std::size_t max_name = 253, max_label = 63; // octets, RFC 1035 §2.3.4
constexpr std::size_t max_records = 200;              // read of one message
constexpr std::size_t max_text = 4096;                // octets of one TXT record
constexpr std::size_t most_aliases = 8;
constexpr std::uint16_t class_in = 1;
constexpr std::uint16_t type_opt = 41;       // RFC 6891
constexpr std::uint16_t payload_size = 1232; // octets; means nothing over TCP

void put_name(ByteWriter &writer, std::string_view name) {
  while (!name.empty()) {
    const std::size_t dot = std::min(name.find('.'), name.size());
    writer.put_u8(static_cast<std::uint8_t>(dot));
    writer.put_bytes(as_bytes(name.substr(0, dot)));
    name.remove_prefix(std::min(dot + 1, name.size()));
  }
  writer.put_u8(0);
}

/// Reads a message; names may point back into it (RFC 1035 §4.1.4).
class Reader {
public:
  explicit Reader(Bytes message) : message_(message), reader_(message) {}
  std::uint8_t u8() { return reader_.read_u8(); }
  std::uint16_t u16() { return reader_.read_u16(); }
  std::uint32_t u32() { return reader_.read_u32(); }
  Bytes take(std::size_t count) { return reader_.take(count); }
  std::size_t position() const { return reader_.position(); }
  bool failed() const { return failed_ || reader_.failed(); }

  /// Lower case.  A label with a dot or a NUL in it is no host's: the message is malformed then.
  std::string name() {
    std::string name;
    std::size_t at = reader_.position();
    std::size_t behind = 0; // where reading goes on, once a pointer was followed
    for (std::size_t steps = 0; steps < 128; ++steps) {
      if (at >= message_.size()) return fail();
      const auto length = std::to_integer<std::size_t>(message_[at]);
      if ((length & 0xc0) == 0xc0) {
        if (at + 1 >= message_.size()) return fail();
        const std::size_t to = (length & 0x3f) << 8 | std::to_integer<std::size_t>(message_[at + 1]);
        if (behind == 0) behind = at + 2;
        if (to >= at) return fail(); // backwards only: there is an end
        at = to;
        continue;
      }
      if ((length & 0xc0) != 0 || at + 1 + length > message_.size()) return fail();
      ++at;
      if (length == 0) {
        const std::size_t end = behind == 0 ? at : behind;
        reader_.skip(end - reader_.position());
        return lower_case(name);
      }
      const std::string_view label = as_chars(message_.subspan(at, length));
      if (label.find('.') != std::string_view::npos || label.find('\0') != std::string_view::npos) return fail();
      if (!name.empty()) name += '.';
      name += label;
      if (name.size() > max_name) return fail();
      at += length;
    }
    return fail();
  }

private:
  std::string fail() {
    failed_ = true;
    return {};
  }
  Bytes message_;
  ByteReader reader_;
  bool failed_ = false;
};

struct Record {
  std::string owner;
  std::uint16_t type = 0;
  std::uint32_t ttl = 0;
  std::string name; // of CNAME, MX and PTR
  std::uint16_t preference = 0;
  std::string text;
  std::optional<Ip> address;
};

Ip address_from(Bytes octets) {
  Ip ip; // ::ffff:0:0/96 in front of an IPv4 address
  if (octets.size() == 4) {
    ip.octets[10] = ip.octets[11] = 0xff;
    for (std::size_t i = 0; i < 4; ++i) ip.octets[12 + i] = std::to_integer<std::uint8_t>(octets[i]);
  } else {
    for (std::size_t i = 0; i < 16; ++i) ip.octets[i] = std::to_integer<std::uint8_t>(octets[i]);
  }
  return ip;
}

/// RFC 1035 §3.3.14: strings with a length each.
std::optional<std::string> joined_text(Bytes data) {
  ByteReader reader(data);
  std::string text;
  while (!reader.at_end() && !reader.failed()) {
    text += as_chars(reader.take(reader.read_u8()));
    if (text.size() > max_text) return std::nullopt;
  }
  return reader.failed() ? std::nullopt : std::optional(text);
}

/// False: malformed.
bool read_record(Reader &reader, Record &record) {
  record.owner = reader.name();
  record.type = reader.u16();
  const std::uint16_t dns_class = reader.u16();
  record.ttl = reader.u32();
  const std::size_t size = reader.u16();
  if (reader.failed()) return false;
  const std::size_t end = reader.position() + size;
  if (dns_class == class_in && record.type == static_cast<std::uint16_t>(DnsType::mx)) record.preference = reader.u16();
  switch (dns_class == class_in ? static_cast<DnsType>(record.type) : DnsType{}) {
  case DnsType::mx:
  case DnsType::ptr:
  case DnsType::cname: record.name = reader.name(); break;
  case DnsType::a:
  case DnsType::aaaa: {
    const Bytes octets = reader.take(size);
    if (octets.size() != (record.type == 1 ? 4u : 16u)) return false;
    record.address = address_from(octets);
    break;
  }
  case DnsType::txt: {
    std::optional<std::string> text = joined_text(reader.take(size));
    if (!text) return false;
    record.text = std::move(*text);
    break;
  }
  default:
    record.type = 0;
    (void)reader.take(size);
  }
  return !reader.failed() && reader.position() == end;
}

void gather(const std::vector<Record> &records, const Question &question, Answer &answer) {
  std::string owner = question.name;
  const auto wanted = static_cast<std::uint16_t>(question.type);
  std::vector<const Record *> found;
  for (std::size_t alias = 0; alias <= most_aliases && found.empty(); ++alias) {
    const Record *next = nullptr;
    for (const Record &record : records) {
      if (record.owner != owner) continue;
      if (record.type == wanted) found.push_back(&record);
      else if (record.type == static_cast<std::uint16_t>(DnsType::cname)) next = &record;
    }
    if (!next) break;
    owner = next->name;
  }
  std::ranges::stable_sort(found, {}, [](const Record *record) { return record->preference; });
  if (!found.empty()) answer.ttl = found.front()->ttl;
  for (const Record *record : found) {
    answer.ttl = std::min(answer.ttl, record->ttl);
    if (question.type == DnsType::txt) answer.texts.push_back(record->text);
    else if (record->address) answer.addresses.push_back(*record->address);
    else answer.names.push_back(record->name);
  }
}

} // namespace

bool is_askable(std::string_view name) {
  if (name.empty() || name.size() > max_name) return false;
  while (true) {
    const std::size_t dot = name.find('.');
    const std::size_t size = std::min(dot, name.size());
    if (size == 0 || size > max_label) return false;
    if (dot == std::string_view::npos) return true;
    name.remove_prefix(dot + 1);
  }
}

Buffer encode_query(std::uint16_t id, const Question &question) {
  ByteWriter writer;
  writer.put_u16(id);
  writer.put_u16(0x0100); // recursion desired
  writer.put_u16(1);
  writer.put_u16(0);
  writer.put_u16(0);
  writer.put_u16(1);
  put_name(writer, question.name);
  writer.put_u16(static_cast<std::uint16_t>(question.type));
  writer.put_u16(class_in);
  writer.put_u8(0); // OPT, RFC 6891 §6.1.2
  writer.put_u16(type_opt);
  writer.put_u16(payload_size);
  writer.put_u32(0);
  writer.put_u16(0);
  ByteWriter whole;
  whole.put_u16(static_cast<std::uint16_t>(writer.buffer().size()));
  whole.put_bytes(writer.buffer());
  return whole.take();
}

Result<Answer> decode_response(Bytes untrusted, std::uint16_t id, const Question &question) {
  Reader reader(untrusted);
  const std::uint16_t told_id = reader.u16(), flags = reader.u16();
  const std::uint16_t questions = reader.u16(), answers = reader.u16();
  (void)reader.u32(); // authority and additional records are not looked at
  const bool is_response = (flags & 0x8000) != 0 && (flags & 0x7800) == 0;
  const bool is_whole = (flags & 0x0200) == 0;
  if (reader.failed() || told_id != id || !is_response || !is_whole || questions != 1)
    return fail("not a whole response");
  if (reader.name() != question.name || reader.u16() != static_cast<std::uint16_t>(question.type) ||
      reader.u16() != class_in || reader.failed())
    return fail("response to another question");
  Answer answer;
  const unsigned code = flags & 0xf;
  if (code == 3) answer.status = Answer::Status::no_name;
  if (code != 0) return answer;
  std::vector<Record> records;
  for (std::size_t i = 0; i < std::min<std::size_t>(answers, max_records); ++i)
    if (!read_record(reader, records.emplace_back())) return fail("malformed record");
  answer.status = Answer::Status::found;
  gather(records, question, answer);
  return answer;
}

const Answer *Lookups::ask(std::string_view name, DnsType type) {
  static const Answer nobody{.status = Answer::Status::no_name, .texts = {}, .addresses = {}, .names = {}};
  Question question{lower_case(name), type};
  if (question.name.ends_with('.')) question.name.pop_back();
  if (!is_askable(question.name)) return &nobody;
  const auto found = answers_.find(question);
  if (found != answers_.end()) return &found->second;
  wanted_.insert(std::move(question));
  return nullptr;
}

} // namespace sekisho::guard
