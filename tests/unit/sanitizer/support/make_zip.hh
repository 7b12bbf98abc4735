// Small stored zips for tests.
#pragma once

#include <libdeflate.h>

#include <string>
#include <vector>

namespace sekisho::support {

struct ZipMember {
  std::string name, contents;
  bool encrypted = false;
};

inline void put_le(std::string &out, unsigned long value, unsigned octets) {
  for (unsigned i = 0; i < octets; ++i)
    out += i < 8 ? static_cast<char>(value >> (8 * i) & 0xff) : char{0};
}

inline std::string make_zip(const std::vector<ZipMember> &members) {
  std::string out, directory;
  for (const ZipMember &member : members) {
    const unsigned flags = member.encrypted ? 1 : 0;
    const std::size_t at = out.size();
    std::string common;
    put_le(common, 20, 2);
    put_le(common, flags, 2);
    put_le(common, 0, 2); // stored
    put_le(common, 0, 4); // time
    put_le(common, libdeflate_crc32(0, member.contents.data(), member.contents.size()), 4);
    put_le(common, member.contents.size(), 4);
    put_le(common, member.contents.size(), 4);
    put_le(common, member.name.size(), 2);
    put_le(common, 0, 2);
    out += "PK\x03\x04" + common + member.name + member.contents;
    directory += "PK\x01\x02";
    put_le(directory, 20, 2);
    directory += common;
    put_le(directory, 0, 10);
    put_le(directory, at, 4);
    directory += member.name;
  }
  const std::size_t start = out.size();
  out += directory + "PK\x05\x06";
  put_le(out, 0, 4);
  put_le(out, members.size(), 2);
  put_le(out, members.size(), 2);
  put_le(out, directory.size(), 4);
  put_le(out, start, 4);
  put_le(out, 0, 2);
  return out;
}

} // namespace sekisho::support
