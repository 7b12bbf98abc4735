// Engines without a font draw nothing and say nothing: so they are tried once at the start.
#pragma once

namespace sekisho::rebuild {

/// Whether rebuild's own PDF path draws text whose Japanese font is not in the file.
bool draws_japanese_page();

} // namespace sekisho::rebuild
