#include "gateway/spool/receipt.hh"

#include <algorithm>
#include <random>

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

/// What undoes the spreading: spread · unspread ≡ 1 (mod space), by Euclid.
constexpr std::uint64_t inverse(std::uint64_t number, std::uint64_t modulus) {
  __extension__ using Signed = __int128;
  Signed before = 0, now = 1;
  std::uint64_t left = modulus, right = number;
  while (right != 0) {
    const std::uint64_t quotient = left / right;
    const std::uint64_t rest = left % right;
    const Signed next = before - static_cast<Signed>(quotient) * now;
    left = right;
    right = rest;
    before = now;
    now = next;
  }
  const Signed positive = before % static_cast<Signed>(modulus);
  return static_cast<std::uint64_t>(positive < 0 ? positive + static_cast<Signed>(modulus) : positive);
}
constexpr std::uint64_t unspread = inverse(spread, space);
static_assert(Wide(spread) * unspread % space == 1);

std::string dashed(std::string_view ten) {
  return std::string(ten.substr(0, 4)) + '-' + std::string(ten.substr(4, 4)) + '-' +
         std::string(ten.substr(8));
}

} // namespace

std::string ReceiptMaker::make(std::uint64_t now_us) {
  const std::uint64_t step = now_us > epoch_us ? (now_us - epoch_us) / 10 : 0;
  if (last_ == 0 && step == 0) last_ = std::random_device{}(); // the clock stands before: so it may at each start
  last_ = std::max(last_ + 1, step);
  std::uint64_t value = static_cast<std::uint64_t>(Wide(last_ % space) * spread % space);
  std::string ten;
  for (std::size_t i = 0; i < symbols; ++i) {
    ten += alphabet[value % alphabet.size()];
    value /= alphabet.size();
  }
  return dashed(ten);
}

std::optional<UnixSeconds> time_of_receipt(std::string_view receipt) {
  if (receipt.size() != symbols + 2 || receipt[4] != '-' || receipt[9] != '-') return std::nullopt;
  std::uint64_t value = 0;
  for (std::size_t i = receipt.size(); i-- > 0;) {
    if (receipt[i] == '-') continue;
    const std::size_t symbol = alphabet.find(receipt[i]);
    if (symbol == std::string_view::npos) return std::nullopt;
    value = value * alphabet.size() + symbol;
  }
  const std::uint64_t step = static_cast<std::uint64_t>(Wide(value) * unspread % space);
  return static_cast<UnixSeconds>((epoch_us + step * 10) / 1'000'000);
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
