// The documents that bench-render draws, made here so that everybody measures the same.
#pragma once

#include <string>

namespace sekisho::bench {

std::string text_document(unsigned pages);   // Japanese and Latin text, fonts not embedded
std::string scan_document(unsigned pages);   // each page one gray JPEG of 150 dpi
std::string vector_document(unsigned pages); // thousands of strokes and filled shapes in colour
std::string photo();                         // a JPEG of 12 megapixels

} // namespace sekisho::bench
