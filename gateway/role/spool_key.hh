// The key of spool and hold (A4, O5): read by root, or made at the first start, and handed to the relay in a descriptor.
#pragma once

#include "base/result.hh"
#include "base/unique_fd.hh"

#include <string>

namespace sekisho::role {

/// A sealed memfd with the key file's text.  `path`: empty for STATE/spool.key, which is made where there is no mail
/// yet.  Errors: it is not there though mail is, others may read it, or it holds no key.
Result<UniqueFd> open_spool_key(const std::string &path, const std::string &state_folder,
                                const std::string &spool_folder);

} // namespace sekisho::role
