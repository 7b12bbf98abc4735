// Every guard of the re-reader: one change to a good mail, and it is refused.
#include "base/base64.hh"
#include "sanitizer/verify/verify.hh"

#include <gtest/gtest.h>

#include <string>

namespace sekisho::verify {
namespace {

const std::string single =
    "From: a@example.jp\r\nSubject: =?utf-8?B?5pel?=\r\nX-Sekisho-Receipt: 1\r\n"
    "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
    "Content-Transfer-Encoding: base64\r\n\r\nYQ0K\r\n";
const std::string multi =
    "From: a@example.jp\r\nX-Sekisho-Receipt: 1\r\nMIME-Version: 1.0\r\n"
    "Content-Type: multipart/mixed; boundary=\"=_sekisho_00000000000000000000000000000000\"\r\n\r\n"
    "--=_sekisho_00000000000000000000000000000000\r\n"
    "Content-Type: text/plain; charset=utf-8\r\nContent-Disposition: inline\r\n"
    "Content-Transfer-Encoding: base64\r\n\r\nYQ0K\r\n"
    "--=_sekisho_00000000000000000000000000000000\r\n"
    "Content-Type: text/plain; charset=utf-8\r\nContent-Disposition: attachment; "
    "filename=\"a.txt\"\r\n"
    "Content-Transfer-Encoding: base64\r\n\r\nYQ0K\r\n"
    "--=_sekisho_00000000000000000000000000000000--\r\n";

bool accepts(const std::string &mail) {
  return accept_mail(as_bytes(mail)).has_value();
}

std::string changed(std::string mail, std::string_view from, std::string_view to) {
  std::size_t at = mail.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return mail.replace(at, from.size(), to);
}

TEST(AcceptMail, good) {
  EXPECT_TRUE(accepts(single));
  EXPECT_TRUE(accepts(multi));
  EXPECT_TRUE(accepts(
      changed(multi, "filename=\"a.txt\"", "filename*0*=utf-8''%E6%97%A5;\r\n filename*1*=.txt")));
  EXPECT_TRUE(accepts(changed(single, "YQ0K\r\n", "")));
}

/// Of every length: by one character, by vectors, and what lies across both.
TEST(AcceptMail, each_character_of_base64_counts) {
  for (std::size_t size = 1; size < 130; size += size < 60 ? 1 : 7) {
    std::string lines;
    append_base64_lines(lines, std::string(size, 'k'));
    ASSERT_TRUE(accepts(changed(single, "YQ0K\r\n", lines))) << size;
    for (std::size_t at = 0; at < lines.size(); ++at)
      for (const char other : {'=', '-', '_', '@', '[', '`', '{', ':', '*', ',', '.', '\0', '\n', '\x80', '\xc1', '\xff'}) {
        if (lines[at] == '=' || lines[at] == '\r' || lines[at] == '\n') continue;
        std::string wrong = lines;
        wrong[at] = other;
        ASSERT_FALSE(accepts(changed(single, "YQ0K\r\n", wrong))) << size << ' ' << at << ' ' << other;
      }
  }
}

TEST(AcceptMail, what_a_text_may_not_hold_is_found_wherever_it_stands) {
  const auto mail = [](const std::string &text) {
    std::string lines;
    append_base64_lines(lines, text);
    return changed(single, "YQ0K\r\n", lines);
  };
  for (std::size_t before = 0; before < 80; ++before) {
    const std::string start = std::string(before, 'x'), end = "関所" + std::string(40, 'y') + "\r\n";
    ASSERT_TRUE(accepts(mail(start + "\t関！" + end)));
    for (const char *bad : {"\x1b", "\x7f", "\r", "\n", "\u200b", "\u202e", "\u2069", "\u3164", "\uffa0", "\ufeff", "\uffff", "\xe3\x81", "\x80"})
      ASSERT_FALSE(accepts(mail(start + bad + end))) << before << bad;
  }
}

const std::string jis =
    "From: =?ISO-2022-JP?B?GyRCRnwbKEI=?= <a@example.jp>\r\nX-Sekisho-Receipt: 1\r\n"
    "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=iso-2022-jp\r\n"
    "Content-Transfer-Encoding: 7bit\r\n\r\n\x1b$BF|K\\\x1b(B a\tb\r\n\r\n";

TEST(AcceptMail, iso_2022_jp) {
  EXPECT_TRUE(accepts(jis));
  EXPECT_TRUE(accepts(changed(jis, "\x1b$BF|K\\\x1b(B a\tb\r\n\r\n", "")));
  const std::string base64 = changed(changed(jis, "7bit", "base64"), "\x1b$BF|K\\\x1b(B a\tb\r\n\r\n",
                                     "GyRCRnwbKEINCg==\r\n");
  EXPECT_TRUE(accepts(base64));
  EXPECT_FALSE(accepts(changed(base64, "GyRCRnwbKEINCg==", "GyRCRnwNChsoQg=="))); // a line that ends in JIS
  struct Change {
    const char *from, *to;
  };
  for (auto [from, to] : std::initializer_list<Change>{
           {"F|K\\", "F|K"},                       // half a character
           {"F|K\\", "F|K\x80"},                   // eight bits
           {"F|K\\", "F|-!"},                      // NEC's row 13
           {"F|K\\", "F|\"/"},                     // a place that JIS X 0208 leaves free
           {"F|K\\", "F|t'"},                      // behind the last
           {"F|K\\", ""},                          // nothing in it
           {"F|K\\", "F|\x1b$BK\\"},              // twice
           {"\x1b(B a", "\x1b(B\x1b$BF|\x1b(B a"}, // there and back
           {"\x1b(B a", " a"},                      // never back to ASCII
           {"\x1b(B", "\x1b(J"},                    // JIS X 0201
           {"\x1b$B", "\x1b$@"},                    // JIS C 6226
           {"\x1b$B", "\x1b$(D"},                   // JIS X 0212
           {" a\tb", " a\x0e" "b"},                 // shift out
           {" a\tb", " a\x7f" "b"},
           {" a\tb", " a\x1b[31mb"},
           {" a\tb", " a\rb"},
           {" a\tb", " a\nb"},
           {"iso-2022-jp", "utf-8"},
           {"iso-2022-jp", "ISO-2022-JP"},
           {"iso-2022-jp", "iso-2022-jp-2"},
           {"7bit", "8bit"},
           {"7bit", "base64"},
           {"ISO-2022-JP?B", "utf-8?B"},
           {"ISO-2022-JP?B", "iso-2022-jp?B"},
           {"GyRCRnwbKEI=", "GyRCRnw="}, // a word that does not come back to ASCII
           {"GyRCRnwbKEI=", "5pel"}})
    EXPECT_FALSE(accepts(changed(jis, from, to))) << from << " to " << to;
  EXPECT_FALSE(accepts(changed(jis, " a", std::string(999, 'a'))));
  EXPECT_FALSE(accepts(changed(single, "=?utf-8?B?5pel?=", "=?ISO-2022-JP?B?GyRCRnwbKEI=?=")));
}

TEST(AcceptMail, iso_2022_jp_with_files) {
  const std::string text = "Content-Type: text/plain; charset=iso-2022-jp\r\nContent-Disposition: inline\r\n"
                           "Content-Transfer-Encoding: 7bit\r\n\r\n\x1b$BF|\x1b(B\r\n--\r\n\r\n--=_sekisho_0";
  const std::string mail = changed(multi,
                                   "Content-Type: text/plain; charset=utf-8\r\nContent-Disposition: inline\r\n"
                                   "Content-Transfer-Encoding: base64\r\n\r\nYQ0K\r\n--=_sekisho_0",
                                   text);
  EXPECT_TRUE(accepts(mail));
  EXPECT_FALSE(accepts(changed(mail, "--\r\n\r\n", "--=_sekisho_00000000000000000000000000000000\r\n\r\n")));
  EXPECT_FALSE(accepts(changed(mail, "charset=utf-8", "charset=iso-2022-jp"))); // of an attached text
}

TEST(AcceptMail, header_guards) {
  struct Change {
    const char *from, *to;
  };
  for (auto [from, to] : std::initializer_list<Change>{
           {"From: ", "Bcc: "},
           {"From: ", "from: "},
           {"From: a@example.jp\r\n", ""},
           {"From: ", "From: x\r\nFrom: "},
           {"Subject: ", "X-Mailer: "},
           {"Subject: ", "Subject:"},
           {"5pel", "5pe"},
           {"5pel", "5pe\xe6"},
           {"5pel", "Cg=="}, // LF
           {"5pel", "4oCu"}, // U+202E
           {"5pel", "/w=="}, // no UTF-8
           {"5pel", "4oCL"}, // U+200B
           {"5pel", "44Wk"}, // U+3164
           {"5pel", "77+5"}, // U+FFF9
           {"5pel", "YR=="}, // not canonical
           {"=?utf-8?B?", "=?utf-8?Q?"},
           {"=?utf-8?B?", "=?utf-7?B?"},
           {"5pel?=", "5pel"},
           {"a@example.jp", "a@example.jp\tx"},
           {"a@example.jp", "a@example.jp\xe3\x81\x82"},
           {"a@example.jp\r\n", "a@example.jp\n"},
           {"a@example.jp\r\n", "a@example.jp\r\n \r\n"},
           {"a@example.jp\r\n", "a@example.jp\r\n\tx\r\n"},
           {"X-Sekisho-Receipt: 1\r\n", ""},
           {"MIME-Version: 1.0", "MIME-Version: 1.1"},
           {"text/plain", "text/html"},
           {"charset=utf-8", "charset=utf-7"},
           {"base64", "8bit"},
           {"YQ0K", "YQ0K="},
           {"YQ0K", "YQ0K YQ0K"},
           {"YQ0K", "YR=="},
           {"YQ0K\r\n", "YQ==\r\nYQ==\r\n"},
           {"YQ0K\r\n", "YQ0K\n"},
           {"YQ0K\r\n", "YQ0K"},
           {"YQ0K", "YQo="}, // LF alone
           {"YQ0K", "YQ1h"}, // CR alone
           {"YQ0K", "GzFh"}, // ESC
           {"YQ0K", "4oCu"}, // U+202E
           {"YQ0K", "wIA="}, // overlong
       })
    EXPECT_FALSE(accepts(changed(single, from, to))) << from << " → " << to;
  EXPECT_FALSE(accepts(single + "x"));
  EXPECT_FALSE(accepts(changed(single, "a@example.jp", std::string(999, 'a'))));
  EXPECT_FALSE(accepts(""));
}

TEST(AcceptMail, of_answers_of_machines_only_known_words) {
  const auto accepts_field = [](std::string_view field) {
    return accepts(changed(single, "MIME-Version", std::string(field) + "\r\nMIME-Version"));
  };
  const std::string longest(255, 'a');
  for (const std::string &good :
       {std::string("Auto-Submitted: no"), std::string("Auto-Submitted: auto-generated"),
        std::string("Auto-Submitted: auto-replied"), std::string("Precedence: list"), std::string("Precedence: bulk"),
        std::string("Precedence: junk"), std::string("X-Auto-Response-Suppress: DR"),
        std::string("X-Auto-Response-Suppress: DR, RN, NRN, OOF, AutoReply, All, None"),
        std::string("X-Auto-Response-Suppress: OOF, None"), std::string("List-Id: <fire.town.example>"),
        std::string("List-Id: <a!#$%&'*+-/=^_`{|}~.0>"), "List-Id: <" + longest + '>'})
    EXPECT_TRUE(accepts_field(good)) << good;
  for (const std::string &bad :
       {std::string("Auto-Submitted: "), std::string("Auto-Submitted: No"), std::string("Auto-Submitted: auto-notified"),
        std::string("Auto-Submitted: no; x=y"), std::string("Auto-Submitted: no "), std::string("Auto-Submitted:\r\n no"),
        std::string("Auto-Submitted: auto-replied (x)"), std::string("auto-submitted: no"),
        std::string("Auto-Submitted: no\r\nAuto-Submitted: no"), std::string("Precedence: "),
        std::string("Precedence: Bulk"), std::string("Precedence: first-class"), std::string("Precedence: no"),
        std::string("X-Auto-Response-Suppress: "), std::string("X-Auto-Response-Suppress: dr"),
        std::string("X-Auto-Response-Suppress: OOF, DR"), std::string("X-Auto-Response-Suppress: DR, DR"),
        std::string("X-Auto-Response-Suppress: DR,OOF"), std::string("X-Auto-Response-Suppress: DR, "),
        std::string("X-Auto-Response-Suppress: DRX"), std::string("List-Id: "), std::string("List-Id: <>"),
        std::string("List-Id: a.example"), std::string("List-Id: x <a.example>"), std::string("List-Id: <a.example> "),
        std::string("List-Id: <a.example"), std::string("List-Id: <a><b>"), std::string("List-Id: <.a>"),
        std::string("List-Id: <a.>"), std::string("List-Id: <a..b>"), std::string("List-Id: <a b>"),
        std::string("List-Id: <a\r\n b>"), std::string("List-Id: <a@b>"), std::string("List-Id: <a,b>"),
        std::string("List-Id: <a\"b>"), std::string("List-Id: <=?utf-8?B?5pel?=>"), "List-Id: <a" + longest + '>',
        std::string("List-ID: <a.example>"), std::string("List-Unsubscribe: <a.example>")})
    EXPECT_FALSE(accepts_field(bad)) << bad;
  // Each character alone, against the grammar written once more.
  constexpr std::string_view others = "!#$%&'*+-/=?^_`{|}~.";
  for (int c = 0; c < 256; c++) {
    const bool is_atom = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                         (c != 0 && others.find(static_cast<char>(c)) != std::string_view::npos);
    EXPECT_EQ(accepts_field("List-Id: <a" + std::string(1, static_cast<char>(c)) + "b>"), is_atom) << c;
  }
}

TEST(AcceptMail, part_guards) {
  struct Change {
    const char *from, *to;
  };
  for (auto [from, to] : std::initializer_list<Change>{
           {"=_sekisho_0000", "=_other___0000"},
           {"\r\n\r\n--=_", "\r\n\r\npreamble\r\n--=_"},
           {"Content-Disposition: inline", "Content-Disposition: attachment; filename=\"a\""},
           {"Content-Disposition: attachment; filename=\"a.txt\"", "Content-Disposition: inline"},
           {"filename=\"a.txt\"", "filename=a.txt"},
           {"filename=\"a.txt\"", "filename=\"\""},
           {"filename=\"a.txt\"", "filename=\"../a\""},
           {"filename=\"a.txt\"", "filename=\".a\""},
           {"filename=\"a.txt\"", "filename*0*=utf-8''%2Fa"},
           {"filename=\"a.txt\"", "filename*0*=utf-8''%0Aa"},
           {"filename=\"a.txt\"", "filename*0*=utf-8''%E2%80%AEa"},
           {"filename=\"a.txt\"", "filename*0*=utf-8''%ff"},
           {"filename=\"a.txt\"", "filename*0*=utf-8''a; filename*2*=b"},
           {"filename=\"a.txt\"", "filename*0*=utf-8''a; name*1*=b"},
           {"filename=\"a.txt\"", "filename=\"a.txt\"; x=y"},
           {"Content-Disposition: attachment", "X-Other: 1\r\nContent-Disposition: attachment"},
           {"Content-Disposition: attachment", "Subject: 1\r\nContent-Disposition: attachment"},
           {"000--\r\n", "000--\r\nepilogue\r\n"},
           {"000--\r\n", "000\r\n"},
       })
    EXPECT_FALSE(accepts(changed(multi, from, to))) << from << " → " << to;
  std::string type = "Content-Type: text/plain; charset=utf-8\r\nContent-Disposition: attachment";
  for (const char *other : {"application/octet-stream", "text/html", "application/pdf", "image/png",
                            "image/jpeg", "message/rfc822", "multipart/mixed; boundary=x"})
    EXPECT_FALSE(accepts(
        changed(multi, type,
                std::string("Content-Type: ") + other + "\r\nContent-Disposition: attachment")))
        << other;
}

TEST(AcceptMail, no_octet_outside_the_alphabet) {
  std::string line;
  while (line.size() < 76)
    line += "YWFh";
  const std::string good = changed(single, "YQ0K", line + "\r\n" + line + "\r\nYQ0K");
  EXPECT_TRUE(accepts(good));
  for (std::size_t place = 0; place < line.size(); place++)
    for (int octet = 0; octet < 256; octet++) {
      std::string bad = good;
      bad[good.find(line) + place] = static_cast<char>(octet);
      const bool known = (octet >= '0' && octet <= '9') || (octet >= 'A' && octet <= 'Z') || (octet >= 'a' && octet <= 'z') ||
                         octet == '+' || octet == '/';
      EXPECT_FALSE(!known && accepts(bad)) << place << " " << octet;
    }
}

TEST(AcceptMail, every_truncation_is_refused) {
  for (std::size_t i = 0; i < multi.size(); i++)
    EXPECT_FALSE(accepts(multi.substr(0, i))) << i;
}

} // namespace
} // namespace sekisho::verify
