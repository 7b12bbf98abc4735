#include "base/pass_fd.hh"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <cstring>

namespace sekisho {
namespace {

struct Pair {
  UniqueFd near, far;
  Pair() {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == 0)
      near.reset(ends[0]), far.reset(ends[1]);
  }
};

int lowest_free() {
  const int fd = ::open("/dev/null", O_RDONLY);
  ::close(fd);
  return fd;
}

TEST(PassFd, pieces_and_descriptor_arrive_together) {
  Pair pair;
  int ends[2];
  ASSERT_EQ(0, ::pipe(ends));
  UniqueFd reading(ends[0]), writing(ends[1]);
  ASSERT_TRUE(send_with_fd(pair.near.get(), {as_bytes("ab"), as_bytes("c")}, writing.get()));
  writing.reset();
  std::byte buffer[8];
  ReceivedWithFd received = receive_with_fd(pair.far.get(), buffer);
  ASSERT_EQ(3, received.size);
  EXPECT_EQ("abc", as_chars(Bytes(buffer, 3)));
  EXPECT_FALSE(received.cut);
  ASSERT_TRUE(received.fd);
  EXPECT_TRUE(::fcntl(received.fd.get(), F_GETFD) & FD_CLOEXEC);
  ASSERT_EQ(1, ::write(received.fd.get(), "x", 1));
  char got = 0;
  EXPECT_EQ(1, ::read(reading.get(), &got, 1));
  EXPECT_EQ('x', got);
}

TEST(PassFd, two_descriptors_arrive_in_their_order) {
  Pair pair;
  int ends[2];
  ASSERT_EQ(0, ::pipe(ends));
  const UniqueFd reading(ends[0]), writing(ends[1]);
  ASSERT_TRUE(send_with_fd(pair.near.get(), {as_bytes("a")}, reading.get(), writing.get()));
  std::byte buffer[8];
  const ReceivedWithFd received = receive_with_fd(pair.far.get(), buffer);
  ASSERT_TRUE(received.fd && received.also && !received.cut);
  ASSERT_EQ(1, ::write(received.also.get(), "x", 1));
  char got = 0;
  EXPECT_EQ(1, ::read(received.fd.get(), &got, 1));
  EXPECT_EQ('x', got);
}

TEST(PassFd, what_is_too_long_is_seen_to_be_cut) {
  Pair pair;
  ASSERT_TRUE(send_with_fd(pair.near.get(), {as_bytes("abc")}, -1));
  std::byte buffer[2];
  const ReceivedWithFd received = receive_with_fd(pair.far.get(), buffer);
  EXPECT_TRUE(received.cut);
  EXPECT_FALSE(received.fd);
}

TEST(PassFd, of_several_descriptors_two_are_kept_and_none_stays_open) {
  Pair pair;
  for (unsigned count : {2u, 3u, 5u, 20u}) {
    const int before = lowest_free();
    std::vector<int> fds(count, pair.near.get());
    std::byte octet{};
    iovec part{&octet, 1};
    std::vector<char> control(CMSG_SPACE(sizeof(int) * count));
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    cmsghdr *rights = CMSG_FIRSTHDR(&message);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(sizeof(int) * count);
    std::memcpy(CMSG_DATA(rights), fds.data(), sizeof(int) * count);
    ASSERT_EQ(1, ::sendmsg(pair.near.get(), &message, 0));
    {
      std::byte buffer[8];
      const ReceivedWithFd received = receive_with_fd(pair.far.get(), buffer);
      EXPECT_TRUE(received.fd && received.also) << count;
      EXPECT_EQ(count > 4, received.cut) << count;
    }
    EXPECT_EQ(before, lowest_free()) << count;
  }
}

TEST(PassFd, nothing_there_and_nobody_there) {
  Pair pair;
  std::byte buffer[8];
  EXPECT_EQ(-1, receive_with_fd(pair.far.get(), buffer).size);
  pair.near.reset();
  EXPECT_EQ(0, receive_with_fd(pair.far.get(), buffer).size);
  EXPECT_FALSE(send_with_fd(pair.far.get(), {as_bytes("a")}, -1));
}

} // namespace
} // namespace sekisho
