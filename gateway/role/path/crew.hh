// The threads of the path role: core 0 on the thread that opened the ports, the other cores and the attendant on
// their own.
#pragma once

#include "gateway/port/dpdk.hh"
#include "gateway/role/path/attendant.hh"

#include <mutex>
#include <thread>

#include <condition_variable>

namespace sekisho::role {

class Crew {
public:
  Crew(const Attendant::Workers &workers, Attendant &attendant, port::Dpdk &dpdk)
      : workers_(workers), attendant_(attendant), dpdk_(dpdk) {}
  /// Ends the threads and waits for them.
  ~Crew();
  Crew(const Crew &) = delete;
  Crew &operator=(const Crew &) = delete;

  /// Every thread is there, on its processor, and waits for work(): the jail can be closed around all.
  Result<void> gather();
  /// Until the attendant ends the workers.
  void work();

private:
  void enter(std::size_t core);
  bool wait_for_work();
  void give_sign(bool work);

  const Attendant::Workers &workers_;
  Attendant &attendant_;
  port::Dpdk &dpdk_;
  std::vector<std::thread> threads_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t present_ = 0;
  std::string error_;
  bool has_sign_ = false, may_work_ = false;
};

} // namespace sekisho::role
