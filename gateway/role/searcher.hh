// Searches the record, in a thread of its own: the record's first duty waits for no search and for no index.  Between questions
// the index follows the record, in slices with rests between them that are long while much is being recorded.
#pragma once

#include "gateway/record/search.hh"
#include "gateway/role/channel/channel.hh"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

namespace sekisho::role {

class Searcher {
public:
  /// Answers go to `answers`: reply with gateway/record/search.hh's object, or failed.
  Searcher(Channel answers, record::Index index, record::Position end);
  /// Waits for what is being done.
  ~Searcher();
  Searcher(const Searcher &) = delete;

  /// So far the record is on disk.
  void record_ends(record::Position end);
  /// What status tells of it: {"state": "whole"|"behind"|"made-anew"|"ended", "percent", "behind", "octets", "trouble"}: of the
  /// record what it knows, in octets what it does not know yet and what it takes; trouble only where there is some.
  std::string state(const std::string &folder) const;
  /// False: too many are waiting.
  bool ask(std::uint32_t id, std::string question);

private:
  struct Question {
    std::uint32_t id;
    std::string text;
  };

  void work();
  void serve(std::unique_lock<std::mutex> &lock);
  void answer(const Question &question, const record::Position &end);
  void follow(std::unique_lock<std::mutex> &lock);
  void tell_progress(const record::Position &end);

  Channel answers_;
  record::Index index_;           // the thread's
  std::uint64_t told_ns_ = 0;     // the same
  unsigned told_percent_ = 100;   // the same
  mutable std::mutex mutex_;      // for what stands below
  record::Index::Standing standing_;
  std::string trouble_;           // of following; empty: none
  std::condition_variable happened_;
  record::Position end_;
  std::deque<Question> questions_;
  bool is_behind_ = true, is_stopped_ = false, has_failed_ = false;
  std::thread thread_;
};

} // namespace sekisho::role
