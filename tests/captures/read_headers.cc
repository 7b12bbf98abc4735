// What wire::parse reads of each packet of some captures, for headers_test.py to compare with another reader:
//
//   = FILE
//   NUMBER REASON ipv4|ipv6|arp|- SOURCE DESTINATION PROTOCOL SOURCE-PORT DESTINATION-PORT FRAGMENT-OFFSET|-
#include "gateway/port/pcap_file.hh"
#include "gateway/wire/headers.hh"

#include <fmt/format.h>

namespace {

using namespace sekisho;

void print(std::size_t number, Reason reason, const wire::Headers &headers) {
  constexpr std::string_view networks[] = {"arp", "ipv4", "ipv6"};
  fmt::print("{} {} {} {} {} {} {} {} {}\n", number, word_of(reason),
             networks[static_cast<std::size_t>(headers.network)], to_string(headers.source),
             to_string(headers.destination), headers.protocol, headers.source_port,
             headers.destination_port,
             headers.is_fragment ? std::to_string(headers.fragment_offset) : "-");
}

bool read(const std::string &name) {
  Result<port::PcapFile> file = port::PcapFile::open(name);
  fmt::print("= {}\n", name);
  if (!file || !file->is_ethernet()) return true;
  port::PcapFile::Packet packet;
  for (std::size_t number = 1; file->next(packet) == port::PcapFile::Next::packet; ++number) {
    wire::Headers headers;
    Reason reason = wire::parse(packet.bytes, headers);
    print(number, reason, headers);
  }
  return true;
}

} // namespace

int main(int count, char **words) {
  bool is_good = true;
  for (int i = 1; i < count; ++i) is_good &= read(words[i]);
  return is_good ? 0 : 1;
}
