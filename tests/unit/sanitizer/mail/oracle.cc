#include "tests/unit/sanitizer/mail/oracle.hh"

#include "sanitizer/mime/parse.hh"
#include "sanitizer/text/charset.hh"
#include "sanitizer/text/clean.hh"
#include "tests/unit/sanitizer/corpus.hh"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <sstream>

namespace sekisho::oracle {
namespace {

namespace fs = std::filesystem;

/// For a cell of a table: one line, printable, short.
std::string shown(std::string_view text) {
  text::Findings ignored;
  std::string line = text::clean_line(text::decode_labelled(as_bytes(text), "").text, ignored);
  if (line.size() <= 60) return line;
  std::size_t end = 60;
  while ((line[end] & 0xc0) == 0x80)
    end--;
  return line.substr(0, end) + "…";
}

/// "5 octets at 3: «abc» / «abd»"
std::string first_difference(std::string_view ours, std::string_view theirs) {
  const auto at = static_cast<std::size_t>(
      std::mismatch(ours.begin(), ours.end(), theirs.begin(), theirs.end()).first - ours.begin());
  return std::to_string(ours.size()) + " / " + std::to_string(theirs.size()) + " at " +
         std::to_string(at) + ": «" + shown(ours.substr(at, 20)) + "» / «" +
         shown(theirs.substr(at, 20)) + "»";
}

} // namespace

std::string child_path(const std::string &path, std::size_t number) {
  return path.empty() ? std::to_string(number) : path + "." + std::to_string(number);
}

std::string text_form(std::string_view text) {
  std::string result, line;
  auto put = [&] {
    line.erase(line.find_last_not_of(" \t") + 1);
    result += line + '\n';
    line.clear();
  };
  for (char c : text) {
    if (c == '\n')
      put();
    else if (c != '\r')
      line += c;
  }
  put();
  result.erase(result.find_last_not_of(" \t\n") + 1);
  return result;
}

namespace {

Tree tree_of(Bytes mail, bool decoded) {
  Tree tree;
  mime::Mail parsed = mime::parse(mail, {});
  for (const mime::Part &part : parsed.parts) {
    Seen seen{part.type, part.name, part.children.empty(), part.type.starts_with("text/"), {}};
    if (seen.leaf) {
      Buffer octets = mime::decode_transfer(part.encoding, part.body);
      seen.content = !seen.text ? std::string(as_chars(octets))
                     : decoded  ? text_form(text::decode_labelled(octets, part.charset).text)
                                : text_form(as_chars(octets));
    }
    tree[part.path] = std::move(seen);
  }
  return tree;
}

} // namespace

Tree our_tree(Bytes mail) {
  return tree_of(mail, true);
}
Tree our_octet_tree(Bytes mail) {
  return tree_of(mail, false);
}

Differences::Differences(std::string name) {
  const char *source = std::getenv("SOURCE");
  path_ = fs::path(source ? source : ".") / "tests/oracles" / (name + ".tsv");
  std::istringstream lines(corpus::read(path_));
  for (std::string line; std::getline(lines, line);) {
    if (line.empty() || line.front() == '#') continue;
    std::size_t last = line.rfind('\t');
    known_[line.substr(0, last)] = line.substr(last + 1);
  }
}

void Differences::add(std::string_view file, std::string_view what) {
  std::string row(file);
  row += '\t';
  row += what;
  auto known = known_.find(row);
  found_[row] = known == known_.end() ? "" : known->second;
}

void Differences::compare(std::string_view file, const Tree &ours, const Tree &theirs) {
  std::set<std::string> paths;
  for (const Tree *tree : {&ours, &theirs})
    for (const auto &[path, seen] : *tree)
      paths.insert(path);
  for (const std::string &path : paths) {
    auto our = ours.find(path), their = theirs.find(path);
    std::string place = path.empty() ? "0" : path;
    if (our == ours.end())
      add(file, place + " only there: " + their->second.type);
    else if (their == theirs.end())
      add(file, place + " only here: " + our->second.type);
    else if (our->second.type != their->second.type)
      add(file, place + " type " + shown(our->second.type) + " / " + shown(their->second.type));
    else if (our->second.name != their->second.name)
      add(file, place + " name " + shown(our->second.name) + " / " + shown(their->second.name));
    else if (our->second.leaf != their->second.leaf)
      add(file, place + (our->second.leaf ? " a leaf here" : " a leaf there"));
    else if (our->second.leaf && our->second.content != their->second.content)
      add(file, place + " content " + first_difference(our->second.content, their->second.content));
  }
}

void Differences::finish() {
  if (std::getenv("SEKISHO_ACCEPT")) {
    std::string head;
    std::istringstream lines(corpus::read(path_));
    for (std::string line; std::getline(lines, line) && line.starts_with('#');)
      head += line + '\n';
    std::ofstream out(path_, std::ios::binary);
    out << head;
    for (const auto &[row, why] : found_)
      out << row << '\t' << why << '\n';
    return;
  }
  for (const auto &[row, why] : found_) {
    EXPECT_TRUE(known_.contains(row)) << "new difference: " << row;
    EXPECT_TRUE(!known_.contains(row) || !why.empty()) << "no reason given: " << row;
  }
  for (const auto &[row, why] : known_)
    EXPECT_TRUE(found_.contains(row)) << "no difference any more: " << row;
}

std::vector<fs::path> files_below(const fs::path &folder, std::string_view extension) {
  std::vector<fs::path> files;
  for (const auto &entry : fs::recursive_directory_iterator(folder))
    if (entry.is_regular_file() && entry.path().extension() == extension)
      files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

std::vector<fs::path> mails(const fs::path &folder) {
  std::vector<fs::path> files;
  for (const char *extension : {".eml", ".msg", ".mail", ".mbox", ""})
    for (fs::path &path : files_below(folder, extension))
      if (path.filename() != "LICENSE" && path.filename() != "COPYING")
        files.push_back(std::move(path));
  std::sort(files.begin(), files.end());
  return files;
}

} // namespace sekisho::oracle
