// Where parts of an OOXML document show its pictures, and what of them no part shows (ISO/IEC 29500-1 §20.1.8.55;
// 29500-4 §19.1.2.11).  Read from parts that filter() wrote.  Private to rebuild.
#pragma once

#include "sanitizer/rebuild/office/ooxml_filter.hh"

#include <array>
#include <functional>
#include <map>

namespace sekisho::rebuild::ooxml {

class PictureUses {
public:
  /// Whether a part may show less than the whole of a picture.
  static bool may_crop(std::string_view xml);

  /// `part`: its number; relations lead to others by theirs.
  void read(std::size_t part, std::string_view xml, const std::vector<Relation> &relations,
            const std::function<bool(std::size_t part)> &is_picture);
  /// What nothing that was read shows of a picture; nothing where that is too narrow to be seen.
  job::Cut unseen_of(std::size_t picture) const;
  /// The part as it is to be once all that is unseen has been cut off.
  std::string after_cuts(std::size_t part, const std::string &xml) const;

private:
  using Sides = std::array<double, 4>; // left, top, right, bottom, in millionths; less than none: a margin
  struct Crop {
    std::size_t picture, start, end; // of the tag that says it
    Sides sides;
  };

  void note_use(std::size_t picture, const Sides &sides);

  std::map<std::size_t, Sides> unseen_; // by picture
  std::map<std::size_t, std::vector<Crop>> crops_; // by part
};

} // namespace sekisho::rebuild::ooxml
