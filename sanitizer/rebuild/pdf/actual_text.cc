#include "sanitizer/rebuild/pdf/actual_text.hh"

#include "base/bytes.hh"
#include "base/utf8.hh"
#include "sanitizer/text/charset.hh"

#include <algorithm>
#include <array>

namespace sekisho::rebuild {
namespace {

constexpr int text_object = 1, form_object = 5; // FPDF_PAGEOBJ_…
constexpr int most_objects = 20'000, most_depth = 8;
constexpr std::size_t most_said = 64u << 10; // octets as the engine has them
constexpr std::uint64_t most_walked = 20'000'000; // characters of a page: the engine goes through all of them for each object
constexpr std::size_t end_of_text = 2;       // octets: a NUL
constexpr const char *key = "ActualText";

std::string of_utf16(Bytes octets) {
  return text::decode({text::Scheme::utf16le}, octets.first(octets.size() - std::min(octets.size(), end_of_text))).text;
}

/// ISO 32000-2 §7.9.2.2.
std::string of_text_string(Bytes octets) {
  const std::string_view chars = as_chars(octets);
  if (chars.starts_with("\xfe\xff") || chars.starts_with("\xff\xfe")) return text::decode({text::Scheme::utf16}, octets).text;
  if (chars.starts_with("\xef\xbb\xbf")) return text::decode({text::Scheme::utf8}, octets.subspan(3)).text;
  return text::decode(*text::charset_named("windows-1252"), octets).text; // PDFDocEncoding has the same letters
}

/// One marked content and the text in it.
struct Marked {
  pdfium::Mark mark;
  std::string said;
  std::vector<pdfium::PageObject> objects;
};

class Finder {
public:
  explicit Finder(const pdfium::Engine &engine) : engine_(engine) {}

  std::vector<Marked> find_in(pdfium::Page page) {
    const int count = std::min(engine_.count_objects(page), most_objects);
    for (int i = 0; i < count; ++i)
      look_at(engine_.page_object(page, i), 0);
    return std::move(found_);
  }

private:
  void look_at(pdfium::PageObject object, int depth) {
    if (!object || --left_ < 0) return;
    const int type = engine_.object_type(object);
    if (type == form_object && depth < most_depth) {
      const int count = std::min(engine_.count_form_objects(object), most_objects);
      for (int i = 0; i < count; ++i)
        look_at(engine_.form_object(object, static_cast<unsigned long>(i)), depth + 1);
    }
    if (type != text_object) return;
    const int marks = std::min(engine_.count_marks(object), most_depth);
    for (int i = 0; i < marks; ++i)
      if (pdfium::Mark mark = engine_.mark(object, static_cast<unsigned long>(i))) add(mark, object);
  }
  void add(pdfium::Mark mark, pdfium::PageObject object) {
    if (!found_.empty() && found_.back().mark == mark) return found_.back().objects.push_back(object);
    unsigned long size = 0;
    if (!engine_.mark_text(mark, key, nullptr, 0, &size) || size > most_said) return;
    Buffer octets(size);
    if (!engine_.mark_text(mark, key, octets.data(), octets.size(), &size) || size != octets.size()) return;
    found_.push_back({mark, of_text_string(octets), {object}});
  }

  const pdfium::Engine &engine_;
  std::vector<Marked> found_;
  int left_ = most_objects;
};

void take_off(const pdfium::Engine &engine, const Marked &marked) {
  (void)engine.remove_mark_text(marked.objects.front(), marked.mark, key);
}

std::string drawn_by(const pdfium::Engine &engine, const Marked &marked, pdfium::Text text) {
  std::string drawn;
  for (pdfium::PageObject object : marked.objects) {
    const unsigned long size = engine.object_text(object, text, nullptr, 0);
    Buffer octets(std::min<std::size_t>(size, most_said));
    if (octets.size() == size && engine.object_text(object, text, reinterpret_cast<unsigned short *>(octets.data()), size) == size)
      drawn += of_utf16(octets);
  }
  return drawn;
}

/// Without what is no difference.
std::u32string plain(std::string_view text) {
  constexpr std::array<const char32_t *, 7> ligatures = {U"ff", U"fi", U"fl", U"ffi", U"ffl", U"st", U"st"};
  std::u32string result;
  for (std::size_t at = 0; at < text.size();) {
    const char32_t c = utf8_next(text, at);
    const bool blank = c <= ' ' || (c >= 0x7f && c <= 0xa0) || c == 0xad || c == 0x3000 || (c >= 0x200b && c <= 0x200d) || c == 0xfeff;
    if (blank) continue;
    if (c >= 0xfb00 && c <= 0xfb06)
      result += ligatures[c - 0xfb00];
    else
      result += c;
  }
  return result;
}

bool is_character(char32_t c) {
  return c != utf8_invalid && c != 0xfffd && (c & 0xfffe) != 0xfffe && !(c >= 0xe000 && c <= 0xf8ff) && c < 0xf0000;
}
/// Radicals, forms for vertical writing and other compatibility characters: one that looks the same has another number.
bool is_form(char32_t c) { return (c >= 0x2e80 && c <= 0x2fdf) || (c >= 0xf900 && c <= 0xfaff) || (c >= 0xfe10 && c <= 0xfe4f); }

bool differs(const std::string &drawn, const std::string &said) {
  const std::u32string seen = plain(drawn), words = plain(said);
  if (std::ranges::none_of(seen, is_character)) return false;
  const bool divided = words.empty() && (seen == U"-" || seen == U"‐"); // a word at a line's end
  return !divided && !std::ranges::equal(seen, words, [](char32_t a, char32_t b) { return a == b || is_form(a) || is_form(b); });
}

} // namespace

OthersOfPage take_other_words(const pdfium::Engine &engine, pdfium::Document document, int index, pdfium::Page page) {
  if (!engine.reads_actual_text || !page) return {};
  const std::vector<Marked> marked = Finder(engine).find_in(page);
  if (marked.empty()) return {};
  pdfium::Page copy = engine.load_page(document, index); // to see what is drawn
  if (!copy) return {};
  const std::vector<Marked> open = Finder(engine).find_in(copy);
  for (const Marked &one : open)
    take_off(engine, one);
  OthersOfPage others;
  if (pdfium::Text text = engine.load_text(copy)) {
    const auto characters = static_cast<std::uint64_t>(std::max(engine.count_characters(text), 0));
    std::uint64_t walked = 0;
    for (std::size_t i = 0; i < std::min(open.size(), marked.size()); ++i) {
      walked += open[i].objects.size() * characters;
      others.all_compared = others.all_compared && walked <= most_walked;
      if (!others.all_compared) {
        take_off(engine, marked[i]);
        continue;
      }
      std::string drawn = drawn_by(engine, open[i], text);
      if (!differs(drawn, marked[i].said)) continue;
      take_off(engine, marked[i]);
      pdfium::Rectangle place;
      (void)engine.object_bounds(marked[i].objects.back(), &place.left, &place.bottom, &place.right, &place.top);
      others.words.push_back({std::move(drawn), marked[i].said, place});
    }
    engine.close_text(text);
  }
  engine.close_page(copy);
  return others;
}

} // namespace sekisho::rebuild
