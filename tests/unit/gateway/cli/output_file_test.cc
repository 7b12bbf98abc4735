#include "gateway/cli/output_file.hh"

#include <gtest/gtest.h>

#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>

namespace {
int sent = 0; // while a file is written
}

/// Instead of the library's.
extern "C" int fsync(int) { return sent == 0 ? 0 : ::raise(sent); }

namespace sekisho::cli {
namespace {

class OutputFile : public testing::Test {
protected:
  void SetUp() override { ASSERT_NE(::mkdtemp(folder_.data()), nullptr); }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  bool write() const { return write_file(folder_ + "/new", as_bytes("x")).has_value(); }
  auto files() const { return std::distance(std::filesystem::directory_iterator(folder_), {}); }

  std::string folder_ = "/tmp/sekisho-output-file-test.XXXXXX";
};

TEST_F(OutputFile, SignalsLeaveNothingBeside) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    EXPECT_EXIT((::signal(signal, SIG_DFL), sent = signal, write()), testing::KilledBySignal(signal), "");
    EXPECT_EQ(files(), 0) << signal;
  }
  EXPECT_TRUE(write());
  EXPECT_EQ(files(), 1);
}

TEST_F(OutputFile, IgnoredSignalsStayIgnored) {
  EXPECT_EXIT((::signal(SIGHUP, SIG_IGN), sent = SIGHUP, std::_Exit(write() ? 0 : 1)), testing::ExitedWithCode(0), "");
  EXPECT_EQ(files(), 1);
}

} // namespace
} // namespace sekisho::cli
