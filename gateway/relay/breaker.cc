#include "gateway/relay/breaker.hh"

#include "base/log.hh"
#include "base/unique_fd.hh"

#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

namespace sekisho::relay {
namespace {

constexpr std::string_view prefix = "stopped.";
constexpr std::size_t max_file = 4096;

std::string path_of(const std::string &folder, const std::string &relay) {
  return folder + "/" + std::string(prefix) + relay;
}

std::string read_small(const std::string &path) {
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  std::string text(max_file, '\0');
  const ssize_t size = fd ? ::read(fd.get(), text.data(), text.size()) : 0;
  text.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
  return text;
}

bool sync_folder(const std::string &folder) {
  UniqueFd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return fd && ::fsync(fd.get()) == 0;
}

bool write_durably(const std::string &folder, const std::string &path, const std::string &text) {
  UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
  return fd && ::write(fd.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
         ::fsync(fd.get()) == 0 && sync_folder(folder);
}

} // namespace

Result<Breakers> Breakers::open(std::string folder) {
  Breakers breakers;
  breakers.folder_ = std::move(folder);
  std::error_code error;
  for (std::filesystem::directory_iterator entry(breakers.folder_, error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string name = entry->path().filename();
    if (!name.starts_with(prefix)) continue;
    const auto json = nlohmann::json::parse(read_small(entry->path()), nullptr, false);
    const bool good = json.is_object() && json.contains("since") && json["since"].is_string() && json.contains("why") &&
                      json["why"].is_string();
    breakers.stopped_[name.substr(prefix.size())] =
        good ? Stopped{json["since"], json["why"]} : Stopped{"", "its file cannot be read"};
  }
  // nobody could say which of them stands still
  if (error) return fail("cannot list " + breakers.folder_ + ": " + error.message());
  return breakers;
}

void Breakers::trip(const std::string &relay, const std::string &why, UnixSeconds now) {
  const Stopped stopped{to_rfc3339(now), why};
  stopped_[relay] = stopped;
  const nlohmann::ordered_json json{{"since", stopped.since}, {"why", why}};
  const std::string text = json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
  if (!write_durably(folder_, path_of(folder_, relay), text))
    log_error("relay " + relay + " stands still, but a restart would start it again: " + std::strerror(errno));
}

Result<void> Breakers::arm(const std::string &relay) {
  if (!stopped_.contains(relay)) return fail("relay " + relay + " did not stop itself");
  if ((::unlink(path_of(folder_, relay).c_str()) != 0 && errno != ENOENT) || !sync_folder(folder_))
    return fail("the breaker cannot be armed: " + std::string(std::strerror(errno)));
  stopped_.erase(relay);
  return {};
}

std::set<std::string> Breakers::names() const {
  std::set<std::string> names;
  for (const auto &[relay, stopped] : stopped_) names.insert(relay);
  return names;
}

} // namespace sekisho::relay
