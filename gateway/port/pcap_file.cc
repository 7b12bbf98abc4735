#include "gateway/port/pcap_file.hh"

#include <pcap/pcap.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace sekisho::port {
namespace {

pcap_t *pcap_of(const auto &handle) {
  return static_cast<pcap_t *>(handle.get());
}

ssize_t read_gzip(void *file, char *octets, std::size_t count) {
  constexpr std::size_t at_once = 1u << 30; // what gzread's int can tell
  return ::gzread(static_cast<gzFile>(file), octets,
                  static_cast<unsigned>(std::min(count, at_once)));
}

int close_gzip(void *file) { return ::gzclose(static_cast<gzFile>(file)) == Z_OK ? 0 : EOF; }

constexpr std::size_t window = 1u << 20; // octets read at once

/// A compressed capture is read like a plain one; zlib hands plain octets through.  Null: errno says why.
std::FILE *open_capture(const std::string &path) {
  gzFile file = ::gzopen(path.c_str(), "rbe");
  if (!file) return nullptr;
  ::gzbuffer(file, window);
  std::FILE *stream = ::fopencookie(
      file, "rb", {.read = read_gzip, .write = nullptr, .seek = nullptr, .close = close_gzip});
  if (!stream) ::gzclose(file);
  else std::setvbuf(stream, nullptr, _IOFBF, window); // small reads cost more than the packets
  return stream;
}

} // namespace

void PcapFile::Close::operator()(void *handle) const { ::pcap_close(static_cast<pcap_t *>(handle)); }

Result<PcapFile> PcapFile::open(const std::string &path) {
  // libpcap takes "-" for standard input; a file of that name is meant here.
  std::FILE *file = open_capture(path);
  if (!file) return fail("cannot open the capture " + path + ": " + std::strerror(errno));
  char why[PCAP_ERRBUF_SIZE] = "";
  pcap_t *handle =
      ::pcap_fopen_offline_with_tstamp_precision(file, PCAP_TSTAMP_PRECISION_NANO, why);
  if (!handle) {
    std::fclose(file);
    return fail(path + " is not a whole pcap or pcapng file: " + why);
  }
  return PcapFile(handle);
}

bool PcapFile::is_ethernet() const { return ::pcap_datalink(pcap_of(handle_)) == DLT_EN10MB; }

std::string PcapFile::link_type() const {
  int type = ::pcap_datalink(pcap_of(handle_));
  const char *name = ::pcap_datalink_val_to_name(type);
  return name ? name : "link type " + std::to_string(type);
}

PcapFile::Next PcapFile::next(Packet &packet) {
  pcap_pkthdr *header = nullptr;
  const u_char *octets = nullptr;
  switch (::pcap_next_ex(pcap_of(handle_), &header, &octets)) {
  case 1: break;
  case PCAP_ERROR_BREAK: return Next::end;
  default: return Next::broken;
  }
  packet.bytes = std::as_bytes(std::span(octets, std::min(header->caplen, max_capture_length)));
  // A file may hold any seconds and any fraction: negative time is none.
  std::int64_t seconds = std::clamp<std::int64_t>(header->ts.tv_sec, 0, 9'000'000'000);
  std::int64_t fraction = std::clamp<std::int64_t>(header->ts.tv_usec, 0, 999'999'999); // ns
  packet.nanoseconds = static_cast<std::uint64_t>(seconds * 1'000'000'000 + fraction);
  return Next::packet;
}

std::string PcapFile::error() const { return ::pcap_geterr(pcap_of(handle_)); }

} // namespace sekisho::port
