// Labels of a sheet's form controls where they stand in its VML drawing alone (ISO/IEC 29500-4 §19.4), as Excel before
// 2010 writes them.  Private to rebuild.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sekisho::rebuild {

struct VmlLabel {
  std::string shape; // its number, as in a drawing
  std::string text;  // "☑ 同意する"
  bool hidden = false;
};

/// A part as it came; as far as it can be read.  Frames of remarks are left out: their words stand elsewhere.
std::vector<VmlLabel> vml_labels(std::string_view untrusted_xml);

} // namespace sekisho::rebuild
