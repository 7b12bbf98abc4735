#include "gateway/relay/steering.hh"

#include "base/log.hh"
#include "gateway/spool/crc32c.hh"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <charconv>

namespace sekisho::relay {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t max_file = 256u << 20;     // octets; a line a steered mail
constexpr std::size_t worth_tidying = 4u << 20; // octets
constexpr std::string_view orders[] = {"none", "held", "dropped"};

std::string line_of(const std::string &receipt, const Steered &steered) {
  Json json;
  json["receipt"] = receipt;
  json["order"] = orders[static_cast<std::size_t>(steered.order)];
  json["uid"] = steered.uid;
  json["user"] = steered.user;
  json["why"] = steered.why;
  json["since"] = steered.since;
  json["told_delay"] = steered.told_delay;
  const std::string text = json.dump(-1, ' ', false, Json::error_handler_t::replace);
  return fmt::format("{:08x} {}\n", spool::crc32c(as_bytes(text)), text);
}

/// False: no line of ours.
bool read_line(std::string_view line, std::map<std::string, Steered> &into) {
  constexpr std::size_t head = 9; // eight digits and a blank
  std::uint32_t crc = 0;
  if (line.size() <= head || line[head - 1] != ' ') return false;
  const auto [end, error] = std::from_chars(line.data(), line.data() + head - 1, crc, 16);
  const std::string_view text = line.substr(head);
  if (error != std::errc{} || end != line.data() + head - 1 || spool::crc32c(as_bytes(text)) != crc) return false;
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) return false;
  const auto order = std::ranges::find(orders, json.value("order", std::string()));
  if (order == std::end(orders)) return false;
  into[json.value("receipt", std::string())] = {static_cast<Steered::Order>(order - std::begin(orders)),
                                                json.value("uid", std::int64_t{-1}), json.value("user", std::string()),
                                                json.value("why", std::string()), json.value("since", std::int64_t{0}), json.value("told_delay", false)};
  return true;
}

std::uint64_t number_of(const std::string &name) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  return error == std::errc{} && end == name.data() + name.size() ? number : 0;
}

} // namespace

Result<Steering> Steering::open(std::unique_ptr<spool::Disk> disk, const std::set<std::string> &waiting) {
  Steering steering(std::move(disk));
  auto names = steering.disk_->list();
  if (!names) return fail("the orders on waiting mails cannot be read");
  std::erase_if(*names, [](const std::string &name) { return number_of(name) == 0; });
  std::ranges::sort(*names, {}, number_of);
  TRY(steering.read_all(*names));
  std::erase_if(steering.steered_, [&](const auto &one) { return !waiting.contains(one.first); });
  steering.number_ = names->empty() ? 0 : number_of(names->back());
  TRY(steering.begin_file());
  for (const std::string &name : *names) steering.remove(name);
  return steering;
}

Result<void> Steering::read_all(const std::vector<std::string> &names) {
  for (const std::string &name : names) {
    auto handle = disk_->open(name);
    auto size = handle ? disk_->size(*handle) : Result<std::uint64_t, spool::DiskError>(fail(spool::DiskError::failed));
    if (!size) return fail("the orders on waiting mails cannot be read");
    if (*size > max_file) return fail("the file of orders on waiting mails is longer than any we write: " + name);
    auto octets = disk_->read(*handle, 0, static_cast<std::size_t>(*size));
    if (!octets) return fail("the orders on waiting mails cannot be read");
    std::size_t damaged = 0;
    for (std::string_view rest = as_chars(*octets); !rest.empty();) {
      const std::size_t end = std::min(rest.find('\n'), rest.size());
      damaged += !read_line(rest.substr(0, end), steered_);
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    if (damaged > 0) log_error(fmt::format("queue: {} damaged lines of orders on waiting mails", damaged));
  }
  return {};
}

/// What still matters, durable before the former files go.
Result<void> Steering::begin_file() {
  auto handle = disk_->open(std::to_string(number_ + 1));
  if (!handle) return fail("the orders on waiting mails cannot be written");
  ++number_;
  file_ = *handle;
  end_ = 0;
  former_.clear();
  std::string lines;
  for (const auto &[receipt, steered] : steered_) lines += line_of(receipt, steered);
  return append(lines, true);
}

Result<void> Steering::append(const std::string &lines, bool flush) {
  if (lines.empty()) return {};
  const std::array<Bytes, 1> pieces = {as_bytes(lines)};
  if (!disk_->write(file_, end_, pieces) || (flush && !disk_->flush(file_)))
    return fail("the order could not be written to disk");
  end_ += lines.size();
  return {};
}

void Steering::remove(const std::string &name) {
  auto handle = disk_->open(name);
  if (handle) (void)disk_->remove(name, *handle);
}

/// Lines of mails that are long gone make room.
Result<void> Steering::tidy() {
  if (end_ < 2 * worth_tidying) return {};
  const std::string former = std::to_string(number_);
  TRY(begin_file());
  remove(former);
  return {};
}

Steered Steering::of(const std::string &receipt) const {
  const auto found = steered_.find(receipt);
  return found == steered_.end() ? Steered{} : found->second;
}

Result<void> Steering::set(const std::map<std::string, Steered> &steered) {
  TRY(tidy());
  std::string lines;
  for (const auto &[receipt, one] : steered) lines += line_of(receipt, one);
  TRY(append(lines, true));
  for (const auto &[receipt, one] : steered) steered_[receipt] = one;
  return {};
}

void Steering::forget(const std::string &receipt) {
  if (steered_.erase(receipt) > 0) former_.insert(receipt);
}

Result<void> Steering::begin_anew(const std::string &receipt) {
  if (!former_.contains(receipt)) return {};
  TRY(append(line_of(receipt, {}), true));
  former_.erase(receipt);
  return {};
}

void Steering::told_delay(const std::string &receipt) {
  Steered &steered = steered_[receipt];
  steered.told_delay = true;
  Result<void> written = tidy();
  if (written) written = append(line_of(receipt, steered), false);
  if (!written) log_error("queue: " + written.error().what);
}

} // namespace sekisho::relay
