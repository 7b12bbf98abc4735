// The zips of yauzl and libarchive: the first says by folder and name what must be found.
#include "sanitizer/zip/unpack.hh"
#include "tests/unit/sanitizer/corpus.hh"

#include <gtest/gtest.h>

#include <map>

namespace sekisho::zip {
namespace {

/// The first fault of archive, member or contents.
Reason first_fault(const std::string &octets) {
  const Archive archive = read(as_bytes(octets), {}, true);
  if (const Fault fault = archive.first_fault()) return fault.reason;
  Unpacker unpacker;
  for (const Member &member : archive.members)
    if (const auto contents = unpacker.unpack(member); !contents) return contents.error();
  return Reason::none;
}

TEST(ZipCorpus, yauzl_failures_and_successes) {
  if (!corpus::present()) GTEST_SKIP() << "no corpus";
  const auto folder = corpus::folder() / "files/archives/yauzl";
  const std::map<std::string, Reason> failures = {
      // by the beginning of the name
      {"End of central", Reason::zip_damaged},
      {"Invalid comment", Reason::none}, // a line end behind the archive
      {"absolute path", Reason::zip_name},
      {"compressed uncompressed", Reason::zip_bad_data},
      {"extra field length", Reason::zip_damaged},
      {"file data overflows", Reason::zip_bomb}, // 2 GiB announced: that is seen first
      {"invalid central directory", Reason::zip_damaged},
      {"invalid characters", Reason::zip_disagrees}, // names differ, too
      {"invalid code lengths", Reason::zip_bad_data},
      {"invalid local", Reason::zip_damaged},
      {"invalid relative", Reason::zip_name},
      {"invalid zip64", Reason::zip_damaged},
      {"multi-disk", Reason::zip_split},
      {"not enough bytes", Reason::zip_disagrees}, // sizes differ, too
      {"strong encryption", Reason::part_encrypted},
      {"too many bytes", Reason::zip_disagrees},
      {"too many length", Reason::zip_bad_data},
      {"unexpected EOF", Reason::zip_bomb}, // 4 GiB announced
      {"unsupported", Reason::zip_method},
      {"zip64 extended", Reason::zip_damaged},
  };
  std::size_t files = 0;
  for (const auto &file : std::filesystem::directory_iterator(folder / "failure")) {
    const std::string name = file.path().filename();
    const auto expected = std::prev(failures.upper_bound(name));
    ASSERT_TRUE(name.starts_with(expected->first)) << name;
    EXPECT_EQ(word_of(first_fault(corpus::read(file.path()))), word_of(expected->second)) << name;
    ++files;
  }
  EXPECT_EQ(files, 23u);
  for (const auto &file : std::filesystem::directory_iterator(folder / "success")) {
    const std::string name = file.path().filename();
    if (!name.ends_with(".zip")) continue;
    const Reason fault = first_fault(corpus::read(file.path()));
    if (name.starts_with("traditional-encryption"))
      EXPECT_EQ(fault, Reason::part_encrypted) << name;
    else if (name.starts_with("bogus"))
      EXPECT_EQ(fault, Reason::zip_method) << name;
    else if (name.starts_with("sloppy")) // header and directory name it differently
      EXPECT_EQ(fault, Reason::zip_disagrees) << name;
    else
      EXPECT_EQ(fault, Reason::none) << name << word_of(fault);
  }
}

TEST(ZipCorpus, japanese_names) {
  if (!corpus::present()) GTEST_SKIP() << "no corpus";
  const auto files = corpus::folder() / "files";
  for (const char *name :
       {"ja/zip-encoding-test/old7z_cp932.zip", "ja/zip-encoding-test/old7z_iso8859-1.zip",
        "ja/zip-encoding-test/new7z_cp932.zip"}) {
    const std::string octets = corpus::read(files / name);
    const Archive archive = read(as_bytes(octets));
    EXPECT_EQ(archive.first_fault().reason, Reason::none) << name;
    bool found = false;
    for (const Member &member : archive.members)
      found = found || member.name.ends_with("こんにちは世界.txt");
    EXPECT_TRUE(found) << name;
  }
  for (const char *name :
       {"test_read_format_zip_filename_cp932.zip", "test_read_format_zip_filename_utf8_jp.zip"}) {
    const std::string octets = corpus::read(files / "archives/libarchive" / name);
    EXPECT_TRUE(read(as_bytes(octets)).find("表だよ/一覧表.txt")) << name;
  }
}

TEST(ZipCorpus, libarchive) {
  if (!corpus::present()) GTEST_SKIP() << "no corpus";
  const std::map<std::string, Reason> expected = {
      {"zip_length_at_end.zip", Reason::none},
      {"zip_zip64a.zip", Reason::none},
      {"zip_padded1.zip", Reason::none},
      {"zip_padded2.zip", Reason::zip_damaged},
      {"zip_7075_utf8_paths.zip", Reason::zip_disagrees},
      {"zip_7z_deflate.zip", Reason::zip_link},
      {"zip_symlink.zip", Reason::zip_link},
      {"zip_lzma.zipx", Reason::zip_method},
      {"zip_winzip_aes256.zip", Reason::part_encrypted},
      {"zip_encryption_partially.zip", Reason::part_encrypted},
      {"zip_size_exceeds_declared_deflate.zip", Reason::zip_bad_data},
      {"zip_uncompressed_size_off_by_4gib.zip", Reason::zip_bomb},
      {"zip_with_invalid_traditional_eocd.zip", Reason::none},
      {"zip_malformed1.zip", Reason::zip_damaged},
  };
  for (const auto &[name, reason] : expected) {
    const auto path = corpus::folder() / "files/archives/libarchive" / ("test_read_format_" + name);
    EXPECT_EQ(word_of(first_fault(corpus::read(path))), word_of(reason)) << name;
  }
}

} // namespace
} // namespace sekisho::zip
