#include "rules/domain_list.hh"

#include "base/text.hh"
#include "rules/mail_pattern.hh"
#include "rules/text.hh"

#include <algorithm>

namespace sekisho::rules {
namespace {

constexpr std::size_t max_domains = 50'000;
constexpr std::size_t max_findings = 100;

} // namespace

DomainList::DomainList(std::vector<std::string> domains) : domains_(std::move(domains)) {
  std::ranges::sort(domains_);
  domains_.erase(std::unique(domains_.begin(), domains_.end()), domains_.end());
}

bool DomainList::has(std::string_view domain) const {
  while (!domain.empty()) {
    if (std::ranges::binary_search(domains_, domain, std::less<>())) return true;
    const std::size_t dot = domain.find('.');
    if (dot == std::string_view::npos) return false;
    domain.remove_prefix(dot + 1);
  }
  return false;
}

ReadDomains read_domain_list(std::string_view text) {
  ReadDomains read;
  std::vector<std::string> domains;
  std::uint32_t line = 0;
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3); // byte order mark
  while (!text.empty()) {
    ++line;
    const std::size_t end = text.find('\n');
    std::string_view whole = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    const std::string_view word = trimmed(whole.substr(0, whole.find('#')), " \t\r");
    if (word.empty()) continue;
    std::string domain = lower_case(word);
    if (is_mail_domain(domain) && domain.find('.') != std::string::npos && domains.size() < max_domains) {
      domains.push_back(std::move(domain));
      continue;
    }
    if (read.findings.size() >= max_findings) continue;
    const auto before = static_cast<std::size_t>(word.data() - whole.data());
    const auto first = static_cast<std::uint32_t>(count_characters(whole.substr(0, before)) + 1);
    const auto size = static_cast<std::uint32_t>(count_characters(word));
    read.findings.push_back({line, first, first + size - 1, std::string(word)});
  }
  read.list = DomainList(std::move(domains));
  return read;
}

} // namespace sekisho::rules
