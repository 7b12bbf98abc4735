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
  EXPECT_EQ(trace->choice["receipt"], "R-1");
  EXPECT_FALSE(read_question(R"({"do":"trace","subject":"見積","since":{}})")) << "one flat object";
  auto asked = read_question(R"({"do":"trace","subject":"[重要] {\"[","since":7,"who":"root"})");
  ASSERT_TRUE(asked) << "brackets in a text are no nesting";
  EXPECT_EQ(asked->choice, Json::parse(R"({"subject":"[重要] {\"[","since":7})")) << "who asks is not the visitor's word";
  EXPECT_EQ(read_question(R"({"do":"sever","zone":"internet"})")->argument, "internet");
  EXPECT_EQ(read_question(R"({"do":"join","zone":"internet"})")->kind, Question::Kind::join);
}

TEST(Protocol, RefusesEverythingElse) {
  for (std::string_view text :
       {"", "status", "{", "[]", R"("do")", R"({})", R"({"do":1})", R"({"do":"Status"})", R"({"do":"stop"})",
        R"({"do":"trace","subject":"a\nb"})", R"({"do":"trace","subject":["a"]})",
        R"({"do":"sever","zone":"a b"})", R"({"do":"sever","zone":"a\nb"})", "{\"do\":\"sever\",\"zone\":\"\xe9\"}",
        R"({"do":"sever","zone":{"a":1}})", R"({"do":"status"}{"do":"reload"})"})
    EXPECT_FALSE(read_question(text)) << text;
  EXPECT_FALSE(read_question(R"({"do":"sever","zone":")" + std::string(65, 'a') + R"("})"));
  EXPECT_FALSE(read_question(std::string(max_question + 1, ' ')));
  EXPECT_FALSE(read_question(std::string(max_question, '[')));
}

TEST(Protocol, RulesOnTrial) {
  auto apply = read_question(R"({"do":"apply","within":300})");
  ASSERT_TRUE(apply);
  EXPECT_EQ(apply->kind, Question::Kind::apply);
  EXPECT_EQ(apply->within, 300u);
  EXPECT_EQ(read_question(R"({"do":"apply"})")->within, 0u);
  EXPECT_EQ(read_question(R"({"do":"apply","within":-1})")->within, 0u);
  EXPECT_FALSE(read_question(R"({"do":"apply","within":604801})")) << "a week at most";
  EXPECT_EQ(read_question(R"({"do":"confirm"})")->kind, Question::Kind::confirm);
  EXPECT_EQ(read_question(R"({"do":"go-back"})")->kind, Question::Kind::go_back);
}

TEST(Protocol, ChoicesAreTakenOverWhereTheyAreProper) {
  auto flows = read_question(R"({"do":"flows","zone":"a","host":"10.1.0.1","rule":"町.rules:3","limit":7,"x":"y"})");
  ASSERT_TRUE(flows);
  EXPECT_EQ(flows->choice.dump(), R"({"zone":"a","host":"10.1.0.1","rule":"町.rules:3","limit":7})");
  EXPECT_EQ(read_question(R"({"do":"hosts","sort":7,"limit":"x"})")->choice.dump(), R"({"limit":0})");
  EXPECT_FALSE(read_question(R"({"do":"flows","rule":"a\u001bb"})"));
  EXPECT_FALSE(read_question(R"({"do":"flows","rule":")" + std::string(256, 'a') + R"("})"));
  EXPECT_TRUE(read_question(R"({"do":"status","rules":true})")->with_rules);
  EXPECT_FALSE(read_question(R"({"do":"status","rules":1})")->with_rules);
}

TEST(Protocol, TheQueueIsAskedInWords) {
  auto hold = read_question(
      R"({"do":"queue","action":"hold","receipt":"A","sender":"*@a.example","why":"誤 送信","everything":true,"limit":3,"who":7})");
  ASSERT_TRUE(hold);
  EXPECT_EQ(hold->kind, Question::Kind::queue);
  EXPECT_EQ(hold->choice.dump(),
            R"({"action":"hold","receipt":"A","sender":"*@a.example","why":"誤 送信","limit":3,"everything":true})");
  EXPECT_FALSE(read_question(R"({"do":"queue"})"));
  EXPECT_FALSE(read_question(R"({"do":"queue","action":"hold","why":"a\nb"})"));
  EXPECT_FALSE(read_question(R"({"do":"queue","action":"hold","why":")" + std::string(501, 'a') + R"("})"));
  EXPECT_FALSE(read_question(R"({"do":"queue","action":"list","relay":"a b"})"));
  EXPECT_EQ(read_question(R"({"do":"queue","action":"list","recipient":"\"a b\"@c.example"})")->choice["recipient"], "\"a b\"@c.example");
  EXPECT_FALSE(read_question(R"({"do":"queue","action":"list","sender":"a\tb"})"));
}

TEST(Protocol, WhatARoleReadsForItselfIsPassedOn) {
  auto hold = read_question(R"({"do":"hold","what":"list","because":"求めに 応じて","limit":7,"original":true,"who":"root","x":null})");
  ASSERT_TRUE(hold);
  EXPECT_EQ(hold->kind, Question::Kind::hold);
  EXPECT_EQ(hold->choice.dump(), R"({"what":"list","because":"求めに 応じて","limit":7,"original":true})") << "never who";
  EXPECT_FALSE(read_question(R"({"do":"hold","because":"a\nb"})"));
  EXPECT_FALSE(read_question(R"({"do":"hold","who":{"uid":0}})"));
}

TEST(Protocol, BracketsInWordsAreWords) {
  auto hold = read_question(R"({"do":"hold","what":"delete","because":"[x] {y} \"[[\" ]"})");
  ASSERT_TRUE(hold);
  EXPECT_EQ(hold->choice["because"], "[x] {y} \"[[\" ]");
  EXPECT_FALSE(read_question(R"({"do":"hold","x":"]]","y":[1]})"));
  EXPECT_FALSE(read_question(R"({"do":"hold","x":"a\\","y":{"b":1}})"));
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
