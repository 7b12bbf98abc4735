#include "gateway/spool/receipt.hh"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace sekisho::spool {
namespace {

constexpr std::string_view alphabet = "23456789ABCDEFGHJKMNPQRSTVWXYZ";
static_assert(alphabet.size() == 30);
constexpr std::size_t symbols = 10;
constexpr std::uint64_t space = 590'490'000'000'000; // 30^10: 187 years of steps
constexpr std::uint64_t spread = 364'943'881'021'129; // near space/φ and not divisible by 2, 3 or 5
static_assert(spread % 2 != 0 && spread % 3 != 0 && spread % 5 != 0);
constexpr std::uint64_t epoch_us = 1'767'225'600'000'000; // 2026-01-01T00:00:00Z

constexpr std::uint64_t second = 100'000, day = 86'400 * second; // steps
constexpr std::uint64_t ahead = 60 * second; // of the clock
constexpr std::uint64_t fewest = 10'000;     // where the clock is behind what was given
constexpr std::size_t most_spans = 200;

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

std::string spelled(std::uint64_t step) {
  std::uint64_t value = static_cast<std::uint64_t>(Wide(step) * spread % space);
  std::string ten;
  for (std::size_t i = 0; i < symbols; ++i) {
    ten += alphabet[value % alphabet.size()];
    value /= alphabet.size();
  }
  return dashed(ten);
}

std::optional<std::uint64_t> step_of(std::string_view receipt) {
  if (receipt.size() != symbols + 2 || receipt[4] != '-' || receipt[9] != '-') return std::nullopt;
  std::uint64_t value = 0;
  for (std::size_t i = receipt.size(); i-- > 0;) {
    if (receipt[i] == '-') continue;
    const std::size_t symbol = alphabet.find(receipt[i]);
    if (symbol == std::string_view::npos) return std::nullopt;
    value = value * alphabet.size() + symbol;
  }
  return static_cast<std::uint64_t>(Wide(value) * unspread % space);
}

/// A clock before the first step is at it; one behind the last begins anew.
std::uint64_t step_of(std::uint64_t now_us) { return now_us > epoch_us ? (now_us - epoch_us) / 10 % space : 0; }

} // namespace

// -- which are given ------------------------------------------------------------------------------------------

/// The clock goes over a block of some steps, and the next block follows; one that was set far away begins a span of its own, so
/// that what is given after it was set right tells the time again.
Result<std::string> ReceiptMaker::make(std::uint64_t now_us) {
  const std::uint64_t step = step_of(now_us);
  if (block_.first == block_.end || !is_of_block(step)) TRY(take_block(step));
  if (step > block_.first && step < block_.end) block_.first = step;
  return spelled(block_.first++);
}

/// Where the clock is before the block, but in its span, the block goes on.
bool ReceiptMaker::is_of_block(std::uint64_t step) const {
  const auto span = std::ranges::upper_bound(given_, block_.first, {}, &Span::end);
  return span != given_.end() && span->first <= step && step < span->end;
}

Result<void> ReceiptMaker::take_block(std::uint64_t step) {
  const std::optional<Span> free = free_from(step);
  if (!free) return fail("every receipt number was given");
  const Span block{free->first, std::min(free->end, std::max(step + ahead, free->first + fewest))};
  std::vector<Span> given = given_;
  add(given, block);
  TRY(keep(given));
  given_ = std::move(given);
  block_ = block;
  return {};
}

/// The first steps at or after this one that were not given, the last of all followed by the first.
std::optional<ReceiptMaker::Span> ReceiptMaker::free_from(std::uint64_t step) const {
  for (const std::uint64_t from : {step, std::uint64_t{0}}) {
    std::uint64_t first = from;
    for (const Span &span : given_) {
      if (first < span.first) return Span{first, span.first};
      first = std::max(first, span.end);
    }
    if (first < space) return Span{first, space};
  }
  return std::nullopt;
}

/// Less than a day between two counts as given: a quiet night makes no span.
void ReceiptMaker::add(std::vector<Span> &spans, Span fresh) {
  const auto first = std::ranges::find_if(spans, [&](const Span &span) { return span.end + day > fresh.first; });
  auto last = first;
  for (; last != spans.end() && last->first < fresh.end + day; ++last)
    fresh = {std::min(fresh.first, last->first), std::max(fresh.end, last->end)};
  spans.insert(spans.erase(first, last), fresh);
  if (spans.size() <= most_spans) return;
  auto nearest = spans.begin();
  for (auto span = spans.begin(); span + 1 != spans.end(); ++span)
    if ((span + 1)->first - span->end < (nearest + 1)->first - nearest->end) nearest = span;
  nearest->end = (nearest + 1)->end;
  spans.erase(nearest + 1);
}

Result<void> ReceiptMaker::keep(const std::vector<Span> &spans) const {
  if (!keep_) return {};
  std::string text;
  for (const Span &span : spans) text += fmt::format("given {} {}\n", span.first, span.end);
  return keep_(text);
}

bool ReceiptMaker::decode(std::string_view text) {
  std::vector<Span> spans;
  while (!text.empty()) {
    constexpr std::string_view word = "given ";
    const std::size_t length = text.find('\n');
    if (!text.starts_with(word) || length == std::string_view::npos) return false;
    Span span;
    const char *end = text.data() + length;
    const auto first = std::from_chars(text.data() + word.size(), end, span.first);
    if (first.ec != std::errc{} || first.ptr == end || *first.ptr != ' ') return false;
    const auto last = std::from_chars(first.ptr + 1, end, span.end);
    if (last.ec != std::errc{} || last.ptr != end || span.first >= span.end || span.end > space) return false;
    add(spans, span);
    text.remove_prefix(length + 1);
  }
  given_ = std::move(spans);
  return true;
}

void ReceiptMaker::note(std::string_view receipt) {
  if (const std::optional<std::uint64_t> step = step_of(receipt)) add(given_, {*step, *step + 1});
}

Result<void> ReceiptMaker::begin(std::uint64_t now_us) {
  add(given_, {0, step_of(now_us) + 1});
  return keep(given_);
}

// -- how they are written -------------------------------------------------------------------------------------

std::optional<UnixSeconds> time_of_receipt(std::string_view receipt) {
  const std::optional<std::uint64_t> step = step_of(receipt);
  if (!step) return std::nullopt;
  return static_cast<UnixSeconds>((epoch_us + *step * 10) / 1'000'000);
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
