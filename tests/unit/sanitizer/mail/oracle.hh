// What other readers make of the mails of the corpus, in one form to compare with ours.
#pragma once

#include "base/bytes.hh"

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace sekisho::oracle {

/// An entity as a reader sees it.  `content` of a leaf: transfer encoding removed.
struct Seen {
  std::string type; // lower case
  std::string name; // file name, UTF-8
  bool leaf = false;
  bool text = false; // content: as UTF-8, lines as text_form() makes them
  std::string content;
};
/// By place: "" the mail, "2.1" the first part of its second.
using Tree = std::map<std::string, Seen>;

std::string child_path(const std::string &path, std::size_t number); // from 1
Tree our_tree(Bytes mail);
/// The same with the octets of a text as they are (in text_form()), whatever its charset.
Tree our_octet_tree(Bytes mail);
/// Lines end in LF, no white space at their ends and none at the text's.
std::string text_form(std::string_view text);

/// tests/oracles/NAME.tsv: file, what differs, why that is right.  Every difference must
/// stand there and every row must occur.  SEKISHO_ACCEPT=1 writes the rows anew and keeps their
/// reasons; a row without a reason fails.
class Differences {
public:
  explicit Differences(std::string name);
  void add(std::string_view file, std::string_view what);
  /// Each place where the trees disagree, one row.
  void compare(std::string_view file, const Tree &ours, const Tree &theirs);
  std::size_t size() const { return found_.size(); }
  void finish();

private:
  std::filesystem::path path_;
  std::map<std::string, std::string> known_, found_; // "file\twhat" to why
};

std::vector<std::filesystem::path> files_below(const std::filesystem::path &folder,
                                               std::string_view extension);
/// All mails of the corpus folder.
std::vector<std::filesystem::path> mails(const std::filesystem::path &folder);

} // namespace sekisho::oracle
