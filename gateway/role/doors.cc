#include "gateway/role/doors.hh"

#include "base/log.hh"
#include "gateway/evidence/segments.hh"
#include "gateway/port/device.hh"
#include "gateway/port/tap.hh"
#include "gateway/role/spool_key.hh"

#include <fmt/format.h>

#include <fcntl.h>
#include <grp.h>
#include <netinet/in.h>
#include <pwd.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

namespace sekisho::role {
namespace {

std::string because() { return ": " + std::string(std::strerror(errno)); }

// Above the numbers that Debian gives out (60000–64999 is reserved and allocated one by one, policy §9.2.2;
// these five are not).
constexpr uid_t first_fixed_id = 64101;

Identity identity_of(const std::string &name, uid_t fixed) {
  if (const passwd *user = ::getpwnam(name.c_str())) return {user->pw_uid, user->pw_gid};
  log_info(fmt::format("no user {} in /etc/passwd: its role runs as number {}", name, fixed));
  return {fixed, fixed};
}

Result<void> make_folder(const std::string &path, mode_t mode, const Identity &owner) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) return fail("cannot make folder " + path + ": " + error.message());
  if (::chown(path.c_str(), owner.uid, owner.gid) != 0 || ::chmod(path.c_str(), mode) != 0)
    return fail("cannot give folder " + path + " to its role" + because());
  return {};
}

Result<UniqueFd> lock_state(const std::string &folder) {
  std::string path = folder + "/lock";
  UniqueFd lock(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!lock) return fail("cannot open " + path + because());
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0)
    return fail("another sekishod runs on " + folder + "; give each its own --state and --run");
  return lock;
}

/// The MAC of a zone's kernel interface; another kind of port gets one made from the zone's number.
Mac mac_of_port(const rules::Zone &zone, std::size_t number) {
  if (Result<Mac> mac = port::mac_of_interface(port::interface_of(zone.port))) return *mac;
  return {{0x02, 0x53, 0x4b, 0x00, 0x00, static_cast<std::uint8_t>(number)}}; // locally administered
}

std::uint8_t prefix_of(const rules::Zone &zone) {
  for (const Network &network : zone.networks)
    if (network.contains(*zone.address)) return network.prefix;
  return 128;
}

Result<UniqueFd> make_zone_tap(const rules::Zone &zone, std::size_t number) {
  if (!zone.address) return UniqueFd();
  std::string interface = port::interface_of(zone.port);
  if (port::mac_of_interface(interface)) TRY(port::keep_kernel_off(interface));
  port::TapOptions options;
  options.name = fmt::format("sk-{}", zone.name).substr(0, 15);
  options.mac = mac_of_port(zone, number);
  options.address = zone.address;
  options.prefix = prefix_of(zone);
  if (zone.mtu != 0) options.mtu = zone.mtu;
  return port::make_tap(options);
}

struct Place {
  sockaddr_storage storage{};
  socklen_t length = 0;
};

Place place_of(const Ip &ip, std::uint16_t port) {
  Place place;
  if (ip.is_v4()) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(ip.v4());
    std::memcpy(&place.storage, &address, sizeof address);
    place.length = sizeof address;
  } else {
    sockaddr_in6 address{};
    address.sin6_family = AF_INET6;
    address.sin6_port = htons(port);
    std::memcpy(&address.sin6_addr, ip.octets.data(), ip.octets.size());
    std::memcpy(&place.storage, &address, sizeof address);
    place.length = sizeof address;
  }
  return place;
}

/// `interface`: only what comes in by this one is taken, whatever address it bears; empty for any.
Result<UniqueFd> listen_on(const Ip &ip, std::uint16_t port, const std::string &interface) {
  std::string where = fmt::format("{} port {}", to_string(ip), port);
  Place place = place_of(ip, port);
  UniqueFd fd(::socket(place.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  int on = 1;
  if (!fd || ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
      ::setsockopt(fd.get(), IPPROTO_IP, IP_FREEBIND, &on, sizeof on) != 0)
    return fail("cannot make a socket for " + where + because());
  if (!interface.empty() &&
      ::setsockopt(fd.get(), SOL_SOCKET, SO_BINDTODEVICE, interface.c_str(),
                   static_cast<socklen_t>(interface.size())) != 0)
    return fail("cannot bind to interface " + interface + because());
  if (::bind(fd.get(), reinterpret_cast<sockaddr *>(&place.storage), place.length) != 0 ||
      ::listen(fd.get(), 1024) != 0)
    return fail("cannot listen on " + where + because());
  return fd;
}

Result<UniqueFd> make_listener(const Options &options, const rules::RuleSet &rules,
                               const rules::Relay &relay) {
  if (auto given = options.listen.find(relay.name); given != options.listen.end()) {
    std::optional<Ip> ip = parse_ip(given->second.address);
    if (!ip) return fail("--listen " + relay.name + ": not an address: " + given->second.address);
    return listen_on(*ip, given->second.port, "");
  }
  const rules::Zone &zone = rules.zones()[relay.from];
  if (!zone.address)
    return fail("relay " + relay.name + ": zone " + zone.name + " has no address to listen on");
  std::string tap = options.packets ? fmt::format("sk-{}", zone.name).substr(0, 15) : "";
  return listen_on(*zone.address, relay.listen_port, tap);
}

gid_t control_group() {
  const group *found = ::getgrnam("sekisho");
  return found ? found->gr_gid : 0;
}

/// Mode 0660: root, and the group sekisho where there is one.
Result<UniqueFd> make_control_socket(const std::string &path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return fail("--run: path too long: " + path);
  std::memcpy(address.sun_path, path.data(), path.size());
  UniqueFd fd(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  ::unlink(path.c_str());
  mode_t before = ::umask(0177);
  bool bound = fd && ::bind(fd.get(), reinterpret_cast<sockaddr *>(&address), sizeof address) == 0;
  ::umask(before);
  if (!bound || ::chown(path.c_str(), 0, control_group()) != 0 || ::chmod(path.c_str(), 0660) != 0 ||
      ::listen(fd.get(), 64) != 0)
    return fail("cannot make the local socket " + path + because());
  return fd;
}

Result<UniqueFd> open_file(const std::string &path) {
  UniqueFd file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!file) return fail("cannot open " + path + because());
  return file;
}

/// For TwinFiles.
Result<void> open_twins(const std::string &folder, std::vector<UniqueFd> &into) {
  TRY(make_folder(folder, 0700, {0, 0}));
  for (const char *name : {"/0", "/1"}) {
    Result<UniqueFd> file = open_file(folder + name);
    if (!file) return fail(file.error());
    into.push_back(std::move(*file));
  }
  return {};
}

/// Files that stay root's: what the path writes there only root reads.
Result<void> open_path_files(const Options &options, Doors &doors) {
  TRY(open_twins(options.state_folder + "/hits", doors.hits));
  TRY(open_twins(options.state_folder + "/devices", doors.devices));
  TRY(make_folder(options.state_folder + "/evidence", 0700, {0, 0}));
  for (std::size_t i = 0; options.evidence_size > 0 && i < evidence::segment_count; ++i) {
    Result<UniqueFd> file = open_file(options.state_folder + "/evidence/" + evidence::segment_name(i));
    if (!file) return fail(file.error());
    doors.evidence.push_back(std::move(*file));
  }
  return {};
}

} // namespace

Identities find_identities(const std::string &user_prefix) {
  Identities found;
  found.path = identity_of(user_prefix + "path", first_fixed_id);
  found.relay = identity_of(user_prefix + "relay", first_fixed_id + 1);
  found.sanitizer = identity_of(user_prefix + "sanitizer", first_fixed_id + 2);
  found.record = identity_of(user_prefix + "record", first_fixed_id + 3);
  found.control = identity_of(user_prefix + "control", first_fixed_id + 4);
  found.scan = identity_of(user_prefix + "scan", first_fixed_id + 5);
  found.office = identity_of(user_prefix + "office", first_fixed_id + 6);
  return found;
}

Result<Doors> make_doors(const Options &options, const rules::RuleSet &rules,
                         const Identities &identities) {
  Doors doors;
  doors.folders = {options.state_folder + "/record", options.state_folder + "/spool",
                   options.state_folder + "/severed"};
  TRY(make_folder(options.state_folder, 0755, {0, 0}));
  TRY(make_folder(options.run_folder, 0755, {0, 0}));
  TRY(make_folder(doors.folders.record, 0700, identities.record));
  if (options.mail) TRY(make_folder(doors.folders.spool, 0700, identities.relay));

  Result<UniqueFd> lock = lock_state(options.state_folder);
  if (!lock) return fail(lock.error());
  doors.lock = std::move(*lock);

  if (options.mail) {
    Result<UniqueFd> key = open_spool_key(options.spool_key, options.state_folder, doors.folders.spool);
    if (!key) return fail(key.error());
    doors.spool_key = std::move(*key);
  }
  if (options.packets) TRY(open_path_files(options, doors));

  for (const rules::Zone &zone : rules.zones())
    if (!options.packets) TRY(port::let_kernel_in(port::interface_of(zone.port)));
  for (std::size_t i = 0; options.packets && i < rules.zones().size(); i++) {
    Result<UniqueFd> tap = make_zone_tap(rules.zones()[i], i);
    if (!tap) return fail(tap.error());
    doors.taps.push_back(std::move(*tap));
  }
  if (options.mail)
    for (const rules::Relay &relay : rules.relays()) {
      Result<UniqueFd> listener = make_listener(options, rules, relay);
      if (!listener) return fail(listener.error());
      doors.listeners.push_back(std::move(*listener));
    }
  Result<UniqueFd> control = make_control_socket(options.run_folder + "/control");
  if (!control) return fail(control.error());
  doors.control = std::move(*control);
  return doors;
}

} // namespace sekisho::role
