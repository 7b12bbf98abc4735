// HTML to text beside others: the characters of the html5lib tokenizer tests, the words of the
// html2text pairs.
#include "sanitizer/text/charset.hh"
#include "sanitizer/text/clean.hh"
#include "sanitizer/text/html.hh"
#include "tests/unit/sanitizer/corpus.hh"
#include "tests/unit/sanitizer/mail/oracle.hh"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>

namespace sekisho::oracle {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

/// Cleaned, without any white space: layout is ours.
std::string bare(std::string_view text) {
  text::Findings ignored;
  std::string cleaned = text::clean(text, ignored);
  for (std::string_view space : {"\u00a0", "\u3000"})
    for (std::size_t at; (at = cleaned.find(space)) != std::string::npos;)
      cleaned.erase(at, space.size());
  std::erase_if(cleaned, [](char c) { return c == ' ' || c == '\n' || c == '\t'; });
  return cleaned;
}

/// The characters of the tokens, or nothing where a tag means more than its characters.
bool characters_of(const json &tokens, std::string &characters) {
  static const std::set<std::string> plain = {"h", "b", "i", "span", "foo", "bar", "x", "y", "z"};
  for (const json &token : tokens) {
    if (!token.is_array()) continue; // "ParseError"
    const std::string kind = token[0];
    if (kind == "Character") characters += token[1].get<std::string>();
    if ((kind == "StartTag" || kind == "EndTag") && !plain.contains(token[1].get<std::string>()))
      return false;
    if (kind == "StartTag" && token.size() > 2 && !token[2].empty() && token[2].contains("hidden"))
      return false;
  }
  return true;
}

TEST(Html5lib, the_same_characters) {
  if (!corpus::present()) GTEST_SKIP() << "no corpus";
  Differences differences("html5lib");
  std::size_t compared = 0;
  for (const fs::path &path :
       files_below(corpus::folder() / "mail/html5-tokenizer/tokenizer", ".test")) {
    const json file = json::parse(corpus::read(path));
    if (!file.contains("tests")) continue;
    for (const json &test : file["tests"]) {
      if (test.value("doubleEscaped", false)) continue;
      if (test.contains("initialStates") &&
          std::none_of(test["initialStates"].begin(), test["initialStates"].end(),
                       [](const json &state) { return state == "Data state"; }))
        continue;
      std::string wanted;
      if (!characters_of(test["output"], wanted)) continue;
      const std::string got = bare(text::html_to_text(test["input"].get<std::string>()).text);
      compared++;
      if (got != bare(wanted))
        differences.add(path.filename().string(), bare(test["description"].get<std::string>()) +
                                                      ": «" + got + "» / «" + bare(wanted) + "»");
    }
  }
  EXPECT_GT(compared, 2000u);
  differences.finish();
}

/// Letters and digits between everything else; our defanged addresses as they were.
std::vector<std::string> words_of(std::string_view text) {
  std::string undone(text);
  for (auto [from, to] : {std::pair("hxxp", "http"), {"[.]", "."}})
    for (std::size_t at; (at = undone.find(from)) != std::string::npos;)
      undone.replace(at, std::string_view(from).size(), to);
  std::vector<std::string> words;
  std::string word;
  for (char c : undone + " ") {
    const bool letter = (c & 0x80) || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
                        (c >= 'a' && c <= 'z');
    if (letter) {
      word += c;
      continue;
    }
    if (!word.empty()) words.push_back(std::move(word));
    word.clear();
  }
  return words;
}

TEST(Html2text, the_same_words) {
  if (!corpus::present()) GTEST_SKIP() << "no corpus";
  Differences differences("html2text");
  const fs::path folder = corpus::folder() / "mail/html2text";
  std::size_t compared = 0;
  for (const fs::path &path : files_below(folder / "html", ".html")) {
    const fs::path reference = folder / "txt" / (path.stem().string() + ".txt");
    if (!fs::exists(reference)) continue;
    const std::string html = corpus::read(path);
    const std::string utf8 =
        text::decode_labelled(as_bytes(html), text::html_declared_charset(html)).text;
    const std::vector<std::string> ours = words_of(text::html_to_text(utf8).text);
    const std::vector<std::string> theirs = words_of(corpus::read(reference));
    compared++;
    const auto [our, their] =
        std::mismatch(ours.begin(), ours.end(), theirs.begin(), theirs.end());
    if (our != ours.end() || their != theirs.end())
      differences.add(path.filename().string(),
                      "word " + std::to_string(our - ours.begin()) + " of " +
                          std::to_string(theirs.size()) + ": «" +
                          (our == ours.end() ? "" : *our) + "» / «" +
                          (their == theirs.end() ? "" : *their) + "»");
  }
  EXPECT_GT(compared, 15u);
  differences.finish();
}

} // namespace
} // namespace sekisho::oracle
