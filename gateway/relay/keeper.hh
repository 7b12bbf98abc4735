// The threads that own the disk: one the spool, one the hold, so that no peer waits for its 250 behind an original on its
// way into the hold.  What the loop asks for while a flush runs is collected and is the next commit: the disk sets the
// pace and the flushes are shared.  What no peer waits for (the end of a mail's way) goes along with what one does, or is
// committed a moment later.
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
  /// Ends what was asked for, then the threads.
  ~Keeper();

  using Answer = std::shared_ptr<Waiter<Kept>>;
  /// `order` as in Spool::put.  On its way to the disk when this returns: there is time for other work before the
  /// answer is waited for.
  Answer put(spool::Envelope envelope, SharedBuffer mail, std::string order = {});
  /// How many hand in mail just now.
  void set_peers(std::size_t count) { peers_ = count; }
  void left(spool::MailId id, std::vector<std::string> recipients, std::vector<std::string> reached = {});
  /// The end of a mail's way.
  void done(spool::MailId id);
  /// The same, its original first put into the hold.  Anything but none: it stays in the spool.
  /// `original`: null, it is read from the spool.  `most_octets` as in Hold::put.
  Task<Reason> hold(spool::MailId id, spool::Held held, SharedBuffer original, std::uint64_t most_octets = 0);
  using Read = Result<Buffer, spool::DiskError>; // as Spool::read has it
  Task<Read> read(spool::MailId id);
  /// Runs on the thread of the hold, between two commits: some milliseconds, no more.
  Task<void> with_hold(std::function<void(spool::Hold &)> act);

  /// As of the last commit.
  std::uint64_t held_count() const { return held_count_; }
  std::uint64_t held_octets() const { return held_octets_; }
  bool failed() const { return failed_; }
  bool hold_failed() const { return hold_failed_; }
  bool spool_full() const { return spool_full_; } // the last mail found no room
  bool hold_full() const { return hold_full_; }   // its disk is
  std::uint64_t damage() const { return damage_; } // octets found harmed at the start
  /// The longest commit since this was asked last.
  std::chrono::milliseconds slowest_commit() { return std::chrono::milliseconds(slowest_ms_.exchange(0)); }

private:
  struct Request {
    enum class What : std::uint8_t { put, left, done, hold, read, act } what = What::done;
    spool::MailId id = 0;
    spool::Envelope envelope;            // put
    SharedBuffer mail;                   // put; hold: or null
    std::string order;                   // put
    std::vector<std::string> recipients, reached; // left
    spool::Held held;                    // hold
    std::uint64_t most_octets = 0;       // hold
    std::function<void(Kept)> kept;      // put, hold
    std::function<void(Read)> octets; // read
    std::function<void(spool::Hold &)> act;
    std::function<void()> acted;
  };

  using Answers = std::vector<std::function<void()>>;

  /// What one thread is asked for.  Some of it may wait a little, for company on its way to the disk.
  class Line {
  public:
    void ask(Request request, bool may_wait);
    /// Waits for the next turn.  False: stopped, and nothing is left.
    bool take(std::vector<Request> &turn, std::chrono::milliseconds patience, bool is_crowded);
    void stop();

  private:
    std::mutex mutex_;
    std::condition_variable wake_;
    std::vector<Request> requests_;
    std::size_t urgent_ = 0;                  // of requests_: those that may not wait
    SteadyClock::time_point patient_since_{}; // the first of requests_ that may
    bool stopping_ = false;
  };

  void run(Line &line, void (Keeper::*serve)(std::vector<Request> &));
  void serve_spool(std::vector<Request> &requests);
  void serve_hold(std::vector<Request> &requests);
  SharedBuffer original_of(const Request &request);
  void commit_hold(std::vector<Request *> &pending, Answers &answers);
  void answer(Answers answers);

  net::io_context &loop_;
  const std::chrono::milliseconds patience_;
  std::mutex spool_mutex_; // the hold's thread reads what is no longer in memory
  spool::Spool spool_;
  spool::Hold hold_;
  Line spool_line_, hold_line_;
  const std::uint64_t damage_;
  std::atomic<std::uint64_t> held_count_ = 0, held_octets_ = 0;
  std::atomic<bool> failed_ = false, hold_failed_ = false, spool_full_ = false, hold_full_ = false;
  std::atomic<std::int64_t> slowest_ms_ = 0;
  std::atomic<std::size_t> peers_ = 0;
  std::thread spool_thread_, hold_thread_;
};

} // namespace sekisho::relay
