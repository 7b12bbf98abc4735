// Every octet pair of the Japanese sets against the tables of the Encoding Standard (encoding_rs
// test data).
#include "sanitizer/text/charset.hh"
#include "tests/unit/sanitizer/corpus.hh"

#include <gtest/gtest.h>

#include <sstream>

namespace sekisho::text {
namespace {

std::vector<std::string> lines_of(const std::string &text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);)
    lines.push_back(line);
  return lines;
}

struct Sample {
  const char *file;
  Scheme scheme;
};

class Oracle : public testing::TestWithParam<Sample> {};

TEST_P(Oracle, decodes_every_pair) {
  if (!corpus::present()) GTEST_SKIP() << "no corpus";
  std::filesystem::path folder = corpus::folder() / "mail/charset";
  std::string name = GetParam().file;
  std::string input = corpus::read(folder / (name + ".txt"));
  std::vector<std::string> wanted = lines_of(corpus::read(folder / (name + "_ref.txt")));
  std::vector<std::string> got = lines_of(decode({GetParam().scheme, 0}, as_bytes(input)).text);
  ASSERT_EQ(got.size(), wanted.size());
  for (std::size_t i = 0; i < got.size(); i++) {
    bool unmapped_there = wanted[i].find("\xef\xbf\xbd") != std::string::npos; // we may know more
    EXPECT_TRUE(got[i] == wanted[i] || unmapped_there)
        << "line " << i + 1 << ": " << got[i] << " instead of " << wanted[i];
  }
}

INSTANTIATE_TEST_SUITE_P(EncodingStandard, Oracle,
                         testing::Values(Sample{"shift_jis_in", Scheme::shift_jis},
                                         Sample{"jis0208_in", Scheme::euc_jp},
                                         Sample{"jis0212_in", Scheme::euc_jp},
                                         Sample{"iso_2022_jp_in", Scheme::iso2022jp}),
                         [](const auto &info) { return std::string(info.param.file); });

} // namespace
} // namespace sekisho::text
