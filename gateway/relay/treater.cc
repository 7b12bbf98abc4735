#include "gateway/relay/treater.hh"

#include "base/log.hh"
#include "gateway/scan/remote.hh"
#include "gateway/spool/receipt.hh"

#include <algorithm>

namespace sekisho::relay {

Treater::Treater(net::io_context &loop, MakeCleaner make_cleaner, std::size_t threads, int scan)
    : loop_(loop), make_cleaner_(std::move(make_cleaner)), scan_(scan) {
  for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { run(); });
}

Treater::~Treater() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (std::thread &thread : threads_) thread.join();
}

Task<job::Outcome> Treater::treat(const spool::Envelope &envelope, std::string sha256, job::Plan plan,
                                  std::optional<rules::ScanRule> scan, SharedBuffer mail) {
  auto waiter = std::make_shared<Waiter<job::Outcome>>(loop_);
  // The receipt number tells it of a mail that was released too, whose time in the envelope began anew; a number that was given
  // while the clock was set back tells a later time.
  const UnixSeconds by_receipt = spool::time_of_receipt(envelope.receipt).value_or(envelope.accepted);
  const UnixSeconds accepted = std::min(by_receipt, envelope.accepted);
  Request request{envelope.receipt, envelope.authentication, accepted, envelope.known, std::move(sha256),
                  plan, std::move(scan), std::move(mail), {}};
  request.tell = [waiter](job::Outcome outcome) { waiter->finish(std::move(outcome)); };
  {
    std::lock_guard lock(mutex_);
    requests_.push_back(std::move(request));
  }
  wake_.notify_one();
  co_return co_await waiter->wait();
}

void Treater::run() {
  std::unique_ptr<Cleaner> cleaner = make_cleaner_();
  while (true) {
    Request request;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [&] { return stopping_ || !requests_.empty(); });
      if (stopping_) return; // what waits is durable and is treated after the restart
      request = std::move(requests_.front());
      requests_.pop_front();
    }
    job::Job job;
    job.what = job::What::mail;
    job.receipt = request.receipt;
    job.authentication = request.authentication;
    job.known = request.known;
    job.accepted = request.accepted;
    job.plan = request.plan;
    job.bytes = *request.mail;
    std::optional<job::Outcome> held = held_by_scan(request, job);
    job::Outcome outcome = held ? std::move(*held) : cleaner->sanitize(job, request.sha256);
    net::post(loop_, [outcome = std::move(outcome), tell = std::move(request.tell)]() mutable {
      tell(std::move(outcome));
    });
  }
}

/// Before treatment (H5): what the scanner did not call clean is held.  Nothing: it may go on.
std::optional<job::Outcome> Treater::held_by_scan(const Request &request, const job::Job &job) const {
  if (!request.scan) return std::nullopt;
  const scan::ScannerOptions options{.socket = request.scan->socket,
                                     .definitions_days = request.scan->definitions_days,
                                     .deadline_ms = std::max(job.plan.deadline_ms, 10'000u)};
  const scan::Answer answer = scan::scan_remotely(scan_, options, job.bytes);
  if (answer.finding == scan::Finding::clean) return std::nullopt;
  if (answer.finding != scan::Finding::malware) log_error("virus scanner " + options.socket + ": " + answer.words);
  return scan::held_outcome(answer, job);
}

} // namespace sekisho::relay
