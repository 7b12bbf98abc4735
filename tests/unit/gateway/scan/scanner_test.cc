// A scanner that is silent, gone, half deaf or behind the times is none (H5).
#include "gateway/scan/scanner.hh"

#include "base/clock.hh"
#include "base/unique_fd.hh"

#include <gtest/gtest.h>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <ctime>
#include <thread>

namespace sekisho::scan {
namespace {

using namespace std::string_view_literals;

constexpr UnixSeconds now = 1795509082 + 86'400; // a day after the definitions below
constexpr std::string_view version = "ClamAV 1.4.3/27500/Tue Nov 24 08:31:22 2026\0"sv;

/// Answers so many conversations, each by what its command is.
class FakeClamd {
public:
  FakeClamd(unsigned conversations, std::string version_reply, std::string scan_reply, std::size_t reads_at_most = SIZE_MAX)
      : path_("/tmp/sekisho-scan-test." + std::to_string(::getpid())) {
    ::unlink(path_.c_str());
    listener_ = UniqueFd(::socket(AF_UNIX, SOCK_STREAM, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strcpy(address.sun_path, path_.c_str());
    EXPECT_EQ(::bind(listener_.get(), reinterpret_cast<sockaddr *>(&address), sizeof address), 0);
    EXPECT_EQ(::listen(listener_.get(), 5), 0);
    thread_ = std::jthread([=, this] {
      for (unsigned i = 0; i < conversations; ++i) serve(version_reply, scan_reply, reads_at_most);
    });
  }
  ~FakeClamd() {
    thread_.join();
    ::unlink(path_.c_str());
  }
  const std::string &path() const { return path_; }
  std::string heard; // of the last stream, chunk heads included

private:
  void serve(const std::string &version_reply, const std::string &scan_reply, std::size_t reads_at_most) {
    UniqueFd peer(::accept(listener_.get(), nullptr, nullptr));
    std::string said;
    char piece[65536];
    for (;;) {
      const ssize_t got = ::read(peer.get(), piece, sizeof piece);
      if (got <= 0) break;
      said.append(piece, static_cast<std::size_t>(got));
      if (said == version_command || said.ends_with("\0\0\0\0"sv) || said.size() > reads_at_most) break;
    }
    const bool is_version = said == version_command;
    if (!is_version) heard = said;
    const std::string &reply = is_version ? version_reply : scan_reply;
    if (!reply.empty()) (void)!::write(peer.get(), reply.data(), reply.size());
  }

  std::string path_;
  UniqueFd listener_;
  std::jthread thread_;
};

Answer ask(const std::string &path, std::string_view octets, UnixSeconds when = now, std::uint32_t deadline_ms = 5000) {
  Scanner scanner({.socket = path, .deadline_ms = deadline_ms});
  return scanner.scan(as_bytes(octets), when);
}

TEST(Scanner, SendsTheWholeStreamInChunks) {
  std::string octets(max_chunk + 10, 'a');
  FakeClamd clamd(2, std::string(version), "stream: OK\0");
  EXPECT_EQ(ask(clamd.path(), octets).finding, Finding::clean);
  const std::string wanted = std::string(instream_command) + std::string("\0\x04\0\0", 4) + std::string(max_chunk, 'a') +
                             std::string("\0\0\0\x0a", 4) + std::string(10, 'a') + std::string(4, '\0');
  EXPECT_TRUE(clamd.heard == wanted);
}

TEST(Scanner, MalwareIsNamed) {
  FakeClamd clamd(2, std::string(version), "stream: Eicar FOUND\0");
  const Answer answer = ask(clamd.path(), "x");
  EXPECT_EQ(answer.finding, Finding::malware);
  job::Job job;
  job.receipt = "R";
  job.bytes = as_bytes("x"sv);
  const job::Outcome outcome = held_outcome(answer, job);
  EXPECT_EQ(outcome.status, job::Status::held);
  EXPECT_EQ(outcome.reason, Reason::job_malware);
  EXPECT_EQ(outcome.report.malware, "Eicar");
  EXPECT_TRUE(outcome.output.empty());
}

TEST(Scanner, OldDefinitionsAreNone) {
  FakeClamd clamd(1, std::string(version), "stream: OK\0");
  EXPECT_EQ(ask(clamd.path(), "x", now + 4 * 86'400).finding, Finding::definitions_old);
}

TEST(Scanner, NoDefinitionsAreNone) {
  FakeClamd clamd(1, "ClamAV 1.4.3", "stream: OK\0");
  EXPECT_EQ(ask(clamd.path(), "x").finding, Finding::definitions_old);
}

TEST(Scanner, ItsAgeIsNotAskedWhereTheAdministratorSaysSo) {
  FakeClamd clamd(1, "ClamAV 1.4.3", "stream: OK\0");
  Scanner scanner({.socket = clamd.path(), .definitions_days = 0, .deadline_ms = 5000});
  EXPECT_EQ(scanner.scan(as_bytes("x"sv), now).finding, Finding::clean);
}

TEST(Scanner, HalfOfItIsNotEnough) { // StreamMaxLength
  FakeClamd clamd(2, std::string(version), "INSTREAM size limit exceeded. ERROR\0", 1000);
  EXPECT_EQ(ask(clamd.path(), std::string(8u << 20, 'a')).finding, Finding::unavailable);
}

TEST(Scanner, SilenceIsNoAnswer) {
  FakeClamd hangs_up(2, std::string(version), "");
  EXPECT_EQ(ask(hangs_up.path(), "x").finding, Finding::unavailable);
  EXPECT_EQ(ask("/nonexistent/clamd", "x").finding, Finding::unavailable);
  EXPECT_EQ(ask(std::string(300, 'x'), "x").finding, Finding::unavailable);
}

TEST(Scanner, WaitsNoLongerThanItsDeadline) { // or this would never end
  UniqueFd listener(::socket(AF_UNIX, SOCK_STREAM, 0)); // listens and never accepts
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = "/tmp/sekisho-scan-deaf." + std::to_string(::getpid());
  std::strcpy(address.sun_path, path.c_str());
  ASSERT_EQ(::bind(listener.get(), reinterpret_cast<sockaddr *>(&address), sizeof address), 0);
  ASSERT_EQ(::listen(listener.get(), 5), 0);
  const std::clock_t start = std::clock();
  EXPECT_EQ(ask(path, "x", now, 200).finding, Finding::unavailable);
  EXPECT_LT((std::clock() - start) / CLOCKS_PER_SEC, 2);
  ::unlink(path.c_str());
}

} // namespace
} // namespace sekisho::scan
