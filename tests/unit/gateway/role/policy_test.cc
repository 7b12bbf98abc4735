// What the supervisor reads and hands on: rule files and the notes that they name.
#include "gateway/role/policy.hh"

#include "gateway/role/channel/long_text.hh"
#include "gateway/role/channel/secrets.hh"
#include "tests/unit/gateway/record/folder.hh"

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <sys/stat.h>
#include <unistd.h>

namespace sekisho::role {
namespace {

constexpr UnixSeconds now = 1'795'000'000; // 2026-11-18

struct Files {
  test::Folder folder;
  std::string note = folder.path() + "/note.txt", rules = folder.path() + "/town.rules";
  Files() {
    write(rules, "zone a { port \"a\"  network 10.1.0.0/24  address 10.1.0.1 }\n"
                 "relay mail from a to a { recipients \"*@a.example\"  next-hop 10.1.0.25  note \"" +
                     note + "\"  for \"a\"  owner \"b\"  approved \"c\" }\n");
  }
  static void write(const std::string &path, const std::string &text) {
    std::ofstream(path, std::ios::binary) << text;
  }
};

/// Where the rules name this file, as errors show it.
std::string place_of(const std::string &rules, const std::string &named) {
  std::ifstream file(rules);
  std::string line;
  for (std::size_t number = 1; std::getline(file, line); ++number)
    if (const std::size_t at = line.find('"' + named + '"'); at != std::string::npos)
      return fmt::format("{}:{}:{}-{}: error: ", rules, number, at + 1, at + 2 + named.size());
  return "nowhere";
}

const std::string words = "[ja]\n{taken}\n\n番号 {receipt}\n[en]\n{taken}\n\nNo. {receipt}\n";

TEST(Policy, NotesGoWithTheRules) {
  Files files;
  Files::write(files.note, words);
  const Result<Policy> policy = load_policy({files.rules}, now);
  ASSERT_TRUE(policy) << policy.error().what;
  EXPECT_EQ(policy->rules->relays()[0].plan.note_words, words);
  // A role gets the same, however the file has changed meanwhile.
  Files::write(files.note, "[ja]\n");
  auto sources = decode_sources(encode_sources(policy->sources));
  ASSERT_TRUE(sources);
  const Result<Policy> again = compile_policy(std::move(*sources), now);
  ASSERT_TRUE(again) << again.error().what;
  EXPECT_EQ(again->rules->relays()[0].plan.note_words, words);
  EXPECT_EQ(again->rules->hash(), policy->rules->hash());
}

TEST(Policy, ANoteThatCannotBeUsedMakesNone) {
  Files files;
  const Result<Policy> absent = load_policy({files.rules}, now);
  ASSERT_FALSE(absent);
  const std::string place = place_of(files.rules, files.note);
  EXPECT_TRUE(absent.error().what.starts_with(place + "cannot read " + files.note + ": No such file or directory (H2)\n")) << absent.error().what;
  EXPECT_NE(absent.error().what.find(" ^^^^^"), std::string::npos) << absent.error().what;
  EXPECT_NE(absent.error().what.find("help: the file must be there when the rules are read"), std::string::npos) << absent.error().what;
  ASSERT_EQ(::mkfifo(files.note.c_str(), 0600), 0);
  const Result<Policy> pipe = load_policy({files.rules}, now);
  ASSERT_FALSE(pipe);
  EXPECT_TRUE(pipe.error().what.starts_with(place + "cannot read " + files.note + ": it is no plain file")) << pipe.error().what;
  ::unlink(files.note.c_str());
  Files::write(files.note, "[ja]\n{receipt}\n");
  const Result<Policy> wrong = load_policy({files.rules}, now);
  ASSERT_FALSE(wrong);
  EXPECT_NE(wrong.error().what.find("note.txt:1:1: error: there is no section [en]"), std::string::npos)
      << wrong.error().what;
}

/// `apply` sends what its user may read; the daemon reads nothing in his stead.
TEST(Policy, ANoteThatWasNotSentIsNotRead) {
  Files files;
  Files::write(files.note, words);
  auto sources = read_rule_files({files.rules});
  ASSERT_TRUE(sources);
  std::erase_if(*sources, &rules::SourceFile::is_note);
  const Result<Policy> policy = compile_policy(std::move(*sources), now);
  ASSERT_FALSE(policy);
  EXPECT_NE(policy.error().what.find("this file was not read"), std::string::npos);
}

/// What was in force is not what the files say once the note is gone from the disk, though it was empty.
TEST(Policy, AFileThatCannotBeReadSaysNothing) {
  const std::vector<rules::SourceFile> read = {{"a.rules", "x"}, {"/list", "", true}};
  std::vector<rules::SourceFile> unread = read;
  EXPECT_TRUE(have_same_text(read, unread));
  unread[1].unread = "cannot read /list: No such file or directory";
  EXPECT_FALSE(have_same_text(read, unread));
  EXPECT_EQ(decode_sources(encode_sources(unread))->size(), 1u) << "nobody takes it for an empty one";
}

// -- certificates and keys ------------------------------------------------------------------------------------

struct TlsFiles : Files {
  std::string certificate = folder.path() + "/gate.crt", key = folder.path() + "/gate.key";
  TlsFiles() {
    write(rules, "zone a { port \"a\"  network 10.1.0.0/24  address 10.1.0.1 }\n"
                 "relay mail from a to a { recipients \"*@a.example\"  next-hop 10.1.0.25  tls offered certificate \"" +
                     certificate + "\" key \"" + key + "\"  for \"a\"  owner \"b\"  approved \"c\" }\n");
    make(certificate, key);
  }
  static void make(const std::string &certificate, const std::string &key) {
    const std::string command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -subj /CN=gate "
                                "-keyout " + key + " -out " + certificate + " 2>/dev/null && chmod 600 " + key;
    ASSERT_EQ(std::system(command.c_str()), 0);
  }
  std::string error() const {
    const Result<Policy> policy = load_policy({rules}, now);
    return policy ? "none" : policy.error().what;
  }
};

std::string slurp(const std::string &path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

TEST(Policy, CertificatesGoBesideTheRules) {
  TlsFiles files;
  const Result<Policy> policy = load_policy({files.rules}, now);
  ASSERT_TRUE(policy) << policy.error().what;
  EXPECT_EQ(policy->warnings, "");
  const std::string key = slurp(files.key);
  EXPECT_EQ(as_chars(encode_sources(policy->sources)).find("PRIVATE KEY"), std::string::npos); // no role but one has it
  Result<Secrets> secrets = read_secrets(policy->secrets->get());
  ASSERT_TRUE(secrets) << secrets.error().what;
  EXPECT_EQ(secrets->size(), 2u);
  EXPECT_EQ((*secrets)[files.key], key);
  Result<UniqueFd> memfd = rules_with_secrets_memfd(policy->sources, policy->secrets->get());
  ASSERT_TRUE(memfd);
  Result<RulesWithSecrets> read = read_rules_with_secrets(memfd->get());
  ASSERT_TRUE(read) << read.error().what;
  EXPECT_EQ(read->sources.size(), policy->sources.size());
  EXPECT_EQ(read->secrets, *secrets);
}

/// As with notes: who sends rules may name what is in force, and have nothing else read by root.
TEST(Policy, ACertificateThatIsNotInForceIsNotReadForRulesThatWereSent) {
  TlsFiles files;
  const Result<Policy> in_force = load_policy({files.rules}, now);
  ASSERT_TRUE(in_force);
  const Result<Policy> same = compile_policy(in_force->sources, now, in_force->rules.get());
  EXPECT_TRUE(same);
  std::vector<rules::SourceFile> sources = in_force->sources;
  const std::size_t at = sources[0].text.find(files.key);
  sources[0].text.replace(at, files.key.size(), "/etc/shadow");
  const Result<Policy> other = compile_policy(std::move(sources), now, in_force->rules.get());
  ASSERT_FALSE(other);
  EXPECT_TRUE(other.error().what.starts_with(files.rules + ":2:")) << other.error().what;
  EXPECT_NE(other.error().what.find("/etc/shadow is not read for rules that are sent"), std::string::npos) << other.error().what;
}

TEST(Policy, ACertificateThatCannotBeUsedMakesNone) {
  TlsFiles files;
  const std::string key = slurp(files.key);
  std::filesystem::remove(files.key);
  const std::string at_key = place_of(files.rules, files.key), at_certificate = place_of(files.rules, files.certificate);
  EXPECT_TRUE(files.error().starts_with(at_key + "cannot read " + files.key + ": No such file or directory\n")) << files.error();
  EXPECT_NE(files.error().find(" ^^^^^"), std::string::npos) << files.error();
  EXPECT_NE(files.error().find("help: it holds the certificate's private key in PEM"), std::string::npos) << files.error();
  TlsFiles::write(files.key, key);
  std::filesystem::permissions(files.key, std::filesystem::perms(0604));
  EXPECT_TRUE(files.error().starts_with(at_key + files.key + ": everybody may read this key")) << files.error();
  std::filesystem::permissions(files.key, std::filesystem::perms(0600));
  EXPECT_EQ(files.error(), "none");
  TlsFiles::write(files.key, key.substr(0, key.size() / 2));
  EXPECT_NE(files.error().find(files.key + ": no private key without a passphrase in it"), std::string::npos) << files.error();
  TlsFiles::make(files.folder.path() + "/other.crt", files.key);
  EXPECT_TRUE(files.error().starts_with(at_key + files.key + ": this is not the key of " + files.certificate)) << files.error();
  TlsFiles::write(files.certificate, "nonsense");
  EXPECT_TRUE(files.error().starts_with(at_certificate + files.certificate + ": no certificate in it")) << files.error();
  std::filesystem::remove(files.certificate);
  std::filesystem::remove(files.key);
  EXPECT_TRUE(files.error().starts_with(at_certificate)) << files.error();
  EXPECT_NE(files.error().find(at_key), std::string::npos) << "both at once: " << files.error();
}

// -- passwords of next hops ----------------------------------------------------------------------------------

struct PasswordFiles {
  test::Folder folder;
  std::string password = folder.path() + "/next-hop.password", rules = folder.path() + "/town.rules";
  PasswordFiles() {
    Files::write(rules, "zone a { port \"a\"  network 10.1.0.0/24  address 10.1.0.1 }\n"
                        "relay mail from a to a { recipients \"*@a.example\"  next-hop 10.1.0.25  next-hop-tls required pin "
                        "\"sha256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\"  next-hop-login \"gw\" password \"" +
                            password + "\"  for \"a\"  owner \"b\"  approved \"c\" }\n");
    write("secret\n");
  }
  void write(const std::string &text, mode_t mode = 0600) {
    Files::write(password, text);
    ::chmod(password.c_str(), mode);
  }
};

TEST(Policy, APasswordGoesBesideTheRules) {
  PasswordFiles files;
  const Result<Policy> policy = load_policy({files.rules}, now);
  ASSERT_TRUE(policy) << policy.error().what;
  Result<Secrets> secrets = read_secrets(policy->secrets->get());
  ASSERT_TRUE(secrets);
  EXPECT_EQ(*secrets, (Secrets{{files.password, "secret"}}));
  for (const rules::SourceFile &source : policy->sources) EXPECT_EQ(source.text.find("secret"), std::string::npos);
  Result<UniqueFd> memfd = rules_with_secrets_memfd(policy->sources, policy->secrets->get());
  ASSERT_TRUE(memfd);
  Result<RulesWithSecrets> there = read_rules_with_secrets(memfd->get());
  ASSERT_TRUE(there);
  EXPECT_EQ(there->secrets, *secrets);
  Result<std::string> encoded = read_memfd(policy->secrets->get(), max_secrets);
  ASSERT_TRUE(encoded);
  Result<UniqueFd> cut = sealed_memfd("cut", as_bytes(std::string_view(*encoded).substr(0, encoded->size() - 1)));
  ASSERT_TRUE(cut);
  EXPECT_FALSE(read_secrets(cut->get()));
  EXPECT_TRUE(read_secrets(secrets_memfd({})->get())->empty());
}

TEST(Policy, AFileThatOthersMayReadHoldsNoPassword) {
  PasswordFiles files;
  for (const mode_t mode : {0640, 0604, 0660}) {
    files.write("secret\n", mode);
    const Result<Policy> policy = load_policy({files.rules}, now);
    ASSERT_FALSE(policy) << mode;
    EXPECT_TRUE(policy.error().what.starts_with(place_of(files.rules, files.password) + files.password + ": ")) << policy.error().what;
    EXPECT_NE(policy.error().what.find("chmod 600"), std::string::npos) << policy.error().what;
    EXPECT_EQ(policy.error().what.find("secret"), std::string::npos);
  }
  for (const std::string &text : {std::string(), std::string("\n"), std::string("two\nlines\n"), std::string(256, 'x')}) {
    files.write(text);
    EXPECT_FALSE(load_policy({files.rules}, now)) << text;
  }
  ::unlink(files.password.c_str());
  ASSERT_EQ(::symlink("/etc/hostname", files.password.c_str()), 0);
  EXPECT_FALSE(load_policy({files.rules}, now));
}

/// Whoever may send rules must not have any file of root's sent to a next hop of his.
TEST(Policy, SentRulesNameOnlyPasswordFilesThatAreReadAlready) {
  PasswordFiles files;
  Result<Policy> former = load_policy({files.rules}, now);
  ASSERT_TRUE(former);
  Result<Policy> same = compile_policy(former->sources, now, former->rules.get());
  ASSERT_TRUE(same);
  EXPECT_EQ(*read_secrets(same->secrets->get()), *read_secrets(former->secrets->get()));
  const std::vector<rules::SourceFile> zone = {{"zone.rules", "zone a { port \"a\"  network 10.1.0.0/24  address 10.1.0.1 }\n"}};
  const rules::Compiled nothing = rules::compile(zone, now);
  ASSERT_TRUE(nothing.rules);
  EXPECT_FALSE(compile_policy(former->sources, now, nothing.rules.get()));
}

/// A file that everybody may read is no key because a certificate stands in it too.
TEST(Policy, AKeyBesideACertificateIsAsCloselyKept) {
  TlsFiles files;
  const std::string both = slurp(files.certificate) + slurp(files.key);
  TlsFiles::write(files.certificate, both);
  TlsFiles::write(files.rules, [&] {
    std::string text = slurp(files.rules);
    text.replace(text.find(files.key), files.key.size(), files.certificate);
    return text;
  }());
  std::filesystem::permissions(files.certificate, std::filesystem::perms(0644));
  EXPECT_NE(files.error().find(files.certificate + ": everybody may read this key"), std::string::npos) << files.error();
  std::filesystem::permissions(files.certificate, std::filesystem::perms(0600));
  EXPECT_EQ(files.error(), "none");
}

// -- keys of DKIM signatures ---------------------------------------------------------------------------------

TEST(Policy, ASigningKeyIsRootsAloneOrIsNotThere) {
  TlsFiles files;
  ASSERT_EQ(std::system(("openssl genpkey -algorithm ed25519 -out " + files.key).c_str()), 0);
  TlsFiles::write(files.rules, "zone a { port \"a\"  network 10.1.0.0/24  address 10.1.0.1 }\n"
                               "relay mail from a to a { recipients \"*@a.example\"  next-hop 10.1.0.25\n  sign dkim domain \"a.example\" "
                               "selector \"s\" key \"" + files.key + "\"  for \"a\"  owner \"b\"  approved \"c\" }\n");
  Result<Policy> policy = load_policy({files.rules}, now);
  ASSERT_TRUE(policy) << policy.error().what;
  EXPECT_EQ((*read_secrets(policy->secrets->get()))[files.key], slurp(files.key));
  EXPECT_EQ(policy->unusable, "");
  EXPECT_EQ(policy->warnings, "");
  std::filesystem::permissions(files.key, std::filesystem::perms(0640));
  policy = load_policy({files.rules}, now);
  ASSERT_TRUE(policy);
  EXPECT_NE(policy->warnings.find(": warning: nothing can be signed: " + files.key), std::string::npos) << policy->warnings;
  EXPECT_EQ(policy->unusable.find("openssl"), std::string::npos) << "it would be written over";
  EXPECT_TRUE(policy->unusable.starts_with(fmt::format("{}:3:49-{}: error: nothing can be signed: {}: it must belong to root", files.rules,
                                                       50 + files.key.size(), files.key))) << policy->unusable;
  EXPECT_NE(policy->unusable.find(" ^^^^^"), std::string::npos) << policy->unusable;
  EXPECT_TRUE(read_secrets(policy->secrets->get())->empty());
  for (const char *wrong : {"", "no key\n"}) {
    TlsFiles::write(files.key, wrong);
    std::filesystem::permissions(files.key, std::filesystem::perms(0600));
    EXPECT_NE(load_policy({files.rules}, now)->unusable.find("no private key in PEM"), std::string::npos) << wrong;
  }
  std::filesystem::remove(files.key);
  policy = load_policy({files.rules}, now);
  EXPECT_NE(policy->unusable.find("No such file"), std::string::npos) << policy->unusable;
  EXPECT_NE(policy->unusable.find("to make one:  openssl genpkey"), std::string::npos) << policy->unusable;
}

} // namespace
} // namespace sekisho::role
