// sekisho devices: which devices were seen where, and what changed (Z5).
#include "base/clock.hh"
#include "gateway/cli/commands.hh"
#include "gateway/cli/daemon.hh"
#include "gateway/cli/members.hh"
#include "gateway/cli/table.hh"

#include <fmt/format.h>

#include <unistd.h>

namespace sekisho::cli {
namespace {

using control::Json;

struct Options {
  std::string zone;
  bool json = false;
};

/// Its moments as in all other JSON; null where there was none yet.
Json with_moments(Json object) {
  for (const char *name : {"first_seen", "last_seen", "trusted_at", "at"}) {
    if (!object.contains(name)) continue;
    const std::uint64_t time = number_in(object, name);
    object[name] = time > 0 ? Json(to_rfc3339(static_cast<UnixSeconds>(time))) : Json();
  }
  for (const char *name : {"addresses", "changes"})
    if (object.contains(name) && object[name].is_array())
      for (Json &one : object[name]) one = with_moments(std::move(one));
  return object;
}

std::string time_in(const Json &device, const char *name) {
  const std::string time = text_in(device, name);
  return time.empty() ? "-" : time;
}

std::string addresses_of(const Json &device) {
  std::string text;
  for (const Json &one : list_in(device, "addresses"))
    text += (text.empty() ? "" : " ") + text_in(one, "address");
  return text;
}

/// The last thing that happened with it.
std::string last_change(const Json &device) {
  const Json &changes = list_in(device, "changes");
  if (changes.empty()) return text_in(device, "reason");
  const Json &last = changes.back();
  std::string from = text_in(last, "from"), address = text_in(last, "address"), reason = text_in(last, "reason");
  std::string text = text_in(last, "event");
  if (!from.empty()) text += fmt::format(" {} → {}", from, text_in(last, "zone"));
  if (!address.empty()) text += " " + address;
  if (!reason.empty()) text += " " + reason;
  return text;
}

void print(const Json &devices) {
  Table table({{"zone", "ゾーン"},
               {"MAC", "MAC"},
               {"host", "端末名"},
               {"standing", "扱い"},
               {"first seen", "初回"},
               {"last seen", "最終"},
               {"refused", "拒否", true},
               {"addresses", "アドレス"},
               {"last change", "最後の変化"}});
  for (const Json &device : devices)
    table.add({text_in(device, "zone"), text_in(device, "mac"), text_in(device, "host"), text_in(device, "standing"),
               time_in(device, "first_seen"), time_in(device, "last_seen"),
               std::to_string(number_in(device, "refused")), addresses_of(device), last_change(device)});
  if (!table.empty()) fmt::print("{}", table.text(colours_for(STDOUT_FILENO)));
  fmt::print("{} {}\n", devices.size(), in_words("devices", "台"));
}

void run(const Options &options, const std::string &run_folder, int &exit_status) {
  Json question{{"do", "devices"}};
  if (!options.zone.empty()) question["zone"] = options.zone;
  auto answer = ask_daemon("devices", run_folder, question, exit_status);
  if (!answer) return;
  Json chosen = Json::array();
  for (const Json &device : list_in(*answer, "devices"))
    chosen.push_back(with_moments(device));
  if (options.json) fmt::print("{}\n", to_text(Json{{"devices", std::move(chosen)}}));
  else print(chosen);
}

} // namespace

void add_devices(CLI::App &app, int &exit_status) {
  CLI::App *command = app.add_subcommand("devices", "List the devices that were seen, and what changed about them");
  auto run_folder = add_run_option(*command);
  auto options = std::make_shared<Options>();
  command->add_option("--zone", options->zone, "of this zone only");
  command->add_flag("--json", options->json, "as one JSON object");
  command->footer("Standing: permitted (opened or answered a permitted flow), heard (its ARP or neighbour discovery\n"
                  "fits what is listed and known), refused (for who it is or says it is), seen.\n\n"
                  "Exit status: 0 answered, 1 refused, 2 the daemon cannot be asked.\n\n"
                  "Example:\n  sekisho devices --zone mynumber");
  command->callback([options, run_folder, &exit_status] { run(*options, *run_folder, exit_status); });
}

} // namespace sekisho::cli
