// Japanese office mail, made up: always the same for the same seed.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace sekisho::bench {

/// Splitmix64: small, and the same everywhere.
class Dice {
public:
  explicit Dice(std::uint64_t seed) : state_(seed) {}
  std::uint64_t roll() {
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
  }
  std::uint64_t below(std::uint64_t limit) { return roll() % limit; }

private:
  std::uint64_t state_;
};

/// 2 KB, text/plain in ISO-2022-JP (RFC 1468).
std::string small_mail(Dice &dice);
/// 22 KB, multipart/alternative: UTF-8 text in base64, HTML in quoted-printable with script and remote image.
std::string middle_mail(Dice &dice);
/// A paragraph, a link and a picture from elsewhere: of what its HTML is made.
std::string middle_html(Dice &dice);
/// 1 MB, multipart/mixed: a short text, two attachments in base64.
std::string big_mail(Dice &dice);

/// 70, 25 and 5 of a hundred, in an order that does not clump.
std::vector<std::string> mail_mix(std::uint64_t seed, std::size_t count);
/// `kind`: mix, or small, middle, big alone.
std::vector<std::string> mails_of(const std::string &kind, std::uint64_t seed, std::size_t count);

} // namespace sekisho::bench
