// `note "FILE"` (H2): the file is one of the sources, and what is wrong in it is told as for rules.
#include "rules/changes.hh"
#include "rules/compile.hh"
#include "rules/notes.hh"

#include <gtest/gtest.h>

namespace sekisho::rules {
namespace {

constexpr UnixSeconds now = 1'795'000'000; // 2026-11-18

const std::string good = "[ja]\n{taken}\n\n受付番号 {receipt}\n[en]\n{taken}\n\nReceipt {receipt}\n";

SourceFile rules_with(const std::string &item) {
  return {"town.rules", "zone a { port \"a\"  network 10.1.0.0/24  address 10.1.0.1 }\n"
                        "relay mail from a to a {\n"
                        "  recipients \"*@a.example\"\n"
                        "  next-hop 10.1.0.25\n  " + item + "\n"
                        "  for \"a\" owner \"b\" approved \"c\"\n}\n"};
}

std::string told(const std::string &words) {
  const std::vector<SourceFile> sources = {rules_with("note \"/n.txt\""), {"/n.txt", words, true}};
  const Compiled compiled = compile(sources, now);
  EXPECT_EQ(compiled.rules == nullptr, !compiled.diagnostics.empty() &&
                                           compiled.diagnostics[0].level == Diagnostic::Level::error);
  return render(compiled.diagnostics, sources, false);
}

TEST(Note, goes_into_the_plan) {
  const std::vector<SourceFile> sources = {rules_with("note \"/n.txt\""),
                                           {"/n.txt", "\xef\xbb\xbf# mine\r\n" + good, true}};
  const Compiled compiled = compile(sources, now);
  ASSERT_TRUE(compiled.rules) << render(compiled.diagnostics, sources, false);
  EXPECT_EQ(compiled.rules->relays()[0].plan.note_words, good);
  const std::vector<SourceFile> without = {rules_with("")};
  EXPECT_EQ(compile(without, now).rules->relays()[0].plan.note_words, "");
}

TEST(Note, is_named_once_and_only_by_its_whole_path) {
  const std::vector<SourceFile> sources = {rules_with("note \"/n.txt\""), rules_with("note \"/n.txt\""),
                                           rules_with("note \"n.txt\""), rules_with("# note \"/x\""),
                                           {"broken", "relay mail from a { note \"/y\""},
                                           {"/n.txt", "note \"/z\"", true}};
  EXPECT_EQ(notes_named(sources), std::vector<std::string>{"/n.txt"});
}

TEST(Note, errors_have_their_place_and_a_suggestion) {
  EXPECT_EQ(told(good), "");
  EXPECT_EQ(told(good + "番号は {reciept}\n"),
            "/n.txt:9:5-13: error: no placeholder is called {reciept}\n"
            "    9 | 番号は {reciept}\n"
            "      |        ^^^^^^^^^\n"
            "      help: did you mean 'receipt'?\n");
  EXPECT_EQ(told("[ja]\n{taken}\n[en]\n{taken}\n{receipt}\n"),
            "/n.txt:1:1-4: error: section [ja] does not give the receipt number (H2)\n"
            "    1 | [ja]\n"
            "      | ^^^^\n"
            "      help: add a line with  {receipt}\n");
  EXPECT_EQ(told("[ja]\n{receipt}\n[en]\n{taken}\n{receipt}\n"),
            "/n.txt:1:1-4: warning: section [ja] does not tell what was taken out (H2)\n"
            "    1 | [ja]\n"
            "      | ^^^^\n"
            "      help: add a line  {taken}\n");
}

TEST(Note, other_words_are_another_policy) {
  const std::vector<SourceFile> one = {rules_with("note \"/n.txt\""), {"/n.txt", good, true}};
  const std::vector<SourceFile> other = {rules_with("note \"/n.txt\""), {"/n.txt", good + "more\n", true}};
  EXPECT_NE(compile(one, now).rules->hash(), compile(other, now).rules->hash());
  const Changes changes = rules::changes(one, other);
  ASSERT_EQ(changes.added.size(), 1u);
  EXPECT_TRUE(changes.added[0].text.starts_with("note \"/n.txt\" SHA-256 ")) << changes.added[0].text;
  EXPECT_FALSE(rules::changes(one, one).any());
}

} // namespace
} // namespace sekisho::rules
