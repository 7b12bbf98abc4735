// Archives (H3): each member treated, a new plain zip; what must not come out; bombs; names.
#include "sanitizer/job/codec.hh"
#include "sanitizer/rebuild/rebuild.hh"
#include "sanitizer/verify/verify.hh"
#include "sanitizer/zip/archive.hh"
#include "sanitizer/zip/unpack.hh"
#include "sanitizer/zip/writer.hh"
#include "tests/unit/sanitizer/corpus.hh"
#include "tests/unit/sanitizer/support/make_zip.hh"

#include <gtest/gtest.h>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <iostream>
#include <map>

namespace sekisho::rebuild {
namespace {

using job::Status;
using support::make_zip;
using Files = std::map<std::string, std::string>;

job::Plan plan() {
  job::Plan plan;
  const auto set = [&](job::KindClass kind, job::Treatment treatment) {
    plan.treatments[static_cast<std::size_t>(kind)] = treatment;
  };
  set(job::KindClass::archive, job::Treatment::unpack);
  set(job::KindClass::text, job::Treatment::text);
  set(job::KindClass::mail, job::Treatment::text);
  set(job::KindClass::image, job::Treatment::render);
  set(job::KindClass::encrypted, job::Treatment::hold);
  return plan;
}

/// What the client does for a file in a file, in this process.
job::Outcome treat_inside(const job::Job &job) {
  job::Job inner = job;
  if (inner.plan.archive_depth > 0) --inner.plan.archive_depth;
  return file(inner, treat_inside);
}

job::Outcome run(std::string_view octets, const job::Plan &chosen = plan(),
                 const std::string &name = "a.zip") {
  job::Job job;
  job.name = name;
  job.plan = chosen;
  job.bytes = as_bytes(octets);
  job::Outcome outcome = file(job, treat_inside);
  EXPECT_TRUE(job::decode_outcome(job::encode(outcome), job.plan.max_output));
  if (outcome.status == Status::clean) {
    EXPECT_TRUE(verify::Verifier::accept(outcome.output_kind, Untrusted(outcome.output)));
  }
  return outcome;
}

Files files_in(const job::Outcome &outcome) {
  Files files;
  const zip::Archive archive = zip::read(outcome.output);
  EXPECT_FALSE(archive.first_fault()) << archive.first_fault().what;
  zip::Unpacker unpacker;
  for (const zip::Member &member : archive.members)
    files[member.name] = std::string(as_chars(*unpacker.unpack(member)));
  return files;
}

/// Of the member at `index`, counted from 1.
Reason reason_of(const job::Outcome &outcome, std::size_t index) {
  if (outcome.report.parts.size() <= index) return Reason::none;
  const std::vector<Reason> &reasons = outcome.report.parts[index].reasons;
  return reasons.empty() ? Reason::none : reasons.front();
}

const std::string program = "MZ" + std::string(200, '\x01');

TEST(Archive, each_member_is_treated) {
  const job::Outcome outcome = run(make_zip({{"a.txt", "text\n"},
                                             {"dir/", ""},
                                             {"dir/run.exe", program},
                                             {"dir/sub/b.csv", "a,b\n=cmd,2\nc,d\n"},
                                             {"page.html", "<p>x<script>y</script>"}}));
  ASSERT_EQ(outcome.status, Status::clean) << word_of(outcome.reason);
  EXPECT_EQ(outcome.output_kind, job::Kind::zip);
  EXPECT_EQ(files_in(outcome), (Files{{"a.txt", "text\n"},
                                      {"dir/sub/b.csv.txt", "a,b\n'=cmd,2\nc,d\n"},
                                      {"page.html.txt", "x\n"}}));
  ASSERT_EQ(outcome.report.parts.size(), 5u);
  EXPECT_EQ(outcome.report.parts[2].path, "1.2");
  EXPECT_EQ(outcome.report.parts[2].name, "a.zip/dir/run.exe");
  EXPECT_EQ(reason_of(outcome, 2), Reason::part_executable);
}

TEST(Archive, what_macos_puts_beside_files) { // RFC 1740, appendix B
  const std::string fork("\0\5\x16\7\0\2\0\0Mac OS X        ", 24);
  const job::Outcome outcome = run(make_zip({{"a.pdf.txt", "text\n"}, {"__MACOSX/._a.pdf", fork}, {"sub/._b.docx", fork}, {"._c.txt", "words\n"}}));
  ASSERT_EQ(outcome.report.parts.size(), 5u);
  for (const std::size_t part : {2u, 3u})
    EXPECT_EQ(outcome.report.parts[part].reasons, std::vector<Reason>{Reason::part_resource_fork});
  EXPECT_EQ(files_in(outcome).size(), 2u); // one of another sort is a file
}

TEST(Archive, same_input_same_output_and_no_strays) {
  std::vector<support::ZipMember> members;
  for (unsigned i = 0; i < 60; ++i)
    members.push_back({"f" + std::to_string(i) + ".txt", "mark<" + std::to_string(i) + ">\n"});
  const job::Outcome outcome = run(make_zip(members));
  EXPECT_EQ(outcome.output, run(make_zip(members)).output);
  const Files files = files_in(outcome);
  ASSERT_EQ(files.size(), 60u);
  for (unsigned i = 0; i < 60; ++i)
    EXPECT_EQ(files.at("f" + std::to_string(i) + ".txt"), members[i].contents);
}

TEST(Archive, names) {
  const job::Outcome outcome =
      run(make_zip({{"\x8e\x91\x97\xbf/\x95\\.txt", "sjis\n"}, // CP932: 資料/表.txt
                    {"a\xe2\x80\xae"
                     "fdp.txt",
                     ""},
                    {"x.txt", "1\n"},
                    {"X.TXT", "2\n"}}));
  ASSERT_EQ(outcome.status, Status::clean) << word_of(outcome.reason);
  Files files = files_in(outcome);
  EXPECT_EQ(files["x.txt"], "1\n");
  EXPECT_EQ(files["X (2).txt"], "2\n");
  for (const auto &[name, contents] : files)
    EXPECT_EQ(name.find("\xe2\x80\xae"), name.npos);
  const job::Outcome japanese = run(make_zip({{"\x8e\x91\x97\xbf/\x95\\.txt", "sjis\n"}}));
  EXPECT_EQ(files_in(japanese), (Files{{"資料/表.txt", "sjis\n"}}));
}

TEST(Archive, a_file_that_is_a_folder_too) { // who unpacks gets only one of them
  const job::Outcome outcome = run(make_zip({{"a.txt", "1\n"},
                                             {"a.txt/b.txt", "2\n"},
                                             {"A.TXT/c.txt", "3\n"},
                                             {"a.txt (2)", "4\n"},
                                             {"d/e/f.txt", "5\n"},
                                             {"d/E.txt", "6\n"},
                                             {"d/e", "7\n"},
                                             {"d", "8\n"},
                                             {"g.txt/h.txt", "9\n"},
                                             {"g.txt", "10\n"}}));
  ASSERT_EQ(outcome.status, Status::clean) << word_of(outcome.reason);
  EXPECT_EQ(files_in(outcome), (Files{{"a.txt", "1\n"},
                                      {"a.txt (2)/b.txt", "2\n"},
                                      {"A.TXT (2)/c.txt", "3\n"},
                                      {"a.txt (2).txt", "4\n"},
                                      {"d/e/f.txt", "5\n"},
                                      {"d/E.txt", "6\n"},
                                      {"d/e (2).txt", "7\n"},
                                      {"d.txt", "8\n"},
                                      {"g.txt/h.txt", "9\n"},
                                      {"g (2).txt", "10\n"}}));
  zip::Writer both;
  both.add("a.txt/b.txt", as_bytes(program.substr(0, 1)));
  both.add("A.txt", as_bytes(program.substr(0, 1)));
  EXPECT_FALSE(verify::Verifier::accept(job::Kind::zip, Untrusted(both.finish())));
}

TEST(Archive, long_names) { // cut in their middle, numbers too: file systems take 255 octets
  std::string series;
  for (unsigned i = 0; i < 100; ++i)
    series += "計";
  const Files files = files_in(run(make_zip({{series + "_1.txt", "1\n"}, {series + "_2.txt", "2\n"}, {series + "!_2.txt", "3\n"}, {series + "?_2.txt", "4\n"}})));
  ASSERT_EQ(files.size(), 4u);
  for (const auto &[name, contents] : files) {
    EXPECT_LE(name.size(), 255u);
    EXPECT_NE(name.find("計…計"), name.npos) << name;
    EXPECT_NE(name.find(contents == "1\n" ? "_1.txt" : "_2"), name.npos) << name;
  }
}

TEST(Archive, names_that_differ_in_case_alone) {
  const auto twice = [](const std::string &one, const std::string &other) {
    return files_in(run(make_zip({{one, "1\n"}, {other, "2\n"}})));
  };
  EXPECT_EQ(twice("Ａ.txt", "ａ.txt"), (Files{{"Ａ.txt", "1\n"}, {"ａ (2).txt", "2\n"}}));
  EXPECT_EQ(twice("é/ⅳ.txt", "É/Ⅳ.txt"), (Files{{"é/ⅳ.txt", "1\n"}, {"É/Ⅳ (2).txt", "2\n"}}));
  EXPECT_EQ(twice("Я.txt", "я.txt").size(), 2u);
  EXPECT_EQ(twice("ア.txt", "ｱ.txt"), (Files{{"ア.txt", "1\n"}, {"ｱ.txt", "2\n"}}));
  // Of macOS, and as others write it: one file there, two here.
  EXPECT_EQ(twice("ガ.txt", "カ\u3099.txt"), (Files{{"ガ.txt", "1\n"}, {"カ\u3099 (2).txt", "2\n"}}));
  EXPECT_EQ(twice("は\u309a/ヴ.txt", "ぱ/ウ\u3099.txt"), (Files{{"は\u309a/ヴ.txt", "1\n"}, {"ぱ/ウ\u3099 (2).txt", "2\n"}}));
  EXPECT_EQ(twice("ん\u3099.txt", "ん.txt"), (Files{{"ん\u3099.txt", "1\n"}, {"ん.txt", "2\n"}}));
  zip::Writer both;
  both.add("ａ.txt", as_bytes(program.substr(0, 1)));
  both.add("Ａ.txt", as_bytes(program.substr(0, 1)));
  EXPECT_FALSE(verify::Verifier::accept(job::Kind::zip, Untrusted(both.finish())));
  zip::Writer twins;
  twins.add("ガ.txt", as_bytes(program.substr(0, 1)));
  twins.add("カ\u3099.txt", as_bytes(program.substr(0, 1)));
  EXPECT_FALSE(verify::Verifier::accept(job::Kind::zip, Untrusted(twins.finish())));
}

TEST(Archive, members_that_lead_elsewhere_are_left_out) {
  for (std::string_view name :
       {"../../etc/a.txt", "/abs.txt", "c:\\x.txt", "..\\up.txt", "a/../../b.txt"}) {
    const job::Outcome outcome =
        run(make_zip({{std::string(name), "outside\n"}, {"in.txt", "inside\n"}}));
    ASSERT_EQ(outcome.status, Status::clean) << name << word_of(outcome.reason);
    EXPECT_EQ(files_in(outcome), (Files{{"in.txt", "inside\n"}})) << name;
    EXPECT_EQ(reason_of(outcome, 1), Reason::zip_name) << name;
  }
  std::string link = make_zip({{"link", "/etc/passwd"}});
  const std::size_t entry = link.find("PK\1\2");
  link[entry + 5] = 3; // made on Unix
  link[entry + 41] = static_cast<char>(0xa1),
               link[entry + 40] = static_cast<char>(0xff); // a symbolic link
  const job::Outcome outcome = run(link);
  EXPECT_EQ(outcome.reason, Reason::part_archive_empty);
  EXPECT_EQ(reason_of(outcome, 1), Reason::zip_link);
}

TEST(Archive, two_readings) {
  const std::string zip = make_zip({{"a.txt", "one\n"}, {"b.txt", "two\n"}});
  std::string hidden = make_zip({{"c.txt", "hidden\n"}}); // a member that the directory leaves out
  hidden = hidden.substr(0, hidden.find("PK\1\2"));
  EXPECT_NE(run(hidden + zip).status, Status::clean);
  EXPECT_NE(run(zip + zip).status, Status::clean); // two directories
  std::string overlapping = zip;
  const std::size_t second = overlapping.find("PK\1\2", overlapping.find("PK\1\2") + 4);
  for (unsigned i = 0; i < 4; ++i)
    overlapping[second + 42 + i] = '\0'; // both at the first
  EXPECT_NE(run(overlapping).status, Status::clean);
}

TEST(Archive, bombs) {
  zip::Writer zeros;
  zeros.add("zeros.txt", Buffer(60u << 20, std::byte{'0'}));
  EXPECT_EQ(run(as_chars(zeros.finish())).reason, Reason::part_archive_ratio);

  zip::Writer many;
  for (unsigned i = 0; i < 60'000; ++i)
    many.add_stored("e" + std::to_string(i), {});
  const std::clock_t start = std::clock();
  EXPECT_EQ(run(as_chars(many.finish())).reason, Reason::part_archive_count);
  EXPECT_LT((std::clock() - start) / CLOCKS_PER_SEC, 10); // a walk too many takes minutes

  std::string nested = make_zip({{"deepest.txt", "x\n"}});
  for (unsigned i = 0; i < 6; ++i)
    nested = make_zip({{"n.zip", nested}, {"beside.txt", "y\n"}});
  const job::Outcome outcome = run(nested);
  ASSERT_EQ(outcome.status, Status::clean);
  EXPECT_EQ(std::string(as_chars(outcome.output)).find("deepest"), std::string::npos);
  const job::PartReport &last = outcome.report.parts.back();
  EXPECT_TRUE(std::any_of(outcome.report.parts.begin(), outcome.report.parts.end(),
                          [](const auto &part) {
                            return part.path == "1.1.1.1" &&
                                   part.reasons.front() == Reason::part_too_deep;
                          }))
      << last.path << word_of(last.reasons.front());
}

TEST(Archive, encrypted) {
  const std::string zip = make_zip({{"open.txt", "open\n"}, {"locked.txt", "x", true}});
  EXPECT_EQ(run(zip).status, Status::held);
  EXPECT_EQ(run(zip).reason, Reason::part_encrypted); // no mail is held, but a file
  EXPECT_EQ(run(zip).report.parts.front().reasons.front(), Reason::part_encrypted);
  job::Plan strip = plan();
  strip.treatments[static_cast<std::size_t>(job::KindClass::encrypted)] = job::Treatment::strip;
  const job::Outcome outcome = run(zip, strip);
  EXPECT_EQ(files_in(outcome), (Files{{"open.txt", "open\n"}}));
  EXPECT_EQ(reason_of(outcome, 2), Reason::part_encrypted);
}

TEST(Archive, a_member_held_holds_the_whole) {
  job::Plan hold = plan();
  hold.treatments[static_cast<std::size_t>(job::KindClass::any)] = job::Treatment::hold;
  const job::Outcome outcome = run(make_zip({{"a.txt", "x\n"}, {"run.exe", program}}), hold);
  EXPECT_EQ(outcome.status, Status::held);
  EXPECT_EQ(outcome.reason, Reason::job_held_by_rule);
  EXPECT_TRUE(outcome.output.empty());
}

TEST(Archive, a_document_for_a_person_holds_the_whole) {
  const std::string zip = make_zip({{"a.txt", "x\n"}, {"plan.jtd", "\1\2\3"}});
  job::Plan rebuild = plan();
  rebuild.treatments[static_cast<std::size_t>(job::KindClass::office)] = job::Treatment::rebuild;
  const job::Outcome outcome = run(zip, rebuild);
  EXPECT_EQ(outcome.status, Status::held);
  EXPECT_EQ(outcome.reason, Reason::job_held_document);
  EXPECT_EQ(reason_of(outcome, 1), Reason::part_ichitaro);
  EXPECT_EQ(files_in(run(zip)), (Files{{"a.txt", "x\n"}}));
  EXPECT_EQ(reason_of(run(zip), 2), Reason::part_ichitaro);
}

TEST(Archive, nothing_left) {
  const job::Outcome outcome = run(make_zip({{"run.exe", program}}));
  EXPECT_EQ(outcome.status, Status::refused);
  EXPECT_EQ(outcome.reason, Reason::part_archive_empty);
}

TEST(Archive, an_empty_file_is_no_alarm) {
  const job::Outcome outcome = run(make_zip({{"a.txt", "x\n"}, {"b.csv", ""}, {"c.png", ""}}));
  EXPECT_EQ(files_in(outcome), (Files{{"a.txt", "x\n"}}));
  for (const std::size_t i : {2, 3})
    EXPECT_EQ(outcome.report.parts[i].reasons, std::vector<Reason>({Reason::part_empty}));
}

TEST(Archive, a_mail_becomes_text) {
  const job::Outcome outcome = run(make_zip(
      {{"m.eml",
        "From: a@example.jp\r\nTo: b@example.jp\r\nSubject: subject\r\n"
        "Date: Fri, 20 Nov 2026 19:00:00 +0900\r\nMessage-ID: <a@b>\r\n"
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nbody\r\n--b\r\n"
        "Content-Type: application/octet-stream; name=x.bin\r\n\r\nsecret payload\r\n--b--\r\n"}}));
  ASSERT_EQ(outcome.status, Status::clean) << word_of(outcome.reason);
  const std::string text = files_in(outcome)["m.eml.txt"];
  EXPECT_NE(text.find("Subject: subject\n"), text.npos) << text;
  EXPECT_NE(text.find("body\n"), text.npos);
  EXPECT_NE(text.find("x.bin"), text.npos); // the note says that it is not there
  EXPECT_EQ(text.find("payload"), text.npos);
}

/// POSIX.1-1988 ustar.
std::string make_tar(const Files &files, char type = '0') {
  std::string tar;
  for (const auto &[name, contents] : files) {
    std::string header(512, '\0');
    const auto put = [&](std::size_t at, const std::string &text) {
      header.replace(at, text.size(), text);
    };
    char size[12];
    std::snprintf(size, sizeof size, "%011zo", contents.size());
    put(0, name), put(100, "0000644"), put(124, size), put(136, "00000000000"), put(257, "ustar"),
        put(263, "00");
    header[156] = type;
    put(148, "        ");
    unsigned sum = 0;
    for (unsigned char c : header)
      sum += c;
    char digits[8];
    std::snprintf(digits, sizeof digits, "%06o", sum);
    put(148, std::string(digits, 7));
    tar += header + contents + std::string((512 - contents.size() % 512) % 512, '\0');
  }
  return tar + std::string(1024, '\0');
}

std::string gzip(const std::string &contents) {
  std::string out(contents.size() + 1000, '\0');
  libdeflate_compressor *encoder = libdeflate_alloc_compressor(6);
  out.resize(
      libdeflate_gzip_compress(encoder, contents.data(), contents.size(), out.data(), out.size()));
  libdeflate_free_compressor(encoder);
  return out;
}

TEST(Archive, other_formats) {
  const Files files{{"dir/a.txt", "A\n"}, {"\x8e\x91\x97\xbf.txt", "B\n"}};
  const Files wanted{{"dir/a.txt", "A\n"}, {"資料.txt", "B\n"}};
  EXPECT_EQ(files_in(run(make_tar(files), plan(), "a.tar")), wanted);
  EXPECT_EQ(files_in(run(gzip(make_tar(files)), plan(), "a.tar.gz")), wanted);
  const job::Outcome link = run(make_tar({{"l", ""}}, '2'), plan(), "a.tar");
  EXPECT_EQ(reason_of(link, 1), Reason::zip_link);
  EXPECT_EQ(run(gzip(std::string(60u << 20, '0')), plan(), "z.gz").reason,
            Reason::part_archive_ratio);
}

/// Stored members under headers of level 0, which say no code page.
std::string make_lzh(const std::vector<support::ZipMember> &members) {
  const auto number = [](std::size_t value, unsigned octets) {
    std::string text;
    for (; octets > 0; --octets, value >>= 8)
      text += static_cast<char>(value & 0xff);
    return text;
  };
  std::string archive;
  for (const auto &member : members) {
    unsigned crc = 0;
    for (unsigned char c : member.contents) {
      crc ^= c;
      for (int bit = 0; bit < 8; ++bit)
        crc = crc & 1 ? crc >> 1 ^ 0xa001 : crc >> 1;
    }
    const std::string size = number(member.contents.size(), 4);
    const std::string header = "-lh0-" + size + size + number(0x21, 4) + ' ' + '\0' +
                               number(member.name.size(), 1) + member.name + number(crc, 2);
    unsigned sum = 0;
    for (unsigned char c : header)
      sum += c;
    archive += number(header.size(), 1) + number(sum, 1) + header + member.contents;
  }
  return archive + '\0';
}

TEST(Archive, names_in_lzh) {
  const std::string table = "\x8e\x91\x97\xbf\x95\\.txt"; // 資料表, with a backslash as its last octet
  EXPECT_EQ(files_in(run(make_lzh({{"a.txt", "A\n"}, {table, "B\n"}}), plan(), "a.lzh")),
            (Files{{"a.txt", "A\n"}, {"資料表.txt", "B\n"}}));
  EXPECT_EQ(files_in(run(make_lzh({{"資料表.txt", "B\n"}}), plan(), "a.lzh")), (Files{{"資料表.txt", "B\n"}}));
  EXPECT_EQ(files_in(run(make_lzh({{"資料.txt", "A\n"}, {"\x95\\\\" + table, "B\n"}, {"d\\e.txt", "C\n"}}), plan(), "a.lzh")),
            (Files{{"資料.txt", "A\n"}, {"表/資料表.txt", "B\n"}, {"d/e.txt", "C\n"}})); // of two tools
}

/// [MS-CAB] §2: one folder, stored.
std::string make_cab(const std::vector<support::ZipMember> &members) {
  const auto number = [](std::size_t value, unsigned octets) {
    std::string text;
    for (; octets > 0; --octets, value >>= 8)
      text += static_cast<char>(value & 0xff);
    return text;
  };
  std::string files, data;
  for (const auto &member : members) {
    files += number(member.contents.size(), 4) + number(data.size(), 4) + number(0, 2) + number(0x21, 2) + number(0, 2) +
             number(0x20, 2) + member.name + '\0';
    data += member.contents;
  }
  const std::size_t first_file = 36 + 8, first_block = first_file + files.size(), size = first_block + 8 + data.size();
  return std::string("MSCF") + number(0, 4) + number(size, 4) + number(0, 4) + number(first_file, 4) + number(0, 4) + "\3\1" +
         number(1, 2) + number(members.size(), 2) + number(0, 2) + number(0, 2) + number(0, 2) + number(first_block, 4) +
         number(1, 2) + number(0, 2) + files + number(0, 4) + number(data.size(), 2) + number(data.size(), 2) + data;
}

TEST(Archive, names_in_cab) {
  const std::string office = "\x91\x8d\x96\xb1\x89\xdb"; // 総務課
  EXPECT_EQ(files_in(run(make_cab({{office + "\\\x95\\\\" + "a.txt", "A\n"}, {"d\\e\\" + office + ".txt", "B\n"}, {office + "\\f\\\xe9\\.txt", "C\n"}}),
                         plan(), "a.cab")),
            (Files{{"総務課/表/a.txt", "A\n"}, {"d/e/総務課.txt", "B\n"}, {"総務課/f/饅.txt", "C\n"}}));
}

/// Stored files of RAR 4 whose names are not marked as Unicode.
std::string make_rar4(const std::vector<support::ZipMember> &members) {
  const auto number = [](std::size_t value, unsigned octets) {
    std::string text;
    for (; octets > 0; --octets, value >>= 8)
      text += static_cast<char>(value & 0xff);
    return text;
  };
  const auto header = [&](char type, unsigned flags, const std::string &fields) {
    const std::string body = type + number(flags, 2) + number(7 + fields.size(), 2) + fields;
    return number(libdeflate_crc32(0, body.data(), body.size()) & 0xffff, 2) + body;
  };
  std::string archive = std::string("Rar!\x1a\7\0", 7) + header('\x73', 0, std::string(6, '\0'));
  for (const auto &member : members) {
    const std::string size = number(member.contents.size(), 4);
    archive += header('\x74', 0x8000,
                      size + size + '\2' + number(libdeflate_crc32(0, member.contents.data(), member.contents.size()), 4) +
                          number(0x21, 4) + "\x14\x30" + number(member.name.size(), 2) + number(0x20, 4) + member.name) +
               member.contents;
  }
  return archive + header('\x7b', 0x4000, "");
}

TEST(Archive, names_in_rar4) {
  const std::string table = "\x8e\x91\x97\xbf\x95\\.txt"; // as above
  EXPECT_EQ(files_in(run(make_rar4({{"d\\" + table, "A\n"}, {"\x95\\\\" + table, "B\n"}, {"資料.txt", "C\n"}}), plan(), "a.rar")),
            (Files{{"d/資料表.txt", "A\n"}, {"表/資料表.txt", "B\n"}, {"資料.txt", "C\n"}}));
}

TEST(Archive, members_of_other_formats_that_lead_elsewhere_are_left_out) {
  for (const std::string name : {"../../x.txt", "..\\..\\x.txt", "/etc/x.txt", "C:\\win\\x.txt", "a/../x.txt"})
    for (const std::string &archive :
         {make_tar({{name, "A\n"}, {"in.txt", "B\n"}}), make_lzh({{name, "A\n"}, {"in.txt", "B\n"}}),
          make_cab({{name, "A\n"}, {"in.txt", "B\n"}}), make_rar4({{name, "A\n"}, {"in.txt", "B\n"}})}) {
      const job::Outcome outcome = run(archive, plan(), "a");
      ASSERT_EQ(outcome.status, Status::clean) << name << word_of(outcome.reason);
      EXPECT_EQ(files_in(outcome), (Files{{"in.txt", "B\n"}})) << name;
      EXPECT_TRUE(reason_of(outcome, 1) == Reason::zip_name || reason_of(outcome, 2) == Reason::zip_name) << name;
    }
  EXPECT_EQ(files_in(run(make_tar({{"./a/./b.txt", "A\n"}, {"d\\..e.txt", "B\n"}}), plan(), "a.tar")),
            (Files{{"a/b.txt", "A\n"}, {"d/e.txt", "B\n"}}));
}

TEST(Archive, names_that_nobody_can_read_are_marked) {
  const std::string name = "a\x81\xff.txt";
  for (const std::string &archive : {make_rar4({{name, "A\n"}}), make_lzh({{name, "A\n"}}), make_tar({{name, "A\n"}})}) {
    const job::Outcome outcome = run(archive, plan(), "a");
    EXPECT_EQ(files_in(outcome), (Files{{"a\uFFFD.txt", "A\n"}}));
    EXPECT_EQ(reason_of(outcome, 1), Reason::part_charset_replaced);
  }
}

TEST(Archive, names_in_other_charsets) {
  EXPECT_EQ(files_in(run(make_tar({{"\xb4\xc1\xbb\xfa.txt", "A\n"}}), plan(), "a.tar")), (Files{{"漢字.txt", "A\n"}})); // EUC-JP
  EXPECT_EQ(files_in(run(make_tar({{"\xcd\xbd\xbb\xbb.txt", "A\n"}, {"\x95\\\x8e\xa6.txt", "B\n"}, {"表.txt", "C\n"}}), plan(), "a.tar")),
            (Files{{"ﾍｽｻｻ.txt", "A\n"}, {"表示.txt", "B\n"}, {"表.txt", "C\n"}}));
  EXPECT_EQ(files_in(run(make_tar({{"\xb4\xc1\xbb\xfa.txt", "A\n"}, {"\xcd\xbd\xbb\xbb.txt", "B\n"}}), plan(), "a.tar")),
            (Files{{"漢字.txt", "A\n"}, {"予算.txt", "B\n"}}))
      << "the first is nothing in Shift_JIS";
  EXPECT_EQ(files_in(run(make_lzh({{"\xcc\xa7\xb2\xd9.txt", "A\n"}}), plan(), "a.lzh")), (Files{{"ﾌｧｲﾙ.txt", "A\n"}}));
  EXPECT_EQ(files_in(run(make_lzh({{"\xdc\xdf.\xfc.txt", "A\n"}}), plan(), "a.lzh")), (Files{{"Üß.ü.txt", "A\n"}}));
}

TEST(Archive, a_member_that_is_not_as_long_as_it_says) {
  std::string archive = make_lzh({{"a.txt", "A\n"}, {"b.txt", "B\n"}});
  ++archive[1], ++archive[11]; // the sum, and the size unpacked
  const job::Outcome outcome = run(archive, plan(), "a.lzh");
  EXPECT_EQ(files_in(outcome), (Files{{"b.txt", "B\n"}}));
  EXPECT_EQ(reason_of(outcome, 1), Reason::zip_bad_data);
}

/// One stored file behind the signature and an empty main header; sizes below 128.
std::string make_rar5(const std::string &extra, const std::string &contents) {
  const auto number = [](std::uint32_t value) {
    std::string text;
    for (unsigned i = 0; i < 4; ++i, value >>= 8)
      text += static_cast<char>(value & 0xff);
    return text;
  };
  const auto sum = [&](const std::string &octets) { return number(libdeflate_crc32(0, octets.data(), octets.size())); };
  const auto header = [&](const std::string &body) {
    const std::string sized = static_cast<char>(body.size()) + body;
    return sum(sized) + sized;
  };
  const char size = static_cast<char>(contents.size());
  const std::string file = std::string("\4") + size + ' ' + sum(contents) + std::string("\0\0\5a.txt", 8);
  const std::string sizes = extra.empty() ? std::string("\2") + size : std::string("\3") + static_cast<char>(extra.size()) + size;
  return std::string("Rar!\x1a\7\1\0", 8) + header(std::string("\1\0\0", 3)) + header("\2" + sizes + file + extra) +
         contents + header(std::string("\5\0\0", 3));
}

TEST(Archive, an_encrypted_file_in_rar5_is_no_file) {
  EXPECT_EQ(files_in(run(make_rar5("", "hello\n"), plan(), "a.rar")), (Files{{"a.txt", "hello\n"}}));
  const std::string lock = std::string("\x24\1\0\0\x0f", 5) + std::string(32, 's');
  const job::Outcome outcome = run(make_rar5(lock, "looks like text\n"), plan(), "a.rar");
  EXPECT_EQ(outcome.status, Status::held);
  EXPECT_EQ(outcome.reason, Reason::part_encrypted);
}

TEST(Archive, what_stands_behind_the_end_is_told) {
  const auto told = [](const std::string &archive) {
    const job::Outcome outcome = run(archive);
    EXPECT_EQ(outcome.status, Status::clean) << word_of(outcome.reason);
    const std::vector<Reason> &reasons = outcome.report.parts.front().reasons;
    return std::find(reasons.begin(), reasons.end(), Reason::part_hidden_content) != reasons.end();
  };
  const std::string more(2000, '?'), lzh = make_lzh({{"a.txt", "A\n"}}), tar = make_tar({{"a.txt", "A\n"}});
  for (const std::string &archive : {lzh, tar, tar + std::string(9000, '\0'), gzip("hello\n"),
                                      make_rar5("", "hello\n")}) {
    EXPECT_FALSE(told(archive));
    EXPECT_TRUE(told(archive + more));
  }
  EXPECT_TRUE(told(lzh + lzh));
  EXPECT_FALSE(told(gzip(tar)));
  EXPECT_FALSE(told(gzip(tar + std::string(900'000, '\0'))));
  EXPECT_TRUE(told(gzip(tar + more)));
  EXPECT_TRUE(told(gzip(tar + std::string(900'000, '\0') + "?")));
  EXPECT_TRUE(told(gzip(tar) + more)); // behind what packs it
}

TEST(Archive, a_packed_single_file) {
  const job::Outcome outcome = run(gzip("hello\n"), plan(), "hello.txt.gz");
  ASSERT_EQ(outcome.status, Status::clean) << word_of(outcome.reason);
  EXPECT_EQ(outcome.output_kind, job::Kind::text);
  EXPECT_EQ(as_chars(outcome.output), "hello\n");
  EXPECT_EQ(run(gzip(program), plan(), "p.gz").status, Status::refused);
}

// RFC 1952 §2.3.1: each member has its sum and its size at its end.
TEST(Archive, a_gzip_whose_sum_is_another_is_damaged) {
  const std::string budget = gzip("1000000 yen\n"), tar = gzip(make_tar({{"a.txt", "1000000 yen\n"}}));
  const auto status_of = [](std::string octets, std::size_t from_end, char flip) {
    octets[octets.size() - from_end] ^= flip;
    return run(octets, plan(), "a.txt.gz").status;
  };
  EXPECT_EQ(status_of(budget, 8, 0), Status::clean);
  EXPECT_EQ(status_of(tar, 8, 0), Status::clean);
  EXPECT_EQ(status_of(budget + budget, 8, 0), Status::clean);
  for (const std::size_t from_end : {8, 4}) {
    EXPECT_EQ(status_of(budget, from_end, 1), Status::refused);
    EXPECT_EQ(status_of(tar, from_end, 1), Status::refused);
    EXPECT_EQ(status_of(budget + budget, from_end, 1), Status::refused);
    EXPECT_EQ(status_of(budget + budget, budget.size() + from_end, 1), Status::refused);
  }
  for (const std::string &whole : {budget, tar}) {
    const job::Outcome cut = run(whole.substr(0, whole.size() - 8), plan(), "a.txt.gz");
    EXPECT_EQ(cut.reason, Reason::part_malformed);
  }
}

TEST(Archive, a_first_volume_is_no_damage) {
  const std::string cut("7z\xbc\xaf\x27\x1c\0\x04" "0123456789abcdefghijklmnopqrstuvwxyz", 44);
  EXPECT_EQ(run(cut, plan(), "a.7z.001").reason, Reason::zip_split);
  EXPECT_EQ(run(cut, plan(), "a.7z").reason, Reason::part_malformed);
}

TEST(Archive, octets_before_a_zip_and_comments_are_told) {
  const auto told = [](const std::string &octets) {
    const job::Outcome outcome = run(octets);
    EXPECT_EQ(outcome.status, Status::clean);
    return std::ranges::count(outcome.report.parts.front().reasons, Reason::part_hidden_content) == 1;
  };
  const std::string zip = make_zip({{"a.txt", "A\n"}});
  EXPECT_FALSE(told(zip));
  EXPECT_TRUE(told("some words\n" + zip));
  std::string of_archive = zip + "words", of_member = zip; // APPNOTE §4.4.12
  of_archive[zip.size() - 2] = 5;
  EXPECT_TRUE(told(of_archive));
  const std::size_t entry = zip.find("PK\1\2"), end = zip.find("PK\5\6");
  of_member.insert(end, "words");
  of_member[entry + 32] = 5;
  of_member[end + 5 + 12] = static_cast<char>(end - entry + 5);
  EXPECT_TRUE(told(of_member));
}

/// GNU tar: a sparse file of 2,000 octets, of which "A\n" at its beginning is no hole.
TEST(Archive, a_sparse_file_may_end_with_a_hole) {
  const auto octal = [](std::size_t value) { // eleven digits and a NUL
    std::string text(12, '0');
    text[11] = '\0';
    for (std::size_t i = 11; i-- > 0; value /= 8)
      text[i] = static_cast<char>('0' + value % 8);
    return text;
  };
  std::string header(512, '\0');
  const auto put = [&](std::size_t at, const std::string &value) { header.replace(at, value.size(), value); };
  put(0, "a.txt");
  put(100, "0000644");
  put(124, octal(512));
  put(136, octal(0));
  put(148, "        ");
  put(156, "S");
  put(257, "ustar  ");
  put(386, octal(0) + octal(512) + octal(2000) + octal(0));
  put(483, octal(2000));
  unsigned sum = 0;
  for (const char c : header) sum += static_cast<unsigned char>(c);
  put(148, octal(sum).substr(5, 6) + std::string("\0 ", 2));
  const std::string tar = header + "A\n" + std::string(510, '\n') + std::string(1024, '\0');
  const job::Outcome outcome = run(tar, plan(), "a.tar");
  ASSERT_EQ(outcome.report.parts.size(), 2u);
  EXPECT_NE(reason_of(outcome, 1), Reason::zip_bad_data);
  EXPECT_EQ(outcome.report.parts[1].size, 2000u);
  EXPECT_FALSE(outcome.report.parts[1].sha256.empty());
}

/// [7zFormat.txt]: one symbolic link whose target is `size` zeros, deflated.
std::string seven_zip_of_a_link(std::size_t size) {
  const auto number = [](std::uint64_t value, unsigned octets) {
    std::string text;
    for (; octets > 0; --octets, value >>= 8)
      text += static_cast<char>(value & 0xff);
    return text;
  };
  const auto sum = [](const std::string &octets) { return libdeflate_crc32(0, octets.data(), octets.size()); };
  const auto wide = [&](std::uint64_t value) { return std::string(1, '\xff').append(number(value, 8)); };
  std::string packed;
  {
    const std::string target(size, '\0');
    packed.resize(size / 500 + 1000);
    libdeflate_compressor *encoder = libdeflate_alloc_compressor(1);
    packed.resize(libdeflate_deflate_compress(encoder, target.data(), size, packed.data(), packed.size()));
    libdeflate_free_compressor(encoder);
  }
  using namespace std::string_literals;
  const std::string header = std::string("\x01\x04\x06\0\x01\x09"s) // where it is packed
                                 .append(wide(packed.size()))
                                 .append("\0\x07\x0b\x01\0\x01\x03\x04\x01\x08\x0c"s) // Deflate
                                 .append(wide(size))
                                 .append("\0\x08\0\0\x05\x01\x11\x05\0l\0\0\0\x15\x06\x01\0"s) // "l"
                                 .append(number(0120777u << 16 | 0x8000, 4))
                                 .append("\0\0"s);
  const std::string start = number(packed.size(), 8) + number(header.size(), 8) + number(sum(header), 4);
  return std::string("7z\xbc\xaf\x27\x1c\0\x04"s).append(number(sum(start), 4)).append(start) + packed + header;
}

// libarchive reads the target of a link into memory, whatever its size.
TEST(Archive, memory_for_a_link_is_bounded) {
  const std::string small = seven_zip_of_a_link(100);
  EXPECT_EQ(reason_of(run(small, plan(), "a.7z"), 1), Reason::zip_link);
  const std::string large = seven_zip_of_a_link(400u << 20);
  job::Plan little = plan();
  little.max_input = little.max_output = 1u << 20;
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const rlimit most{std::uint64_t{2} << 30, std::uint64_t{2} << 30}; // as a worker has
    ::setrlimit(RLIMIT_AS, &most);
    ::_exit(run(large, little, "a.7z").reason == Reason::part_archive_size ? 0 : 1);
  }
  int status = 0;
  rusage used{};
  ASSERT_EQ(::wait4(child, &status, 0, &used), child);
  EXPECT_EQ(status, 0);
  EXPECT_LT(used.ru_maxrss, 350 << 10);
}

TEST(Archive, the_verifier_takes_no_other_zip) {
  zip::Writer writer;
  writer.add("a.txt", as_bytes("text text text text text text text text\n"));
  writer.add_stored("dir/b.txt", as_bytes("b\n"));
  const Buffer zip = writer.finish();
  const auto accepted = [](const Buffer &octets) {
    return verify::Verifier::accept(job::Kind::zip, Untrusted(octets)).has_value();
  };
  ASSERT_TRUE(accepted(zip));
  for (std::size_t at = 0; at < zip.size(); ++at)
    for (unsigned bit = 0; bit < 8; ++bit) {
      Buffer other = zip;
      other[at] ^= std::byte(1u << bit);
      EXPECT_FALSE(accepted(other)) << at << "/" << bit;
    }
  Buffer longer = zip;
  longer.push_back(std::byte{0});
  EXPECT_FALSE(accepted(longer));
  longer = zip;
  longer.insert(longer.begin(), std::byte{0});
  EXPECT_FALSE(accepted(longer));
  for (std::string_view name :
       {"../a.txt", "/a.txt", "a\\b.txt", "a//b.txt", "a.exe", "a\xe2\x80\xae.txt", "a. /b.txt",
        "a.{20D04FE0-3AEA-1069-A2D8-08002B30309D}/b.txt", "COM\u00b9.txt", "lpt1/a.txt",
        "con .txt"}) {
    zip::Writer bad;
    bad.add(name, as_bytes("x\n"));
    EXPECT_FALSE(accepted(bad.finish())) << name;
  }
  zip::Writer twice;
  twice.add("a.txt", as_bytes("x\n"));
  twice.add("A.TXT", as_bytes("x\n"));
  EXPECT_FALSE(accepted(twice.finish()));
}

/// Whatever it is, it is an answer with a name, in time.
TEST(Archive, other_peoples_archives) {
  if (!corpus::present()) GTEST_SKIP() << "no corpus";
  std::map<std::string, unsigned> counts;
  for (const char *folder :
       {"files/archives/libarchive", "files/archives/yauzl", "files/ja/zip-encoding-test"})
    for (const auto &entry :
         std::filesystem::recursive_directory_iterator(corpus::folder() / folder)) {
      if (!entry.is_regular_file()) continue;
      const std::string octets = corpus::read(entry.path());
      const std::clock_t start = std::clock(); // processor time: other tests run beside
      const job::Outcome outcome = run(octets, plan(), entry.path().filename().string());
      EXPECT_LT((std::clock() - start) / CLOCKS_PER_SEC, 15) << entry.path();
      ++counts[std::string(word_of(outcome.report.parts[0].kind)) + " " +
               std::string(word_of(outcome.status)) + " " + std::string(word_of(outcome.reason))];
      if (std::getenv("SEKISHO_LIST"))
        std::cout << entry.path().filename().string() << " "
                  << word_of(outcome.report.parts[0].kind) << " " << word_of(outcome.status) << " "
                  << word_of(outcome.reason) << " " << outcome.report.parts.size() - 1 << "\n";
    }
  for (const auto &[what, count] : counts)
    std::cout << count << " " << what << "\n";
  EXPECT_GT(counts.size(), 5u);
}

} // namespace
} // namespace sekisho::rebuild
