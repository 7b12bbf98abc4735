// Text that does not fit a message travels in a sealed memfd beside it.
#pragma once

#include "gateway/role/channel/channel.hh"

namespace sekisho::role {

/// A memfd that nobody can change any more.
Result<UniqueFd> sealed_memfd(const char *name, Bytes content);
/// Whether it is one: it can then be read without waiting, and without being changed or cut meanwhile.
bool is_sealed(int untrusted_fd);
/// The whole of a sealed memfd.  Errors: it is none, or has more than `limit` octets.
Result<std::string> read_memfd(int untrusted_fd, std::size_t limit);

/// As Channel::send, for text of any length.
bool send_long(const Channel &channel, MessageType type, std::uint32_t id, std::string_view text);
/// The text of a message sent by send_long.  Errors: as read_memfd.
Result<std::string> long_text(const Message &message, std::size_t limit);

} // namespace sekisho::role
