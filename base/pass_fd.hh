// unix(7): a descriptor that goes beside a message to another process.
#pragma once

#include "base/bytes.hh"
#include "base/unique_fd.hh"

#include <sys/types.h>

#include <initializer_list>

namespace sekisho {

/// One message of these pieces with a copy of `fd` (-1: none).  Does not wait; false when not all of it went.
bool send_with_fd(int socket, std::initializer_list<Bytes> pieces, int fd);

struct ReceivedWithFd {
  ssize_t size = -1; // octets put into the buffer; 0: the other side is gone; -1: errno says why
  UniqueFd fd;       // the first one that came; others are closed
  bool cut = false;  // the message was longer, or had more descriptors, than there was room for
};
/// One message into `buffer`.  Does not wait unless `wait` is set.
ReceivedWithFd receive_with_fd(int socket, std::span<std::byte> buffer, bool wait = false);

} // namespace sekisho
