// Runs tests/dialogs/*.smtp against smtp::Session.  The language of the files: tests/dialogs/README.md.
#include "base/text.hh"
#include "gateway/smtp/session.hh"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace sekisho::smtp {
namespace {

std::string slurp(const std::filesystem::path &path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::size_t closing_brace(std::string_view text, std::size_t at) {
  for (int depth = 0; at < text.size(); ++at) {
    if (text[at] == '{') ++depth;
    if (text[at] == '}' && --depth == 0) break;
  }
  return at;
}

/// \r \n \\ \xNN, and {N*text} for a repetition.
std::string unescape(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '{') {
      const std::size_t star = text.find('*', i), close = closing_brace(text, i);
      const std::string piece = unescape(text.substr(star + 1, close - star - 1));
      for (int n = std::stoi(std::string(text.substr(i + 1, star - i - 1))); n > 0; --n) out += piece;
      i = close;
    } else if (text[i] == '\\' && i + 1 < text.size()) {
      const char c = text[++i];
      if (c == 'x') {
        out += static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16));
        i += 2;
      } else {
        out += c == 'r' ? '\r' : c == 'n' ? '\n' : c;
      }
    } else {
      out += text[i];
    }
  }
  return out;
}

std::string visible(Bytes bytes) {
  std::string out;
  for (std::byte octet : bytes) {
    const unsigned c = std::to_integer<unsigned>(octet);
    if (c == '\r') continue; // every line ends in CRLF: DataReader's tests
    if (c == '\n' || (c >= 0x20 && c != 0x7f && c != '\\')) out += static_cast<char>(c);
    else out += fmt::format("\\x{:02x}", c);
  }
  return out;
}

class Dialog {
public:
  explicit Dialog(const std::filesystem::path &path) : path_(path) {
    settings_.host_name = "gate.example";
    settings_.postmaster = "postmaster@town.example.lg.jp";
    settings_.size_limit = 100'000;
  }

  void run() {
    std::istringstream lines(slurp(path_));
    for (std::string line; std::getline(lines, line); ++number_) {
      if (line.empty() || line.front() == '#') continue;
      if (line.starts_with("c -> ")) say(unescape(line.substr(5)) + "\r\n");
      else if (line == "c ->") say("\r\n");
      else if (line.starts_with("c ~> ")) say(unescape(line.substr(5)));
      else if (line == "s <- close") expect_close();
      else if (line == "s <- silence") expect_silence();
      else if (line.starts_with("s <- ")) expect_line(line.substr(5));
      else if (line.starts_with("spool ")) spool_answer_ = reason_from_word(line.substr(6)).value();
      else if (line.starts_with("refused ")) expect_refused(line.substr(8));
      else if (line.starts_with("client ")) client_answer_ = reason_from_word(line.substr(7)).value();
      else if (line.starts_with("tls ")) tls(line.substr(4));
      else ADD_FAILURE() << where() << "what is this: " << line;
      if (testing::Test::HasFailure()) return;
    }
    turn();
    EXPECT_EQ(replies_, "") << where() << "replies left over";
    compare_mails();
  }

private:
  std::string where() const { return fmt::format("{}:{}: ", path_.filename().string(), number_); }

  Session &session() {
    if (!session_)
      session_.emplace(settings_, [](const Offer &offer) { return route(offer.recipient); },
                       [this](std::string_view) { return std::exchange(client_answer_, Reason::none); });
    return *session_;
  }

  /// What the door's rule says, or how the handshake went.
  void tls(std::string words) {
    if (words == "offered") settings_.tls = StartTlsUse::offered;
    else if (words == "required") settings_.tls = StartTlsUse::required;
    else if (words == "certificate") settings_.client_certificate = true;
    else {
      turn();
      ASSERT_TRUE(shakes_hands_) << where() << "no handshake was asked for";
      shakes_hands_ = false;
      const bool known = words.starts_with("started known ");
      if (words == "failed") session().tls_failed(Reason::tls_failed);
      else session().tls_started({words.substr(known ? 14 : 8), known});
    }
  }

  static Route route(std::string_view as_named) {
    const std::string recipient = lower_case(as_named);
    if (recipient.ends_with("@town.example.lg.jp")) return {Reason::none, 0, 100'000};
    if (recipient.ends_with("@small.example.lg.jp")) return {Reason::none, 1, 1'000};
    if (recipient.ends_with("@old.example.lg.jp")) return {Reason::mail_rule_expired, 0, 0};
    return {};
  }

  void say(std::string_view octets) { session().feed(as_bytes(octets)); }

  /// Lets the session act until it wants input.
  void turn() {
    while (!closed_ && !shakes_hands_) {
      Action action = session().next();
      if (auto *send = std::get_if<Send>(&action)) replies_ += send->octets;
      else if (auto *ready = std::get_if<MailReady>(&action)) take(ready->mail);
      else {
        closed_ = std::holds_alternative<Close>(action);
        shakes_hands_ = std::holds_alternative<StartTls>(action);
        break;
      }
    }
    for (Refusal &refusal : session().take_refusals()) refusals_.push_back(std::move(refusal));
  }

  void take(const Mail &mail) {
    if (spool_answer_ != Reason::none) return session().not_kept(std::exchange(spool_answer_, Reason::none));
    mails_ += fmt::format("from <{}>{}{}{}\n", mail.from, mail.utf8 ? " utf8" : "",
                          mail.returned == spool::Return::headers ? " headers" : mail.returned == spool::Return::full ? " full" : "", mail.require_tls ? " requiretls" : "");
    if (!mail.envelope_id.empty()) mails_ += fmt::format("id {}\n", mail.envelope_id);
    if (!mail.tls.empty()) mails_ += fmt::format("by {}\n", mail.tls);
    ASSERT_EQ(mail.notify.size(), mail.recipients.size());
    for (std::size_t i = 0; i < mail.recipients.size(); ++i)
      mails_ += fmt::format("to <{}>{}\n", mail.recipients[i], wishes(mail.notify[i]));
    mails_ += "--\n" + (mail.bytes.size() < 5000 ? visible(mail.bytes)
                                               : fmt::format("({} octets)\n", mail.bytes.size()));
    mails_ += "==\n";
    session().kept(fmt::format("MAIL-{}", ++kept_));
  }

  static std::string wishes(const spool::Notify &notify) {
    std::string text;
    if (notify.given) text += " notify";
    if (notify.given && notify.success) text += " success";
    if (notify.given && notify.failure) text += " failure";
    if (notify.given && notify.delay) text += " delay";
    return notify.original.empty() ? text : text + " original " + notify.original;
  }

  void expect_line(const std::string &prefix) {
    turn();
    const std::size_t end = replies_.find("\r\n");
    ASSERT_NE(end, std::string::npos) << where() << "no reply, wanted " << prefix;
    const std::string line = replies_.substr(0, end);
    replies_.erase(0, end + 2);
    ASSERT_TRUE(line.starts_with(prefix)) << where() << "wanted " << prefix << ", got " << line;
  }
  void expect_silence() {
    turn();
    ASSERT_EQ(replies_, "") << where();
    ASSERT_FALSE(closed_) << where();
  }
  void expect_close() {
    turn();
    ASSERT_EQ(replies_, "") << where();
    ASSERT_TRUE(closed_) << where() << "still open";
  }
  void expect_refused(const std::string &word) {
    turn();
    for (const Refusal &refusal : refusals_)
      if (word_of(refusal.reason) == word) return;
    ADD_FAILURE() << where() << "not refused as " << word;
  }

  /// The golden sibling.  SEKISHO_ACCEPT=1 writes it anew.
  void compare_mails() {
    std::filesystem::path golden = path_;
    golden.replace_extension(".mail");
    if (std::getenv("SEKISHO_ACCEPT")) {
      if (mails_.empty()) std::filesystem::remove(golden);
      else std::ofstream(golden, std::ios::binary) << mails_;
    }
    EXPECT_EQ(mails_, std::filesystem::exists(golden) ? slurp(golden) : "") << where();
  }

  std::filesystem::path path_;
  Settings settings_;
  std::optional<Session> session_;
  int number_ = 1, kept_ = 0;
  bool closed_ = false, shakes_hands_ = false;
  Reason spool_answer_ = Reason::none, client_answer_ = Reason::none;
  std::string replies_, mails_;
  std::vector<Refusal> refusals_;
};

std::vector<std::filesystem::path> dialogs() {
  std::vector<std::filesystem::path> found;
  const char *source = std::getenv("SOURCE");
  const std::filesystem::path folder =
      source ? std::filesystem::path(source) / "tests/dialogs" : std::filesystem::path(DIALOGS);
  for (const auto &entry : std::filesystem::directory_iterator(folder))
    if (entry.path().extension() == ".smtp") found.push_back(entry.path());
  std::sort(found.begin(), found.end());
  return found;
}

TEST(Dialogs, All) {
  const auto found = dialogs();
  EXPECT_GE(found.size(), 80u);
  for (const std::filesystem::path &path : found) {
    SCOPED_TRACE(path.filename().string());
    Dialog(path).run();
    if (HasFailure()) break;
  }
}

} // namespace
} // namespace sekisho::smtp
