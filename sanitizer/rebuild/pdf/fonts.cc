#include "sanitizer/rebuild/pdf/fonts.hh"

#include "base/bytes.hh"
#include "base/unique_fd.hh"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>
#include <vector>

namespace sekisho::rebuild {
namespace {

enum class Style { mincho, gothic, sans, serif, mono, carlito, caladea, korean_chinese };

struct Place {
  Style style;
  bool proportional; // Japanese: characters of different width
  bool bold, italic;
  const char *face, *path;
};

// Debian: fonts-ipafont, fonts-liberation, fonts-crosextra-carlito, fonts-crosextra-caladea,
// fonts-noto-cjk, fonts-dejavu-core.  Earlier rows are better.
constexpr auto places = std::to_array<Place>({
#define IPA "/usr/share/fonts/opentype/ipafont-"
    {Style::mincho, false, false, false, "IPAMincho", IPA "mincho/ipam.ttf"},
    {Style::mincho, true, false, false, "IPAPMincho", IPA "mincho/ipamp.ttf"},
    {Style::gothic, false, false, false, "IPAGothic", IPA "gothic/ipag.ttf"},
    {Style::gothic, true, false, false, "IPAPGothic", IPA "gothic/ipagp.ttf"},
#undef IPA
#define LIBERATION(style, name)                                                                      \
  {style, false, false, false, name, "/usr/share/fonts/truetype/liberation/" name "-Regular.ttf"},   \
      {style, false, true, false, name, "/usr/share/fonts/truetype/liberation/" name "-Bold.ttf"},   \
      {style, false, false, true, name, "/usr/share/fonts/truetype/liberation/" name "-Italic.ttf"}, \
      {style, false, true,                                                                           \
       true,  name,  "/usr/share/fonts/truetype/liberation/" name "-BoldItalic.ttf"}
    LIBERATION(Style::sans, "LiberationSans"),
    LIBERATION(Style::serif, "LiberationSerif"),
    LIBERATION(Style::mono, "LiberationMono"),
#undef LIBERATION
#define CROSEXTRA "/usr/share/fonts/truetype/crosextra/"
    {Style::carlito, false, false, false, "Carlito", CROSEXTRA "Carlito-Regular.ttf"},
    {Style::carlito, false, true, false, "Carlito", CROSEXTRA "Carlito-Bold.ttf"},
    {Style::caladea, false, false, false, "Caladea", CROSEXTRA "Caladea-Regular.ttf"},
    {Style::caladea, false, true, false, "Caladea", CROSEXTRA "Caladea-Bold.ttf"},
#undef CROSEXTRA
#define NOTO "/usr/share/fonts/opentype/noto/"
    {Style::korean_chinese, false, false, false, "NotoSansCJK", NOTO "NotoSansCJK-Regular.ttc"},
    {Style::gothic, false, false, false, "NotoSansCJK", NOTO "NotoSansCJK-Regular.ttc"},
    {Style::mincho, false, false, false, "NotoSerifCJK", NOTO "NotoSerifCJK-Regular.ttc"},
#undef NOTO
    {Style::sans, false, false, false, "DejaVuSans",
     "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"},
});

struct Font {
  const Place *place = nullptr;
  Bytes file;
  std::size_t first_table = 0; // of the face we use, inside a collection
};

std::vector<Font> fonts; // never changed after map_fonts, so that its elements can be handles

Bytes map_file(const char *path) {
  UniqueFd file(::open(path, O_RDONLY | O_CLOEXEC));
  struct stat status {};
  if (!file || ::fstat(file.get(), &status) != 0 || status.st_size < 12) return {};
  const auto size = static_cast<std::size_t>(status.st_size);
  void *memory = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, file.get(), 0);
  if (memory == MAP_FAILED) return {};
  return {static_cast<const std::byte *>(memory), size};
}

/// OpenType 1.9, "Font collections": where the first face's table directory stands.
std::size_t first_face(Bytes file) {
  ByteReader reader(file);
  if (as_chars(reader.take(4)) != "ttcf") return 0;
  reader.skip(8);
  return reader.read_u32();
}

Bytes table_of(const Font &font, std::uint32_t tag) {
  ByteReader reader(font.file);
  reader.skip(font.first_table + 4);
  const unsigned count = reader.read_u16();
  reader.skip(6);
  for (unsigned i = 0; i < count && !reader.failed(); ++i) {
    const std::uint32_t here = reader.read_u32();
    reader.skip(4);
    const std::size_t offset = reader.read_u32(), size = reader.read_u32();
    if (here == tag && offset <= font.file.size() && size <= font.file.size() - offset)
      return font.file.subspan(offset, size);
  }
  return {};
}

constexpr int shift_jis = 128, hangul = 129, gb2312 = 134, big5 = 136; // Windows charsets
constexpr int fixed_pitch = 1, roman = 16;                             // Windows pitch and family

struct Wanted {
  Style style;
  bool proportional = false, bold = false, italic = false;
};

bool contains_any(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return text.find(word) != text.npos; });
}

// The names are as PDF files spell them: Latin, or Shift_JIS octets.
bool sounds_japanese(std::string_view face) {
  return contains_any(face, {"Mincho", "Gothic", "Ryumin", "Meiryo", "HeiseiM", "HeiseiK", "Kozuka",
                             "KozMin", "KozGo", "YuMin", "YuGo", "IPA", "\x96\xbe\x92\xa9",
                             "\x83\x53\x83\x56\x83\x62\x83\x4e"});
}

Wanted japanese(int pitch_family, std::string_view face) {
  Wanted wanted{Style::gothic};
  const bool gothic = contains_any(face, {"Goth", "Meiryo", "HeiseiK", "KozGo", "YuGo", "Sans",
                                          "\x83\x53\x83\x56\x83\x62\x83\x4e"});
  const bool mincho = contains_any(face, {"Min", "Ryumin", "Serif", "\x96\xbe\x92\xa9"});
  if (mincho || (!gothic && (pitch_family & roman))) wanted.style = Style::mincho;
  wanted.proportional = contains_any(face, {"PMincho", "PGothic", "-P", "UIGothic", "\x82\x6f"});
  return wanted;
}

Wanted choose(int weight, bool italic, int charset, int pitch_family, std::string_view face) {
  Wanted wanted{Style::sans};
  if (charset == shift_jis || sounds_japanese(face))
    wanted = japanese(pitch_family, face);
  else if (charset == hangul || charset == gb2312 || charset == big5)
    wanted.style = Style::korean_chinese;
  else if (contains_any(face, {"Calibri", "Carlito"}))
    wanted.style = Style::carlito;
  else if (contains_any(face, {"Cambria", "Caladea"}))
    wanted.style = Style::caladea;
  else if ((pitch_family & fixed_pitch) || contains_any(face, {"Courier", "Mono", "Consolas"}))
    wanted.style = Style::mono;
  else if ((pitch_family & roman) || contains_any(face, {"Times", "Serif", "Georgia", "Century"}))
    wanted.style = Style::serif;
  wanted.bold = weight >= 600 || contains_any(face, {"Bold", "bold"});
  wanted.italic = italic || contains_any(face, {"Italic", "Oblique"});
  return wanted;
}

Font *best_for(const Wanted &wanted) {
  Font *best = nullptr;
  int most = -1;
  for (Font &font : fonts) {
    if (font.place->style != wanted.style) continue;
    const int points = (font.place->proportional == wanted.proportional ? 4 : 0) +
                       (font.place->bold == wanted.bold ? 2 : 0) +
                       (font.place->italic == wanted.italic ? 1 : 0);
    if (points > most) {
      most = points;
      best = &font;
    }
  }
  return best;
}

void *map_face(pdfium::FontSource *, int weight, int italic, int charset, int pitch_family,
               const char *face, int *exact) {
  const std::string_view name = face ? face : "";
  if (exact) *exact = 0;
  if (Font *font = best_for(choose(weight, italic != 0, charset, pitch_family, name))) return font;
  if (charset == hangul || charset == gb2312 || charset == big5) return best_for({Style::gothic});
  return nullptr; // the engine has Latin faces of its own
}

void *get_face(pdfium::FontSource *, const char *face) {
  const auto at = std::find_if(fonts.begin(), fonts.end(), [&](const Font &font) {
    return face && std::string_view(face) == font.place->face;
  });
  return at == fonts.end() ? nullptr : &*at;
}

// Table 0 is the file from its face on, "ttcf" the whole collection: the engine learns from the
// difference which face is meant.
unsigned long copy_data(pdfium::FontSource *, void *handle, unsigned table, unsigned char *to,
                        unsigned long size) {
  constexpr unsigned collection = 0x74746366;
  const Font &font = *static_cast<const Font *>(handle);
  Bytes data;
  if (table == collection)
    data = font.first_table > 0 ? font.file : Bytes{};
  else
    data = table == 0 ? font.file.subspan(font.first_table) : table_of(font, table);
  if (to && size >= data.size() && !data.empty()) std::memcpy(to, data.data(), data.size());
  return data.size();
}

unsigned long copy_name(pdfium::FontSource *, void *handle, char *to, unsigned long size) {
  const std::string_view face = static_cast<const Font *>(handle)->place->face;
  if (to && size > face.size()) std::memcpy(to, face.data(), face.size() + 1);
  return face.size() + 1;
}

int charset_of(pdfium::FontSource *, void *handle) {
  const Style style = static_cast<const Font *>(handle)->place->style;
  return style == Style::mincho || style == Style::gothic ? shift_jis : 0;
}

void close_face(pdfium::FontSource *, void *) {}

} // namespace

std::size_t map_fonts() {
  if (!fonts.empty()) return fonts.size();
  for (const Place &place : places) {
    const Bytes file = map_file(place.path);
    if (file.empty()) continue;
    const std::size_t face = first_face(file);
    if (face < file.size()) fonts.push_back({&place, file, face});
  }
  return fonts.size();
}

bool have_japanese_fonts() {
  return std::any_of(fonts.begin(), fonts.end(), [](const Font &font) {
    return font.place->style == Style::mincho || font.place->style == Style::gothic;
  });
}

Bytes gothic_font() {
  const Font *font = best_for({Style::gothic});
  return font && font->first_table == 0 && !font->place->proportional ? font->file : Bytes();
}

pdfium::FontSource *font_source() {
  static pdfium::FontSource source;
  source.map = map_face;
  source.get = get_face;
  source.data = copy_data;
  source.face_name = copy_name;
  source.charset = charset_of;
  source.close = close_face;
  return &source;
}

} // namespace sekisho::rebuild
