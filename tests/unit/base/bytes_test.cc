#include "base/bytes.hh"

#include <gtest/gtest.h>

namespace sekisho {
namespace {

TEST(ByteReader, failure_is_sticky_and_never_runs_over) {
  Buffer two = to_buffer("ab");
  ByteReader reader(two);
  EXPECT_EQ(reader.read_u8(), 'a');
  EXPECT_EQ(reader.read_u16(), 0);
  EXPECT_TRUE(reader.failed());
  EXPECT_EQ(reader.read_u8(), 0) << "still failed, though one octet is left";
}

TEST(ByteReader, reads_what_the_writer_wrote) {
  ByteWriter writer;
  writer.put_u8(1);
  writer.put_u16(0x0203);
  writer.put_u32(0x04050607);
  writer.put_u64(0x08090a0b0c0d0e0f);
  writer.put_counted("text");
  ByteReader reader(writer.buffer());
  EXPECT_EQ(reader.read_u8(), 1);
  EXPECT_EQ(reader.read_u16(), 0x0203);
  EXPECT_EQ(reader.read_u32(), 0x04050607u);
  EXPECT_EQ(reader.read_u64(), 0x08090a0b0c0d0e0fu);
  EXPECT_EQ(reader.take_string(4), "text");
  EXPECT_TRUE(reader.at_end());
  EXPECT_FALSE(reader.failed());
}

TEST(ByteReader, counted_above_the_limit_fails) {
  ByteWriter writer;
  writer.put_counted("text");
  ByteReader reader(writer.buffer());
  EXPECT_EQ(reader.take_string(3), "");
  EXPECT_TRUE(reader.failed());
}

} // namespace
} // namespace sekisho
