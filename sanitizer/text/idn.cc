#include "sanitizer/text/idn.hh"

#include "base/text.hh"

#include <idn2.h>

#include <algorithm>
#include <memory>

namespace sekisho::text {

namespace {

/// The mapping of UTS #46 makes '>' of '＞', '@' of '＠' and a space of '　': signs of SMTP, and of no name.
bool is_name(std::string_view domain) {
  const bool has_empty_label = domain.empty() || domain.front() == '.' || domain.back() == '.' || domain.find("..") != domain.npos;
  return !has_empty_label && std::ranges::all_of(domain, [](char c) {
    return is_letter_or_digit(c) || c == '-' || c == '_' || c == '.';
  });
}

} // namespace

std::string to_ascii_domain(std::string_view utf8_domain) {
  std::string domain(utf8_domain);
  if (is_ascii(domain)) return domain;
  if (domain.size() > IDN2_DOMAIN_MAX_LENGTH * 4 || domain.find('\0') != std::string::npos) return {};
  char *found = nullptr;
  const int status = idn2_to_ascii_8z(domain.c_str(), &found, IDN2_NONTRANSITIONAL);
  const std::unique_ptr<char, decltype(&idn2_free)> ascii(found, idn2_free);
  return status == IDN2_OK && ascii && is_name(ascii.get()) ? std::string(ascii.get()) : std::string();
}

std::string with_ascii_domain(std::string_view address) {
  if (is_ascii(address)) return std::string(address);
  const std::size_t domain = address.rfind('@') + 1; // npos + 1: it is all domain
  const std::string ascii = to_ascii_domain(address.substr(domain));
  return std::string(address.substr(0, domain)) + (ascii.empty() ? std::string(address.substr(domain)) : ascii);
}

} // namespace sekisho::text
