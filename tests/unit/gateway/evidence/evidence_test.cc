// The files: read back by ourselves and by libpcap; bounded; damage is noticed and ends nothing.
#include "gateway/evidence/archive.hh"
#include "gateway/evidence/segments.hh"

#include "base/unique_fd.hh"
#include "tests/unit/gateway/record/folder.hh"

#include <fcntl.h>
#include <pcap/pcap.h>

#include <algorithm>

namespace sekisho::evidence {
namespace {

const std::vector<Interface> zones = {{"mynumber", "0000:05:00.0"}, {"lgwan", "p1"}};

/// Ethernet and IPv4 from 10.1.0.11 to 10.2.0.40.
Buffer some_frame() {
  Buffer frame(60);
  const unsigned char head[] = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0, 0x45, 0, 0, 46, 0, 0,
                                0, 0, 64, 17, 0, 0, 10, 1, 0, 11, 10, 2, 0, 40};
  std::memcpy(frame.data(), head, sizeof head);
  return frame;
}

struct Files {
  test::Folder folder;
  std::vector<UniqueFd> files;
  std::vector<int> fds;
  Files() {
    for (std::size_t i = 0; i < segment_count; ++i) {
      files.emplace_back(::open((folder.path() + "/" + segment_name(i)).c_str(), O_RDWR | O_CREAT, 0600));
      fds.push_back(files.back().get());
    }
  }
  std::uint64_t octets() const {
    std::uint64_t total = 0;
    for (const auto &entry : std::filesystem::directory_iterator(folder.path())) total += entry.file_size();
    return total;
  }
};

Packet packet_at(std::uint64_t nanoseconds, Bytes octets, std::string comment, std::uint32_t interface = 0) {
  return {interface, nanoseconds, 1500, false, octets, std::move(comment)};
}

TEST(Evidence, ReadsBackWhatItWrote) {
  Files files;
  Buffer frame = some_frame();
  Segments segments(files.fds, least_size, zones);
  segments.add(packet_at(1'800'000'000'123'456'789, frame, write_remark({"not-listed", "", 0})));
  segments.add(packet_at(1'800'000'001'000'000'000, Bytes(frame).first(15),
                         write_remark({"rule-expired", "町.rules:7", 12}), 1));
  segments.add(Statistics{1, 1'800'000'002'000'000'000, write_left_out("not-listed", 99)});
  ASSERT_TRUE(segments.flush());

  Result<Archive> archive = Archive::open(files.folder.path());
  ASSERT_TRUE(archive);
  std::vector<KeptPacket> all = archive->choose({});
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0].nanoseconds, 1'800'000'000'123'456'789u);
  EXPECT_EQ(all[0].zone, "mynumber");
  EXPECT_TRUE(std::ranges::equal(all[0].octets, frame));
  EXPECT_EQ(all[0].length, 1500u);
  EXPECT_EQ(all[1].remark.reason, "rule-expired");
  EXPECT_EQ(all[1].remark.rule, "町.rules:7");
  EXPECT_EQ(all[1].remark.left_out, 12u);
  EXPECT_EQ(all[1].octets.size(), 15u);
  EXPECT_EQ(all[2].length, 0u);
  EXPECT_EQ(all[2].remark.left_out, 99u);

  EXPECT_EQ(archive->choose({.zone = "lgwan"}).size(), 2u);
  EXPECT_EQ(archive->choose({.reason = "rule-expired"}).size(), 1u);
  EXPECT_EQ(archive->choose({.since = 1'800'000'001}).size(), 2u);
  EXPECT_EQ(archive->choose({.host = parse_ip("10.2.0.40")}).size(), 1u);
  EXPECT_EQ(archive->choose({.host = parse_ip("10.2.0.41")}).size(), 0u);
}

TEST(Evidence, LibpcapReadsTheMergedCapture) {
  Files files;
  Buffer frame = some_frame();
  Segments segments(files.fds, least_size, zones);
  for (std::uint64_t i = 0; i < 10; ++i)
    segments.add(packet_at(1'800'000'000'000'000'007 + i * 1'000'000'000, frame, "not-listed", i % 2));
  segments.add(Statistics{0, 1'800'000'100'000'000'000, write_left_out("not-listed", 99)});
  ASSERT_TRUE(segments.flush());
  Result<Archive> archive = Archive::open(files.folder.path());
  ASSERT_TRUE(archive);
  Buffer capture = archive->merged(archive->choose({}), "for a test");
  files.folder.write("merged", std::string(as_chars(capture)));
  char error[PCAP_ERRBUF_SIZE];
  pcap_t *pcap = pcap_open_offline_with_tstamp_precision((files.folder.path() + "/merged").c_str(),
                                                         PCAP_TSTAMP_PRECISION_NANO, error);
  ASSERT_TRUE(pcap) << error;
  EXPECT_EQ(pcap_datalink(pcap), DLT_EN10MB);
  pcap_pkthdr *header;
  const u_char *octets;
  for (int i = 0; i < 10; ++i) {
    ASSERT_EQ(pcap_next_ex(pcap, &header, &octets), 1) << pcap_geterr(pcap);
    EXPECT_EQ(header->ts.tv_sec, 1'800'000'000 + i);
    EXPECT_EQ(header->ts.tv_usec, 7);
    EXPECT_EQ(header->caplen, 60u);
    EXPECT_EQ(header->len, 1500u);
  }
  EXPECT_EQ(pcap_next_ex(pcap, &header, &octets), PCAP_ERROR_BREAK) << pcap_geterr(pcap);
  pcap_close(pcap);
}

TEST(Evidence, TheRoomIsBoundedAndTheNewestIsKept) {
  Files files;
  Buffer frame(256);
  Segments segments(files.fds, least_size, zones);
  constexpr std::uint64_t count = 20'000; // six times what fits
  for (std::uint64_t i = 0; i < count; ++i) {
    segments.add(packet_at(i, frame, "not-listed"));
    if (i % 50 == 0) {
      ASSERT_TRUE(segments.flush());
    }
  }
  ASSERT_TRUE(segments.flush());
  EXPECT_LE(files.octets(), least_size);
  Result<Archive> archive = Archive::open(files.folder.path());
  ASSERT_TRUE(archive);
  std::vector<KeptPacket> all = archive->choose({});
  EXPECT_GT(all.size(), 2000u);
  EXPECT_EQ(all.back().nanoseconds, count - 1);
  EXPECT_EQ(all.front().nanoseconds, count - all.size()) << "without a gap";
}

TEST(Evidence, AfterARestartTheOldestIsBegunNext) {
  Files files;
  Buffer frame(256);
  for (std::uint64_t run = 0; run < 3 * segment_count; ++run) {
    Segments segments(files.fds, least_size, zones);
    segments.add(packet_at(run, frame, "not-listed"));
    ASSERT_TRUE(segments.flush());
  }
  Segments quiet(files.fds, least_size, zones); // nothing refused: nothing is overwritten
  Result<Archive> archive = Archive::open(files.folder.path());
  ASSERT_TRUE(archive);
  std::vector<KeptPacket> all = archive->choose({});
  ASSERT_EQ(all.size(), segment_count);
  for (std::size_t i = 0; i < all.size(); ++i) EXPECT_EQ(all[i].nanoseconds, 2 * segment_count + i);
}

TEST(Evidence, DamageEndsASegmentAndNothingElse) {
  Files files;
  Buffer frame = some_frame();
  {
    Segments segments(files.fds, least_size, zones);
    segments.add(packet_at(1, frame, "not-listed"));
    ASSERT_TRUE(segments.flush());
  }
  {
    Segments segments(files.fds, least_size, zones);
    segments.add(packet_at(2, frame, "not-listed"));
    ASSERT_TRUE(segments.flush());
  }
  std::string whole = files.folder.read(segment_name(0));
  for (std::size_t i = 0; i < whole.size(); ++i) {
    for (int bit : {0, 3, 7}) {
      std::string broken = whole;
      broken[i] = static_cast<char>(broken[i] ^ (1 << bit));
      files.folder.write(segment_name(0), broken);
      Result<Archive> archive = Archive::open(files.folder.path());
      ASSERT_TRUE(archive);
      EXPECT_GE(archive->choose({}).size(), 1u);
    }
    files.folder.write(segment_name(0), whole.substr(0, i));
    Result<Archive> archive = Archive::open(files.folder.path());
    ASSERT_TRUE(archive);
    EXPECT_EQ(archive->choose({}).size(), 1u) << i;
    EXPECT_TRUE(archive->notes().empty()) << "cut: it is being written";
  }
}

TEST(Evidence, AFullDiskIsToldAndLeavesWholeBlocks) {
  std::vector<int> fds = {::open("/dev/full", O_RDWR)};
  Segments segments(fds, least_size, zones);
  segments.add(packet_at(1, some_frame(), "not-listed"));
  EXPECT_FALSE(segments.flush());
  ::close(fds[0]);
}

TEST(Evidence, ConcernsAHost) {
  Buffer frame = some_frame();
  Ip from = *parse_ip("10.1.0.11"), to = *parse_ip("10.2.0.40"), other = *parse_ip("10.2.0.4");
  EXPECT_TRUE(concerns(frame, from) && concerns(frame, to));
  EXPECT_FALSE(concerns(frame, other));
  for (std::size_t length = 0; length < 34; ++length) EXPECT_FALSE(concerns(Bytes(frame).first(length), to)) << length;
  Buffer tagged(frame.begin(), frame.begin() + 12);
  for (int octet : {0x88, 0xa8, 0, 200, 0x81, 0, 0, 101}) tagged.push_back(static_cast<std::byte>(octet));
  tagged.insert(tagged.end(), frame.begin() + 12, frame.end());
  EXPECT_TRUE(concerns(tagged, from));
}

TEST(Evidence, Remarks) {
  for (const Remark &remark : {Remark{"not-listed", "", 0}, Remark{"not-listed", "a b (1).rules:3", 0},
                               Remark{"not-listed", "", 5}, Remark{"rule-expired", "t.rules:1", 1'000'000}}) {
    Remark read = read_remark(write_remark(remark));
    EXPECT_EQ(read.reason, remark.reason);
    EXPECT_EQ(read.rule, remark.rule);
    EXPECT_EQ(read.left_out, remark.left_out);
  }
  EXPECT_EQ(read_remark("").reason, "");
  EXPECT_EQ(read_remark("x (99999999999999999999 more left out)").left_out, 0u);
}

} // namespace
} // namespace sekisho::evidence
