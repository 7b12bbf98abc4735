#include "gateway/role/path/crew.hh"

namespace sekisho::role {

Crew::~Crew() {
  attendant_.stop();
  give_sign(false);
  for (std::thread &thread : threads_) thread.join();
}

void Crew::enter(std::size_t core) {
  Result<void> entered = dpdk_.enter(core);
  std::lock_guard lock(mutex_);
  ++present_;
  if (!entered && error_.empty()) error_ = entered.error().what;
  changed_.notify_all();
}

bool Crew::wait_for_work() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return has_sign_; });
  return may_work_;
}

void Crew::give_sign(bool work) {
  std::lock_guard lock(mutex_);
  if (!has_sign_) may_work_ = work;
  has_sign_ = true;
  changed_.notify_all();
}

Result<void> Crew::gather() {
  for (std::size_t core = 1; core < workers_.size(); ++core)
    threads_.emplace_back([this, core] {
      enter(core);
      if (wait_for_work()) workers_[core]->forward();
    });
  threads_.emplace_back([this] {
    dpdk_.stay_beside();
    {
      std::lock_guard lock(mutex_);
      ++present_;
      changed_.notify_all();
    }
    if (wait_for_work()) attendant_.serve();
  });
  enter(0); // this thread
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return present_ == workers_.size() + 1; });
  return error_.empty() ? Result<void>() : fail(error_);
}

void Crew::work() {
  give_sign(true);
  workers_[0]->forward();
}

} // namespace sekisho::role
