#include "gateway/port/fanout.hh"

#include "gateway/port/owner.hh"

#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <sys/socket.h>

#include <bit>
#include <cerrno>
#include <cstring>

namespace sekisho::port {
namespace {

constexpr auto net_offset = static_cast<std::uint32_t>(SKF_NET_OFF); // offsets from the IP header
constexpr std::uint32_t folded = 0, hash = 1;                       // cells of the program's memory

class Program {
public:
  void add(unsigned code, std::uint32_t value = 0, std::size_t if_true = 0, std::size_t if_false = 0) {
    code_.push_back({static_cast<std::uint16_t>(code), static_cast<std::uint8_t>(if_true),
                     static_cast<std::uint8_t>(if_false), value});
  }
  void add(const Program &other) {
    code_.insert(code_.end(), other.code_.begin(), other.code_.end());
  }
  std::size_t size() const { return code_.size(); }
  std::vector<sock_filter> take() { return std::move(code_); }

private:
  std::vector<sock_filter> code_;
};

/// Returns the core of the `words` of addresses from `offset` of the IP header on.
Program by_addresses(std::uint32_t offset, std::uint32_t words, std::size_t cores) {
  Program program;
  program.add(BPF_LD | BPF_W | BPF_ABS, net_offset + offset);
  for (std::uint32_t word = 1; word < words; ++word) {
    program.add(BPF_MISC | BPF_TAX);
    program.add(BPF_LD | BPF_W | BPF_ABS, net_offset + offset + 4 * word);
    program.add(BPF_ALU | BPF_XOR | BPF_X);
  }
  program.add(BPF_ST, folded);
  program.add(BPF_ALU | BPF_RSH | BPF_K, 16);
  program.add(BPF_MISC | BPF_TAX);
  program.add(BPF_LD | BPF_MEM, folded);
  program.add(BPF_ALU | BPF_XOR | BPF_X);
  program.add(BPF_ST, folded);
  program.add(BPF_LD | BPF_IMM, 0);
  program.add(BPF_ST, hash);
  for (int bit = 0; bit < 16; ++bit) {
    program.add(BPF_LD | BPF_MEM, folded);
    program.add(BPF_JMP | BPF_JSET | BPF_K, 1u << (15 - bit), 0, 3);
    program.add(BPF_LD | BPF_MEM, hash);
    program.add(BPF_ALU | BPF_XOR | BPF_K, std::rotl(rss_key_word, bit) % rss_slots);
    program.add(BPF_ST, hash);
  }
  program.add(BPF_LD | BPF_MEM, hash);
  program.add(BPF_ALU | BPF_MOD | BPF_K, static_cast<std::uint32_t>(cores));
  program.add(BPF_RET | BPF_A);
  return program;
}

/// A: the EtherType of what begins at `offset`.
Program by_protocol(std::uint32_t offset, std::size_t cores) {
  Program ipv4 = by_addresses(offset + 12, 2, cores), ipv6 = by_addresses(offset + 8, 8, cores);
  Program program;
  program.add(BPF_JMP | BPF_JEQ | BPF_K, ETH_P_IP, 2, 0);
  program.add(BPF_JMP | BPF_JEQ | BPF_K, ETH_P_IPV6, 1 + ipv4.size(), 0);
  program.add(BPF_RET | BPF_K, 0);
  program.add(ipv4);
  program.add(ipv6);
  return program;
}

} // namespace

std::vector<sock_filter> owner_program(std::size_t cores) {
  Program program;
  program.add(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(SKF_AD_OFF + SKF_AD_PROTOCOL));
  Program plain = by_protocol(0, cores);
  program.add(BPF_JMP | BPF_JEQ | BPF_K, ETH_P_8021Q, 0, 1); // the kernel took the outer tag off
  program.add(BPF_JMP | BPF_JA, static_cast<std::uint32_t>(plain.size()));
  program.add(plain);
  program.add(BPF_LD | BPF_H | BPF_ABS, net_offset + 2); // behind the tag's number
  program.add(by_protocol(4, cores));
  return program.take();
}

Result<void> spread_by_owner(std::span<const int> sockets) {
  int group = 0;
  for (int socket : sockets) {
    int type = socket == sockets.front() ? PACKET_FANOUT_CBPF | PACKET_FANOUT_FLAG_UNIQUEID
                                         : PACKET_FANOUT_CBPF;
    int wish = group | type << 16;
    if (::setsockopt(socket, SOL_PACKET, PACKET_FANOUT, &wish, sizeof wish) != 0)
      return fail(std::string("cannot share an interface between cores: ") + std::strerror(errno));
    socklen_t size = sizeof group;
    if (::getsockopt(socket, SOL_PACKET, PACKET_FANOUT, &group, &size) != 0)
      return fail(std::string("cannot ask for the group of a packet socket: ") + std::strerror(errno));
    group &= 0xffff;
  }
  std::vector<sock_filter> code = owner_program(sockets.size());
  sock_fprog program{static_cast<unsigned short>(code.size()), code.data()};
  if (::setsockopt(sockets.front(), SOL_PACKET, PACKET_FANOUT_DATA, &program, sizeof program) != 0)
    return fail(std::string("cannot spread frames over cores: ") + std::strerror(errno));
  return {};
}

} // namespace sekisho::port
