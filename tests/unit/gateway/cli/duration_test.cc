#include "gateway/cli/duration.hh"
#include "gateway/cli/table.hh"

#include <gtest/gtest.h>

namespace sekisho::cli {
namespace {

TEST(Duration, WithAUnit) {
  EXPECT_EQ(parse_duration("5s"), 5u);
  EXPECT_EQ(parse_duration("5m"), 300u);
  EXPECT_EQ(parse_duration("2h"), 7200u);
  EXPECT_EQ(parse_duration("1d"), 86'400u);
  for (const char *wrong : {"", "5", "m", "-5m", "5 m", "5min", "1.5h", "99999999999999999999s", "9999999999999d"})
    EXPECT_FALSE(parse_duration(wrong)) << wrong;
}

TEST(Duration, Moments) {
  constexpr UnixSeconds now = 1'800'000'000;
  EXPECT_EQ(parse_moment("10m", now), now - 600);
  EXPECT_EQ(parse_moment("1970-01-02", now), 15 * 3600) << "a day of Japan, as in rules";
  EXPECT_EQ(parse_moment("1970-01-02", now, OfDay::end), 39 * 3600 - 1) << "to its end";
  EXPECT_EQ(parse_moment("1970-01-02Z", now, OfDay::end), 2 * 86'400 - 1);
  EXPECT_EQ(parse_moment("1970-01-02+09:00", now), 15 * 3600);
  EXPECT_EQ(parse_moment("1970-01-01T00:01", now, OfDay::end), 60);
  EXPECT_EQ(parse_moment("1970-01-01T00:01", now), 60);
  EXPECT_EQ(parse_moment("1970-01-01T09:00:05+09:00", now), 5);
  EXPECT_EQ(parse_moment("2026-11-20T18:45:42Z", now), 1'795'200'342);
  for (const char *wrong : {"", "yesterday", "2026-13-01", "2026-11-20T", "2026-11-20T25:00", "2026-11-20T18:45x",
                            "2026-11-20T18:45+9", "2026-11-31", "2026-02-29"})
    EXPECT_FALSE(parse_moment(wrong, now)) << wrong;
}

TEST(Duration, Spans) {
  constexpr UnixSeconds now = 1'800'000'000;
  const auto day = parse_span("2026-11-20", "2026-11-20", now);
  ASSERT_TRUE(day);
  EXPECT_EQ(*day->until - *day->since, 86'399) << "the whole day";
  EXPECT_FALSE(parse_span("", "", now)->since);
  EXPECT_EQ(parse_span("7d", "", now)->since, now - 7 * 86'400);
  EXPECT_EQ(parse_span("2026-11-21", "2026-11-20", now).error().what, "--since 2026-11-21 is later than --until 2026-11-20");
  EXPECT_EQ(parse_span("1d", "2d", now).error().what, "--since 1d is later than --until 2d");
  EXPECT_EQ(parse_span("", "soon", now).error().what, "--until wants 7d, 2026-11-20 or 2026-11-20T18:45+09:00, not soon");
}

TEST(Table, CellsOfAMeasure) {
  EXPECT_EQ(at_most(6, "abcdef"), "abcdef");
  EXPECT_EQ(at_most(6, "abcdefg"), "abcde…");
  EXPECT_EQ(at_most(6, "町役場"), "町役場");
  EXPECT_EQ(at_most(6, "町役場x"), "町役…");
  EXPECT_EQ(at_most(6, ""), "");
}

TEST(Duration, ShortNumbers) {
  EXPECT_EQ(short_number(0), "0");
  EXPECT_EQ(short_number(999), "999");
  EXPECT_EQ(short_number(1000), "1.00k");
  EXPECT_EQ(short_number(12'345), "12.3k");
  EXPECT_EQ(short_number(999'999), "1.00M");
  EXPECT_EQ(short_number(4.56e9), "4.56G");
}

} // namespace
} // namespace sekisho::cli
