// What the gatekeeper keeps over a restart: known senders (M11) and relays that stopped themselves (M2); and the doors: the greylist.
#include "gateway/relay/breaker.hh"
#include "gateway/relay/greylist_file.hh"
#include "gateway/relay/receipts.hh"
#include "gateway/relay/sender_file.hh"

#include <gtest/gtest.h>

#include <fmt/format.h>
#include <sys/resource.h>

#include <csignal>
#include <filesystem>
#include <fstream>

namespace sekisho::relay {
namespace {

namespace fs = std::filesystem;

/// No file becomes larger meanwhile, as on a disk that is full.
class FullDisk {
public:
  explicit FullDisk(rlim_t octets) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit now{octets, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &now);
  }
  ~FullDisk() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }

private:
  rlimit before_{};
  void (*handler_)(int) = std::signal(SIGXFSZ, SIG_IGN);
};

class GuardFiles : public testing::Test {
protected:
  GuardFiles() {
    char name[] = "/tmp/sekisho-guard-XXXXXX";
    folder_ = ::mkdtemp(name);
  }
  ~GuardFiles() override { fs::remove_all(folder_); }
  void learn(SenderFile &file, std::string_view address, std::uint32_t day) {
    guard::KnownSenders::Entry entry;
    if (file.senders().learn(file.senders().name_of("in", address), day, false, entry)) file.append(entry);
  }
  bool knows(SenderFile &file, std::string_view address) {
    return file.senders().knows(file.senders().name_of("in", address), 20'000);
  }
  bool knows_anew(std::string_view address) {
    SenderFile file = std::move(*SenderFile::open(folder_));
    return knows(file, address);
  }
  std::vector<fs::path> files() {
    std::vector<fs::path> found;
    for (const auto &entry : fs::directory_iterator(folder_)) found.push_back(entry.path());
    return found;
  }
  std::string folder_;
};

TEST_F(GuardFiles, SendersAreKnownAfterARestart) {
  {
    Result<SenderFile> file = SenderFile::open(folder_);
    ASSERT_TRUE(file);
    learn(*file, "a@a.example", 20'000);
    learn(*file, "b@b.example", 19'000);
  }
  Result<SenderFile> file = SenderFile::open(folder_);
  ASSERT_TRUE(file);
  EXPECT_TRUE(knows(*file, "A@a.example"));
  EXPECT_FALSE(knows(*file, "b@b.example")) << "too long ago";
  EXPECT_FALSE(knows(*file, "c@c.example"));
  for (const fs::path &path : files()) {
    std::ifstream stream(path, std::ios::binary);
    const std::string octets((std::istreambuf_iterator<char>(stream)), {});
    EXPECT_EQ(octets.find("a.example"), std::string::npos) << "no address is on disk";
  }
}

TEST_F(GuardFiles, ATornOrUnfinishedFileBeginsAnewOrLosesItsEnd) {
  {
    Result<SenderFile> file = SenderFile::open(folder_);
    learn(*file, "a@a.example", 20'000);
    learn(*file, "b@b.example", 20'000);
  }
  ASSERT_EQ(files().size(), 1u);
  const fs::path path = files()[0];
  fs::resize_file(path, fs::file_size(path) - 5);
  {
    Result<SenderFile> file = SenderFile::open(folder_);
    EXPECT_TRUE(knows(*file, "a@a.example"));
    EXPECT_FALSE(knows(*file, "b@b.example"));
    learn(*file, "c@c.example", 20'000);
  }
  EXPECT_TRUE(knows_anew("c@c.example")) << "written over the torn one";
  std::ofstream(folder_ + "/senders.7") << "not finished";
  EXPECT_TRUE(knows_anew("c@c.example"));
  EXPECT_FALSE(fs::exists(folder_ + "/senders.7"));
  std::ofstream(path, std::ios::trunc) << "nonsense";
  EXPECT_FALSE(knows_anew("c@c.example"));
  EXPECT_EQ(files().size(), 1u);
}

TEST_F(GuardFiles, TheFileStaysBounded) {
  Result<SenderFile> file = SenderFile::open(folder_);
  for (std::uint32_t day = 1; day <= 12'000; ++day) learn(*file, "a@a.example", day);
  ASSERT_EQ(files().size(), 1u);
  EXPECT_LT(fs::file_size(files()[0]), 200'000u);
  SenderFile again = std::move(*SenderFile::open(folder_));
  EXPECT_TRUE(again.senders().knows(again.senders().name_of("in", "a@a.example"), 12'000));
}

TEST_F(GuardFiles, AStoppedRelayStandsStillUntilItIsArmed) {
  {
    Breakers breakers = std::move(*Breakers::open(folder_));
    EXPECT_TRUE(breakers.stopped().empty());
    breakers.trip("outbound", "more than 10 mails", 1'795'180'000);
  }
  std::ofstream(folder_ + "/stopped.inbound") << "{ torn";
  Breakers breakers = std::move(*Breakers::open(folder_));
  EXPECT_EQ(breakers.names(), (std::set<std::string>{"inbound", "outbound"})) << "one that cannot be read stands still too";
  EXPECT_EQ(breakers.stopped().at("outbound").why, "more than 10 mails");
  EXPECT_FALSE(breakers.stopped().at("outbound").since.empty());
  EXPECT_FALSE(breakers.arm("other"));
  EXPECT_TRUE(breakers.arm("outbound"));
  EXPECT_EQ(Breakers::open(folder_)->names(), std::set<std::string>{"inbound"});
  EXPECT_FALSE(Breakers::open(folder_ + "/gone")) << "nobody knows what stands still";
}

TEST_F(GuardFiles, AFullDiskLeavesTheGreylistAsItWas) {
  constexpr UnixSeconds begin = 1'795'000'000;
  const Ip client = *parse_ip("192.0.2.1");
  Greylist list;
  const auto ask = [&](Greylist &of, int i, UnixSeconds now) {
    return of.ask(client, fmt::format("a{}@x.example", i), "b@t.example", 10, now);
  };
  GreylistFile file(folder_ + "/greylist");
  for (int i = 0; i < 300; ++i) {
    (void)ask(list, i % 100, begin + i / 100 * 20);
    if (i % 100 == 99) file.keep(list); // both files are there
  }
  EXPECT_FALSE(list.has_changed());
  for (int i = 100; i < 1000; ++i) (void)ask(list, i, begin + 70);
  {
    const FullDisk full(4096);
    for (int i = 0; i < 3; ++i) file.keep(list);
    EXPECT_TRUE(list.has_changed()) << "it is tried again";
  }
  const auto kept = [&] {
    Greylist read;
    GreylistFile(folder_ + "/greylist").load(read);
    EXPECT_EQ(ask(read, 7, begin + 71), Reason::none);
    return read.count();
  };
  EXPECT_EQ(kept(), 100u);
  file.keep(list);
  EXPECT_FALSE(list.has_changed());
  EXPECT_EQ(kept(), 1000u);
}

// -- receipts ---------------------------------------------------------------------------------------------------------

/// The key was erased and the spool with it (O5), the clock is behind, and the record tells of mails of later days.
TEST_F(GuardFiles, WhereNoReceiptIsKeptTheRecordSaysWhatWasGiven) {
  const UnixSeconds until = unix_now() + 3 * 86'400;
  {
    auto receipts = Receipts::open(folder_, {}, until);
    ASSERT_TRUE(receipts) << receipts.error().what;
    const Result<std::string> receipt = (*receipts)->make();
    ASSERT_TRUE(receipt);
    EXPECT_GE(*spool::time_of_receipt(*receipt), until);
  }
  auto again = Receipts::open(folder_, {}, 0);
  ASSERT_TRUE(again);
  EXPECT_GE(*spool::time_of_receipt(*(*again)->make()), until) << "it was kept";
  fs::create_directory(folder_ + "/other");
  ASSERT_TRUE(Receipts::open(folder_ + "/other", {}, 0));
  auto kept = Receipts::open(folder_ + "/other", {}, until);
  ASSERT_TRUE(kept);
  EXPECT_LT(*spool::time_of_receipt(*(*kept)->make()), until) << "where it stands which were given, the clock tells the time";
}

} // namespace
} // namespace sekisho::relay
