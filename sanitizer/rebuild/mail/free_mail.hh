// Domains in which anybody gets an address: the list that comes with the program (deploy/lists).  Private to rebuild.
#pragma once

#include <string_view>

namespace sekisho::rebuild {

/// The domain itself or one above it is listed.  Any case.
bool is_free_mail(std::string_view domain);

} // namespace sekisho::rebuild
