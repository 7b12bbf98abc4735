#include "base/reason.hh"

#include <array>

namespace sekisho {
namespace {

constexpr ReasonInfo none_info{Reason::none, ReasonGroup::packet, "none", "", "nothing refused", "なし"};

constexpr auto table = std::to_array<ReasonInfo>({
#define REASON(enumerator, group, word, source, english, japanese)                                 \
  {Reason::enumerator, ReasonGroup::group, word, source, english, japanese},
#include "base/reason.def"
#undef REASON
});

} // namespace

std::span<const ReasonInfo> all_reasons() { return table; }

const ReasonInfo &info(Reason reason) {
  return reason == Reason::none ? none_info : table[static_cast<std::size_t>(reason) - 1];
}

std::string_view word_of(Reason reason) { return info(reason).word; }

std::optional<Reason> reason_from_word(std::string_view word) {
  for (const ReasonInfo &row : table)
    if (row.word == word) return row.reason;
  return std::nullopt;
}

std::optional<Reason> reason_from_number(std::uint16_t untrusted_number) {
  if (untrusted_number >= reason_count) return std::nullopt;
  return static_cast<Reason>(untrusted_number);
}

} // namespace sekisho
