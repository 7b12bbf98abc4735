// PDFium through its public C interface, from whatever shared library has it (Debian:
// LibreOffice's).  The declarations are the part of that interface we use; its own headers are not
// packaged.
#pragma once

#include "base/result.hh"

#include <string>

namespace sekisho::rebuild::pdfium {

struct DocumentOpaque;
struct PageOpaque;
struct BitmapOpaque;
struct FormOpaque;
struct TextOpaque;
struct PageObjectOpaque;
struct ClipPathOpaque;
struct AnnotationOpaque;
struct PathSegmentOpaque;
struct MarkOpaque;
struct FontOpaque;
struct GlyphPathOpaque;
using Document = DocumentOpaque *;
using Page = PageOpaque *;
using Bitmap = BitmapOpaque *;
using Form = FormOpaque *;
using Text = TextOpaque *;
using PageObject = PageObjectOpaque *;
using ClipPath = ClipPathOpaque *;
using Annotation = AnnotationOpaque *;
using PathSegment = PathSegmentOpaque *;
using Mark = MarkOpaque *;
using Font = FontOpaque *;
using GlyphPath = GlyphPathOpaque *;

struct Rectangle { // FS_RECTF
  float left = 0, top = 0, right = 0, bottom = 0;
};

struct Point { // FS_POINTF
  float x = 0, y = 0;
};

struct Matrix { // FS_MATRIX
  float a = 0, b = 0, c = 0, d = 0, e = 0, f = 0;
};

struct ImageAbout { // FPDF_IMAGEOBJ_METADATA
  unsigned width = 0, height = 0;
  float horizontal_dpi = 0, vertical_dpi = 0;
  unsigned bits_per_pixel = 0;
  int colour_space = 0;
  int marked_content = 0;
};

struct LibraryConfig { // version 2
  int version = 2;
  const char **font_paths = nullptr; // two null-terminated lists: only these
  void *isolate = nullptr;
  unsigned slot = 0;
};

/// FPDF_SYSFONTINFO, version 1.
struct FontSource {
  int version = 1;
  void (*release)(FontSource *) = nullptr;
  void (*enumerate)(FontSource *, void *mapper) = nullptr;
  void *(*map)(FontSource *, int weight, int italic, int charset, int pitch_family,
               const char *face, int *exact) = nullptr;
  void *(*get)(FontSource *, const char *face) = nullptr;
  unsigned long (*data)(FontSource *, void *font, unsigned table, unsigned char *to,
                        unsigned long size) = nullptr;
  unsigned long (*face_name)(FontSource *, void *font, char *to, unsigned long size) = nullptr;
  int (*charset)(FontSource *, void *font) = nullptr;
  void (*close)(FontSource *, void *font) = nullptr;
};

/// FPDF_FORMFILLINFO: the calls PDFium makes back while it draws fields.  All do nothing; the
/// layout is that of version 1, with zeros behind for later versions.
struct FormCallbacks {
  int version = 1;
  void *release = nullptr, *invalidate = nullptr, *output_selected = nullptr, *set_cursor = nullptr;
  void *set_timer = nullptr, *kill_timer = nullptr, *local_time = nullptr, *on_change = nullptr;
  void *get_page = nullptr, *get_current_page = nullptr, *get_rotation = nullptr;
  void *named_action = nullptr, *text_focus = nullptr, *uri_action = nullptr, *go_to = nullptr;
  void *java_script = nullptr;
  void *later[32] = {};
};

/// FPDF_FILEWRITE, version 1.
struct Sink {
  int version = 1;
  int (*write)(Sink *, const void *data, unsigned long size) = nullptr; // 0 ends it
};

constexpr unsigned long error_password = 4; // FPDF_ERR_PASSWORD
constexpr unsigned long without_security = 3; // FPDF_REMOVE_SECURITY
constexpr int format_gray = 1, format_bgrx = 3; // FPDFBitmap_Gray, _BGRx
constexpr int with_annotations = 0x01;      // FPDF_ANNOT
constexpr int line = 4, polygon = 7, polyline = 8; // FPDF_ANNOT_…

struct Engine {
  void (*init)(const LibraryConfig *);
  void (*set_fonts)(FontSource *);
  unsigned long (*last_error)();
  Document (*open)(const void *, int size, const char *password);
  void (*close)(Document);
  int (*page_count)(Document);
  int (*save_copy)(Document, Sink *, unsigned long flags); // may be null
  Page (*load_page)(Document, int index);
  void (*close_page)(Page);
  float (*page_width)(Page);
  float (*page_height)(Page);
  Bitmap (*make_bitmap)(int width, int height, int format, void *memory, int stride);
  void (*fill)(Bitmap, int left, int top, int width, int height, unsigned long argb);
  void (*destroy_bitmap)(Bitmap);
  void (*draw)(Bitmap, Page, int x, int y, int width, int height, int rotate, int flags);
  Form (*open_form)(Document, FormCallbacks *);
  void (*close_form)(Form);
  void (*highlight)(Form, unsigned char alpha);
  void (*form_page_opened)(Page, Form);
  void (*form_page_closing)(Page, Form);
  void (*draw_form)(Form, Bitmap, Page, int x, int y, int width, int height, int rotate, int flags);
  bool reads_text = false;           // whether all of the following are there
  Text (*load_text)(Page);
  void (*close_text)(Text);
  int (*count_characters)(Text);
  unsigned (*character)(Text, int index);
  int (*character_box)(Text, int index, Rectangle *); // as high as the font; only where level
  int (*glyph_box)(Text, int index, double *left, double *right, double *bottom, double *top);
  int (*character_origin)(Text, int index, double *x, double *y);
  double (*font_size)(Text, int index); // before the matrix
  int (*character_matrix)(Text, int index, Matrix *);
  int (*page_to_device)(Page, int x, int y, int width, int height, int rotate, double page_x,
                        double page_y, int *device_x, int *device_y);
  bool reads_modes = false; // whether all of the following are there
  int (*character_mode)(Text, int index); // how it is painted; -1: not known
  int (*object_bounds)(PageObject, float *left, float *bottom, float *right, float *top);
  bool compares_text = false; // whether all of the following are there
  int (*character_colour)(Text, int index, unsigned *r, unsigned *g, unsigned *b, unsigned *a); // filled with
  int (*character_outline)(Text, int index, unsigned *r, unsigned *g, unsigned *b, unsigned *a);
  int (*set_text_mode)(PageObject, int mode);
  int (*count_form_objects)(PageObject form);
  PageObject (*form_object)(PageObject form, unsigned long index);
  int (*object_colour)(PageObject, unsigned *r, unsigned *g, unsigned *b, unsigned *a); // filled with
  int (*count_clip_segments)(ClipPath, int path);
  PathSegment (*clip_segment)(ClipPath, int path, int segment);
  int (*segment_point)(PathSegment, float *x, float *y);
  bool reads_layers = false; // whether all of the following are there
  int (*count_marks)(PageObject);
  Mark (*mark)(PageObject, unsigned long index);
  int (*mark_name)(Mark, void *to, unsigned long size, unsigned long *needed); // as annotation_text
  void (*transform)(PageObject, double a, double b, double c, double d, double e, double f);
  unsigned long (*object_text)(PageObject, Text, unsigned short *to, unsigned long size); // as annotation_text
  Font (*object_font)(PageObject);
  GlyphPath (*glyph_path)(Font, unsigned character, float size); // may be null
  int (*count_glyph_segments)(GlyphPath);
  bool reads_actual_text = false; // whether all of the following are there
  int (*mark_text)(Mark, const char *key, void *to, unsigned long size, unsigned long *needed); // as it stands in the file
  int (*remove_mark_text)(PageObject, Mark, const char *key);
  bool reads_annotations = false; // whether all of the following are there
  int (*annotation_count)(Page);
  Annotation (*annotation)(Page, int index); // to be closed
  void (*close_annotation)(Annotation);
  int (*annotation_type)(Annotation);
  int (*annotation_flags)(Annotation);
  int (*annotation_place)(Annotation, Rectangle *);
  // Octets of UTF-16LE with the NUL behind it; written where there is room for all.
  unsigned long (*annotation_text)(Annotation, const char *key, void *to, unsigned long size);
  int (*annotation_number)(Annotation, const char *key, float *value); // false where there is none
  unsigned long (*field_value)(Form, Annotation, void *to, unsigned long size);
  unsigned long (*field_name)(Form, Annotation, void *to, unsigned long size);
  unsigned long (*export_value)(Form, Annotation, void *to, unsigned long size);
  int (*field_type)(Form, Annotation); // -1: no field
  int (*field_flags)(Form, Annotation);
  int (*is_checked)(Form, Annotation);
  int (*choice_count)(Form, Annotation);
  unsigned long (*choice_label)(Form, Annotation, int index, void *to, unsigned long size);
  int (*is_chosen)(Form, Annotation, int index);
  bool flattens = false; // whether all of the following are there
  int (*has_key)(Annotation, const char *key);
  int (*flatten)(Page, int use); // draws its annotations into the page as it is loaded next; 0: it could not
  /// As many units of UTF-16 as there are; written where there is room.
  int (*text_within)(Text, double left, double top, double right, double bottom, unsigned short *to, int units);
  bool draws_annotations = false; // whether all of the following are there
  int (*line_ends)(Annotation, Point *from, Point *to);
  unsigned long (*vertices)(Annotation, Point *to, unsigned long count); // as many as there are; written where there is room
  /// `which`: 0 for C, 1 for IC.  An array without numbers is black.
  int (*annotation_colour)(Annotation, int which, unsigned *r, unsigned *g, unsigned *b, unsigned *a);
  int (*annotation_border)(Annotation, float *horizontal, float *vertical, float *width); // Border, not BS
  int (*set_appearance)(Annotation, int mode, const unsigned short *content); // in the page's coordinates, within its place
  Font (*load_font)(Document, const void *, unsigned size, int type, int cid); // to be closed
  void (*close_font)(Font);
  PathSegment (*glyph_segment)(GlyphPath, int index); // of a glyph as high as 1
  int (*segment_type)(PathSegment);
  bool reads_pictures = false; // whether all of the following are there
  int (*rotation)(Page);
  int (*count_objects)(Page);
  PageObject (*page_object)(Page, int index);
  int (*object_type)(PageObject);
  int (*object_matrix)(PageObject, Matrix *);
  int (*has_transparency)(PageObject);
  int (*text_mode)(PageObject);
  ClipPath (*clip_path)(PageObject);
  int (*count_clip_paths)(ClipPath);
  int (*count_filters)(PageObject);
  unsigned long (*image_filter)(PageObject, int index, void *name, unsigned long size);
  unsigned long (*image_data)(PageObject, void *data, unsigned long size); // as coded
  int (*image_about)(PageObject, Page, ImageAbout *);
  Bitmap (*image_bitmap)(PageObject); // to be destroyed
  int (*bitmap_format)(Bitmap);
  int (*bitmap_width)(Bitmap);
  int (*bitmap_height)(Bitmap);
  int (*bitmap_stride)(Bitmap);
  void *(*bitmap_buffer)(Bitmap);
};

/// Opens and initialises the library once a process.  `library` is a path; empty: the known places.
/// Fails when it is not there or lacks a function.
Result<void> load(const std::string &library);
/// Null until load() succeeded, and after unload().
const Engine *engine();
/// An engine that fails its test is none.
void unload();

} // namespace sekisho::rebuild::pdfium
