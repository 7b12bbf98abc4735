#include "sanitizer/rebuild/pdf/pdfium.hh"

#include "sanitizer/rebuild/pdf/fonts.hh"

#include <dlfcn.h>

#include <array>

namespace sekisho::rebuild::pdfium {
namespace {

constexpr auto known_places = std::to_array<const char *>({
    "/usr/lib/libreoffice/program/libpdfiumlo.so", // Debian: libreoffice-core-nogui
    "/usr/lib64/libreoffice/program/libpdfiumlo.so",
    "libpdfium.so",
});

Engine functions;
bool loaded = false;

template <class Function> bool find(void *library, const char *name, Function &function) {
  function = reinterpret_cast<Function>(::dlsym(library, name));
  return function != nullptr;
}

bool find_text(void *library, Engine &e) {
  return find(library, "FPDFText_LoadPage", e.load_text) &&
         find(library, "FPDFText_ClosePage", e.close_text) &&
         find(library, "FPDFText_CountChars", e.count_characters) &&
         find(library, "FPDFText_GetUnicode", e.character) &&
         find(library, "FPDFText_GetLooseCharBox", e.character_box) &&
         find(library, "FPDFText_GetCharBox", e.glyph_box) &&
         find(library, "FPDFText_GetCharOrigin", e.character_origin) &&
         find(library, "FPDFText_GetFontSize", e.font_size) &&
         find(library, "FPDFText_GetMatrix", e.character_matrix) &&
         find(library, "FPDF_PageToDevice", e.page_to_device);
}

/// Later libraries tell it of the object that a character is of.
PageObject (*text_object)(Text, int) = nullptr;
int (*mode_of_object)(PageObject) = nullptr;
int mode_by_object(Text text, int index) {
  PageObject object = text_object(text, index);
  return object ? mode_of_object(object) : -1;
}

bool find_modes(void *library, Engine &e) {
  if (!find(library, "FPDFText_GetTextRenderMode", e.character_mode) &&
      find(library, "FPDFText_GetTextObject", text_object) &&
      find(library, "FPDFTextObj_GetTextRenderMode", mode_of_object))
    e.character_mode = mode_by_object;
  return e.character_mode && find(library, "FPDFPageObj_GetBounds", e.object_bounds);
}

bool find_comparing(void *library, Engine &e) {
  return find(library, "FPDFText_GetFillColor", e.character_colour) &&
         find(library, "FPDFText_GetStrokeColor", e.character_outline) &&
         find(library, "FPDFTextObj_SetTextRenderMode", e.set_text_mode) &&
         find(library, "FPDFFormObj_CountObjects", e.count_form_objects) &&
         find(library, "FPDFFormObj_GetObject", e.form_object) &&
         find(library, "FPDFPageObj_GetFillColor", e.object_colour) &&
         find(library, "FPDFClipPath_CountPathSegments", e.count_clip_segments) &&
         find(library, "FPDFClipPath_GetPathSegment", e.clip_segment) &&
         find(library, "FPDFPathSegment_GetPoint", e.segment_point);
}

bool find_layers(void *library, Engine &e) {
  return find(library, "FPDFPageObj_CountMarks", e.count_marks) && find(library, "FPDFPageObj_GetMark", e.mark) &&
         find(library, "FPDFPageObjMark_GetName", e.mark_name) &&
         find(library, "FPDFPageObj_Transform", e.transform) &&
         find(library, "FPDFTextObj_GetText", e.object_text) && find(library, "FPDFTextObj_GetFont", e.object_font) &&
         find(library, "FPDFFont_GetGlyphPath", e.glyph_path) &&
         find(library, "FPDFGlyphPath_CountGlyphSegments", e.count_glyph_segments);
}

bool find_actual_text(void *library, Engine &e) {
  return find(library, "FPDFPageObjMark_GetParamBlobValue", e.mark_text) &&
         find(library, "FPDFPageObjMark_RemoveParam", e.remove_mark_text);
}

bool find_annotations(void *library, Engine &e) {
  return find(library, "FPDFPage_GetAnnotCount", e.annotation_count) &&
         find(library, "FPDFPage_GetAnnot", e.annotation) &&
         find(library, "FPDFPage_CloseAnnot", e.close_annotation) &&
         find(library, "FPDFAnnot_GetSubtype", e.annotation_type) &&
         find(library, "FPDFAnnot_GetFlags", e.annotation_flags) &&
         find(library, "FPDFAnnot_GetRect", e.annotation_place) &&
         find(library, "FPDFAnnot_GetStringValue", e.annotation_text) &&
         find(library, "FPDFAnnot_GetNumberValue", e.annotation_number) &&
         find(library, "FPDFAnnot_GetFormFieldValue", e.field_value) &&
         find(library, "FPDFAnnot_GetFormFieldName", e.field_name) &&
         find(library, "FPDFAnnot_GetFormFieldExportValue", e.export_value) &&
         find(library, "FPDFAnnot_GetFormFieldType", e.field_type) &&
         find(library, "FPDFAnnot_GetFormFieldFlags", e.field_flags) &&
         find(library, "FPDFAnnot_IsChecked", e.is_checked) &&
         find(library, "FPDFAnnot_GetOptionCount", e.choice_count) &&
         find(library, "FPDFAnnot_GetOptionLabel", e.choice_label) &&
         find(library, "FPDFAnnot_IsOptionSelected", e.is_chosen);
}

bool find_flattening(void *library, Engine &e) {
  return find(library, "FPDFAnnot_HasKey", e.has_key) && find(library, "FPDFPage_Flatten", e.flatten) &&
         find(library, "FPDFText_GetBoundedText", e.text_within);
}

bool find_appearances(void *library, Engine &e) {
  return find(library, "FPDFAnnot_GetLine", e.line_ends) && find(library, "FPDFAnnot_GetVertices", e.vertices) &&
         find(library, "FPDFAnnot_GetColor", e.annotation_colour) && find(library, "FPDFAnnot_GetBorder", e.annotation_border) &&
         find(library, "FPDFAnnot_SetAP", e.set_appearance) && find(library, "FPDFText_LoadFont", e.load_font) &&
         find(library, "FPDFFont_Close", e.close_font) && find(library, "FPDFGlyphPath_GetGlyphPathSegment", e.glyph_segment) &&
         find(library, "FPDFPathSegment_GetType", e.segment_type);
}

bool find_pictures(void *library, Engine &e) {
  return find(library, "FPDFPage_GetRotation", e.rotation) &&
         find(library, "FPDFPage_GetAnnotCount", e.annotation_count) &&
         find(library, "FPDFPage_CountObjects", e.count_objects) &&
         find(library, "FPDFPage_GetObject", e.page_object) &&
         find(library, "FPDFPageObj_GetType", e.object_type) &&
         find(library, "FPDFPageObj_GetMatrix", e.object_matrix) &&
         find(library, "FPDFPageObj_HasTransparency", e.has_transparency) &&
         find(library, "FPDFTextObj_GetTextRenderMode", e.text_mode) &&
         find(library, "FPDFPageObj_GetClipPath", e.clip_path) &&
         find(library, "FPDFClipPath_CountPaths", e.count_clip_paths) &&
         find(library, "FPDFImageObj_GetImageFilterCount", e.count_filters) &&
         find(library, "FPDFImageObj_GetImageFilter", e.image_filter) &&
         find(library, "FPDFImageObj_GetImageDataRaw", e.image_data) &&
         find(library, "FPDFImageObj_GetImageMetadata", e.image_about) &&
         find(library, "FPDFImageObj_GetBitmap", e.image_bitmap) &&
         find(library, "FPDFBitmap_GetFormat", e.bitmap_format) &&
         find(library, "FPDFBitmap_GetWidth", e.bitmap_width) &&
         find(library, "FPDFBitmap_GetHeight", e.bitmap_height) &&
         find(library, "FPDFBitmap_GetStride", e.bitmap_stride) &&
         find(library, "FPDFBitmap_GetBuffer", e.bitmap_buffer);
}

bool find_all(void *library, Engine &e) {
  e.reads_text = find_text(library, e);
  e.reads_annotations = e.reads_text && find_annotations(library, e);
  e.flattens = e.reads_annotations && find_flattening(library, e);
  e.reads_pictures = e.reads_text && find_pictures(library, e); // for page_to_device
  e.reads_modes = e.reads_pictures && find_modes(library, e); // for the page's objects
  e.compares_text = e.reads_modes && find_comparing(library, e);
  e.reads_layers = e.compares_text && find_layers(library, e);
  e.reads_actual_text = e.reads_layers && find_actual_text(library, e); // for the marks
  e.draws_annotations = e.flattens && e.reads_layers && find_appearances(library, e); // for glyphs
  find(library, "FPDF_SaveAsCopy", e.save_copy);
  return find(library, "FPDF_InitLibraryWithConfig", e.init) &&
         find(library, "FPDF_SetSystemFontInfo", e.set_fonts) &&
         find(library, "FPDF_GetLastError", e.last_error) &&
         find(library, "FPDF_LoadMemDocument", e.open) &&
         find(library, "FPDF_CloseDocument", e.close) &&
         find(library, "FPDF_GetPageCount", e.page_count) &&
         find(library, "FPDF_LoadPage", e.load_page) &&
         find(library, "FPDF_ClosePage", e.close_page) &&
         find(library, "FPDF_GetPageWidthF", e.page_width) &&
         find(library, "FPDF_GetPageHeightF", e.page_height) &&
         find(library, "FPDFBitmap_CreateEx", e.make_bitmap) &&
         find(library, "FPDFBitmap_FillRect", e.fill) &&
         find(library, "FPDFBitmap_Destroy", e.destroy_bitmap) &&
         find(library, "FPDF_RenderPageBitmap", e.draw) &&
         find(library, "FPDFDOC_InitFormFillEnvironment", e.open_form) &&
         find(library, "FPDFDOC_ExitFormFillEnvironment", e.close_form) &&
         find(library, "FPDF_SetFormFieldHighlightAlpha", e.highlight) &&
         find(library, "FORM_OnAfterLoadPage", e.form_page_opened) &&
         find(library, "FORM_OnBeforeClosePage", e.form_page_closing) &&
         find(library, "FPDF_FFLDraw", e.draw_form);
}

void *open_library(const std::string &library) {
  if (!library.empty()) return ::dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
  for (const char *place : known_places)
    if (void *opened = ::dlopen(place, RTLD_NOW | RTLD_LOCAL)) return opened;
  return nullptr;
}

} // namespace

Result<void> load(const std::string &library) {
  if (loaded) return {};
  void *opened = open_library(library);
  if (opened == nullptr)
    return fail("no PDFium library found (Debian: apt install libreoffice-core-nogui)");
  if (!find_all(opened, functions)) return fail("the PDFium library lacks a function we need");
  static const char *no_paths[] = {nullptr, nullptr};
  static LibraryConfig config;
  config.font_paths = no_paths;
  functions.init(&config);
  functions.set_fonts(font_source());
  loaded = true;
  return {};
}

void unload() {
  loaded = false;
}

const Engine *engine() {
  return loaded ? &functions : nullptr;
}

} // namespace sekisho::rebuild::pdfium
