// The thread that owns the disk: spool and hold.  What the loop asks for while a flush runs is collected and
// is the next commit, so that the disk sets the pace and the flushes are shared.  What no peer waits for (the end
// of a mail's way) goes along with what one does, or is committed a moment later.
#pragma once

#include "gateway/relay/net.hh"
#include "gateway/spool/hold.hh"
#include "gateway/spool/spool.hh"

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace sekisho::relay {

using SharedBuffer = std::shared_ptr<const Buffer>;

class Keeper {
public:
  struct Kept {
    Reason reason = Reason::spool_failed; // none: durable
    spool::MailId id = 0;
  };

  /// Answers are given on `loop`.
  Keeper(net::io_context &loop, spool::Spool spool, spool::Hold hold);
  /// Ends what was asked for, then the thread.
  ~Keeper();

  Task<Kept> put(spool::Envelope envelope, SharedBuffer mail);
  void left(spool::MailId id, std::vector<std::string> recipients);
  /// The end of a mail's way.
  void done(spool::MailId id);
  /// The same, its original first put into the hold.  Anything but none: it stays in the spool.
  Task<Reason> hold(spool::MailId id, spool::Held held);
  Task<Result<Buffer>> read(spool::MailId id);

  /// As of the last commit.
  std::uint64_t held_count() const { return held_count_; }
  bool failed() const { return failed_; }

private:
  struct Request {
    enum class What : std::uint8_t { put, left, done, hold, read } what;
    spool::MailId id = 0;
    spool::Envelope envelope;            // put
    SharedBuffer mail;                   // put
    std::vector<std::string> recipients; // left
    spool::Held held;                    // hold
    std::function<void(Kept)> kept;      // put, hold
    std::function<void(Result<Buffer>)> octets; // read
  };

  static bool may_wait(const Request &request);
  void ask(Request request);
  void run();
  bool take_turn(std::vector<Request> &turn);
  void serve(std::vector<Request> &requests);
  void answer(std::vector<std::function<void()>> answers);

  net::io_context &loop_;
  spool::Spool spool_;
  spool::Hold hold_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Request> requests_;
  std::size_t urgent_ = 0;                  // of requests_: those that may not wait
  SteadyClock::time_point patient_since_{}; // the first of requests_ that may
  bool stopping_ = false;
  std::atomic<std::uint64_t> held_count_ = 0;
  std::atomic<bool> failed_ = false;
  std::thread thread_;
};

} // namespace sekisho::relay
