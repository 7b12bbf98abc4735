#include "gateway/role/searcher.hh"

#include "base/clock.hh"
#include "base/log.hh"
#include "gateway/role/channel/long_text.hh"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <exception>

namespace sekisho::role {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t most_questions = 16;
constexpr std::size_t slice = 256 * 1024;   // octets of the record that the index takes in at once
constexpr int busy_rest = 9, quiet_rest = 1; // times as long as a slice took: a tenth or half of a processor
constexpr auto shortest_rest = 20ms;        // one slice for what came meanwhile
constexpr auto rest_after_trouble = 10s;
constexpr std::uint64_t tell_every = 30'000'000'000; // ns; the first time after so long, for nobody cares about less

} // namespace

Searcher::Searcher(Channel answers, record::Index index, record::Position end)
    : answers_(answers), index_(std::move(index)), told_ns_(monotonic_ns()), standing_(index_.standing()),
      end_(std::move(end)), thread_([this] { work(); }) {}

Searcher::~Searcher() {
  {
    std::lock_guard lock(mutex_);
    is_stopped_ = true;
  }
  happened_.notify_all();
  thread_.join();
}

void Searcher::record_ends(record::Position end) {
  {
    std::lock_guard lock(mutex_);
    end_ = std::move(end);
    is_behind_ = true;
  }
  happened_.notify_all();
}

std::string Searcher::state(const std::string &folder) const {
  std::unique_lock lock(mutex_);
  const record::Index::Standing known = standing_;
  const record::Position end = end_;
  nlohmann::ordered_json told;
  told["state"] = has_failed_ ? "ended" : "whole";
  const std::string trouble = trouble_;
  lock.unlock();
  const record::Index::Progress progress = record::Index::progress(folder, known.file, known.offset, end);
  const std::uint64_t behind = progress.all - std::min(progress.done, progress.all);
  if (told["state"] == "whole" && behind > 0) told["state"] = known.is_made_anew ? "made-anew" : "behind";
  told["percent"] = progress.percent();
  told["behind"] = behind;
  told["octets"] = record::Index::octets(folder);
  if (!trouble.empty()) told["trouble"] = trouble;
  return told.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

bool Searcher::ask(std::uint32_t id, std::string question) {
  {
    std::lock_guard lock(mutex_);
    if (has_failed_ || questions_.size() >= most_questions) return false;
    questions_.push_back({id, std::move(question)});
  }
  happened_.notify_all();
  return true;
}

/// Whatever befalls it, the record goes on.
void Searcher::work() {
  std::unique_lock lock(mutex_);
  try {
    serve(lock);
    lock.unlock();
    if (auto kept = index_.settle(); !kept) log_error(kept.error().what);
    return;
  } catch (const std::exception &error) {
    log_error(fmt::format("searching the record has ended, recording goes on: {}", error.what()));
  }
  if (!lock.owns_lock()) lock.lock();
  has_failed_ = true;
  for (const Question &question : questions_)
    answers_.send(MessageType::failed, question.id, "the search has ended; the log of the record says why");
}

void Searcher::serve(std::unique_lock<std::mutex> &lock) {
  while (!is_stopped_) {
    if (!questions_.empty()) {
      const Question question = std::move(questions_.front());
      questions_.pop_front();
      const record::Position end = end_;
      lock.unlock();
      answer(question, end);
      lock.lock();
      standing_ = index_.standing();
    } else if (is_behind_) {
      follow(lock);
    } else {
      happened_.wait(lock, [this] { return is_stopped_ || is_behind_ || !questions_.empty(); });
    }
  }
}

void Searcher::answer(const Question &question, const record::Position &end) {
  auto found = record::search(index_, end, question.text);
  if (!found) {
    answers_.send(MessageType::failed, question.id, found.error().what);
    return;
  }
  const std::string text = found->dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  if (!send_long(answers_, MessageType::reply, question.id, text)) log_error("what was found could not be handed on");
}

/// One slice, and the rest after it.
void Searcher::follow(std::unique_lock<std::mutex> &lock) {
  const record::Position end = end_;
  lock.unlock();
  const auto begun = std::chrono::steady_clock::now();
  Result<bool> more = index_.follow(end, slice);
  if (!more) log_error(more.error().what);
  else if (*more) tell_progress(end);
  else if (told_percent_ < 100) log_info("the search index knows the whole record");
  if (more && !*more) told_percent_ = 100, told_ns_ = monotonic_ns();
  const auto taken = std::chrono::steady_clock::now() - begun;
  lock.lock();
  standing_ = index_.standing();
  trouble_ = more ? std::string() : more.error().what;
  const bool is_busy = end_.file != end.file || end_.offset != end.offset;
  is_behind_ = is_busy || !more || *more;
  auto rest = std::max<std::chrono::nanoseconds>(taken * (is_busy ? busy_rest : quiet_rest), shortest_rest);
  if (more && *more && !is_busy) rest = taken * quiet_rest;
  if (!more) rest = rest_after_trouble;
  happened_.wait_for(lock, rest, [this] { return is_stopped_ || !questions_.empty(); });
}

void Searcher::tell_progress(const record::Position &end) {
  if (monotonic_ns() < told_ns_ + tell_every) return;
  told_ns_ = monotonic_ns();
  const unsigned percent = index_.progress(end).percent();
  if (percent == 100 || percent == told_percent_) return;
  told_percent_ = percent;
  log_info(fmt::format("the search index knows {} % of the record", percent));
}

} // namespace sekisho::role
