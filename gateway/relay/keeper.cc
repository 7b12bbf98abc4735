#include "gateway/relay/keeper.hh"

#include "base/log.hh"

#include <algorithm>

namespace sekisho::relay {
namespace {

constexpr std::uint64_t most_collected = 64u << 20; // octets of originals on their way into the hold, in memory

} // namespace

Keeper::Keeper(net::io_context &loop, spool::Spool spool, spool::Hold hold, std::chrono::milliseconds patience)
    : loop_(loop), patience_(patience), spool_(std::move(spool)), hold_(std::move(hold)), damage_(spool_.recovered_damage()),
      held_count_(hold_.count()), held_octets_(hold_.octets()), thread_([this] { run(); }) {}

Keeper::~Keeper() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

/// No peer waits for it; meanwhile a power cut would only make the mail go its way once more.
bool Keeper::may_wait(const Request &request) {
  return request.what == Request::What::done || request.what == Request::What::left ||
         request.what == Request::What::hold;
}

void Keeper::ask(Request request) {
  {
    std::lock_guard lock(mutex_);
    if (!may_wait(request)) ++urgent_;
    else if (requests_.size() == urgent_) patient_since_ = SteadyClock::now();
    requests_.push_back(std::move(request));
  }
  wake_.notify_one();
}

Task<Keeper::Kept> Keeper::put(spool::Envelope envelope, SharedBuffer mail, std::string order) {
  auto waiter = std::make_shared<Waiter<Kept>>(loop_);
  Request request;
  request.what = Request::What::put;
  request.envelope = std::move(envelope);
  request.mail = std::move(mail);
  request.order = std::move(order);
  request.kept = [waiter](Kept kept) { waiter->finish(kept); };
  ask(std::move(request));
  co_return co_await waiter->wait();
}

void Keeper::left(spool::MailId id, std::vector<std::string> recipients) {
  Request request;
  request.what = Request::What::left;
  request.id = id;
  request.recipients = std::move(recipients);
  ask(std::move(request));
}

void Keeper::done(spool::MailId id) {
  Request request;
  request.what = Request::What::done;
  request.id = id;
  ask(std::move(request));
}

Task<Reason> Keeper::hold(spool::MailId id, spool::Held held, std::uint64_t most_octets) {
  auto waiter = std::make_shared<Waiter<Kept>>(loop_);
  Request request;
  request.what = Request::What::hold;
  request.id = id;
  request.held = std::move(held);
  request.most_octets = most_octets;
  request.kept = [waiter](Kept kept) { waiter->finish(kept); };
  ask(std::move(request));
  const Kept kept = co_await waiter->wait();
  co_return kept.reason;
}

Task<void> Keeper::with_hold(std::function<void(spool::Hold &)> act) {
  auto waiter = std::make_shared<Waiter<bool>>(loop_);
  Request request;
  request.what = Request::What::act;
  request.act = std::move(act);
  request.acted = [waiter] { waiter->finish(true); };
  ask(std::move(request));
  co_await waiter->wait();
}

Task<Result<Buffer>> Keeper::read(spool::MailId id) {
  struct Box {
    Result<Buffer> octets = fail("not read");
  };
  auto waiter = std::make_shared<Waiter<Box>>(loop_);
  Request request;
  request.what = Request::What::read;
  request.id = id;
  request.octets = [waiter](Result<Buffer> octets) { waiter->finish(Box{std::move(octets)}); };
  ask(std::move(request));
  Box box = co_await waiter->wait();
  co_return std::move(box.octets);
}

void Keeper::run() {
  std::vector<Request> turn;
  while (take_turn(turn)) {
    const auto start = SteadyClock::now();
    serve(turn);
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(SteadyClock::now() - start).count();
    if (took > slowest_ms_) slowest_ms_ = took;
    turn.clear();
  }
}

/// False: nothing is left and nothing will come.
bool Keeper::take_turn(std::vector<Request> &turn) {
  std::unique_lock lock(mutex_);
  wake_.wait(lock, [&] { return stopping_ || !requests_.empty(); });
  wake_.wait_until(lock, patient_since_ + patience_, [&] { return stopping_ || urgent_ > 0; });
  turn.swap(requests_);
  urgent_ = 0;
  if (!stopping_ && SteadyClock::now() < patient_since_ + patience_) { // a hold has a flush of its own
    const auto holds = std::stable_partition(turn.begin(), turn.end(), [](const Request &request) {
      return request.what != Request::What::hold;
    });
    std::move(holds, turn.end(), std::back_inserter(requests_));
    turn.erase(holds, turn.end());
  }
  return !turn.empty();
}

/// One turn: originals into the hold first, because only then may the spool forget them.
void Keeper::serve(std::vector<Request> &requests) {
  std::vector<std::function<void()>> answers;
  for (Request &request : requests) {
    if (request.what == Request::What::read) {
      answers.push_back([octets = spool_.read(request.id), tell = std::move(request.octets)]() mutable {
        tell(std::move(octets));
      });
    } else if (request.what == Request::What::act) {
      request.act(hold_);
      answers.push_back(std::move(request.acted));
    }
  }
  const std::vector<Request *> in_hold = put_into_hold(requests, answers);

  for (Request &request : requests) {
    if (request.what == Request::What::put)
      request.id = spool_.put(std::move(request.envelope), std::move(request.mail), std::move(request.order));
    else if (request.what == Request::What::left)
      spool_.left(request.id, std::move(request.recipients));
    else if (request.what == Request::What::done)
      spool_.done(request.id);
  }
  for (Request *request : in_hold) spool_.done(request->id);
  const spool::Spool::Committed committed = spool_.commit();

  for (Request &request : requests) {
    if (!request.kept) continue;
    Reason reason = committed.failed;
    if (request.what == Request::What::put && std::ranges::count(committed.no_room, request.id) > 0)
      reason = Reason::spool_full;
    answers.push_back([tell = std::move(request.kept), kept = Kept{reason, request.id}] { tell(kept); });
  }
  if (std::ranges::count(requests, Request::What::put, &Request::what) > 0) spool_full_ = !committed.no_room.empty();
  held_count_ = hold_.count();
  held_octets_ = hold_.octets();
  failed_ = spool_.failed();
  hold_failed_ = hold_.failed();
  answer(std::move(answers));
}

/// Those that are there now; the others are answered.
std::vector<Keeper::Request *> Keeper::put_into_hold(std::vector<Request> &requests,
                                                     std::vector<std::function<void()>> &answers) {
  std::vector<Request *> holding;
  auto refuse = [&](Request &request, Reason reason) {
    answers.push_back([tell = std::move(request.kept), reason] { tell({reason, 0}); });
    request.kept = nullptr;
  };
  std::vector<Request *> pending;
  std::uint64_t octets = 0;
  bool full = false;
  auto commit = [&] {
    if (pending.empty()) return;
    const spool::Hold::Committed committed = hold_.commit();
    for (Request *request : pending) {
      const bool no_room = std::ranges::count(committed.no_room, request->held.envelope.receipt) > 0;
      full = full || no_room;
      if (committed.failed == Reason::none && !no_room) holding.push_back(request);
      else refuse(*request, no_room ? Reason::hold_full : committed.failed);
    }
    hold_full_ = full;
    pending.clear();
    octets = 0;
  };
  for (Request &request : requests) {
    if (request.what != Request::What::hold) continue;
    auto original = spool_.read(request.id);
    if (!original) { // damaged on disk: what is left of it stays where it is
      log_error("cannot hold a mail: " + original.error().what);
      refuse(request, Reason::spool_failed);
      continue;
    }
    octets += original->size();
    hold_.put(request.held, std::make_shared<const Buffer>(std::move(*original)), request.most_octets);
    pending.push_back(&request);
    if (octets >= most_collected) commit(); // a whole queue may be dropped by one order
  }
  commit();
  return holding;
}

void Keeper::answer(std::vector<std::function<void()>> answers) {
  if (answers.empty()) return;
  net::post(loop_, [answers = std::move(answers)] {
    for (const auto &answer : answers) answer();
  });
}

} // namespace sekisho::relay
