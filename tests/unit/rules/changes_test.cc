#include "rules/changes.hh"
#include "rules/compile.hh"

#include <gtest/gtest.h>

#include <algorithm>

namespace sekisho::rules {
namespace {

constexpr std::string_view zones = "zone a { port \"p0\" network 10.1.0.0/24 address 10.1.0.1 }\n"
                                   "zone b { port \"p1\" network 10.2.0.0/24 address 10.2.0.1 }\n";

SourceFile file(std::string_view more, std::string name = "dir/town.rules") {
  return {std::move(name), std::string(zones) + std::string(more)};
}

std::string permit(int port) {
  return "permit tcp port " + std::to_string(port) + " from a to b for \"x\" owner \"y\" approved \"z\"\n";
}

TEST(Changes, MovedAndLaidOutOtherwiseIsNoChange) {
  std::vector<SourceFile> one = {file(permit(80) + permit(443))};
  std::vector<SourceFile> two = {file("# a comment\n\n" + permit(443) + "permit tcp port 80\n  from a to b\n"
                                      "  owner \"y\" for \"x\" approved \"z\"\n", "other.rules")};
  EXPECT_FALSE(changes(one, two).any());
}

TEST(Changes, ByText) {
  std::vector<SourceFile> one = {file(permit(80) + permit(443))};
  std::vector<SourceFile> two = {file(permit(443) + permit(8443))};
  Changes found = changes(one, two);
  ASSERT_EQ(found.added.size(), 1u);
  ASSERT_EQ(found.removed.size(), 1u);
  EXPECT_NE(found.added[0].text.find("port 8443 from a to b"), std::string::npos);
  EXPECT_EQ(found.added[0].label, "town.rules:4");
  EXPECT_NE(found.removed[0].text.find("port 80 from a to b"), std::string::npos);
  EXPECT_EQ(found.removed[0].label, "town.rules:3");
}

TEST(Changes, TheSameSentenceTwiceCounts) {
  std::vector<SourceFile> one = {file(permit(80))}, two = {file(permit(80) + permit(80))};
  EXPECT_EQ(changes(one, two).added.size(), 1u);
  EXPECT_EQ(changes(two, one).removed.size(), 1u);
}

TEST(Changes, LabelsAreThoseOfTheRules) {
  std::vector<SourceFile> sources = {file("\n# why\n" + permit(80) + permit(443))};
  Compiled compiled = compile(sources, 0);
  ASSERT_TRUE(compiled.rules) << render(compiled.diagnostics, sources, false);
  std::vector<SentenceText> texts = sentence_texts(sources);
  for (const std::string &label : compiled.rules->labels())
    EXPECT_TRUE(std::ranges::any_of(texts, [&](const SentenceText &text) { return text.label == label; })) << label;
}

} // namespace
} // namespace sekisho::rules
