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
      "ContentType=\"application/vnd.ms-excel.addin.macroEnabled.main+xml\"/></Types>";
  const std::string binary =
      "<Types><Default Extension=\"bin\" ContentType=\"application/vnd.ms-excel.sheet.binary.macroEnabled.main\"/></Types>";
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
      {"a page by its name", "word <b>x</b>", Kind::html, "a.HTM"},
      {"not by its name", "<b>x</b>", Kind::text, "a.txt"},
      {"html in UTF-16", "\xff\xfe<\0h\0t\0m\0l\0>\0"s, Kind::html},
      {"html in UTF-16 without a mark", "<\0h\0t\0m\0l\0>\0"s, Kind::html},
      {"Japanese in UTF-16", "\xff\xfe\x42\x30\x01\x30\xa1\x30\n\0"s, Kind::text},
      {"Japanese in UTF-16 without a mark", "\x42\x30\x01\x30\xa1\x30\n\0"s, Kind::text},
      {"the same, big-endian", "\x30\x42\x30\x01\x30\xa1\0\n"s, Kind::text},
      {"a script in it", "#\0!\0/\0b\0i\0n\0/\0x\0"s, Kind::script},
      {"16-bit numbers", "\x41\0\x42\0\x03\0\x44\0"s, Kind::unknown},
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
      {"vsdx", make_zip({{"[Content_Types].xml", types("ms-visio.drawing.main+xml")}, {"visio/document.xml", ""}}), Kind::visio},
      {"vsdm",
       make_zip({{"[Content_Types].xml", types("ms-visio.drawing.macroEnabled.main+xml")}, {"visio/vbaProject.bin", ""}}),
       Kind::ooxml_macro},
      {"xps", make_zip({{"[Content_Types].xml", types("ms-package.xps-fixeddocumentsequence+xml")}, {"a.fdseq", ""}}), Kind::xps},
      {"xlsb without a macro", make_zip({{"[Content_Types].xml", binary}, {"xl/workbook.bin", ""}}), Kind::ooxml_sheet},
      {"xlsb with one",
       make_zip({{"[Content_Types].xml", binary}, {"xl/workbook.bin", ""}, {"xl/vbaProject.bin", ""}}), Kind::ooxml_macro},
      {"xlsb with a macro of Excel 4",
       make_zip({{"[Content_Types].xml", binary}, {"xl/workbook.bin", ""}, {"xl/macrosheets/sheet1.bin", ""}}),
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
  file.resize(1024 + 64); // and has room for no entry
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

std::string number(std::uint32_t value, unsigned octets) {
  std::string text;
  for (; octets > 0; --octets, value >>= 8)
    text += static_cast<char>(value & 0xff);
  return text;
}

using Streams = std::vector<std::pair<std::string, std::string>>;

/// Streams of up to some kilobytes each.
std::string compound_file(const Streams &streams) {
  std::string header = "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"s + std::string(22, '\0') + number(9, 2) + std::string(16, '\0') +
                       number(1, 4) + std::string(4, '\0') + number(4096, 4) + std::string(16, '\0');
  header.resize(512, '\0'); // sector 0 is the allocation table, sector 1 the directory
  std::string table = number(0xfffffffd, 4) + number(0xfffffffe, 4), directory(128, '\0'), data;
  for (const auto &[name, contents] : streams) {
    std::string padded = contents;
    padded.resize(std::max<std::size_t>(4096, (contents.size() + 511) / 512 * 512), '\0');
    std::string entry;
    for (const char c : name)
      entry += c + std::string(1, '\0');
    entry.resize(66, '\0');
    entry += '\2';
    entry.resize(116, '\0');
    const auto start = static_cast<std::uint32_t>(table.size() / 4), count = static_cast<std::uint32_t>(padded.size() / 512);
    directory += entry + number(start, 4) + number(static_cast<std::uint32_t>(padded.size()), 4) + std::string(4, '\0');
    for (std::uint32_t i = 1; i < count; ++i)
      table += number(start + i, 4);
    table += number(0xfffffffe, 4);
    data += padded;
  }
  table.resize(512, '\xff');
  directory.resize(512, '\0');
  return header + table + directory + data;
}

using Found = std::vector<Reason>;
Found unseen(const std::string &name, const std::string &contents) {
  return unseen_in_compound_file(as_bytes(compound_file(Streams{{name, contents}})));
}

std::string record(std::uint16_t type, const std::string &contents) { // of a workbook
  return number(type, 2) + number(static_cast<std::uint32_t>(contents.size()), 2) + contents;
}

TEST(OldOffice, what_a_workbook_does_not_show) {
  const std::string start = record(0x0809, std::string(16, '\0'));
  const auto sheet = [&](std::uint8_t state, std::uint8_t type) {
    return start + record(0x0085, std::string(4, '\0') + static_cast<char>(state) + static_cast<char>(type) + "\1\0A"s);
  };
  EXPECT_EQ(unseen("Workbook", sheet(0, 0)), Found());
  EXPECT_EQ(unseen("Workbook", sheet(1, 0)), Found({Reason::office_hidden_removed}));
  EXPECT_EQ(unseen("Book", sheet(2, 0)), Found({Reason::office_hidden_removed}));
  EXPECT_EQ(unseen("Workbook", sheet(0, 1)), Found({Reason::part_macro})); // of Excel 4
  EXPECT_EQ(unseen("Workbook", start + record(0x007d, std::string(8, '\0') + "\1\0"s)), Found({Reason::office_hidden_removed}));
  EXPECT_EQ(unseen("Workbook", start + record(0x0208, std::string(12, '\0') + "\x20\0"s)),
            Found({Reason::office_hidden_removed}));
  EXPECT_EQ(unseen("Workbook", start + record(0x0208, std::string(14, '\0'))), Found());
  const auto book = [&](const std::string &path) { return start + record(0x01ae, "\1\0"s + path); };
  EXPECT_EQ(unseen("Workbook", book("\1\4"s)), Found()); // itself
  EXPECT_EQ(unseen("Workbook", book("\5\0\0b.xls"s)), Found({Reason::office_external}));
  EXPECT_EQ(unseen("Workbook", book("\5\0\0cmd\3/c calc"s)), Found({Reason::office_dde}));
  const auto link = [&](char flags) { return start + record(0x01b8, std::string(28, '\0') + flags + std::string(3, '\0')); };
  EXPECT_EQ(unseen("Workbook", link(3)), Found({Reason::part_external_link}));
  EXPECT_EQ(unseen("Workbook", link(8)), Found()); // a place in the book
  EXPECT_EQ(unseen("Workbook", start + record(0x001c, "x")), Found({Reason::office_tracked}));
}

// [MS-XLS]: a name of the workbook, then its sheet.
TEST(OldOffice, cells_outside_the_print_area_of_a_workbook) {
  const std::string start = record(0x0809, "\0\6\5\0"s + std::string(12, '\0'));
  const auto book = [&](const std::string &tokens, const std::string &cells, char name = 6) {
    const std::string label = "\x20\0\0\1"s + number(static_cast<std::uint32_t>(tokens.size()), 2) + "\0\0\1\0\0\0\0\0\0"s +
                              name + tokens;
    const auto sheet = [&](std::uint32_t at) { return record(0x0085, number(at, 4) + "\0\0\1\0A"s); };
    const std::size_t first = start.size() + record(0x0018, label).size() + sheet(0).size();
    return start + sheet(static_cast<std::uint32_t>(first)) + record(0x0018, label) + start + cells;
  };
  const auto cell = [](std::uint32_t row, std::uint32_t column) {
    return record(0x00fd, number(row, 2) + number(column, 2) + std::string(6, '\0'));
  };
  const auto area = [](std::uint32_t bottom, std::uint32_t right) {
    return "\x3b\0\0"s + number(0, 2) + number(bottom, 2) + number(0, 2) + number(right, 2);
  };
  EXPECT_EQ(unseen("Workbook", book(area(3, 3), cell(3, 3))), Found());
  EXPECT_EQ(unseen("Workbook", book(area(3, 3), cell(4, 3))), Found({Reason::office_not_printed}));
  EXPECT_EQ(unseen("Workbook", book(area(3, 3), cell(3, 4))), Found({Reason::office_not_printed}));
  EXPECT_EQ(unseen("Workbook", book("\x29\x17\0"s + area(3, 3) + area(9, 3) + "\x10", cell(9, 3))), Found());
  EXPECT_EQ(unseen("Workbook", book(area(3, 3), cell(4, 3), 7)), Found());         // titles
  EXPECT_EQ(unseen("Workbook", book("\x1e\1\0"s, cell(4, 3))), Found());          // nothing known
  EXPECT_EQ(unseen("Workbook", book(area(3, 3), record(0x0201, number(9, 4) + "\0\0"s))), Found()); // a blank
}

TEST(OldOffice, what_slides_do_not_show) {
  const auto atom = [](std::uint16_t type, const std::string &contents, std::uint16_t version = 0) {
    return number(version, 2) + number(type, 2) + number(static_cast<std::uint32_t>(contents.size()), 4) + contents;
  };
  const auto slide = [&](char flags) {
    return atom(0x03ee, atom(0x03f9, std::string(10, '\0') + flags + std::string(5, '\0')), 0x0f);
  };
  EXPECT_EQ(unseen("PowerPoint Document", slide(0)), Found());
  EXPECT_EQ(unseen("PowerPoint Document", slide(4)), Found({Reason::office_hidden_removed}));
  const auto macros = [&](char has) { return atom(0x03ff, atom(0x0400, "\1\0\0\0"s + has + std::string(7, '\0')), 0x1f); };
  EXPECT_EQ(unseen("PowerPoint Document", macros(0)), Found());
  EXPECT_EQ(unseen("PowerPoint Document", macros(1)), Found({Reason::part_macro}));
  EXPECT_EQ(unseen("PowerPoint Document", atom(0x0fcc, "", 0x0f)), Found({Reason::office_embedded}));
  const auto notes = [&](std::uint32_t slide, const std::string &text) {
    return atom(0x03f0, atom(0x03f1, number(slide, 4) + std::string(4, '\0')) + atom(0x040c, atom(0x0fa8, text), 0x0f), 0x0f);
  };
  EXPECT_EQ(unseen("PowerPoint Document", notes(256, "say this")), Found({Reason::office_not_printed}));
  EXPECT_EQ(unseen("PowerPoint Document", notes(256, "* \r")), Found());     // the number of the page
  EXPECT_EQ(unseen("PowerPoint Document", notes(0x80000000, "say this")), Found()); // the master's
  EXPECT_EQ(unseen("PowerPoint Document", notes(256, "*") + atom(0x0fa0, "of a slide")), Found());
  EXPECT_EQ(unseen("PowerPoint Document", "\x0f\0\0\0\xff\xff\xff\xff\0"s), Found()); // longer than the file
}

TEST(OldOffice, what_a_text_does_not_show) {
  const auto document = [](const std::string &property, std::uint32_t remarks = 0) {
    std::string text = "\xec\xa5\xc1\0"s + std::string(6, '\0') + "\0\2"s; // its tables are in 1Table
    text.resize(32, '\0');
    text += number(14, 2) + std::string(28, '\0') + number(22, 2) + std::string(88, '\0') + number(93, 2);
    for (unsigned pair = 0; pair < 93; ++pair)
      text += number(0, 4) + number(pair == 4 ? remarks : pair == 12 ? 12 : 0, 4);
    text.resize(1024, '\0');
    std::string page(512, '\0');
    page[8] = 100; // in pairs of octets
    page[200] = static_cast<char>(property.size());
    page.replace(201, property.size(), property);
    page[511] = 1;
    return compound_file(Streams{{"WordDocument", text + page}, {"1Table", std::string(8, '\0') + number(2, 4)}});
  };
  const auto unseen = [](const std::string &file) { return unseen_in_compound_file(as_bytes(file)); };
  EXPECT_EQ(unseen(document("\x35\x08\1"s)), Found()); // bold
  EXPECT_EQ(unseen(document("\x3c\x08\1"s)), Found({Reason::office_hidden_removed}));
  EXPECT_EQ(unseen(document("\x3c\x08\0"s)), Found());
  EXPECT_EQ(unseen(document("\x35\x08\1\0\x08\1"s)), Found({Reason::office_tracked}));
  EXPECT_EQ(unseen(document("\x57\xca\3xyz\1\x08\1"s)), Found({Reason::office_tracked})); // behind one that says its length
  EXPECT_EQ(unseen(document("", 4)), Found({Reason::office_tracked}));
  const auto field = [](const std::string &code) { return compound_file(Streams{{"WordDocument", "text" + code}}); };
  EXPECT_EQ(unseen(field("\x13 DDEAUTO c:\\x")), Found({Reason::office_dde}));
  EXPECT_EQ(unseen(field("\x13\0 \0L\0i\0n\0k\0 \0"s)), Found({Reason::office_external}));
  EXPECT_EQ(unseen(field("\x13 PAGE ")), Found());
}

// [MS-CFB] §2.4: pieces of 64 octets in the root's stream, in any order.
TEST(OldOffice, small_streams_in_pieces) {
  const std::string workbook = std::string(60, '\0') + record(0x0085, "1234\2\0\1\0A"s);
  std::string file = "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"s + std::string(22, '\0') + number(9, 2) + std::string(16, '\0') +
                     number(1, 4) + std::string(4, '\0') + number(4096, 4) + number(2, 4) + number(1, 4) + std::string(8, '\0');
  file.resize(512, '\0');
  std::string fat = number(0xfffffffd, 4) + number(0xfffffffe, 4) + number(0xfffffffe, 4) + number(0xfffffffe, 4);
  fat.resize(512, '\xff');
  std::string mini_fat = number(0xfffffffe, 4) + number(0xfffffffe, 4) + number(0, 4); // piece 0 follows piece 2
  mini_fat.resize(512, '\xff');
  const auto entry = [](const std::string &name, char type, std::uint32_t start, std::size_t size) {
    std::string text;
    for (const char c : name)
      text += c + std::string(1, '\0');
    text.resize(66, '\0');
    text += type;
    text.resize(116, '\0');
    return text + number(start, 4) + number(static_cast<std::uint32_t>(size), 4) + std::string(4, '\0');
  };
  std::string directory = entry("Root Entry", 5, 3, 192) + entry("Workbook", 2, 2, workbook.size());
  directory.resize(512, '\0');
  std::string pieces = workbook.substr(64);
  pieces.resize(128, '\0');
  pieces += workbook.substr(0, 64);
  pieces.resize(512, '\0');
  EXPECT_EQ(unseen_in_compound_file(as_bytes(file + fat + directory + mini_fat + pieces)), Found({Reason::office_hidden_removed}));
  mini_fat[8] = 2; // in a circle
  EXPECT_EQ(unseen_in_compound_file(as_bytes(file + fat + directory + mini_fat + pieces)), Found());
}

TEST(OldOffice, every_cut_ends) {
  const std::string whole = compound_file(
      Streams{{"Workbook", record(0x0085, "123456")}, {"ObjectPool", ""}});
  for (std::size_t size = 0; size < whole.size(); size += 7)
    (void)unseen_in_compound_file(to_buffer(whole.substr(0, size)));
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
  EXPECT_TRUE(disagrees(Kind::text, "a.exe", ""));
  EXPECT_FALSE(disagrees(Kind::executable, "a.exe", "application/x-msdownload"));
  EXPECT_FALSE(disagrees(Kind::empty, "a.csv", "image/png"));
  EXPECT_TRUE(disagrees(Kind::empty, "a\xe2\x80\xae" "fdp", ""));
}

} // namespace
} // namespace sekisho::detect
