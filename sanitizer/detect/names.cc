// What a name or a declared type claims, and whether that agrees with what was found.
#include "sanitizer/detect/containers.hh"
#include "base/text.hh"
#include "sanitizer/detect/detect.hh"

#include <algorithm>
#include <array>
#include <string>

namespace sekisho::detect {
namespace {

using job::Kind;

struct Claim {
  std::string_view words; // endings and media types, blank-separated
  std::array<Kind, 6> kinds;
};

// A claim is kept when the file is one of its kinds.  Kind::unknown fills the row.
constexpr auto claims = std::to_array<Claim>({
    {"pdf application/pdf application/x-pdf", {Kind::pdf}},
    {"jpg jpeg jpe jfif image/jpeg image/jpg image/pjpeg", {Kind::jpeg}},
    {"png image/png image/x-png", {Kind::png}},
    {"gif image/gif", {Kind::gif}},
    {"bmp dib image/bmp image/x-ms-bmp", {Kind::bmp}},
    {"tif tiff image/tiff", {Kind::tiff}},
    {"webp image/webp", {Kind::webp}},
    {"heic heif avif image/heic image/heif image/avif", {Kind::heif}},
    {"svg image/svg+xml", {Kind::svg}},
    {"wmf emf image/wmf image/emf image/x-wmf image/x-emf", {Kind::metafile}},
    {"docx application/vnd.openxmlformats-officedocument.wordprocessingml.document",
     {Kind::ooxml_word}},
    {"xlsx application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", {Kind::ooxml_sheet}},
    {"pptx ppsx application/vnd.openxmlformats-officedocument.presentationml.presentation",
     {Kind::ooxml_slides}},
    {"docm dotm xlsm xltm xlsb xlam pptm potm ppam ppsm "
     "application/vnd.ms-word.document.macroenabled.12 "
     "application/vnd.ms-excel.sheet.macroenabled.12 "
     "application/vnd.ms-powerpoint.presentation.macroenabled.12",
     {Kind::ooxml_macro, Kind::ooxml_word, Kind::ooxml_sheet, Kind::ooxml_slides}},
    {"doc dot application/msword",
     {Kind::ole_office, Kind::ole_macro, Kind::rtf, Kind::ooxml_word}},
    {"xls xlt application/vnd.ms-excel",
     {Kind::ole_office, Kind::ole_macro, Kind::ooxml_sheet, Kind::csv, Kind::html, Kind::text}},
    {"ppt pps application/vnd.ms-powerpoint",
     {Kind::ole_office, Kind::ole_macro, Kind::ooxml_slides}},
    {"odt ods odp odg ott ots otp otg application/vnd.oasis.opendocument.text "
     "application/vnd.oasis.opendocument.spreadsheet "
     "application/vnd.oasis.opendocument.presentation",
     {Kind::odf}},
    {"vsdx vstx vssx application/vnd.ms-visio.drawing application/vnd.ms-visio.drawing.main+xml", {Kind::visio}},
    {"xps oxps application/vnd.ms-xpsdocument application/oxps", {Kind::xps}},
    {"rtf application/rtf text/rtf", {Kind::rtf}},
    {"zip application/zip application/x-zip-compressed",
     {Kind::zip, Kind::ooxml_word, Kind::ooxml_sheet, Kind::ooxml_slides, Kind::odf}},
    {"7z application/x-7z-compressed", {Kind::seven_zip}},
    {"rar application/x-rar-compressed application/vnd.rar", {Kind::rar}},
    {"tar application/x-tar", {Kind::tar}},
    {"gz tgz application/gzip application/x-gzip", {Kind::gzip}},
    {"bz2 application/x-bzip2", {Kind::bzip2}},
    {"xz application/x-xz", {Kind::xz}},
    {"lzh lha application/x-lzh application/x-lha", {Kind::lzh}},
    {"cab application/vnd.ms-cab-compressed", {Kind::cab}},
    {"iso img application/x-iso9660-image", {Kind::iso}},
    {"eml message/rfc822", {Kind::mail}},
    {"txt log md text/plain",
     {Kind::text, Kind::csv, Kind::json, Kind::xml, Kind::html, Kind::mail}},
    {"csv text/csv", {Kind::csv, Kind::text}},
    {"htm html xhtml text/html application/xhtml+xml", {Kind::html, Kind::text, Kind::xml}},
    {"xml text/xml application/xml", {Kind::xml, Kind::text, Kind::svg, Kind::html}},
    {"json application/json", {Kind::json, Kind::text}},
    {"ics text/calendar", {Kind::calendar, Kind::text}},
    {"vcf text/vcard text/x-vcard", {Kind::vcard, Kind::text}},
    {"p7s application/pkcs7-signature application/x-pkcs7-signature application/pgp-signature",
     {Kind::signature}},
    {"mp3 wav m4a flac ogg audio/mpeg audio/wav", {Kind::audio, Kind::video}},
    {"mp4 mov avi wmv mkv mpg mpeg video/mp4 video/mpeg", {Kind::video}},
    {"ttf otf ttc woff woff2 font/ttf font/otf", {Kind::font}},
    {"exe dll com scr pif cpl msi sys ocx application/x-msdownload", {Kind::executable}},
    {"jtd jtt jtdc application/x-js-taro", {Kind::ichitaro}},
    {"xdw xbd xct application/vnd.fujixerox.docuworks application/vnd.fujixerox.docuworks.binder "
     "application/vnd.fujifilm.fb.docuworks application/vnd.fujifilm.fb.docuworks.binder "
     "application/vnd.fujifilm.fb.docuworks.container",
     {Kind::docuworks}},
});

bool lists(std::string_view words, std::string_view word) {
  for (std::size_t at = words.find(word); at != words.npos; at = words.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    if ((at == 0 || words[at - 1] == ' ') && (end == words.size() || words[end] == ' '))
      return true;
  }
  return false;
}

/// `word` is an ending or a media type in small letters.
bool claims_otherwise(Kind kind, std::string_view word) {
  if (word.empty() || kind == Kind::empty) return false; // nothing is a file of any kind
  for (const Claim &claim : claims) {
    if (!lists(claim.words, word)) continue;
    // Encryption hides which of the claimed kinds it is.
    return kind != Kind::encrypted &&
           std::find(claim.kinds.begin(), claim.kinds.end(), kind) == claim.kinds.end();
  }
  return word.starts_with("image/") && class_of(kind) != job::KindClass::image;
}

// U+202A–U+202E and U+2066–U+2069 can show "exe.pdf" where the name ends in ".exe".
bool hides_its_ending(std::string_view name) {
  for (std::size_t at = name.find("\xe2\x80"); at != name.npos; at = name.find("\xe2\x80", at + 1))
    if (at + 2 < name.size() && name[at + 2] >= '\xaa' && name[at + 2] <= '\xae') return true;
  for (std::size_t at = name.find("\xe2\x81"); at != name.npos; at = name.find("\xe2\x81", at + 1))
    if (at + 2 < name.size() && name[at + 2] >= '\xa6' && name[at + 2] <= '\xa9') return true;
  return false;
}

std::string ending_of(std::string_view name) {
  while (name.ends_with(' ') || name.ends_with('.'))
    name.remove_suffix(1); // as Windows does
  const std::size_t dot = name.rfind('.');
  return dot == name.npos ? std::string{} : lower_case(name.substr(dot + 1));
}

std::string type_of(std::string_view declared) {
  declared = declared.substr(0, declared.find(';'));
  while (declared.ends_with(' ') || declared.ends_with('\t'))
    declared.remove_suffix(1);
  return lower_case(declared);
}

} // namespace

Kind kind_by_name(std::string_view name, Kind otherwise) {
  const std::string ending = ending_of(name);
  if (ending == "jtd" || ending == "jtt" || ending == "jtdc") return Kind::ichitaro;
  if (ending == "xdw" || ending == "xbd" || ending == "xct") return Kind::docuworks;
  return otherwise;
}

bool disagrees(Kind kind, std::string_view name, std::string_view declared_type) {
  return hides_its_ending(name) || claims_otherwise(kind, ending_of(name)) ||
         claims_otherwise(kind, type_of(declared_type));
}

} // namespace sekisho::detect
