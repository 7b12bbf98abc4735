// Threads that wait for the sanitizer, so that the loop need not.
#pragma once

#include "gateway/relay/cleaner.hh"
#include "gateway/relay/keeper.hh"

namespace sekisho::relay {

class Treater {
public:
  Treater(net::io_context &loop, MakeCleaner make_cleaner, std::size_t threads);
  ~Treater();

  /// `mail` is the original; the plan comes from the rules.
  Task<job::Outcome> treat(std::string receipt, job::Plan plan, SharedBuffer mail);

private:
  struct Request {
    std::string receipt;
    job::Plan plan;
    SharedBuffer mail;
    std::function<void(job::Outcome)> tell;
  };
  void run();

  net::io_context &loop_;
  MakeCleaner make_cleaner_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Request> requests_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

} // namespace sekisho::relay
