// What senders are told, and the small things beside it.
#include "gateway/relay/events.hh"
#include "gateway/relay/notice.hh"
#include "gateway/relay/notice_words.hh"
#include "gateway/relay/notices.hh"
#include "gateway/relay/steering.hh"
#include "gateway/smtp/outward.hh"
#include "gateway/spool/recipients.hh"
#include "tests/support/memory_disk.hh"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace sekisho::relay {
namespace {

Notice example() {
  Notice notice;
  notice.receipt = "AAAA-BBBB-CC";
  notice.sender = "a@town.example.lg.jp";
  notice.envelope_id = "QQ+2B1";
  notice.arrived = 1'795'143'600;
  notice.time = notice.arrived + 60;
  notice.from = "山田 <a@town.example.lg.jp>";
  notice.subject = "お知らせ\r\nBcc: evil@example.net";
  notice.message_id = "<1@town.example.lg.jp>";
  notice.about = {{"b@out.example", "rfc822;B@out.example", Reason::next_hop_refused, "550 5.1.1 no such user", "10.3.0.25:25"},
                  {"小@out.example", "", Reason::delivery_expired, "", ""}};
  return notice;
}

TEST(Notice, FactsComeBackAsTheyWere) {
  const Notice notice = example();
  auto read = decode_notice(encode(notice));
  ASSERT_TRUE(read) << read.error().what;
  EXPECT_EQ(*read, notice);
  Notice relayed = example();
  relayed.kind = Notice::Kind::relayed;
  relayed.about = {{"b@out.example", "", Reason::none, "250 2.1.5 ok", "10.3.0.25:25"}};
  read = decode_notice(encode(relayed));
  ASSERT_TRUE(read) << read.error().what;
  EXPECT_EQ(*read, relayed);
}

/// Whatever lies in the spool under a notice's name: only facts of ours become a mail.
TEST(Notice, AMailIsNoNotice) {
  const std::string whole(as_chars(encode(example())));
  for (const std::string &text : {std::string("Subject: x\r\n\r\nraw\r\n"), std::string("sekisho-notice 1\r\n"),
                                  std::string("sekisho-notice 1\r\n[]"), std::string("sekisho-notice 1\r\n{}"),
                                  whole.substr(0, whole.size() / 2)})
    EXPECT_FALSE(decode_notice(as_bytes(text))) << text;
}

TEST(Notice, IsAReport) { // RFC 3462, RFC 3464
  const std::string mail(as_chars(write_notice(example(), "gate.example", "DDDD-EEEE-FF")));
  const smtp::Shape shape = smtp::shape_of(as_bytes(mail));
  EXPECT_TRUE(shape.good);
  EXPECT_FALSE(shape.eight_bit);
  const auto has = [&](std::string_view text) { return mail.find(text) != std::string::npos; };
  EXPECT_TRUE(has("Content-Type: multipart/report; report-type=delivery-status;"));
  EXPECT_TRUE(has("Auto-Submitted: auto-replied\r\n")); // RFC 3834
  EXPECT_TRUE(has("Reporting-MTA: dns; gate.example\r\nArrival-Date: Fri, 20 Nov 2026 03:00:00 +0000\r\n"));
  EXPECT_TRUE(has("Original-Envelope-Id: QQ+1\r\n"));
  EXPECT_TRUE(has("Original-Recipient: rfc822;B@out.example\r\nFinal-Recipient: rfc822;b@out.example\r\nAction: failed\r\n"
                  "Status: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 no such user\r\n"));
  EXPECT_TRUE(has("Final-Recipient: utf-8;\\x{5C0F}@out.example\r\nAction: failed\r\nStatus: 5.4.7\r\n")); // RFC 6533
  EXPECT_TRUE(has("Content-Type: text/rfc822-headers\r\n\r\nFrom: =?utf-8?B?5bGx55Sw?= <a@town.example.lg.jp>\r\nSubject: =?utf-8?B?"));
  EXPECT_TRUE(has("Message-ID: <1@town.example.lg.jp>\r\n"));
  EXPECT_FALSE(has("\r\nBcc:"));         // no field can be smuggled into it
  EXPECT_FALSE(has("10.3.0.25"));        // nor an address of the inside told
}

/// An address is never in an encoded word, nor is what is ASCII (RFC 2047 §5).
TEST(Notice, TellsTheHeaderInFieldsThatCanBeRead) {
  Notice notice = example();
  notice.to = "Yamada, Taro <t@out.example>, \u5c71\u7530 \"(\u90e8\u9577)\" <y@out.example>, z@out.example, \u5c0f@out.example";
  notice.subject = "An order of " + std::string(60, 'x') + " " + std::string(60, 'y') + " and more";
  notice.message_id = "<1@town.example.lg.jp> x";
  const std::string mail(as_chars(write_notice(notice, "gate.example", "DDDD-EEEE-FF")));
  const std::size_t begin = mail.find("Content-Type: text/rfc822-headers");
  ASSERT_NE(begin, std::string::npos);
  const std::string header = mail.substr(begin);
  for (const std::string &text : {std::string("\"Yamada, Taro\" <t@out.example>,"), std::string(" <y@out.example>,"), std::string(" z@out.example\r\nSubject: An order of\r\n x"),
                                  std::string(60, 'y') + " and more\r\n"})
    EXPECT_NE(header.find(text), std::string::npos) << text << "\n" << header;
  EXPECT_EQ(header.find("Message-ID"), std::string::npos) << header;
  notice.from = "\u5c0f <\u5c0f@out.example>";
  const std::string nobody(as_chars(write_notice(notice, "gate.example", "DDDD-EEEE-FF")));
  EXPECT_NE(nobody.find("rfc822-headers\r\n\r\nTo: "), std::string::npos) << nobody.substr(begin);
  EXPECT_FALSE(smtp::shape_of(as_bytes(nobody)).eight_bit);
}

TEST(Notice, Statuses) { // RFC 3463
  const auto status = [](Notice::Kind kind, Reason reason, const char *answer) {
    return status_of(kind, {"b@x", "", reason, answer, ""});
  };
  using enum Notice::Kind;
  EXPECT_EQ(status(failed, Reason::next_hop_refused, "550 5.7.26 no"), "5.7.26");
  EXPECT_EQ(status(failed, Reason::next_hop_refused, "550 no"), "5.0.0");
  EXPECT_EQ(status(failed, Reason::next_hop_refused, "550 4.1.1 odd"), "5.0.0");
  EXPECT_EQ(status(failed, Reason::next_hop_refused, "550 5.1.1.1 odd"), "5.0.0");
  EXPECT_EQ(status(failed, Reason::next_hop_unable, ""), "5.6.0");
  EXPECT_EQ(status(failed, Reason::next_hop_unable, "next hop does not take UTF-8 addresses (SMTPUTF8)"), "5.6.7"); // RFC 6531 §3.5
  EXPECT_EQ(status(failed, Reason::next_hop_unable, "next hop does not promise TLS all the way (REQUIRETLS)"), "5.7.30"); // RFC 8689 §5
  EXPECT_EQ(status(failed, Reason::delivery_expired, "450 4.2.2 full"), "5.4.7");
  EXPECT_EQ(status(delayed, Reason::next_hop_unreachable, ""), "4.4.1");
  EXPECT_EQ(status(relayed, Reason::none, "250 2.1.5 ok"), "2.1.5");
}

TEST(Notice, PeopleAreToldWhyInTheirWords) {
  Notice notice = example();
  notice.about = {{"b@out.example", "", Reason::next_hop_refused, "550 5.1.1 no such user", ""},
                  {"c@out.example", "", Reason::delivery_expired, "452 4.2.2 over quota", ""},
                  {"d@out.example", "", Reason::next_hop_unable, "next hop does not take UTF-8 addresses (SMTPUTF8)", ""},
                  {"e@out.example", "", Reason::next_hop_refused, "554 no", ""}};
  const std::string words = words_of(notice);
  std::size_t at = 0;
  for (const std::string_view part :
       {"次の宛先に届きませんでした", "b@out.example", "この宛先は相手側にありません", "相手側サーバーの応答: 550 5.1.1", "c@out.example",
        "2026年11月20日 12:01（日本時間）まで送り続けました", "いっぱいです", "d@out.example", "日本語を含むアドレスに対応していません", "詳細: next hop",
        "e@out.example", "受け取りませんでした", "送信日時: 2026年11月20日 12:00（日本時間）", "could not be delivered", "There is no such address",
        "The mailbox is full", "not in ASCII", "In detail: next hop", "Sent: 2026-11-20 12:00 (UTC+9)"}) {
    const std::size_t found = words.find(part, at);
    EXPECT_NE(found, std::string::npos) << part << " behind " << at << " in\n" << words;
    if (found != std::string::npos) at = found;
  }
  EXPECT_EQ(words.find("応答: next hop"), std::string::npos) << "nobody answered that";
  const std::string mail(as_chars(write_notice(notice, "gate.example", "DDDD-EEEE-FF")));
  EXPECT_NE(mail.find("Diagnostic-Code: x-sekisho; next hop does not take"), std::string::npos) << mail; // RFC 3464 §2.3.6
  notice.kind = Notice::Kind::delayed;
  notice.until = notice.arrived + 5 * 86'400;
  EXPECT_NE(words_of(notice).find("2026年11月25日 12:00（日本時間）まで、自動で送り続けます"), std::string::npos) << words_of(notice);
}

/// Each recipient's own answer; readers of before find the first's where they look.
TEST(Events, EachIsToldWhatHeWasTold) {
  using Json = nlohmann::json;
  Notice notice = example();
  const Json told = Json::parse(events::told(notice, "NNNN-NNNN-NN"));
  EXPECT_EQ(told["answer"], "550 5.1.1 no such user");
  EXPECT_EQ(told["next_hop"], "10.3.0.25:25");
  const Json first{{"recipient", "b@out.example"}, {"reason", "next-hop-refused"}, {"next_hop", "10.3.0.25:25"}, {"answer", "550 5.1.1 no such user"}};
  EXPECT_EQ(told["answers"], (Json::array({first, {{"recipient", "小@out.example"}, {"reason", "delivery-expired"}}})));

  std::vector<Notice::About> both(2, notice.about.front());
  both[1].recipient = "c@out.example";
  Json deferred = Json::parse(events::deferred("R", both, 0, false));
  EXPECT_EQ(deferred["recipients"], (Json::array({"b@out.example", "c@out.example"})));
  EXPECT_EQ(deferred["answer"], "550 5.1.1 no such user");
  EXPECT_FALSE(deferred.contains("answers")) << "one stands for both";
  both[1].next_hop = "10.3.0.26:25";
  deferred = Json::parse(events::deferred("R", both, 0, false));
  EXPECT_EQ(deferred["answers"][1]["next_hop"], "10.3.0.26:25");

  const std::vector<Notice::About> one{notice.about.front()};
  Json held = Json::parse(events::held("R", {"b@out.example"}, Reason::next_hop_refused, one, false, false));
  EXPECT_EQ(held["next_hop"], "10.3.0.25:25");
  EXPECT_FALSE(held.contains("answers"));
  held = Json::parse(events::held("R", {"b@out.example", "c@out.example"}, Reason::next_hop_refused, one, false, false));
  EXPECT_EQ(held["answers"], Json::array({first})) << "nobody said anything about the other";
}

TEST(Events, HaveRoomForWhateverNextHopsAnswer) {
  Notice notice = example();
  notice.about.assign(10'000, {"\"" + std::string(60, '\\') + "\"@" + std::string(60, 'a') + ".out.example", "", Reason::next_hop_refused, "", "10.3.0.25:25"});
  for (std::size_t i = 0; i < notice.about.size(); ++i) notice.about[i].answer = std::string(180, '"') + std::to_string(i);
  for (const std::string &event : {events::told(notice, "N"), events::deferred("R", notice.about, 0, true)}) {
    EXPECT_LT(event.size(), 160u * 1024); // record::max_event
    const auto json = nlohmann::json::parse(event);
    EXPECT_GT(json["answers"].size(), 50u);
    EXPECT_EQ(json["answers"].size() + json["answers_left_out"].get<std::size_t>(), 10'000u);
  }
}

TEST(Events, WhatWasAskedForIsTold) { // RFC 3461, RFC 8689
  spool::Envelope envelope;
  envelope.recipients = {"a@x", "b@x", "c@x", "d@x"};
  envelope.notify = {{true, false, false, false, ""}, {}, {true, true, true, false, "rfc822;c@y"}};
  envelope.envelope_id = "QQ+2B1";
  envelope.require_tls = true;
  auto event = nlohmann::json::parse(events::received(envelope, 1, ""));
  EXPECT_EQ(event["require_tls"], true);
  EXPECT_EQ(event["envelope_id"], "QQ+2B1");
  EXPECT_EQ(event["notify"].dump(), R"([{"notify":"NEVER","recipient":"a@x"},{"notify":"SUCCESS,FAILURE","original":"rfc822;c@y","recipient":"c@x"}])");
  envelope.recipients.assign(10'000, std::string(100, 'a') + "@town.example.lg.jp");
  envelope.notify.assign(10'000, {true, true, true, true, std::string(400, 'o')});
  const std::string many = events::received(envelope, 1, "");
  EXPECT_LT(many.size(), 160u * 1024);
  event = nlohmann::json::parse(many);
  EXPECT_EQ(event["notify"].size() + event["notify_left_out"].get<std::size_t>(), 10'000u);
  const auto nothing = nlohmann::json::parse(events::received({}, 1, ""));
  for (const char *name : {"require_tls", "envelope_id", "notify"}) EXPECT_FALSE(nothing.contains(name)) << name;
}

TEST(Notices, WhoWantsToHear) { // RFC 3461 §4.1
  using enum Notice::Kind;
  const spool::Notify unsaid, never{true, false, false, false, ""}, success{true, true, false, false, ""};
  EXPECT_TRUE(wants(unsaid, failed) && wants(unsaid, delayed) && !wants(unsaid, relayed));
  EXPECT_FALSE(wants(never, failed) || wants(never, delayed) || wants(never, relayed));
  EXPECT_TRUE(!wants(success, failed) && wants(success, relayed));
}

TEST(Notices, WhatWasAskedForGoesOn) {
  spool::Envelope envelope;
  envelope.recipients = {"a@x", "b@x", "c@x"};
  envelope.notify = {{true, false, false, false, ""}, {true, true, true, false, "rfc822;b@x"}, {}};
  envelope.returned = spool::Return::headers;
  envelope.envelope_id = "X 1";
  smtp::Outgoing out;
  add_dsn(out, envelope);
  EXPECT_EQ(out.mail_parameters, "RET=HDRS"); // the envelope id is none
  envelope.returned = spool::Return::full;
  envelope.envelope_id = "X+2B1";
  smtp::Outgoing whole;
  add_dsn(whole, envelope);
  EXPECT_EQ(whole.mail_parameters, "RET=FULL ENVID=X+2B1");
  EXPECT_EQ(out.recipient_parameters,
            (std::vector<std::string>{"NOTIFY=NEVER", "NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;b@x", ""}));
}

TEST(Recipients, WhatWasAskedForStaysWithThem) {
  spool::Envelope envelope;
  envelope.recipients = {"a@x", "b@x", "a@x", "c@x"};
  envelope.notify = {{true, true, false, false, ""}, {true, false, true, false, ""}, {true, false, false, true, ""}};
  spool::keep_recipients(envelope, {"b@x", "a@x", "a@x", "c@x"});
  ASSERT_EQ(envelope.notify.size(), 4u);
  EXPECT_TRUE(envelope.notify[0].failure);
  EXPECT_TRUE(envelope.notify[1].success);
  EXPECT_TRUE(envelope.notify[2].delay);
  EXPECT_FALSE(envelope.notify[3].given);
  spool::keep_recipients(envelope, {"c@x"});
  EXPECT_EQ(envelope.notify.size(), 1u);
}

class SharedDisk final : public spool::Disk { // outlives whoever writes to it
public:
  explicit SharedDisk(spool::MemoryDisk &disk) : disk_(disk) {}
  Result<std::vector<std::string>, spool::DiskError> list() override { return disk_.list(); }
  Result<Handle, spool::DiskError> open(const std::string &name) override { return disk_.open(name); }
  Result<std::uint64_t, spool::DiskError> size(Handle file) override { return disk_.size(file); }
  Result<void, spool::DiskError> allocate(Handle file, std::uint64_t size) override { return disk_.allocate(file, size); }
  Result<void, spool::DiskError> write(Handle file, std::uint64_t offset, std::span<const Bytes> pieces) override {
    return disk_.write(file, offset, pieces);
  }
  Result<void, spool::DiskError> flush(Handle file) override { return disk_.flush(file); }
  Result<Buffer, spool::DiskError> read(Handle file, std::uint64_t offset, std::size_t length) override {
    return disk_.read(file, offset, length);
  }
  Result<void, spool::DiskError> erase(Handle file, std::uint64_t offset, std::uint64_t length) override {
    return disk_.erase(file, offset, length);
  }
  Result<void, spool::DiskError> remove(const std::string &name, Handle file) override { return disk_.remove(name, file); }
  spool::Room room() override { return disk_.room(); }

private:
  spool::MemoryDisk &disk_;
};

Result<Steering> open_on(spool::MemoryDisk &disk, std::set<std::string> waiting) {
  return Steering::open(std::make_unique<SharedDisk>(disk), waiting);
}

TEST(Steering, OrdersOutliveEverythingButTheMail) {
  spool::MemoryDisk disk;
  std::mt19937 random(1);
  {
    auto steering = open_on(disk, {});
    ASSERT_TRUE(steering);
    EXPECT_TRUE(steering->set({{"A", {Steered::Order::held, 1000, "soumu", "問い合わせ中", 5, false}}, {"B", {Steered::Order::dropped, 0, "", "x", 6, false}}}));
    steering->told_delay("A");
  }
  disk.crash(random); // a power cut: what was ordered was flushed
  for (int restart = 0; restart < 3; ++restart) {
    auto steering = open_on(disk, {"A"});
    ASSERT_TRUE(steering);
    EXPECT_EQ(steering->of("A").order, Steered::Order::held);
    EXPECT_EQ(steering->of("A").user, "soumu");
    EXPECT_EQ(steering->of("A").why, "問い合わせ中");
    EXPECT_EQ(steering->of("B").order, Steered::Order::none) << "its mail is gone";
    disk.crash(random);
  }
  EXPECT_EQ(disk.list()->size(), 1u);
}

TEST(Steering, AnOrderThatIsNotOnDiskIsNone) {
  for (std::size_t operation = 0; operation < 4; ++operation) {
    spool::MemoryDisk disk;
    auto steering = open_on(disk, {});
    ASSERT_TRUE(steering);
    disk.fail_after(operation);
    const bool set = steering->set({{"A", {Steered::Order::held, 1, "", "x", 5, false}}}).has_value();
    EXPECT_EQ(set, operation >= 2);
    EXPECT_EQ(steering->of("A").order, set ? Steered::Order::held : Steered::Order::none);
  }
}

TEST(Steering, WhatIsLongGoneMakesRoom) {
  spool::MemoryDisk disk;
  auto steering = open_on(disk, {});
  const std::string why(200'000, 'x');
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(steering->set({{std::to_string(i), {Steered::Order::held, 1, "", why, 5, false}}}));
    if (i > 0) steering->forget(std::to_string(i - 1));
  }
  const auto names = disk.list();
  ASSERT_EQ(names->size(), 1u);
  EXPECT_LT(*disk.size(*disk.open(names->front())), 9u << 20);
  auto again = open_on(disk, {"99"});
  EXPECT_EQ(again->of("99").order, Steered::Order::held);
}

TEST(Steering, AFormerWayOfTheSameReceiptIsOver) {
  spool::MemoryDisk disk;
  {
    auto steering = open_on(disk, {});
    EXPECT_TRUE(steering->set({{"A", {Steered::Order::dropped, 0, "", "x", 5, true}}}));
    steering->forget("A");
    EXPECT_TRUE(steering->begin_anew("A"));
    const std::size_t size = *disk.size(*disk.open(disk.list()->front()));
    EXPECT_TRUE(steering->begin_anew("A"));
    EXPECT_EQ(*disk.size(*disk.open(disk.list()->front())), size) << "said once";
  }
  std::mt19937 random(1);
  disk.crash(random);
  EXPECT_EQ(open_on(disk, {"A"})->of("A"), Steered{});
}

TEST(Steering, AFileThatIsTooLongIsNotRead) {
  spool::MemoryDisk disk;
  (void)open_on(disk, {});
  disk.claim_size(257u << 20);
  EXPECT_FALSE(open_on(disk, {}));
}

TEST(Steering, DamageTakesNoOtherLine) {
  spool::MemoryDisk disk;
  {
    auto steering = open_on(disk, {});
    EXPECT_TRUE(steering->set({{"A", {Steered::Order::held, 1, "", "x", 5, false}}}));
    EXPECT_TRUE(steering->set({{"B", {Steered::Order::held, 1, "", "x", 5, false}}}));
  }
  disk.harm(disk.list()->front(), 12);
  auto steering = open_on(disk, {"A", "B"});
  ASSERT_TRUE(steering);
  EXPECT_EQ(steering->of("A").order, Steered::Order::none);
  EXPECT_EQ(steering->of("B").order, Steered::Order::held);
}

} // namespace
} // namespace sekisho::relay
