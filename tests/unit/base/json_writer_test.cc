#include "base/json_writer.hh"

#include <gtest/gtest.h>

namespace sekisho {
namespace {

TEST(JsonWriter, WritesOneValueAfterTheOther) {
  JsonWriter json;
  json.open('{').key("a").value("b").key("list").open('[').value(std::uint64_t{1}).value(true).open('{').close('}').close(']');
  json.key("raw").raw(R"({"x":null})").close('}');
  EXPECT_EQ(json.take(), R"({"a":"b","list":[1,true,{}],"raw":{"x":null}})");
}

TEST(JsonWriter, BlanksAreForReaders) {
  JsonWriter json(JsonWriter::Blanks::some);
  json.open('{').key("a").value("b").key("c").value("d").close('}');
  EXPECT_EQ(json.take(), R"({"a": "b", "c": "d"})");
}

TEST(JsonWriter, TextStaysText) {
  JsonWriter json;
  json.value(std::string_view("\"\\\n\x7f\0 関所\xff\xe9!", 15));
  EXPECT_EQ(json.take(), R"("\"\\\u000a\u007f\u0000 関所)" "\xef\xbf\xbd\xef\xbf\xbd!\"");
}

} // namespace
} // namespace sekisho
