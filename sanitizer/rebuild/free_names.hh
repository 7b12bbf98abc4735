// Names of files that are written together, each of them another one wherever they are unpacked or saved; private to rebuild.
#pragma once

#include <set>
#include <string>
#include <string_view>

namespace sekisho::rebuild {

class FreeNames {
public:
  /// `file`, cleaned, in `folder` ("" or one that ends in '/'), with a number where that name was taken before; as long
  /// as file systems allow.  Names differ in more than the case of letters: Windows would write one over the other, of ａ and Ａ too.
  /// Nor is a name both a file's and a folder's, of which only one can be unpacked.
  std::string take(std::string_view folder, const std::string &file);

private:
  std::string free_folder(std::string_view folder);

  std::set<std::string> names_, folders_; // taken, of files and of what they are in; folded
};

} // namespace sekisho::rebuild
