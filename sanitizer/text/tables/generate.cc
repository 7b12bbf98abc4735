// Writes the code tables as C++ to standard output, asking the build machine's iconv for every
// octet sequence, and the Unicode Character Database for the carriers' emoji:
//
//   generate-tables /usr/share/unicode/EmojiSources.txt
//
// Runs at build time only.
#include <iconv.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace {

class Converter {
public:
  explicit Converter(const std::string &charset)
      : descriptor_(iconv_open("UTF-32LE", charset.c_str())) {
    if (descriptor_ != reinterpret_cast<iconv_t>(-1)) return;
    std::fprintf(stderr, "generate: the C library has no converter for %s\n", charset.c_str());
    std::exit(1);
  }
  ~Converter() { iconv_close(descriptor_); }

  /// 0 unless the octets are exactly one character.
  std::uint32_t one(std::string octets) {
    const std::vector<std::uint32_t> all = characters(std::move(octets));
    return all.size() == 1 ? all[0] : 0;
  }
  std::vector<std::uint32_t> characters(std::string octets) {
    iconv(descriptor_, nullptr, nullptr, nullptr, nullptr);
    std::vector<std::uint32_t> out(4);
    char *from = octets.data(), *to = reinterpret_cast<char *>(out.data());
    std::size_t left = octets.size(), room = out.size() * sizeof out[0];
    if (iconv(descriptor_, &from, &left, &to, &room) != 0 || left != 0) return {};
    iconv(descriptor_, nullptr, nullptr, &to, &room); // some keep the last character back
    out.resize(out.size() - room / sizeof out[0]);
    return out;
  }

private:
  iconv_t descriptor_;
};

std::string octets(std::initializer_list<unsigned> values) {
  std::string text;
  for (unsigned value : values)
    text += static_cast<char>(value);
  return text;
}

template <class Get> void table(const char *type, const char *name, std::size_t size, Get get) {
  std::printf("const %s %s[%zu] = {", type, name, size);
  for (std::size_t i = 0; i < size; i++)
    std::printf("%s0x%x,", i % 16 == 0 ? "\n" : "", static_cast<unsigned>(get(i)));
  std::printf("\n};\n\n");
}

/// Only the Basic Multilingual Plane fits the 16-bit tables.
std::uint32_t bmp(std::uint32_t code_point) {
  return code_point < 0x10000 ? code_point : 0;
}

/// Where CP932 maps the user area of Shift_JIS, F040 on.
std::uint32_t private_place(unsigned shift_jis) {
  const unsigned lead = shift_jis >> 8, trail = shift_jis & 0xff;
  return 0xe000 + (lead - 0xf0) * 188 + trail - (trail < 0x7f ? 0x40 : 0x41);
}

void japanese() {
  Converter cp932("CP932"), euc("EUC-JP"), euc_ms("EUC-JP-MS");
  table("std::uint16_t", "jis0208", 120 * 94, [&](unsigned i) {
    unsigned lead = i / 188, trail = i % 188;
    return bmp(cp932.one(
        octets({lead + (lead < 0x1f ? 0x81 : 0xc1), trail + (trail < 0x3f ? 0x40 : 0x41)})));
  });
  table("std::uint16_t", "jis0212", 94 * 94, [&](unsigned i) {
    std::string three = octets({0x8f, 0xa1 + i / 94, 0xa1 + i % 94});
    std::uint32_t c = bmp(euc.one(three));
    if (c == 0) c = bmp(euc_ms.one(three)); // IBM extensions in rows that JIS X 0212 leaves free
    return c >= 0xe000 && c <= 0xf8ff ? 0 : c; // user area
  });
}

void jis_x_0213() {
  constexpr std::uint32_t marks[] = {0x309a, 0x300, 0x301, 0x2e5, 0x2e9};
  Converter euc("EUC-JISX0213");
  std::printf("const std::uint32_t jis0213[2][94 * 94] = {");
  for (unsigned plane = 0; plane < 2; plane++) {
    std::printf("{");
    for (unsigned i = 0; i < 94 * 94; i++) {
      const std::string two = octets({0xa1 + i / 94, 0xa1 + i % 94});
      const std::vector<std::uint32_t> all = euc.characters(plane == 0 ? two : '\x8f' + two);
      std::uint32_t value = all.empty() || all.size() > 2 ? 0 : all[0];
      for (std::uint32_t k = 0; all.size() == 2 && k < std::size(marks); k++)
        if (marks[k] == all[1]) value |= (k + 1) << 24;
      std::printf("%s0x%x,", i % 16 == 0 ? "\n" : "", static_cast<unsigned>(value));
    }
    std::printf("},\n");
  }
  std::printf("};\nconst std::uint16_t jis0213_marks[5] = {");
  for (const std::uint32_t mark : marks)
    std::printf("0x%x,", static_cast<unsigned>(mark));
  std::printf("};\n\n");
}

void chinese_and_korean() {
  Converter gb18030("GB18030"), big5("BIG5-HKSCS"), uhc("UHC");
  table("std::uint16_t", "gbk", 126 * 190, [&](unsigned i) {
    unsigned trail = i % 190;
    return bmp(gb18030.one(octets({0x81 + i / 190, trail + (trail < 0x3f ? 0x40 : 0x41)})));
  });
  table("std::uint16_t", "gb18030", 39'420, [&](unsigned i) {
    return bmp(gb18030.one(
        octets({0x81 + i / 12600, 0x30 + i / 1260 % 10, 0x81 + i / 10 % 126, 0x30 + i % 10})));
  });
  table("std::uint32_t", "big5", 126 * 157, [&](unsigned i) {
    unsigned trail = i % 157;
    return big5.one(octets({0x81 + i / 157, trail + (trail < 0x3f ? 0x40 : 0x62)}));
  });
  table("std::uint16_t", "euc_kr", 126 * 190, [&](unsigned i) {
    return bmp(uhc.one(octets({0x81 + i / 190, 0x41 + i % 190})));
  });
}

void single_octet() {
  const std::vector<std::string> names = {
      "iso-8859-1",   "iso-8859-2",   "iso-8859-3",   "iso-8859-4",   "iso-8859-5",
      "iso-8859-6",   "iso-8859-7",   "iso-8859-8",   "iso-8859-9",   "iso-8859-10",
      "iso-8859-13",  "iso-8859-14",  "iso-8859-15",  "iso-8859-16",  "windows-1250",
      "windows-1251", "windows-1252", "windows-1253", "windows-1254", "windows-1255",
      "windows-1256", "windows-1257", "windows-1258", "windows-874",  "tis-620",
      "koi8-r",       "koi8-u",       "macintosh",    "mac-cyrillic", "ibm437",
      "ibm850",       "ibm852",       "ibm866"};
  std::printf("const SingleOctet single_octet[] = {\n");
  for (const std::string &name : names) {
    std::string iconv_name = name;
    if (name.starts_with("windows-")) iconv_name = "CP" + name.substr(8);
    if (name == "mac-cyrillic") iconv_name = "MAC-CYRILLIC";
    Converter converter(iconv_name);
    std::printf("{\"%s\", {", name.c_str());
    for (unsigned i = 0; i < 128; i++)
      std::printf("0x%x,", bmp(converter.one(octets({0x80 + i}))));
    std::printf("}},\n");
  }
  std::printf("};\nconst std::size_t single_octet_count = %zu;\n\n", names.size());
}

std::string utf8_of(const std::string &code_points) { // "0023 20E3"
  std::string text;
  std::istringstream in(code_points);
  for (std::uint32_t c; in >> std::hex >> c;) {
    if (c < 0x80)
      text += static_cast<char>(c);
    else if (c < 0x800)
      text += octets({0xc0 | c >> 6, 0x80 | (c & 0x3f)});
    else if (c < 0x10000)
      text += octets({0xe0 | c >> 12, 0x80 | (c >> 6 & 0x3f), 0x80 | (c & 0x3f)});
    else
      text += octets({0xf0 | c >> 18, 0x80 | (c >> 12 & 0x3f), 0x80 | (c >> 6 & 0x3f), 0x80 | (c & 0x3f)});
  }
  return text;
}

/// SoftBank's own Unicode places, in six blocks beside its Shift_JIS ones; 0 for none.
std::uint32_t softbank_place(unsigned shift_jis) {
  struct Block {
    unsigned first, last, place;
  };
  for (const Block &block : {Block{0xf941, 0xf99b, 0xe001}, {0xf741, 0xf79b, 0xe101}, {0xf7a1, 0xf7f3, 0xe201},
                             {0xf9a1, 0xf9ed, 0xe301}, {0xfb41, 0xfb8d, 0xe401}, {0xfba1, 0xfbd7, 0xe501}})
    if (shift_jis >= block.first && shift_jis <= block.last)
      return block.place + shift_jis - block.first - ((shift_jis & 0xff) > 0x7f && (block.first & 0xff) < 0x7f ? 1 : 0);
  return 0;
}

/// UAX #44, EmojiSources.txt: code points; docomo; au (KDDI); SoftBank, all as Shift_JIS.
void emoji(const char *path) {
  std::ifstream in(path);
  std::map<std::pair<unsigned, std::uint32_t>, std::string> rows;
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line[0] == '#') continue;
    std::istringstream fields(line);
    std::string code_points, field;
    std::getline(fields, code_points, ';');
    for (unsigned carrier = 1; carrier <= 3 && std::getline(fields, field, ';'); carrier++) {
      if (field.size() < 4) continue;
      const auto shift_jis = static_cast<unsigned>(std::stoul(field, nullptr, 16));
      if (shift_jis < 0xfa00) rows.emplace(std::pair(carrier, private_place(shift_jis)), utf8_of(code_points));
      if (const std::uint32_t place = carrier == 3 ? softbank_place(shift_jis) : 0)
        rows.emplace(std::pair(carrier, place), utf8_of(code_points));
    }
  }
  if (rows.size() < 1000) {
    std::fprintf(stderr, "generate: %s is no EmojiSources.txt\n", path);
    std::exit(1);
  }
  std::printf("const CarrierEmoji carrier_emoji[] = {\n");
  for (const auto &[key, utf8] : rows) {
    std::printf("{%u, 0x%x, \"", key.first, static_cast<unsigned>(key.second));
    for (char c : utf8)
      std::printf("\\%03o", static_cast<unsigned>(static_cast<unsigned char>(c)));
    std::printf("\"},\n");
  }
  std::printf("};\nconst std::size_t carrier_emoji_count = %zu;\n\n", rows.size());
}

} // namespace

int main(int count, char **arguments) {
  if (count != 2) return 2;
  std::printf("// Made by generate.cc.\n#include \"sanitizer/text/tables/tables.hh\"\n\n"
              "namespace sekisho::text::tables {\n\n");
  japanese();
  jis_x_0213();
  chinese_and_korean();
  single_octet();
  emoji(arguments[1]);
  std::printf("} // namespace sekisho::text::tables\n");
  return std::fflush(stdout) == 0 ? 0 : 1;
}
