#include "gateway/relay/keeper.hh"

#include "base/log.hh"

#include <algorithm>

namespace sekisho::relay {
namespace {

constexpr std::chrono::milliseconds patience(20); // of what may wait

} // namespace

Keeper::Keeper(net::io_context &loop, spool::Spool spool, spool::Hold hold)
    : loop_(loop), spool_(std::move(spool)), hold_(std::move(hold)), held_count_(hold_.count()),
      thread_([this] { run(); }) {}

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

Task<Keeper::Kept> Keeper::put(spool::Envelope envelope, SharedBuffer mail) {
  auto waiter = std::make_shared<Waiter<Kept>>(loop_);
  Request request{Request::What::put, 0, std::move(envelope), std::move(mail), {}, {}, {}, {}};
  request.kept = [waiter](Kept kept) { waiter->finish(kept); };
  ask(std::move(request));
  co_return co_await waiter->wait();
}

void Keeper::left(spool::MailId id, std::vector<std::string> recipients) {
  ask({Request::What::left, id, {}, {}, std::move(recipients), {}, {}, {}});
}

void Keeper::done(spool::MailId id) { ask({Request::What::done, id, {}, {}, {}, {}, {}, {}}); }

Task<Reason> Keeper::hold(spool::MailId id, spool::Held held) {
  auto waiter = std::make_shared<Waiter<Kept>>(loop_);
  Request request{Request::What::hold, id, {}, {}, {}, std::move(held), {}, {}};
  request.kept = [waiter](Kept kept) { waiter->finish(kept); };
  ask(std::move(request));
  const Kept kept = co_await waiter->wait();
  co_return kept.reason;
}

Task<Result<Buffer>> Keeper::read(spool::MailId id) {
  struct Box {
    Result<Buffer> octets = fail("not read");
  };
  auto waiter = std::make_shared<Waiter<Box>>(loop_);
  Request request{Request::What::read, id, {}, {}, {}, {}, {}, {}};
  request.octets = [waiter](Result<Buffer> octets) { waiter->finish(Box{std::move(octets)}); };
  ask(std::move(request));
  Box box = co_await waiter->wait();
  co_return std::move(box.octets);
}

void Keeper::run() {
  std::vector<Request> turn;
  while (take_turn(turn)) {
    serve(turn);
    turn.clear();
  }
}

/// False: nothing is left and nothing will come.
bool Keeper::take_turn(std::vector<Request> &turn) {
  std::unique_lock lock(mutex_);
  wake_.wait(lock, [&] { return stopping_ || !requests_.empty(); });
  wake_.wait_until(lock, patient_since_ + patience, [&] { return stopping_ || urgent_ > 0; });
  turn.swap(requests_);
  urgent_ = 0;
  if (!stopping_ && SteadyClock::now() < patient_since_ + patience) { // a hold has a flush of its own
    const auto holds = std::ranges::stable_partition(
        turn, [](const Request &request) { return request.what != Request::What::hold; });
    std::ranges::move(holds, std::back_inserter(requests_));
    turn.erase(holds.begin(), turn.end());
  }
  return !turn.empty();
}

/// One turn: originals into the hold first, because only then may the spool forget them.
void Keeper::serve(std::vector<Request> &requests) {
  std::vector<std::function<void()>> answers;
  std::vector<Request *> holding;
  for (Request &request : requests) {
    if (request.what == Request::What::read) {
      answers.push_back([octets = spool_.read(request.id), tell = std::move(request.octets)]() mutable {
        tell(std::move(octets));
      });
    } else if (request.what == Request::What::hold) {
      auto original = spool_.read(request.id);
      if (!original) { // damaged on disk: what is left of it stays where it is
        log_error("cannot hold a mail: " + original.error().what);
        answers.push_back([tell = std::move(request.kept)] { tell({Reason::spool_failed, 0}); });
        continue;
      }
      hold_.put(request.held, std::make_shared<const Buffer>(std::move(*original)));
      holding.push_back(&request);
    }
  }
  const Reason held = holding.empty() ? Reason::none : hold_.commit();

  for (Request &request : requests) {
    if (request.what == Request::What::put)
      request.id = spool_.put(std::move(request.envelope), std::move(request.mail));
    else if (request.what == Request::What::left)
      spool_.left(request.id, std::move(request.recipients));
    else if (request.what == Request::What::done)
      spool_.done(request.id);
  }
  if (held == Reason::none)
    for (Request *request : holding) spool_.done(request->id);
  const spool::Spool::Committed committed = spool_.commit();

  for (Request &request : requests) {
    if (!request.kept) continue;
    Reason reason = committed.failed;
    if (request.what == Request::What::hold && held != Reason::none) reason = held;
    if (request.what == Request::What::put && std::ranges::count(committed.no_room, request.id) > 0)
      reason = Reason::spool_full;
    answers.push_back([tell = std::move(request.kept), kept = Kept{reason, request.id}] { tell(kept); });
  }
  held_count_ = hold_.count();
  failed_ = spool_.failed();
  answer(std::move(answers));
}

void Keeper::answer(std::vector<std::function<void()>> answers) {
  if (answers.empty()) return;
  net::post(loop_, [answers = std::move(answers)] {
    for (const auto &answer : answers) answer();
  });
}

} // namespace sekisho::relay
