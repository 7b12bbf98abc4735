// Of a relay: who may hand in mail, how fast, by which security.
#include "rules/parser.hh"

namespace sekisho::rules {

bool Parser::door_item(DoorSentence &door) {
  const std::string_view word = peek().text;
  if (word == "accept") return door_ends(door.clients, word);
  if (word == "proxy") return door_ends(door.balancers, word);
  if (word == "senders") return senders(door);
  if (word == "tls") return tls(door);
  if (word == "limit") return door_limit(door.limits);
  if (word == "tarpit") return once(door.tarpit, word) && amount(door.tarpit, "a time", times);
  return once(door.greylist, word) && amount(door.greylist, "a time", times);
}

/// `accept from A, B`, `proxy from A, B`
bool Parser::door_ends(std::vector<Word> &into, std::string_view keyword) {
  const Place first = into.empty() ? Place{} : into.front().place;
  return once(!into.empty(), first, keyword) && ends(into, "from");
}

bool Parser::senders(DoorSentence &door) {
  const Place first = door.senders.empty() ? Place{} : door.senders.front().place;
  if (!once(!door.senders.empty(), first, "senders")) return false;
  do {
    std::optional<Word> pattern;
    if (!quoted(pattern, "senders", "*@town.example.lg.jp")) return false;
    door.senders.push_back(std::move(*pattern));
  } while (take_comma());
  return true;
}

/// `tls required certificate "…" key "…" client-ca "…"`
bool Parser::tls(DoorSentence &door) {
  constexpr std::array<std::string_view, 2> uses = {"offered", "required"};
  if (!once(door.tls, "tls")) return false;
  if (!at_any(uses))
    return expected("'offered' or 'required'", "write  tls required certificate \"/etc/sekisho/mail.crt\" "
                                               "key \"/etc/sekisho/mail.key\"");
  door.tls = word_of(take());
  if (!take_word("certificate"))
    return expected("'certificate'", "add  certificate \"/etc/sekisho/mail.crt\" key \"/etc/sekisho/mail.key\"");
  if (!quoted(door.certificate, "certificate", "/etc/sekisho/mail.crt")) return false;
  if (!take_word("key")) return expected("'key'", "add  key \"/etc/sekisho/mail.key\"");
  if (!quoted(door.key, "key", "/etc/sekisho/mail.key")) return false;
  return !take_word("client-ca") || quoted(door.client_ca, "client-ca", "/etc/sekisho/clients.crt");
}

/// `100 connections per source`, `120 connections per minute per source`, `50 recipients per mail`, `10 errors per session`
bool Parser::door_limit(std::vector<DoorLimitItem> &limits) {
  using What = DoorLimitItem::What;
  constexpr std::string_view help = "write  limit 400 connections,  limit 20 connections per source,  limit 100 connections per net,  "
                                    "limit 120 connections per minute per source,  limit 60 mails per minute per source,  "
                                    "limit 600 recipients per minute per source,  "
                                    "limit 100 recipients per mail  or  limit 20 errors per session";
  DoorLimitItem item;
  item.place = take().place;
  std::optional<RelaySentence::Amount> count;
  if (!amount(count, "a number", plain_number)) return false;
  item.value = count->value;
  if (take_word("connections")) {
    item.what = What::connections;
    if (at_word("per")) {
      const bool of_net = tokens_[next_ + 1].text == "net", of_minute = tokens_[next_ + 1].text == "minute";
      if (of_minute && !per("minute")) return false;
      if (!per(of_net ? "net" : "source")) return false;
      item.what = of_net ? What::net_connections : of_minute ? What::connections_a_minute : What::source_connections;
    }
  } else if (take_word("mails")) {
    item.what = What::mails_a_minute;
    if (!per("minute") || !per("source")) return false;
  } else if (take_word("recipients")) {
    const bool of_mail = at_word("per") && tokens_[next_ + 1].text == "mail";
    item.what = of_mail ? What::recipients_a_mail : What::recipients_a_minute;
    if (of_mail ? !per("mail") : !per("minute") || !per("source")) return false;
  } else if (take_word("errors")) {
    item.what = What::errors_a_session;
    if (!per("session")) return false;
  } else {
    return expected("'connections', 'mails', 'recipients' or 'errors'", std::string(help));
  }
  item.place = join(item.place, previous().place);
  for (const DoorLimitItem &earlier : limits)
    if (earlier.what == item.what) {
      Diagnostic &error = reporter_.error(item.place, "a second limit of this kind");
      error.related.push_back({earlier.place, "first here"});
      error.help = "keep one";
      return false;
    }
  limits.push_back(item);
  return true;
}

} // namespace sekisho::rules
