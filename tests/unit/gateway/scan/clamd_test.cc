// clamd's words (H5): only "OK" about the whole stream is clean.
#include "gateway/scan/clamd.hh"

#include <gtest/gtest.h>

namespace sekisho::scan {
namespace {

using namespace std::string_view_literals;

TEST(Clamd, OnlyOneAnswerIsClean) {
  EXPECT_EQ(parse_scan("stream: OK\0"sv).finding, Finding::clean);
  EXPECT_EQ(parse_scan("stream: OK").finding, Finding::clean);
  for (std::string_view reply :
       {""sv, "\0"sv, "OK"sv, "stream: "sv, "stream: ok"sv, "stream: OK "sv, "stream: OK\0more"sv, "other: OK"sv,
        "INSTREAM size limit exceeded. ERROR\0"sv, "stream: Can't allocate memory ERROR"sv, "UNKNOWN COMMAND"sv,
        "stream:  FOUND"sv, " stream: OK"sv, "stream: OK FOUND?"sv})
    EXPECT_NE(parse_scan(reply).finding, Finding::clean) << reply;
}

TEST(Clamd, NamesTheMalware) {
  const Answer answer = parse_scan("stream: Eicar-Test-Signature FOUND\0"sv);
  EXPECT_EQ(answer.finding, Finding::malware);
  EXPECT_EQ(answer.words, "Eicar-Test-Signature");
  // A signature called OK is malware all the same.
  EXPECT_EQ(parse_scan("stream: OK FOUND"sv).finding, Finding::malware);
}

TEST(Clamd, WordsAreHostile) {
  const Answer answer = parse_scan("stream: a\x1b[2Jb\xe3\x81\x82 FOUND"sv);
  EXPECT_EQ(answer.finding, Finding::malware);
  EXPECT_EQ(answer.words, "a?[2Jb???");
  EXPECT_LE(parse_scan("stream: " + std::string(10'000, 'x') + " FOUND").words.size(), 200u);
}

TEST(Clamd, DefinitionsHaveADate) {
  EXPECT_EQ(parse_definitions("ClamAV 1.4.3/27500/Tue Nov 24 08:31:22 2026\0"sv), 1795509082);
  for (std::string_view reply : {"ClamAV 1.4.3\0"sv, ""sv, "ClamAV 1.4.3/27500"sv, "ClamAV 1.4.3/27500/"sv,
                                 "ClamAV 1.4.3/27500/yesterday"sv, "x/27500/Tue Nov 24 08:31:22 2026"sv,
                                 "ClamAV 1/2/Tue Nov 24 08:31:22 2026 and more"sv})
    EXPECT_FALSE(parse_definitions(reply)) << reply;
}

TEST(Clamd, AChunkSaysItsLength) {
  EXPECT_EQ(chunk_head(0x01020304),
            (std::array{std::byte{1}, std::byte{2}, std::byte{3}, std::byte{4}}));
}

} // namespace
} // namespace sekisho::scan
