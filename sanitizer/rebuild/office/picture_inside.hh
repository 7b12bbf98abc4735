// Pictures of a document: each goes to a process of its own; private to rebuild.
#pragma once

#include "sanitizer/rebuild/rebuild.hh"

namespace sekisho::rebuild {

struct Picture {
  Buffer bytes;
  std::string extension; // png, jpeg, gif or tiff
  bool replaced = false; // by a grey field: nothing harmless could be made of it
  Reason ended = Reason::none; // no more pictures of this document are looked at: too many, or too many pixels
};

std::string_view media_type_of(std::string_view extension);

class PicturesInside {
public:
  /// Both are borrowed.
  PicturesInside(const job::Job &job, const TreatFile &treat_file)
      : job_(job), treat_file_(treat_file) {}
  /// `cut`: what goes of it for good.
  Picture treat(Bytes untrusted, const std::string &name, const job::Cut &cut);

private:
  std::uint64_t most_pixels() const { return job_.plan.max_pixels * most_pictures; }

  static constexpr std::uint64_t most_pictures = 20; // of the plan's max_pixels, over all pictures

  const job::Job &job_;
  const TreatFile &treat_file_;
  std::size_t asked_ = 0;
  std::uint64_t pixels_ = 0; // decoded, or that may have been
};

} // namespace sekisho::rebuild
