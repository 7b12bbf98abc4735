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

  /// Answers are given on `loop`.  `patience`: how long what may wait does.
  Keeper(net::io_context &loop, spool::Spool spool, spool::Hold hold,
         std::chrono::milliseconds patience = std::chrono::milliseconds(20));
  /// Ends what was asked for, then the thread.
  ~Keeper();

  /// `order` as in Spool::put.
  Task<Kept> put(spool::Envelope envelope, SharedBuffer mail, std::string order = {});
  void left(spool::MailId id, std::vector<std::string> recipients);
  /// The end of a mail's way.
  void done(spool::MailId id);
  /// The same, its original first put into the hold.  Anything but none: it stays in the spool.
  /// `most_octets` as in Hold::put.
  Task<Reason> hold(spool::MailId id, spool::Held held, std::uint64_t most_octets = 0);
  Task<Result<Buffer>> read(spool::MailId id);
  /// Runs on the thread of the disk, between two commits: some milliseconds, no more.
  Task<void> with_hold(std::function<void(spool::Hold &)> act);

  /// As of the last commit.
  std::uint64_t held_count() const { return held_count_; }
  std::uint64_t held_octets() const { return held_octets_; }
  bool failed() const { return failed_; }
  bool hold_failed() const { return hold_failed_; }
  bool spool_full() const { return spool_full_; } // the last mail found no room
  bool hold_full() const { return hold_full_; }
  std::uint64_t damage() const { return damage_; } // octets found harmed at the start
  /// The longest commit since this was asked last.
  std::chrono::milliseconds slowest_commit() { return std::chrono::milliseconds(slowest_ms_.exchange(0)); }

private:
  struct Request {
    enum class What : std::uint8_t { put, left, done, hold, read, act } what = What::done;
    spool::MailId id = 0;
    spool::Envelope envelope;            // put
    SharedBuffer mail;                   // put
    std::string order;                   // put
    std::vector<std::string> recipients; // left
    spool::Held held;                    // hold
    std::uint64_t most_octets = 0;       // hold
    std::function<void(Kept)> kept;      // put, hold
    std::function<void(Result<Buffer>)> octets; // read
    std::function<void(spool::Hold &)> act;
    std::function<void()> acted;
  };

  static bool may_wait(const Request &request);
  void ask(Request request);
  void run();
  bool take_turn(std::vector<Request> &turn);
  void serve(std::vector<Request> &requests);
  std::vector<Request *> put_into_hold(std::vector<Request> &requests, std::vector<std::function<void()>> &answers);
  void answer(std::vector<std::function<void()>> answers);

  net::io_context &loop_;
  const std::chrono::milliseconds patience_;
  spool::Spool spool_;
  spool::Hold hold_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Request> requests_;
  std::size_t urgent_ = 0;                  // of requests_: those that may not wait
  SteadyClock::time_point patient_since_{}; // the first of requests_ that may
  bool stopping_ = false;
  const std::uint64_t damage_;
  std::atomic<std::uint64_t> held_count_ = 0, held_octets_ = 0;
  std::atomic<bool> failed_ = false, hold_failed_ = false, spool_full_ = false, hold_full_ = false;
  std::atomic<std::int64_t> slowest_ms_ = 0;
  std::thread thread_;
};

} // namespace sekisho::relay
