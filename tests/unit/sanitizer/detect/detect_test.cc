#include "sanitizer/detect/detect.hh"

#include "tests/unit/sanitizer/support/make_zip.hh"

#include <gtest/gtest.h>

namespace sekisho::detect {
namespace {

using job::Kind;
using support::make_zip;
using namespace std::string_literals;

struct Case {
  const char *what;
  std::string octets;
  Kind kind;
  std::string name = {};
};

std::string types(const std::string &main) {
  return "<Types><Override ContentType=\"application/vnd." + main + "\"/></Types>";
}

const std::string manifest = "<manifest><file-entry><encryption-data/></file-entry></manifest>";

std::vector<Case> cases() {
  const std::string every_type =
      "<Types><Default Extension=\"xml\" ContentType=\"application/xml\"/><Default Extension=\"bin\" "
      "ContentType=\"application/vnd.ms-excel.sheet.binary.macroEnabled.main\"/></Types>";
  const std::string word = "openxmlformats-officedocument.wordprocessingml.document.main+xml";
  return {
      {"nothing", "", Kind::empty},
      {"pdf", "%PDF-1.7\n", Kind::pdf},
      {"pdf after a kilobyte less a mark", std::string(1019, ' ') + "%PDF-1.4", Kind::pdf},
      {"pdf mark too late", std::string(1020, ' ') + "%PDF-1.4", Kind::text},
      {"program before a pdf mark", "MZ" + std::string(70, '\0') + "%PDF-1.4", Kind::executable},
      {"zip end after a pdf", "%PDF-1.4\n" + make_zip({{"a.txt", "a"}}), Kind::pdf},
      {"elf",
       "\x7f"
       "ELF\2\1\1",
       Kind::executable},
      {"jpeg", "\xff\xd8\xff\xe0", Kind::jpeg},
      {"png", "\x89PNG\r\n\x1a\n", Kind::png},
      {"bmp", "BM\x46\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0"s, Kind::bmp},
      {"text that begins as a bmp", "BMW drivers unite\n", Kind::text},
      {"heif",
       "\0\0\0\x18"
       "ftypheic\0\0"s,
       Kind::heif},
      {"film",
       "\0\0\0\x18"
       "ftypisom\0\0"s,
       Kind::video},
      {"rtf", "{\\rtf1 x}", Kind::rtf},
      {"script", "#!/bin/sh\n", Kind::script},
      {"test file of virus scanners", R"(X5O!P%@AP[4\PZX54(P^)7CC)7}$)" "EICAR", Kind::executable, "a.txt"},
      {"text run by name", "WScript.Echo 1\n", Kind::script, "invoice.vbs"},
      {"html application", "<html><hta:application></html>", Kind::script},
      {"html", "\xef\xbb\xbf <!DOCTYPE html><p>", Kind::html},
      {"html in UTF-16", "\xff\xfe<\0h\0t\0m\0l\0>\0"s, Kind::html},
      {"svg", "<?xml version='1.0'?><svg></svg>", Kind::svg},
      {"calendar", "BEGIN:VCALENDAR\r\n", Kind::calendar},
      {"json", "{\"a\": 1}\n", Kind::json},
      {"csv", "a,b\n1,2\n", Kind::csv},
      {"Shift_JIS", "\x8a\xd6\x8f\x8a\n", Kind::text},
      {"ISO-2022-JP", "\x1b$B4X=j\x1b(B\n", Kind::text},
      {"octets", "\x01\x02\x03\x04", Kind::unknown},
      {"mail", "From: a@b\r\nTo: c@d\r\nSubject: x\r\n\r\nhello", Kind::mail},
      {"mailbox", "From a@b Mon\nFrom: a@b\nReceived: x\n\n", Kind::mail},
      {"letter with colons", "Note: buy milk\nAlso: bread\n\n", Kind::text},
      {"web shortcut", "[InternetShortcut]\r\nURL=http://a\r\n", Kind::shortcut},
      {"zip", make_zip({{"a.txt", "a"}}), Kind::zip},
      {"zip behind other octets", "\1\2\3" + make_zip({{"a.txt", "a"}}), Kind::zip},
      {"encrypted zip", make_zip({{"a.txt", "a", true}}), Kind::encrypted},
      {"java", make_zip({{"META-INF/MANIFEST.MF", "x"}}), Kind::executable},
      {"docx", make_zip({{"[Content_Types].xml", types(word)}, {"word/document.xml", ""}}),
       Kind::ooxml_word},
      {"docm by its types",
       make_zip({{"[Content_Types].xml", types("ms-word.document.macroEnabled.main+xml")},
                 {"word/document.xml", ""}}),
       Kind::ooxml_macro},
      {"xlsx of a writer that lists all types", // and the same with a part that has the type
       make_zip({{"[Content_Types].xml", every_type}, {"xl/workbook.xml", ""}}), Kind::ooxml_sheet},
      {"xlsx with such a part",
       make_zip({{"[Content_Types].xml", every_type}, {"xl/workbook.xml", ""}, {"xl/x.BIN", ""}}),
       Kind::ooxml_macro},
      {"xlsx with a list that can be read in two ways",
       make_zip({{"[Content_Types].xml", "<Default Extension='bin' ContentType='x.macroEnabled'/>"},
                 {"xl/workbook.xml", ""}}),
       Kind::ooxml_macro},
      {"docx with a macro inside",
       make_zip({{"[Content_Types].xml", types(word)}, {"word/vbaProject.bin", ""}}),
       Kind::ooxml_macro},
      {"odf", make_zip({{"mimetype", "application/vnd.oasis.opendocument.text"}}), Kind::odf},
      {"encrypted odf",
       make_zip({{"mimetype", "application/vnd.oasis.opendocument.text"},
                 {"META-INF/manifest.xml", manifest}}),
       Kind::encrypted},
      {"signature", "\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02\xa0"s, Kind::signature},
      {"enveloped", "\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03\xa0"s, Kind::encrypted},
      {"lzh", "\x22\x5c-lh5-" + std::string(40, 'x'), Kind::lzh},
  };
}

TEST(Detect, kinds) {
  for (const Case &c : cases())
    EXPECT_EQ(word_of(c.kind), word_of(kind_of(as_bytes(c.octets), c.name))) << c.what;
}

// Every beginning of every case: nothing reads beyond its end (the ASan build sees it if it does).
TEST(Detect, cut_anywhere) {
  for (const Case &c : cases())
    for (std::size_t length = 0; length < c.octets.size(); ++length) {
      const std::vector<std::byte> exact = to_buffer(c.octets.substr(0, length));
      (void)kind_of(exact, c.name);
    }
}

TEST(Detect, compound_file_in_a_circle) {
  std::string file("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8);
  file.resize(512 + 1024, '\0');
  file[30] = 9; // sectors of 512 octets
  file[48] = 1; // the directory begins at sector 1
  for (std::size_t i = 76; i < 80; ++i)
    file[i] = 0;     // sector 0 is the allocation table
  file[512 + 4] = 1; // sector 1 follows sector 1
  EXPECT_EQ(Kind::ole_other, kind_of(as_bytes(file)));
}

/// One stream of this name beside the root, no contents.
std::string compound_file(std::string_view stream) {
  std::string file("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8);
  file.resize(512 + 1024, '\0');
  file[30] = 9; // sectors of 512 octets
  file[48] = 1; // the directory is sector 1
  for (std::size_t i = 76; i < 80; ++i)
    file[i] = 0; // sector 0 is the allocation table
  for (std::size_t i = 0; i < 4; ++i)
    file[512 + 4 + i] = i == 0 ? '\xfe' : '\xff'; // the directory's chain ends
  for (std::size_t i = 0; i < stream.size(); ++i)
    file[1024 + 128 + 2 * i] = stream[i];
  return file;
}

TEST(Detect, ichitaro_and_docuworks) {
  const struct {
    std::string octets, name;
    Kind kind;
  } cases[] = {
      {compound_file("DocumentText"), "", Kind::ichitaro},
      {compound_file("JSRV_SegmentInformation"), "plan.doc", Kind::ichitaro},
      {compound_file("Contents"), "template.jtt", Kind::ichitaro},
      {compound_file("Contents"), "a.mpp", Kind::ole_other},
      {compound_file("WordDocument"), "a.jtd", Kind::ole_office}, // what it is, not what it is called
      {"\x01\x02\x03\x04", "packed.JTDC", Kind::ichitaro},
      {"\x60\x0e\x82\x05\x01", "", Kind::docuworks},
      {"\x01\x02\x03\x04", "binder.xbd", Kind::docuworks},
      {"\x01\x02\x03\x04", "box.xct", Kind::docuworks},
      {"MZ" + std::string(100, 'x'), "run.xdw", Kind::executable},
      {"a letter\n", "a.xdw", Kind::text},
  };
  for (const auto &c : cases)
    EXPECT_EQ(word_of(c.kind), word_of(kind_of(as_bytes(c.octets), c.name))) << c.name;
  EXPECT_FALSE(disagrees(Kind::docuworks, "a.xbd", "application/vnd.fujixerox.docuworks.binder"));
  EXPECT_TRUE(disagrees(Kind::ichitaro, "plan.doc", ""));
}

TEST(Detect, names_and_types) {
  EXPECT_FALSE(disagrees(Kind::pdf, "a.pdf", "application/pdf"));
  EXPECT_FALSE(disagrees(Kind::pdf, "a.PDF", "application/octet-stream"));
  EXPECT_FALSE(disagrees(Kind::pdf, "", ""));
  EXPECT_TRUE(disagrees(Kind::executable, "a.pdf", ""));
  EXPECT_TRUE(disagrees(Kind::executable, "a.pdf ", ""));
  EXPECT_TRUE(disagrees(Kind::executable, "a", "image/png; name=a"));
  EXPECT_TRUE(disagrees(Kind::ooxml_macro, "a.docx", ""));
  EXPECT_FALSE(disagrees(Kind::ooxml_macro, "a.docm", ""));
  EXPECT_FALSE(disagrees(Kind::encrypted, "a.zip", "application/zip"));
  EXPECT_TRUE(disagrees(Kind::pdf,
                        "report\xe2\x80\xae"
                        "fdp",
                        ""));
  EXPECT_TRUE(disagrees(Kind::text, "a.docx", "text/plain"));
}

} // namespace
} // namespace sekisho::detect
