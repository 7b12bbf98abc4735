#include "sanitizer/rebuild/pdf/page_annotations.hh"

#include "base/bytes.hh"
#include "sanitizer/text/charset.hh"

#include <algorithm>
#include <cmath>

namespace sekisho::rebuild {
namespace {

// FPDF_ANNOT_…, FPDF_FORMFIELD_…
constexpr int note = 1, free_text = 3, first_drawn = 4, last_drawn = 15, file_attachment = 17, widget = 20;
constexpr int check_box = 2, radio_button = 3, choice_box = 4, list_box = 5, text_field = 6;
constexpr int hidden = 1 << 1, not_on_screen = 1 << 5; // table 165: Hidden, NoView
constexpr int password = 1 << 13;                      // table 228
constexpr int most_choices = 200;

class Annotations {
public:
  Annotations(const pdfium::Engine &engine, pdfium::Form form, pdfium::Page page)
      : engine_(engine), form_(form), page_(page) {}

  /// False where no more is to be read.
  bool read(pdfium::Annotation annotation) {
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
      PageAnnotations::Shown one{std::move(name), std::move(text), {}};
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
  void cut() { found_.cut = true; }
  PageAnnotations take() { return std::move(found_); }

private:
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

} // namespace

PageAnnotations read_annotations(const pdfium::Engine &engine, pdfium::Form form, pdfium::Page page) {
  if (!engine.reads_annotations || !page) return {};
  Annotations annotations(engine, form, page);
  const int count = engine.annotation_count(page);
  if (count > most_annotations_of_page) annotations.cut();
  bool more = true;
  for (int i = 0; i < std::min(count, most_annotations_of_page) && more; ++i) {
    pdfium::Annotation annotation = engine.annotation(page, i);
    if (!annotation) continue;
    more = annotations.read(annotation);
    engine.close_annotation(annotation);
  }
  return annotations.take();
}

} // namespace sekisho::rebuild
