#include "rules/question.hh"

#include "rules/text.hh"

#include <fmt/format.h>

#include <charconv>

namespace sekisho::rules {
namespace {

constexpr std::string_view grammar =
    "ask   tcp|udp from [ZONE] ADDRESS[:PORT] [mac MAC] to [ZONE] ADDRESS:PORT\n"
    "      icmp [echo|timestamp] from [ZONE] ADDRESS [mac MAC] to [ZONE] ADDRESS\n"
    "      vrrp from [ZONE] ADDRESS [mac MAC] to [ZONE] ADDRESS\n"
    "      tcp|udp|icmp|vrrp from gateway to [ZONE] ADDRESS[:PORT]\n"
    "      mail from ZONE [SENDER] to RECIPIENT\n"
    "where ADDRESS may be the name of a listed host and an IPv6 address with a port is "
    "[2001:db8::1]:443\n";

struct QuestionWord {
  std::string text;
  std::size_t at = 0; // octet in the question
};

/// What one side of a packet question said.
struct Side {
  Ip address;
  std::uint16_t port = 0;
  const Host *host = nullptr;
  ZoneId zone = no_zone; // as said, or of the host
};

class Reader {
public:
  Reader(const RuleSet &rules, std::string_view question) : rules_(rules), question_(question) {
    for (std::size_t at = 0; at < question.size();) {
      std::size_t end = std::min(question.find_first_of(" \t\r\n", at), question.size());
      if (end > at) words_.push_back({std::string(question.substr(at, end - at)), at});
      at = end + 1;
    }
  }

  Result<Question> read() {
    if (is("mail")) return mail();
    PacketQuestion question;
    if (!packet(question)) return fail(error_);
    return Question(question);
  }

private:
  // -- words -------------------------------------------------------------------------------------
  bool at_end() const { return next_ >= words_.size(); }
  bool is(std::string_view word) const {
    return !at_end() && lower_case(words_[next_].text) == word;
  }
  bool take(std::string_view word) {
    if (!is(word)) return false;
    ++next_;
    return true;
  }
  bool bad(std::string_view why) {
    std::size_t at = at_end() ? question_.size() : words_[next_].at;
    std::size_t cells = 0, width = 1;
    for (std::string_view before = question_.substr(0, at); !before.empty();) {
      Character character = first_character(before);
      cells += display_width(character.code);
      before.remove_prefix(character.octets);
    }
    if (at_end()) ++cells;
    if (!at_end()) width = count_characters(words_[next_].text);
    error_ = fmt::format("cannot understand the question: {}\n  {}\n  {}{}\n{}", why, shown(),
                         std::string(cells, ' '), std::string(width, '^'), grammar);
    return false;
  }
  std::string shown() const { // safe to print
    std::string text;
    for (std::string_view rest = question_; !rest.empty();) {
      Character character = first_character(rest);
      bool safe = character.valid && character.code >= 0x20 &&
                  !(character.code >= 0x7f && character.code < 0xa0) &&
                  !is_invisible_control(character.code);
      text += safe ? rest.substr(0, character.octets) : std::string_view(" ");
      rest.remove_prefix(character.octets);
    }
    return text;
  }

  // -- packets
  // -------------------------------------------------------------------------------------
  bool packet(PacketQuestion &question) {
    PacketSubject &subject = question.subject;
    if (question_.size() > max_question) return bad("it is too long");
    if (!protocol(subject)) return false;
    if (!take("from")) return bad("expected 'from'");
    if (take("gateway")) return from_gateway(subject);
    Side from, to;
    if (!side(from, "source")) return false;
    subject.source = from.address;
    subject.source_port = from.port;
    if (!source_zone(from, subject) || !source_mac(from, question)) return false;
    if (!take("to")) return bad("expected 'to'");
    if (!destination(to, subject)) return false;
    if (to.address.is_v4() != from.address.is_v4()) {
      --next_;
      return bad("source and destination are of different IP versions");
    }
    if (subject.protocol == protocol::icmp) set_echo(subject);
    return true;
  }

  bool protocol(PacketSubject &subject) {
    if (take("tcp")) {
      subject.protocol = protocol::tcp;
    } else if (take("udp")) {
      subject.protocol = protocol::udp;
    } else if (take("icmp")) {
      subject.protocol = protocol::icmp;
      if (!take("echo")) timestamp_ = take("timestamp");
    } else if (take("vrrp")) {
      subject.protocol = protocol::vrrp;
    } else {
      return bad("a question begins with tcp, udp, icmp, vrrp or mail");
    }
    return true;
  }

  void set_echo(PacketSubject &subject) const {
    bool v4 = subject.destination.is_v4();
    subject.protocol = v4 ? protocol::icmp : protocol::icmp6;
    subject.icmp_type = timestamp_ ? 13 : v4 ? 8 : 128;
  }

  /// The gateway's own stack; the zone it leaves to is that of the destination.
  bool from_gateway(PacketSubject &subject) {
    Side to;
    if (!take("to")) return bad("expected 'to'");
    if (!destination(to, subject)) return false;
    subject.from_kernel = true;
    std::optional<ZoneId> zone = rules_.zone_of(subject.destination);
    if (is_group(subject.destination) && to.zone != no_zone) zone = to.zone;
    if (!zone) {
      --next_;
      return bad(is_group(subject.destination) ? "say into which zone"
                                               : "this address lies in no zone");
    }
    subject.from = *zone;
    subject.source = rules_.zones()[*zone].address.value_or(Ip{});
    if (subject.protocol == protocol::icmp) set_echo(subject);
    return true;
  }

  bool destination(Side &to, PacketSubject &subject) {
    if (!side(to, "destination")) return false;
    subject.destination = to.address;
    subject.destination_port = to.port;
    if (to.zone != no_zone && !is_group(to.address) && rules_.zone_of(to.address) != to.zone) {
      --next_;
      return bad(fmt::format("this address is not in zone '{}'", rules_.zones()[to.zone].name));
    }
    bool has_port = subject.protocol == protocol::tcp || subject.protocol == protocol::udp;
    if (has_port && to.port == 0) {
      --next_;
      return bad("the destination needs a port");
    }
    return at_end() || bad("nothing is expected after the destination");
  }

  /// The zone a packet came from may be one its address does not belong to: that is what Z5 is
  /// about.
  bool source_zone(const Side &from, PacketSubject &subject) {
    std::optional<ZoneId> lies_in = rules_.zone_of(from.address);
    if (from.zone == no_zone && !lies_in) {
      --next_;
      return bad("this address lies in no zone: say from which zone the packet comes");
    }
    subject.from = from.zone != no_zone ? from.zone : *lies_in;
    return true;
  }

  bool source_mac(const Side &from, PacketQuestion &question) {
    if (take("mac")) {
      std::optional<Mac> mac = at_end() ? std::nullopt : parse_mac(words_[next_].text);
      if (!mac) return bad("expected a MAC address such as 02:00:5e:10:00:01");
      question.subject.source_mac = *mac;
      ++next_;
      return true;
    }
    const Host *host = rules_.host_at(from.address);
    if (host && host->mac) question.subject.source_mac = *host->mac;
    question.mac_assumed = true;
    return true;
  }

  bool side(Side &side, std::string_view what) {
    if (!at_end()) {
      if (std::optional<ZoneId> zone = rules_.zone_named(words_[next_].text)) {
        side.zone = *zone;
        ++next_;
      }
    }
    if (at_end() || is("to") || is("mac")) return bad(fmt::format("expected the {} address", what));
    if (!address_and_port(words_[next_].text, side)) return false;
    ++next_;
    return true;
  }

  bool address_and_port(std::string_view text, Side &side) {
    if (std::optional<Ip> ip = parse_ip(text)) {
      side.address = *ip;
      return true;
    }
    std::size_t colon = text.rfind(':');
    std::string_view address = text.substr(0, colon);
    if (address.size() > 2 && address.front() == '[' && address.back() == ']')
      address = address.substr(1, address.size() - 2);
    if (text.size() > 2 && text.front() == '[' && text.back() == ']') {
      address = text.substr(1, text.size() - 2);
      colon = std::string_view::npos;
    }
    if (colon != std::string_view::npos && !port(text.substr(colon + 1), side)) return false;
    if (std::optional<Ip> ip = parse_ip(address)) {
      side.address = *ip;
      return true;
    }
    for (const Host &host : rules_.hosts()) {
      if (host.name != address) continue;
      side.address = host.address;
      side.host = &host;
      if (side.zone == no_zone) side.zone = host.zone;
      return true;
    }
    return not_known(address);
  }

  bool not_known(std::string_view name) {
    std::vector<std::string_view> known, zones;
    for (const Host &host : rules_.hosts())
      known.push_back(host.name);
    for (const Zone &zone : rules_.zones())
      zones.push_back(zone.name);
    known.insert(known.end(), zones.begin(), zones.end());
    std::string_view near = nearest(name, known);
    if (!near.empty()) return bad(fmt::format("did you mean '{}'?", near));
    return bad(fmt::format("no address, zone or host of these rules; zones: {}", fmt::join(zones, ", ")));
  }

  bool port(std::string_view digits, Side &side) {
    unsigned number = 0;
    auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (error != std::errc{} || end != digits.data() + digits.size() || number == 0 ||
        number > 65535)
      return bad("a port is a number from 1 to 65535");
    side.port = static_cast<std::uint16_t>(number);
    return true;
  }

  // -- mail
  // ------------------------------------------------------------------------------------------
  Result<Question> mail() {
    MailQuestion question;
    if (!mail(question)) return fail(error_);
    return Question(std::move(question));
  }
  bool mail(MailQuestion &question) {
    if (question_.size() > max_question) return bad("it is too long");
    take("mail");
    if (!take("from")) return bad("expected 'from'");
    if (at_end()) return bad("expected the zone the mail comes from");
    const Result<ZoneId> zone = rules_.zone_typed(words_[next_].text);
    if (!zone) return bad(zone.error().what);
    question.from = *zone;
    ++next_;
    if (!at_end() && !is("to")) question.sender = words_[next_++].text;
    if (!take("to")) return bad("expected 'to'");
    if (at_end() || words_[next_].text.find('@') == std::string::npos)
      return bad("expected the recipient's address");
    question.recipient = words_[next_++].text;
    return at_end() || bad("nothing is expected after the recipient");
  }

  const RuleSet &rules_;
  std::string_view question_;
  std::vector<QuestionWord> words_;
  std::size_t next_ = 0;
  bool timestamp_ = false;
  std::string error_;
};

} // namespace

Result<Question> read_question(const RuleSet &rules, std::string_view question) {
  return Reader(rules, question).read();
}

} // namespace sekisho::rules
