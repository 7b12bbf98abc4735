// The invisible text of a page and the map that says which characters it is; private to verify.
//
//   text = "0.01 0 0 0.01 0 0 cm" "BT /T 1 Tf 3 Tr" 1*run "ET"
//   run  = (a "0 0" d / "0 -" a d "0" / "0" a "-" d "0") x y "Tm" "<" 1*(4 hex digits) ">" "Tj"
//   x, y: on the page; a, d: at most its size; 1/100 point
#pragma once

#include "sanitizer/verify/scanner.hh"

#include <vector>

namespace sekisho::verify {

/// For one document: codes of the private area are given to characters above U+FFFF in the order in
/// which they are first used.
class PdfText {
public:
  explicit PdfText(bool keep = false) : keep_(keep) {}
  /// `width`, `height` of the page in 1/100 point.  Fails the scanner where anything else stands.
  void read(Scanner &scanner, std::uint64_t width, std::uint64_t height);
  /// The ToUnicode map of exactly the codes used.
  void read_map(Scanner &scanner);
  /// What was read, where it is kept: UTF-8, lines as they stand on the page, an empty one between pages.
  std::string kept() const;

private:
  void read_run(Scanner &scanner, std::uint64_t width, std::uint64_t height);
  bool is_allowed(std::uint32_t code);
  /// A run on the same line as the last one goes on with it.
  void keep_line(std::uint64_t line, std::uint64_t height, bool upright);

  bool keep_;
  std::u32string kept_;              // characters above U+FFFF by their codes
  std::vector<char32_t> characters_; // of those codes
  std::uint64_t line_ = 0;
  bool upright_ = false, at_start_ = true; // of the page
  std::size_t supplementary_ = 0; // codes of the private area used so far
  std::size_t on_page_ = 0, in_document_ = 0;
};

} // namespace sekisho::verify
