// A PDF of our writer's read back, while it is still being written: each page as soon as it stands.
#pragma once

#include "sanitizer/verify/pdf_text.hh"
#include "sanitizer/verify/verify.hh"

#include <vector>

namespace sekisho::verify {

/// Where each object begins, to be compared with the table at the end.
class PdfObjects {
public:
  void begin(Scanner &scanner, std::uint64_t number);
  const std::vector<std::size_t> &offsets() const { return offsets_; }

private:
  std::vector<std::size_t> offsets_;
};

class PdfReading {
public:
  /// `keep_text`: for text().
  explicit PdfReading(bool keep_text = false) : text_(keep_text) {}
  /// Reads one page more.  `so_far`: all octets from the first, the same as in the last call and
  /// more.  False when they are not ours; then nothing of it is.
  bool read_page(Bytes so_far);
  /// The end behind the last page.  True: `whole` is our writer's from the first octet to the last.
  bool read_end(Bytes whole);
  /// Whether the next octets begin the page tree: no more pages.
  bool at_tree(Bytes so_far) const { return Scanner(so_far, position_).sees("1 0 obj\n"); }

  /// The invisible text of all pages, once all was read.
  std::string text() const { return text_.kept(); }

private:
  PdfObjects objects_;
  PdfText text_;
  std::size_t position_ = 0;
  std::uint64_t pages_ = 0;
  bool failed_ = false;
};

/// `text`: where the invisible text of its pages goes; may be null.
bool is_our_pdf(Bytes untrusted, Deadline deadline, std::string *text = nullptr);

} // namespace sekisho::verify
