#include "gateway/relay/resolver.hh"

#include "base/check.hh"

#include <boost/asio/read.hpp>
#include <openssl/rand.h>

#include <algorithm>

namespace sekisho::relay {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t most_connections = 16;
constexpr std::size_t most_kept = 4096;     // answers
constexpr std::size_t worth_keeping = 2048; // octets of an answer: what strangers publish does not fill the memory
constexpr std::uint32_t longest_kept = 300; // seconds, whatever the answer says
constexpr auto answer_within = 4s;

std::uint16_t random_id() {
  std::uint16_t id = 0;
  CHECK(RAND_bytes(reinterpret_cast<unsigned char *>(&id), sizeof id) == 1);
  return id;
}

std::size_t octets_of(const guard::Answer &answer) {
  std::size_t octets = answer.addresses.size() * sizeof(Ip);
  for (const std::string &text : answer.texts) octets += text.size();
  for (const std::string &name : answer.names) octets += name.size();
  return octets;
}

} // namespace

Task<guard::Answer> Resolver::ask(guard::Question question, SteadyClock::time_point until) {
  if (const guard::Answer *known = kept(question)) co_return *known;
  guard::Answer answer;
  for (int attempt = 0; attempt < 2; ++attempt) {
    co_await take_turn();
    const auto limit = std::min(until, SteadyClock::now() + answer_within);
    bool good = false, used = false;
    if (SteadyClock::now() < limit) { // else it waited too long for its turn
      std::shared_ptr<Connection> connection = this->connection();
      used = connection->used;
      answer = co_await ask_over(connection, question, limit, good);
      put_away(std::move(connection), good);
    }
    end_turn();
    if (good || !used || SteadyClock::now() >= limit) break; // of one used before: perhaps it was closed for being idle
  }
  if (answer.status != guard::Answer::Status::failed) keep(question, answer);
  co_return answer;
}

Task<void> Resolver::take_turn() {
  if (turns_ < most_connections) {
    ++turns_;
    co_return;
  }
  auto turn = std::make_shared<Waiter<bool>>(loop_);
  waiting_.push_back(turn);
  co_await turn->wait();
}

std::shared_ptr<Resolver::Connection> Resolver::connection() {
  if (idle_.empty()) return std::make_shared<Connection>(loop_);
  std::shared_ptr<Connection> connection = idle_.front();
  idle_.pop_front();
  return connection;
}

void Resolver::put_away(std::shared_ptr<Connection> connection, bool good) {
  if (good) {
    connection->used = true;
    idle_.push_front(std::move(connection));
  } else {
    NetError ignored;
    connection->socket.close(ignored);
  }
}

void Resolver::end_turn() {
  if (waiting_.empty()) {
    --turns_;
    return;
  }
  auto next = std::move(waiting_.front());
  waiting_.pop_front();
  next->finish(true);
}

Task<guard::Answer> Resolver::ask_over(std::shared_ptr<Connection> connection, guard::Question question,
                                       SteadyClock::time_point limit, bool &good) {
  guard::Answer failed;
  connection->limit.expires_at(limit);
  connection->limit.async_wait([connection](NetError error) {
    NetError ignored;
    if (!error) connection->socket.close(ignored);
  });
  if (!connection->socket.is_open()) {
    auto [error] = co_await connection->socket.async_connect(server_, as_result);
    if (error) co_return failed;
  }
  const std::uint16_t id = random_id();
  const Buffer query = guard::encode_query(id, question);
  net::const_buffer out = net::buffer(query);
  auto [write_error, written] = co_await net::async_write(connection->socket, out, as_result);
  if (write_error) co_return failed;
  std::array<std::byte, 2> length;
  net::mutable_buffer head = net::buffer(length);
  auto [head_error, head_size] = co_await net::async_read(connection->socket, head, as_result);
  if (head_error) co_return failed;
  Buffer message(std::to_integer<std::size_t>(length[0]) << 8 | std::to_integer<std::size_t>(length[1]));
  net::mutable_buffer body = net::buffer(message);
  auto [body_error, body_size] = co_await net::async_read(connection->socket, body, as_result);
  if (body_error) co_return failed;
  connection->limit.cancel();
  Result<guard::Answer> answer = guard::decode_response(message, id, question);
  good = answer.has_value(); // out of step, or nonsense: not used again
  if (!answer) co_return failed;
  co_return std::move(*answer);
}

const guard::Answer *Resolver::kept(const guard::Question &question) {
  const auto found = answers_.find(question);
  if (found == answers_.end()) return nullptr;
  if (found->second.until < SteadyClock::now()) {
    answers_.erase(found);
    return nullptr;
  }
  return &found->second.answer;
}

/// Nothing found is believed for a little while only.
void Resolver::keep(const guard::Question &question, const guard::Answer &answer) {
  if (octets_of(answer) > worth_keeping) return;
  const auto now = SteadyClock::now();
  if (answers_.size() >= most_kept) {
    std::erase_if(answers_, [now](const auto &one) { return one.second.until < now; });
    if (answers_.size() >= most_kept) answers_.clear();
  }
  const std::uint32_t seconds = answer.empty() ? 30 : std::min(answer.ttl, longest_kept);
  answers_[question] = {answer, now + std::chrono::seconds(seconds)};
}

} // namespace sekisho::relay
