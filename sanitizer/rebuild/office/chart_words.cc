// Titles of charts and of their axes, and labels that somebody wrote (ISO/IEC 29500-1 §21.2.2.211).
#include "sanitizer/rebuild/office/office_text.hh"

namespace sekisho::rebuild {
namespace {

class ChartWords : public PartWords {
public:
  explicit ChartWords(TextWriter &out) : out_(out) {}

private:
  bool start(std::string_view name) override {
    in_title_ = in_title_ || name == "c:title";
    if (name == "a:p" || name == "a:br") between_ = !words_.empty();
    in_text_ = name == "a:t" || (in_title_ && name == "c:v"); // its own words, or those of a cell
    return name != "c:txPr";
  }
  void end(std::string_view name) override {
    in_text_ = false;
    if (name == "c:title") in_title_ = false;
    if ((name != "c:title" && name != "c:rich") || words_.empty()) return;
    out_.put(words_);
    out_.end_paragraph();
    words_.clear();
    between_ = false;
  }
  void text(std::string_view text) override {
    if (!in_text_) return;
    if (between_) words_ += ' ';
    between_ = false;
    words_ += text;
  }

  TextWriter &out_;
  std::string words_;
  bool in_title_ = false, in_text_ = false, between_ = false;
};

} // namespace

bool chart_words(std::string_view xml, TextWriter &out) {
  return ChartWords(out).read(xml);
}

} // namespace sekisho::rebuild
