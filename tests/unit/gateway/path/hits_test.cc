// The counters of rules over reloads and restarts.
#include "gateway/path/hits.hh"
#include "base/twin_files.hh"

#include "rules/compile.hh"
#include "tests/unit/gateway/record/folder.hh"

#include <fcntl.h>
#include <unistd.h>

namespace sekisho::path {
namespace {

using Policies = std::shared_ptr<const Policy>;
using Sources = std::vector<rules::SourceFile>;

constexpr std::string_view zones = "zone a { port \"p0\" network 10.1.0.0/24 address 10.1.0.1 }\n"
                                   "zone b { port \"p1\" network 10.2.0.0/24 address 10.2.0.1 }\n";

Sources town(const std::string &more) { return {{"town.rules", std::string(zones) + more}}; }
std::string permit(int port) {
  return "permit tcp port " + std::to_string(port) + " from a to b for \"x\" owner \"y\" approved \"z\"\n";
}
Policies policies_of(const Sources &sources, std::size_t cores = 2) {
  rules::Compiled compiled = rules::compile(sources, 0);
  EXPECT_TRUE(compiled.rules) << rules::render(compiled.diagnostics, sources, false);
  return std::make_shared<const Policy>(compiled.rules, cores);
}
void count(const Hits &hits_of_core, rules::RuleId rule, std::uint64_t packets, UnixSeconds at) {
  auto &hits = const_cast<Hits &>(hits_of_core)[rule];
  hits.packets.add(packets);
  hits.octets.add(packets * 100);
  hits.last_used.store(at);
}

struct Files {
  test::Folder folder;
  int first, second;
  Files()
      : first(::open((folder.path() + "/0").c_str(), O_RDWR | O_CREAT, 0600)),
        second(::open((folder.path() + "/1").c_str(), O_RDWR | O_CREAT, 0600)) {}
  ~Files() {
    ::close(first);
    ::close(second);
  }
};

TEST(HitBook, CountsOnOverAReloadThatMovesSentences) {
  Sources one = town(permit(80) + permit(443)), two = town("\n\n" + permit(443) + permit(25) + permit(80));
  HitBook book;
  Policies before = policies_of(one);
  book.adopt(before, rules::sentence_texts(one));
  count(*before->hits(0), 0, 5, 1000);
  count(*before->hits(1), 0, 6, 1001);
  count(*before->hits(0), 1, 7, 1002);
  EXPECT_EQ(book.total(0).packets, 11u);
  book.adopt(policies_of(two), rules::sentence_texts(two));
  EXPECT_EQ(book.total(0).packets, 7u) << "port 443";
  EXPECT_EQ(book.total(1).packets, 0u) << "port 25";
  EXPECT_EQ(book.total(2).packets, 11u) << "port 80";
  EXPECT_EQ(book.total(2).octets, 1100u);
  EXPECT_EQ(book.total(2).last_used, 1001);
}

TEST(HitBook, WhatFlowsOfFormerRulesStillCarryCounts) {
  Sources one = town(permit(80));
  HitBook book;
  Policies before = policies_of(one);
  std::shared_ptr<Hits> core = before->hits(1); // as a core keeps it for its flows
  book.adopt(before, rules::sentence_texts(one));
  before.reset();
  book.adopt(policies_of(one), rules::sentence_texts(one));
  count(*core, 0, 9, 1000);
  book.encode();
  EXPECT_EQ(book.total(0).packets, 9u);
  count(*core, 0, 1, 1000);
  book.encode();
  book.encode();
  EXPECT_EQ(book.total(0).packets, 10u) << "once each";
}

TEST(HitBook, TheSameSentenceTwiceHasTwoCounters) {
  Sources one = town(permit(80) + permit(80));
  HitBook book;
  Policies policies = policies_of(one);
  book.adopt(policies, rules::sentence_texts(one));
  count(*policies->hits(0), 1, 3, 1000);
  book.adopt(policies_of(one), rules::sentence_texts(one));
  EXPECT_EQ(book.total(0).packets, 0u);
  EXPECT_EQ(book.total(1).packets, 3u);
}

TEST(HitBook, SurvivesARestartAndARuleThatWasGone) {
  Files files;
  Sources one = town(permit(80) + permit(443)), without = town(permit(80));
  {
    HitBook book;
    TwinFiles kept(files.first, files.second);
    EXPECT_TRUE(kept.load()->empty());
    Policies policies = policies_of(one);
    book.adopt(policies, rules::sentence_texts(one));
    count(*policies->hits(0), 1, 4, 1234);
    ASSERT_TRUE(kept.save(book.encode()));
    count(*policies->hits(0), 1, 4, 1235);
    ASSERT_TRUE(kept.save(book.encode()));
  }
  {
    HitBook book;
    TwinFiles kept(files.first, files.second);
    ASSERT_TRUE(book.decode(*kept.load()));
    book.adopt(policies_of(without), rules::sentence_texts(without));
    ASSERT_TRUE(kept.save(book.encode()));
  }
  HitBook book;
  TwinFiles kept(files.first, files.second);
  ASSERT_TRUE(book.decode(*kept.load()));
  book.adopt(policies_of(one), rules::sentence_texts(one));
  EXPECT_EQ(book.total(1).packets, 8u);
  EXPECT_EQ(book.total(1).last_used, 1235);
}

TEST(HitBook, TakesNothingOfAnOddText) {
  HitBook book;
  EXPECT_FALSE(book.decode(Buffer(33)));
  EXPECT_TRUE(book.decode(Buffer()));
}

/// A power cut while the later file is written: the former one counts.  Both gone: told.
TEST(TwinFiles, DamageCostsTheLastWriteAtMost) {
  Files files;
  TwinFiles kept(files.first, files.second);
  ASSERT_TRUE(kept.save(as_bytes("former, and longer"))); // file 1
  ASSERT_TRUE(kept.save(as_bytes("later")));              // file 0
  auto read = [&] {
    Result<Buffer> content = TwinFiles(files.first, files.second).load();
    return content ? std::string(as_chars(*content)) : "damaged";
  };
  EXPECT_EQ(read(), "later");
  std::string later = files.folder.read("0");
  for (std::size_t i = 0; i < later.size(); ++i) {
    std::string broken = later;
    broken[i] = static_cast<char>(broken[i] ^ 0x10);
    files.folder.write("0", broken);
    EXPECT_EQ(read(), "former, and longer") << i;
    files.folder.write("0", later.substr(0, i));
    EXPECT_EQ(read(), "former, and longer") << i;
  }
  files.folder.write("1", "x");
  EXPECT_EQ(read(), "damaged");
  files.folder.write("0", later);
  EXPECT_EQ(read(), "later");
  ASSERT_TRUE(kept.save(as_bytes("third"))); // over the longer one
  EXPECT_EQ(read(), "third");
}

TEST(TwinFiles, NoneKeepNothing) {
  TwinFiles none(-1, -1);
  EXPECT_TRUE(none.save(as_bytes("x")));
  EXPECT_TRUE(none.load()->empty());
}

} // namespace
} // namespace sekisho::path
