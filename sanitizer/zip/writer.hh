// A new plain zip: deterministic, one directory that says what the members' headers say, no dates,
// no attributes, no extra fields, names in UTF-8.
#pragma once

#include "base/bytes.hh"

#include <memory>
#include <string_view>

struct libdeflate_compressor;

namespace sekisho::zip {

class Writer {
public:
  /// `level`: libdeflate's, 1–12.
  explicit Writer(int level = 6);
  ~Writer();
  /// Deflated, or stored where that is not larger.  `name`: well-formed UTF-8, "/" between folders,
  /// not in the zip yet.
  void add(std::string_view name, Bytes contents) { add(name, contents, true); }
  /// Stored in any case (ODF's "mimetype"; pictures that are packed already).
  void add_stored(std::string_view name, Bytes contents) { add(name, contents, false); }
  /// Octets so far, the directory not counted.
  std::size_t size() const { return out_.size(); }
  /// The whole zip.  Empty where it would need Zip64 (65,535 members, 4 GiB) or memory was short.
  Buffer finish();

private:
  struct Free {
    void operator()(libdeflate_compressor *encoder) const;
  };
  void add(std::string_view name, Bytes contents, bool deflate);
  Bytes packed(Bytes contents);

  std::unique_ptr<libdeflate_compressor, Free> encoder_;
  std::unique_ptr<std::byte[]> scratch_;
  std::size_t scratch_size_ = 0;
  Buffer out_, directory_;
  std::size_t members_ = 0;
  bool failed_ = false;
};

} // namespace sekisho::zip
