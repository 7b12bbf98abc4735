#include "gateway/record/journal.hh"

#include "gateway/record/verify.hh"
#include "tests/unit/gateway/record/folder.hh"

#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <csignal>

namespace sekisho::record {
namespace {

constexpr UnixSeconds noon = 1'795'000'000; // a day in 2026
const std::string first_file = next_name("", noon);

std::vector<Event> events(int count, const std::string &padding = "") {
  std::vector<Event> made;
  for (int i = 0; i < count; i++) {
    auto event = read_event("relay", fmt::format(R"({{"event":"test","n":{},"x":"{}"}})", i, padding));
    made.push_back(std::move(*event));
  }
  return made;
}

/// A record of `count` lines in one file.
void fill(const test::Folder &folder, int count) {
  auto journal = Journal::open(folder.path(), noon);
  ASSERT_TRUE(journal) << journal.error().what;
  for (const Event &event : events(count)) ASSERT_TRUE(journal->write(std::span(&event, 1), noon));
}

std::string faults_of(const test::Folder &folder, const Link &expected = {}) {
  auto found = verify(folder.path(), expected);
  if (!found) return "error: " + found.error().what;
  std::string text;
  for (const Fault &fault : found->faults) text += fault.place + ": " + fault.what + "\n";
  return text;
}

std::vector<std::string> lines_of(const std::string &text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line + "\n");
  return lines;
}

std::string join(const std::vector<std::string> &lines) {
  std::string text;
  for (const std::string &line : lines) text += line;
  return text;
}

TEST(Journal, WritesAChainThatVerifies) {
  test::Folder folder;
  fill(folder, 5);
  auto found = verify(folder.path());
  ASSERT_TRUE(found);
  EXPECT_EQ(faults_of(folder), "");
  EXPECT_EQ(found->lines, 5u);
  EXPECT_EQ(found->last.seq, 5u);
  fill(folder, 2); // opened again: goes on
  EXPECT_EQ(verify(folder.path())->last.seq, 7u);
  EXPECT_EQ(faults_of(folder), "");
}

TEST(Journal, PositionsSayWhereTheLinesStand) {
  test::Folder folder;
  auto journal = Journal::open(folder.path(), noon);
  auto positions = journal->write(events(3), noon);
  ASSERT_TRUE(positions);
  std::string text = folder.read((*positions)[2].file);
  std::string line = text.substr((*positions)[2].offset, (*positions)[2].length);
  EXPECT_TRUE(read_line(line));
  EXPECT_EQ(read_line(line)->seq, 3u);
}

TEST(Journal, FilesTurnOverByDayAndSize) {
  test::Folder folder;
  auto journal = Journal::open(folder.path(), noon, /*max_file_size=*/500);
  for (int i = 0; i < 10; i++) ASSERT_TRUE(journal->write(events(1), noon));
  ASSERT_TRUE(journal->write(events(1), noon + 86400));
  ASSERT_TRUE(journal->write(events(1), noon - 86400)); // a clock that goes back
  auto names = list_files(folder.path());
  EXPECT_GT(names->size(), 3u);
  EXPECT_EQ(names->back(), journal->file_name());
  EXPECT_EQ(faults_of(folder), "");
}

/// A clock that was set back is behind what was written before.
TEST(Journal, TheNamesSayHowFarTheClockHasCome) {
  test::Folder folder;
  constexpr UnixSeconds day = 86'400, begin = 20'000 * day; // 2024-10-04
  EXPECT_EQ(end_beyond(folder.path(), begin), 0);
  EXPECT_EQ(end_beyond(folder.path() + "/none", begin), 0);
  for (const char *name : {"record-20241004-001.jsonl", "record-20241006-001.jsonl", "record-20241006-002.jsonl"}) folder.write(name, "");
  EXPECT_EQ(end_beyond(folder.path(), begin), begin + 3 * day);
  EXPECT_EQ(end_beyond(folder.path(), begin + 2 * day - 1), begin + 3 * day);
  EXPECT_EQ(end_beyond(folder.path(), begin + 2 * day), 0) << "the clock is where it was";
  folder.write("record-20249999-001.jsonl", "");
  EXPECT_EQ(end_beyond(folder.path(), begin), 0) << "no day";
}

TEST(Journal, OneWriterAtATime) {
  test::Folder folder;
  auto journal = Journal::open(folder.path(), noon);
  ASSERT_TRUE(journal);
  EXPECT_FALSE(Journal::open(folder.path(), noon));
}

TEST(Journal, TornTailIsMovedAsideAndTold) {
  test::Folder folder;
  fill(folder, 3);
  folder.write(first_file, folder.read(first_file) + R"({"seq":4,"time":"2026)");
  EXPECT_EQ(faults_of(folder), ""); // a write that was never acknowledged is no fault
  fill(folder, 1);
  EXPECT_EQ(faults_of(folder), "");
  EXPECT_EQ(folder.read(first_file + ".torn"), R"({"seq":4,"time":"2026)");
  EXPECT_NE(folder.read(first_file).find(R"("event":"record-recovered")"), std::string::npos);
}

TEST(Journal, LostTailStaysVisible) {
  test::Folder folder;
  fill(folder, 5);
  auto lines = lines_of(folder.read(first_file));
  lines.resize(3);
  folder.write(first_file, join(lines));
  fill(folder, 1); // a restart does not paint over it
  EXPECT_NE(folder.read(first_file).find(R"("event":"record-broken")"), std::string::npos);
  EXPECT_EQ(faults_of(folder), first_file + ":4: lines 4 to 5 are missing before this line\n");
}

TEST(Verify, ChangedOctet) {
  test::Folder folder;
  fill(folder, 5);
  std::string text = folder.read(first_file);
  text[text.find("\"n\":2") + 4] = '7';
  folder.write(first_file, text);
  EXPECT_EQ(faults_of(folder),
            first_file + ":3: the line was changed: its hash is not that of its octets\n");
}

TEST(Verify, ChangedOctetWithItsHashMadeAnew) {
  test::Folder folder;
  fill(folder, 5);
  auto lines = lines_of(folder.read(first_file));
  Link before{2, std::string(read_line(lines[1].substr(0, lines[1].size() - 1))->hash)};
  lines[2] = make_line(before, noon, R"("event":"test","role":"relay","n":7)");
  folder.write(first_file, join(lines));
  EXPECT_EQ(faults_of(folder), first_file + ":4: does not follow the line before: its prev is another hash\n");
}

TEST(Verify, DeletedLine) {
  test::Folder folder;
  fill(folder, 5);
  auto lines = lines_of(folder.read(first_file));
  lines.erase(lines.begin() + 2);
  folder.write(first_file, join(lines));
  EXPECT_EQ(faults_of(folder), first_file + ":3: line 3 is missing before this line\n");
}

TEST(Verify, SwappedLines) {
  test::Folder folder;
  fill(folder, 5);
  auto lines = lines_of(folder.read(first_file));
  std::swap(lines[1], lines[2]);
  folder.write(first_file, join(lines));
  EXPECT_EQ(faults_of(folder).substr(0, 60),
            (first_file + ":2: line 2 is missing before this line\n" + first_file).substr(0, 60));
}

TEST(Verify, CutTail) {
  test::Folder folder;
  fill(folder, 5);
  auto lines = lines_of(folder.read(first_file));
  lines.pop_back();
  folder.write(first_file, join(lines));
  EXPECT_EQ(faults_of(folder), "head: the end is cut off: head names line 5 in " + first_file +
                                   ", the record ends at line 4\n");
  folder.write(first_file, join(lines) + R"({"seq":5,)"); // half a line does not hide it
  EXPECT_NE(faults_of(folder), "");
}

TEST(Verify, CutFile) {
  test::Folder folder;
  auto journal = Journal::open(folder.path(), noon, 1000);
  for (int i = 0; i < 12; i++) ASSERT_TRUE(journal->write(events(1), noon));
  auto names = *list_files(folder.path());
  ASSERT_GE(names.size(), 3u);
  for (const std::string &name : {names.front(), names[1], names.back()}) {
    std::string text = folder.read(name);
    std::filesystem::remove(folder.path() + "/" + name);
    EXPECT_NE(faults_of(folder), "") << name;
    folder.write(name, text);
    EXPECT_EQ(faults_of(folder), "") << name;
  }
}

TEST(Verify, MissingOrOtherHead) {
  test::Folder folder;
  fill(folder, 5);
  std::filesystem::remove(folder.path() + "/head");
  EXPECT_NE(faults_of(folder), "");
  Head other;
  other.link = {4, std::string(64, 'a')};
  other.file = first_file;
  folder.write("head", encode_head(other));
  EXPECT_NE(faults_of(folder), "");
}

TEST(Verify, ChainMadeAnewMeetsTheNotedLine) {
  test::Folder folder;
  fill(folder, 5);
  Link noted = verify(folder.path())->last;
  EXPECT_EQ(faults_of(folder, noted), "");
  noted.hash[0] = noted.hash[0] == '0' ? '1' : '0';
  EXPECT_NE(faults_of(folder, noted), "");
}

TEST(Verify, EmptyFolderIsNoRecord) {
  test::Folder folder;
  EXPECT_EQ(faults_of(folder).substr(0, 6), "error:");
}

// A child appends until it is killed; whatever was acknowledged must be there afterwards, in a whole chain.
TEST(Journal, KilledInTheMiddleOfAppends) {
  test::Folder folder;
  for (int round = 0; round < 10; round++) {
    int acknowledged[2];
    ASSERT_EQ(::pipe(acknowledged), 0);
    pid_t child = ::fork();
    if (child == 0) {
      auto journal = Journal::open(folder.path(), noon, 20'000);
      for (;;) {
        if (!journal || !journal->write(events(3, std::string(2000, 'x')), noon)) ::_exit(1);
        std::uint64_t seq = journal->last().seq;
        if (::write(acknowledged[1], &seq, sizeof seq) != sizeof seq) ::_exit(1);
      }
    }
    ::close(acknowledged[1]);
    std::uint64_t seq = 0, last = 0;
    ASSERT_EQ(::read(acknowledged[0], &seq, sizeof seq), static_cast<ssize_t>(sizeof seq)); // it is under way
    last = seq;
    ::usleep(10'000 + 3'000 * static_cast<unsigned>(round));
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    while (::read(acknowledged[0], &seq, sizeof seq) == sizeof seq) last = seq;
    ::close(acknowledged[0]);

    ASSERT_TRUE(Journal::open(folder.path(), noon)); // mends
    auto found = verify(folder.path());
    ASSERT_TRUE(found);
    EXPECT_EQ(faults_of(folder), "");
    EXPECT_GT(last, 0u);
    EXPECT_GE(found->last.seq, last);
  }
}

TEST(Journal, FullDiskLeavesNoHalfLine) {
  test::Folder folder;
  pid_t child = ::fork();
  if (child == 0) {
    ::signal(SIGXFSZ, SIG_IGN);
    auto journal = Journal::open(folder.path(), noon);
    if (!journal || !journal->write(events(2), noon)) ::_exit(2);
    rlimit limit{1500, RLIM_INFINITY};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    if (journal->write(events(1, std::string(3000, 'x')), noon)) ::_exit(3);
    limit.rlim_cur = RLIM_INFINITY;
    ::setrlimit(RLIMIT_FSIZE, &limit);
    if (!journal->write(events(1), noon) || journal->last().seq != 3) ::_exit(4);
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(faults_of(folder), "");
}

} // namespace
} // namespace sekisho::record
