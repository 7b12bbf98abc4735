#include "gateway/relay/keeper.hh"

#include "base/log.hh"

#include <algorithm>

namespace sekisho::relay {
namespace {

using namespace std::chrono_literals;

// Where many peers hand in mail, a flush waits for a few of them: they hardly notice, and share it.
constexpr std::size_t crowd = 24, enough = 16;
constexpr std::chrono::milliseconds gathering = 3ms;

constexpr std::uint64_t most_collected = 64u << 20; // octets of originals on their way into the hold, in memory

} // namespace

Keeper::Keeper(net::io_context &loop, spool::Spool spool, spool::Hold hold, std::chrono::milliseconds patience)
    : loop_(loop), patience_(patience), spool_(std::move(spool)), hold_(std::move(hold)), damage_(spool_.recovered_damage()),
      held_count_(hold_.count()), held_octets_(hold_.octets()),
      spool_thread_([this] { run(spool_line_, &Keeper::serve_spool); }),
      hold_thread_([this] { run(hold_line_, &Keeper::serve_hold); }) {}

Keeper::~Keeper() {
  hold_line_.stop(); // first: what it has put away the spool may forget
  hold_thread_.join();
  spool_line_.stop();
  spool_thread_.join();
}

// -- asking -------------------------------------------------------------------------------------------------

void Keeper::Line::ask(Request request, bool may_wait) {
  {
    std::lock_guard lock(mutex_);
    if (!may_wait) ++urgent_;
    else if (requests_.size() == urgent_) patient_since_ = SteadyClock::now();
    requests_.push_back(std::move(request));
  }
  wake_.notify_one();
}

bool Keeper::Line::take(std::vector<Request> &turn, std::chrono::milliseconds patience, bool is_crowded) {
  std::unique_lock lock(mutex_);
  wake_.wait(lock, [&] { return stopping_ || !requests_.empty(); });
  wake_.wait_until(lock, patient_since_ + patience, [&] { return stopping_ || urgent_ > 0; });
  if (is_crowded)
    wake_.wait_for(lock, std::min(gathering, patience), [&] { return stopping_ || urgent_ >= enough; });
  turn.swap(requests_);
  urgent_ = 0;
  return !turn.empty();
}

void Keeper::Line::stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
}

Keeper::Answer Keeper::put(spool::Envelope envelope, SharedBuffer mail, std::string order) {
  auto waiter = std::make_shared<Waiter<Kept>>(loop_);
  Request request;
  request.what = Request::What::put;
  request.envelope = std::move(envelope);
  request.mail = std::move(mail);
  request.order = std::move(order);
  request.kept = [waiter](Kept kept) { waiter->finish(kept); };
  spool_line_.ask(std::move(request), false);
  return waiter;
}

void Keeper::left(spool::MailId id, std::vector<std::string> recipients, std::vector<std::string> reached) {
  Request request;
  request.what = Request::What::left;
  request.id = id;
  request.recipients = std::move(recipients);
  request.reached = std::move(reached);
  spool_line_.ask(std::move(request), true); // at worst a power cut makes the mail go its way once more
}

void Keeper::done(spool::MailId id) {
  Request request;
  request.what = Request::What::done;
  request.id = id;
  spool_line_.ask(std::move(request), true);
}

Task<Reason> Keeper::hold(spool::MailId id, spool::Held held, SharedBuffer original, std::uint64_t most_octets) {
  auto waiter = std::make_shared<Waiter<Kept>>(loop_);
  Request request;
  request.what = Request::What::hold;
  request.id = id;
  request.held = std::move(held);
  request.mail = std::move(original);
  request.most_octets = most_octets;
  request.kept = [waiter](Kept kept) { waiter->finish(kept); };
  hold_line_.ask(std::move(request), true);
  const Kept kept = co_await waiter->wait();
  co_return kept.reason;
}

Task<void> Keeper::with_hold(std::function<void(spool::Hold &)> act) {
  auto waiter = std::make_shared<Waiter<bool>>(loop_);
  Request request;
  request.what = Request::What::act;
  request.act = std::move(act);
  request.acted = [waiter] { waiter->finish(true); };
  hold_line_.ask(std::move(request), false);
  co_await waiter->wait();
}

Task<Keeper::Read> Keeper::read(spool::MailId id) {
  struct Box {
    Read octets = fail(spool::DiskError::failed);
  };
  auto waiter = std::make_shared<Waiter<Box>>(loop_);
  Request request;
  request.what = Request::What::read;
  request.id = id;
  request.octets = [waiter](Read octets) { waiter->finish(Box{std::move(octets)}); };
  spool_line_.ask(std::move(request), false);
  Box box = co_await waiter->wait();
  co_return std::move(box.octets);
}

// -- the threads --------------------------------------------------------------------------------------------

void Keeper::run(Line &line, void (Keeper::*serve)(std::vector<Request> &)) {
  std::vector<Request> turn;
  while (line.take(turn, patience_, &line == &spool_line_ && peers_ >= crowd)) {
    const auto start = SteadyClock::now();
    (this->*serve)(turn);
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(SteadyClock::now() - start).count();
    if (took > slowest_ms_) slowest_ms_ = took;
    turn.clear();
  }
}

void Keeper::serve_spool(std::vector<Request> &requests) {
  Answers answers;
  const std::lock_guard lock(spool_mutex_);
  for (Request &request : requests) {
    switch (request.what) {
    case Request::What::read:
      answers.push_back([octets = spool_.read(request.id), tell = std::move(request.octets)]() mutable {
        tell(std::move(octets));
      });
      break;
    case Request::What::put:
      request.id = spool_.put(std::move(request.envelope), std::move(request.mail), std::move(request.order));
      break;
    case Request::What::left:
      spool_.left(request.id, std::move(request.recipients), std::move(request.reached));
      break;
    default: spool_.done(request.id);
    }
  }
  const spool::Spool::Committed committed = spool_.commit();

  bool any_put = false;
  for (Request &request : requests) {
    if (request.what != Request::What::put) continue;
    any_put = true;
    const bool no_room = std::ranges::count(committed.no_room, request.id) > 0;
    const Reason reason = no_room ? Reason::spool_full : committed.failed;
    answers.push_back([tell = std::move(request.kept), kept = Kept{reason, request.id}] { tell(kept); });
  }
  if (any_put) spool_full_ = !committed.no_room.empty();
  failed_ = spool_.failed();
  answer(std::move(answers));
}

/// The spool forgets a mail only when its original is durable here.
void Keeper::serve_hold(std::vector<Request> &requests) {
  Answers answers;
  std::vector<Request *> pending;
  std::uint64_t octets = 0;
  for (Request &request : requests) {
    if (request.what == Request::What::act) {
      request.act(hold_);
      answers.push_back(std::move(request.acted));
      continue;
    }
    SharedBuffer original = original_of(request);
    if (!original) { // damaged on disk: what is left of it stays where it is
      answers.push_back([tell = std::move(request.kept)] { tell({Reason::spool_failed, 0}); });
      continue;
    }
    octets += original->size();
    hold_.put(request.held, std::move(original), request.most_octets);
    pending.push_back(&request);
    if (octets < most_collected) continue; // a whole queue may be dropped by one order
    commit_hold(pending, answers);
    octets = 0;
  }
  commit_hold(pending, answers);
  held_count_ = hold_.count();
  held_octets_ = hold_.octets();
  hold_failed_ = hold_.failed();
  answer(std::move(answers));
}

SharedBuffer Keeper::original_of(const Request &request) {
  if (request.mail) return request.mail;
  const std::lock_guard lock(spool_mutex_);
  auto read = spool_.read(request.id);
  if (read) return std::make_shared<const Buffer>(std::move(*read));
  log_error("cannot hold " + request.held.envelope.receipt + ": its octets cannot be read from the spool");
  return nullptr;
}

void Keeper::commit_hold(std::vector<Request *> &pending, Answers &answers) {
  if (pending.empty()) return;
  const spool::Hold::Committed committed = hold_.commit();
  if (committed.disk_full || committed.written) hold_full_ = committed.disk_full; // what was refused by the rules says nothing of it
  for (Request *request : pending) {
    const auto has_it = [&](const std::vector<std::string> &receipts) {
      return std::ranges::count(receipts, request->held.envelope.receipt) > 0;
    };
    const Reason reason = has_it(committed.no_room)  ? Reason::hold_full
                          : has_it(committed.stale) ? Reason::spool_failed
                                                    : committed.failed;
    if (reason == Reason::none) done(request->id);
    answers.push_back([tell = std::move(request->kept), kept = Kept{reason, request->id}] { tell(kept); });
  }
  pending.clear();
}

void Keeper::answer(Answers answers) {
  if (answers.empty()) return;
  net::post(loop_, [answers = std::move(answers)] {
    for (const auto &answer : answers) answer();
  });
}

} // namespace sekisho::relay
