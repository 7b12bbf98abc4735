// What the parser read: sentences with the place of every word, nothing decided yet.
#pragma once

#include "rules/diagnostic.hh"

#include <deque>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace sekisho::rules {

/// A word or string and where it stands.  The text is in the source or in Texts.
struct Word {
  std::string_view text;
  Place place;
};

struct ZoneSentence {
  bool whole = true; // read without an error: what is missing is missing
  Word name;
  std::optional<Word> port, vlan, address, mtu, fragments;
  std::vector<Word> networks;
  std::optional<Place> closed, outside;
};

struct HostSentence {
  bool whole = true; // read without an error: what is missing is missing
  Word name;
  std::optional<Word> zone, address, mac;
};

struct SetSentence {
  bool whole = true; // read without an error: what is missing is missing
  Word name;
  std::vector<Word> members;
};

struct PortItem {
  std::uint16_t first = 0, last = 0;
  Place place;
};

/// `tcp port 80, 443`, `icmp echo`, `vrrp`, or the name of a declared service.
struct ServiceItem {
  Word word; // the protocol or the name
  bool is_name = false;
  std::vector<PortItem> ports;
  Word kind; // of icmp
};

struct ServiceSentence {
  bool whole = true; // read without an error: what is missing is missing
  Word name;
  std::vector<ServiceItem> items;
};

struct LedgerItems {
  std::optional<Word> purpose, owner, approved, since, until;
};

struct ScheduleItem {
  std::uint8_t days = 0; // bit 0: Monday
  Word hours;
  Place place;
};

struct LimitItem {
  enum class What : std::uint8_t {
    connections,
    source_connections,
    new_flows,
    source_new_flows,
    packets,
    bits
  };
  What what = What::connections;
  std::uint64_t value = 0;
  Place place;
};

/// What may stand behind the ends of a permit or local sentence.
struct ConditionItems {
  std::optional<ScheduleItem> during;
  std::vector<LimitItem> limits;
  std::optional<Word> log;
};

struct PermitSentence {
  bool whole = true; // read without an error: what is missing is missing
  Place keyword;
  std::vector<ServiceItem> services;
  std::vector<Word> from, to;
  LedgerItems ledger;
  std::unique_ptr<ConditionItems> conditions; // most have none
};

struct LocalSentence {
  bool whole = true;   // read without an error: what is missing is missing
  bool leaves = false; // `to`: the gateway's kernel opens the flow
  Place keyword;
  std::vector<ServiceItem> services;
  std::vector<Word> hosts;
  LedgerItems ledger;
  std::unique_ptr<ConditionItems> conditions;
};

/// A number with its unit applied: octets, seconds, dots per inch or a plain number.
struct Amount {
  std::uint64_t value = 0;
  Place place;
};

struct NextHopItem {
  Word server;
  std::optional<PortItem> port;
  std::optional<Amount> weight;
  std::optional<Place> backup;
};

/// The way out of a relay.
struct RoutesSentence {
  std::vector<NextHopItem> hops;
  std::optional<Amount> connections, mails_per_connection, mails_per_minute;
  std::optional<Word> tls, authority, certificate_name, login, password; // authority, password: a file's path
  std::vector<Word> pins;
  std::vector<Word> bounce_to;
};

/// How long a relay tries.
struct PatienceSentence {
  std::optional<Place> retry;
  std::optional<Amount> first_wait, longest_wait, give_up, delay_notice; // seconds
};

/// One `CLASS TREATMENT` of an attachment block.
struct TreatmentItem {
  Word kind_class, treatment;
  std::optional<Amount> depth; // of archives in archives
};

struct DoorLimitItem {
  enum class What : std::uint8_t {
    connections,
    source_connections,
    net_connections,
    connections_a_minute,
    mails_a_minute,
    recipients_a_minute,
    recipients_a_mail,
    errors_a_session
  };
  What what = What::connections;
  std::uint64_t value = 0;
  Place place;
};

/// What a relay says of who hands in mail.
struct DoorSentence {
  std::vector<Word> clients, senders, balancers;
  std::optional<Word> tls, certificate, key, client_ca; // a choice; files' paths
  std::vector<DoorLimitItem> limits;
  std::optional<Amount> tarpit, greylist; // seconds
};

/// What a relay says of its hold.
struct HoldSentence {
  std::optional<Place> place; // of `hold`
  std::optional<Amount> days, most;
  std::vector<Word> original_by; // users
};

/// `free-mail` or `network-storage`, with the file of a list of one's own.
struct RefuseItem {
  Word list;
  std::optional<Word> file;
};

/// `mass N mails per minute per sender`.
struct MassItem {
  Amount mails;
  bool per_hour = false; // else per minute
  Word per;
  Place place;
};

/// What a relay says of the mails it takes.
struct GuardSentence {
  std::vector<Word> destinations;
  std::vector<RefuseItem> refuse;
  std::optional<Word> forwarding, visible, unknown_senders; // visible: `recipients hidden`
  std::vector<MassItem> mass;
  std::optional<Place> mass_never;
  std::optional<Word> authentication, resolver;
  std::optional<PortItem> resolver_port;
  std::optional<Word> sign_domain, sign_selector, sign_key;
};

struct RelaySentence {
  bool whole = true; // read without an error: what is missing is missing
  Place keyword;
  std::optional<Word> name;
  Word from, to;
  std::vector<Word> recipients;
  std::optional<Word> body;
  std::optional<PortItem> listen_port;
  using Amount = rules::Amount;
  std::optional<Amount> size, deadline, dpi, noise;
  std::optional<Word> tracked, hidden, formulas; // of rebuilt documents
  std::optional<Place> append;                   // the text of attachments
  std::optional<Word> charset;                   // of the mail as written
  std::optional<Word> note;                      // a file's path
  std::optional<Word> scan;                      // a socket's path
  std::optional<Amount> definitions;             // days; 0: any
  std::vector<TreatmentItem> attachments;
  DoorSentence door;
  RoutesSentence routes;
  PatienceSentence patience;
  HoldSentence hold;
  GuardSentence guard;
  LedgerItems ledger;
};

struct Sentences {
  std::vector<ZoneSentence> zones;
  std::vector<HostSentence> hosts;
  std::vector<SetSentence> sets;
  std::vector<ServiceSentence> services;
  std::deque<PermitSentence> permits; // there may be many
  std::vector<LocalSentence> locals;
  std::vector<RelaySentence> relays;
};

/// The shape of a file for `sekisho fmt`: which tokens make a sentence, its head and its items.
struct Outline {
  /// list: items with commas between them (set, service); permit: local sentences too.
  enum class Kind : std::uint8_t { zone, host, list, permit, relay, attachment, item };
  Kind kind = Kind::item;
  unsigned rank = 0;               // order of items in canonical text
  std::size_t first = 0, last = 0; // tokens [first, last), nested items included
  std::size_t head_end = 0;        // tokens [first, head_end) are the head; braces are in neither
  std::vector<Outline> items;
};

} // namespace sekisho::rules
