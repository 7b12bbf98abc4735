// All archives but zip, by libarchive out of memory: formats and filters by an explicit list for
// each kind; none that starts a program.
#include "sanitizer/rebuild/archive/archive.hh"
#include "sanitizer/rebuild/ballast.hh"
#include "sanitizer/text/japanese_name.hh"

#include "base/utf8.hh"

#include <archive.h>
#include <archive_entry.h>
#include <iconv.h>
#include <locale.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <initializer_list>
#include <memory>
#include <optional>

namespace sekisho::rebuild {
namespace {

using job::Kind;
using Add = int (*)(::archive *);

struct Free {
  void operator()(::archive *archive) const { archive_read_free(archive); }
};
using Handle = std::unique_ptr<::archive, Free>;

/// Names that a format keeps in Unicode come out as UTF-8 only in a locale of UTF-8.
class Utf8Locale {
public:
  Utf8Locale() : before_(::uselocale(locale())) {}
  ~Utf8Locale() { ::uselocale(before_); }
  Utf8Locale(const Utf8Locale &) = delete;
  Utf8Locale &operator=(const Utf8Locale &) = delete;

  static locale_t locale() {
    static const locale_t utf8 = ::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
    return utf8;
  }

private:
  locale_t before_;
};

/// For the target of a link, which a 7z may pack gigabytes into, libarchive takes memory before anything of ours is asked.
/// A dictionary as large as all members may be; a zip that grows; a member in hand, sent, and answered.
std::size_t room_for(const job::Plan &plan) {
  return most_unpacked + std::size_t{plan.max_output} * 3 + std::size_t{plan.max_input} * 4;
}

/// ARCHIVE_WARN would mean that a program is started for it.
bool add_all(::archive *archive, std::initializer_list<Add> supports) {
  for (const Add add : supports)
    if (add(archive) != ARCHIVE_OK) return false;
  return true;
}

struct Packing {
  std::string_view start;
  int filter;
};
constexpr std::string_view gzip_start = "\x1f\x8b";
constexpr Packing packings[] = {{gzip_start, ARCHIVE_FILTER_GZIP},
                                {"BZh", ARCHIVE_FILTER_BZIP2},
                                {"\xfd"
                                 "7zXZ",
                                 ARCHIVE_FILTER_XZ},
                                {"\x28\xb5\x2f\xfd", ARCHIVE_FILTER_ZSTD},
                                {"\x04\x22\x4d\x18", ARCHIVE_FILTER_LZ4},
                                {"\x1f\x9d", ARCHIVE_FILTER_COMPRESS},
                                {"\x5d", ARCHIVE_FILTER_LZMA},
                                {"LZIP", ARCHIVE_FILTER_LZIP}};

/// Exactly one filter: what is packed twice is a file in a file, and counts as one.  Only that of
/// compress cannot be named before the archive is open.
bool choose_filter(::archive *archive, Bytes untrusted) {
  for (const Packing &packing : packings) {
    if (!as_chars(untrusted).starts_with(packing.start)) continue;
    const int added = packing.filter == ARCHIVE_FILTER_COMPRESS
                          ? archive_read_support_filter_compress(archive)
                          : archive_read_append_filter(archive, packing.filter);
    return added == ARCHIVE_OK && add_all(archive, {archive_read_support_format_raw});
  }
  return add_all(archive, {archive_read_support_format_cpio, archive_read_support_format_ar});
}

bool choose_readers(::archive *archive, Kind kind, Bytes untrusted) {
  switch (kind) {
  case Kind::tar: return add_all(archive, {archive_read_support_format_tar});
  case Kind::seven_zip: return add_all(archive, {archive_read_support_format_7zip});
  case Kind::rar:
    return add_all(archive, {archive_read_support_format_rar, archive_read_support_format_rar5});
  case Kind::lzh: return add_all(archive, {archive_read_support_format_lha});
  case Kind::cab: return add_all(archive, {archive_read_support_format_cab});
  case Kind::gzip:
  case Kind::bzip2:
  case Kind::xz:
  case Kind::archive_other:
    return choose_filter(archive, untrusted) && add_all(archive, {archive_read_support_format_tar});
  default: return false;
  }
}

/// [MS-CAB] §2.1–§2.2.  The library breaks its own heap on malformed LZX and on headers with flags
/// that nobody defined (libarchive 3.6.2): it is not shown any.
Reason why_not_cab(Bytes untrusted) {
  constexpr unsigned has_previous = 1, has_next = 2, has_reserve = 4;
  ByteReader reader(untrusted);
  reader.skip(26);
  const unsigned folders = reader.read_u16_le();
  reader.skip(2);
  const unsigned flags = reader.read_u16_le();
  if (flags > (has_previous | has_next | has_reserve)) return Reason::part_malformed;
  if ((flags & (has_previous | has_next)) != 0) return Reason::zip_split;
  reader.skip(4); // set and number in it
  std::size_t folder_reserve = 0;
  if ((flags & has_reserve) != 0) {
    const std::size_t header_reserve = reader.read_u16_le();
    folder_reserve = reader.read_u8();
    reader.skip(1 + header_reserve);
  }
  for (unsigned i = 0; i < folders; ++i) {
    reader.skip(6);
    const unsigned method = reader.read_u16_le() & 15;
    reader.skip(folder_reserve);
    if (reader.failed()) return Reason::part_malformed;
    if (method > 1) return Reason::part_archive_method; // neither stored nor MSZIP
  }
  return Reason::none;
}

/// RFC 1952 §2.2, §2.3.1: the library does not look at sums and sizes.  Of a bomb, which it finds itself, not all is looked at.
bool has_good_sums(Bytes untrusted_gzip) {
  constexpr int with_gzip_header = 15 + 16;
  z_stream stream{};
  if (inflateInit2(&stream, with_gzip_header) != Z_OK) return false;
  const std::unique_ptr<z_stream, int (*)(z_stream *)> end(&stream, ::inflateEnd);
  stream.next_in = reinterpret_cast<Bytef *>(const_cast<std::byte *>(untrusted_gzip.data()));
  stream.avail_in = static_cast<uInt>(untrusted_gzip.size());
  std::array<Bytef, 64 << 10> window;
  for (std::uint64_t octets = 0; octets <= most_unpacked;) {
    stream.next_out = window.data();
    stream.avail_out = window.size();
    const int status = inflate(&stream, Z_NO_FLUSH);
    octets += window.size() - stream.avail_out;
    if (status != Z_OK && status != Z_STREAM_END) return false;
    if (status == Z_OK) continue;
    const bool more = stream.avail_in > 1 && stream.next_in[0] == 0x1f && stream.next_in[1] == 0x8b;
    if (!more) return true;
    if (inflateReset(&stream) != Z_OK) return false;
  }
  return true;
}

/// An LZH seldom says its code page, and the library ends at a name that is not of the one it goes by: it is made to
/// take each octet for the character of its number.
constexpr const char *names_as_octets = "hdrcharset=ISO-8859-1";

/// Nothing where the archive did say one.
std::optional<std::string> octets_of(std::string_view utf8) {
  std::string octets;
  for (std::size_t at = 0; at < utf8.size();) {
    const char32_t c = utf8_next(utf8, at);
    if (c > 0xff) return {};
    octets += static_cast<char>(c);
  }
  return octets;
}

bool is_of_controls(char c) {
  return static_cast<unsigned char>(c) >= 0x80 && static_cast<unsigned char>(c) < 0xa0;
}

/// What Japanese tools write.  The library takes every 0x5c for the mark between folders, the second half of a
/// character too; for that a '/' never stands.
text::Decoded of_shift_jis(std::string octets) {
  for (std::size_t i = 0; i + 1 < octets.size(); ++i) {
    const auto c = static_cast<unsigned char>(octets[i]);
    if (!((c >= 0x81 && c <= 0x9f) || (c >= 0xe0 && c <= 0xfc))) continue;
    if (octets[++i] == '/') octets[i] = '\\';
  }
  return text::decode({text::Scheme::shift_jis}, as_bytes(octets));
}

/// `some_euc`: a name before it can be nothing else.
std::string read_name(archive_entry *entry, Kind kind, bool &some_euc) {
  const char *written = archive_entry_pathname(entry);
  if (written == nullptr) written = archive_entry_pathname_utf8(entry);
  if (written == nullptr) return {};
  std::string name = written;
  const std::string octets = kind == Kind::lzh ? octets_of(name).value_or(name) : name;
  if (utf8_valid(octets)) return octets;
  text::Decoded read = of_shift_jis(octets);
  const bool latin = kind == Kind::lzh && std::none_of(octets.begin(), octets.end(), is_of_controls);
  if (read.errors > 0 && latin) return name; // Unicode of which every character looks like an octet
  some_euc = some_euc || text::is_euc_alone(as_bytes(octets), read);
  return text::decode_japanese_name(as_bytes(octets), std::move(read), some_euc).text;
}

/// The library leaves some backslashes of Windows: in a CAB those behind any octet above 0x7f.
std::string name_of(archive_entry *entry, Kind kind, bool &some_euc) {
  std::string name = read_name(entry, kind, some_euc);
  std::replace(name.begin(), name.end(), '\\', '/');
  return name;
}

class Reader {
public:
  Reader(Bytes untrusted, Kind kind, const job::Plan &plan, const TakeMember &take)
      : untrusted_(untrusted), kind_(kind), plan_(plan), take_(take), archive_(archive_read_new()) {
  }

  /// Octets behind the end of the archive that are no padding.  A 7z has its end elsewhere.
  bool has_more() const {
    if (!archive_ || kind_ == Kind::seven_zip) return false;
    const bool packed = archive_filter_count(archive_.get()) > 1 && !is_raw();
    if (packed) return has_more_packed();
    return has_more_behind(archive_filter_bytes(archive_.get(), -1));
  }

  Reason run() {
    if (kind_ == Kind::cab)
      if (const Reason reason = why_not_cab(untrusted_); reason != Reason::none) return reason;
    if (kind_ == Kind::rar && has_locked_rar5_file(untrusted_)) return Reason::part_encrypted;
    if (as_chars(untrusted_).starts_with(gzip_start) && !has_good_sums(untrusted_)) return Reason::part_malformed;
    if (!archive_ || !choose_readers(archive_.get(), kind_, untrusted_))
      return Reason::part_engine_missing;
    if (kind_ == Kind::lzh && archive_read_set_options(archive_.get(), names_as_octets) != ARCHIVE_OK)
      return Reason::part_engine_missing;
    if (archive_read_open_memory(archive_.get(), untrusted_.data(), untrusted_.size()) !=
        ARCHIVE_OK)
      return Reason::part_malformed;
    for (;;) {
      archive_entry *entry = nullptr;
      const int status = archive_read_next_header(archive_.get(), &entry);
      if (status == ARCHIVE_EOF) break;
      if (status != ARCHIVE_OK && status != ARCHIVE_WARN) return why_not();
      if (archive_entry_filetype(entry) == AE_IFDIR) continue;
      if (!read_member(entry)) return bomb_;
    }
    return archive_read_has_encrypted_entries(archive_.get()) == 1 && members_ == 0
               ? Reason::part_encrypted
               : Reason::none;
  }

private:
  bool has_more_behind(la_int64_t read) const {
    if (read < 0 || static_cast<std::uint64_t>(read) > untrusted_.size()) return false;
    const Bytes rest = untrusted_.subspan(static_cast<std::size_t>(read));
    constexpr std::ptrdiff_t most_unread = 16; // of a header of the end
    return rest.end() - std::find_if(rest.begin(), rest.end(), [](std::byte octet) { return octet != std::byte{0}; }) >
           most_unread;
  }

  /// Unpacked once more as one file: the reader of tar ends where the tar does, and what packs it was not read to its end.
  bool has_more_packed() const {
    const Handle again(archive_read_new());
    if (!again || !choose_filter(again.get(), untrusted_)) return false;
    archive_entry *entry = nullptr;
    if (archive_read_open_memory(again.get(), untrusted_.data(), untrusted_.size()) != ARCHIVE_OK ||
        archive_read_next_header(again.get(), &entry) != ARCHIVE_OK)
      return false;
    const auto tar = static_cast<std::uint64_t>(std::max<la_int64_t>(archive_filter_bytes(archive_.get(), 0), 0));
    for (std::uint64_t end = 0; end <= most_unpacked;) {
      const void *block = nullptr;
      std::size_t size = 0;
      la_int64_t offset = 0;
      const int status = archive_read_data_block(again.get(), &block, &size, &offset);
      if (status == ARCHIVE_EOF) return has_more_behind(archive_filter_bytes(again.get(), -1));
      if (status != ARCHIVE_OK) return true; // broken behind the end
      const Bytes octets(static_cast<const std::byte *>(block), size);
      const Bytes behind = octets.subspan(std::min<std::uint64_t>(size, tar > end ? tar - end : 0));
      end += size;
      if (std::any_of(behind.begin(), behind.end(), [](std::byte octet) { return octet != std::byte{0}; })) return true;
    }
    return true;
  }

  bool is_raw() const {
    return (archive_format(archive_.get()) & ARCHIVE_FORMAT_BASE_MASK) == ARCHIVE_FORMAT_RAW;
  }

  /// libarchive says of what is encrypted as a whole only that it cannot be read.
  Reason why_not() const {
    const char *said = archive_error_string(archive_.get());
    const std::string_view words = said == nullptr ? "" : said;
    const bool locked = archive_read_has_encrypted_entries(archive_.get()) == 1 ||
                        words.find("ncrypt") != words.npos;
    if (locked) return Reason::part_encrypted;
    if (archive_errno(archive_.get()) == ENOMEM) return Reason::part_archive_size;
    return words.find("nsupported") != words.npos ? Reason::part_archive_method
                                                  : Reason::part_malformed;
  }

  bool read_member(archive_entry *entry) {
    ++members_;
    ArchiveMember member;
    member.whole = is_raw();
    if (!member.whole) member.name = name_of(entry, kind_, some_euc_);
    if (archive_entry_size_is_set(entry))
      member.size = static_cast<std::uint64_t>(std::max<la_int64_t>(archive_entry_size(entry), 0));
    Buffer contents;
    if (archive_entry_is_encrypted(entry))
      member.fault = Reason::part_encrypted;
    else if (archive_entry_hardlink(entry) != nullptr || archive_entry_filetype(entry) != AE_IFREG)
      member.fault = member.whole ? Reason::none : Reason::zip_link;
    if (member.fault == Reason::none) member.fault = read_contents(entry, contents);
    if (member.fault == Reason::none) member.contents = contents;
    return bomb_ == Reason::none && take_(member);
  }

  /// What is too big is read all the same, so that it counts.  Of a file that goes on in another volume the library
  /// hands out what there is.
  Reason read_contents(archive_entry *entry, Buffer &contents) {
    for (std::uint64_t position = 0;;) {
      const void *block = nullptr;
      std::size_t size = 0;
      la_int64_t offset = 0;
      const int status = archive_read_data_block(archive_.get(), &block, &size, &offset);
      if (status == ARCHIVE_EOF) {
        if (archive_entry_sparse_count(entry) > 0 && archive_entry_size_is_set(entry)) { // a hole at the end
          const std::uint64_t end = std::max<std::uint64_t>(position, static_cast<std::uint64_t>(std::max<la_int64_t>(archive_entry_size(entry), 0)));
          octets_ += end - position;
          position = end;
          if (is_bomb()) return bomb_;
          if (end <= plan_.max_input) contents.resize(end);
        }
        if (position > plan_.max_input) return Reason::part_too_big;
        const bool whole = !archive_entry_size_is_set(entry) ||
                           static_cast<std::uint64_t>(archive_entry_size(entry)) == position;
        return whole ? Reason::none : Reason::zip_bad_data;
      }
      if (status != ARCHIVE_OK) return data_fault();
      // Sparse files leave out zeros; nobody needs more of them than of anything else.
      const std::uint64_t end = static_cast<std::uint64_t>(offset) + size;
      if (offset < 0 || static_cast<std::uint64_t>(offset) < position)
        return Reason::part_malformed;
      octets_ += end - position;
      position = end;
      if (is_bomb()) return bomb_;
      if (end > plan_.max_input) continue;
      contents.resize(end);
      if (size > 0) std::memcpy(contents.data() + offset, block, size);
    }
  }

  Reason data_fault() const {
    const Reason reason = why_not();
    return reason == Reason::part_malformed ? Reason::zip_bad_data : reason;
  }

  bool is_bomb() {
    if (octets_ > ratio_counts_from && octets_ / most_ratio > untrusted_.size())
      bomb_ = Reason::part_archive_ratio;
    else if (octets_ > most_unpacked)
      bomb_ = Reason::part_archive_size;
    return bomb_ != Reason::none;
  }

  Bytes untrusted_;
  Kind kind_;
  const job::Plan &plan_;
  const TakeMember &take_;
  Handle archive_;
  std::size_t members_ = 0;
  std::uint64_t octets_ = 0;
  Reason bomb_ = Reason::none;
  bool some_euc_ = false; // of the names
};

} // namespace

void warm_up_archives() {
  (void)Utf8Locale::locale();
  // An LZH may say its code page; the converters stay loaded.
  [[gnu::used]] static const iconv_t converters[] = {::iconv_open("UTF-8", "CP932"), ::iconv_open("UTF-8", "ISO-8859-1")};
  (void)converters;
}

Reason read_library_members(Bytes untrusted, job::Kind kind, const job::Plan &plan,
                            const TakeMember &take, bool &has_more) {
  const Utf8Locale locale;
  std::optional<Ballast> ballast;
  if (kind == job::Kind::seven_zip) ballast.emplace(room_for(plan)); // the reader of RAR does not outlive want of memory
  Reader reader(untrusted, kind, plan, take);
  const Reason reason = reader.run();
  has_more = reader.has_more();
  return reason;
}

} // namespace sekisho::rebuild
