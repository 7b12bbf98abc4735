// The lines between 354 and the lone dot (RFC 5321 §4.5.2), or those in chunks (RFC 3030).  Only CRLF ends a line
// (§2.3.8), so that no two readers can disagree where a mail ends ("SMTP smuggling").
#pragma once

#include "base/bytes.hh"
#include "base/reason.hh"

namespace sekisho::smtp {

/// Undoes dot stuffing.  Fed in any pieces; each octet is looked at once.
///
/// After a fault the rest up to CRLF . CRLF is read and thrown away:
///   bare_line_end  a CR without LF or an LF without CR
///   line_too_long  a line above `max_line`
///   mail_too_big   more than `max_size` octets
class DataReader {
public:
  DataReader(std::uint64_t max_size, std::size_t max_line) : max_size_(max_size), max_line_(max_line) {}

  /// Takes what belongs to the mail; returns how many octets that was.  Less than all only when ended().
  std::size_t feed(Bytes input);
  /// The same for a chunk: no dot means anything, all of it belongs to the mail, a line may go on in the next one.
  /// A mail comes by feed() or by this, never by both.
  void feed_unstuffed(Bytes chunk);
  /// No chunk follows: the last line is ended if it was not.
  void finish();
  bool ended() const { return state_ == State::ended; }
  Reason fault() const { return fault_; }
  /// Octets read, thrown away ones included.
  std::uint64_t read() const { return read_; }
  /// The mail, unstuffed, every line ending in CRLF.  Empty after a fault.
  Buffer take() { return std::move(mail_); }
  /// So many are said to come.  Room is made as they do: who only says so gets none.
  void expect(std::size_t octets) { expected_ = octets; }
  std::size_t room() const { return mail_.capacity(); }
  /// What is kept goes, and the rest is thrown away as after any fault.
  void spoil(Reason reason);
  std::size_t kept_octets() const { return mail_.size(); }

private:
  enum class State : std::uint8_t { line_start, dot, dot_cr, text, text_cr, ended };

  std::size_t feed_text(std::string_view rest);
  std::size_t feed_lines(std::string_view rest);
  std::size_t take_behind_cr(char c);
  void keep(std::string_view octets);
  void append(std::string_view octets);

  std::uint64_t max_size_;
  std::size_t max_line_;
  State state_ = State::line_start;
  Reason fault_ = Reason::none;
  std::size_t line_ = 0; // octets of the present line
  std::uint64_t read_ = 0;
  std::size_t expected_ = 0;
  Buffer mail_;
};

/// Dot stuffing for the way out: CRLF lines in, the same with leading dots doubled and the lone dot added.
/// The last line is ended if it was not.
std::string stuff_dots(Bytes mail);

/// Hops a mail has made: its Received fields plus what an earlier gateway wrote into Sekisho-Hops (a
/// rebuilt mail has no foreign Received fields left).  RFC 5321 §6.3.
unsigned count_hops(Bytes mail);

} // namespace sekisho::smtp
