// M11: who has written before.
#include "gateway/guard/senders.hh"

#include <gtest/gtest.h>

#include <string>

namespace sekisho::guard {
namespace {

TEST(KnownSenders, ADomainIsOneInULabelsAndInALabels) { // RFC 5890
  const KnownSenders senders{SenderKey{}};
  EXPECT_EQ(senders.name_of("in", "a@例え.jp"), senders.name_of("in", "A@xn--r8jz45g.JP"));
  EXPECT_NE(senders.name_of("in", "a@例え.jp"), senders.name_of("in", "a@例.jp"));
}

TEST(Senders, are_known_after_their_first_mail_for_a_time) {
  KnownSenders senders(SenderKey{});
  const std::uint64_t name = senders.name_of("inbound", "Taro@A.example");
  EXPECT_EQ(name, senders.name_of("inbound", "taro@a.example"));
  EXPECT_NE(name, senders.name_of("other", "taro@a.example"));
  EXPECT_FALSE(senders.knows(name, 20'000));
  KnownSenders::Entry entry;
  EXPECT_TRUE(senders.learn(name, 20'000, false, entry));
  EXPECT_TRUE(senders.knows(name, 20'000));
  EXPECT_FALSE(senders.learn(name, 20'000, false, entry)) << "nothing new";
  EXPECT_TRUE(senders.knows(name, 20'400));
  EXPECT_FALSE(senders.knows(name, 20'401));
}

TEST(Senders, another_key_gives_other_names) {
  EXPECT_NE(KnownSenders(SenderKey{}).name_of("r", "a@b.example"),
            KnownSenders(SenderKey{std::byte{1}}).name_of("r", "a@b.example"));
}

TEST(Senders, a_flood_of_invented_ones_displaces_itself) {
  KnownSenders senders(SenderKey{}, 1000);
  KnownSenders::Entry entry;
  for (std::uint64_t name = 0; name < 500; ++name) senders.learn(name, 100, true, entry);
  for (std::uint64_t name = 1000; name < 50'000; ++name) senders.learn(name, 200, false, entry);
  EXPECT_LE(senders.size(), 1000u);
  for (std::uint64_t name = 0; name < 500; ++name) EXPECT_TRUE(senders.knows(name, 200)) << name;
}

TEST(Senders, entries_are_read_back_and_damaged_ones_passed_over) {
  ByteWriter writer;
  put_entry(writer, {7, 20'000, true});
  put_entry(writer, {8, 20'001, false});
  Buffer octets = writer.take();
  octets[sender_entry_size + 3] ^= std::byte{1};
  ByteReader reader(octets);
  KnownSenders::Entry entry;
  ASSERT_TRUE(take_entry(reader, entry));
  EXPECT_EQ(entry, (KnownSenders::Entry{7, 20'000, true}));
  EXPECT_FALSE(take_entry(reader, entry));
  EXPECT_TRUE(reader.at_end());
}

} // namespace
} // namespace sekisho::guard
