#include "gateway/role/channel/passwords.hh"

#include "base/bytes.hh"

namespace sekisho::role {
namespace {

constexpr std::uint32_t max_count = 256;
constexpr std::size_t max_path = 4096;

} // namespace

std::string encode_passwords(const Passwords &passwords) {
  if (passwords.empty()) return {};
  ByteWriter writer;
  writer.put_u32(static_cast<std::uint32_t>(passwords.size()));
  for (const auto &[path, password] : passwords) {
    writer.put_counted(path);
    writer.put_counted(password);
  }
  return std::string(as_chars(writer.buffer()));
}

Result<Passwords> decode_passwords(std::string_view untrusted) {
  Passwords passwords;
  if (untrusted.empty()) return passwords;
  ByteReader reader(as_bytes(untrusted));
  const std::uint32_t count = reader.read_u32();
  if (count > max_count) return fail("too many passwords");
  for (std::uint32_t i = 0; i < count && !reader.failed(); ++i) {
    std::string path = reader.take_string(max_path);
    passwords[std::move(path)] = reader.take_string(max_password);
  }
  if (reader.failed() || !reader.at_end()) return fail("passwords: cut short");
  return passwords;
}

} // namespace sekisho::role
