// The record role: appends what the others tell, makes it durable, answers where it stands.
#include "base/clock.hh"
#include "base/log.hh"
#include "gateway/role/jails.hh"
#include "gateway/role/roles.hh"
#include "gateway/role/searcher.hh"

#include <fmt/format.h>

#include <poll.h>

#include <algorithm>
#include <array>
#include <span>

namespace sekisho::role {
namespace {

constexpr int quiet_ms = 1000;             // after so long without events `head` is flushed too
constexpr int together_ms = 10;            // the relay's events of so long share a flush: no peer waits for it
constexpr std::size_t max_batch = 256;     // events made durable by one flush
constexpr std::size_t max_share = 64;      // of them from one role before the others have their turn

// In the order of RecordConfig::sources.
constexpr std::array<std::string_view, 4> source_names = {"path", "relay", "control", "supervisor"};
constexpr std::size_t first_source = 2; // of what is polled: behind orders and control
constexpr std::size_t relay_source = 1;

class Recorder {
public:
  Recorder(const RecordConfig &config, record::Journal journal, record::Index index)
      : config_(config), journal_(std::move(journal)), searcher_(config.control, std::move(index), journal_.end()) {}

  int serve() {
    config_.orders.send(MessageType::ready, 0);
    while (!stopped_) {
      wait();
      take_orders();
      take_questions();
      gather();
      commit();
    }
    gather();
    commit();
    journal_.flush_head();
    return 0;
  }

private:
  struct Waiting {
    Channel channel;
    std::uint32_t id;
  };

  void wait() {
    std::vector<pollfd> fds = {{config_.orders.fd(), POLLIN, 0}, {config_.control.fd(), POLLIN, 0}};
    for (const Channel &source : config_.sources) fds.push_back({source.fd(), POLLIN, 0});
    // Events wait in their channels while the disk does not take them: no busy loop then.
    if (::poll(fds.data(), fds.size(), quiet_ms) == 0) journal_.flush_head();
    else if (pollfd &relay = fds[first_source + relay_source]; only(relay, fds)) {
      relay.fd = -1;
      (void)::poll(fds.data(), fds.size(), together_ms);
    }
    if (fds.front().revents & (POLLHUP | POLLERR)) stopped_ = true; // the supervisor is gone
  }

  static bool only(const pollfd &one, std::span<const pollfd> all) {
    return one.revents == POLLIN &&
           std::ranges::all_of(all, [&](const pollfd &fd) { return &fd == &one || fd.revents == 0; });
  }

  void take_orders() {
    while (auto message = config_.orders.receive(0))
      if (message->type == MessageType::stop) stopped_ = true;
  }

  void take_questions() {
    while (auto message = config_.control.receive(0)) {
      if (message->type == MessageType::status)
        config_.control.send(MessageType::reply, message->id, status());
      else if (message->type == MessageType::trace && !searcher_.ask(message->id, std::move(message->text)))
        config_.control.send(MessageType::failed, message->id, "too many searches at once; ask again");
    }
  }

  std::string status() const {
    return fmt::format(R"({{"lines":{},"file":"{}","last_hash":"{}","malformed":{},"index":{},)"
                       R"("counters":{{"record-unavailable":{}}}}})",
                       journal_.last().seq, journal_.file_name(), journal_.last().hash, malformed_,
                       searcher_.state(config_.record_folder), lost_total_);
  }

  void gather() {
    bool more = true;
    while (more) {
      more = false;
      for (std::size_t i = 0; i < config_.sources.size(); i++)
        more |= gather_share(config_.sources[i], i < source_names.size() ? source_names[i] : "unknown");
    }
  }

  /// Whether it had more than its share, and there is room for it.
  bool gather_share(const Channel &source, std::string_view role) {
    for (std::size_t i = 0; i < max_share && events_.size() < max_batch; i++) {
      std::optional<Message> message = source.receive(0);
      if (!message) return false;
      take_event(source, role, *message);
    }
    return events_.size() < max_batch;
  }

  void take_event(const Channel &source, std::string_view role, const Message &message) {
    bool wants_answer = message.type == MessageType::event_acked;
    if (!wants_answer && message.type != MessageType::event) return;
    Result<record::Event> event = record::read_event(role, message.text);
    if (!event) {
      malformed_++;
      log_error(fmt::format("an event of {} is refused: {}", role, event.error().what));
      if (wants_answer) source.send(MessageType::failed, message.id, event.error().what);
      return;
    }
    events_.push_back(std::move(*event));
    if (wants_answer) waiting_.push_back({source, message.id});
    else unanswered_++;
  }

  void commit() {
    if (events_.empty()) return;
    UnixSeconds now = unix_now();
    if (lost_ > 0) events_.insert(events_.begin(), resumed());
    Result<std::vector<record::Position>> written = journal_.write(events_, now);
    if (written) {
      searcher_.record_ends(journal_.end());
      for (const Waiting &one : waiting_) one.channel.send(MessageType::done, one.id);
      lost_ = 0;
    } else {
      log_error(written.error().what);
      for (const Waiting &one : waiting_) one.channel.send(MessageType::failed, one.id, written.error().what);
      lost_ += unanswered_;
      lost_total_ += unanswered_ + waiting_.size();
      if (lost_ == 0) lost_ = 1; // so that the outage itself is told once it is over
    }
    events_.clear();
    waiting_.clear();
    unanswered_ = 0;
  }

  record::Event resumed() const {
    return {"record-resumed", "",
            fmt::format(R"("event":"record-resumed","role":"record","lost":{},"unavailable":{})", lost_,
                        lost_total_)};
  }

  const RecordConfig &config_;
  record::Journal journal_;
  Searcher searcher_;
  bool stopped_ = false;
  std::vector<record::Event> events_;
  std::vector<Waiting> waiting_;
  std::uint64_t unanswered_ = 0; // of events_: nobody waits for them
  std::uint64_t lost_ = 0;       // unanswered events that could not be written, since the last success
  std::uint64_t lost_total_ = 0, malformed_ = 0;
};

} // namespace

int run_record(RecordConfig config) {
  if (auto jailed = jail_for_record(config.identity, config.record_folder); !jailed) {
    log_error("cannot jail itself: " + jailed.error().what);
    return 1;
  }
  Result<record::Journal> journal = record::Journal::open(config.record_folder, unix_now());
  if (!journal) {
    log_error(journal.error().what);
    return 1;
  }
  Result<record::Index> index = record::Index::open(config.record_folder);
  if (!index) {
    log_error(index.error().what);
    return 1;
  }
  return Recorder(config, std::move(*journal), std::move(*index)).serve();
}

} // namespace sekisho::role
