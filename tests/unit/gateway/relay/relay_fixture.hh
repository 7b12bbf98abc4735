// The whole relay over loopback: real sockets, a real spool, a stand-in for the sanitizer and for the record.
#pragma once

#include "gateway/relay/relay.hh"

#include "gateway/role/channel/long_text.hh"
#include "rules/compile.hh"
#include "tests/support/smtp_peers.hh"
#include "tests/support/spool_key.hh"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <future>

namespace sekisho::relay {

using namespace std::chrono_literals;
using Json = nlohmann::json;

/// What the sanitizer would say, decided by words in the mail.
class FakeCleaner final : public Cleaner {
public:
  explicit FakeCleaner(std::atomic<int> &deaths) : deaths_(deaths) {}
  job::Outcome sanitize(const job::Job &job, const std::string &) override {
    const std::string_view text = as_chars(job.bytes);
    auto has = [&](std::string_view word) { return text.find(word) != std::string_view::npos; };
    job::Outcome outcome;
    if (has("DIE") && deaths_.fetch_sub(1) > 0) {
      outcome.reason = Reason::job_worker_died;
      return outcome;
    }
    if (has("HANG") && deaths_.fetch_sub(1) > 0) {
      outcome.reason = Reason::job_timeout;
      return outcome;
    }
    if (has("SLOW")) std::this_thread::sleep_for(20ms);
    if (has("HOLD")) {
      outcome.status = job::Status::held;
      outcome.reason = Reason::job_held_encrypted;
      return outcome;
    }
    if (has("REFUSE")) {
      outcome.reason = Reason::job_not_sanitizable;
      return outcome;
    }
    outcome.status = job::Status::clean;
    outcome.reason = Reason::none;
    outcome.output = to_buffer("Subject: clean\r\n\r\nmade of " + std::to_string(text.size()) +
                               (has("MARK") ? " octets with MARK\r\n" : " octets\r\n"));
    outcome.report.subject = "made harmless";
    if (has("STRIP")) {
      job::PartReport part;
      part.action = job::Action::stripped;
      part.reasons = {Reason::part_executable};
      outcome.report.parts.push_back(part);
    }
    if (has("CONVERT")) {
      job::PartReport part;
      part.action = job::Action::kept_text;
      part.output_name = "a.docx.txt";
      part.reasons = {Reason::part_to_text};
      outcome.report.parts.push_back(part);
    }
    if (has("SCRIPT")) {
      job::PartReport part;
      part.kind = job::Kind::html;
      part.action = job::Action::kept_text;
      part.reasons = {Reason::part_html_to_text, Reason::part_script};
      outcome.report.parts.push_back(part);
    }
    if (has("STRANGER")) outcome.report.reasons.push_back(Reason::unknown_sender);
    return outcome;
  }

private:
  std::atomic<int> &deaths_;
};

/// Answers event_acked as the record role does, and remembers.
class FakeRecord {
public:
  FakeRecord() {
    auto pair = role::make_pair();
    near_ = std::move(pair->first);
    far_ = std::move(pair->second);
    thread_ = std::thread([this] { serve(); });
  }
  ~FakeRecord() {
    stopping_ = true;
    thread_.join();
  }
  role::Channel channel() const { return role::Channel(near_.get()); }
  std::atomic<bool> broken = false;
  std::atomic<bool> silent = false; // it records and does not say so

  std::vector<Json> events(const std::string &word) {
    std::lock_guard lock(mutex_);
    std::vector<Json> found;
    for (const Json &event : events_)
      if (event["event"] == word) found.push_back(event);
    return found;
  }
  std::vector<Json> wait_for(const std::string &word, std::size_t count) {
    for (int i = 0; i < 1000 && events(word).size() < count; ++i) std::this_thread::sleep_for(10ms);
    return events(word);
  }

private:
  void serve() {
    role::Channel channel(far_.get());
    while (!stopping_) {
      auto message = channel.receive(50);
      if (!message) continue;
      if (!broken) {
        std::lock_guard lock(mutex_);
        events_.push_back(Json::parse(message->text));
      }
      if (message->type == role::MessageType::event_acked && !silent)
        channel.send(broken ? role::MessageType::failed : role::MessageType::done, message->id);
    }
  }
  UniqueFd near_, far_;
  std::thread thread_;
  std::atomic<bool> stopping_ = false;
  std::mutex mutex_;
  std::vector<Json> events_;
};

inline std::shared_ptr<const rules::RuleSet> rules_for(std::uint16_t next_hop_port, const std::string &more = "") {
  const rules::SourceFile source{"test.rules", fmt::format(R"(
zone lgwan {{ port "l"  network 127.0.0.0/24  address 127.0.0.254 }}
zone internet {{ port "i"  network 10.3.0.0/24  address 10.3.0.1 }}
relay mail inbound from internet to lgwan {{
    recipients "*@town.example.lg.jp"
    next-hop 127.0.0.2 port {}
    listen port 2525
    body text
    size 20 MB
    attachment {{ any strip }}
    for "x"  owner "y"  approved "z" {}
}}
)", next_hop_port, more)};
  const std::vector<rules::SourceFile> sources = {source};
  rules::Compiled compiled = rules::compile(sources, unix_now());
  EXPECT_TRUE(compiled.rules) << rules::render(compiled.diagnostics, sources, false);
  return compiled.rules;
}

class RelayTest : public testing::Test {
protected:
  RelayTest() {
    char name[] = "/tmp/sekisho-relay-XXXXXX";
    folder_ = ::mkdtemp(name);
    settings_.host_name = "gate.example";
    settings_.retry_wait = Seconds(0.2);
    settings_.treat_again = {Seconds(0.05), Seconds(0.05)};
    settings_.keep_open = Seconds(0.5);
    listener_ = test::listen_on("127.0.0.1", port_);
    EXPECT_TRUE(prepare_folders(folder_, ::getuid(), ::getgid()));
  }
  ~RelayTest() override {
    close();
    std::filesystem::remove_all(folder_);
  }

  void open(std::string_view severed = "") {
    if (!rules_) rules_ = rules_for(sink_.port());
    RelayParts parts;
    parts.record = record_.channel();
    parts.keys = spool::test_keys();
    parts.listeners = {listener_.get()};
    parts.spool_folder = folder_;
    parts.secrets = secrets_;
    parts.spool.segment_size = 1 << 20;
    parts.spool.max_segments = 8;
    parts.make_cleaner = [this] { return std::make_unique<FakeCleaner>(deaths_); };
    auto opened = Relay::open(settings_, rules_, severed, std::move(parts));
    ASSERT_TRUE(opened) << opened.error().what;
    relay_ = std::move(*opened);
    thread_ = std::thread([this] { relay_->run(); });
  }
  void close() {
    if (!relay_) return;
    relay_->stop();
    thread_.join();
    relay_.reset();
  }
  /// Runs on the relay's own thread.
  template <class F> auto on_loop(F f) {
    std::promise<decltype(f())> promise;
    net::post(relay_->loop(), [&] {
      if constexpr (std::is_void_v<decltype(f())>) {
        f();
        promise.set_value();
      } else {
        promise.set_value(f());
      }
    });
    return promise.get_future().get();
  }
  Json status() { return Json::parse(on_loop([&] { return relay_->status(); })); }
  bool wait_until(const std::function<bool()> &good) {
    for (int i = 0; i < 1000; ++i) {
      if (good()) return true;
      std::this_thread::sleep_for(10ms);
    }
    return false;
  }
  std::string send(const std::string &text, const std::string &to = "b@town.example.lg.jp") {
    test::Sender sender(port_);
    sender.hello();
    return sender.send(text, to);
  }

  std::string folder_;
  RelaySettings settings_;
  std::uint16_t port_ = 0;
  UniqueFd listener_;
  test::Sink sink_;
  FakeRecord record_;
  std::atomic<int> deaths_ = 0;
  std::shared_ptr<const rules::RuleSet> rules_;
  role::Secrets secrets_;
  std::unique_ptr<Relay> relay_;
  std::thread thread_;
};

/// lgwan is where the town's people sit: their mail goes out by the relay `outbound`, and notices come back by `inbound`.
inline std::shared_ptr<const rules::RuleSet> rules_both_ways(std::uint16_t inside_port, std::uint16_t outside_port,
                                                      std::uint16_t door, const std::string &items,
                                                      const std::string &zone_item = "") {
  const rules::SourceFile source{"test.rules", fmt::format(R"(
zone lgwan {{ port "l"  network 127.0.0.0/24  address 127.0.0.254 }}
zone internet {{ port "i"  network 127.0.3.0/24  address 127.0.3.254 {} }}
relay mail inbound from internet to lgwan {{
    recipients "*@town.example.lg.jp", "*@xn--r8jz45g.jp"  next-hop 127.0.0.2 port {}  listen port 2525
    for "x"  owner "y"  approved "z"
}}
relay mail outbound from lgwan to internet {{
    recipients "*@out.example"  next-hop 127.0.3.2 port {}  listen port {}  {}
    for "x"  owner "y"  approved "z"
}}
)", zone_item, inside_port, outside_port, door, items)};
  const std::vector<rules::SourceFile> sources = {source};
  rules::Compiled compiled = rules::compile(sources, unix_now());
  EXPECT_TRUE(compiled.rules) << rules::render(compiled.diagnostics, sources, false);
  return compiled.rules;
}

class RelayOutTest : public RelayTest {
protected:
  void open_out(const std::string &items) {
    rules_ = rules_both_ways(sink_.port(), outside_.port(), 2526, items);
    reopen();
  }
  void reopen() {
    RelayParts parts;
    parts.keys = spool::test_keys();
    parts.record = record_.channel();
    parts.control = role::Channel(control_far_.get());
    parts.listeners = {inbound_.get(), listener_.get()};
    parts.spool_folder = folder_;
    parts.spool.segment_size = 1 << 20;
    parts.spool.max_segments = 8;
    parts.make_cleaner = [this] { return std::make_unique<FakeCleaner>(deaths_); };
    auto opened = Relay::open(settings_, rules_, "", std::move(parts));
    ASSERT_TRUE(opened) << opened.error().what;
    relay_ = std::move(*opened);
    thread_ = std::thread([this] { relay_->run(); });
  }
  std::string send_out(const std::string &from = "a@town.example.lg.jp", std::vector<std::string> to = {"b@out.example"}) {
    test::Sender sender(port_);
    sender.hello();
    sender.say("MAIL FROM:<" + from + ">");
    for (const std::string &one : to) sender.say("RCPT TO:<" + one + ">");
    sender.say("DATA");
    const std::string answer = sender.say("Subject: x\r\n\r\nMARK secret\r\n.");
    return answer.starts_with("250 2.0.0 kept as ") ? answer.substr(18) : answer;
  }
  void refuse(const std::string &recipient, const std::string &answer) {
    outside_.set_answer([=](const std::string &line) { return line.starts_with("RCPT TO:<" + recipient) ? answer : ""; });
  }
  /// As control asks; without what it adds.
  Json ask_hold(Json question) {
    question["who"] = {{"uid", 1000}, {"pid", 7}, {"user", "soumu"}};
    const role::Channel channel(control_near_.get());
    channel.send(role::MessageType::hold, ++asked_, question.dump());
    auto message = channel.receive(20'000);
    if (!message || message->id != asked_) return {{"error", "no answer"}};
    Result<std::string> text = role::long_text(*message, 64u << 20);
    if (!text || message->type == role::MessageType::failed) return {{"error", message->text}};
    return Json::parse(*text);
  }
  Json ask_queue(const std::string &question) {
    auto answered = std::make_shared<std::promise<Result<std::string>>>();
    auto future = answered->get_future();
    net::post(relay_->loop(), [&] { start(relay_->loop(), ask(*relay_, question, answered)); });
    Result<std::string> answer = future.get();
    return answer ? Json::parse(*answer) : Json{{"error", answer.error().what}};
  }
  static Task<void> ask(Relay &relay, std::string question, std::shared_ptr<std::promise<Result<std::string>>> answered) {
    Result<std::string> answer = co_await relay.queue().answer(std::move(question));
    answered->set_value(std::move(answer));
  }

  RelayOutTest() {
    auto pair = role::make_pair();
    control_near_ = std::move(pair->first);
    control_far_ = std::move(pair->second);
  }
  ~RelayOutTest() override { close(); }

  UniqueFd control_near_, control_far_;
  std::uint32_t asked_ = 0;
  test::Sink outside_{"127.0.3.2"};
  std::uint16_t inbound_port_ = 0;
  UniqueFd inbound_ = test::listen_on("127.0.0.1", inbound_port_);
};

} // namespace sekisho::relay
