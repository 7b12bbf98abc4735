// What keeps the kernel's stack away from a zone's wire.
//
// The gateway's address of a zone lives on the tap, and the kernel's weak host model would gladly answer for
// it on the zone's interface too: ARP, and a connection that never met a rule.  So two locks: settings under
// which the stack refuses (always), and a two-instruction program at the interface's ingress that drops what
// is left after the path's socket has seen it (where the kernel has it, 6.6 and later).
#include "gateway/port/tap.hh"

#include "base/log.hh"

#include <fcntl.h>
#include <linux/bpf.h>
#include <net/if.h>
#include <sys/syscall.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <span>
#include <string_view>

namespace sekisho::port {
namespace {

Result<void> write_setting(const std::string &path, std::string_view value) {
  UniqueFd file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!file && errno == ENOENT) return {}; // the kernel has no such protocol, so nothing to refuse
  if (!file || ::write(file.get(), value.data(), value.size()) < 0)
    return fail("cannot write " + std::string(value) + " to " + path + ": " +
                std::strerror(errno));
  return {};
}

long bpf(int command, bpf_attr &attribute) {
  return ::syscall(__NR_bpf, command, &attribute, sizeof attribute);
}

// The numbers of linux/bpf.h of 6.6; Debian 12 compiles with older headers.
constexpr std::uint32_t tcx_ingress = 46;
constexpr std::int32_t tcx_drop = 2;

constexpr std::string_view program_name = "sekisho_closed";

/// Our program at this interface's ingress, or nothing.
UniqueFd attached_program(unsigned interface) {
  std::array<std::uint32_t, 64> ids{};
  bpf_attr query{};
  query.query.target_fd = interface;
  query.query.attach_type = tcx_ingress;
  query.query.prog_ids = reinterpret_cast<std::uint64_t>(ids.data());
  query.query.prog_cnt = ids.size();
  if (bpf(BPF_PROG_QUERY, query) != 0) return {};
  std::size_t count = std::min<std::size_t>(query.query.prog_cnt, ids.size());
  for (std::uint32_t id : std::span(ids).first(count)) {
    bpf_attr get{};
    get.prog_id = id;
    UniqueFd program(static_cast<int>(bpf(BPF_PROG_GET_FD_BY_ID, get)));
    bpf_prog_info info{};
    bpf_attr ask{};
    ask.info.bpf_fd = static_cast<std::uint32_t>(program.get());
    ask.info.info = reinterpret_cast<std::uint64_t>(&info);
    ask.info.info_len = sizeof info;
    if (program && bpf(BPF_OBJ_GET_INFO_BY_FD, ask) == 0 && info.name == program_name) return program;
  }
  return {};
}

bpf_attr at_ingress(unsigned interface, const UniqueFd &program) {
  bpf_attr attach{};
  attach.target_fd = interface;
  attach.attach_bpf_fd = static_cast<std::uint32_t>(program.get());
  attach.attach_type = tcx_ingress;
  return attach;
}

bool drop_at_ingress(unsigned interface) {
  if (attached_program(interface)) return true; // from last time
  const bpf_insn program[] = {
      {.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .src_reg = 0, .off = 0, .imm = tcx_drop},
      {.code = BPF_JMP | BPF_EXIT, .dst_reg = 0, .src_reg = 0, .off = 0, .imm = 0}};
  bpf_attr load{};
  load.prog_type = BPF_PROG_TYPE_SCHED_CLS;
  load.insns = reinterpret_cast<std::uint64_t>(program);
  load.insn_cnt = std::size(program);
  load.license = reinterpret_cast<std::uint64_t>("Apache-2.0");
  program_name.copy(load.prog_name, sizeof load.prog_name - 1);
  UniqueFd loaded(static_cast<int>(bpf(BPF_PROG_LOAD, load)));
  if (!loaded) return false;
  bpf_attr attach = at_ingress(interface, loaded);
  return bpf(BPF_PROG_ATTACH, attach) == 0;
}

} // namespace

Result<void> quieten_tap(const std::string &interface, bool with_ipv6) {
  const std::string ipv4 = "/proc/sys/net/ipv4/conf/" + interface + "/";
  const std::string ipv6 = "/proc/sys/net/ipv6/conf/" + interface + "/";
  TRY(write_setting(ipv4 + "forwarding", "0"));
  TRY(write_setting(ipv4 + "accept_redirects", "0"));
  // Answer and speak ARP only for this interface's own address, not for another zone's.
  TRY(write_setting(ipv4 + "arp_ignore", "1"));
  TRY(write_setting(ipv4 + "arp_announce", "2"));
  TRY(write_setting(ipv6 + "forwarding", "0"));
  TRY(write_setting(ipv6 + "accept_ra", "0"));
  TRY(write_setting(ipv6 + "disable_ipv6", with_ipv6 ? "0" : "1"));
  return {};
}

Result<void> keep_kernel_off(const std::string &interface) {
  unsigned index = ::if_nametoindex(interface.c_str());
  if (index == 0) return fail("there is no interface " + interface);
  const std::string ipv4 = "/proc/sys/net/ipv4/conf/" + interface + "/";
  const std::string ipv6 = "/proc/sys/net/ipv6/conf/" + interface + "/";
  TRY(write_setting(ipv4 + "arp_ignore", "8"));
  TRY(write_setting(ipv4 + "rp_filter", "1"));
  TRY(write_setting(ipv4 + "accept_local", "0"));
  TRY(write_setting(ipv4 + "forwarding", "0"));
  TRY(write_setting(ipv4 + "accept_redirects", "0"));
  TRY(write_setting(ipv6 + "disable_ipv6", "1"));
  if (!drop_at_ingress(index))
    log_info("no drop program on " + interface + " (" + std::strerror(errno) +
             "): the kernel is kept off it by its settings alone");
  return {};
}

Result<void> let_kernel_in(const std::string &interface) {
  unsigned index = ::if_nametoindex(interface.c_str());
  if (index == 0) return {};
  if (UniqueFd program = attached_program(index)) {
    bpf_attr detach = at_ingress(index, program);
    if (bpf(BPF_PROG_DETACH, detach) != 0)
      return fail("cannot take the drop program off " + interface + ": " + std::strerror(errno));
    return write_setting("/proc/sys/net/ipv4/conf/" + interface + "/arp_ignore", "0");
  }
  return {};
}

} // namespace sekisho::port
