// A list of the flows, asked for while they go on: the forwarding core hands its table over in slices between
// bursts, through a ring; the attendant chooses, sorts and adds up.  Neither waits for the other.
#pragma once

#include "base/result.hh"
#include "gateway/flow/table.hh"
#include "gateway/path/policy.hh"
#include "gateway/path/ring.hh"

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace sekisho::path {

/// One flow as it was when the core passed by.
struct FlowRow {
  flow::Ends ends; // the opener is the source
  rules::ZoneId from = rules::no_zone, to = rules::no_zone;
  flow::State state = flow::State::none;
  bool from_kernel = false, relayed = false;
  rules::RuleId rule = rules::no_rule; // none also where it is still to be decided again
  std::uint64_t packets = 0, octets = 0;
  std::uint32_t age = 0, idle = 0; // seconds
};

/// One core's part of it.
class Survey {
public:
  static constexpr std::size_t slice = 256; // entries looked at between two bursts at the most
  Survey() : ring_(4096) {}

  /// The core: the next slice; true when it is through.
  template <class RowOf> bool go_on(const flow::Table &flows, RowOf row_of) {
    std::size_t end = std::min(place_ + slice, flows.extent());
    for (; place_ < end; ++place_)
      if (const flow::Entry *entry = flows.at(place_))
        if (!ring_.push(row_of(*entry))) return false; // this one again
    return place_ >= flows.extent();
  }
  /// The attendant.
  bool take(FlowRow &row) { return ring_.pop(row); }

private:
  Ring<FlowRow> ring_;
  std::size_t place_ = 0;
};

/// The member `zone` of a question, if it has one; an error says which zones there are.
Result<std::optional<rules::ZoneId>> zone_in(const nlohmann::ordered_json &untrusted_question,
                                             const rules::RuleSet &rules);

/// What is asked for, and what comes of it.
class FlowList {
public:
  using Json = nlohmann::ordered_json;
  enum class Kind : std::uint8_t { flows, hosts };
  static constexpr std::size_t most_rows = 10'000, most_hosts = 65'536;

  /// `untrusted_choice`: one JSON object; all members may be left out.
  ///   zone   a zone's name: flows from or to it
  ///   host   an address or a listed host's name: flows from or to it
  ///   rule   a label
  ///   sort   flows: octets (default), packets or age; hosts: octets, packets or flows
  ///   limit  rows; default 50
  /// Errors: no such zone, host or order of sorting; the text says which there are.
  static Result<FlowList> make(Kind kind, std::string_view untrusted_choice, const rules::RuleSet &rules);

  void add(const FlowRow &row);
  /// flows: {"flows":[{"from","to","protocol","source","source_port","destination","destination_port","rule",
  ///        "state","packets","octets","age","idle"}…], "total", "packets", "octets"}; to: a zone, or "gateway"
  /// hosts: {"hosts":[{"zone","address","host","flows","packets","octets"}…], "total", …}
  /// total, packets, octets: of all that were chosen, shown or not.
  Json take(const rules::RuleSet &rules);

private:
  struct Sum {
    rules::ZoneId zone = rules::no_zone;
    std::uint64_t flows = 0, packets = 0, octets = 0;
  };
  struct IpHash {
    std::size_t operator()(const Ip &ip) const {
      auto words = ip.words();
      return (words[0] * 0x9e3779b97f4a7c15) ^ (words[1] * 0xc2b2ae3d27d4eb4f);
    }
  };
  bool is_chosen(const FlowRow &row) const;
  std::uint64_t weight_of(const FlowRow &row) const;
  std::uint64_t weight_of(const Sum &sum) const;
  void keep_heaviest(const FlowRow &row);
  void add_host(rules::ZoneId zone, const Ip &ip, const FlowRow &row);
  Json flows_json(const rules::RuleSet &rules);
  Json hosts_json(const rules::RuleSet &rules) const;

  Kind kind_ = Kind::flows;
  std::optional<rules::ZoneId> zone_;
  std::optional<Ip> host_;
  std::optional<rules::RuleId> rule_;
  enum class Sort : std::uint8_t { octets, packets, age, flows } sort_ = Sort::octets;
  std::size_t limit_ = 50;
  std::uint64_t total_ = 0, packets_ = 0, octets_ = 0;
  std::vector<FlowRow> rows_; // a heap, the lightest in front
  std::unordered_map<Ip, Sum, IpHash> hosts_;
  std::uint64_t beyond_ = 0; // flows of hosts there was no room for
};

} // namespace sekisho::path
