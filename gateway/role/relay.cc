// The relay role: the mail half in its jail.  Privileges: jails.cc, jail_for_relay.
#include "base/clock.hh"
#include "base/log.hh"
#include "gateway/record/files.hh"
#include "gateway/relay/relay.hh"
#include "gateway/role/channel/secrets.hh"
#include "gateway/role/jails.hh"
#include "gateway/role/roles.hh"
#include "gateway/role/channel/long_text.hh"
#include "rules/compile.hh"

#include <malloc.h>
#include <unistd.h>

#include <csignal>

namespace sekisho::role {
namespace {

int cannot(const std::string &what) {
  log_error(what);
  return 1;
}

/// Large mails come and go: what is given back after each is cleared and mapped again for the next.
void keep_memory() {
  ::mallopt(M_MMAP_THRESHOLD, 32 << 20);
  ::mallopt(M_TRIM_THRESHOLD, 32 << 20);
}

/// Reads the descriptor and closes it.
Result<spool::Keys> take_keys(int descriptor) {
  auto text = read_memfd(descriptor, spool::max_key_file);
  ::close(descriptor);
  if (!text) return fail("no key of the spool: " + text.error().what);
  return spool::read_keys(*text);
}

} // namespace

int run_relay(RelayConfig config) {
  ::signal(SIGPIPE, SIG_IGN);
  keep_memory();
  if (auto made = relay::prepare_folders(config.spool_folder, config.identity.uid, config.identity.gid); !made)
    return cannot(made.error().what);
  auto keys = take_keys(config.spool_key);
  if (!keys) return cannot(keys.error().what);
  const UnixSeconds recorded_until = record::end_beyond(config.record_folder, unix_now());
  if (auto jailed = jail_for_relay(config.identity, config.spool_folder); !jailed)
    return cannot("cannot jail itself: " + jailed.error().what);

  rules::Compiled compiled = rules::compile(config.rules, unix_now());
  if (!compiled.rules) return cannot(rules::render(compiled.diagnostics, config.rules, false));
  relay::RelaySettings settings;
  if (!config.host_name.empty()) settings.host_name = config.host_name;
  relay::RelayParts parts;
  parts.orders = config.orders;
  parts.control = config.control;
  parts.record = config.record;
  parts.listeners = config.listeners;
  parts.spool_folder = config.spool_folder;
  parts.recorded_until = recorded_until;
  parts.make_cleaner = relay::cleaners_over(config.sanitizer, config.office);
  parts.scan = config.scan;
  auto secrets = read_secrets(config.secrets);
  if (!secrets) return cannot(secrets.error().what);
  parts.secrets = std::move(*secrets);
  parts.keys = std::move(*keys);
  auto opened = relay::Relay::open(std::move(settings), compiled.rules, config.severed, std::move(parts));
  if (!opened) return cannot(opened.error().what);

  config.orders.send(MessageType::ready, 0);
  (*opened)->run();
  // a thread may still wait for the sanitizer; whatever it works on is in the spool
  ::_exit(0);
}

} // namespace sekisho::role
