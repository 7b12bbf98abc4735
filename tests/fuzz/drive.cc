// A fuzz target without libFuzzer, for the default tests: every kept input, and small changes of each by a fixed
// seed.  Finds what broke since; what is new is libFuzzer's to find.
//
//   NAME-drive ROUNDS FOLDER…
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size);

namespace {

using Input = std::vector<std::uint8_t>;

Input read(const std::filesystem::path &file) {
  std::ifstream in(file, std::ios::binary);
  return Input(std::istreambuf_iterator<char>(in), {});
}

Input changed(Input input, const std::vector<Input> &all, std::mt19937 &random) {
  for (unsigned changes = 1 + random() % 4; changes > 0; --changes) {
    std::size_t at = input.empty() ? 0 : random() % input.size();
    auto place = input.begin() + static_cast<std::ptrdiff_t>(at);
    switch (input.empty() ? 4 : random() % 6) {
    case 0: *place = static_cast<std::uint8_t>(random()); break;
    case 1: *place ^= static_cast<std::uint8_t>(1u << random() % 8); break;
    case 2: input.erase(place); break;
    case 3: input.resize(at); break;
    case 4: input.insert(place, static_cast<std::uint8_t>(random())); break;
    default: { // the rest of another input
      const Input &other = all[random() % all.size()];
      if (other.size() > at) input.assign(other.begin(), other.end());
    }
    }
  }
  return input;
}

} // namespace

int main(int count, char **words) {
  if (count < 3) return std::fputs("usage: drive ROUNDS FOLDER...\n", stderr), 2;
  std::vector<std::filesystem::path> files;
  for (int i = 2; i < count; ++i)
    for (const auto &file : std::filesystem::directory_iterator(words[i])) files.push_back(file.path());
  std::ranges::sort(files); // a folder's own order differs between machines, and with it every change
  std::vector<Input> all;
  for (const auto &file : files) all.push_back(read(file));
  if (all.empty()) return std::fputs("no input\n", stderr), 1;
  for (const Input &input : all) LLVMFuzzerTestOneInput(input.data(), input.size());
  std::mt19937 random(4);
  long rounds = std::strtol(words[1], nullptr, 10);
  for (long round = 0; round < rounds; ++round) {
    Input input = changed(all[random() % all.size()], all, random);
    LLVMFuzzerTestOneInput(input.data(), input.size());
  }
  std::printf("%zu kept inputs, %ld changed ones\n", all.size(), rounds);
}
