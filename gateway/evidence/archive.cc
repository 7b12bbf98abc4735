#include "gateway/evidence/archive.hh"

#include "base/unique_fd.hh"
#include "gateway/evidence/segments.hh"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

namespace sekisho::evidence {
namespace {

constexpr std::uint64_t max_segment = std::uint64_t{1} << 30; // octets

Result<Buffer> read_whole(const std::string &path) {
  UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat status {};
  if (!file || ::fstat(file.get(), &status) != 0) return fail("cannot read " + path + ": " + std::strerror(errno));
  if (static_cast<std::uint64_t>(status.st_size) > max_segment) return fail("cannot read " + path + ": too large");
  Buffer text(static_cast<std::size_t>(status.st_size));
  std::size_t done = 0;
  while (done < text.size()) { // it may be emptied meanwhile, to be begun anew
    ssize_t count = ::pread(file.get(), text.data() + done, text.size() - done, static_cast<off_t>(done));
    if (count <= 0) break;
    done += static_cast<std::size_t>(count);
  }
  text.resize(done);
  return text;
}

Ip v4(ByteReader &reader) { return Ip::from_v4(reader.read_u32()); }
Ip v6(ByteReader &reader) {
  Ip ip;
  Bytes octets = reader.take(16);
  if (octets.size() == 16) std::memcpy(ip.octets.data(), octets.data(), 16);
  return ip;
}

} // namespace

bool concerns(Bytes frame, const Ip &host) {
  constexpr std::uint16_t tag = 0x8100, outer_tag = 0x88a8, arp = 0x0806, ipv4 = 0x0800, ipv6 = 0x86dd;
  ByteReader reader(frame);
  reader.skip(12);
  std::uint16_t type = reader.read_u16();
  for (int i = 0; i < 2 && (type == tag || type == outer_tag); ++i) {
    reader.skip(2);
    type = reader.read_u16();
  }
  Ip source, destination;
  if (type == ipv4) {
    reader.skip(12);
    source = v4(reader), destination = v4(reader);
  } else if (type == ipv6) {
    reader.skip(8);
    source = v6(reader), destination = v6(reader);
  } else if (type == arp) {
    reader.skip(14);
    source = v4(reader);
    reader.skip(6);
    destination = v4(reader);
  } else {
    return false;
  }
  return !reader.failed() && (source == host || destination == host);
}

Result<Archive> Archive::open(const std::string &folder) {
  Archive archive;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    if (entry->path().extension() != ".pcapng") continue;
    Result<Buffer> text = read_whole(entry->path().string());
    if (!text) return fail(text.error());
    archive.segments_.push_back({entry->path().filename().string(), std::move(*text)});
  }
  if (error) return fail("cannot read the evidence in " + folder + ": " + error.message());
  for (const Segment &segment : archive.segments_) archive.read(segment);
  std::ranges::stable_sort(archive.packets_, {}, &KeptPacket::nanoseconds);
  return archive;
}

void Archive::read(const Segment &segment) {
  using Kind = Reader::Kind;
  Reader reader(segment.text);
  std::vector<std::string> names; // of this section
  auto name_of = [&](std::uint32_t number) { return number < names.size() ? names[number] : std::string("?"); };
  for (Kind kind; (kind = reader.next()) != Kind::end;) {
    switch (kind) {
    case Kind::section: names.clear(); break;
    case Kind::interface:
      names.push_back(reader.interface.name);
      if (std::ranges::find(interfaces_, reader.interface.name, &Interface::name) == interfaces_.end())
        interfaces_.push_back(reader.interface);
      break;
    case Kind::packet: {
      const Packet &packet = reader.packet;
      packets_.push_back({packet.nanoseconds, name_of(packet.interface), packet.length, packet.outbound,
                          read_remark(packet.comment), packet.octets});
      break;
    }
    case Kind::statistics:
      packets_.push_back({reader.statistics.nanoseconds, name_of(reader.statistics.interface), 0, false,
                          read_left_out(reader.statistics.comment), {}});
      break;
    default: notes_.push_back(segment.name + " is damaged: read as far as it goes"); return;
    }
  }
}

std::uint64_t Archive::octets() const {
  std::uint64_t total = 0;
  for (const Segment &segment : segments_) total += segment.text.size();
  return total;
}

std::vector<KeptPacket> Archive::choose(const Choice &choice) const {
  std::vector<KeptPacket> chosen;
  std::uint64_t since = choice.since > 0 ? static_cast<std::uint64_t>(choice.since) * 1'000'000'000 : 0;
  std::ranges::copy_if(packets_, std::back_inserter(chosen), [&](const KeptPacket &packet) {
    return packet.nanoseconds >= since && (choice.zone.empty() || packet.zone == choice.zone) &&
           (choice.reason.empty() || packet.remark.reason == choice.reason) &&
           (!choice.host || concerns(packet.octets, *choice.host));
  });
  return chosen;
}

Buffer Archive::merged(const std::vector<KeptPacket> &packets, std::string_view title) const {
  Buffer capture;
  put_section(capture, title);
  for (const Interface &interface : interfaces_) put_interface(capture, interface, snap_length);
  for (const KeptPacket &packet : packets) {
    auto place = std::ranges::find(interfaces_, packet.zone, &Interface::name);
    if (place == interfaces_.end()) continue;
    auto number = static_cast<std::uint32_t>(place - interfaces_.begin());
    if (packet.length == 0)
      put_statistics(capture, {number, packet.nanoseconds,
                               write_left_out(packet.remark.reason, packet.remark.left_out)});
    else
      put_packet(capture, {number, packet.nanoseconds, packet.length, packet.outbound, packet.octets,
                           write_remark(packet.remark)});
  }
  return capture;
}

} // namespace sekisho::evidence
