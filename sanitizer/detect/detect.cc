// The order of questions: formats known by fixed octets, then containers, then PDF (whose mark may
// stand anywhere in the first kilobyte), then text.  Programs come first: a file that is two things
// at once is the worse one.
#include "sanitizer/detect/detect.hh"

#include "sanitizer/detect/containers.hh"

#include <algorithm>
#include <array>

namespace sekisho::detect {
namespace {

using job::Kind;
using namespace std::string_view_literals;

struct Signature {
  std::size_t offset;
  std::string_view octets;
  Kind kind;
};

constexpr auto signatures = std::to_array<Signature>({
    {0,
     "\x7f"
     "ELF"sv,
     Kind::executable},
    {0, "\xfe\xed\xfa\xce"sv, Kind::executable}, // Mach-O, both orders, 32 and 64 bits
    {0, "\xfe\xed\xfa\xcf"sv, Kind::executable},
    {0, "\xce\xfa\xed\xfe"sv, Kind::executable},
    {0, "\xcf\xfa\xed\xfe"sv, Kind::executable},
    {0, "\xca\xfe\xba\xbe"sv, Kind::executable}, // Java class, Mach-O for several processors
    {0, "\0asm"sv, Kind::executable},
    {0, "dex\n"sv, Kind::executable},
    {0, "FWS"sv, Kind::executable}, // Flash
    {0, "CWS"sv, Kind::executable},
    {0, "ZWS"sv, Kind::executable},
    {0, "ITSF"sv, Kind::executable},             // compiled help runs scripts
    {0, "\xed\xab\xee\xdb"sv, Kind::executable}, // RPM package
    {0, "!<arch>\ndebian"sv, Kind::executable},
    {0, "L\0\0\0\x01\x14\x02\0"sv, Kind::shortcut}, // [MS-SHLLINK] §2.1
    {0, "\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d\xae\xb1\x53\x78\xd0\x29\x96\xd3"sv, Kind::onenote},
    {0, "\xff\xd8\xff"sv, Kind::jpeg},
    {0, "\x89PNG\r\n\x1a\n"sv, Kind::png},
    {0, "GIF87a"sv, Kind::gif},
    {0, "GIF89a"sv, Kind::gif},
    {0, "II*\0"sv, Kind::tiff},
    {0, "MM\0*"sv, Kind::tiff},
    {0, "II+\0"sv, Kind::tiff}, // BigTIFF
    {0, "MM\0+"sv, Kind::tiff},
    {0, "\xd7\xcd\xc6\x9a"sv, Kind::metafile}, // WMF
    {0, "\x01\0\x09\0\0\x03"sv, Kind::metafile},
    {40, " EMF"sv, Kind::metafile},
    {0, "{\\rt"sv, Kind::rtf}, // Word opens this much as RTF
    {0, "7z\xbc\xaf\x27\x1c"sv, Kind::seven_zip},
    {0, "Rar!\x1a\x07"sv, Kind::rar},
    {0, "\x1f\x8b\x08"sv, Kind::gzip},
    {0, "BZh"sv, Kind::bzip2},
    {0,
     "\xfd"
     "7zXZ\0"sv,
     Kind::xz},
    {0, "MSCF"sv, Kind::cab},
    {0, "\x28\xb5\x2f\xfd"sv, Kind::archive_other}, // Zstandard
    {0, "\x04\x22\x4d\x18"sv, Kind::archive_other}, // LZ4
    {0, "\x1f\x9d"sv, Kind::archive_other},         // compress
    {0, "\x5d\0\0"sv, Kind::archive_other},         // LZMA
    {0, "LZIP"sv, Kind::archive_other},
    {0, "!<arch>\n"sv, Kind::archive_other},
    {0, "070701"sv, Kind::archive_other}, // cpio
    {0, "070702"sv, Kind::archive_other},
    {0, "070707"sv, Kind::archive_other},
    {0, "\xc7\x71"sv, Kind::archive_other},
    {0, "\x60\xea"sv, Kind::archive_other}, // ARJ
    {7, "**ACE**"sv, Kind::archive_other},
    {0, "xar!"sv, Kind::archive_other},
    {0, "MSWIM\0\0\0"sv, Kind::archive_other},
    {257, "ustar"sv, Kind::tar},
    {32769, "CD001"sv, Kind::iso},
    {0, "conectix"sv, Kind::iso}, // VHD: opened as a disk by a double click
    {0, "vhdxfile"sv, Kind::iso},
    {0, "\x78\x9f\x3e\x22"sv, Kind::tnef}, // [MS-OXTNEF] §2.1.3.1
    {0, "Salted__"sv, Kind::encrypted},
    {0, "\x8c\x0d\x04"sv, Kind::encrypted}, // OpenPGP, symmetric
    {0, "\x85\x01\x0c\x03"sv, Kind::encrypted},
    {0, "\x85\x02\x0c\x03"sv, Kind::encrypted},
    {0, "DocumentText"sv, Kind::ichitaro},
    {0, "\x60\x0e\x82"sv, Kind::docuworks},
    {0, "OTTO"sv, Kind::font},
    {0, "ttcf"sv, Kind::font},
    {0, "wOFF"sv, Kind::font},
    {0, "wOF2"sv, Kind::font},
    {0, "\0\x01\0\0\0"sv, Kind::font},
    {0, "ID3"sv, Kind::audio},
    {0, "fLaC"sv, Kind::audio},
    {0, "OggS"sv, Kind::audio},
    {0, "MThd"sv, Kind::audio},
    {0, ".snd"sv, Kind::audio},
    {0, "\x1a\x45\xdf\xa3"sv, Kind::video}, // Matroska
    {0, "FLV\x01"sv, Kind::video},
    {0, "\0\0\x01\xba"sv, Kind::video},
    {0, "\0\0\x01\xb3"sv, Kind::video},
    {0, "\x30\x26\xb2\x75\x8e\x66\xcf\x11"sv, Kind::video}, // ASF
});

bool has(Bytes bytes, std::size_t offset, std::string_view octets) {
  return bytes.size() >= offset + octets.size() && bytes[offset] == static_cast<std::byte>(octets.front()) &&
         as_chars(bytes.subspan(offset, octets.size())) == octets;
}

// Two letters are too little: the offset of the new header must lie inside, or this is a DOS
// program's size.
bool is_dos_program(Bytes bytes) {
  return bytes.size() >= 64 && (has(bytes, 0, "MZ") || has(bytes, 0, "ZM"));
}

bool is_bmp(Bytes bytes) {
  if (!has(bytes, 0, "BM")) return false;
  ByteReader reader(bytes.subspan(2));
  reader.skip(12);
  const std::uint32_t header = reader.read_u32_le();
  constexpr std::array<std::uint32_t, 8> headers = {12, 16, 40, 52, 56, 64, 108, 124};
  return !reader.failed() && std::find(headers.begin(), headers.end(), header) != headers.end();
}

Kind kind_of_riff(Bytes bytes) {
  if (has(bytes, 8, "WEBP")) return Kind::webp;
  if (has(bytes, 8, "WAVE")) return Kind::audio;
  return has(bytes, 8, "AVI ") ? Kind::video : Kind::unknown;
}

// ISO/IEC 14496-12 §4.3: the brand tells pictures, sound and film apart.
Kind kind_of_base_media(Bytes bytes) {
  const std::string_view brand = as_chars(bytes.subspan(8, 4));
  for (std::string_view picture :
       {"heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1", "avif", "avis"})
    if (brand == picture) return Kind::heif;
  return brand.substr(0, 3) == "M4A" ? Kind::audio : Kind::video;
}

bool is_lzh(Bytes bytes) { // -lh0- … -lh7-, -lhd-, -lzs-, -lz4-, -lz5-
  return bytes.size() > 24 && has(bytes, 2, "-l") && has(bytes, 6, "-") &&
         (has(bytes, 4, "h") || has(bytes, 4, "z"));
}

// POSIX 1003.1 ustar, and older: the sum of the header with its own field as blanks.
bool is_old_tar(Bytes bytes) {
  if (bytes.size() < 512 || bytes[0] == std::byte{0}) return false;
  unsigned sum = 0, written = 0;
  for (std::size_t i = 0; i < 512; ++i)
    sum += i >= 148 && i < 156 ? ' ' : std::to_integer<unsigned>(bytes[i]);
  for (std::size_t i = 148; i < 156; ++i) {
    const unsigned digit = std::to_integer<unsigned>(bytes[i]);
    if (digit >= '0' && digit <= '7') written = written * 8 + (digit - '0');
  }
  return sum == written;
}

// RFC 5652 §3: ContentInfo, whose first element names what it is.
Kind kind_of_cms(Bytes bytes) {
  constexpr std::string_view pkcs7 = "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07"sv;
  const std::string_view head = as_chars(bytes.first(std::min<std::size_t>(bytes.size(), 64)));
  const std::size_t at = head.find(pkcs7);
  if (head.empty() || head[0] != '\x30' || at == head.npos || at > 8) return Kind::unknown;
  const std::size_t type = at + pkcs7.size();
  if (type >= head.size()) return Kind::unknown;
  return head[type] == 2 ? Kind::signature : head[type] == 1 ? Kind::unknown : Kind::encrypted;
}

bool is_mpeg_audio(Bytes bytes) {
  return bytes.size() > 128 && bytes[0] == std::byte{0xff} &&
         (std::to_integer<unsigned>(bytes[1]) & 0xe6) == 0xe2;
}

Kind kind_by_octets(Bytes bytes) {
  if (is_dos_program(bytes)) return Kind::executable;
  for (const Signature &signature : signatures)
    if (has(bytes, signature.offset, signature.octets)) return signature.kind;
  if (is_bmp(bytes)) return Kind::bmp;
  if (has(bytes, 0, "RIFF")) return kind_of_riff(bytes);
  if (has(bytes, 4, "ftyp") && bytes.size() >= 12) return kind_of_base_media(bytes);
  if (is_lzh(bytes)) return Kind::lzh;
  return kind_of_cms(bytes);
}

bool has_pdf_mark(Bytes bytes) { // ISO 32000-1 annex H.3, note 13
  return as_chars(bytes.first(std::min<std::size_t>(bytes.size(), 1024))).find("%PDF-") !=
         std::string_view::npos;
}

} // namespace

Kind kind_of(Bytes bytes, std::string_view name) {
  if (bytes.empty()) return Kind::empty;
  if (const Kind kind = kind_by_octets(bytes); kind != Kind::unknown) return kind;
  if (has(bytes, 0, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")) {
    const Kind kind = kind_of_compound_file(bytes);
    return kind == Kind::ole_other ? kind_by_name(name, kind) : kind;
  }
  if (has(bytes, 0, "PK\x03\x04") || has(bytes, 0, "PK\x05\x06")) return kind_of_zip(bytes);
  const Kind plain = kind_of_plain(bytes, name);
  if (plain == Kind::mail) return plain;
  if (has_pdf_mark(bytes)) return Kind::pdf;
  // A zip may have anything before it; readers go by its end.
  if (const Kind zip = kind_of_zip(bytes); zip != Kind::unknown) return zip;
  if (plain != Kind::unknown) return plain;
  if (is_old_tar(bytes)) return Kind::tar;
  return is_mpeg_audio(bytes) ? Kind::audio : kind_by_name(name, Kind::unknown);
}

bool is_also_document(Bytes bytes) {
  return has_pdf_mark(bytes) || kind_of_zip(bytes) != Kind::unknown;
}

} // namespace sekisho::detect
