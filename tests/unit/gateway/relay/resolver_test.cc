// The resolver's client against servers that are slow, silent, or say too much.
#include "gateway/relay/resolver.hh"

#include "tests/support/smtp_peers.hh"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace sekisho::relay {
namespace {

using namespace std::chrono_literals;

class ResolverTest : public testing::Test {
protected:
  /// Answers of all questions, asked at once; runs the loop until the last has come.
  std::vector<guard::Answer> ask(std::size_t count, std::chrono::milliseconds patience, const std::string &name = "x") {
    answers_.clear();
    const auto until = SteadyClock::now() + patience;
    for (std::size_t i = 0; i < count; ++i) start(loop_, once(fmt::format("{}{}.example", name, i), until));
    while (answers_.size() < count) {
      loop_.restart();
      loop_.run_for(20ms);
    }
    return answers_;
  }
  Task<void> once(std::string name, SteadyClock::time_point until) {
    guard::Question question{std::move(name), guard::DnsType::txt};
    guard::Answer answer = co_await resolver().ask(std::move(question), until);
    answers_.push_back(std::move(answer));
  }
  Resolver &resolver() {
    if (!resolver_) resolver_ = std::make_unique<Resolver>(loop_, Tcp::endpoint(net::ip::make_address("127.0.0.2"), port_));
    return *resolver_;
  }
  static std::string two(std::size_t number) { return {static_cast<char>(number >> 8), static_cast<char>(number)}; }
  /// Answers each question of one connection after the other with TXT records of `octets` in all.
  void serve(std::size_t octets) {
    server_ = std::thread([this, octets] {
      UniqueFd peer(::accept(listener_.get(), nullptr, nullptr));
      std::string query(2, '\0');
      while (::recv(peer.get(), query.data(), 2, MSG_WAITALL) == 2) {
        query.resize(static_cast<unsigned char>(query[1]));
        if (::recv(peer.get(), query.data(), query.size(), MSG_WAITALL) != static_cast<ssize_t>(query.size())) return;
        ++asked_;
        std::string text;
        for (std::size_t left = octets; left > 0; left -= std::min<std::size_t>(left, 200))
          text += static_cast<char>(std::min<std::size_t>(left, 200)) + std::string(std::min<std::size_t>(left, 200), 'x');
        using namespace std::string_literals;
        const std::string question = query.substr(12, query.find("\0\0\x10\0\x01"s, 12) + 5 - 12);
        const std::string message = query.substr(0, 2) + "\x81\x80\0\1\0\1\0\0\0\0"s + question + "\xc0\x0c\0\x10\0\1\0\0\0\x3c"s +
                                    two(text.size()) + text;
        const std::string out = two(message.size()) + message;
        if (::send(peer.get(), out.data(), out.size(), MSG_NOSIGNAL) < 0) return;
      }
    });
  }
  void TearDown() override {
    resolver_.reset();
    if (server_.joinable()) server_.join();
  }

  net::io_context loop_{1};
  std::uint16_t port_ = 0;
  UniqueFd listener_ = test::listen_on("127.0.0.2", port_); // whoever connects waits: nobody answers
  std::unique_ptr<Resolver> resolver_;
  std::vector<guard::Answer> answers_;
  std::thread server_;
  std::atomic<int> asked_ = 0;
};

TEST_F(ResolverTest, ASilentServerCostsNobodyMoreThanTheTimeHeHas) {
  const auto begin = SteadyClock::now();
  for (const guard::Answer &answer : ask(100, 300ms)) EXPECT_EQ(answer.status, guard::Answer::Status::failed);
  EXPECT_LT(SteadyClock::now() - begin, 3s) << "sixteen at once have their turn, the others none";
}

TEST_F(ResolverTest, KeepsSmallAnswersOnly) {
  for (const auto &[octets, questions] : {std::pair<std::size_t, int>(100, 1), {3'000, 3}}) {
    asked_ = 0;
    serve(octets);
    for (int i = 0; i < 3; ++i) {
      const std::vector<guard::Answer> answers = ask(1, 3000ms, "size" + std::to_string(octets));
      ASSERT_EQ(answers[0].status, guard::Answer::Status::found);
      ASSERT_EQ(answers[0].texts.size(), 1u);
      EXPECT_EQ(answers[0].texts[0].size(), octets);
    }
    EXPECT_EQ(asked_, questions) << octets;
    TearDown();
  }
}

} // namespace
} // namespace sekisho::relay
