// ODF (OASIS OpenDocument 1.0 to 1.4; packages: part 2): a new package of contents, styles and the
// pictures and charts they show.  No other member exists.
#include "sanitizer/rebuild/office/odf_filter.hh"
#include "sanitizer/rebuild/office/office_code.hh"
#include "sanitizer/rebuild/office/office_package.hh"
#include "sanitizer/rebuild/office/office_text.hh"
#include "sanitizer/rebuild/office/picture_inside.hh"
#include "sanitizer/rebuild/office/unprinted.hh"
#include "sanitizer/rebuild/plain_text.hh"
#include "sanitizer/rebuild/rebuild.hh"
#include "sanitizer/zip/writer.hh"

#include <algorithm>
#include <deque>
#include <map>

namespace sekisho::rebuild {
namespace {

using namespace odf;

struct Family {
  std::string_view media_type; // behind "application/vnd.oasis.opendocument."
  std::string_view body;
};
constexpr std::string_view media_types = "application/vnd.oasis.opendocument.";
constexpr Family families[] = {{"text", "office:text"},
                               {"spreadsheet", "office:spreadsheet"},
                               {"presentation", "office:presentation"},
                               {"graphics", "office:drawing"}};
constexpr std::string_view template_end = "-template";

/// Null for what is not rebuilt: formulas, charts, databases, master documents.
const Family *find_family(std::string_view media_type) {
  if (!media_type.starts_with(media_types)) return nullptr;
  media_type.remove_prefix(media_types.size());
  if (media_type.ends_with(template_end)) media_type.remove_suffix(template_end.size());
  for (const Family &family : families)
    if (family.media_type == media_type) return &family;
  return nullptr;
}

class Package {
public:
  Package(const job::Job &job, const TreatFile &treat_file)
      : job_(job), document_(job.plan), pictures_(job, treat_file),
        package_(job, OfficePackage::Case::exact) {}

  Result<Rebuilt, Reason> words() {
    document_.place_picture = [this](const std::string &, const job::Cut &) {
      document_.note(Reason::part_picture_dropped);
      return PicturePlace();
    };
    document_.place_chart = [this](const std::string &href) { return place_chart(href); };
    document_.for_words = true;
    if (const Reason reason = open(); reason != Reason::none) return fail(reason);
    if (const Reason reason = filter_parts(); reason != Reason::none) return fail(reason);
    Charts charts;
    for (const Chart &chart : charts_)
      charts.emplace("./" + chart.folder, chart.content);
    Result<Words, Reason> words =
        odf_words(family_->body, content_, styles_, charts, job_.plan.max_output);
    if (!words) return fail(words.error());
    if (words->marked) document_.note(Reason::part_formula_marked);
    if (words->ambiguous) document_.note(Reason::part_ambiguous);
    if (words->field_empty) document_.note(Reason::office_field_empty);
    return document_text(std::move(words->text), document_.reasons(Reason::part_to_text), job_.plan);
  }

  Result<Rebuilt, Reason> run() {
    document_.place_picture = [this](const std::string &href, const job::Cut &clip) { return place_picture(href, clip); };
    document_.place_chart = [this](const std::string &href) { return place_chart(href); };
    if (const Reason reason = open(); reason != Reason::none) return fail(reason);
    if (const Reason reason = filter_parts(); reason != Reason::none) return fail(reason);
    return write();
  }

  Result<std::vector<Reason>, Reason> unseen() {
    if (const Reason reason = fault(); reason != Reason::none) return fail(reason);
    document_.place_picture = [this](const std::string &href, const job::Cut &clip) {
      if (clip) (void)document_.keeps_hidden();
      note_picture(href);
      return PicturePlace();
    };
    document_.place_chart = [this](const std::string &href) { return place_chart(href); };
    if (family_) (void)filter_parts(); // what cannot be rebuilt may be drawn all the same
    if (!content_.empty() && is_partly_unprinted(content_)) document_.note(Reason::office_not_printed);
    document_.forget(Reason::office_field_empty); // pages show what LibreOffice makes of formulas
    return document_.unseen();
  }

private:
  Reason fault() {
    const Reason reason = open();
    if (reason == Reason::part_office_not_rebuilt) return Reason::none; // read well, but no more
    if (reason != Reason::none) return reason;
    if (!package_.find("content.xml")) return Reason::part_malformed;
    for (const std::string_view name : {"styles.xml", "content.xml"}) {
      const zip::Member *member = package_.find(name);
      if (!member) continue;
      Result<std::string, Reason> text = package_.text_of(*member);
      const Reason fault = text ? fault_of_xml(*text) : text.error();
      if (fault != Reason::none) return fault;
    }
    return Reason::none;
  }

  struct Chart {
    std::string folder, content;
  };
  struct Placed {
    std::string path;
    std::string_view media_type;
    Buffer bytes;
  };

  Reason open() {
    if (const Reason reason = package_.read(); reason != Reason::none) return reason;
    const zip::Member *media_type = package_.find("mimetype");
    Result<std::string, Reason> said = media_type && media_type->size < 200
                                           ? package_.text_of(*media_type)
                                           : fail(Reason::part_malformed);
    if (!said) return said.error();
    while (said->ends_with('\n') || said->ends_with('\r') || said->ends_with(' '))
      said->pop_back();
    family_ = find_family(*said);
    if (!family_) return Reason::part_office_not_rebuilt;
    document_.body = family_->body;
    if (is_encrypted()) return Reason::part_encrypted;
    for (const zip::Member &member : package_.members())
      note_lost(member);
    return Reason::none;
  }

  /// By its manifest (part 2, 4.4), in whatever words around it.
  bool is_encrypted() {
    if (package_.find("encrypted-package")) return true;
    const zip::Member *manifest = package_.find("META-INF/manifest.xml");
    const Result<std::string, Reason> text =
        manifest ? package_.text_of(*manifest) : fail(Reason::part_malformed);
    return text && text->find("encryption-data") != std::string::npos;
  }

  void note_lost(const zip::Member &member) {
    if (member.folder) return;
    const std::string_view name = member.name;
    for (const std::string_view folder : {"Basic/", "Scripts/", "Dialogs/"})
      if (name.starts_with(folder)) document_.note(Reason::office_macro);
    for (const std::string_view folder : {"Versions/", "database/"})
      if (name.starts_with(folder)) document_.note(Reason::office_data);
    if (name.starts_with("META-INF/") && name.ends_with("signatures.xml"))
      document_.note(Reason::part_signature);
  }

  const zip::Member *picture_member(std::string_view href) const {
    if (href.starts_with("./")) href.remove_prefix(2);
    const zip::Member *member = package_.find(href);
    return member ? member : package_.find(percent_decoded(href));
  }

  void note_picture(const std::string &href) {
    const bool outside = href.find(':') != std::string::npos || href.starts_with("..") || href.starts_with('/');
    if (outside && !picture_member(href)) document_.note(Reason::office_external);
  }

  PicturePlace place_picture(const std::string &href, const job::Cut &clip) {
    note_picture(href);
    const zip::Member *member = picture_member(href);
    if (!member) return {};
    const job::Cut cut = clip && !document_.keeps_hidden() ? clip : job::Cut();
    if (const auto known = places_.find({member, cut}); known != places_.end()) return known->second;
    Result<Buffer, Reason> octets = package_.octets_of(*member);
    if (!octets) return {};
    Picture picture = pictures_.treat(*octets, member->name, cut);
    if (picture.replaced) document_.note(Reason::office_picture_removed);
    if (picture.ended != Reason::none) document_.note(picture.ended);
    Placed placed{"Pictures/image" + std::to_string(placed_.size() + 1) + '.' + picture.extension,
                  media_type_of(picture.extension), std::move(picture.bytes)};
    const PicturePlace place{placed.path, picture.replaced};
    placed_.push_back(std::move(placed));
    return places_.emplace(std::pair(member, cut), place).first->second;
  }

  /// What is embedded and no chart, or none that can be read, has no place.
  std::string place_chart(const std::string &href) {
    std::string name = percent_decoded(href);
    if (name.starts_with("./")) name.erase(0, 2);
    if (name.ends_with('/')) name.pop_back();
    const zip::Member *member = package_.find(name + "/content.xml");
    if (!member) return {};
    const auto [place, is_new] = chart_places_.emplace(member, "");
    if (!is_new || charts_.size() >= job_.plan.max_parts) return place->second;
    Result<std::string, Reason> text = package_.text_of(*member);
    if (!text) return {};
    Result<std::string, Reason> chart = filter(*text, PartKind::chart, document_, most_written() - chart_octets_);
    if (!chart || !is_one_chart(*chart)) return {};
    chart_octets_ += std::min(chart->size(), most_written() - chart_octets_);
    place->second = "Object " + std::to_string(charts_.size() + 1);
    charts_.push_back({place->second, std::move(*chart)});
    return place->second;
  }
  /// Of a part that filter() wrote, in which '<' begins a tag.
  static bool is_one_chart(std::string_view content) {
    const std::size_t body = content.find("<office:body"), chart = content.find("<office:chart>");
    return body < chart && chart != content.npos && content.find("<office:body", body + 1) == content.npos &&
           content.find("<office:chart>", chart + 1) == content.npos;
  }
  std::size_t most_written() const { return std::size_t{job_.plan.max_output} * 4; }

  /// Styles first: they say what is hidden.
  Reason filter_parts() {
    if (!package_.find("content.xml")) return Reason::part_malformed;
    if (const Reason reason = filter_part("styles.xml", PartKind::styles, styles_);
        reason != Reason::none)
      return reason;
    return filter_part("content.xml", PartKind::content, content_);
  }
  Reason filter_part(std::string_view name, PartKind kind, std::string &anew) {
    const zip::Member *member = package_.find(name);
    if (!member) return Reason::none;
    Result<std::string, Reason> text = package_.text_of(*member);
    if (!text) return text.error();
    Result<std::string, Reason> filtered =
        filter(*text, kind, document_, most_written());
    if (!filtered) return filtered.error();
    if (document_.held > most_written()) return Reason::part_too_big;
    anew = std::move(*filtered);
    return Reason::none;
  }

  std::string media_type() const {
    return std::string(media_types) + std::string(family_->media_type);
  }

  std::string manifest() const {
    std::string xml = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n"
                      "<manifest:manifest "
                      "xmlns:manifest=\"urn:oasis:names:tc:opendocument:xmlns:manifest:1.0\" "
                      "manifest:version=\"1.2\">";
    const auto add = [&](std::string_view path, std::string_view type) {
      xml += "<manifest:file-entry manifest:full-path=\"" + std::string(path) +
             "\" manifest:media-type=\"" + std::string(type) + "\"/>";
    };
    add("/", media_type());
    if (!styles_.empty()) add("styles.xml", "text/xml");
    add("content.xml", "text/xml");
    for (const Chart &chart : charts_) {
      add(chart.folder + '/', "application/vnd.oasis.opendocument.chart");
      add(chart.folder + "/content.xml", "text/xml");
    }
    for (const Placed &placed : placed_)
      add(placed.path, placed.media_type);
    return xml + "</manifest:manifest>";
  }

  Result<Rebuilt, Reason> write() {
    zip::Writer zip;
    zip.add_stored("mimetype", as_bytes(media_type()));
    if (!styles_.empty()) zip.add("styles.xml", as_bytes(styles_));
    zip.add("content.xml", as_bytes(content_));
    for (const Chart &chart : charts_)
      zip.add(chart.folder + "/content.xml", as_bytes(chart.content));
    for (const Placed &placed : placed_) {
      zip.add_stored(placed.path, placed.bytes);
      if (zip.size() > job_.plan.max_output) return fail(Reason::part_too_big);
    }
    zip.add("META-INF/manifest.xml", as_bytes(manifest()));
    Rebuilt rebuilt{job::Kind::odf, zip.finish(), document_.reasons(Reason::office_rebuilt)};
    if (rebuilt.bytes.empty()) return fail(Reason::part_too_big);
    return rebuilt;
  }

  const job::Job &job_;
  Document document_;
  PicturesInside pictures_;
  OfficePackage package_;
  const Family *family_ = nullptr;
  std::string styles_, content_;
  std::deque<Placed> placed_;
  std::map<std::pair<const zip::Member *, job::Cut>, PicturePlace> places_;
  std::deque<Chart> charts_;
  std::map<const zip::Member *, std::string> chart_places_;
  std::size_t chart_octets_ = 0;
};

} // namespace

Result<Rebuilt, Reason> odf_document(const job::Job &job, const TreatFile &treat_file) {
  return Package(job, treat_file).run();
}

Result<std::vector<Reason>, Reason> odf_unseen(const job::Job &job) {
  const TreatFile none;
  const job::Job kept = keeping_all(job);
  return Package(kept, none).unseen();
}

Result<Rebuilt, Reason> odf_text(const job::Job &job) {
  const TreatFile none;
  return Package(job, none).words();
}

} // namespace sekisho::rebuild
