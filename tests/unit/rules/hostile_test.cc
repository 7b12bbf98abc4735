// Rule text is trusted to nobody: it is read by every role and by `sekisho check` on any machine.
#include "rules/compile.hh"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <ctime>
#include <fstream>
#include <random>
#include <sstream>

namespace sekisho::rules {
namespace {

constexpr UnixSeconds now = 1'795'180'000;

struct Seen {
  bool compiled;
  std::vector<Diagnostic> diagnostics;
  std::string said;
  double seconds;
};

Seen feed(std::string text) {
  const std::clock_t start = std::clock(); // processor time: other tests run beside
  std::vector<SourceFile> sources = {{"hostile.rules", std::move(text)}};
  Compiled compiled = compile(sources, now);
  std::string said = render(compiled.diagnostics, sources, false);
  std::vector<Diagnostic> of_format;
  format(sources[0], of_format);
  const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  return {compiled.rules != nullptr, std::move(compiled.diagnostics), std::move(said), seconds};
}

std::string repeated(std::string_view part, std::size_t octets) {
  std::string text;
  text.reserve(octets + part.size());
  while (text.size() < octets)
    text += part;
  return text;
}

constexpr std::size_t megabyte = 1u << 20;

TEST(Hostile, long_and_deep_texts_end_soon_and_are_refused) {
  for (const std::string &text :
       {repeated("{", megabyte),
        repeated("set s { a, ", megabyte),
        std::string("set s { ") + repeated("a,", megabyte),
        repeated("service s { tcp port 1, ", megabyte),
        std::string("permit ") + repeated("tcp,", megabyte),
        std::string("permit tcp from a to b ") + repeated("limit 1 connections ", megabyte),
        std::string("permit tcp from a to b during ") + repeated("mon,", megabyte),
        repeated("local vrrp to\n", megabyte),
        repeated("}", megabyte),
        repeated("zone a { ", megabyte),
        repeated("zone\n", megabyte),
        repeated("\"", megabyte),
        repeated("a", megabyte),
        repeated("\"a\" ", megabyte),
        repeated("\\", megabyte),
        repeated("permit tcp port 1,", megabyte),
        std::string("permit tcp port ") + repeated("1,", megabyte),
        repeated(";", megabyte),
        repeated("zone a { network 10.0.0.0/24 ", megabyte),
        std::string("zone a { port \"x\" network ") + repeated("10.0.0.0/24,", megabyte),
        repeated("\xe3\x80\x80", megabyte),
        repeated("\xff", megabyte),
        std::string(megabyte, '\0'),
        std::string("relay mail from a to b { attachment { ") + repeated("pdf ", megabyte),
        repeated("relay mail from a to b {\n", megabyte),
        repeated("host h { zone z address 10.0.0.1 }\n", megabyte),
        std::string("\"") + repeated("\xe7\xa8\x8e", megabyte) + "\"",
        repeated("\r", megabyte),
        std::string("# ") + repeated("\xe2\x80\xae", megabyte)}) {
    Seen seen = feed(text);
    EXPECT_FALSE(seen.compiled);
    EXPECT_FALSE(seen.diagnostics.empty());
    EXPECT_LE(seen.diagnostics.size(), 100u);
    EXPECT_LT(seen.said.size(), megabyte) << "long lines are cut";
    EXPECT_LT(seen.seconds, 10.0) << text.substr(0, 40);
  }
}

TEST(Hostile, a_file_above_the_limit_is_not_read) {
  Seen seen = feed(std::string("#") + std::string(16 * megabyte, ' '));
  EXPECT_FALSE(seen.compiled);
  EXPECT_NE(seen.said.find("16 MiB at most"), std::string::npos) << seen.said;
}

TEST(Hostile, no_files_and_too_many_files_are_no_policy) {
  EXPECT_FALSE(compile({}, now).rules);
  EXPECT_FALSE(compile({}, now).diagnostics.empty());
  std::vector<SourceFile> many(257, SourceFile{"x", "# nothing\n"});
  EXPECT_FALSE(compile(many, now).rules);
}

TEST(Hostile, nothing_said_steers_the_terminal) {
  Seen seen =
      feed("host \x1b]0;title\x07 { }\nzone \x9b[31m \x7f\n\xe2\x80\xae zone\x00 { \xc2\x9b }\n");
  EXPECT_FALSE(seen.compiled);
  for (unsigned char c : seen.said)
    EXPECT_TRUE((c >= 0x20 && c != 0x7f) || c == '\n');
  EXPECT_EQ(seen.said.find("\xe2\x80\xae"), std::string::npos);
  EXPECT_EQ(seen.said.find("\xc2\x9b"), std::string::npos);
}

TEST(Hostile, warnings_leave_room_for_the_error) {
  std::string text = "zone a { port \"a\" network 10.1.0.0/24 }\n"
                     "zone b { port \"b\" network 10.2.0.0/24 }\n";
  for (int i = 1; i <= 300; ++i)
    text += fmt::format(
        "permit tcp port {} from a to b\n  for \"x\" owner \"y\" approved \"z\" until 2020-01-01\n",
        i);
  EXPECT_TRUE(feed(text).compiled) << "expired permits are no error";
  text += "permit tcp port 1 from a to c for \"x\" owner \"y\" approved \"z\"\n";
  Seen seen = feed(text);
  EXPECT_FALSE(seen.compiled);
  EXPECT_NE(seen.said.find("no host or zone 'c'"), std::string::npos);
}

TEST(Hostile, a_big_policy_compiles_in_seconds) {
  std::string text =
      "zone a { port \"a\" network 10.1.0.0/16 }\nzone b { port \"b\" network 10.2.0.0/16 }\n";
  for (int i = 0; i < 20'000; ++i) {
    std::string address = fmt::format("10.1.{}.{}", i / 200, i % 200 + 1);
    text += fmt::format("host h{} {{ zone a  address {} }}\n", i, address);
    text +=
        fmt::format("permit tcp port {} from {} to 10.2.0.9 for \"x\" owner \"y\" approved \"z\"\n",
                    i + 1, address);
  }
  Seen seen = feed(text);
  EXPECT_TRUE(seen.compiled) << seen.said.substr(0, 500);
  EXPECT_LT(seen.seconds, 20.0);
}

const std::string two_zones =
    "zone a { port \"a\" network 10.1.0.0/16 }\nzone b { port \"b\" network 10.2.0.0/16 }\n";
constexpr std::string_view ledger = " for \"x\" owner \"y\" approved \"z\"";

TEST(Hostile, rules_that_overlap_in_every_way_are_refused_soon) {
  std::string text = two_zones;
  for (int i = 0; i < 12'000; ++i)
    text += fmt::format("permit tcp port {}-{} from a to b{} until {}-01-0{}\n", i + 1, 65'535 - i,
                        ledger, 2030 + i % 900, 1 + i % 7);
  Seen seen = feed(text);
  EXPECT_FALSE(seen.compiled);
  EXPECT_NE(seen.said.find("the rules overlap in more ways than can be kept"), std::string::npos);
  EXPECT_LT(seen.seconds, 20.0);
}

TEST(Hostile, big_sets_in_many_rules_stay_small) {
  std::string text = two_zones + "set left { 10.1.0.1";
  for (int i = 2; i < 20'000; ++i)
    text += fmt::format(", 10.1.{}.{}", i / 250, i % 250 + 1);
  text += " }\nset right { 10.2.0.1";
  for (int i = 2; i < 20'000; ++i)
    text += fmt::format(", 10.2.{}.{}", i / 250, i % 250 + 1);
  text += " }\n";
  for (int i = 0; i < 5'000; ++i)
    text += fmt::format("permit tcp port {} from left to right{}\n", i + 1, ledger);
  Seen seen = feed(text);
  EXPECT_TRUE(seen.compiled) << seen.said.substr(0, 500);
  EXPECT_LT(seen.seconds, 20.0);
}

TEST(Hostile, services_that_unfold_without_end_are_refused) {
  std::string text = two_zones + "service s { tcp port 1";
  for (int i = 2; i < 256; ++i)
    text += fmt::format(", udp port {}", i);
  text += " }\n";
  for (int i = 0; i < 400; ++i) {
    text += "permit s";
    for (int k = 0; k < 20; ++k)
      text += ", s";
    text += fmt::format(" from a to b{}\n", ledger);
  }
  Seen seen = feed(text);
  EXPECT_FALSE(seen.compiled);
  EXPECT_NE(seen.said.find("the sentences name more than"), std::string::npos)
      << seen.said.substr(0, 500);
  EXPECT_LT(seen.seconds, 20.0);
}

/// Every way to cut, double or damage the shipped example: it ends, and it is refused or compiled,
/// and what fmt makes of it reads the same again.
TEST(Hostile, damaged_examples_are_read_to_the_end) {
  std::ifstream file(std::string(SEKISHO_SOURCE) + "/rules/examples/three-zones.rules");
  std::stringstream whole;
  whole << file.rdbuf();
  const std::string example = whole.str();
  ASSERT_GT(example.size(), 1000u);
  std::mt19937 random(20261120); // the same damage every time
  auto below = [&](std::size_t limit) {
    return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random);
  };
  const std::string_view pieces[] = {"{",
                                     "}",
                                     "\"",
                                     "#",
                                     "\n",
                                     "zone ",
                                     "relay ",
                                     "permit ",
                                     ",",
                                     "-",
                                     "\xff",
                                     "\xe3\x80\x80",
                                     std::string_view("\0", 1),
                                     "10.1.0.0/24",
                                     "mac",
                                     "until",
                                     "\\",
                                     "text "};
  for (int round = 0; round < 3000; ++round) {
    std::string text = example;
    for (std::size_t changes = below(4) + 1; changes > 0; --changes) {
      std::size_t at = below(text.size());
      switch (below(4)) {
      case 0: text.erase(at, below(40) + 1); break;
      case 1: text.insert(at, pieces[below(std::size(pieces))]); break;
      case 2: text.insert(at, text.substr(below(text.size()), below(200))); break;
      default: text[at] = static_cast<char>(below(256));
      }
      if (text.empty()) text.push_back('#');
    }
    std::vector<SourceFile> sources = {{"damaged", text}};
    Compiled compiled = compile(sources, now);
    bool has_error = false;
    for (const Diagnostic &diagnostic : compiled.diagnostics) {
      has_error |= diagnostic.level == Diagnostic::Level::error;
      EXPECT_LE(diagnostic.place.first_column, diagnostic.place.last_column);
    }
    ASSERT_NE(compiled.rules != nullptr, has_error) << text;
    ASSERT_EQ(render(compiled.diagnostics, sources, false).empty(), compiled.diagnostics.empty());
    std::vector<Diagnostic> diagnostics;
    std::string canonical = format(sources[0], diagnostics);
    if (!diagnostics.empty()) continue;
    ASSERT_EQ(format({"again", canonical}, diagnostics), canonical) << text;
    if (!compiled.rules) continue;
    std::vector<SourceFile> formatted = {{"damaged", canonical}};
    Compiled again = compile(formatted, now);
    ASSERT_TRUE(again.rules) << text;
    ASSERT_EQ(again.rules->hash(), compiled.rules->hash()) << text;
  }
}

} // namespace
} // namespace sekisho::rules
