// What the old formats have beside what is drawn of them.  Nothing is decoded: records, character properties and field
// codes are looked for.
#include "sanitizer/detect/compound_file.hh"
#include "sanitizer/detect/detect.hh"

#include <algorithm>
#include <array>
#include <map>
#include <set>

namespace sekisho::detect {
namespace {

using Found = std::set<Reason>;

constexpr std::size_t most_of_stream = 64u << 20;

/// Which cells of a workbook are on its printed pages, where it says so.
class PrintAreas {
public:
  /// [MS-XLS] §2.4.150 Lbl of Excel 97 and later; other names than that of the area say nothing here.
  void name(ByteReader label) {
    constexpr unsigned built_in = 0x20, print_area = 6, wide = 1;
    const unsigned flags = label.read_u16_le();
    label.skip(1);
    const unsigned letters = label.read_u8();
    label.skip(4);
    const unsigned sheet = label.read_u16_le();
    label.skip(4);
    const bool is_wide = (label.read_u8() & wide) != 0;
    const unsigned letter = is_wide ? label.read_u16_le() : label.read_u8();
    if (label.failed() || (flags & built_in) == 0 || letters != 1 || letter != print_area || sheet == 0) return;
    read_areas(label, areas_[sheet - 1]);
  }
  void sheet_at(std::uint32_t offset) { sheets_.emplace(offset, count_++); }
  void begin_at(std::size_t offset) {
    const auto sheet = sheets_.find(offset);
    const auto areas = sheet == sheets_.end() ? areas_.end() : areas_.find(sheet->second);
    current_ = areas == areas_.end() || areas->second.empty() ? nullptr : &areas->second;
  }
  bool leaves_out(ByteReader cell) const {
    const unsigned row = cell.read_u16_le(), column = cell.read_u16_le();
    return current_ && !cell.failed() && std::none_of(current_->begin(), current_->end(), [&](const Area &area) {
      return row >= area.top && row <= area.bottom && column >= area.left && column <= area.right;
    });
  }

private:
  static constexpr std::size_t most_areas = 256;
  struct Area {
    unsigned top, bottom, left, right;
  };
  /// §2.5.198: areas of this book, put together; of anything else nothing is known.
  static void read_areas(ByteReader tokens, std::vector<Area> &areas) {
    std::vector<Area> read;
    constexpr unsigned columns = 0x3fff;
    while (tokens.remaining() > 0 && read.size() < most_areas) {
      const unsigned token = tokens.read_u8();
      switch (token < 0x20 ? token : (token & 0x1f) | 0x20) {
      case 0x3a: { // PtgRef3d
        tokens.skip(2);
        const unsigned row = tokens.read_u16_le(), column = tokens.read_u16_le() & columns;
        read.push_back({row, row, column, column});
        break;
      }
      case 0x3b: { // PtgArea3d
        tokens.skip(2);
        const unsigned top = tokens.read_u16_le(), bottom = tokens.read_u16_le();
        const unsigned left = tokens.read_u16_le() & columns, right = tokens.read_u16_le() & columns;
        read.push_back({top, bottom, left, right});
        break;
      }
      case 0x29: tokens.skip(2); break; // PtgMemFunc
      case 0x26: tokens.skip(6); break; // PtgMemArea
      case 0x10:                        // PtgUnion
      case 0x15: break;                 // PtgParen
      default: return;
      }
    }
    if (!tokens.failed()) areas = std::move(read);
  }

  std::map<unsigned, std::vector<Area>> areas_; // by sheet
  std::map<std::size_t, unsigned> sheets_;      // by where they begin; of two the first
  unsigned count_ = 0;
  const std::vector<Area> *current_ = nullptr;
};

/// [MS-XLS] §2.1.4: records, those of the sheets behind those of the workbook.
void look_at_sheets(Bytes stream, Found &found) {
  ByteReader reader(stream);
  PrintAreas areas;
  while (reader.remaining() >= 4) {
    const std::uint16_t type = reader.read_u16_le();
    const std::size_t size = reader.read_u16_le();
    const std::size_t start = stream.size() - reader.remaining() - 4;
    ByteReader record(reader.take(std::min(size, reader.remaining())));
    switch (type) {
    case 0x0018: areas.name(record); break;     // Lbl
    case 0x0809: areas.begin_at(start); break;  // BOF
    case 0x0006:                                // Formula
    case 0x00bd:                                // MulRk
    case 0x00d6:                                // RString
    case 0x00fd:                                // LabelSst
    case 0x0203:                                // Number
    case 0x0204:                                // Label
    case 0x0205:                                // BoolErr
    case 0x027e:                                // RK
      if (areas.leaves_out(record)) found.insert(Reason::office_not_printed);
      break;
    case 0x0085: { // BoundSheet8
      areas.sheet_at(record.read_u32_le());
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

/// [MS-PPT] §2.9.41, §2.9.42: more than the mark of a number or date, which is one letter.
bool has_words(Bytes text) {
  std::size_t letters = 0;
  for (const std::byte octet : text)
    letters += octet > std::byte{' '} && octet != std::byte{'*'};
  return letters > 1;
}

/// [MS-PPT] §2.3.1: containers, whose records are passed as if they stood beside them.
void look_at_slides(Bytes stream, Found &found) {
  ByteReader reader(stream);
  std::size_t behind_notes = stream.size() + 1; // what is left of the stream there
  bool of_slide = false;
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
    case 0x03f0:                                                    // Notes
      behind_notes = reader.remaining() - std::min(size, reader.remaining());
      of_slide = false;
      break;
    default: break;
    }
    if (container) continue;
    const bool in_notes = reader.remaining() > behind_notes && behind_notes <= stream.size();
    ByteReader atom(reader.take(std::min(size, reader.remaining())));
    if (type == 0x03f9) { // SlideShowSlideInfoAtom: fHidden
      atom.skip(10);
      if ((atom.read_u16_le() & 4) != 0) found.insert(Reason::office_hidden_removed);
    } else if (type == 0x0400) { // VBAInfoAtom: fHasMacros
      atom.skip(4);
      if (atom.read_u32_le() != 0) found.insert(Reason::part_macro);
    } else if (type == 0x03f1) { // NotesAtom: that of the master is of no slide
      constexpr std::uint32_t first_slide = 0x100, behind_last = 0x7fffffff; // §2.2.25 SlideId
      const std::uint32_t slide = atom.read_u32_le();
      of_slide = slide >= first_slide && slide < behind_last;
    } else if ((type == 0x0fa0 || type == 0x0fa8) && in_notes && of_slide) { // TextCharsAtom, TextBytesAtom
      if (has_words(atom.take(atom.remaining()))) found.insert(Reason::office_not_printed);
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
