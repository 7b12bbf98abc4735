#include "sanitizer/rebuild/office/picture_inside.hh"

#include "sanitizer/rebuild/picture/count_pixels.hh"
#include "sanitizer/rebuild/picture/png_writer.hh"

namespace sekisho::rebuild {
namespace {

Picture grey_field(Reason ended = Reason::none) {
  Pixels pixels;
  pixels.width = pixels.height = 1;
  pixels.channels = 1;
  pixels.memory = Scratch(1);
  if (!pixels.memory) return {};
  *pixels.row(0) = 0xd0;
  return {write_png(pixels), "png", true, ended};
}

/// Whether a decoder may have worked on what gave this.
bool took_work(Reason reason) {
  switch (reason) {
  case Reason::part_malformed:
  case Reason::part_timeout:
  case Reason::part_worker_died:
  case Reason::part_verify_failed:
  case Reason::part_too_big: return true;
  default: return false;
  }
}

std::string_view extension_of(job::Kind kind) {
  switch (kind) {
  case job::Kind::png: return "png";
  case job::Kind::jpeg: return "jpeg";
  case job::Kind::gif: return "gif";
  case job::Kind::tiff: return "tiff";
  default: return {};
  }
}

} // namespace

std::string_view media_type_of(std::string_view extension) {
  if (extension == "jpeg") return "image/jpeg";
  if (extension == "gif") return "image/gif";
  return extension == "tiff" ? "image/tiff" : "image/png";
}

Picture PicturesInside::treat(Bytes untrusted, const std::string &name, const job::Cut &cut) {
  if (!treat_file_) return grey_field();
  if (asked_ >= job_.plan.max_parts) return grey_field(Reason::part_too_deep);
  if (pixels_ >= most_pixels()) return grey_field(Reason::part_too_big);
  ++asked_;
  job::Job file;
  file.what = job::What::file;
  file.receipt = job_.receipt;
  file.name = name.substr(name.rfind('/') + 1);
  file.cut = cut;
  file.plan = job_.plan;
  file.bytes = untrusted;
  job::Outcome outcome = treat_file_(file);
  const std::string_view extension = extension_of(outcome.output_kind);
  if (outcome.status != job::Status::clean || extension.empty()) {
    if (took_work(outcome.reason)) pixels_ += job_.plan.max_pixels;
    return grey_field();
  }
  pixels_ += count_pixels(outcome.output_kind, outcome.output, job_.plan.max_pixels);
  // The verifier of the whole document reads it again.
  return {std::move(outcome.output), std::string(extension), false};
}

} // namespace sekisho::rebuild
