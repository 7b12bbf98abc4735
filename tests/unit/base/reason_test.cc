#include "base/reason.hh"

#include <gtest/gtest.h>

#include <set>

namespace sekisho {
namespace {

TEST(Reason, every_row_has_its_own_word_and_both_languages) {
  std::set<std::string_view> words;
  for (const ReasonInfo &row : all_reasons()) {
    EXPECT_TRUE(words.insert(row.word).second) << row.word;
    EXPECT_FALSE(row.source.empty()) << row.word;
    EXPECT_FALSE(row.english.empty()) << row.word;
    EXPECT_FALSE(row.japanese.empty()) << row.word;
    EXPECT_EQ(reason_from_word(row.word), row.reason);
    EXPECT_EQ(&info(row.reason), &row);
  }
  EXPECT_EQ(words.size() + 1, reason_count);
  EXPECT_FALSE(reason_from_number(static_cast<std::uint16_t>(reason_count)));
}

} // namespace
} // namespace sekisho
