// The pages of a PDF as they are drawn, one by one; nothing of a page is kept behind it.
#pragma once

#include "sanitizer/rebuild/pdf/page_text.hh"
#include "sanitizer/rebuild/pdf/pdf_writer.hh"
#include "sanitizer/rebuild/rebuild.hh"

#include <memory>
#include <optional>
#include <string>

namespace sekisho::rebuild {

class PdfPages {
public:
  /// `input` and `plan` are borrowed.  Errors: part_engine_missing, part_encrypted, part_malformed,
  /// part_too_big (octets, or more pages than the plan allows).
  static Result<PdfPages, Reason> open(const Input &input, const job::Plan &plan);
  PdfPages(PdfPages &&) noexcept;
  ~PdfPages();

  std::uint32_t count() const; // 1 or more
  /// For the report: part_rendered, then what acts, hides or calls out and is gone afterwards.
  const std::vector<Reason> &findings() const;
  /// The same page whatever was drawn before.  One that cannot be read is white.  Errors:
  /// part_too_big.
  Result<PrintedPage, Reason> print(std::uint32_t index);
  /// Nothing where the page cannot be read.  Errors: part_too_big.
  Result<std::optional<PlainPage>, Reason> text(std::uint32_t index);

private:
  struct State;
  explicit PdfPages(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

} // namespace sekisho::rebuild
