// How much a rule may carry, and how much one source of it (Z8): connections at once, new ones a second,
// packets and bits a second.
//
// One object for all forwarding cores.  A rule without limits costs nothing; opening and ending a flow of a
// limited one takes a short lock; a packet touches it only where its rule has a packet or bit rate, without a lock.
#pragma once

#include "base/address.hh"
#include "base/reason.hh"
#include "gateway/path/pace.hh"
#include "rules/ruleset.hh"

#include <array>
#include <memory>
#include <vector>

namespace sekisho::path {

/// Names a rule across reloads: a hash of its sentence.  The same text keeps its counts.
using RuleIdentity = std::uint64_t;

/// What a flow holds while it lives; given back exactly once.
struct LimitSlot {
  static constexpr std::uint32_t nothing = 0xffffffff;
  std::uint32_t value = nothing;

  bool is_held() const { return value != nothing; }
  /// Each packet of the flow must be asked for.
  bool is_paced() const { return is_held() && (value & paced) != 0; }
  auto operator<=>(const LimitSlot &) const = default;

private:
  friend class Limits;
  static constexpr std::uint32_t paced = 1u << 31, of_source = 1u << 30, over = 1u << 29, index = over - 1;
};

struct LimitOptions {
  std::size_t rules = 16384;    // with limits, at once
  std::size_t sources = 65536;  // of rules with limits per source, at once
  std::uint64_t hash_key = 0;   // random wherever somebody could aim at it
};

class Limits {
public:
  struct Admission {
    Reason reason = Reason::none; // limit_…
    LimitSlot slot;               // nothing where refused, and where the rule has no limits
  };
  struct Row {
    RuleIdentity rule = 0;
    std::uint32_t connections = 0;
    std::uint64_t refused = 0; // flows and packets
  };

  explicit Limits(const LimitOptions &options = {});
  ~Limits();

  /// A flow wants to open.  A refused one uses nothing up.  `now`: nanoseconds of the path's clock.
  /// Reasons: limit_connections, limit_source_connections, limit_new, limit_source_new, limit_table_full.
  Admission admit(const rules::Permit &permit, RuleIdentity rule, const Ip &source, std::uint64_t now);
  /// An open flow is decided by another rule after a reload: it moves there and is counted; what is too much then
  /// is only not let in anew.  Its former slot is given back in any case.  Reasons: limit_table_full, where there
  /// is no room for the rule (where there is none for the source, the rule alone counts it).
  Admission carry_over(LimitSlot slot, const rules::Permit &permit, RuleIdentity rule, const Ip &source,
                       std::uint64_t now);
  /// The connection is over and counts no more, though its flow lingers for what is still under way; returns the
  /// slot to hold and release from then on.
  LimitSlot end_connection(LimitSlot slot);
  /// The flow has ended.
  void release(LimitSlot slot);
  /// For slots that are is_paced(): each direction has the rule's whole rate, or the questions would use up that of
  /// the answers.  `octets`: of the frame.  None or limit_rate.
  Reason allow_packet(LimitSlot slot, bool from_opener, std::uint32_t octets, std::uint64_t now);

  /// The rules that count something now; from any thread, without the lock.
  std::vector<Row> snapshot() const;
  std::size_t sources_in_use(std::uint64_t now) const; // for tests

private:
  struct Rule;
  struct Source;
  static constexpr std::uint32_t none = 0xffffffff;

  Rule *rule_for(const rules::Permit &permit, RuleIdentity identity, std::uint64_t now);
  Source *source_for(std::uint32_t rule, const Ip &ip, std::uint64_t now);
  void drop_connection(LimitSlot slot);
  void drop_holder(LimitSlot slot);
  LimitSlot count(Rule &rule, Source *source);
  std::uint64_t hash_of(std::uint64_t a, std::uint64_t b, std::uint64_t c) const;
  Rule &rule_of(LimitSlot slot) const;

  std::uint64_t key_;
  std::size_t rule_buckets_, source_buckets_; // powers of two
  std::unique_ptr<Rule[]> rules_;
  std::unique_ptr<Source[]> sources_;
  mutable std::atomic_flag lock_;
};

} // namespace sekisho::path
