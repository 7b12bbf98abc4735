// unix(7): descriptors that go beside a message to another process.
#pragma once

#include "base/bytes.hh"
#include "base/unique_fd.hh"

#include <sys/types.h>

#include <initializer_list>

namespace sekisho {

/// One message of these pieces with a copy of `fd` and of `also` (-1: none).  Does not wait; false when not all of it went.
bool send_with_fd(int socket, std::initializer_list<Bytes> pieces, int fd, int also = -1);

struct ReceivedWithFd {
  ssize_t size = -1; // octets put into the buffer; 0: the other side is gone; -1: errno says why
  UniqueFd fd, also; // the first two that came; others are closed
  bool cut = false;  // the message was longer, or had more descriptors, than there was room for
};
/// One message into `buffer`.  Does not wait unless `wait` is set.
ReceivedWithFd receive_with_fd(int socket, std::span<std::byte> buffer, bool wait = false);

} // namespace sekisho
