// What smtp::Session answers to the clients of captures, for smtp_test.py to compare.  In: a client's turns, a line of hex
// digits each, and an empty line behind its last.  Out, for each turn a line '>', its replies, and what became of it:
//
//   mail from <ADDRESS> to RECIPIENTS, OCTETS octets [utf8] [helo]
//   handshake | close REASON   nothing more is read of this client
//
// and an empty line behind its last.
//
// Any recipient is taken.  `--octets` hands in every octet by itself, `--at-once` all turns of a client together.
#include "gateway/smtp/session.hh"

#include <fmt/format.h>

#include <iostream>

namespace {

using namespace sekisho;

constexpr std::uint64_t size_limit = 20u << 20;

smtp::Settings settings() {
  smtp::Settings door;
  door.host_name = "gate.example";
  door.postmaster = "postmaster@town.example.lg.jp";
  door.size_limit = size_limit;
  door.tls = smtp::StartTlsUse::offered;
  return door;
}

class Client {
public:
  Client() : session_(settings(), [](const smtp::Offer &) { return smtp::Route{Reason::none, 0, size_limit}; }) {}

  /// False: the conversation is over.
  bool turn(std::string_view octets, std::size_t piece) {
    fmt::print(">\n");
    bool goes_on = act(); // the greeting
    for (; goes_on && !octets.empty(); octets.remove_prefix(std::min(piece, octets.size()))) {
      session_.feed(as_bytes(octets.substr(0, piece)));
      goes_on = act();
    }
    fmt::print("{}{}{}", std::exchange(replies_, {}), std::exchange(mails_, {}), end_);
    return goes_on;
  }

private:
  bool act() {
    for (smtp::Action action = session_.next(); !std::holds_alternative<smtp::NeedInput>(action); action = session_.next()) {
      if (auto *send = std::get_if<smtp::Send>(&action)) replies_ += send->octets;
      else if (auto *ready = std::get_if<smtp::MailReady>(&action)) take(ready->mail);
      else if (std::holds_alternative<smtp::StartTls>(action)) end_ = "handshake\n";
      else end_ = fmt::format("close {}\n", word_of(std::get<smtp::Close>(action).reason));
      if (!end_.empty()) return false;
    }
    return true;
  }

  void take(const smtp::Mail &mail) {
    mails_ += fmt::format("mail from <{}> to {}, {} octets{}{}\n", mail.from, mail.recipients.size(), mail.bytes.size(), mail.utf8 ? " utf8" : "",
                          mail.by_helo ? " helo" : "");
    session_.kept(fmt::format("MAIL-{}", ++kept_));
  }

  smtp::Session session_;
  std::string replies_, mails_, end_; // of this turn
  int kept_ = 0;
};

std::string octets_of(std::string_view hex) {
  std::string octets;
  for (; hex.size() >= 2; hex.remove_prefix(2)) octets += static_cast<char>(std::stoi(std::string(hex.substr(0, 2)), nullptr, 16));
  return octets;
}

} // namespace

int main(int count, char **words) {
  const std::string mode = count > 1 ? words[1] : "";
  std::string line, together;
  for (std::optional<Client> client; std::getline(std::cin, line);) {
    if (line.empty()) {
      if (mode == "--at-once") Client().turn(std::exchange(together, {}), std::string::npos);
      client.reset();
      fmt::print("\n");
      continue;
    }
    if (mode == "--at-once") {
      together += octets_of(line);
      continue;
    }
    if (!client) client.emplace();
    if (!client->turn(octets_of(line), mode == "--octets" ? 1 : std::string::npos)) {
      while (std::getline(std::cin, line) && !line.empty()) continue;
      client.reset();
      fmt::print("\n");
    }
  }
  return 0;
}
