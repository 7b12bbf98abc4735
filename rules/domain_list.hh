// Domains, each with everything below it, one a line: what `refuse free-mail` and `refuse network-storage` name (M7).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sekisho::rules {

class DomainList {
public:
  DomainList() = default;
  /// Lower case; need not be sorted.
  explicit DomainList(std::vector<std::string> domains);
  /// The domain itself or one above it is listed.  `domain`: lower case, without a dot at the end.
  bool has(std::string_view domain) const;
  std::size_t size() const { return domains_.size(); }

private:
  std::vector<std::string> domains_; // sorted
};

/// A line that is no domain.  Columns are 1-based and count characters, both inclusive.
struct DomainFinding {
  std::uint32_t line = 1, first_column = 1, last_column = 1;
  std::string text;
};

struct ReadDomains {
  DomainList list;
  std::vector<DomainFinding> findings;
};

/// '#' begins a comment; blank lines are nothing.  Reads on behind what it does not understand.
ReadDomains read_domain_list(std::string_view text);

/// The lists that come with the program: deploy/lists.
std::string_view built_in_free_mail();
std::string_view built_in_network_storage();

} // namespace sekisho::rules
