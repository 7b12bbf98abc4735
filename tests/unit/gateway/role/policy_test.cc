// What the supervisor reads and hands on: rule files and the notes that they name.
#include "gateway/role/policy.hh"

#include "gateway/role/channel/sources.hh"
#include "tests/unit/gateway/record/folder.hh"

#include <fstream>

namespace sekisho::role {
namespace {

constexpr UnixSeconds now = 1'795'000'000; // 2026-11-18

struct Files {
  test::Folder folder;
  std::string note = folder.path() + "/note.txt", rules = folder.path() + "/town.rules";
  Files() {
    write(rules, "zone a { port \"a\"  network 10.1.0.0/24  address 10.1.0.1 }\n"
                 "relay mail from a to a { recipients \"*@a.example\"  next-hop 10.1.0.25  note \"" +
                     note + "\"  for \"a\"  owner \"b\"  approved \"c\" }\n");
  }
  static void write(const std::string &path, const std::string &text) {
    std::ofstream(path, std::ios::binary) << text;
  }
};

const std::string words = "[ja]\n{taken}\n\n番号 {receipt}\n[en]\n{taken}\n\nNo. {receipt}\n";

TEST(Policy, NotesGoWithTheRules) {
  Files files;
  Files::write(files.note, words);
  const Result<Policy> policy = load_policy({files.rules}, now);
  ASSERT_TRUE(policy) << policy.error().what;
  EXPECT_EQ(policy->rules->relays()[0].plan.note_words, words);
  // A role gets the same, however the file has changed meanwhile.
  Files::write(files.note, "[ja]\n");
  auto sources = decode_sources(encode_sources(policy->sources));
  ASSERT_TRUE(sources);
  const Result<Policy> again = compile_policy(std::move(*sources), now);
  ASSERT_TRUE(again) << again.error().what;
  EXPECT_EQ(again->rules->relays()[0].plan.note_words, words);
  EXPECT_EQ(again->rules->hash(), policy->rules->hash());
}

TEST(Policy, ANoteThatCannotBeUsedMakesNone) {
  Files files;
  const Result<Policy> absent = load_policy({files.rules}, now);
  ASSERT_FALSE(absent);
  EXPECT_NE(absent.error().what.find("cannot read " + files.note), std::string::npos) << absent.error().what;
  Files::write(files.note, "[ja]\n{receipt}\n");
  const Result<Policy> wrong = load_policy({files.rules}, now);
  ASSERT_FALSE(wrong);
  EXPECT_NE(wrong.error().what.find("note.txt:1:1: error: there is no section [en]"), std::string::npos)
      << wrong.error().what;
}

/// `apply` sends what its user may read; the daemon reads nothing in his stead.
TEST(Policy, ANoteThatWasNotSentIsNotRead) {
  Files files;
  Files::write(files.note, words);
  auto sources = read_rule_files({files.rules});
  ASSERT_TRUE(sources);
  std::erase_if(*sources, &rules::SourceFile::is_note);
  const Result<Policy> policy = compile_policy(std::move(*sources), now);
  ASSERT_FALSE(policy);
  EXPECT_NE(policy.error().what.find("the words of the note were not read"), std::string::npos);
}

} // namespace
} // namespace sekisho::role
