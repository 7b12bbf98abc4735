// What the parser read: sentences with the place of every word, nothing decided yet.
#pragma once

#include "rules/diagnostic.hh"

#include <optional>
#include <string>
#include <vector>

namespace sekisho::rules {

/// A word or string and where it stands.
struct Word {
  std::string text;
  Place place;
};

struct ZoneSentence {
  bool whole = true; // read without an error: what is missing is missing
  Word name;
  std::optional<Word> port, address;
  std::vector<Word> networks;
  std::optional<Place> closed, outside;
};

struct HostSentence {
  bool whole = true; // read without an error: what is missing is missing
  Word name;
  std::optional<Word> zone, address, mac;
};

struct LedgerItems {
  std::optional<Word> purpose, owner, approved, until;
};

struct PortItem {
  std::uint16_t first = 0, last = 0;
  Place place;
};

struct PermitSentence {
  bool whole = true; // read without an error: what is missing is missing
  Place keyword;
  Word protocol; // tcp, udp or icmp
  std::vector<PortItem> ports;
  std::vector<Word> from, to;
  LedgerItems ledger;
};

/// One `CLASS TREATMENT` of an attachment block.
struct TreatmentItem {
  Word kind_class, treatment;
};

struct RelaySentence {
  bool whole = true; // read without an error: what is missing is missing
  Place keyword;
  std::optional<Word> name;
  Word from, to;
  std::vector<Word> recipients;
  std::optional<Word> next_hop, body;
  std::optional<PortItem> next_hop_port, listen_port;
  struct Amount {
    std::uint64_t value = 0; // octets, seconds or dots per inch
    Place place;
  };
  std::optional<Amount> size, deadline, dpi;
  std::vector<TreatmentItem> attachments;
  LedgerItems ledger;
};

struct Sentences {
  std::vector<ZoneSentence> zones;
  std::vector<HostSentence> hosts;
  std::vector<PermitSentence> permits;
  std::vector<RelaySentence> relays;
};

/// The shape of a file for `sekisho fmt`: which tokens make a sentence, its head and its items.
struct Outline {
  enum class Kind : std::uint8_t { zone, host, permit, relay, attachment, item };
  Kind kind = Kind::item;
  unsigned rank = 0;               // order of items in canonical text
  std::size_t first = 0, last = 0; // tokens [first, last), nested items included
  std::size_t head_end = 0;        // tokens [first, head_end) are the head; braces are in neither
  std::vector<Outline> items;
};

} // namespace sekisho::rules
