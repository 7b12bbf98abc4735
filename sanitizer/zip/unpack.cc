#include "sanitizer/zip/unpack.hh"

#include <libdeflate.h>

#include <cstring>

namespace sekisho::zip {

Unpacker::Unpacker() : decoder_(libdeflate_alloc_decompressor()) {}
Unpacker::~Unpacker() = default;
void Unpacker::Free::operator()(libdeflate_decompressor *decoder) const {
  libdeflate_free_decompressor(decoder);
}

Reason Unpacker::unpack_into(const Member &member, std::span<std::byte> out) {
  if (member.fault) return member.fault.reason;
  if (out.size() != member.size) return Reason::zip_bad_data;
  if (member.method == static_cast<std::uint16_t>(Method::stored)) {
    if (member.packed.size() != out.size()) return Reason::zip_bad_data;
    if (!out.empty()) std::memcpy(out.data(), member.packed.data(), out.size());
  } else {
    std::byte none; // libdeflate wants a place even for nothing
    std::size_t used = 0, written = 0;
    const libdeflate_result result =
        decoder_ ? libdeflate_deflate_decompress_ex(
                       decoder_.get(), member.packed.data(), member.packed.size(),
                       out.empty() ? &none : out.data(), out.size(), &used, &written)
                 : LIBDEFLATE_BAD_DATA;
    if (result != LIBDEFLATE_SUCCESS || used != member.packed.size() || written != out.size())
      return Reason::zip_bad_data;
  }
  return libdeflate_crc32(0, out.data(), out.size()) == member.crc ? Reason::none
                                                                   : Reason::zip_bad_data;
}

Result<Buffer, Reason> Unpacker::unpack(const Member &member) {
  if (member.fault) return fail(member.fault.reason);
  Buffer contents(member.size);
  if (const Reason reason = unpack_into(member, contents); reason != Reason::none)
    return fail(reason);
  return contents;
}

} // namespace sekisho::zip
