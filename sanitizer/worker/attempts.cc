#include "sanitizer/worker/attempts.hh"

#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

namespace sekisho::worker {
namespace {

bool opens_file() {
  return ::open("/etc/passwd", O_RDONLY) >= 0;
}
bool opens_root() {
  return ::open("/", O_RDONLY | O_DIRECTORY) >= 0;
}
bool makes_file() {
  return ::open("/tmp/sekisho-self-test", O_CREAT | O_WRONLY, 0600) >= 0;
}
bool makes_socket() {
  return ::socket(AF_INET, SOCK_STREAM, 0) >= 0;
}
bool makes_packet_socket() {
  return ::socket(AF_PACKET, SOCK_RAW, 0) >= 0;
}
bool connects() {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(25);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const auto *generic = reinterpret_cast<const sockaddr *>(&address);
  return ::connect(0, generic, sizeof address) == 0 || errno == ECONNREFUSED;
}
bool executes() {
  char *const arguments[] = {nullptr};
  return ::execve("/bin/true", arguments, arguments) == 0 ||
         errno == ENOENT; // it got as far as looking
}
bool traces() {
  return ::ptrace(PTRACE_ATTACH, 1, nullptr, nullptr) == 0;
}
bool traces_itself() {
  return ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) == 0;
}
bool reads_other_memory() {
  char octet = 0;
  iovec own{&octet, 1}, other{&octet, 1};
  return ::syscall(SYS_process_vm_readv, 1, &own, 1, &other, 1, 0) >= 0;
}
bool becomes_root() {
  return ::setuid(0) == 0;
}
bool makes_namespace() {
  return ::syscall(SYS_unshare, 0x10000000) == 0;
}
bool makes_code() {
  return ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1,
                0) != MAP_FAILED;
}
bool forks() {
  return ::syscall(SYS_fork) >= 0;
}
bool clones() {
  return ::syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0) >= 0;
}
bool signals() {
  return ::kill(1, 0) == 0;
}

constexpr Attempt everywhere[] = {
    {"open a file", opens_file},
    {"open the root", opens_root},
    {"make a file", makes_file},
    {"make a socket", makes_socket},
    {"make a packet socket", makes_packet_socket},
    {"connect", connects},
    {"execute a program", executes},
    {"trace another process", traces},
    {"be traced", traces_itself},
    {"read another's memory", reads_other_memory},
    {"become root", becomes_root},
    {"make a namespace", makes_namespace},
    {"make code", makes_code},
};

constexpr Attempt in_workers[] = {
    {"fork", forks},
    {"clone", clones},
    {"signal another process", signals},
};

} // namespace

std::span<const Attempt> attempts_everywhere() {
  return everywhere;
}
std::span<const Attempt> attempts_in_workers() {
  return in_workers;
}

} // namespace sekisho::worker
