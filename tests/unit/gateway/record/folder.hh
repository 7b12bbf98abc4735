// A folder of its own for each test, gone afterwards.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace sekisho::test {

class Folder {
public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "sekisho-test-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder &) = delete;
  Folder &operator=(const Folder &) = delete;

  const std::string &path() const { return path_; }
  std::string read(const std::string &name) const {
    std::ifstream file(path_ + "/" + name, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
  }
  void write(const std::string &name, const std::string &text) const {
    std::ofstream(path_ + "/" + name, std::ios::binary | std::ios::trunc) << text;
  }
  bool has(const std::string &name) const { return std::filesystem::exists(path_ + "/" + name); }

private:
  std::string path_;
};

} // namespace sekisho::test
