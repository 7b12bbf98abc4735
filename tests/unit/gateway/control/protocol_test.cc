#include "gateway/control/protocol.hh"

#include <gtest/gtest.h>

namespace sekisho::control {
namespace {

TEST(Protocol, UnderstandsItsQuestions) {
  EXPECT_EQ(read_question(R"({"do":"status"})")->kind, Question::Kind::status);
  EXPECT_EQ(read_question(R"({"do":"reload"})")->kind, Question::Kind::reload);
  auto trace = read_question(R"({"do":"trace","receipt":"R-1"})");
  ASSERT_TRUE(trace);
  EXPECT_EQ(trace->kind, Question::Kind::trace);
  EXPECT_EQ(trace->argument, "R-1");
  EXPECT_EQ(read_question(R"({"do":"sever","zone":"internet"})")->argument, "internet");
  EXPECT_EQ(read_question(R"({"do":"join","zone":"internet"})")->kind, Question::Kind::join);
}

TEST(Protocol, RefusesEverythingElse) {
  for (std::string_view text :
       {"", "status", "{", "[]", R"("do")", R"({})", R"({"do":1})", R"({"do":"Status"})", R"({"do":"stop"})",
        R"({"do":"trace"})", R"({"do":"trace","receipt":""})", R"({"do":"trace","receipt":7})",
        R"({"do":"sever","zone":"a b"})", R"({"do":"sever","zone":"a\nb"})", "{\"do\":\"sever\",\"zone\":\"\xe9\"}",
        R"({"do":"sever","zone":{"a":1}})", R"({"do":"status"}{"do":"reload"})"})
    EXPECT_FALSE(read_question(text)) << text;
  EXPECT_FALSE(read_question(R"({"do":"sever","zone":")" + std::string(65, 'a') + R"("})"));
  EXPECT_FALSE(read_question(std::string(max_question + 1, ' ')));
  EXPECT_FALSE(read_question(std::string(max_question, '[')));
}

TEST(Protocol, AnswersAreAlwaysJson) {
  Json refusal = Json::parse(write_refusal("a \"quoted\" \xff word"), nullptr, false);
  ASSERT_TRUE(refusal.is_object());
  EXPECT_EQ(refusal["ok"], false);
  Json answer = Json::parse(write_answer("zone \xff"), nullptr, false);
  EXPECT_EQ(answer["ok"], true);
}

} // namespace
} // namespace sekisho::control
