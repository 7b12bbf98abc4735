// The documents that bench-render measures, made here so that everybody measures the same.  Those
// with scans need an engine (rebuild::warm_up).
#pragma once

#include <string>

namespace sekisho::bench {

std::string text_document(unsigned pages);   // A4, Japanese and Latin text, fonts not embedded
std::string slides_document(unsigned pages); // 960 x 540 points: gradients, transparency, a picture
/// Each page of a text document drawn at 300 dpi, blurred, with noise, as one JPEG.
std::string scan_document(unsigned pages, bool gray);
std::string photo(); // a JPEG of 12 megapixels

} // namespace sekisho::bench
