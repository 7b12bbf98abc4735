// The invisible text of a page and the map that says which characters it is; private to verify.
//
//   text = "0.01 0 0 0.01 0 0 cm" "BT /T 1 Tf 3 Tr" 1*run "ET"
//   run  = (a "0 0" d / "0 -" a d "0" / "0" a "-" d "0") x y "Tm" "<" 1*(4 hex digits) ">" "Tj"
//   x, y: on the page; a, d: at most its size; 1/100 point
#pragma once

#include "sanitizer/verify/scanner.hh"

namespace sekisho::verify {

/// For one document: codes of the private area are given to characters above U+FFFF in the order in
/// which they are first used.
class PdfText {
public:
  /// `width`, `height` of the page in 1/100 point.  Fails the scanner where anything else stands.
  void read(Scanner &scanner, std::uint64_t width, std::uint64_t height);
  /// The ToUnicode map of exactly the codes used.
  void read_map(Scanner &scanner) const;

private:
  void read_run(Scanner &scanner, std::uint64_t width, std::uint64_t height);
  bool is_allowed(std::uint32_t code);

  std::size_t supplementary_ = 0; // codes of the private area used so far
  std::size_t on_page_ = 0, in_document_ = 0;
};

} // namespace sekisho::verify
