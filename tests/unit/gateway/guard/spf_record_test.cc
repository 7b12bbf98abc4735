// What the suite of RFC 7208 does not ask for: records and macros that only cost time.
#include "gateway/guard/spf_record.hh"

#include <gtest/gtest.h>

namespace sekisho::guard {
namespace {

std::string repeated(std::string_view text, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

TEST(SpfMacros, labels_go_from_the_left) { // RFC 7208 §7.3
  SpfMacros macros;
  macros.domain = "sender.example";
  EXPECT_EQ(expand_macros("%{d}.x.example", macros), "sender.example.x.example");
  const std::string text = expand_macros(repeated("%{d}.", 30) + "last.example", macros);
  EXPECT_LE(text.size(), 253u);
  EXPECT_GT(text.size(), 253u - 9) << "no more than has to go";
  EXPECT_TRUE(text.starts_with("example.") || text.starts_with("sender.")) << text;
  EXPECT_TRUE(text.ends_with("sender.example.last.example")) << text;
  const std::string exact = repeated("a", 253);
  EXPECT_EQ(expand_macros(exact, macros), exact);
  EXPECT_EQ(expand_macros("b." + exact, macros), exact);
  EXPECT_EQ(expand_macros("b" + exact, macros), "") << "one label that is too long";
}

TEST(SpfMacros, a_record_cannot_ask_for_more_text_than_a_name_may_need) {
  SpfMacros macros;
  macros.sender = repeated("a.", 100) + "@sender.example";
  EXPECT_EQ(expand_macros(repeated("%{s}", 10'000) + ".x.example", macros), "");
}

} // namespace
} // namespace sekisho::guard
