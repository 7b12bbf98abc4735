#include "sanitizer/job/job.hh"

#include <string_view>

namespace sekisho::job {
namespace {

struct KindRow {
  std::string_view word;
  KindClass kind_class;
};

// In the order of Kind.
constexpr std::array<KindRow, kind_count> kinds = {{
    {"unknown", KindClass::any},
    {"empty", KindClass::any},
    {"text", KindClass::text},
    {"html", KindClass::text},
    {"csv", KindClass::text},
    {"xml", KindClass::text},
    {"json", KindClass::text},
    {"calendar", KindClass::text},
    {"vcard", KindClass::text},
    {"rtf", KindClass::office},
    {"pdf", KindClass::pdf},
    {"jpeg", KindClass::image},
    {"png", KindClass::image},
    {"gif", KindClass::image},
    {"bmp", KindClass::image},
    {"tiff", KindClass::image},
    {"webp", KindClass::image},
    {"heif", KindClass::image},
    {"svg", KindClass::image},
    {"metafile", KindClass::image},
    {"ooxml-word", KindClass::office},
    {"ooxml-sheet", KindClass::office},
    {"ooxml-slides", KindClass::office},
    {"ooxml-macro", KindClass::office},
    {"odf", KindClass::office},
    {"ole-office", KindClass::office},
    {"ole-macro", KindClass::office},
    {"ole-other", KindClass::any},
    {"zip", KindClass::archive},
    {"7z", KindClass::archive},
    {"rar", KindClass::archive},
    {"tar", KindClass::archive},
    {"gzip", KindClass::archive},
    {"bzip2", KindClass::archive},
    {"xz", KindClass::archive},
    {"lzh", KindClass::archive},
    {"cab", KindClass::archive},
    {"iso", KindClass::any},
    {"archive-other", KindClass::archive},
    {"mail", KindClass::mail},
    {"tnef", KindClass::mail},
    {"signature", KindClass::any},
    {"encrypted", KindClass::encrypted},
    {"executable", KindClass::any},
    {"script", KindClass::any},
    {"shortcut", KindClass::any},
    {"onenote", KindClass::any},
    {"font", KindClass::any},
    {"audio", KindClass::any},
    {"video", KindClass::any},
    {"ichitaro", KindClass::office},
    {"docuworks", KindClass::office},
    {"visio", KindClass::office},
    {"xps", KindClass::office},
}};

constexpr std::array<std::string_view, kind_class_count> classes = {
    "any", "pdf", "image", "office", "archive", "text", "mail", "encrypted"};
constexpr std::array<std::string_view, treatment_count> treatments = {
    "strip", "hold", "text", "render", "rebuild", "unpack"};

} // namespace

KindClass class_of(Kind kind) {
  return kinds[static_cast<std::size_t>(kind)].kind_class;
}
std::string_view word_of(Kind kind) {
  return kinds[static_cast<std::size_t>(kind)].word;
}
std::string_view word_of(KindClass kind_class) {
  return classes[static_cast<std::size_t>(kind_class)];
}
std::string_view word_of(Treatment treatment) {
  return treatments[static_cast<std::size_t>(treatment)];
}

std::string_view word_of(Beside beside) {
  return beside == Beside::keep ? "keep" : "remove";
}
std::string_view word_of(Formulas formulas) {
  return formulas == Formulas::keep ? "keep" : "values";
}

std::string_view word_of(MailCharset charset) {
  return charset == MailCharset::iso_2022_jp ? "iso-2022-jp" : "utf-8";
}

bool is_offered(KindClass kind_class, Treatment treatment) {
  if (treatment == Treatment::strip || treatment == Treatment::hold) return true;
  switch (kind_class) {
  case KindClass::pdf: return treatment == Treatment::render || treatment == Treatment::text;
  case KindClass::image: return treatment == Treatment::render;
  case KindClass::archive: return treatment == Treatment::unpack;
  case KindClass::office:
    return treatment == Treatment::rebuild || treatment == Treatment::text ||
           treatment == Treatment::render;
  case KindClass::text:
  case KindClass::mail: return treatment == Treatment::text;
  default: return false;
  }
}

std::string_view word_of(Action action) {
  constexpr std::array<std::string_view, 5> words = {"kept-text", "rendered", "re-encoded",
                                                     "stripped", "held"};
  return words[static_cast<std::size_t>(action)];
}

std::string_view word_of(Status status) {
  constexpr std::array<std::string_view, 3> words = {"refused", "held", "clean"};
  return words[static_cast<std::size_t>(status)];
}

} // namespace sekisho::job
