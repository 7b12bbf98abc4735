// Words of documents and slides (ISO/IEC 29500-1 §17, §19, §21).
#include "sanitizer/rebuild/office/list_numbers.hh"
#include "sanitizer/rebuild/office/office_text.hh"

namespace sekisho::rebuild {
namespace {

using ooxml::Family;
using ooxml::Relation;

class DocumentWords : public PartWords {
public:
  explicit DocumentWords(TextWriter &out, ListNumbers *numbers = nullptr)
      : out_(out), numbers_(numbers) {}

private:
  bool start(std::string_view name) override {
    if (name == "w:pPr") return start_properties();
    if (in_properties_) return property(name);
    if (name == "w:rPr" || name == "w:tblPr" || name == "w:trPr" ||
        name == "w:tcPr" || name == "w:sectPr" || name == "w:tblGrid" || name == "w:sdtPr")
      return false;
    in_text_ = name == "w:t" || name == "w:delText" || name == "m:t" || name == "a:t";
    if (name == "w:tc" || name == "a:tc") out_.open_cell();
    if (name == "w:tab") out_.tab();
    if (name == "w:br" || name == "w:cr" || name == "a:br") out_.line_break();
    if (name == "w:noBreakHyphen") out_.put("-");
    if (name == "w:txbxContent") out_.line_break();
    if (name == "w:rt") out_.put("(");
    if (name == "w:ins" || name == "w:moveTo") out_.put("[+");
    if (name == "w:del" || name == "w:moveFrom") out_.put("[-");
    if (name == "w:footnoteReference" || name == "w:endnoteReference") put_mark();
    if (name == "w:footnote" || name == "w:endnote") {
      if (!value("w:type").empty() && value("w:type") != "normal") return false; // the line above
      put_mark();
      out_.put(" ");
    }
    if (name == "w:comment") out_.put(value("w:author") + ": ");
    return name != "a:fld"; // numbers of slides
  }
  bool start_properties() {
    style_.clear();
    place_ = {};
    in_properties_ = numbers_ != nullptr;
    return in_properties_;
  }
  bool property(std::string_view name) {
    if (name == "w:pStyle") style_ = value("w:val");
    if (name == "w:numId") place_.list = value("w:val");
    if (name == "w:ilvl") place_.level = number_of_level(value("w:val"));
    return name == "w:numPr"; // not what it was before somebody changed it
  }
  void put_mark() { // of a note
    out_.put("[");
    out_.put(value("w:id"));
    out_.put("]");
  }
  void end(std::string_view name) override {
    in_text_ = false;
    if (name == "w:pPr") put_number();
    if (name == "w:p" || name == "a:p" || name == "p:text") out_.end_paragraph();
    if (name == "w:tc" || name == "a:tc") out_.close_cell();
    if (name == "w:tr" || name == "a:tr") out_.close_row();
    if (name == "w:rt") out_.put(")");
    if (name == "w:ins" || name == "w:moveTo") out_.put("+]");
    if (name == "w:del" || name == "w:moveFrom") out_.put("-]");
  }
  void text(std::string_view text) override {
    if (in_text_) out_.put(text);
  }

  void put_number() {
    in_properties_ = false;
    const std::string number = numbers_->next(style_, place_);
    if (!number.empty()) out_.put(number + ' ');
  }

  TextWriter &out_;
  ListNumbers *numbers_; // of a document; null: slides
  bool in_text_ = false, in_properties_ = false;
  std::string style_;
  ListPlace place_;
};

/// Relations of slides, in their order.
class SlideOrder : public PartWords {
public:
  std::vector<std::string> ids;

private:
  bool start(std::string_view name) override {
    if (name == "p:sldId") ids.push_back(value("r:id"));
    return true;
  }
  void end(std::string_view) override {}
  void text(std::string_view) override {}
};

class Reading {
public:
  Reading(const std::vector<WrittenPart> &parts, TextWriter &out) : parts_(parts), out_(out) {}

  bool document() {
    std::string_view numbering, styles;
    for (const WrittenPart &part : parts_) {
      if (part.kind->relation == "numbering") numbering = part.xml;
      if (part.kind->relation == "styles") styles = part.xml;
    }
    numbers_.emplace().read(numbering, styles);
    if (!read(parts_[0])) return false;
    for (const std::string_view kind :
         {"diagramData", "footnotes", "endnotes", "header", "footer", "comments"}) {
      out_.line_break();
      for (const WrittenPart &part : parts_)
        if (part.kind->relation == kind && !read(part)) return false;
    }
    return true;
  }

  bool slides() {
    SlideOrder order;
    if (!order.read(parts_[0].xml)) return false;
    unsigned number = 0;
    for (const std::string &id : order.ids)
      for (const Relation &relation : parts_[0].relations)
        if (relation.id == id && !slide(parts_[relation.part], ++number)) return false;
    return true;
  }

private:
  bool read(const WrittenPart &part) {
    return DocumentWords(out_, numbers_ ? &*numbers_ : nullptr).read(part.xml);
  }

  bool slide(const WrittenPart &slide, unsigned number) {
    out_.heading(std::to_string(number));
    if (!read(slide)) return false;
    for (const Relation &relation : slide.relations) {
      const WrittenPart &part = parts_[relation.part];
      const bool notes = part.kind->relation == "notesSlide";
      if (notes) out_.heading(std::to_string(number) + " (ノート / notes)");
      if (!notes && part.kind->relation != "diagramData" && part.kind->relation != "comments")
        continue;
      if (part.kind->relation == "comments" ? !comments(part) : !read(part)) return false;
    }
    return true;
  }

  /// p:cm has its words in p:text, not in runs.
  bool comments(const WrittenPart &part) {
    class Comments : public PartWords {
    public:
      explicit Comments(TextWriter &out) : out_(out) {}

    private:
      bool start(std::string_view name) override {
        in_text_ = name == "p:text";
        if (in_text_) out_.put("* ");
        return true;
      }
      void end(std::string_view name) override {
        in_text_ = false;
        if (name == "p:text") out_.end_paragraph();
      }
      void text(std::string_view text) override {
        if (in_text_) out_.put(text);
      }
      TextWriter &out_;
      bool in_text_ = false;
    };
    return Comments(out_).read(part.xml);
  }

  const std::vector<WrittenPart> &parts_;
  TextWriter &out_;
  std::optional<ListNumbers> numbers_; // of a document
};

} // namespace

Result<std::string, Reason> ooxml_words(Family family, const std::vector<WrittenPart> &parts,
                                        std::size_t most) {
  TextWriter out(most);
  Reading reading(parts, out);
  const bool read = family == Family::word    ? reading.document()
                    : family == Family::sheet ? workbook_words(parts, out)
                                              : reading.slides();
  if (!read) return fail(Reason::part_malformed);
  return out.take();
}

} // namespace sekisho::rebuild
