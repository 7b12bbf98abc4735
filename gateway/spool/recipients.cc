#include "gateway/spool/recipients.hh"

#include <algorithm>

namespace sekisho::spool {
namespace {

constexpr std::size_t max_recipient = 1024;
constexpr std::uint32_t max_recipients = 10'000; // as of an envelope

} // namespace

void put_recipients(ByteWriter &writer, const std::vector<std::string> &recipients) {
  writer.put_u32(static_cast<std::uint32_t>(recipients.size()));
  for (const std::string &recipient : recipients) writer.put_counted(recipient);
}

std::vector<std::string> take_recipients(ByteReader &reader) {
  std::vector<std::string> recipients;
  const std::uint32_t count = reader.read_u32();
  if (count > max_recipients) reader.skip(reader.remaining() + 1);
  for (std::uint32_t i = 0; i < count && !reader.failed(); ++i) recipients.push_back(reader.take_string(max_recipient));
  return recipients;
}

bool is_among(const std::vector<std::string> &recipients, const std::string &one) {
  return std::ranges::find(recipients, one) != recipients.end();
}

void keep_recipients(Envelope &envelope, std::vector<std::string> recipients) {
  std::vector<Notify> notify;
  std::vector<bool> used(envelope.recipients.size());
  for (std::size_t i = 0; i < recipients.size() && !envelope.notify.empty(); ++i) {
    const auto is_it = [&](std::size_t place) {
      return place < used.size() && !used[place] && envelope.recipients[place] == recipients[i];
    };
    std::size_t was = is_it(i) ? i : 0; // mostly nobody before it has left
    while (was < used.size() && !is_it(was)) ++was;
    notify.push_back(was < envelope.notify.size() ? envelope.notify[was] : Notify{});
    if (was < used.size()) used[was] = true;
  }
  envelope.notify = std::move(notify);
  envelope.recipients = std::move(recipients);
}

} // namespace sekisho::spool
