// What must happen while there still is a file system: libraries, fonts, tables.  Called once in
// the zygote; the workers forked from it find everything in memory.
#pragma once

#include <string>
#include <vector>

namespace sekisho::rebuild {

struct Engines {
  bool pdf = false;                 // PDFium is there and draws a Japanese test page
  std::vector<std::string> missing; // what is not there, in words with the remedy
};

/// `pdfium_library`: its path, empty for the usual places.  Takes about 0.1 s.
Engines warm_up(const std::string &pdfium_library);

} // namespace sekisho::rebuild
