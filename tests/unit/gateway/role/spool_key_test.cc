#include "gateway/role/spool_key.hh"

#include "gateway/role/channel/long_text.hh"
#include "tests/unit/gateway/record/folder.hh"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <fstream>

namespace sekisho::role {
namespace {

constexpr std::size_t digits = 64;

/// The key's text stands nowhere in this program but where the code under test puts it: this is its disguise.
char digit(std::size_t i) { return static_cast<char>("fedcba9876543210"[(i * 7 + i / 16) % 16] ^ 0x55); }

constexpr std::size_t largest_heap = 1u << 28; // octets; what is larger is a sanitizer's own bookkeeping

char part[1 << 20];

/// How often the key stands in memory from `begin` to `end`.
std::size_t copies_between(int memory, std::size_t begin, std::size_t end) {
  std::size_t copies = 0;
  for (std::size_t at = begin; at < end; at += sizeof part - digits) {
    const ssize_t got = ::pread(memory, part, std::min(sizeof part, end - at), static_cast<off_t>(at));
    for (ssize_t i = 0; i + static_cast<ssize_t>(digits) <= got; ++i) {
      std::size_t same = 16; // what free() writes over the start of a piece is no wiping
      while (same < digits && (part[i + static_cast<ssize_t>(same)] ^ 0x55) == digit(same)) ++same;
      copies += same == digits;
    }
  }
  return copies;
}

/// How often it stands in what this process has allocated.  Takes nothing from there itself: that would overwrite what is
/// looked for.
std::size_t copies_on_heap() {
  static char maps[1 << 18];
  UniqueFd file(::open("/proc/self/maps", O_RDONLY)), memory(::open("/proc/self/mem", O_RDONLY));
  std::size_t length = 0;
  for (ssize_t got = 1; got > 0; length += static_cast<std::size_t>(got))
    got = std::max<ssize_t>(0, ::read(file.get(), maps + length, sizeof maps - 1 - length));
  std::size_t copies = 0;
  for (std::string_view rest(maps, length); !rest.empty();) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    const bool is_anonymous = line.find("rw-p 00000000 00:00 0") != std::string_view::npos;
    if (!is_anonymous || (line.ends_with(']') && !line.ends_with("[heap]"))) continue;
    char *dash = nullptr;
    const std::size_t begin = std::strtoull(line.data(), &dash, 16), end = std::strtoull(dash + 1, nullptr, 16);
    const auto own = reinterpret_cast<std::size_t>(part);
    if (end - begin <= largest_heap && (own < begin || own >= end)) copies += copies_between(memory.get(), begin, end);
  }
  return copies;
}

TEST(SpoolKey, IsNotLeftInTheSupervisorsMemory) { // A4, O5
  test::Folder folder;
  const std::string path = folder.path() + "/spool.key";
  {
    UniqueFd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600));
    for (std::size_t i = 0; i < digits; ++i) {
      const char c = static_cast<char>(digit(i) ^ 0x55);
      ASSERT_EQ(::write(file.get(), &c, 1), 1);
    }
  }
  ASSERT_EQ(copies_on_heap(), 0u);
  Result<UniqueFd> key = open_spool_key("", folder.path(), folder.path());
  ASSERT_TRUE(key) << key.error().what;
  EXPECT_EQ(copies_on_heap(), 0u);
  auto text = read_memfd(key->get(), 4096);
  ASSERT_TRUE(text);
  EXPECT_EQ(text->size(), digits);
  EXPECT_GE(copies_on_heap(), 1u) << "it is found where it is";
}

TEST(SpoolKey, ThatIsNoneIsRefused) {
  test::Folder folder;
  const std::string path = folder.path() + "/spool.key";
  std::ofstream(path) << "x\n";
  ::chmod(path.c_str(), 0600);
  EXPECT_FALSE(open_spool_key("", folder.path(), folder.path()));
  ::unlink(path.c_str());
  EXPECT_FALSE(open_spool_key(path, folder.path(), folder.path())) << "a given one is never made";
  EXPECT_TRUE(open_spool_key("", folder.path(), folder.path()));
  ::chmod(path.c_str(), 0644);
  EXPECT_FALSE(open_spool_key("", folder.path(), folder.path()));
}

} // namespace
} // namespace sekisho::role
