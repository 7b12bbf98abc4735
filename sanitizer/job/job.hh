// The values that cross the border to a worker: Job in, Outcome out.  Plain values; the codec is
// beside.
#pragma once

#include "base/bytes.hh"
#include "base/clock.hh"
#include "base/reason.hh"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace sekisho::job {

/// What a rule can ask for.  The zero value takes the part away.
enum class Treatment : std::uint8_t {
  strip,   // taken out, told in the note
  hold,    // the whole mail waits for a person
  text,    // contents as plain text
  render,  // to pixels, then a new PDF or image
  rebuild, // the same format from an allow-list of its parts
  unpack,  // archive members each treated
};
constexpr std::size_t treatment_count = 6;

/// What the bytes are, found by looking at them (sanitizer/detect), never by name.
enum class Kind : std::uint8_t {
  unknown,
  empty,
  text,
  html,
  csv,
  xml,
  json,
  calendar,
  vcard,
  rtf,
  pdf,
  jpeg,
  png,
  gif,
  bmp,
  tiff,
  webp,
  heif,
  svg,
  metafile,
  ooxml_word,
  ooxml_sheet,
  ooxml_slides,
  ooxml_macro,
  odf,
  ole_office,
  ole_macro,
  ole_other,
  zip,
  seven_zip,
  rar,
  tar,
  gzip,
  bzip2,
  xz,
  lzh,
  cab,
  iso,
  archive_other,
  mail,
  tnef,
  signature,
  encrypted,
  executable,
  script,
  shortcut,
  onenote,
  font,
  audio,
  video,
  ichitaro,
  docuworks,
  visio,
  xps,
};
constexpr std::size_t kind_count = static_cast<std::size_t>(Kind::xps) + 1;

/// What a rule can name on the left of a treatment.
enum class KindClass : std::uint8_t { any, pdf, image, office, archive, text, mail, encrypted };
constexpr std::size_t kind_class_count = 8;

KindClass class_of(Kind kind);
std::string_view word_of(Kind kind);            // "pdf", "ooxml-macro" …
std::string_view word_of(KindClass kind_class); // as written in rules
std::string_view word_of(Treatment treatment);  // as written in rules
/// Whether this version can do it: the rule checker refuses the others by name.
bool is_offered(KindClass kind_class, Treatment treatment);

constexpr std::uint32_t most_noise = 4; // bits of eight
/// What a document says beside what is seen at first sight.  The zero value takes it out.
enum class Beside : std::uint8_t { remove, keep };
constexpr std::size_t beside_count = 2;
/// The zero value leaves no formula.
enum class Formulas : std::uint8_t { values, keep };
constexpr std::size_t formulas_count = 2;
/// How the text of a mail is written.  The zero value can write everything.
enum class MailCharset : std::uint8_t { utf8, iso_2022_jp };
constexpr std::size_t mail_charset_count = 2;
std::string_view word_of(Beside beside);       // as written in rules
std::string_view word_of(Formulas formulas);   // as written in rules
std::string_view word_of(MailCharset charset); // as written in rules, and in a mail

/// Already decided by the rules; the worker knows no rules.
struct Plan {
  std::array<Treatment, kind_class_count>
      treatments{};                     // by KindClass; `any` covers what has no own line
  std::uint32_t dpi = 150;              // render resolution, 36–600
  std::uint32_t noise = 0;              // lowest bits of a picture's samples to be replaced
  std::uint32_t max_input = 20u << 20;  // octets of the whole mail or file
  std::uint32_t max_output = 64u << 20; // octets of the whole result
  std::uint32_t max_parts = 500;
  std::uint32_t max_depth = 10;           // nesting of multiparts and messages; files inside files
  std::uint32_t archive_depth = 3;        // archives in archives: 1 takes none inside another
  std::uint32_t max_pages = 500;          // a document
  std::uint32_t max_pixels = 100'000'000; // an image or page, before a decoder allocates
  std::uint32_t deadline_ms = 30'000; // the whole job; a file's share is bounded by what is left
  Beside tracked = Beside::remove;    // tracked changes and comments of a rebuilt document
  Beside hidden = Beside::keep;       // its hidden sheets, slides, text and parts of pictures
  Formulas formulas = Formulas::keep; // its formulas; dangerous ones become values in any case
  MailCharset mail_charset = MailCharset::utf8; // a mail that it cannot write stays in UTF-8
  bool append_text = false; // the text of attachments stands at the foot of the mail too
  std::string note_words;   // the administrator's own words to readers; empty: those built in
  bool hide_recipients = false; // recipients do not see each other (M6) …
  std::vector<std::string> own_domains; // … but these, lower case, may be seen; none: the domain of From
  Treatment treatment(KindClass kind_class) const {
    return treatments[static_cast<std::size_t>(kind_class)];
  }
};

enum class What : std::uint8_t { mail, file };
constexpr std::size_t what_count = 2;

/// What is cut off a picture at its sides: millionths of its width and height, or micrometres of its print.
struct Cut {
  std::uint32_t left = 0, top = 0, right = 0, bottom = 0;
  bool in_print = false;
  auto operator<=>(const Cut &) const = default;
  explicit operator bool() const { return left != 0 || top != 0 || right != 0 || bottom != 0; }
};

/// `bytes` is borrowed for the call.
struct Job {
  What what = What::file;
  std::string receipt;       // receipt number, printable ASCII, at most 32 octets
  std::string name;          // file: name as declared, UTF-8; may be empty
  std::string declared_type; // file: media type as declared; may be empty
  std::string authentication; // mail: value of its Authentication-Results (RFC 8601); empty: none
  std::vector<Reason> known;  // mail: what the gateway found before; told to the reader, reported
  UnixSeconds accepted = 0;   // mail: when it was taken, its date where it has none; 0: nobody said
  Cut cut; // file: of a picture that a document shows in part
  Plan plan;
  Bytes bytes;
};

enum class Action : std::uint8_t { kept_text, rendered, reencoded, stripped, held };
constexpr std::size_t action_count = 5;

/// One part of the input and what became of it.  All text is UTF-8, control characters removed.
struct PartReport {
  std::string path;          // "1.2": place in the tree, 1-based
  std::string name;          // file name as declared
  std::string declared_type; // media type as declared
  Kind kind = Kind::unknown;
  std::uint64_t size = 0; // octets, transfer encoding removed
  std::string sha256;     // of those octets, 64 hex digits
  Action action = Action::stripped;
  std::vector<Reason> reasons; // why, and what else was found; most important first
  std::string output_name;     // when something is left of it
  std::uint64_t output_size = 0;
  std::string output_sha256;
  std::uint32_t milliseconds = 0; // in a process of its own; 0: in none
};

struct Report {
  std::string receipt;
  std::string version; // of the program: same input, plan and version give the same output
  std::string input_sha256;
  std::string output_sha256; // empty when nothing was written
  std::uint64_t input_size = 0;
  std::uint64_t output_size = 0;
  std::string message_id, from, to, subject; // mail: as read, decoded, for the record and trace
  std::vector<std::string> received; // mail: its Received fields as read, newest first, for the record only
  std::vector<Reason> reasons;               // about the mail as a whole
  std::uint32_t milliseconds = 0; // from the job's arrival to its outcome, as the client measured
  std::string malware; // what the virus scanner calls it; its word is the gateway's, never a worker's
  std::vector<PartReport> parts;
};

enum class Status : std::uint8_t {
  refused, // nothing written; the zero value
  held,    // a person must look; nothing written
  clean,
};
constexpr std::size_t status_count = 3;

/// Whatever is not clean carries a reason and no output; what is clean has Reason::none.
struct Outcome {
  Status status = Status::refused;
  Reason reason = Reason::job_not_sanitizable;
  Buffer output;
  Kind output_kind = Kind::unknown; // file: one that verify::Verifier::accept knows
  Report report;
};

std::string_view word_of(Action action);
std::string_view word_of(Status status);

} // namespace sekisho::job
