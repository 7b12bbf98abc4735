#include "gateway/record/fold.hh"

#include <gtest/gtest.h>

namespace sekisho::record {
namespace {

TEST(Fold, WhatAPersonMayTypeOtherwiseIsTheSame) {
  EXPECT_EQ(fold("ＲＥ： Estimate　２０２６"), U"re:estimate2026");
  EXPECT_EQ(fold("ﾐﾂﾓﾘ ｶﾞｿﾞｳ ﾊﾟﾝﾌﾚｯﾄ ｳﾞ"), U"ミツモリガゾウパンフレットヴ");
  EXPECT_EQ(fold("か\u3099は\u309aカ\u3099"), U"がぱガ") << "as macOS writes it";
  EXPECT_EQ(fold("ｱﾞ゛"), U"ア゛゛") << "a mark that belongs to no letter";
  EXPECT_EQ(fold("みつもり"), U"みつもり") << "hiragana are no katakana";
  EXPECT_EQ(fold("\xff見積\xe3\x81").size(), 4u) << "broken octets are characters too";
  EXPECT_EQ(fold(std::string(1000, 'x')).size(), most_subject);
  EXPECT_EQ(fold(" \t　"), U"");
}

} // namespace
} // namespace sekisho::record
