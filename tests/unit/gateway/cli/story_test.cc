#include "gateway/cli/daemon.hh"
#include "gateway/cli/members.hh"
#include "gateway/cli/story.hh"

#include <gtest/gtest.h>

namespace sekisho::cli {
namespace {

std::string story(const char *events) {
  return tell_story("R1", nlohmann::ordered_json::parse(events));
}

bool has(const std::string &text, std::string_view part) { return text.find(part) != std::string::npos; }

TEST(Story, TellsAWholeMail) {
  std::string text = story(R"([
    {"seq":1,"time":"2026-11-20T10:00:00Z","event":"mail-received","role":"relay","receipt":"R1","relay":"inbound",
     "client":"10.3.0.50","helo":"mail.example","sender":"a@example.jp","recipients":["tax@town.example.lg.jp"],"size":1234},
    {"seq":2,"time":"2026-11-20T10:00:01Z","event":"mail-treated","receipt":"R1","outcome":"clean","reason":"none",
     "report":{"subject":"申告書","received":["from mx.example by relay.example; Fri"],"input_sha256":"aa","parts":[
       {"path":"2","name":"a.docm","kind":"ooxml-macro","size":9,"action":"stripped","reasons":["macro"]},
       {"path":"3","name":"b.pdf","kind":"pdf","size":8,"action":"rendered","reasons":["rendered"],"output_name":"b.pdf"}]}},
    {"seq":3,"time":"2026-11-20T10:00:02Z","event":"mail-delivered","receipt":"R1","next_hop":"10.2.0.25:25",
     "answer":"250 2.0.0 Ok: queued","original_kept":true}])");
  for (const char *part : {"2026-11-20T10:00:00Z", "10.3.0.50", "a@example.jp", "tax@town.example.lg.jp", "1234 octets",
                           "申告書", "from mx.example by relay.example; Fri", "a.docm", "taken out", "除去した", "an Office file with a macro",
                           "マクロ付きOfficeファイル", "b.pdf", "drawn as pixels", "10.2.0.25:25",
                           "250 2.0.0 Ok: queued", "kept in the hold"})
    EXPECT_TRUE(has(text, part)) << part << "\n" << text;
}

TEST(Story, MissingAndOddMembersDoNotStopIt) {
  for (const char *event :
       {R"({})", R"({"event":7})", R"({"event":"mail-treated","report":[]})", R"(7)", R"(null)", R"("x")",
        R"({"event":"mail-treated","report":{"parts":[7,null,{"reasons":[{"a":1}]}],"reasons":7}})",
        R"({"event":"mail-treated","report":{"received":[7,null,["x"]]}})",
        R"({"event":"mail-received","recipients":{"a":[1,2]},"size":"many"})", R"({"event":"new-kind","a":1.5})"})
    EXPECT_FALSE(story((std::string("[") + event + "]").c_str()).empty()) << event;
  EXPECT_TRUE(has(story(R"([{"event":"new-kind","a":1.5,"reason":"not-listed"}])"), "no rule lists this flow"));
}

TEST(Story, WhatMayHaveArrivedIsNotCalledUndelivered) { // L1
  EXPECT_TRUE(has(story(R"([{"event":"mail-deferred","may_have_arrived":true}])"), "it may have arrived"));
  const std::string held = story(R"([{"event":"mail-held","may_have_arrived":true}])");
  EXPECT_TRUE(has(held, "no delivery was confirmed") && has(held, "配送は未確認") && !has(held, "nothing was delivered")) << held;
  EXPECT_TRUE(has(story(R"([{"event":"mail-held"}])"), "nothing was delivered"));
}

TEST(Story, ANullSenderIsTold) {
  EXPECT_TRUE(has(story(R"([{"event":"mail-received","sender":""}])"), "sender: <>"));
  EXPECT_FALSE(has(story(R"([{"event":"mail-received"}])"), "sender"));
}

TEST(Story, TheSendersDomainIsNotTheGatewaysOwn) { // RFC 8601 §2.2
  const auto told = [](const std::string &results) {
    return story((R"([{"event":"mail-received","authentication":")" + results + R"("}])").c_str());
  };
  EXPECT_TRUE(has(told("gate.example; spf=pass smtp.mailfrom=a.example; dmarc=pass"), "sender's domain: spf=pass smtp.mailfrom=a.example; dmarc=pass\n"));
  for (const char *none : {"", "gate.example", "gate.example;", "gate.example; "})
    EXPECT_FALSE(has(told(none), "domain")) << none;
}

TEST(Story, EachRecipientsOwnAnswerIsTold) {
  const std::string bounced = story(R"([{"event":"mail-bounced","recipients":["a@x","b@x","c@x"],"reason":"next-hop-refused","next_hop":"10.2.0.25:25",
    "answer":"550 5.1.1 no","answers":[{"recipient":"a@x","reason":"next-hop-refused","next_hop":"10.2.0.25:25","answer":"550 5.1.1 no"},
    {"recipient":"b@x","reason":"next-hop-unable","next_hop":"10.2.0.26:25","answer":"it is too large"},{"recipient":"c@x","reason":"free-mail"},7],
    "answers_left_out":3}])");
  for (const char *part : {"    a@x: the peer 10.2.0.25:25 answered: 550 5.1.1 no\n", "    b@x: next-hop-unable, next hop 10.2.0.26:25: it is too large\n",
                           "    c@x: free-mail\n", "and 3 more answers"})
    EXPECT_TRUE(has(bounced, part)) << part << "\n" << bounced;
  EXPECT_FALSE(has(bounced, "    the peer answered")) << bounced;
  const std::string held = story(R"([{"event":"mail-held","recipients":["a@x"],"next_hop":"10.2.0.25:25","answer":"550 no"}])");
  EXPECT_TRUE(has(held, "    next hop: 10.2.0.25:25\n    the peer answered: 550 no\n")) << held;
}

TEST(Story, TellsTlsAndWhatWasAskedFor) {
  const std::string text = story(R"([{"event":"mail-received","client":"10.3.0.50","helo":"mx.example","tls":"TLSv1.3 TLS_AES_256_GCM_SHA384","size":9,
    "require_tls":true,"envelope_id":"QQ+2B1","notify":[{"recipient":"a@x","notify":"SUCCESS,DELAY","original":"rfc822;a@y"},{"recipient":"b@x","notify":"NEVER"}]},
    {"event":"mail-delivered","next_hop":"10.2.0.25:25","tls":"TLSv1.2 ECDHE-RSA-AES256-GCM-SHA384"}])");
  for (const char *part : {"(mx.example) over TLSv1.3 TLS_AES_256_GCM_SHA384, 9 octets", "(REQUIRETLS)", "envelope id: QQ+2B1\n",
                           "asked for a@x: NOTIFY=SUCCESS,DELAY ORCPT=rfc822;a@y\n", "asked for b@x: NOTIFY=NEVER\n",
                           "delivered to 10.2.0.25:25 over TLSv1.2 ECDHE-RSA-AES256-GCM-SHA384 /"})
    EXPECT_TRUE(has(text, part)) << part << "\n" << text;
  EXPECT_FALSE(has(story(R"([{"event":"mail-received","client":"10.3.0.50"}])"), "over")) << "in the clear";
}

TEST(Story, CannotPaintOverTheTerminal) {
  std::string text = story(R"([{"event":"mail-received","sender":"a\u001b[2Jb\u202ec\r\nd\u200be"}])");
  EXPECT_TRUE(has(text, "a<U+001B>[2Jb<U+202E>c<U+000D><U+000A>d<U+200B>e")) << text;
}

TEST(Terminal, LeavesOrdinaryTextAlone) {
  EXPECT_EQ(for_terminal("申告 a.pdf é"), "申告 a.pdf é");
  EXPECT_EQ(for_terminal("\xff"), "\xef\xbf\xbd");
}

/// An address may hold what moves a terminal's cursor or turns its text round (RFC 6531 forbids none of it).
TEST(Terminal, JsonMeansTheSameAndActsOnNothing) {
  const control::Json json{{"sender", "a\xc2\x9b" "31m\xe2\x80\xae" "b\x7f\xf3\xa0\x81\x81@例.example"}, {"list", {1, "\x1b[0m\n"}}};
  const std::string text = to_text(json);
  for (const char *acts : {"\xc2\x9b", "\xe2\x80\xae", "\x7f", "\xf3\xa0\x81\x81", "\x1b"}) EXPECT_EQ(text.find(acts), std::string::npos) << text;
  EXPECT_NE(text.find("@例.example"), std::string::npos) << text;
  EXPECT_NE(text.find("\n  \"list\""), std::string::npos) << "it keeps its lines";
  EXPECT_EQ(control::Json::parse(text), json);
}

TEST(Story, OrdersAndNotices) {
  const std::string story = tell_story("R1", nlohmann::ordered_json::parse(R"([
    {"time":"T","event":"queue-held","receipt":"R1","reason":"queue-held","why":"問い合わせ中","who":{"uid":1000,"pid":7}},
    {"time":"T","event":"queue-released","receipt":"R1","who":{"uid":1000,"pid":8,"user":"soumu"}},
    {"time":"T","event":"hold-previewed","receipt":"R1","who":{"uid":1000,"pid":8,"user":"kakunin"}},
    {"time":"T","event":"hold-refused","receipt":"R1","reason":"original-not-allowed","who":{"uid":1001,"pid":8}},
    {"time":"T","event":"mail-bounced","receipt":"R1","notice":"N1","recipients":["b@x"],"reason":"next-hop-refused","answer":"550 no"},
    {"time":"T","event":"mail-notice","receipt":"N1","about":"R1","recipients":["a@y"]}])"));
  EXPECT_NE(story.find("stopped in the queue"), std::string::npos) << story;
  EXPECT_NE(story.find("by user number 1000"), std::string::npos);
  EXPECT_NE(story.find("its harmless form was looked at / 無害化後の内容を確認\n    by kakunin\n"), std::string::npos) << story;
  EXPECT_NE(story.find("in vain / 原本の解放を拒否\n    original-not-allowed: "), std::string::npos) << story;
  EXPECT_NE(story.find("by soumu"), std::string::npos) << story;
  EXPECT_NE(story.find("because: 問い合わせ中"), std::string::npos);
  EXPECT_NE(story.find("the sender is told by the notice N1"), std::string::npos);
  EXPECT_NE(story.find("a notice of the gateway about the mail R1"), std::string::npos);
}

} // namespace
} // namespace sekisho::cli
