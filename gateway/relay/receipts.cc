#include "gateway/relay/receipts.hh"

#include "base/log.hh"

#include <fcntl.h>
#include <fmt/format.h>

#include <cerrno>
#include <chrono>
#include <cstring>

namespace sekisho::relay {
namespace {

std::uint64_t now_us() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(since).count());
}

UniqueFd open_file(const std::string &path) {
  return UniqueFd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
}

} // namespace

Result<std::unique_ptr<Receipts>> Receipts::open(const std::string &folder, std::span<const std::string> known) {
  const std::string path = folder + "/receipts";
  UniqueFd first = open_file(path + ".0"), second = open_file(path + ".1");
  if (!first || !second) return fail(fmt::format("cannot open {}.0 and {}.1: {}", path, path, std::strerror(errno)));
  std::unique_ptr<Receipts> receipts(new Receipts(std::move(first), std::move(second)));
  const Result<Buffer> kept = receipts->files_.load();
  const bool is_good = kept && (kept->empty() || receipts->maker_.decode(as_chars(*kept)));
  if (!is_good)
    log_error(fmt::format("ALARM: {0}.0 and {0}.1 are damaged: where the clock was set back, receipt numbers of mails that are gone may come again", path));
  for (const std::string &receipt : known) receipts->maker_.note(receipt);
  if (!is_good || kept->empty()) TRY(receipts->maker_.begin(now_us()));
  return receipts;
}

Receipts::Receipts(UniqueFd first, UniqueFd second)
    : first_(std::move(first)), second_(std::move(second)), files_(first_.get(), second_.get()),
      maker_([this](std::string_view text) { return files_.save(as_bytes(text)); }) {}

Result<std::string> Receipts::make() {
  Result<std::string> receipt = maker_.make(now_us());
  if (!receipt) log_error("which receipt numbers are given " + receipt.error().what);
  return receipt;
}

} // namespace sekisho::relay
