// Whole files beside what is said about them.  SEKISHO_ACCEPT=1 writes what is said now.
#include "tests/rules/case_file.hh"

namespace sekisho::rules::test {
namespace {

void expect_golden(const std::string &path, const std::string &text) {
  const char *accept = std::getenv("SEKISHO_ACCEPT");
  if (accept && *accept == '1') std::ofstream(path, std::ios::binary) << text;
  EXPECT_EQ(read(path), text) << path << ": if this is better, SEKISHO_ACCEPT=1 keeps it";
}

std::string sibling(const std::string &path, const std::string &extension) {
  return std::filesystem::path(path).replace_extension(extension).string();
}

std::string base_name(const std::string &path) {
  return std::filesystem::path(path).filename().string();
}

TEST(Errors, are_told_as_in_the_golden_files) {
  for (const std::string &path : files_in(folder() + "errors", ".rules")) {
    SCOPED_TRACE(path);
    std::vector<SourceFile> sources = {{base_name(path), read(path)}};
    Compiled compiled = compile(sources, now);
    EXPECT_FALSE(compiled.rules);
    expect_golden(sibling(path, ".err"), render(compiled.diagnostics, sources, false));
  }
}

TEST(Errors, between_files_name_both) {
  std::vector<SourceFile> sources = {{"zones.rules", "zone a { port \"a\"  network 10.1.0.0/24 }\n"
                                                     "host one { zone a  address 10.1.0.5 }\n"},
                                     {"hosts.rules", "\nhost two { zone a  address 10.1.0.5 }\n"}};
  Compiled compiled = compile(sources, now);
  EXPECT_FALSE(compiled.rules);
  EXPECT_EQ(render(compiled.diagnostics, sources, false),
            "hosts.rules:2:28-35: error: 10.1.0.5 is taken (Z5)\n"
            "    2 | host two { zone a  address 10.1.0.5 }\n"
            "      |                            ^^^^^^^^\n"
            "      zones.rules:2\n"
            "    2 | host one { zone a  address 10.1.0.5 }\n"
            "      |                            ~~~~~~~~ first here\n"
            "      help: an address belongs to one host\n");
}

/// Formats, and checks on the way what holds of every file: doing it twice changes nothing.
std::string canonical(const std::string &name, const std::string &text) {
  std::vector<Diagnostic> diagnostics;
  std::string once = format({name, text}, diagnostics);
  EXPECT_TRUE(diagnostics.empty()) << name;
  EXPECT_EQ(format({name, once}, diagnostics), once) << name;
  return once;
}

std::string hash_of(const std::string &text) {
  std::vector<SourceFile> sources = {{"rules", text}};
  Compiled compiled = compile(sources, now);
  EXPECT_TRUE(compiled.rules) << render(compiled.diagnostics, sources, false);
  return compiled.rules ? compiled.rules->hash() : "";
}

TEST(Format, is_as_in_the_golden_files_and_keeps_the_meaning) {
  for (const std::string &path : files_in(folder() + "format", ".rules")) {
    SCOPED_TRACE(path);
    std::string text = read(path), formatted = canonical(base_name(path), text);
    expect_golden(sibling(path, ".out"), formatted);
    EXPECT_EQ(hash_of(formatted), hash_of(text));
  }
}

TEST(Format, leaves_the_examples_alone) {
  for (const std::string &path :
       files_in(std::string(SEKISHO_SOURCE) + "/rules/examples", ".rules")) {
    std::string text = read(path);
    EXPECT_EQ(canonical(base_name(path), text), text);
    EXPECT_EQ(hash_of(text), hash_of(text));
  }
}

/// Line ends, a byte order mark and comments are no part of the policy.
TEST(Format, reads_what_editors_leave_behind) {
  std::string text = read(std::string(SEKISHO_SOURCE) + "/rules/examples/three-zones.rules");
  std::string crlf = "\xef\xbb\xbf", bare;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    crlf += line + "\r\n";
    if (!line.starts_with("#")) bare += line + "\n";
  }
  EXPECT_EQ(hash_of(crlf), hash_of(text));
  EXPECT_EQ(hash_of(bare), hash_of(text));
  EXPECT_EQ(canonical("crlf", crlf), text);
}

TEST(Format, says_nothing_of_a_file_with_errors) {
  std::vector<Diagnostic> diagnostics;
  EXPECT_EQ(format({"x", "zone { }"}, diagnostics), "");
  EXPECT_FALSE(diagnostics.empty());
}

// -- the manual
// ------------------------------------------------------------------------------------

std::string manual() {
  return read(std::string(SEKISHO_SOURCE) + "/docs/man/sekisho.rules.5.scd");
}

TEST(Manual, ends_with_the_grammar) {
  std::string grammar = read(std::string(SEKISHO_SOURCE) + "/rules/grammar.ebnf");
  EXPECT_TRUE(manual().ends_with("# GRAMMAR\n\n```\n" + grammar + "```\n"))
      << "copy rules/grammar.ebnf to the end of docs/man/sekisho.rules.5.scd";
}

TEST(Manual, lists_the_treatments_that_are_offered) {
  std::istringstream lines(manual());
  std::vector<std::string> found;
  std::string line, kind_class;
  while (std::getline(lines, line)) {
    if (line.starts_with("|  ")) kind_class = line.substr(3);
    if (line.starts_with(":  strip")) found.push_back(kind_class + ": " + line.substr(3));
  }
  std::vector<std::string> offered;
  for (std::size_t i = 1; i <= job::kind_class_count; ++i) { // `any` is told last
    job::KindClass one = static_cast<job::KindClass>(i % job::kind_class_count);
    std::string words(job::word_of(one));
    for (std::size_t t = 0; t < job::treatment_count; ++t)
      if (job::is_offered(one, static_cast<job::Treatment>(t)))
        words.append(t == 0 ? ": " : ", ").append(job::word_of(static_cast<job::Treatment>(t)));
    offered.push_back(words);
  }
  EXPECT_EQ(found, offered);
}

/// Its examples are rules.
TEST(Manual, shows_what_compiles) {
  std::istringstream lines(manual());
  std::string line, example;
  bool in_block = false;
  while (std::getline(lines, line) && line != "# GRAMMAR") {
    if (line == "```")
      in_block = !in_block;
    else if (in_block)
      example += line + "\n";
  }
  EXPECT_NE(example.find("relay mail"), std::string::npos);
  hash_of(example + R"(
zone lgwan { port "b"  network 10.2.0.0/24  address 10.2.0.1 }
zone internet { port "c"  network 10.3.0.0/24  address 10.3.0.1 }
zone asp { port "d"  network 10.4.0.0/24  address 10.4.0.1 }
host eltax { zone lgwan  address 10.2.0.40  mac 02:00:5e:10:00:02 }
host admin-pc { zone lgwan  address 10.2.0.41  mac 02:00:5e:10:00:03 }
host gateway-2 { zone lgwan  address 10.2.0.2  mac 02:00:5e:10:00:04 }
)");
}

} // namespace
} // namespace sekisho::rules::test
