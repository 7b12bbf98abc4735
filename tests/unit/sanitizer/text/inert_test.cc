#include "sanitizer/text/inert.hh"

#include <gtest/gtest.h>

namespace sekisho::text {
namespace {

std::string inert(std::string_view text) {
  bool found = false;
  std::string result = text::inert(text, found);
  EXPECT_EQ(found, result != text);
  return result;
}

std::string inert_untold(std::string_view text) {
  bool found = false;
  std::string result = text::inert(text, found);
  EXPECT_FALSE(found);
  return result;
}

TEST(Inert, markup_that_acts_is_markup_no_more) { // H1
  EXPECT_EQ(inert("a<script>x</script>"), "a< script>x< /script>");
  EXPECT_EQ(inert("<SCRIPT/src=x>"), "< SCRIPT/src=x>");
  EXPECT_EQ(inert("<!DOCTYPE html><html>"), "< !DOCTYPE html>< html>");
  EXPECT_EQ(inert("<?xml version='1.0'?><svg onload=x>"), "< ?xml version='1.0'?>< svg onload=x>");
  EXPECT_EQ(inert("a <?xml-stylesheet href='x'?>"), "a < ?xml-stylesheet href='x'?>");
  EXPECT_EQ(inert("<script<form\n<svg"), "< script< form\n< svg");
  EXPECT_EQ(inert("<<iframe"), "<< iframe");
  EXPECT_EQ(inert("<"), "<");
  EXPECT_EQ(inert("see JavaScript:alert(1)"), "see JavaScript :alert(1)");
  EXPECT_EQ(inert("<script>javascript:x"), "< script>javascript :x");
}

/// A browser that guesses goes by what stands first; nothing there acts.
TEST(Inert, a_declaration_of_xml_is_no_alarm) {
  EXPECT_EQ(inert_untold("\n <?xml version='1.0'?><a/>"), "\n < ?xml version='1.0'?><a/>");
  EXPECT_EQ(inert_untold("a <?xml version='1.0'?><a/>"), "a <?xml version='1.0'?><a/>");
}

TEST(Inert, nor_under_a_prefix_or_by_a_handler) { // H1
  EXPECT_EQ(inert("<b:script>x</b:script>"), "< b:script>x< /b:script>");
  EXPECT_EQ(inert("<件名:SVG/onload=x>"), "< 件名:SVG/onload=x>");
  EXPECT_EQ(inert("<xsl:value-of select='x'/>"), "< xsl:value-of select='x'/>");
  EXPECT_EQ(inert("<b onclick=x>"), "< b onclick=x>");
  EXPECT_EQ(inert("<details/open/ONTOGGLE =x>"), "< details/open/ONTOGGLE =x>");
  EXPECT_EQ(inert("<a title=\"x\"onfocus\t=\nx"), "< a title=\"x\"onfocus\t=\nx");
}

TEST(Inert, nor_as_the_root_of_a_document) { // H1
  EXPECT_EQ(inert("<Workbook xmlns='urn:x'><a/>"), "< Workbook xmlns='urn:x'><a/>");
  EXPECT_EQ(inert(" \n<office:document a='>'\nxmlns:office=\"urn:x\">"), " \n< office:document a='>'\nxmlns:office=\"urn:x\">");
  EXPECT_EQ(inert("<帳票 xmlns='urn:x'/>"), "< 帳票 xmlns='urn:x'/>");
  EXPECT_EQ(inert("<Table><tr><td>=1+2"), "< Table><tr><td>=1+2");
  for (const char *text : {"a <Workbook xmlns='urn:x'>", "< a xmlns='urn:x'>", "<a><b xmlns='urn:x'>", "<tables>"})
    EXPECT_EQ(inert(text), text);
}

TEST(Inert, what_people_write_stays) {
  for (const char *text : {"<urn:isbn:1>", "<x:y>", "if a <b and one= 1", "<a on=1>", "<x> onclick=1",
                           "1 < 2 and 3 > 2", "Taro <taro@example.jp>", "<form@city.example.lg.jp>", "<link-1@example.jp>", "<meta.x@example.jp>", "<https://example.jp/>",
                           "<scripted>", "<b>", "12:30", "javascript", "<件名>", ""})
    EXPECT_EQ(inert(text), text);
}

} // namespace
} // namespace sekisho::text
