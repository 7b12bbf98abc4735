// Documents of our own that a worker opens before anybody else's.
#pragma once

#include "base/bytes.hh"

#include <string>
#include <vector>

namespace sekisho::office {

struct Sample {
  std::string ending;
  Buffer octets;
};

/// A docx, an xlsx, a pptx, in the fonts that most documents name.
std::vector<Sample> samples();

} // namespace sekisho::office
