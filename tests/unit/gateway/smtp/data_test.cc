#include "gateway/smtp/data.hh"
#include "gateway/smtp/line_ends.hh"
#include "gateway/smtp/session.hh"

#include <gtest/gtest.h>

#include <array>
#include <random>
#include <utility>

namespace sekisho::smtp {
namespace {

struct Read {
  std::string mail;
  std::string rest; // what belongs to the next command
  bool ended = false;
  Reason fault = Reason::none;
};

Read read(std::string_view wire, std::size_t piece = 1 << 20, std::uint64_t size = 1000,
          std::size_t line = 100) {
  DataReader reader(size, line);
  std::size_t used = 0;
  while (used < wire.size() && !reader.ended())
    used += reader.feed(as_bytes(wire.substr(used, piece)));
  Read read{{}, std::string(wire.substr(used)), reader.ended(), reader.fault()};
  read.mail = as_chars(reader.take());
  return read;
}

TEST(DataReader, UndoesDotStuffing) {
  for (std::size_t piece : {1u, 2u, 3u, 100u}) {
    Read got = read("a\r\n..b\r\n...\r\n.c\r\n\r\n.\r\nQUIT\r\n", piece);
    EXPECT_TRUE(got.ended);
    EXPECT_EQ(got.fault, Reason::none);
    EXPECT_EQ(got.mail, "a\r\n.b\r\n..\r\nc\r\n\r\n");
    EXPECT_EQ(got.rest, "QUIT\r\n");
  }
  EXPECT_EQ(read(".\r\n").mail, "");
  EXPECT_TRUE(read(".\r\n").ended);
}

/// Every published way to let two readers see different ends; none ends the data here, all spoil it.
TEST(DataReader, SmugglingSequences) {
  using namespace std::string_view_literals;
  for (std::string_view end :
       {"\n.\n"sv, "\n.\r\n"sv, "\r.\r\n"sv, "\r\n.\n"sv, "\r\n.\r"sv, "\r.\r"sv, "\n.\r"sv, "\r.\n"sv,
        "\r\n.\r\r\n"sv, "\r\r\n.\r\r\n"sv, "\r\n\0.\r\n\n"sv, "\n\n.\r\n"sv, "\r\n.\n\r\n"sv}) {
    const std::string wire = "text" + std::string(end) + "MAIL FROM:<evil@example.net>\r\n";
    for (std::size_t piece : {1u, 2u, 5u, 1000u}) {
      Read got = read(wire, piece);
      EXPECT_FALSE(got.ended) << to_hex(as_bytes(end));
      EXPECT_EQ(got.fault, Reason::bare_line_end) << to_hex(as_bytes(end));
      got = read(wire + "\r\n.\r\n", piece);
      EXPECT_TRUE(got.ended);
      EXPECT_EQ(got.mail, "");
    }
  }
}

/// Pieces that end within a line, for ever: what was read is let go.
TEST(Session, KeepsNothingOfWhatItHasRead) {
  Settings settings;
  settings.host_name = "gate.example";
  settings.size_limit = 1 << 20;
  Session session(settings, [](const Offer &) { return Route{Reason::none, 0, 1 << 20}; });
  (void)session.next();
  const auto say = [&](std::string_view text) {
    session.feed(as_bytes(text));
    while (!std::holds_alternative<NeedInput>(session.next())) {}
  };
  for (std::string_view line : {"EHLO a.example\r\n", "MAIL FROM:<a@a.example>\r\n", "RCPT TO:<b@b.example>\r\n", "DATA\r\n"}) say(line);
  std::string piece(900, 'x');
  piece += "\r\nyy";
  for (int i = 0; i < 300; ++i) {
    say(piece);
    ASSERT_LT(session.kept_octets(), 2 * piece.size()) << i;
  }
  say("\r\n.\r\nNOOP\r\nNO");
  for (int i = 0; i < 5; ++i) say("OP\r\nNO");
  EXPECT_LT(session.kept_octets(), 100u);
}

TEST(DataReader, NulBeforeTheDotIsText) {
  using namespace std::string_view_literals;
  EXPECT_FALSE(read("a\r\n\0.\r\n"sv).ended);
  EXPECT_EQ(read("a\0b\r\n.\r\n"sv).mail, "a\0b\r\n"sv);
}

TEST(DataReader, Limits) {
  const std::string line(98, 'x');
  EXPECT_EQ(read(line + "\r\n.\r\n").fault, Reason::none);
  EXPECT_EQ(read("x" + line + "\r\n.\r\n").fault, Reason::line_too_long);
  std::string full;
  for (int i = 0; i < 10; ++i) full += line + "\r\n";
  EXPECT_EQ(read(full + ".\r\n").fault, Reason::none);
  EXPECT_EQ(read(full + "\r\n.\r\n").fault, Reason::mail_too_big);
  EXPECT_TRUE(read(full + "\r\n.\r\n").ended);
}

/// Whole lines are taken together where they come together; octet by octet they never do.
TEST(DataReader, MakesRoomForWhatComes) {
  DataReader reader(64u << 20, 1000);
  reader.expect(64u << 20);
  EXPECT_EQ(reader.room(), 0u) << "nothing came";
  std::string line(998, 'x');
  line += "\r\n";
  std::size_t moved = 0;
  for (std::size_t i = 1, room = 0; i <= 60'000; ++i) {
    reader.feed(as_bytes(line));
    ASSERT_LE(reader.room(), 8 * i * line.size());
    moved += std::exchange(room, reader.room()) != reader.room();
  }
  EXPECT_LE(moved, 7u);
  EXPECT_LE(reader.room(), 64u << 20);
}

TEST(DataReader, InWhateverPiecesTheSameIsRead) {
  std::mt19937 dice(20261126);
  constexpr std::array<std::string_view, 10> bits = {"a", "bc", "\r\n", "\r\n", "\r\n", "\r\n.", "\r\n..",
                                                     "\r", "\n",  "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"};
  for (int round = 0; round < 20'000; ++round) {
    std::string wire;
    const std::size_t most = round % 3 == 0 ? 7 : bits.size(); // a third without bare ones and long lines
    for (std::size_t i = dice() % 40; i > 0; --i) wire += bits[dice() % most];
    wire += round % 2 == 0 ? "\r\n.\r\n" : "\r\n.\r\nQUIT\r\n";
    const std::uint64_t size = round % 5 == 0 ? 60 : 10'000; // one limit at a time: which is met first may differ
    const std::size_t line = size == 60 ? 1000 : 40 + round % 2 * 50;
    const Read one = read(wire, 1, size, line), other = read(wire, 1 + dice() % 100, size, line);
    ASSERT_EQ(one.mail, other.mail) << to_hex(as_bytes(wire));
    ASSERT_EQ(one.fault, other.fault) << to_hex(as_bytes(wire));
    ASSERT_EQ(one.ended, other.ended) << to_hex(as_bytes(wire));
    ASSERT_EQ(one.rest, other.rest) << to_hex(as_bytes(wire));
  }
}

/// Line by line, as the sentence over plain_lines() says it.
std::size_t plain_lines_slowly(std::string_view text, std::size_t max_line) {
  std::size_t end = 0;
  while (end < text.size() && text[end] != '.') {
    const std::size_t odd = text.find_first_of("\r\n", end);
    if (odd == std::string_view::npos || text.substr(odd, 2) != "\r\n" || odd + 2 - end > max_line) break;
    end = odd + 2;
  }
  return end;
}

TEST(LineEnds, AreSeenWhereverTheyStand) {
  std::mt19937 dice(20261127);
  constexpr std::array<std::string_view, 8> odd = {"\r", "\n", "\n\r", ".", "\r\n.", "\r\r\n", "\r\n\n", "x.\0\xff"};
  for (int round = 0; round < 50'000; ++round) {
    std::string text;
    for (std::size_t lines = dice() % (round % 100 == 0 ? 300 : 8); lines > 0; --lines) text += std::string(dice() % 80, 'x') + "\r\n";
    for (int i = round % 3; i > 0; --i) text.insert(dice() % (text.size() + 1), odd[dice() % odd.size()]);
    for (const std::size_t line : {64u, 70u, 998u})
      ASSERT_EQ(plain_lines(text, line), plain_lines_slowly(text, line)) << to_hex(as_bytes(text)) << ' ' << line;
    std::size_t bare = 0, longest = 0, start = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
      longest = std::max(longest, i + 1 - start);
      if (text[i] == '\n') start = i + 1;
      bare += text[i] == '\r' && (i + 1 == text.size() || text[i + 1] != '\n');
      bare += text[i] == '\n' && (i == 0 || text[i - 1] != '\r');
    }
    ASSERT_EQ(has_only_crlf(as_bytes(text)), bare == 0) << to_hex(as_bytes(text));
    for (const std::size_t line : {64u, 70u, 998u})
      ASSERT_EQ(has_only_crlf(as_bytes(text), line), bare == 0 && longest <= line) << to_hex(as_bytes(text)) << ' ' << line;
  }
}

TEST(StuffDots, IsTheInverse) {
  for (std::string_view mail : {"a\r\n.b\r\n..\r\n\r\n", ".\r\n", "\r\n", "", "x\r\n.\r\ny\r\n"}) {
    Read got = read(stuff_dots(as_bytes(mail)));
    EXPECT_TRUE(got.ended);
    EXPECT_EQ(got.mail, mail);
  }
  EXPECT_EQ(stuff_dots(as_bytes("no end")), "no end\r\n.\r\n");
}

TEST(OnlyCrlf, FindsAnyBareOne) {
  EXPECT_TRUE(has_only_crlf(as_bytes("a\r\n\r\nb")));
  for (std::string_view text : {"a\nb", "a\rb", "a\r", "\n", "a\r\r\n", "a\r\n\n"})
    EXPECT_FALSE(has_only_crlf(as_bytes(text))) << text;
}

TEST(CountHops, ReceivedAndOurOwn) {
  EXPECT_EQ(count_hops(as_bytes("Received: a\r\nRECEIVED : b\r\n c\r\nSubject: x\r\n\r\nReceived: no\r\n")),
            2u);
  EXPECT_EQ(count_hops(as_bytes("Sekisho-Hops: 7\r\nReceived: a\r\n\r\n")), 8u);
  EXPECT_GT(count_hops(as_bytes("Sekisho-Hops: none\r\n\r\n")), 1000u);
  EXPECT_GT(count_hops(as_bytes("Sekisho-Hops: 99999999999999\r\n\r\n")), 1000u);
  EXPECT_EQ(count_hops(as_bytes("Received-SPF: pass\r\n\r\n")), 0u);
}

} // namespace
} // namespace sekisho::smtp
