#include "gateway/spool/receipt.hh"

#include <algorithm>

namespace sekisho::spool {
namespace {

constexpr std::string_view alphabet = "23456789ABCDEFGHJKMNPQRSTVWXYZ";
static_assert(alphabet.size() == 30);
constexpr std::size_t symbols = 10;
constexpr std::uint64_t space = 590'490'000'000'000; // 30^10: 187 years of steps
constexpr std::uint64_t spread = 364'943'881'021'129; // near space/φ and not divisible by 2, 3 or 5
static_assert(spread % 2 != 0 && spread % 3 != 0 && spread % 5 != 0);
constexpr std::uint64_t epoch_us = 1'767'225'600'000'000; // 2026-01-01T00:00:00Z

__extension__ using Wide = unsigned __int128;

std::string dashed(std::string_view ten) {
  return std::string(ten.substr(0, 4)) + '-' + std::string(ten.substr(4, 4)) + '-' +
         std::string(ten.substr(8));
}

} // namespace

std::string ReceiptMaker::make(std::uint64_t now_us) {
  const std::uint64_t step = now_us > epoch_us ? (now_us - epoch_us) / 10 : 0;
  last_ = std::max(last_ + 1, step);
  std::uint64_t value = static_cast<std::uint64_t>(Wide(last_ % space) * spread % space);
  std::string ten;
  for (std::size_t i = 0; i < symbols; ++i) {
    ten += alphabet[value % alphabet.size()];
    value /= alphabet.size();
  }
  return dashed(ten);
}

std::optional<std::string> read_receipt(std::string_view typed) {
  std::string ten;
  for (char c : typed) {
    if (c == '-' || c == ' ') continue;
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
    if (alphabet.find(c) == std::string_view::npos || ten.size() == symbols) return std::nullopt;
    ten += c;
  }
  if (ten.size() != symbols) return std::nullopt;
  return dashed(ten);
}

} // namespace sekisho::spool
