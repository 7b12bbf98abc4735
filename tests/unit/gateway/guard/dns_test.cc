// Messages of RFC 1035 as octets: what a resolver may send, and what nobody may.
#include "gateway/guard/dns.hh"

#include <gtest/gtest.h>

namespace sekisho::guard {
namespace {

/// Header and question of a response, then `answers` octets of records.
Buffer response(const std::string &records, std::uint16_t count, std::uint16_t flags = 0x8180, std::uint16_t id = 7,
                const std::string &question = std::string("\1a\7example\0\0\20\0\1", 15)) {
  ByteWriter writer;
  writer.put_u16(id);
  writer.put_u16(flags);
  writer.put_u16(1);
  writer.put_u16(count);
  writer.put_u32(0);
  writer.put_bytes(as_bytes(question));
  writer.put_bytes(as_bytes(records));
  return writer.take();
}

const Question asked{"a.example", DnsType::txt};
const std::string txt = std::string("\300\14\0\20\0\1\0\0\0\74\0\12\4v=sp\4f1 x", 22);

TEST(Dns, a_query_is_what_the_rfc_says) {
  const Buffer query = encode_query(0x1234, asked);
  EXPECT_EQ(to_hex(query), "0026" "1234" "0100" "0001" "0000" "0000" "0001" "0161076578616d706c6500" "0010" "0001"
                           "00" "0029" "04d0" "00000000" "0000");
}

TEST(Dns, strings_of_a_text_are_joined) {
  const auto answer = decode_response(response(txt, 1), 7, asked);
  ASSERT_TRUE(answer) << answer.error().what;
  EXPECT_EQ(answer->texts, std::vector<std::string>{"v=spf1 x"});
  EXPECT_EQ(answer->ttl, 60u);
}

TEST(Dns, no_name_nothing_and_failure_are_told_apart) {
  EXPECT_EQ(decode_response(response("", 0, 0x8183), 7, asked)->status, Answer::Status::no_name);
  EXPECT_EQ(decode_response(response("", 0), 7, asked)->status, Answer::Status::found);
  EXPECT_EQ(decode_response(response("", 0, 0x8182), 7, asked)->status, Answer::Status::failed);
}

TEST(Dns, an_alias_is_followed) {
  const std::string alias = std::string("\300\14\0\5\0\1\0\0\0\74\0\4\1b\300\16", 16); // a.example is b.example
  const std::string text = std::string("\300\47\0\20\0\1\0\0\0\5\0\2\1t", 14); // the name at octet 39
  const auto answer = decode_response(response(alias + text, 2), 7, asked);
  ASSERT_TRUE(answer) << answer.error().what;
  EXPECT_EQ(answer->texts, std::vector<std::string>{"t"});
}

TEST(Dns, what_is_no_answer_to_this_question_is_refused) {
  EXPECT_FALSE(decode_response(response(txt, 1, 0x8180, 8), 7, asked)) << "another id";
  EXPECT_FALSE(decode_response(response(txt, 1, 0x0180), 7, asked)) << "a question";
  EXPECT_FALSE(decode_response(response(txt, 1, 0x8380), 7, asked)) << "cut short";
  EXPECT_FALSE(decode_response(response(txt, 1), 7, {"b.example", DnsType::txt}));
  EXPECT_FALSE(decode_response(response(txt, 1), 7, {"a.example", DnsType::a}));
  EXPECT_FALSE(decode_response({}, 7, asked));
}

TEST(Dns, malformed_messages_end) {
  EXPECT_FALSE(decode_response(response(txt, 2), 7, asked)) << "a record is missing";
  EXPECT_FALSE(decode_response(response(std::string("\300\33\0\20", 4), 1), 7, asked)) << "a name that points to itself";
  EXPECT_FALSE(decode_response(response(std::string("\300\14\0\20\0\1\0\0\0\1\0\2\5x", 14), 1), 7, asked)) << "a string too long";
  EXPECT_FALSE(decode_response(response(std::string("\300\14\0\1\0\1\0\0\0\1\0\3abc", 15), 1), 7, asked)) << "half an address";
  const Buffer whole = response(txt, 1);
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_FALSE(decode_response(Bytes(whole).first(size), 7, asked)) << size;
}

TEST(Dns, names_nobody_can_ask_for_are_answered_at_once) {
  Lookups lookups;
  EXPECT_EQ(lookups.ask("a..b", DnsType::a)->status, Answer::Status::no_name);
  EXPECT_EQ(lookups.ask(std::string(64, 'a') + ".example", DnsType::a)->status, Answer::Status::no_name);
  EXPECT_TRUE(lookups.complete());
  EXPECT_EQ(lookups.ask("A.example.", DnsType::a), nullptr);
  EXPECT_EQ(lookups.take_wanted(), (std::set<Question>{{"a.example", DnsType::a}}));
}

} // namespace
} // namespace sekisho::guard
