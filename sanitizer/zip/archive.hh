// What a zip holds (PKWARE APPNOTE.TXT 6.3.10), read once and from both sides: the central
// directory and each member's own header must say the same.  No I/O, no rules, nothing unpacked
// here.
//
// One walk serves two kinds of reader.  Who rebuilds a document asks first_fault() and refuses. Who
// lists an archive takes the members without a fault and tells why the others stay out.
#pragma once

#include "base/bytes.hh"
#include "base/reason.hh"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sekisho::zip {

/// Checked against what is announced, before anything is unpacked.
struct Limits {
  std::size_t members = 65'535;
  std::uint64_t unpacked = 256u << 20;  // octets of all members together
  std::uint64_t ratio = 200;            // unpacked to packed, of all members together …
  std::uint64_t ratio_from = 16u << 20; // … where they unpack to more than this
};

struct Fault {
  Reason reason = Reason::none;
  const char *what = ""; // in English, for logs and tests
  explicit operator bool() const { return reason != Reason::none; }
};

enum class Method : std::uint16_t { stored = 0, deflated = 8 };

/// Borrows from the archive's octets.
struct Member {
  /// UTF-8, "/" between folders, none at the end.  By the Unicode path field (0x7075), the UTF-8
  /// flag, or found out: UTF-8 where all names of the archive are that or it cannot be chance, else CP932 or EUC-JP.
  std::string name;
  Bytes packed;           // empty where `fault` says that it cannot be had
  std::uint64_t size = 0; // unpacked, as announced
  std::uint32_t crc = 0;
  std::uint16_t method = 0; // of Method, or one that we do not unpack: then there is a fault
  bool folder = false;
  bool encrypted = false; // there is a fault too
  Fault fault;            // why it must not be used
};

struct Archive {
  std::vector<Member> members; // in the directory's order, as far as it can be read
  Fault fault;                 // of the archive as a whole
  bool utf8_names = true;      // false: an unmarked name is of another set
  bool commented = false;      // it or a member (§4.4.12, §4.4.18)

  /// Of the archive, else of its first member that has one.
  Fault first_fault() const;
  /// Folders and members with a fault are found too.
  const Member *find(std::string_view name) const;
};

/// Faults and their reasons:
///   zip-damaged            no end record, a directory or header cut short or with a wrong mark
///   zip-split              of several disks
///   zip-disagrees          two readers could see two archives: end records, Zip64 record, counts,
///                          a member's header or data descriptor against the directory, members
///                          that the directory leaves out
///   zip-overlap            two members, or a member and the directory, share octets
///   zip-bomb               above `limits`
///   zip-name               empty, absolute, with a drive, "..", control characters, ill-formed
///   zip-duplicate          the name occurred before, ASCII case aside (OPC §6.2.2.3)
///   zip-link               a symbolic link or a device
///   zip-method             neither stored nor deflated
///   encrypted              traditional, AES or strong encryption
/// A backslash in a name counts as "/" with `backslashes`, else as zip-name.
Archive read(Bytes untrusted, const Limits &limits = {}, bool backslashes = false);

/// Of archives of any kind: empty, absolute, with a drive, "..".  `path`: "/" between folders.
bool leads_elsewhere(std::string_view path);

} // namespace sekisho::zip
