#include "sanitizer/mime/parse.hh"


#include <gtest/gtest.h>

#include <ctime>
namespace sekisho::mime {
namespace {

/// "path type[body]" of each leaf.
std::string outline(std::string_view mail, Limits limits = {}) {
  Mail parsed = parse(as_bytes(mail), limits);
  std::string text;
  for (const Part &part : parsed.parts) {
    if (!part.children.empty()) continue;
    text += (part.path.empty() ? "0" : part.path) + " " + part.type + "[" +
            std::string(as_chars(part.body)) + "]";
  }
  return text;
}

TEST(Parse, tree) {
  EXPECT_EQ(outline("Subject: x\r\n\r\nbody\r\n"), "0 text/plain[body\r\n]");
  EXPECT_EQ(outline("body without header"), "0 text/plain[body without header]");
  EXPECT_EQ(outline(""), "0 text/plain[]");
  EXPECT_EQ(
      outline("Content-Type: multipart/mixed; boundary=b\r\n\r\npre\r\n--b\r\n\r\none\r\n--b  \r\n"
              "Content-Type: text/html\r\n\r\ntwo\r\n\r\n--b--\r\nepilogue"),
      "1 text/plain[one]2 text/html[two\r\n]");
  EXPECT_EQ(outline("Content-Type: multipart/mixed; boundary=\"a b\"\n\n--a b\n\none\n--a b--\n"),
            "1 text/plain[one]");
  EXPECT_EQ(outline("Content-Type: multipart/mixed; boundary=o\n\n--o\n"
                    "Content-Type: multipart/mixed; boundary=i\n\n--i\n\none\n--o\n\ntwo\n--o--\n"),
            "1.1 text/plain[one]2 text/plain[two]")
      << "the inner multipart is never closed";
  EXPECT_EQ(
      outline("Content-Type: multipart/digest; boundary=o\n\n--o\n\nSubject: x\n\none\n--o--\n"),
      "1.1 text/plain[one]");
  EXPECT_EQ(outline("Content-Type: message/rfc822\n\nSubject: x\n\nin"), "1 text/plain[in]");
  EXPECT_EQ(outline("Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n"
                    "U3ViamVjdDogeA0KDQppbg=="),
            "1 text/plain[in]");
  EXPECT_EQ(outline("Content-Type: multipart/mixed; boundary=b\r\r--b\r\rone\r--b--\r"),
            "1 text/plain[one]")
      << "CR alone";
}

TEST(Parse, encodings_as_they_are_written) {
  const auto encoding = [](const std::string &word) {
    const std::string mail = "Content-Transfer-Encoding: " + word + "\r\n\r\nYQ==\r\n";
    return parse(as_bytes(mail), {}).parts.front().encoding;
  };
  for (const char *word : {"base64", " BASE64\t", "base64 (x)", "(c) base64", "base64;", "base64; charset=utf-8", "\"base64\"", "base64 ; x", "base64, 7bit"})
    EXPECT_EQ(encoding(word), Encoding::base64) << word;
  for (const char *word : {"quoted-printable;", "Quoted-Printable (x)", "Quoted-Printable format=flowed", "quoted printable", "quoted_printable"})
    EXPECT_EQ(encoding(word), Encoding::quoted_printable) << word;
  for (const char *word : {"", "8bit;", "7bit (ascii)", "8bits", "plain", "text/html", "ascii", "ISO-2022-JP", "Shift_JIS", "8bit utf-8", "7bit ISO-2022-JP"})
    EXPECT_EQ(encoding(word), Encoding::identity) << word;
  for (const char *word : {"x-base64", "gzip", "b"})
    EXPECT_EQ(encoding(word), Encoding::unknown) << word;
}

/// Of each message: what stands in it, up to the boundary around it.
TEST(Parse, messages_end_where_their_multipart_goes_on) {
  const auto messages = [](std::string_view mail) {
    const Mail parsed = parse(as_bytes(mail), {});
    std::string text;
    for (const Part &part : parsed.parts)
      if (part.is_message()) text += "{" + std::string(as_chars(part.body)) + "}";
    return text;
  };
  EXPECT_EQ(messages("Content-Type: multipart/mixed; boundary=o\r\n\r\n--o\r\nContent-Type: message/rfc822\r\n\r\nA: 1\r\n\r\nin\r\n--o\r\n"
                     "Content-Type: message/rfc822\r\n\r\nB: 2\r\n\r\n--o--\r\n"),
            "{A: 1\r\n\r\nin}{B: 2\r\n}");
  EXPECT_EQ(messages("Content-Type: multipart/mixed; boundary=o\n\n--o\nContent-Type: message/rfc822\n\nContent-Type: multipart/mixed; boundary=i\n\n"
                     "--i\nContent-Type: message/rfc822\n\nA: 1\n\nx\n--i--\nepilogue\n--o--\n"),
            "{Content-Type: multipart/mixed; boundary=i\n\n--i\nContent-Type: message/rfc822\n\nA: 1\n\nx\n--i--\nepilogue}{A: 1\n\nx}");
  EXPECT_EQ(messages("Content-Type: message/rfc822\n\nA: 1\n\nx\n"), "{A: 1\n\nx\n}");
}

TEST(Parse, limits) {
  std::string nested = "Content-Type: message/rfc822\n\n";
  std::string mail;
  for (int i = 0; i < 50; i++)
    mail += nested;
  Mail parsed = parse(as_bytes(mail), {500, 10});
  EXPECT_LE(parsed.parts.size(), 11u);
  EXPECT_TRUE(parsed.parts.back().too_deep);

  std::string wide = "Content-Type: multipart/mixed; boundary=b\n\n";
  for (int i = 0; i < 50; i++)
    wide += "--b\n\nx\n";
  parsed = parse(as_bytes(wide), {20, 10});
  EXPECT_EQ(parsed.parts.size(), 20u);
  EXPECT_TRUE(parsed.too_many);
}

/// Lines that begin nearly as a boundary, and boundaries between them: as a reader that looks at every line.
TEST(Parse, boundaries_among_dashes) {
  for (const std::string end : {"\n", "\r\n", "\r"}) {
    const std::string head = "Content-Type: multipart/mixed; boundary=b" + end + end;
    const std::vector<std::string> lines = {"-", "--", "--x", "-b", " --b", "x--b", "x-", "", "---b", "a-b-c", "-\t--b"};
    for (const std::string &one : lines)
      for (const std::string &other : lines) {
        const std::string body = one + end + other + end + other + "-" + end + one + ".", next = "--b" + end + end;
        EXPECT_EQ(outline(head + one + end + other + end + next + body + end + next + other + "." + end + "--b--" + end +
                          one + end + other),
                  "1 text/plain[" + body + "]2 text/plain[" + other + ".]");
        EXPECT_EQ(outline(head + "--b" + end + end + body), "1 text/plain[" + body + "]") << "never closed";
        EXPECT_EQ(outline("A: b" + end + end + body), "0 text/plain[" + body + "]") << "no multipart";
      }
  }
}

TEST(Parse, attacks_stay_linear) {
  for (std::string_view unit :
       {"--b\n", "--b--\n", "\n", "-", "x-\n", "-\n", "a:\n", " \n", "--",
        "Content-Type: multipart/mixed; boundary=b\n\n--b\n", "Content-Type: message/rfc822\n\n",
        "begin 644 a\n", "Content-Type: text/plain; a*0*=b; a*1=c\n"}) {
    std::string mail = "Content-Type: multipart/mixed; boundary=b\n\n";
    while (mail.size() < (4u << 20))
      mail += unit;
    const std::clock_t start = std::clock();
    Mail parsed = parse(as_bytes(mail), {});
    for (const Part &part : parsed.parts)
      (void)find_uuencoded(as_chars(part.body), 0);
    EXPECT_LT((std::clock() - start) / CLOCKS_PER_SEC, 10) << unit;
  }
}

TEST(Transfer, base64) {
  auto decode = [](std::string_view text) {
    return std::string(as_chars(decode_base64(as_bytes(text))));
  };
  EXPECT_EQ(decode("YWJj"), "abc");
  EXPECT_EQ(decode("YW\r\n Jj*"), "abc");
  EXPECT_EQ(decode("YQ==YmM="), "abc");
  EXPECT_EQ(decode("YWI"), "ab");
  EXPECT_EQ(decode("Y"), "");
}

TEST(Transfer, base64_behind_its_padding_is_told) { // others stop at the padding
  const auto is_ambiguous = [](const std::string &body) {
    const Mail mail = parse(as_bytes(body), {});
    return mail.parts.back().ambiguous;
  };
  const std::string alone = "Content-Transfer-Encoding: base64\r\n\r\n";
  EXPECT_TRUE(is_ambiguous(alone + "QUFBQQ==\r\nQkJCQg=="));
  EXPECT_TRUE(is_ambiguous("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n" + alone + "QQ==QQ\r\n--b--\r\n"));
  EXPECT_FALSE(is_ambiguous(alone + "QUFB\r\nQQ=\r\n=\r\n\r\n--\r\n"));
  EXPECT_FALSE(is_ambiguous(alone + "QUFBQkJC\r\n"));
  EXPECT_FALSE(is_ambiguous("Content-Transfer-Encoding: quoted-printable\r\n\r\nQQ==\r\nQQ"));
}

/// However the lines are cut, whatever stands between, at every length: as a decoder that takes one character at a time.
TEST(Transfer, base64_in_blocks_and_one_by_one) {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::uint32_t random = 1;
  const auto roll = [&] { return (random = random * 1664525 + 1013904223) >> 8; };
  for (std::size_t length = 0; length < 400; length++) {
    std::string text, plain;
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < length; i++) {
      const std::uint32_t value = roll() % 64;
      text += alphabet[value];
      bits = bits << 6 | value;
      if (i % 4 > 0) plain += static_cast<char>(bits >> (6 - 2 * (i % 4)));
      if (length % 3 == 0 ? i % 76 == 75 : roll() % 40 == 0) text += length % 2 ? "\r\n" : "\x80*";
    }
    EXPECT_EQ(std::string(as_chars(decode_base64(as_bytes(text)))), plain) << length;
  }
  for (int octet = 0; octet < 256; octet++) { // one octet outside the alphabet inside a block
    std::string text(64, 'A');
    text[37] = static_cast<char>(octet);
    const bool known = alphabet.find(static_cast<char>(octet)) != std::string_view::npos;
    EXPECT_EQ(decode_base64(as_bytes(text)).size(), known ? 48u : octet == '=' ? 46u : 47u) << octet;
  }
}

std::string one_by_one(std::string_view base64) {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string plain;
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (char c : base64) {
    const std::size_t value = alphabet.find(c);
    if (c == '=') count = 0;
    if (value == alphabet.npos) continue;
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    if (count > 0) plain += static_cast<char>(bits >> (6 - 2 * count));
    count = (count + 1) % 4;
  }
  return plain;
}

/// Lines of every length and end, as long as the one before or not.
TEST(Transfer, base64_in_lines) {
  for (const std::string end : {"\n", "\r\n", "\r", " \r\n", "=\r\n", "==\n", "\n\n", "-"})
    for (std::size_t width = 1; width < 140; width++) {
      std::string text;
      for (std::size_t line = 0; line < 12; line++) {
        for (std::size_t i = 0; i < (line % 5 == 4 ? width + line : width); i++)
          text += "+Az09/aZ"[(i * 5 + line * 3 + width) % 8];
        text += end;
      }
      const std::vector<std::byte> exact = to_buffer(text); // nothing is read beyond it
      EXPECT_EQ(std::string(as_chars(decode_base64(exact))), one_by_one(text)) << width;
    }
}

/// Every pair of octets behind an '=' that stands in a row of others, at every place of it.
TEST(Transfer, quoted_printable_in_rows) {
  constexpr std::string_view digits = "0123456789ABCDEFabcdef";
  const auto is_digit = [&](char c) { return digits.find(c) != digits.npos; };
  for (std::size_t place = 0; place < 13; place++)
    for (int high = 0; high < 256; high++)
      for (int low = high % 7; low < 256; low += place == 3 ? 1 : 7) {
        const std::string two = {static_cast<char>(high), static_cast<char>(low)};
        if (two.find_first_of("=\n") != two.npos) continue; // begins or ends something itself
        std::string text, plain;
        for (std::size_t i = 0; i < 13; i++) {
          const bool here = i == place;
          const bool valid = is_digit(two[0]) && is_digit(two[1]);
          text += '=' + (here ? two : "e3");
          plain += !here ? "\xe3" : valid ? std::string(1, static_cast<char>(std::stoi(two, nullptr, 16))) : '=' + two;
        }
        text += ".";
        plain += ".";
        const std::vector<std::byte> exact = to_buffer(text);
        ASSERT_EQ(std::string(as_chars(decode_quoted_printable(exact))), plain) << place << " " << high << " " << low;
      }
}

TEST(Transfer, quoted_printable_of_any_length) {
  const auto decode = [](const std::string &text) {
    const std::vector<std::byte> exact = to_buffer(text); // nothing is read beyond it
    return std::string(as_chars(decode_quoted_printable(exact)));
  };
  std::string crs;
  for (std::size_t length = 0; length < 40; ++length) {
    const std::string x(length, 'x');
    EXPECT_EQ(decode(x + "=41" + x), x + "A" + x);
    EXPECT_EQ(decode(x + "=\n" + x), x + x);
    EXPECT_EQ(decode(x + "=4"), x + "=4");
    EXPECT_EQ(decode(x + "=zz=" + x + "="), x + "=zz=" + x);
    EXPECT_EQ(decode(std::string(length, '\n')), crs); // grows by as many
    crs += "\r\n";
  }
}

TEST(Transfer, quoted_printable) {
  auto decode = [](std::string_view text) {
    return std::string(as_chars(decode_quoted_printable(as_bytes(text))));
  };
  EXPECT_EQ(decode("a=3Db=\r\nc  \r\nd=e3=G1=\n"), "a=bc\r\nd\xe3=G1");
  EXPECT_EQ(decode("a=4"), "a=4");
  EXPECT_EQ(decode("="), "");
}

TEST(Transfer, uuencode) {
  std::string text = "before\nbegin 644 a b.txt\n#86)C\n`\nend\nafter";
  std::optional<UuFile> file = find_uuencoded(text, 0);
  ASSERT_TRUE(file);
  EXPECT_EQ(file->name, "a b.txt");
  EXPECT_EQ(as_chars(file->content), "abc");
  EXPECT_EQ(text.substr(file->end), "after");
  EXPECT_FALSE(find_uuencoded("begin the day\nbegin 6 x\nx begin 644 y\n", 0));
}

} // namespace
} // namespace sekisho::mime
