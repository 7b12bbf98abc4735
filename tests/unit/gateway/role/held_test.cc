#include "gateway/role/held.hh"

#include "tests/unit/gateway/record/folder.hh"

namespace sekisho::role {
namespace {

HeldRules some() {
  return {.sources = {{"a.rules", "zone a\n"}, {"b.rules", std::string("\xff\0x", 3)}},
          .on_trial = true,
          .by = "root",
          .since = "2026-11-20T13:00:00Z"};
}

TEST(Held, NothingIsHeldAtFirst) {
  test::Folder folder;
  Result<Held> held = Held::open(folder.path() + "/held-rules");
  ASSERT_TRUE(held);
  EXPECT_FALSE(held->rules());
  EXPECT_TRUE(held->let_go());
}

TEST(Held, ComesBackAfterARestart) {
  test::Folder folder;
  std::string path = folder.path() + "/held-rules";
  ASSERT_TRUE(Held::open(path)->hold(some()));
  Result<Held> held = Held::open(path);
  ASSERT_TRUE(held && held->rules());
  EXPECT_EQ(held->rules()->by, "root");
  EXPECT_TRUE(held->rules()->on_trial);
  ASSERT_EQ(held->rules()->sources.size(), 2u);
  EXPECT_EQ(held->rules()->sources[1].text, some().sources[1].text);
  ASSERT_TRUE(held->let_go());
  EXPECT_FALSE(folder.has("held-rules"));
  EXPECT_FALSE(Held::open(path)->rules());
}

/// Rules that might not be those that were confirmed start nothing.
TEST(Held, AnyDamageIsNoticed) {
  test::Folder folder;
  std::string path = folder.path() + "/held-rules";
  ASSERT_TRUE(Held::open(path)->hold(some()));
  std::string whole = folder.read("held-rules");
  for (std::size_t i = 0; i < whole.size(); ++i) {
    std::string broken = whole;
    broken[i] = static_cast<char>(broken[i] ^ 1);
    folder.write("held-rules", broken);
    EXPECT_FALSE(Held::open(path)) << i;
    folder.write("held-rules", whole.substr(0, i));
    EXPECT_FALSE(Held::open(path)) << i;
  }
}

TEST(Held, WhatCannotBeWrittenChangesNothing) {
  test::Folder folder;
  std::string path = folder.path() + "/absent/held-rules";
  Result<Held> held = Held::open(path);
  ASSERT_TRUE(held);
  EXPECT_FALSE(held->hold(some()));
  EXPECT_FALSE(held->rules());
}

} // namespace
} // namespace sekisho::role
