// What the old formats have beside what is drawn of them.  Nothing is decoded: records, character properties and field
// codes are looked for.
#include "sanitizer/detect/compound_file.hh"
#include "sanitizer/detect/detect.hh"

#include <array>
#include <set>

namespace sekisho::detect {
namespace {

using Found = std::set<Reason>;

constexpr std::size_t most_of_stream = 64u << 20;

/// [MS-XLS] §2.1.4: records, those of the sheets behind those of the workbook.
void look_at_sheets(Bytes stream, Found &found) {
  ByteReader reader(stream);
  while (reader.remaining() >= 4) {
    const std::uint16_t type = reader.read_u16_le();
    const std::size_t size = reader.read_u16_le();
    ByteReader record(reader.take(std::min(size, reader.remaining())));
    switch (type) {
    case 0x0085: { // BoundSheet8
      record.skip(4);
      if ((record.read_u8() & 3) != 0) found.insert(Reason::office_hidden_removed);
      const unsigned sheet = record.read_u8();
      if (!record.failed() && (sheet == 1 || sheet == 6)) found.insert(Reason::part_macro);
      break;
    }
    case 0x007d: // ColInfo
      record.skip(8);
      if ((record.read_u16_le() & 1) != 0) found.insert(Reason::office_hidden_removed);
      break;
    case 0x0208: // Row: fDyZero
      record.skip(12);
      if ((record.read_u16_le() & 0x20) != 0) found.insert(Reason::office_hidden_removed);
      break;
    case 0x01ae: { // SupBook: of other books its path, of DDE and OLE links two names and a mark between them
      record.skip(2);
      const std::uint16_t length = record.read_u16_le();
      if (record.failed() || length == 0x0401 || length == 0x3a01 || length < 2) break;
      const std::string_view path = as_chars(record.take(record.remaining()));
      found.insert(path.find('\x03') != path.npos ? Reason::office_dde : Reason::office_external);
      break;
    }
    case 0x01b8: // HLink: hlstmfHasMoniker, where it does not lead inside the book
      record.skip(28);
      if ((record.read_u32_le() & 1) != 0) found.insert(Reason::part_external_link);
      break;
    case 0x001c: found.insert(Reason::office_tracked); break; // Note
    default: break;
    }
  }
}

/// [MS-PPT] §2.3.1: containers, whose records are passed as if they stood beside them.
void look_at_slides(Bytes stream, Found &found) {
  ByteReader reader(stream);
  while (reader.remaining() >= 8) {
    const bool container = (reader.read_u16_le() & 15) == 15;
    const std::uint16_t type = reader.read_u16_le();
    const std::size_t size = reader.read_u32_le();
    switch (type) {
    case 0x0fcc:                                                    // ExOleEmbed
    case 0x0fee: found.insert(Reason::office_embedded); break;      // ExControl
    case 0x0fce: found.insert(Reason::office_external); break;      // ExOleLink
    case 0x0fd7: found.insert(Reason::part_external_link); break;   // ExHyperlink
    case 0x2ee0: found.insert(Reason::office_tracked); break;       // Comment10
    default: break;
    }
    if (container) continue;
    ByteReader atom(reader.take(std::min(size, reader.remaining())));
    if (type == 0x03f9) { // SlideShowSlideInfoAtom: fHidden
      atom.skip(10);
      if ((atom.read_u16_le() & 4) != 0) found.insert(Reason::office_hidden_removed);
    } else if (type == 0x0400) { // VBAInfoAtom: fHasMacros
      atom.skip(4);
      if (atom.read_u32_le() != 0) found.insert(Reason::part_macro);
    }
  }
}

/// [MS-DOC] §2.2.5, §2.6.1: what a run of characters is.
void look_at_properties(ByteReader properties, Found &found) {
  while (properties.remaining() >= 3) {
    const std::uint16_t code = properties.read_u16_le();
    constexpr std::uint8_t sizes[] = {1, 1, 2, 4, 2, 2, 0, 3}; // by spra
    const std::size_t size = code >> 13 == 6 ? properties.read_u8() : sizes[code >> 13];
    const Bytes operand = properties.take(std::min(size, properties.remaining()));
    const bool on = !operand.empty() && (std::to_integer<unsigned>(operand.front()) & 1) != 0;
    if (!on) continue;
    if (code == 0x083c) found.insert(Reason::office_hidden_removed);                // sprmCFVanish
    if (code == 0x0800 || code == 0x0801) found.insert(Reason::office_tracked); // sprmCFRMarkDel, sprmCFRMarkIns
  }
}

/// §2.9.33 ChpxFkp: a page of such runs.
void look_at_page(Bytes page, Found &found) {
  if (page.size() < 512) return;
  const auto octet = [&](std::size_t at) { return std::to_integer<std::size_t>(page[at]); };
  const std::size_t runs = octet(511);
  std::array<bool, 512> seen{}; // runs that are alike share their properties
  for (std::size_t run = 0, looked_at = 0; run < runs; ++run) {
    const std::size_t place = (runs + 1) * 4 + run;
    if (place >= 511) return;
    const std::size_t at = octet(place) * 2;
    if (at == 0 || at >= 511 || at + 1 + octet(at) > 511 || seen[at]) continue;
    seen[at] = true;
    if ((looked_at += octet(at)) > page.size()) return; // what overlaps is nobody's
    look_at_properties(ByteReader(page.subspan(at + 1, octet(at))), found);
  }
}

/// §2.8.5 PlcBteChpx: where those pages are in the stream of the text.
void look_at_runs(Bytes text, Bytes places, Found &found) {
  const std::size_t pages = places.size() < 4 ? 0 : (places.size() - 4) / 8;
  ByteReader reader(places);
  reader.skip((pages + 1) * 4);
  for (std::size_t page = 0; page < std::min(pages, text.size() / 512); ++page) {
    const std::size_t at = std::size_t{reader.read_u32_le() & 0x3fffff} * 512;
    if (at < text.size()) look_at_page(text.subspan(at, std::min<std::size_t>(512, text.size() - at)), found);
  }
}

Reason reason_of_field(std::string_view code) {
  struct Row {
    std::string_view code;
    Reason reason;
  };
  constexpr Row rows[] = {{"HYPERLINK", Reason::part_external_link},
                          {"DDE", Reason::office_dde},
                          {"DDEAUTO", Reason::office_dde},
                          {"EMBED", Reason::office_embedded},
                          {"LINK", Reason::office_external},
                          {"IMPORT", Reason::office_external},
                          {"INCLUDE", Reason::office_external},
                          {"INCLUDEPICTURE", Reason::office_external},
                          {"INCLUDETEXT", Reason::office_external},
                          {"DATABASE", Reason::office_external}};
  for (const Row &row : rows)
    if (row.code == code) return row.reason;
  return Reason::none;
}

/// §2.8.25: U+0013 begins a field.  Characters are of one octet or of two.
void look_at_fields(std::string_view text, Found &found) {
  for (std::size_t at = 0; (at = text.find('\x13', at)) != text.npos;) {
    const std::size_t width = ++at < text.size() && text[at] == '\0' ? 2 : 1;
    std::string code;
    for (std::size_t i = at + width - 1; i < text.size() && code.size() < 16; i += width) {
      const char c = text[i];
      const bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
      if (!letter && (c != ' ' || !code.empty())) break;
      if (letter) code += static_cast<char>(c & ~0x20);
    }
    if (const Reason reason = reason_of_field(code); reason != Reason::none) found.insert(reason);
  }
}

/// §2.5.1 Fib of Word 97 and later.
void look_at_text(const CompoundFile &file, Bytes text, Found &found) {
  ByteReader fib(text);
  fib.skip(2);
  if (fib.read_u16_le() < 0x00c1) return; // Word 95: its tables are elsewhere
  fib.skip(6);
  const CompoundFile::Entry *entry = file.find((fib.read_u16_le() & 0x0200) != 0 ? "1Table" : "0Table");
  fib.skip(20);
  fib.skip(std::size_t{fib.read_u16_le()} * 2); // csw
  fib.skip(std::size_t{fib.read_u16_le()} * 4); // cslw
  constexpr std::size_t remarks = 4, runs = 12;
  const std::size_t pairs = fib.read_u16_le();
  if (fib.failed() || !entry || pairs <= runs) return;
  const Buffer table = file.contents_of(*entry, most_of_stream);
  for (std::size_t pair = 0; pair <= runs; ++pair) {
    const std::size_t at = fib.read_u32_le(), size = fib.read_u32_le();
    if (pair == remarks && size > 0) found.insert(Reason::office_tracked); // PlcfandRef
    if (pair == runs && at < table.size())
      look_at_runs(text, Bytes(table).subspan(at, std::min(size, table.size() - at)), found);
  }
}

} // namespace

std::vector<Reason> unseen_in_compound_file(Bytes bytes) {
  const CompoundFile file(bytes);
  Found found;
  for (const CompoundFile::Entry &entry : file.entries())
    if (entry.name == "ObjectPool" || entry.name == "\1Ole10Native" || (entry.type == 1 && entry.name.starts_with("MBD")))
      found.insert(Reason::office_embedded);
  for (const std::string_view name : {"Workbook", "Book"})
    if (const CompoundFile::Entry *entry = file.find(name)) look_at_sheets(file.contents_of(*entry, most_of_stream), found);
  if (const CompoundFile::Entry *entry = file.find("PowerPoint Document"))
    look_at_slides(file.contents_of(*entry, most_of_stream), found);
  if (const CompoundFile::Entry *entry = file.find("WordDocument")) {
    const Buffer text = file.contents_of(*entry, most_of_stream);
    look_at_text(file, text, found);
    look_at_fields(as_chars(text), found);
  }
  return {found.begin(), found.end()};
}

} // namespace sekisho::detect
