// Whether a kernel interface has its link, asked over one netlink socket that outlives the jail.
#pragma once

#include "base/unique_fd.hh"

#include <optional>

namespace sekisho::port {

class LinkWatch {
public:
  /// In the network namespace of the interfaces.
  LinkWatch();
  /// By interface index; nothing where the kernel does not say.  One thread's.
  std::optional<bool> is_up(unsigned interface) const;

private:
  UniqueFd socket_;
};

} // namespace sekisho::port
