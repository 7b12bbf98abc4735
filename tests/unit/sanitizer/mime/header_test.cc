#include "sanitizer/mime/address.hh"
#include "sanitizer/mime/automatic.hh"
#include "sanitizer/mime/header.hh"


#include <gtest/gtest.h>

#include <ctime>
namespace sekisho::mime {
namespace {

TEST(EncodedWord, joined_and_tolerant) {
  EXPECT_EQ(decode_text(" =?UTF-8?B?5pel?= =?UTF-8?B?5pys?=\r\n"), "日本");
  EXPECT_EQ(decode_text("=?UTF-8?B?5pel5g==?=\r\n =?utf-8?Q?=9C=AC?="), "日本") << "cut inside 本";
  EXPECT_EQ(decode_text("=?UTF-8?B?5pel5p?=\r\n =?UTF-8?B?ys5p?=\r\n =?UTF-8?B?el?="), "日本日") << "cut inside of four letters";
  EXPECT_EQ(decode_text("=?UTF-8?B?5pel5g?= =?UTF-8?B?nKzm?= =?UTF-8?Q?=97=A5?="), "日本日") << "padding left out";
  EXPECT_EQ(decode_text("=?UTF-8?B?5pel5g?= x"), "日\ufffd x");
  EXPECT_EQ(decode_text("a =?UTF-8?Q?b_c=20?= d"), "a b c  d");
  EXPECT_EQ(decode_text("=?ISO-2022-JP*ja?B?GyRCRnwbKEI=?="), "日");
  EXPECT_EQ(decode_text("x=?UTF-8?B?5pel?=y"), "x日y") << "no white space around it";
  EXPECT_EQ(decode_text("=?utf-8?q?a b?="), "a b") << "spaces inside";
  EXPECT_EQ(decode_text("=?x?= =?utf-8?X?a?= =?utf-8?B?"), "=?x?= =?utf-8?X?a?= =?utf-8?B?");
  EXPECT_EQ(decode_text("\x93\xfa\x96\x7b\x8c\xea\x82\xcc\x8c\x8f\x96\xbc"), "日本語の件名")
      << "raw CP932";
  EXPECT_EQ(decode_text("=?iso-8859-1?B?5pel?="), "日") << "wrong charset";
}

TEST(EncodedWord, attacks_stay_linear) {
  for (std::string_view unit :
       {"=?", "=?a?b?", "=?utf-8?q?", "?=", "=?utf-8?q?a?= ", "=?x?y?z?="}) {
    std::string value;
    while (value.size() < (1u << 20))
      value += unit;
    const std::clock_t start = std::clock();
    (void)decode_text(value);
    (void)parse_parameterized(value);
    (void)parse_addresses(value, 500);
    EXPECT_LT((std::clock() - start) / CLOCKS_PER_SEC, 10) << unit;
  }
}

std::string parameter(std::string_view value, std::string_view name) {
  Parameterized parsed = parse_parameterized(value);
  const std::string *found = parsed.find(name);
  return found ? *found : "(none)";
}

TEST(Parameters, forms) {
  EXPECT_EQ(parse_parameterized(" Text/HTML ; charset=x").value, "text/html");
  EXPECT_EQ(parse_parameterized("text/plain (a;b)").value, "text/plain");
  EXPECT_EQ(parameter("a/b; Name=x", "name"), "x");
  EXPECT_EQ(parameter("a/b; name=copy(1).txt", "name"), "copy(1).txt");
  EXPECT_EQ(parameter("a/b; name=\"a\\\"b;c\"; x=y", "name"), "a\"b;c");
  EXPECT_EQ(parameter("a/b; name=two words.txt; x=y", "name"), "two words.txt");
  EXPECT_EQ(parameter("a/b; name*=utf-8'ja'%E6%97%A5.txt", "name"), "日.txt");
  EXPECT_EQ(parameter("a/b; name*1=b; name*0=a", "name"), "ab");
  EXPECT_EQ(parameter("a/b; name*0*=utf-8''%E6%97; name*1*=%A5.txt", "name"), "日.txt");
  EXPECT_EQ(parameter("a/b; name=\"=?UTF-8?B?5pel?=.txt\"", "name"), "日.txt");
  EXPECT_EQ(parameter("a/b; name=\"\x95\x5c.txt\"", "name"), "表.txt") << "octet 0x5c of Shift_JIS";
  EXPECT_EQ(parameter("a/b; name=\"\x1b$B\"\"\x1b(B.txt\"; x=y", "x"), "y") << "quotes inside JIS";
  EXPECT_EQ(parameter("a/b;; ; =x; name", "name"), "");
  EXPECT_EQ(parameter("a/b; name=\"never closed", "name"), "never closed");
  EXPECT_EQ(parameter("a/b; boundary=b1 (by a tool); x=y", "boundary"), "b1");
  EXPECT_EQ(parameter("a/b; boundary=b(1)", "boundary"), "b(1)");
  EXPECT_EQ(parameter("a/b; boundary=\"b\\1\"", "boundary"), "b1");
  EXPECT_EQ(parameter("a/b; name=copy (1).txt", "name"), "copy (1).txt");
  EXPECT_EQ(parameter("a/b; filename=\"C:\\dir\\a.txt\"", "filename"), "C:\\dir\\a.txt");
}

TEST(Parameters, a_forgotten_semicolon) {
  Parameterized type = parse_parameterized("multipart/mixed\r\n\tboundary=\"a b\"; x=y");
  EXPECT_EQ(type.value, "multipart/mixed");
  EXPECT_TRUE(type.ambiguous); // others see no boundary
  EXPECT_EQ(parameter("multipart/mixed boundary=\"a b\"; x=y", "boundary"), "a b");
  EXPECT_EQ(parameter("multipart/mixed boundary=\"a b\"; x=y", "x"), "y");
  EXPECT_FALSE(parse_parameterized("text / plain ; a=b").ambiguous);
}

TEST(Parameters, two_readings_are_noticed) {
  EXPECT_TRUE(parse_parameterized("a/b; boundary=x; boundary=y").ambiguous);
  EXPECT_FALSE(parse_parameterized("a/b; boundary=x; boundary=x").ambiguous);
  EXPECT_TRUE(parse_parameterized("a; filename=a.txt; filename*=utf-8''a.exe").ambiguous);
  EXPECT_FALSE(parse_parameterized("a; filename=a.txt; filename*=utf-8''%E6%97%A5.txt").ambiguous);
  EXPECT_TRUE(parse_parameterized("a; filename*0=a; filename*0=b").ambiguous);
  EXPECT_TRUE(parse_parameterized("a/b; boundary*=us-ascii''a%62; boundary=zz").ambiguous);
  EXPECT_FALSE(parse_parameterized("a/b; boundary*=us-ascii''a%62; boundary=ab").ambiguous);
}

TEST(Address, forms) {
  auto one = [](std::string_view value) {
    std::vector<Mailbox> all = parse_addresses(value, 10);
    return all.size() == 1 ? all[0].name + "|" + all[0].address : std::to_string(all.size());
  };
  EXPECT_EQ(one("a@example.jp"), "|a@example.jp");
  EXPECT_EQ(one("\"Yamada, Taro\" <a@example.jp>"), "Yamada, Taro|a@example.jp");
  EXPECT_EQ(one("a@example.jp (Taro)"), "Taro|a@example.jp");
  EXPECT_EQ(one("=?UTF-8?B?5pel?= <a@example.jp>"), "日|a@example.jp");
  EXPECT_EQ(one("=?UTF-8?B?YUBldmlsLmV4YW1wbGU+?= <a@example.jp>"), "a@evil.example>|a@example.jp");
  EXPECT_EQ(one("Taro <a@例え.jp>"), "Taro|a@xn--r8jz45g.jp") << "RFC 5890: can be answered by everybody";
  EXPECT_EQ(one("a@例え.jp"), "|a@xn--r8jz45g.jp");
  EXPECT_EQ(one("Taro <a@\xff\xfe.jp>"), "Taro|") << "no UTF-8";
  EXPECT_EQ(one("太郎@例え.jp"), "太郎@例え.jp|") << "only SMTPUTF8 could carry it";
  for (const char *sign : {"＞", "＠", "　", "；", "＂", "﹥", "．．", "℀", "\u2028", "／"})
    EXPECT_TRUE(one(std::string("Taro <a@b") + sign + "例え.jp>").ends_with('|')) << "maps to what no name has: " << sign;
  EXPECT_EQ(one("a@ｅｘａｍｐｌｅ。jp"), "|a@example.jp");
  const std::string jis = "\x1b$B;3ED\x1b(B", kana = "\x1b(I<\"\x1b(B";
  EXPECT_EQ(one(jis + " <a@b.jp>"), "山田|a@b.jp");
  EXPECT_EQ(one("a@b.jp (" + jis + ")"), "山田|a@b.jp");
  EXPECT_EQ(one("\"" + jis + "\" <a@b.jp>"), "山田|a@b.jp");
  EXPECT_EQ(one(kana + " <a@b.jp>"), "ｼ｢|a@b.jp") << "octets that are signs otherwise";
  EXPECT_EQ(one("\"\x95\x5c\" <a@b.jp>"), "表|a@b.jp") << "octet 0x5c of Shift_JIS";
  EXPECT_EQ(one("a@b.jp (\x95\x5c)"), "表|a@b.jp");
  EXPECT_EQ(one("\"\x93\xfa\\\"\x96\x7b\" <a@b.jp>"), "日\"本|a@b.jp");
  EXPECT_EQ(one("a . b @ example . jp"), "|a.b@example.jp");
  EXPECT_EQ(one("<a.b@\r\n example.jp>"), "|a.b@example.jp");
  EXPECT_EQ(one("<@x.jp, @y.jp: a@b.jp>"), "|a@b.jp");
  EXPECT_EQ(one("\"a.b\"@c.jp"), "|a.b@c.jp");
  for (const char *somebody : {"\"yamada taro\"@b.jp", "\" taro\"@b.jp", "<yamada taro@b.jp>", "<\"yamada taro\"@b.jp>", "j(c)d@b.jp", "yamada taro@b.jp",
                               "a@b.jp yamada", "a@b.jp 山田", "a@b. jp c", "<a@b.jp c@d.jp>"})
    EXPECT_TRUE(one(somebody).ends_with('|')) << somebody;
  EXPECT_EQ(one("\"yamada taro\"@b.jp"), "yamada taro@b.jp|");
  EXPECT_EQ(one("Taro(T)Yamada <a@b.jp>"), "Taro Yamada|a@b.jp");
  EXPECT_EQ(one("no address"), "no address|");
  EXPECT_EQ(one("undisclosed-recipients:;"), "0");
  EXPECT_EQ(parse_addresses("g: a@b.jp, c@d.jp;, e@f.jp", 10).size(), 3u);
  EXPECT_EQ(parse_addresses("a@b.jp, c@d.jp, e@f.jp", 2).size(), 2u);
  const std::vector<Mailbox> two = parse_addresses("Taro <a@b.jp> <c@d.jp>, e@f.jp", 10);
  ASSERT_EQ(two.size(), 3u) << "a comma is missing";
  EXPECT_EQ(two[0].address + two[1].address, "a@b.jpc@d.jp");
  EXPECT_EQ(one("Taro <a@b.jp> <a@B.jp>"), "Taro|a@b.jp") << "the same twice";
  EXPECT_EQ(one("Taro <a@b.jp> <work>"), "Taro|a@b.jp");
  for (const char *bad :
       {"a", "@b", "a@", "a@b..c", "a b@c", "a@b c", "a@b>c", "a\n@b", "日@b", "a@日"})
    EXPECT_FALSE(is_address(bad)) << bad;
}

/// A comma in a name without quotes.  Who is an author by himself stays one, whatever stands behind him.
TEST(Address, names_with_commas) {
  const auto all = [](std::string_view value, std::size_t limit = 10) {
    std::string text;
    for (const Mailbox &mailbox : parse_addresses(value, limit))
      text += "[" + mailbox.name + "|" + mailbox.address + "]";
    return text;
  };
  EXPECT_EQ(all("株式会社サンプル, 営業部 <a@b.jp>"), "[株式会社サンプル, 営業部|a@b.jp]");
  EXPECT_EQ(all("=?UTF-8?B?5pel?=, Desk <a@b.jp>"), "[日, Desk|a@b.jp]");
  EXPECT_EQ(all("山田;総務 <a@b.jp>"), "[山田;総務|a@b.jp]");
  EXPECT_EQ(all("A, B, C <a@b.jp>, D, E <e@f.jp>"), "[A, B, C|a@b.jp][D, E|e@f.jp]");
  EXPECT_EQ(all("Yamada, <a@b.jp>"), "[Yamada|a@b.jp]");
  EXPECT_EQ(all("Yamada, a@b.jp"), "[Yamada|][|a@b.jp]");
  EXPECT_EQ(all("a@b.jp, Taro"), "[|a@b.jp][Taro|]");
  EXPECT_EQ(all("g: A, B <a@b.jp>; C <c@d.jp>"), "[A, B|a@b.jp][C|c@d.jp]");
  EXPECT_EQ(all("g: A; B <a@b.jp>"), "[A|][B|a@b.jp]");
  EXPECT_EQ(all("A, g: B <a@b.jp>;"), "[A|][B|a@b.jp]");
  for (const char *author : {"x@y.jp", "<x@y.jp>", "x y@z.jp", "太郎@例え.jp", "x (x@y.jp)", "=?utf-8?q?x=40y.jp?=", "X <x>", "X <x@y.jp>"})
    for (const std::size_t limit : {2u, 10u})
      EXPECT_EQ(parse_addresses(std::string(author) + ", B <a@b.jp>", limit).size(), 2u) << author;
  for (const std::size_t limit : {1u, 2u, 10u})
    EXPECT_EQ(all("A, B, C <a@b.jp>", limit), "[A, B, C|a@b.jp]") << "the guard reads no more than two";
  // What has no comma before it ends the names as well: nobody behind it is lost, and nobody before it.
  EXPECT_EQ(all("a@b.jp, X, Z, <> <a@b.jp>, c@d.jp, e@f.jp"), "[|a@b.jp][X|][Z|][|a@b.jp][|c@d.jp][|e@f.jp]");
  EXPECT_EQ(all("a@b.jp, X, <> <a@b.jp>, <c@d.jp>, e@f.jp"), "[|a@b.jp][X|][|a@b.jp][|c@d.jp][|e@f.jp]");
  EXPECT_EQ(all("a@b.jp, X, <x> <a@b.jp> <a@b.jp>, <c@d.jp>"), "[|a@b.jp][X|][x|][|a@b.jp][|c@d.jp]");
  EXPECT_EQ(all("a@b.jp, X, Y <a@b.jp> <a@b.jp>, <c@d.jp>"), "[|a@b.jp][X, Y|a@b.jp][|c@d.jp]");
  EXPECT_EQ(all("a@b.jp, a@b.jp, a@b.jp, X, <> <a@b.jp> <a@b.jp> <a@b.jp> <a@b.jp>, z@z.jp"),
            "[|a@b.jp][|a@b.jp][|a@b.jp][X|][|a@b.jp][|z@z.jp]");
  EXPECT_EQ(all("a@good.jp, b@good.jp, X, Y, <> <b@good.jp>, <evil@x.jp>", 2), "[|a@good.jp][|b@good.jp]");
  EXPECT_EQ(all("総務課, 財政課, <> <soumu@b.jp>, <zaisei@b.jp>", 2), "[総務課|][財政課|]");
  std::string many;
  for (int i = 0; i < 100; ++i)
    many += "A,";
  EXPECT_EQ(parse_addresses(many + "B <a@b.jp>", 500).back().address, "a@b.jp");
  EXPECT_LE(parse_addresses(many, 3).size(), 3u);
}

/// A name without quotes may hold a colon (RFC 5322 §4.1 forbids it, programs write it); a group ends with ';'.
TEST(Address, names_with_colons) {
  const auto all = [](std::string_view value) {
    std::string text;
    for (const Mailbox &mailbox : parse_addresses(value, 10))
      text += "[" + mailbox.name + "|" + mailbox.address + "]";
    return text;
  };
  EXPECT_EQ(all("【重要:至急】総務課 <a@b.jp>"), "[【重要:至急】総務課|a@b.jp]");
  EXPECT_EQ(all("Re: Fw: Yamada <a@b.jp>, 見本町:総務 <c@d.jp>"), "[Re: Fw: Yamada|a@b.jp][見本町:総務|c@d.jp]");
  EXPECT_EQ(all("Yamada, Office: Taro <a@b.jp>"), "[Yamada, Office: Taro|a@b.jp]");
  EXPECT_EQ(all("\x1b$B8+K\\D.\x1b(B: \x1b$B;3ED\x1b(B <a@b.jp>"), "[見本町: 山田|a@b.jp]") << "a ';' of ISO-2022-JP ends nothing";
  EXPECT_EQ(all(": <a@b.jp>"), "[|a@b.jp]");
  EXPECT_EQ(all("g: Taro <a@b.jp>; Re: Jiro <c@d.jp>"), "[Taro|a@b.jp][Re: Jiro|c@d.jp]");
  EXPECT_EQ(all("g: a@b.jp, Taro <c@d.jp>"), "[|a@b.jp][Taro|c@d.jp]") << "a group without its end";
  EXPECT_EQ(all("undisclosed-recipients:"), "");
  EXPECT_EQ(all("関係各位: a@b.jp, 山田 <c@d.jp>;, e@f.jp"), "[|a@b.jp][山田|c@d.jp][|e@f.jp]");
}

/// A field of a thousand recipients and more is read to where an element ends.
TEST(Address, long_lists) {
  const std::string name(200, 'x');
  std::string list;
  for (int i = 0; i < 1000; ++i)
    list += name + " <u" + std::to_string(i) + "@b.jp>,\r\n ";
  EXPECT_EQ(parse_addresses(list, 2000).size(), 1000u);
  EXPECT_EQ(parse_addresses(list, 2000).back().address, "u999@b.jp");
  while (list.size() < most_of_list)
    list += list;
  for (const Mailbox &mailbox : parse_addresses(list, 100'000))
    EXPECT_TRUE(mailbox.address.ends_with("@b.jp") && mailbox.name.size() == 200) << mailbox.address;
}

TEST(Address, message_ids) {
  EXPECT_TRUE(is_message_id("<a.b@c>"));
  for (const char *bad :
       {"<a@b", "a@b", "<a>", "<@b>", "<a@>", "<a b@c>", "<a\n@b>", "<a@b>x", "<=?a@b>"})
    EXPECT_FALSE(is_message_id(bad)) << bad;
  EXPECT_EQ(parse_message_ids("<a@b>\r\n\t<c@d>x<bad> <e@f>", 2),
            (std::vector<std::string>{"<a@b>", "<e@f>"}));
  EXPECT_EQ(parse_message_ids("<1@a> <2@a> <3@a> <4@a>", 3), (std::vector<std::string>{"<1@a>", "<3@a>", "<4@a>"})) << "what began the thread";
  EXPECT_EQ(parse_message_ids("<1@a> <2@a>", 1), (std::vector<std::string>{"<2@a>"}));
  EXPECT_EQ(parse_message_ids("<a b@x> <2@\r\n a>", 9), (std::vector<std::string>{"<ab@x>", "<2@a>"})) << "as in Message-ID";
  EXPECT_EQ(parse_message_ids("abc@x def@x", 9), (std::vector<std::string>{"<abc@x>", "<def@x>"}));
  for (const char *words : {"Message from a@b of Thu", "a@b, c@d", "", "abc"})
    EXPECT_TRUE(parse_message_ids(words, 9).empty()) << words;
}

// RFC 3834 §5 and §3.1.8, RFC 2919, MS-OXCMAIL §2.1.3.2.18: whatever the field holds, what is taken is of our list.
TEST(Automatic, known_words_alone) {
  struct Case {
    const char *name, *value, *taken;
  };
  const std::string longest = std::string(127, 'a') + '.' + std::string(127, 'b');
  const std::string list = "\"the <x@y.example> list\" <" + longest + ">", list_taken = '<' + longest + '>';
  const std::string list_too_long = '<' + longest + "b>";
  for (auto [name, value, taken] : std::initializer_list<Case>{
           {"Auto-Submitted", "auto-replied", "auto-replied"},
           {"auto-submitted", " No\r\n", "no"},
           {"AUTO-SUBMITTED", " AUTO-Generated; owner-email=\"a@example.jp\"; x=y", "auto-generated"},
           {"Auto-Submitted", "(vacation)\r\n auto-replied (rejected)", "auto-replied"},
           {"Auto-Submitted", "auto-notified", ""},
           {"Auto-Submitted", "yes", ""},
           {"Auto-Submitted", "auto-replied, no", ""},
           {"Auto-Submitted", "", ""},
           {"Auto-Submitte", "no", ""},
           {"Precedence", "Bulk", "bulk"},
           {"Precedence", "list", "list"},
           {"precedence", " junk ", "junk"},
           {"Precedence", "first-class", ""},
           {"Precedence", "bulk\r\n x", ""},
           {"X-Auto-Response-Suppress", "OOF,  autoreply,dr", "DR, OOF, AutoReply"},
           {"X-Auto-Response-Suppress", "All", "All"},
           {"X-Auto-Response-Suppress", "none, none, <script>", "None"},
           {"X-Auto-Response-Suppress", "RN;NRN", ""},
           {"X-Auto-Response-Suppress", ",, ,", ""},
           {"X-Auto-Response-Suppress", "OOFX, DRN", ""},
           {"List-Id", "=?UTF-8?B?5pel?= (x) <fire.town.example>", "<fire.town.example>"},
           {"List-ID", "<a!#$%&'*+-/=^_`{|}~.0>", "<a!#$%&'*+-/=^_`{|}~.0>"},
           {"List-Id", list.c_str(), list_taken.c_str()},
           {"List-Id", list_too_long.c_str(), ""},
           {"List-Id", "fire.town.example", ""},
           {"List-Id", "<fire.town.example", ""},
           {"List-Id", "fire.town.example>", ""},
           {"List-Id", "<>", ""},
           {"List-Id", "<.a>", ""},
           {"List-Id", "<a.>", ""},
           {"List-Id", "<a..b>", ""},
           {"List-Id", "<a b>", ""},
           {"List-Id", "<a@b>", ""},
           {"List-Id", "<\"a\">", ""},
           {"List-Id", "<日.example>", ""},
           {"List-Id", "<=?utf-8?B?5pel?=>", ""},
           {"List-Unsubscribe", "<a.example>", ""},
       })
    EXPECT_EQ(automatic_value({name, value}), taken) << name << ": " << value;
}

TEST(Automatic, the_first_that_says_something_counts) {
  const std::vector<AutomaticField> found = read_automatic({{"List-Id", "<a.example>"},
                                                            {"Precedence", "urgent"},
                                                            {"precedence", "Junk"},
                                                            {"Precedence", "list"},
                                                            {"list-id", "<b.example>"},
                                                            {"Subject", "no"}});
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].name, "Precedence");
  EXPECT_EQ(found[0].value, "junk");
  EXPECT_EQ(found[1].name, "List-Id");
  EXPECT_EQ(found[1].value, "<a.example>");
}

TEST(Date, forms) {
  EXPECT_EQ(canonical_date("Fri, 20 Nov 2026 19:00:00 +0900"), "Fri, 20 Nov 2026 19:00:00 +0900");
  EXPECT_EQ(canonical_date("Mon, 20 Nov 2026 19:00:00 +0900 (JST)"),
            "Fri, 20 Nov 2026 19:00:00 +0900")
      << "the weekday is computed";
  EXPECT_EQ(canonical_date("20 nov 26 9:05 JST"), "Fri, 20 Nov 2026 09:05:00 +0900");
  EXPECT_EQ(canonical_date("29 Feb 2024 00:00:00 GMT"), "Thu, 29 Feb 2024 00:00:00 +0000");
  for (const char *same : {"Fri, 20 Nov 2026 19:00:00 GMT+0900", "Fri,20 Nov 2026 19:00:00 \"JST\"", "金, 20 11月 2026 19:00:00 +0900", "20-Nov-2026 19:00:00 +0900",
                           "Fri, 20 Nov 2026 19.00.00 +0900", "Fri, 20 Nov 2026 19:00:00+0900", "Fri Nov 20 19:00:00 JST 2026", "Fri Nov 20 19:00:00 2026 +0900",
                           "2026/11/20 19:00:00 +0900", "2026-11-20 19:00 JST"})
    EXPECT_EQ(canonical_date(same), "Fri, 20 Nov 2026 19:00:00 +0900") << same;
  EXPECT_EQ(canonical_date("Fri Nov  6 19:00:00 2026"), "Fri, 06 Nov 2026 19:00:00 -0000");
  EXPECT_EQ(canonical_date("2026/11/20 19:00:00"), "Fri, 20 Nov 2026 19:00:00 -0000");
  for (const char *bad : {"", "yesterday", "20/11/2026 10:00:00", "11/20/2026 10:00:00", "2026/13/01 10:00:00", "20 13月 2026 10:00 GMT", "Nov 20 10:00:00", "20 11 2026 10:00", "29 Feb 2023 00:00:00 GMT", "32 Jan 2026 00:00 GMT",
                          "20 Nov 2026 24:00:00 GMT", "20 Nov 2026", "20 Nov 1026 10:00:00 +0900",
                          "20 Foo 2026 10:00:00 +0900", "-1 Jan 2026 10:00 GMT"})
    EXPECT_EQ(canonical_date(bad), "") << bad;
}

TEST(Date, of_a_time) {
  EXPECT_EQ(date_of(1'795'172'742), "Fri, 20 Nov 2026 11:05:42 +0000");
  for (const UnixSeconds time : {UnixSeconds{0}, UnixSeconds{951'782'400}, UnixSeconds{253'402'300'799}})
    EXPECT_EQ(canonical_date(date_of(time)), date_of(time)) << time;
  EXPECT_EQ(date_of(253'402'300'799), "Fri, 31 Dec 9999 23:59:59 +0000");
}

} // namespace
} // namespace sekisho::mime
