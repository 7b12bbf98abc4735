// Documents of our own that a worker opens before anybody else's.
#pragma once

#include <string_view>

namespace sekisho::office {

struct Sample {
  std::string_view ending, text;
};

extern const Sample samples[3]; // flat ODF: a text, a sheet, a slide

} // namespace sekisho::office
