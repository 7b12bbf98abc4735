// DMARC (RFC 7489) and what is told (RFC 8601).
#include "gateway/guard/authentication.hh"

#include <gtest/gtest.h>

namespace sekisho::guard {
namespace {

Answer text(std::string value) {
  Answer answer;
  answer.status = Answer::Status::found;
  answer.texts.push_back(std::move(value));
  return answer;
}

DmarcOutcome dmarc(const std::string &author, SpfOutcome spf, std::vector<DkimOutcome> dkim,
                   const std::map<std::string, std::string> &records) {
  Lookups lookups;
  for (int round = 0; round < 5; ++round) {
    if (std::optional<DmarcOutcome> outcome = check_dmarc(author, spf, dkim, lookups)) return *outcome;
    for (const Question &question : lookups.take_wanted()) {
      const auto found = records.find(question.name);
      Answer nothing;
      nothing.status = Answer::Status::no_name;
      lookups.tell(question, found == records.end() ? nothing : found->second == "?" ? Answer{} : text(found->second));
    }
  }
  ADD_FAILURE();
  return {};
}

const SpfOutcome spf_pass{SpfResult::pass, "mail.sender.example", false};
const SpfOutcome spf_other{SpfResult::pass, "forwarder.example", false};
const DkimOutcome dkim_pass{DkimResult::pass, "sender.example", "s", "", ""};
const std::map<std::string, std::string> reject = {{"_dmarc.sender.example", "v=DMARC1; p=reject; sp=quarantine"}};

TEST(Dmarc, aligned_spf_or_dkim_passes) {
  EXPECT_EQ(dmarc("a@sender.example", spf_pass, {}, reject).result, DmarcResult::pass);
  EXPECT_EQ(dmarc("a@sender.example", spf_other, {dkim_pass}, reject).result, DmarcResult::pass);
  const DmarcOutcome outcome = dmarc("a@sender.example", spf_other, {}, reject);
  EXPECT_EQ(outcome.result, DmarcResult::fail);
  EXPECT_EQ(outcome.policy, DmarcPolicy::reject);
  EXPECT_EQ(outcome.domain, "sender.example");
}

TEST(Dmarc, strict_alignment) {
  const std::map<std::string, std::string> strict = {{"_dmarc.sender.example", "v=DMARC1; p=none; aspf=s; adkim=s"}};
  EXPECT_EQ(dmarc("a@sender.example", spf_pass, {}, strict).result, DmarcResult::fail);
  EXPECT_EQ(dmarc("a@sender.example", spf_pass, {dkim_pass}, strict).result, DmarcResult::pass);
}

TEST(Dmarc, domains_below_take_the_policy_above_them) {
  const DmarcOutcome outcome = dmarc("a@news.sender.example", spf_other, {}, reject);
  EXPECT_EQ(outcome.result, DmarcResult::fail);
  EXPECT_EQ(outcome.policy, DmarcPolicy::quarantine);
  EXPECT_EQ(organizational_domain("a.b.uji.kyoto.jp"), "b.uji.kyoto.jp") << "by the Public Suffix List";
  EXPECT_EQ(organizational_domain("mail.example.lg.jp"), "example.lg.jp");
  EXPECT_EQ(organizational_domain("lg.jp"), "lg.jp");
}

TEST(Dmarc, records_that_are_none) {
  EXPECT_EQ(dmarc("a@sender.example", spf_other, {}, {}).result, DmarcResult::none);
  EXPECT_EQ(dmarc("a@sender.example", spf_other, {}, {{"_dmarc.sender.example", "v=spf1 -all"}}).result, DmarcResult::none);
  EXPECT_EQ(dmarc("a@sender.example", spf_other, {}, {{"_dmarc.sender.example", "p=reject; v=DMARC1"}}).result, DmarcResult::none);
  EXPECT_EQ(dmarc("a@sender.example", spf_other, {}, {{"_dmarc.sender.example", "v=DMARC1; p=what"}}).result, DmarcResult::none);
  EXPECT_EQ(dmarc("a@sender.example", spf_other, {}, {{"_dmarc.sender.example", "?"}}).result, DmarcResult::temperror);
  EXPECT_EQ(dmarc("", spf_pass, {}, reject).result, DmarcResult::permerror) << "no single author";
}

TEST(Dmarc, a_share_of_the_mails_is_never_refused) {
  const std::map<std::string, std::string> half = {{"_dmarc.sender.example", "v=DMARC1; p=reject; pct=50"}};
  EXPECT_EQ(dmarc("a@sender.example", spf_other, {}, half).policy, DmarcPolicy::quarantine);
}

TEST(Dmarc, what_could_not_be_asked_is_no_failure) {
  const SpfOutcome unknown{SpfResult::temperror, "sender.example", false};
  EXPECT_EQ(dmarc("a@sender.example", unknown, {}, reject).result, DmarcResult::temperror);
  const DkimOutcome unknown_key{DkimResult::temperror, "sender.example", "s", "", ""};
  EXPECT_EQ(dmarc("a@sender.example", spf_other, {unknown_key}, reject).result, DmarcResult::temperror);
}

TEST(Dmarc, a_dead_name_server_of_another_domain_excuses_nothing) {
  const SpfOutcome spf_dead{SpfResult::temperror, "attacker.example", false};
  const DkimOutcome dkim_dead{DkimResult::temperror, "attacker.example", "s", "", ""};
  EXPECT_EQ(dmarc("a@sender.example", spf_dead, {dkim_dead}, reject).result, DmarcResult::fail);
}

TEST(Dmarc, a_domain_in_other_letters_is_asked_for_as_the_name_service_has_it) { // RFC 8616
  const std::map<std::string, std::string> records = {{"_dmarc.xn--r8jz45g.example", "v=DMARC1; p=reject"}};
  const DmarcOutcome outcome = dmarc("a@\u4f8b\u3048.example", spf_other, {}, records);
  EXPECT_EQ(outcome.result, DmarcResult::fail);
  EXPECT_EQ(outcome.domain, "xn--r8jz45g.example");
  const DkimOutcome signed_there{DkimResult::pass, "xn--r8jz45g.example", "s", "", ""};
  EXPECT_EQ(dmarc("a@\u4f8b\u3048.example", spf_other, {signed_there}, records).result, DmarcResult::pass);
}

TEST(Authentication, shows_whose_a_mail_is_without_a_policy_too) { // M11
  const auto is_shown = [](const Authentication &found) { return is_shown_to_be_of(found, "Mayor@Town.example"); };
  EXPECT_FALSE(is_shown({}));
  const SpfOutcome spf{SpfResult::pass, "town.example", false}, of_another{SpfResult::pass, "evil.example", false};
  const DkimOutcome dkim{DkimResult::pass, "mail.town.example", "s1", "", ""};
  EXPECT_TRUE(is_shown({spf, {}, {}}));
  EXPECT_TRUE(is_shown({of_another, {dkim}, {}}));
  EXPECT_FALSE(is_shown({of_another, {}, {}}));
  EXPECT_FALSE(is_shown({{SpfResult::softfail, "town.example", false}, {{DkimResult::fail, "town.example", "s1", "", ""}}, {}}));
  EXPECT_TRUE(is_shown({{}, {}, {DmarcResult::pass, DmarcPolicy::none, "town.example"}}));
  EXPECT_FALSE(is_shown({spf, {}, {DmarcResult::fail, DmarcPolicy::none, "town.example"}})) << "a record that is stricter";
}

TEST(Authentication, is_told_in_one_field) {
  const SpfQuery query{*parse_ip("192.0.2.1"), "a@sender.example", "mx.sender.example", "gate.example"};
  Authentication found;
  found.spf = {SpfResult::softfail, "sender.example", false};
  found.dkim = {{DkimResult::fail, "sender.example", "s1", "abcd+/12", "body was changed"}};
  found.dmarc = {DmarcResult::fail, DmarcPolicy::reject, "sender.example"};
  EXPECT_EQ(authentication_results("gate.example", query, found),
            "gate.example; spf=softfail smtp.mailfrom=a@sender.example; dkim=fail reason=\"body was changed\" "
            "header.d=sender.example header.s=s1 header.b=abcd+/12; dmarc=fail header.from=sender.example policy.dmarc=reject");
  EXPECT_EQ(findings(found), (std::vector<Reason>{Reason::dmarc_failed, Reason::spf_failed, Reason::dkim_failed}));
  EXPECT_TRUE(is_to_be_rejected(found));
  found.dmarc.result = DmarcResult::permerror;
  EXPECT_TRUE(is_to_be_rejected(found)) << "no single author: RFC 7489 section 6.6.1";
  found.dmarc.result = DmarcResult::pass;
  EXPECT_TRUE(findings(found).empty()) << "who is shown to be the author needs no SPF";
  EXPECT_EQ(no_authentication_results("gate.example"), "gate.example; none");
}

TEST(Authentication, of_a_mail_as_it_came_none_bears_our_name) { // RFC 8601 §5
  const std::string begin = "Received: x\r\nbad line\r\n", end = "From: a@b.example\r\n\r\nAuthentication-Results: gate.example; none\r\n";
  const auto without = [&](const std::string &fields) {
    const Buffer left = without_results_of("gate.example", to_buffer(begin + fields + end));
    EXPECT_TRUE(as_chars(left).starts_with(begin) && as_chars(left).ends_with(end)) << as_chars(left);
    return std::string(as_chars(left).substr(begin.size(), left.size() - begin.size() - end.size()));
  };
  for (const char *forged : {"gate.example; dmarc=pass", "GATE.example 1;\r\n\tdmarc=pass header.from=bank.example\r\n\t x", "\r\n gate.example; dmarc=pass",
                             "(a \\) ; b(c)) gate.example; dkim=pass", "\"ga\\te.example\" ; none", "gate.example"})
    EXPECT_EQ(without("AUTHENTICATION-Results : " + std::string(forged) + "\r\n"), "") << forged;
  for (const char *other : {"other.example; dkim=pass (gate.example)", "other.example; x=y;\r\n gate.example;", "agate.example; none", ""}) {
    const std::string field = "Authentication-Results: " + std::string(other) + "\r\n";
    EXPECT_EQ(without(field + "Authentication-Results:gate.example; spf=pass\r\n"), field);
  }
  EXPECT_EQ(without("X-Authentication-Results: gate.example; none\r\n"), "X-Authentication-Results: gate.example; none\r\n");
  EXPECT_TRUE(without_results_of("gate.example", to_buffer("Authentication-Results: gate.example")).empty());
}

TEST(Authentication, nothing_of_a_peer_breaks_out_of_the_field) {
  const SpfQuery query{*parse_ip("192.0.2.1"), "\"a; dmarc=pass\r\nX: y\"@sender.example", "h", "gate.example"};
  const std::string text = authentication_results("gate.example", query, {});
  EXPECT_EQ(text.find('\n'), std::string::npos);
  EXPECT_NE(text.find("smtp.mailfrom=\"\\\"a; dmarc=passX: y\\\"@sender.example\""), std::string::npos) << text;
}

} // namespace
} // namespace sekisho::guard
