// Reading *.t files: a comment is a line that starts with '#', a prelude line starts with '|' and
// is put before every case that follows, any other line is a case.
#pragma once

#include "rules/compile.hh"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace sekisho::rules::test {

constexpr UnixSeconds now = 1'795'180'000; // 2026-11-20 in Japan

inline std::string folder() {
  return std::string(SEKISHO_SOURCE) + "/tests/rules/";
}

inline std::string read(const std::string &path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file) << path;
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

struct Case {
  std::string where; // file:line
  std::string prelude;
  std::string text;
};

inline std::vector<Case> read_cases(const std::string &name) {
  std::vector<Case> cases;
  std::istringstream lines(read(folder() + name));
  std::string line, prelude;
  bool in_prelude = false;
  for (int number = 1; std::getline(lines, line); ++number) {
    if (line.empty() || line[0] == '#') continue;
    if (line[0] == '|') {
      if (!in_prelude) prelude.clear(); // a new prelude replaces the one before
      in_prelude = true;
      prelude += line.substr(line.size() > 1 ? 2 : 1) + "\n";
      continue;
    }
    in_prelude = false;
    cases.push_back({name + ":" + std::to_string(number), prelude, line});
  }
  EXPECT_FALSE(cases.empty()) << name;
  return cases;
}

inline std::vector<std::string> files_in(const std::string &folder, const std::string &extension) {
  std::vector<std::string> paths;
  for (const auto &entry : std::filesystem::directory_iterator(folder))
    if (entry.path().extension() == extension) paths.push_back(entry.path().string());
  std::sort(paths.begin(), paths.end());
  EXPECT_FALSE(paths.empty()) << folder;
  return paths;
}

} // namespace sekisho::rules::test
