#include "gateway/relay/receipts.hh"

#include "base/log.hh"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace sekisho::relay {
namespace {

std::uint64_t now_us() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(since).count());
}

} // namespace

/// Where nothing says which were given, all that the clock or the record has come to count as given.
Result<std::unique_ptr<Receipts>> Receipts::open(const std::string &folder, std::span<const std::string> known, UnixSeconds recorded_until) {
  const std::string path = folder + "/receipts";
  Result<TwinFiles> files = TwinFiles::open(path);
  if (!files) return fail(files.error());
  std::unique_ptr<Receipts> receipts(new Receipts(std::move(*files)));
  const Result<Buffer> kept = receipts->files_.load();
  const bool is_good = kept && (kept->empty() || receipts->maker_.decode(as_chars(*kept)));
  if (!is_good)
    log_error(fmt::format("ALARM: {0}.0 and {0}.1 are damaged: where the clock was set back within a day, receipt numbers of mails that are gone may come again", path));
  for (const std::string &receipt : known) receipts->maker_.note(receipt);
  const std::uint64_t recorded_us = static_cast<std::uint64_t>(std::max<UnixSeconds>(0, recorded_until)) * 1'000'000;
  if (!is_good || kept->empty()) TRY(receipts->maker_.begin(std::max(now_us(), recorded_us)));
  return receipts;
}

Receipts::Receipts(TwinFiles files)
    : files_(std::move(files)), maker_([this](std::string_view text) { return files_.save(as_bytes(text)); }) {}

Result<std::string> Receipts::make() {
  Result<std::string> receipt = maker_.make(now_us());
  if (!receipt) log_error("which receipt numbers are given " + receipt.error().what);
  return receipt;
}

} // namespace sekisho::relay
