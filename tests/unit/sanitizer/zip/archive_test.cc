// H3: a zip is read as every program would read it, or not at all.
#include "sanitizer/zip/unpack.hh"
#include "sanitizer/zip/writer.hh"
#include "tests/unit/sanitizer/support/make_zip.hh"

#include <gtest/gtest.h>

namespace sekisho::zip {
namespace {

using support::make_zip;
using support::put_le;

Reason fault_of(const std::string &octets, const Limits &limits = {}) {
  return read(as_bytes(octets), limits).first_fault().reason;
}

std::string text_of(const Archive &archive, std::string_view name) {
  const Member *member = archive.find(name);
  if (!member) return "(none)";
  const Result<Buffer, Reason> contents = Unpacker().unpack(*member);
  return std::string(contents ? as_chars(*contents) : word_of(contents.error()));
}

std::string two() {
  return make_zip({{"a.txt", "first"}, {"b.txt", "second"}});
}

/// With `octets` instead of what stands at the first `found`, `skip` octets further on.
std::string changed(std::string zip, std::string_view found, std::size_t skip,
                    std::string_view octets, bool last = false) {
  const std::size_t at = (last ? zip.rfind(found) : zip.find(found)) + skip;
  return zip.replace(at, octets.size(), octets);
}

constexpr std::string_view local("PK\3\4", 4), entry("PK\1\2", 4), end("PK\5\6", 4);

TEST(Zip, plain) {
  const std::string octets = two();
  const Archive archive = read(as_bytes(octets));
  EXPECT_EQ(archive.first_fault().reason, Reason::none) << archive.first_fault().what;
  EXPECT_EQ(text_of(archive, "a.txt"), "first");
  EXPECT_EQ(text_of(archive, "b.txt"), "second");
}

TEST(Zip, what_its_writer_wrote) {
  Writer writer;
  writer.add_stored("mimetype", as_bytes("application/x"));
  writer.add("資料/一覧表.xml", as_bytes(std::string(10'000, 'x')));
  const Buffer octets = writer.finish();
  EXPECT_LT(octets.size(), 500u);
  const Archive archive = read(octets);
  EXPECT_EQ(archive.first_fault().reason, Reason::none) << archive.first_fault().what;
  EXPECT_EQ(archive.members[0].method, 0);
  EXPECT_EQ(text_of(archive, "資料/一覧表.xml"), std::string(10'000, 'x'));
}

TEST(Zip, header_and_directory_disagree) {
  EXPECT_EQ(fault_of(changed(two(), local, 30, "c")), Reason::zip_disagrees) << "name";
  EXPECT_EQ(fault_of(changed(two(), local, 14, "x")), Reason::zip_disagrees) << "sum";
  EXPECT_EQ(fault_of(changed(two(), local, 22, "\7")), Reason::zip_disagrees) << "size";
  EXPECT_EQ(fault_of(changed(two(), local, 8, "\10")), Reason::zip_disagrees) << "method";
  EXPECT_EQ(fault_of(changed(two(), local, 6, "\1")), Reason::zip_disagrees) << "encryption";
  EXPECT_EQ(fault_of(changed(two(), end, 8, "\1")), Reason::zip_split) << "count on this disk";
  EXPECT_EQ(fault_of(changed(two(), end, 8, std::string("\1\0\1", 3))), Reason::zip_disagrees)
      << "count";
}

TEST(Zip, a_member_left_out_or_hidden_before_it) {
  const std::string hidden = "PK\3\4 somebody else's member";
  EXPECT_EQ(fault_of(hidden + two()), Reason::zip_disagrees);
  EXPECT_EQ(fault_of("#!/bin/sh\n" + two()), Reason::none);
}

TEST(Zip, two_end_records_or_directories) {
  std::string both = two();
  const std::string second = both.substr(both.rfind(end));
  both[both.rfind(end) + 20] = 22; // the comment is the second record
  EXPECT_EQ(fault_of(both + second), Reason::zip_disagrees);
  for (const std::string &filling : {std::string("\r\n"), std::string(600, '\0')})
    EXPECT_EQ(fault_of(two() + filling), Reason::none);
  EXPECT_EQ(fault_of(two() + "\nx"), Reason::zip_damaged);
  EXPECT_EQ(fault_of(two() + two()), Reason::zip_disagrees);
}

TEST(Zip, the_end_is_looked_for_as_far_as_a_comment_goes) {
  const std::string with_comment = changed(two(), end, 20, "\xff\xff");
  EXPECT_EQ(fault_of(with_comment + std::string(65'535, 'P')), Reason::none);
  EXPECT_EQ(fault_of(with_comment + std::string(65'534, 'P')), Reason::zip_damaged);
  EXPECT_TRUE(read(as_bytes(with_comment + std::string(65'536, 'P'))).members.empty());
  const std::string letters = std::string(70'000, 'P') + two();
  EXPECT_EQ(text_of(read(as_bytes(letters)), "b.txt"), "second");
}

TEST(Zip, overlap) {
  std::string same = make_zip({{"a.txt", "first"}, {"a.txt", "first"}});
  same = changed(same, entry, 42, std::string(4, '\0'), true); // both at the first header
  EXPECT_EQ(read(as_bytes(same)).fault.reason, Reason::zip_overlap);
}

TEST(Zip, names) {
  for (const char *name :
       {"../a", "a/../../b", "/etc/passwd", "C:\\a", "c:a", "\\\\host\\a", "a\nb", "", "."})
    EXPECT_EQ(fault_of(make_zip({{name, "x"}})), Reason::zip_name) << name;
  EXPECT_EQ(fault_of(make_zip({{"a\\b", "x"}})), Reason::zip_name);
  const std::string windows = make_zip({{"a\\b", "x"}});
  EXPECT_EQ(read(as_bytes(windows), {}, true).members[0].name, "a/b");
  EXPECT_EQ(fault_of(make_zip({{"a", "x"}, {"A", "y"}})), Reason::zip_duplicate);
  EXPECT_EQ(fault_of(make_zip({{"a/b", "x"}, {"a//./b", "y"}})), Reason::zip_duplicate);
  EXPECT_EQ(fault_of(make_zip({{"a/", "contents of a folder"}})), Reason::zip_disagrees);
}

TEST(Zip, japanese_names_with_and_without_mark) {
  const std::string cp932 = make_zip({{"\x95\x5c\x8e\xa6.txt", "x"}}); // 0x5c is half of 表
  EXPECT_EQ(read(as_bytes(cp932)).members[0].name, "表示.txt");
  EXPECT_FALSE(read(as_bytes(cp932)).utf8_names);
  const std::string utf8 = make_zip({{"表示.txt", "x"}});
  EXPECT_EQ(read(as_bytes(utf8)).members[0].name, "表示.txt");
  EXPECT_TRUE(read(as_bytes(utf8)).utf8_names);
}

/// Each for itself: an archive may have been added to on another system.
TEST(Zip, japanese_names_of_several_sets) {
  const std::string windows = "\x89\xef\x8b\x63.txt", unix = "\xb2\xf1\xb5\xc4.txt", mac = "会議.txt"; // all say the same
  for (const std::string &name : {windows, unix, mac})
    EXPECT_EQ(read(as_bytes(make_zip({{name, "x"}}))).members[0].name, "会議.txt");
  const Archive mixed = read(as_bytes(make_zip({{"1" + windows, "x"}, {"2" + unix, "y"}, {"3" + mac, "z"}, {"4.txt", "w"}})));
  ASSERT_EQ(mixed.members.size(), 4u);
  for (std::size_t i = 0; i < 3; ++i)
    EXPECT_EQ(mixed.members[i].name, std::to_string(i + 1) + "会議.txt");
  EXPECT_EQ(mixed.members[3].name, "4.txt");

  const auto name_of = [](const std::string &name, const std::string &other = "\x95\x5c.txt") {
    return read(as_bytes(make_zip({{name, "x"}, {other, "y"}}))).members[0].name;
  };
  for (const auto &[octets, name] : {std::pair("\xcc\xa7\xb2\xd9", "ﾌｧｲﾙ"), {"\xbc\xae\xd9\xb2/\xbf\xb3\xd1", "ｼｮﾙｲ/ｿｳﾑ"}, {"\xc0\xb2\xc4\xd9", "ﾀｲﾄﾙ"}, {"\xb6\xd0", "ｶﾐ"}})
    EXPECT_EQ(name_of(octets), name) << "kanji in EUC-JP";
  const std::string budget = "\xcd\xbd\xbb\xbb.txt"; // in EUC-JP 予算
  EXPECT_EQ(name_of(budget), "ﾍｽｻｻ.txt");
  EXPECT_EQ(name_of(budget, "\xb8\xab\xc0\xd1\xbd\xf1.txt"), "予算.txt") << "the other one is nothing in Shift_JIS";
  EXPECT_EQ(name_of(budget, mac), "ﾍｽｻｻ.txt") << "nor is this, but it is UTF-8";
  EXPECT_EQ(name_of("\xc3\xde\xb0\xc0.csv"), "ﾃﾞｰﾀ.csv"); // in Shift_JIS, in EUC-JP two kanji
  EXPECT_EQ(name_of("\xcc\xdf\xd7\xdd.csv"), "ﾌﾟﾗﾝ.csv");
  EXPECT_EQ(name_of("\xc3\xbd\xc4.txt"), "ﾃｽﾄ.txt");
  EXPECT_EQ(name_of("\xa5\xc6\xa5\xb9\xa5\xc8.txt"), "テスト.txt"); // EUC-JP
  EXPECT_EQ(name_of("\x8e\xa9\x93\xae.txt"), "自動.txt");
}

TEST(Zip, links_methods_encryption) {
  std::string link = changed(two(), entry, 4, std::string("\x14\x03", 2)); // made by Unix
  EXPECT_EQ(fault_of(changed(link, entry, 38, std::string("\0\0\xff\xa1", 4))), Reason::zip_link);
  std::string other = changed(two(), entry, 10, "\1");
  EXPECT_EQ(fault_of(changed(other, local, 8, "\1")), Reason::zip_method);
  EXPECT_EQ(fault_of(make_zip({{"a", "x", true}})), Reason::part_encrypted);
}

TEST(Zip, bombs_before_anything_is_unpacked) {
  Writer writer;
  writer.add("zeros", as_bytes(std::string(20u << 20, '\0')));
  const Buffer octets = writer.finish();
  EXPECT_EQ(read(octets).fault.reason, Reason::zip_bomb); // a thousand to one
  Limits limits;
  limits.ratio = 2000;
  EXPECT_EQ(read(octets, limits).fault.reason, Reason::none);
  limits.unpacked = 1u << 20;
  EXPECT_EQ(read(octets, limits).fault.reason, Reason::zip_bomb);
  limits = {};
  limits.members = 1;
  EXPECT_EQ(fault_of(two(), limits), Reason::zip_bomb);
}

TEST(Zip, contents_are_of_the_size_and_sum_announced) {
  std::string wrong = two();
  wrong[wrong.find("first")] = 'F';
  EXPECT_EQ(text_of(read(as_bytes(wrong)), "a.txt"), "zip-bad-data");
  Writer writer;
  writer.add("a", as_bytes(std::string(1000, 'x')));
  const Buffer packed = writer.finish();
  for (std::size_t size : {999u, 1001u}) { // in both places, so that they agree
    std::string octets(as_chars(packed)), field;
    put_le(field, size, 4);
    octets = changed(changed(octets, local, 22, field), entry, 24, field);
    EXPECT_EQ(fault_of(octets), Reason::none);
    EXPECT_EQ(text_of(read(as_bytes(octets)), "a"), "zip-bad-data");
  }
}

TEST(Zip, cut_or_changed_anywhere_it_does_not_run_over) {
  const std::string whole = two();
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_NE(fault_of(whole.substr(0, size)), Reason::none) << size;
  for (std::size_t at = 0; at < whole.size(); ++at)
    for (const char octet : {'\0', '\xff', '\x80'}) {
      std::string other = whole;
      other[at] = octet;
      const Archive archive = read(as_bytes(other));
      Unpacker unpacker;
      for (const Member &member : archive.members)
        if (member.size < 1000) (void)unpacker.unpack(member);
    }
}

} // namespace
} // namespace sekisho::zip
