#include "gateway/role/channel/channel.hh"
#include "gateway/role/channel/long_text.hh"
#include "gateway/role/channel/sources.hh"

#include <gtest/gtest.h>

#include <sys/mman.h>

namespace sekisho::role {
namespace {

const std::vector<rules::SourceFile> two = {{"a.rules", "zone a {}\n"}, {"b.rules", ""}};

TEST(Sources, GoThereWhole) {
  auto memfd = sources_memfd(two);
  ASSERT_TRUE(memfd);
  auto read = read_sources(memfd->get());
  ASSERT_TRUE(read);
  ASSERT_EQ(read->size(), 2u);
  EXPECT_EQ((*read)[0].text, two[0].text);
  EXPECT_EQ((*read)[1].name, "b.rules");
  char octet = 'x';
  EXPECT_LT(::pwrite(memfd->get(), &octet, 1, 0), 0) << "sealed";
}

TEST(Sources, NotesStayNotes) {
  const std::vector<rules::SourceFile> sources = {{"a.rules", "zone a {}\n"}, {"/n.txt", "[ja]\n", true}};
  auto read = decode_sources(encode_sources(sources));
  ASSERT_TRUE(read);
  ASSERT_EQ(read->size(), 2u);
  EXPECT_FALSE((*read)[0].is_note);
  EXPECT_TRUE((*read)[1].is_note);
  EXPECT_EQ((*read)[1].name, "/n.txt");
}

TEST(Sources, CutOrLengthenedAreRefused) {
  Buffer encoded = encode_sources(two);
  for (std::size_t length = 0; length < encoded.size(); length++)
    EXPECT_FALSE(decode_sources(Bytes(encoded).first(length))) << length;
  encoded.push_back(std::byte{0});
  EXPECT_FALSE(decode_sources(encoded));
}

TEST(Sources, HugeCountsAreRefused) {
  ByteWriter writer;
  writer.put_u32(0xffffffff);
  EXPECT_FALSE(decode_sources(writer.buffer()));
  UniqueFd memfd(::memfd_create("x", MFD_CLOEXEC));
  ASSERT_EQ(::ftruncate(memfd.get(), (16 << 20) + 1), 0);
  EXPECT_FALSE(read_sources(memfd.get()));
  EXPECT_FALSE(read_sources(-1));
}

/// Whoever reads a descriptor of another must not wait for it, nor see it change.
TEST(LongText, OnlySealedMemfdsAreRead) {
  std::string text(3 * max_message_text, 'x');
  auto pair = make_pair();
  ASSERT_TRUE(pair);
  ASSERT_TRUE(send_long(Channel(pair->first.get()), MessageType::reply, 7, text));
  auto message = Channel(pair->second.get()).receive(100);
  ASSERT_TRUE(message);
  EXPECT_EQ(*long_text(*message, text.size()), text);
  EXPECT_FALSE(long_text(*message, text.size() - 1)) << "too long";
  int pipe[2];
  ASSERT_EQ(::pipe(pipe), 0);
  EXPECT_FALSE(read_memfd(pipe[0], 100)) << "it would wait";
  UniqueFd open_one(::memfd_create("x", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  EXPECT_FALSE(read_memfd(open_one.get(), 100)) << "it may change";
  ::close(pipe[0]);
  ::close(pipe[1]);
}

TEST(Channel, MalformedMessagesAreDropped) {
  auto pair = make_pair();
  Channel reader(pair->second.get());
  for (const std::string &text : {std::string("\x01", 1), std::string("\x00\x00\x00\x00\x00", 5),
                                  std::string("\xff\x00\x00\x00\x00", 5)}) {
    ASSERT_EQ(::write(pair->first.get(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
    EXPECT_FALSE(reader.receive(100));
  }
  EXPECT_TRUE(Channel(pair->first.get()).send(MessageType::status, 7, "text"));
  auto message = reader.receive(100);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->id, 7u);
  EXPECT_EQ(message->text, "text");
}

TEST(Channel, NeverBlocksOnAFullPeer) {
  auto pair = make_pair();
  Channel writer(pair->first.get());
  EXPECT_TRUE(writer.send(MessageType::event, 0, std::string(max_message_text, 'x')));
  int sent = 1;
  while (writer.send(MessageType::event, 0, std::string(1000, 'x'))) ASSERT_LT(++sent, 10'000);
  EXPECT_FALSE(writer.send(MessageType::event, 0, std::string(max_message_text + 1, 'x')));
}

} // namespace
} // namespace sekisho::role
