// IPv4 networks in a trie, against a look at each.
#include "rules/trie4.hh"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace sekisho::rules {
namespace {

struct Net {
  std::uint32_t address = 0;
  unsigned bits = 0;
  auto operator<=>(const Net &) const = default;
  std::uint32_t mask() const { return bits == 0 ? 0 : ~std::uint32_t{0} << (32 - bits); }
};

std::uint32_t narrowest(const std::vector<Net> &nets, std::uint32_t address) {
  std::uint32_t found = 0;
  for (std::size_t i = 0; i < nets.size(); ++i) // in order: narrower ones come later
    if ((address & nets[i].mask()) == nets[i].address) found = static_cast<std::uint32_t>(i + 1);
  return found;
}

TEST(Trie4, finds_the_narrowest_network) {
  std::mt19937 random(4);
  for (int round = 0; round < 200; ++round) {
    std::vector<Net> nets;
    std::uint32_t common = round % 2 ? 0 : 0x0a010000; // nets that lie in each other, and far apart
    for (unsigned i = 0; i < 1u + random() % 60; ++i) {
      Net net{.bits = static_cast<unsigned>(random() % 33)};
      net.address = ((random() & (common ? 0xffff : 0xffffffff)) | common) & net.mask();
      nets.push_back(net);
    }
    std::ranges::sort(nets);
    nets.erase(std::unique(nets.begin(), nets.end()), nets.end()); // clang 14 cannot take the one of ranges
    Trie4 trie;
    for (std::size_t i = 0; i < nets.size(); ++i) trie.add(nets[i].address, nets[i].bits, static_cast<std::uint32_t>(i + 1));
    auto expect_same = [&](std::uint32_t address) {
      ASSERT_EQ(trie.at(address), narrowest(nets, address)) << std::hex << address;
    };
    for (int i = 0; i < 200; ++i) expect_same((random() & (common ? 0xffff : 0xffffffff)) | common);
    for (const Net &net : nets)
      for (std::uint32_t edge : {net.address, net.address | ~net.mask(), net.address - 1, (net.address | ~net.mask()) + 1})
        expect_same(edge);
  }
}

} // namespace
} // namespace sekisho::rules
