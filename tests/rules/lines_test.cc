// One line, one case: `input;ok`, `input;ok;canonical form`, `input;warning;message`,
// `input;error;message`, and in decide.t `question -> verdict [reason] [rule]`.
#include "rules/describe.hh"
#include "tests/rules/case_file.hh"

#include <fmt/format.h>

#include <optional>

namespace sekisho::rules::test {
namespace {

struct Expectation {
  std::string input, verdict, detail;
};

std::optional<Expectation> split(const std::string &line) {
  for (std::string verdict : {"ok", "error", "warning"}) {
    std::size_t at = line.rfind(";" + verdict + ";");
    if (at != std::string::npos)
      return Expectation{line.substr(0, at), verdict, line.substr(at + verdict.size() + 2)};
    if (line.ends_with(";" + verdict))
      return Expectation{line.substr(0, line.size() - verdict.size() - 1), verdict, ""};
  }
  return std::nullopt;
}

/// Line breaks and indentation as one blank, so that a canonical form fits a line of the test.
std::string on_one_line(const std::string &text) {
  std::string joined;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\n') {
      joined += text[i];
      continue;
    }
    while (i + 1 < text.size() && (text[i + 1] == ' ' || text[i + 1] == '\n'))
      ++i;
    if (i + 1 < text.size()) joined += ' ';
  }
  return joined;
}

void expect_canonical(const std::string &input, const std::string &canonical) {
  std::vector<Diagnostic> diagnostics;
  EXPECT_EQ(on_one_line(format({"case", input}, diagnostics)), canonical);
}

void run_case(const Case &one) {
  SCOPED_TRACE(one.where + ": " + one.text);
  std::optional<Expectation> expected = split(one.text);
  ASSERT_TRUE(expected) << "a case ends in ;ok, ;warning;… or ;error;…";
  std::vector<SourceFile> sources = {{"case", one.prelude + expected->input + "\n"}};
  Compiled compiled = compile(sources, now);
  std::string said = render(compiled.diagnostics, sources, false);
  EXPECT_EQ(compiled.rules != nullptr, expected->verdict != "error") << said;
  if (expected->verdict == "ok") {
    EXPECT_TRUE(compiled.diagnostics.empty()) << said;
    expect_canonical(expected->input + "\n",
                     expected->detail.empty() ? expected->input : expected->detail);
    return;
  }
  ASSERT_FALSE(compiled.diagnostics.empty());
  EXPECT_EQ(compiled.diagnostics[0].message, expected->detail) << said;
}

class Lines : public testing::TestWithParam<std::string> {};

TEST_P(Lines, say_what_is_expected) {
  for (const Case &one : read_cases(GetParam()))
    run_case(one);
}

INSTANTIATE_TEST_SUITE_P(Rules, Lines,
                         testing::Values("zone.t", "host.t", "set.t", "permit.t", "conditions.t",
                                         "local.t", "relay.t", "relay_door.t", "guard.t", "routes.t", "words.t"));

TEST(Decide, gives_the_verdict_the_reason_and_the_rule) {
  std::string prelude;
  std::vector<SourceFile> sources;
  Compiled compiled;
  for (const Case &one : read_cases("decide.t")) {
    SCOPED_TRACE(one.where + ": " + one.text);
    if (one.prelude != prelude) {
      prelude = one.prelude;
      sources = {{"rules", prelude}};
      compiled = compile(sources, now);
    }
    ASSERT_TRUE(compiled.rules) << render(compiled.diagnostics, sources, false);
    std::size_t arrow = one.text.find(" -> ");
    ASSERT_NE(arrow, std::string::npos);
    Explanation told = explain(*compiled.rules, one.text.substr(0, arrow), now);
    ASSERT_TRUE(told.understood) << told.text;
    const Decision &decision = told.decision;
    std::string got = decision.verdict == Verdict::pass    ? "pass"
                      : decision.verdict == Verdict::relay ? "relay"
                                                           : "drop";
    if (decision.verdict == Verdict::drop) got += fmt::format(" {}", word_of(decision.reason));
    if (decision.verdict == Verdict::pass)
      got += fmt::format(" to {}", compiled.rules->zones()[decision.to].name);
    if (decision.rule != no_rule) got += " " + compiled.rules->labels()[decision.rule];
    EXPECT_EQ(got, one.text.substr(arrow + 4)) << told.text;
    bool is_local = told.text.find("\nlocal: ") != std::string::npos; // said so, not as a relay
    EXPECT_NE(told.text.find(decision.verdict == Verdict::drop ? word_of(decision.reason)
                             : is_local                        ? "local"
                                                               : got.substr(0, 4)),
              std::string::npos);
  }
}

TEST(Explain, does_not_say_that_a_stranger_stops_the_relay) {
  const std::vector<SourceFile> sources = {{"rules", R"(
zone internet { port "a"  network 0.0.0.0/0  address 203.0.113.1 }
zone lgwan { port "b"  network 10.2.0.0/24  address 10.2.0.1 }
relay mail in from internet to lgwan { recipients "*@a.example"  next-hop 10.2.0.25  for "a" owner "b" approved "c" }
relay mail in-hourly from internet to lgwan { recipients "*@hourly.example"  next-hop 10.2.0.25  listen port 26  mass 9000 mails per hour per relay  for "a" owner "b" approved "c" }
relay mail in-own from internet to lgwan { recipients "*@own.example"  next-hop 10.2.0.25  listen port 27  mass 7 mails per hour per client  for "a" owner "b" approved "c" }
relay mail out from lgwan to internet { destinations "*"  next-hop 203.0.113.25  for "a" owner "b" approved "c" }
)"}};
  Compiled compiled = compile(sources, now);
  ASSERT_TRUE(compiled.rules) << render(compiled.diagnostics, sources, false);
  const std::string in = explain(*compiled.rules, "mail from internet x@b.example to y@a.example", now).text;
  EXPECT_NE(in.find("come again later: 1000 mails a minute per sender, 3000 mails a minute per text, 2000 mails a minute per client\n"), in.npos) << in;
  EXPECT_NE(in.find("takes no more for now above 6000 mails a minute per relay\n"), in.npos) << in;
  EXPECT_EQ(in.find("stops itself"), in.npos) << in;
  EXPECT_NE(in.find("at most 20 MB, after"), in.npos) << in;
  const std::string hourly = explain(*compiled.rules, "mail from internet x@b.example to y@hourly.example", now).text;
  EXPECT_NE(hourly.find("3000 mails an hour per client\n"), in.npos) << "a third of what the relay takes: " << hourly;
  const std::string own = explain(*compiled.rules, "mail from internet x@b.example to y@own.example", now).text;
  EXPECT_NE(own.find("later: 7 mails an hour per client, 1000 mails a minute per sender, 3000 mails a minute per text\n"), in.npos) << own;
  const std::string out = explain(*compiled.rules, "mail from lgwan y@a.example to x@b.example", now).text;
  EXPECT_NE(out.find("stops itself above 100 mails a minute per sender, 1000 mails an hour per sender"), out.npos) << out;
}

TEST(Explain, names_the_own_side) { // M6
  const auto told = [](const std::string &senders, const std::string &more) {
    const std::vector<SourceFile> sources = {{"rules", R"(
zone internet { port "a"  network 0.0.0.0/0  address 203.0.113.1 }
zone lgwan { port "b"  network 10.2.0.0/24  address 10.2.0.1 }
relay mail out from lgwan to internet { destinations "*"  next-hop 203.0.113.25  )" + senders + R"( for "a" owner "b" approved "c" }
)" + more}};
    Compiled compiled = compile(sources, now);
    EXPECT_TRUE(compiled.rules);
    return explain(*compiled.rules, "mail from lgwan y@a.example to x@b.example", now).text;
  };
  const std::string in = R"(relay mail in from internet to lgwan { recipients "*@a.example", "x@c.example"  next-hop 10.2.0.25  for "a" owner "b" approved "c" })";
  EXPECT_NE(told("", in).find("\n  own side, not hidden  a.example\n"), std::string::npos) << told("", in);
  const std::string both = told("senders \"*@d.example\", \"y@a.example\"", in);
  EXPECT_NE(both.find("\n  own side, not hidden  a.example, d.example\n"), std::string::npos) << both;
  EXPECT_NE(told("", "").find("\n  own side, not hidden  the domain of From: the rules name none\n"), std::string::npos);
  EXPECT_EQ(told("recipients shown", in).find("own side, not hidden"), std::string::npos);
}

TEST(Explain, tells_of_whom_mail_leaves_where_nothing_is_said) { // M1, M5
  const auto told = [](const std::string &items, const std::string &sender) {
    const std::vector<SourceFile> sources = {{"rules", R"(
zone internet { port "a"  network 0.0.0.0/0  address 203.0.113.1 }
zone lgwan { port "b"  network 10.2.0.0/24  address 10.2.0.1 }
relay mail out from lgwan to internet { destinations "*"  next-hop 203.0.113.25  )" + items + R"( for "a" owner "b" approved "c" }
relay mail in from internet to lgwan { recipients "*@a.example", "x@c.example"  next-hop 10.2.0.25  for "a" owner "b" approved "c" }
)"}};
    Compiled compiled = compile(sources, now);
    EXPECT_TRUE(compiled.rules);
    return conditions_of(*compiled.rules, 0) + explain(*compiled.rules, "mail from lgwan " + sender + " to x@b.example", now).text;
  };
  const std::string unsaid = told("", "y@A.example");
  EXPECT_TRUE(unsaid.starts_with("senders *@a.example, x@c.example (nothing is said: the own side)")) << unsaid;
  EXPECT_NE(unsaid.find("\n  senders *@a.example, x@c.example (nothing is said: the own side)\n"), std::string::npos) << unsaid;
  EXPECT_NE(told("", "x@c.example").find("\nhanded in so\n"), std::string::npos);
  EXPECT_NE(told("", "y@c.example").find("sender-unlisted"), std::string::npos);
  EXPECT_NE(told("", "y@b.example").find("sender-unlisted"), std::string::npos);
  EXPECT_EQ(told("forwarding allow", "y@b.example").find("senders *"), std::string::npos);
  EXPECT_NE(told("forwarding allow", "y@b.example").find("\nhanded in so\n"), std::string::npos);
  EXPECT_NE(told("senders \"*@d.example\"", "y@a.example").find("sender-unlisted"), std::string::npos);
  EXPECT_NE(told("senders \"*@d.example\"", "y@d.example").find("\n  senders *@d.example\n"), std::string::npos);
}

} // namespace
} // namespace sekisho::rules::test
