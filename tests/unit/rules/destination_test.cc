// M7: listed domains, free mail, network storage.
#include "rules/relay_guard.hh"

#include <gtest/gtest.h>

namespace sekisho::rules {
namespace {

GuardRule rule(std::vector<std::string> destinations) {
  GuardRule rule;
  rule.destinations = std::move(destinations);
  rule.free_mail = std::make_shared<const DomainList>(read_domain_list(built_in_free_mail()).list);
  rule.network_storage = std::make_shared<const DomainList>(read_domain_list(built_in_network_storage()).list);
  return rule;
}

TEST(Destination, lists_cover_what_is_below_a_domain) {
  const GuardRule any = rule({"*"});
  EXPECT_EQ(judge_destination(any, "taro@gmail.com"), Reason::free_mail);
  EXPECT_EQ(judge_destination(any, "Taro@Mail.YAHOO.co.jp"), Reason::free_mail);
  EXPECT_EQ(judge_destination(any, "a@notgmail.com"), Reason::none);
  EXPECT_EQ(judge_destination(any, "save@eu.dropbox.com"), Reason::network_storage);
  EXPECT_EQ(judge_destination(any, "a@pref.example.lg.jp"), Reason::none);
}

TEST(Destination, only_listed_domains) {
  const GuardRule some = rule({"*@*.lg.jp", "*@company.example", "hana@other.example", "taro@gmail.com"});
  EXPECT_EQ(judge_destination(some, "a@city.example.lg.jp"), Reason::none);
  EXPECT_EQ(judge_destination(some, "a@lg.jp"), Reason::domain_unlisted);
  GuardRule below;
  below.destinations = {"*@*.lg.jp"};
  EXPECT_EQ(judge_destination(below, "a@city.lg.jp"), Reason::none);
  for (const char *no_name : {"x@gmail.com> orcpt=rfc822;x.lg.jp", "x@gmail.com＞　orcpt＝rfc822；x.lg.jp"})
    EXPECT_EQ(judge_destination(below, no_name), Reason::domain_unlisted) << no_name;
  EXPECT_EQ(judge_destination(some, "a@evillg.jp"), Reason::domain_unlisted);
  EXPECT_EQ(judge_destination(some, "A@Company.example"), Reason::none);
  EXPECT_EQ(judge_destination(some, "a@sub.company.example"), Reason::domain_unlisted);
  EXPECT_EQ(judge_destination(some, "hana@other.example"), Reason::none);
  EXPECT_EQ(judge_destination(some, "taro@other.example"), Reason::domain_unlisted);
  EXPECT_EQ(judge_destination(some, "taro@gmail.com"), Reason::none) << "named itself";
  EXPECT_EQ(judge_destination(some, "jiro@gmail.com"), Reason::free_mail);
}

TEST(Destination, another_name_for_the_same_place_passes_no_list) {
  const GuardRule any = rule({"*"});
  for (const char *address : {"taro@gm\u00e0il.com", "taro@\uff47mail.com", "taro@[142.250.1.26]", "taro@[IPv6:2404:6800::1]",
                              "taro@142.250.1.26"})
    EXPECT_EQ(judge_destination(any, address), Reason::domain_unlisted) << address;
  EXPECT_EQ(judge_destination(rule({"*", "*@\u4f8b\u3048.example"}), "a@\u4f8b\u3048.example"), Reason::none) << "named itself";
  GuardRule open = rule({"*"});
  open.free_mail.reset();
  open.network_storage.reset();
  EXPECT_EQ(judge_destination(open, "taro@[192.0.2.1]"), Reason::none) << "no list stands";
}

TEST(Destination, the_lists_that_come_with_it_are_whole) {
  for (std::string_view text : {built_in_free_mail(), built_in_network_storage()}) {
    const ReadDomains read = read_domain_list(text);
    EXPECT_TRUE(read.findings.empty()) << read.findings.front().text;
    EXPECT_GT(read.list.size(), 10u);
  }
}

TEST(Destination, a_list_tells_its_errors_by_place) {
  const ReadDomains read = read_domain_list("# x\r\nGMail.com # y\n\n  例え.example\nlocalhost\na..b.example\n");
  EXPECT_TRUE(read.list.has("gmail.com"));
  ASSERT_EQ(read.findings.size(), 3u);
  EXPECT_EQ(read.findings[0].line, 4u);
  EXPECT_EQ(read.findings[0].first_column, 3u);
  EXPECT_EQ(read.findings[0].last_column, 12u);
}

} // namespace
} // namespace sekisho::rules
