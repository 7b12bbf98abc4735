#include "gateway/relay/clock_watch.hh"

#include "base/json_writer.hh"
#include "base/log.hh"

#include <fmt/format.h>

namespace sekisho::relay {
namespace {

using namespace std::chrono_literals;
constexpr auto told_for = 24h;

UnixSeconds steady_seconds() {
  return std::chrono::duration_cast<std::chrono::seconds>(SteadyClock::now().time_since_epoch()).count();
}

std::string event_of(const Ages::Jump &jump) {
  JsonWriter event;
  event.open('{').key("event").value(std::string_view("clock-jumped"));
  event.key("from").value(to_rfc3339(jump.from)).key("to").value(to_rfc3339(jump.to));
  return event.close('}').take();
}

} // namespace

Result<std::unique_ptr<ClockWatch>> ClockWatch::open(net::io_context &loop, Recorder &recorder, const std::string &folder) {
  const std::string path = folder + "/clock";
  Result<TwinFiles> files = TwinFiles::open(path);
  if (!files) return fail(files.error());
  std::unique_ptr<ClockWatch> watch(new ClockWatch(loop, recorder, std::move(*files)));
  Result<Buffer> kept = watch->files_.load();
  if (!kept || (!kept->empty() && !watch->ages_.decode(as_chars(*kept))))
    log_error(fmt::format("ALARM: {0}.0 and {0}.1 are damaged: how long mails were held is what the clock says, whether it jumped or not", path));
  watch->look();
  return watch;
}

ClockWatch::ClockWatch(net::io_context &loop, Recorder &recorder, TwinFiles files)
    : recorder_(recorder), timer_(loop), files_(std::move(files)) {}

Task<void> ClockWatch::watch() {
  while (true) {
    timer_.expires_after(10s);
    auto [error] = co_await timer_.async_wait(as_result);
    if (error) co_return;
    look();
  }
}

UnixSeconds ClockWatch::age(UnixSeconds then) { return ages_.age(then, look()); }

std::vector<Ages::Span> ClockWatch::older_than(UnixSeconds age) { return ages_.older_than(age, look()); }

std::optional<Ages::Jump> ClockWatch::jumped() const {
  return jump_ && SteadyClock::now() - noticed_ < told_for ? jump_ : std::nullopt;
}

/// Whoever asks for an age sees a jump first.
UnixSeconds ClockWatch::look() {
  const UnixSeconds now = unix_now();
  const std::optional<Ages::Jump> jump = ages_.look(now, steady_seconds());
  if (jump) {
    jump_ = jump;
    noticed_ = SteadyClock::now();
    log_error(fmt::format("ALARM: the clock jumped from {} to {}, or the gateway did not run meanwhile: mails that are held or wait are "
                          "not counted as older for it", to_rfc3339(jump->from), to_rfc3339(jump->to)));
    recorder_.tell(event_of(*jump));
  }
  if (jump || SteadyClock::now() >= next_keep_) keep(now);
  return now;
}

void ClockWatch::keep(UnixSeconds now) {
  next_keep_ = SteadyClock::now() + std::chrono::seconds(Ages::keep_every * 9 / 10);
  if (Result<void> saved = files_.save(as_bytes(ages_.encode(now))); !saved)
    log_error("what is known of the clock " + saved.error().what);
}

} // namespace sekisho::relay
