#include "sanitizer/rebuild/pdf/page_annotations.hh"

#include "base/bytes.hh"
#include "base/utf8.hh"
#include "sanitizer/rebuild/office/shown_value.hh"
#include "sanitizer/text/charset.hh"

#include <algorithm>
#include <cmath>
#include <utility>

namespace sekisho::rebuild {
namespace {

// FPDF_ANNOT_…, FPDF_FORMFIELD_…
constexpr int note = 1, free_text = 3, first_drawn = 4, stamp = 13, last_drawn = 15, popup = 16, file_attachment = 17,
              widget = 20;
constexpr int check_box = 2, radio_button = 3, choice_box = 4, list_box = 5, text_field = 6, signature = 7;
constexpr int hidden = 1 << 1, not_on_screen = 1 << 5; // table 165: Hidden, NoView
constexpr int password = 1 << 13;                      // table 228
constexpr int most_choices = 200;

class Annotations {
public:
  Annotations(const pdfium::Engine &engine, pdfium::Form form, pdfium::Page page)
      : engine_(engine), form_(form), page_(page) {}

  /// False where no more is to be read.
  bool read(pdfium::Annotation annotation, int index) {
    const std::size_t before = found_.shown.size();
    const bool more = read_text_of(annotation);
    pdfium::Rectangle place;
    if (engine_.flattens && is_drawn(annotation) && engine_.annotation_place(annotation, &place) && is_on_page(place)) {
      const int type = engine_.annotation_type(annotation);
      const bool is_signature = type == widget && form_ && engine_.field_type(form_, annotation) == signature;
      const std::size_t shown = found_.shown.size() > before ? before : most_annotations_of_page;
      const bool is_left_to_readers = type == free_text ? shown == before : type == pdfium::line || type == pdfium::polygon || type == pdfium::polyline || type == stamp;
      if (is_left_to_readers && !engine_.has_key(annotation, "AP")) found_.undrawn.push_back({index, type, shown, value(annotation, "DA")});
      found_.drawn.push_back({index, place, shown, type == stamp || is_signature, type == widget});
    }
    return more;
  }
  void cut() { found_.cut = true; }
  void leave_drawn() { found_.drawn.clear(); }
  PageAnnotations take() { return std::move(found_); }

private:
  /// With words of its own to compare.  Boxes draw ticks, lists all that may be chosen.
  bool is_drawn(pdfium::Annotation annotation) const {
    const int type = engine_.annotation_type(annotation);
    if (type == popup || (engine_.annotation_flags(annotation) & (hidden | not_on_screen)) != 0) return false;
    const int field = type == widget && form_ ? engine_.field_type(form_, annotation) : -1;
    return field != check_box && field != radio_button && field != list_box;
  }

  bool read_text_of(pdfium::Annotation annotation) {
    const int type = engine_.annotation_type(annotation);
    std::string name, text;
    if (type == widget)
      read_field(annotation, name, text);
    else if (is_text(type))
      text = value(annotation, "Contents");
    if (left_ == 0) found_.cut = true;
    if (text.find_first_not_of(" \t\r\n") == text.npos) return left_ > 0;
    if ((engine_.annotation_flags(annotation) & (hidden | not_on_screen)) != 0) {
      found_.hidden = true;
    } else if (type == widget || type == free_text) {
      PageAnnotations::Shown one{std::move(name), std::move(text), {}, {}};
      const bool has_place = engine_.annotation_place(annotation, &one.place) != 0;
      if (has_place && !is_on_page(one.place))
        found_.hidden = true;
      else
        found_.shown.push_back(std::move(one));
    } else {
      const std::string who = value(annotation, "T");
      found_.remarks.push_back(who.empty() ? std::move(text) : who + ": " + text);
    }
    return left_ > 0;
  }

  static bool is_text(int type) {
    return type == note || type == free_text || (type >= first_drawn && type <= last_drawn) || type == file_attachment;
  }

  /// Whether somebody who looks at the page could see it there.
  bool is_on_page(const pdfium::Rectangle &place) const {
    static constexpr double least_points = 0.5, most = 1e6;
    if (!(std::abs(place.right - place.left) >= least_points && std::abs(place.top - place.bottom) >= least_points)) return false;
    const int width = static_cast<int>(std::clamp<double>(engine_.page_width(page_), 1, most));
    const int height = static_cast<int>(std::clamp<double>(engine_.page_height(page_), 1, most));
    const auto within = [](double x) { return std::clamp(x, -most, most); };
    int x1 = 0, y1 = 0, x2 = 0, y2 = 0;
    if (!engine_.page_to_device(page_, 0, 0, width, height, 0, within(place.left), within(place.bottom), &x1, &y1) ||
        !engine_.page_to_device(page_, 0, 0, width, height, 0, within(place.right), within(place.top), &x2, &y2))
      return true;
    return std::max(x1, x2) >= 0 && std::min(x1, x2) <= width && std::max(y1, y2) >= 0 && std::min(y1, y2) <= height;
  }

  void read_field(pdfium::Annotation annotation, std::string &name, std::string &text) {
    const int type = form_ ? engine_.field_type(form_, annotation) : -1;
    if (type == check_box || type == radio_button) {
      text = engine_.is_checked(form_, annotation) ? "☑" : "☐";
    } else if (type == choice_box || type == list_box) {
      text = chosen(annotation);
      if (text.empty()) text = of_field(engine_.field_value, annotation);
    } else if (type == text_field) {
      if ((engine_.field_flags(form_, annotation) & password) != 0) return;
      text = of_field(engine_.field_value, annotation);
    } else if (type < 0) {
      text = stored_in(annotation);
    }
    if (text.empty()) return;
    name = value(annotation, "TU"); // what a person is told of it
    if (name.empty() && form_) name = of_field(engine_.field_name, annotation);
    if (type == radio_button) name += (name.empty() ? "" : " ") + of_field(engine_.export_value, annotation);
  }

  /// Of one that the form does not know, or that is in none.
  std::string stored_in(pdfium::Annotation annotation) {
    float flags = 0;
    (void)engine_.annotation_number(annotation, "Ff", &flags);
    if (flags >= password && (static_cast<unsigned>(std::min(flags, 1e9F)) & password) != 0) return {};
    if (value(annotation, "FT") != "Btn") return value(annotation, "V");
    const std::string state = value(annotation, "AS");
    return state.empty() ? "" : state == "Off" ? "☐" : "☑";
  }

  /// What a list shows for the values that it has.
  std::string chosen(pdfium::Annotation annotation) {
    const int count = engine_.choice_count(form_, annotation);
    if (count > most_choices) return {};
    std::string text;
    for (int i = 0; i < count && left_ > 0; ++i) {
      if (!engine_.is_chosen(form_, annotation, i)) continue;
      if (!text.empty()) text += ", ";
      text += read_text([&](void *to, unsigned long size) {
        return engine_.choice_label(form_, annotation, i, to, size);
      });
    }
    return text;
  }

  std::string value(pdfium::Annotation annotation, const char *key) {
    return read_text(
        [&](void *to, unsigned long size) { return engine_.annotation_text(annotation, key, to, size); });
  }
  template <class Function> std::string of_field(Function function, pdfium::Annotation annotation) {
    return read_text([&](void *to, unsigned long size) { return function(form_, annotation, to, size); });
  }

  /// UTF-16LE with a NUL behind it.  The same long one may be named by many: it is asked for as long as there is room.
  template <class Read> std::string read_text(Read read) {
    constexpr std::size_t end = 2;
    if (left_ == 0) return {};
    const std::size_t size = read(nullptr, 0);
    if (size <= end) return {};
    if (size > left_) {
      left_ = 0;
      return {};
    }
    left_ -= size;
    Buffer octets(size);
    if (read(octets.data(), octets.size()) != size) return {};
    return text::decode({text::Scheme::utf16le}, Bytes(octets).first(size - end)).text;
  }

  const pdfium::Engine &engine_;
  pdfium::Form form_;
  pdfium::Page page_;
  PageAnnotations found_;
  std::size_t left_ = most_annotated;
};

bool is_blank(char32_t c) { return c <= ' ' || (c >= 0x7f && c <= 0xa0) || c == 0x3000 || c == utf8_invalid; }

std::u32string without_blanks(std::string_view text) {
  std::u32string plain;
  for (std::size_t at = 0; at < text.size();)
    if (const char32_t c = utf8_next(text, at); !is_blank(c)) plain += c;
  return plain;
}

/// Not those that the file leaves to its readers: the engine itself gives some an appearance where it draws them.
void keep_drawn(const pdfium::Engine &engine, pdfium::Page page, std::vector<PageAnnotations::Drawn> &drawn) {
  std::erase_if(drawn, [&](const PageAnnotations::Drawn &one) {
    pdfium::Annotation annotation = engine.annotation(page, one.index);
    const bool stored = annotation && engine.has_key(annotation, "AP");
    if (annotation) engine.close_annotation(annotation);
    return !stored;
  });
}

/// What stands within each of the places, but for its edges.
std::vector<std::string> words_within(const pdfium::Engine &engine, pdfium::Page page, const std::vector<PageAnnotations::Drawn> &places) {
  constexpr int most_units = 4096;
  std::vector<std::string> all(places.size());
  const pdfium::Text text = engine.load_text(page);
  if (!text) return all;
  Buffer octets(most_units * 2);
  for (std::size_t i = 0; i < places.size(); ++i) {
    const auto [left, right] = std::minmax(places[i].place.left, places[i].place.right);
    const auto [bottom, top] = std::minmax(places[i].place.bottom, places[i].place.top);
    const double edge = std::min({1.0F, (right - left) / 4, (top - bottom) / 4}); // what is beside it may reach in
    const int units = engine.text_within(text, left + edge, top - edge, right - edge, bottom + edge,
                                         reinterpret_cast<unsigned short *>(octets.data()), most_units);
    const auto size = static_cast<std::size_t>(std::clamp(units, 0, most_units)) * 2;
    all[i] = text::decode({text::Scheme::utf16le}, Bytes(octets).first(size)).text;
    all[i].erase(std::min(all[i].find('\0'), all[i].size()));
  }
  engine.close_text(text);
  return all;
}

/// Without the words of the page itself.
std::string what_is_added(std::string_view words, std::string_view of_page) {
  const std::u32string known = without_blanks(of_page);
  std::string added;
  for (std::size_t at = 0, next = 0; at < words.size();) {
    const std::size_t begin = at;
    const char32_t c = utf8_next(words, at);
    if (next < known.size() && c == known[next])
      ++next;
    else if (!is_blank(c) || !added.empty())
      added += is_blank(c) ? " " : std::string(words.substr(begin, at - begin));
  }
  while (added.ends_with(' '))
    added.pop_back();
  return added;
}

/// Whether what is drawn says the value: as it is, as a number in its format, or as the beginning that the box has room for.
bool is_drawn_value(const std::string &value, const std::string &drawn) {
  constexpr std::size_t least_of_long = 16;
  const std::u32string plain = without_blanks(value), seen = without_blanks(drawn);
  return plain == seen || (seen.size() >= least_of_long && plain.starts_with(seen)) || shows_value("float", value, drawn);
}

} // namespace

void read_drawn(const pdfium::Engine &engine, pdfium::Document document, int index, pdfium::Page page, bool redrawn,
                PageAnnotations &annotations) {
  pdfium::Page flat = engine.load_page(document, index);
  if (flat) keep_drawn(engine, flat, annotations.drawn);
  const bool done = flat && !annotations.drawn.empty() && engine.flatten(flat, 0) != 0;
  if (flat) engine.close_page(flat);
  if (annotations.drawn.empty()) return;
  const std::vector<std::string> before = words_within(engine, page, annotations.drawn);
  flat = done ? engine.load_page(document, index) : nullptr; // only now with what was drawn into it
  const std::vector<std::string> after = flat ? words_within(engine, flat, annotations.drawn) : before;
  if (flat) engine.close_page(flat);
  const std::size_t with_text = annotations.shown.size();
  for (std::size_t i = 0; i < annotations.drawn.size(); ++i) {
    const PageAnnotations::Drawn &one = annotations.drawn[i];
    std::string drawn = what_is_added(after[i], before[i]);
    if (one.shown >= with_text) {
      annotations.pictures = annotations.pictures || (one.picture && drawn.empty());
      if (!drawn.empty()) annotations.shown.push_back({{}, std::move(drawn), {}, one.place});
      continue;
    }
    auto &[name, text, value, place] = annotations.shown[one.shown];
    const bool tick = text == "☑" || text == "☐"; // of one that the form does not know
    if (tick || is_drawn_value(text, drawn) || (one.field && redrawn && drawn.empty())) continue;
    annotations.ambiguous = true;
    if (!drawn.empty()) value = std::exchange(text, std::move(drawn));
  }
}

PageAnnotations read_annotations(const pdfium::Engine &engine, pdfium::Form form, pdfium::Page page) {
  if (!engine.reads_annotations || !page) return {};
  Annotations annotations(engine, form, page);
  const int count = engine.annotation_count(page);
  const bool too_many = count > most_annotations_of_page;
  if (too_many) annotations.cut();
  bool more = true;
  for (int i = 0; i < std::min(count, most_annotations_of_page) && more; ++i) {
    pdfium::Annotation annotation = engine.annotation(page, i);
    if (!annotation) continue;
    more = annotations.read(annotation, i);
    engine.close_annotation(annotation);
  }
  if (too_many) annotations.leave_drawn(); // the engine would draw all of them
  return annotations.take();
}

} // namespace sekisho::rebuild
