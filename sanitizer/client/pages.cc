#include "sanitizer/client/pages.hh"

#include "base/clock.hh"
#include "sanitizer/job/codec.hh"
#include "sanitizer/rebuild/pdf/page_codec.hh"
#include "sanitizer/verify/pdf_reading.hh"

#include <poll.h>
#include <sched.h>

#include <algorithm>
#include <deque>
#include <map>

namespace sekisho::client {
namespace {

using protocol::Frame;

constexpr std::uint32_t pages_a_worker = 4;   // fewer are not worth a second one
constexpr std::size_t most_workers = 4;
constexpr std::size_t asked_ahead = 2;        // pages a worker knows of: it never waits for us
constexpr std::uint32_t most_waiting = 12;    // pages printed, but not yet their turn
constexpr std::size_t most_beside_page = 4u << 20; // octets of a page's text beside its picture

std::size_t processors() {
  cpu_set_t usable;
  return ::sched_getaffinity(0, sizeof usable, &usable) == 0
             ? static_cast<std::size_t>(CPU_COUNT(&usable))
             : 1;
}

/// What a document is, as every worker of it must say.
struct About {
  std::uint32_t pages = 0;
  std::vector<Reason> reasons;
  bool operator==(const About &) const = default;
};

Result<About> read_about(Bytes untrusted) {
  ByteReader reader(untrusted);
  About about;
  about.pages = reader.read_u32();
  for (unsigned left = reader.read_u8(); left > 0 && !reader.failed(); --left) {
    const Reason reason = reason_from_number(reader.read_u16()).value_or(Reason::none);
    if (reason == Reason::none) return fail("pages: no such reason");
    about.reasons.push_back(reason);
  }
  if (reader.failed() || !reader.at_end() || about.pages == 0) return fail("pages: malformed");
  return about;
}

struct Printer {
  Stream stream;
  bool ready = false;              // it has said what the document is
  std::deque<std::uint32_t> asked; // pages it still owes
};

class Print {
public:
  Print(Zygote &zygote, const job::Job &job, std::uint64_t deadline)
      : zygote_(zygote), job_(job), deadline_(deadline) {}

  job::Outcome run(Stream first, Bytes untrusted_about) {
    Result<About> about = read_about(untrusted_about);
    if (!about) return refused(Reason::job_bad_reply);
    about_ = std::move(*about);
    if (about_.pages > job_.plan.max_pages) return refused(Reason::part_too_big);
    printers_.push_back({std::move(first), true, {}});
    if (!ask_for_pages()) return refused(why_);
    call_helpers();
    while (read_ < about_.pages)
      if (!ask_for_pages() || !take_page() || !write_pages()) return failure();
    return finish();
  }

private:
  bool fail_with(Reason reason) {
    why_ = reason;
    return false;
  }
  job::Outcome failure() {
    return refusal_.empty() ? refused(why_) : client::refusal(refusal_);
  }

  /// More workers for the same document.  One that cannot be had is done without.
  void call_helpers() {
    const std::size_t wanted =
        std::min({processors(), most_workers, std::size_t{about_.pages / pages_a_worker}});
    while (printers_.size() < wanted) {
      const std::uint32_t worker_ms = std::max(milliseconds_until(deadline_), 1u);
      Result<Stream, Trouble> helper = zygote_.ask(protocol::Worker::file, worker_ms, deadline_);
      if (!helper || !helper->send(job_, deadline_)) return;
      printers_.push_back({std::move(*helper), false, {}});
    }
  }

  bool ask_for_pages() {
    for (Printer &printer : printers_)
      while (printer.ready && printer.asked.size() < asked_ahead && next_ < about_.pages &&
             next_ < read_ + most_waiting) {
        ByteWriter index;
        index.put_u32(next_);
        if (auto sent = printer.stream.send(Frame::print, index.buffer(), deadline_); !sent)
          return fail_with(job_reason(sent.error()));
        printer.asked.push_back(next_++);
      }
    return true;
  }

  /// Waits for the next answer of any worker.
  bool take_page() {
    std::vector<pollfd> watched;
    for (const Printer &printer : printers_)
      watched.push_back({printer.stream.descriptor(), POLLIN, 0});
    const std::uint32_t left = milliseconds_until(deadline_);
    if (left == 0) return fail_with(Reason::job_timeout);
    if (::poll(watched.data(), watched.size(), static_cast<int>(std::min(left, 60'000u))) <= 0)
      return true; // looks at the clock again
    for (std::size_t i = 0; i < watched.size(); ++i)
      if (watched[i].revents != 0 && !take_answer(printers_[i])) return false;
    return true;
  }

  bool take_answer(Printer &printer) {
    Result<FrameIn, Trouble> answer =
        printer.stream.receive(std::size_t{job_.plan.max_output} + most_beside_page, deadline_);
    if (!answer) return fail_with(job_reason(answer.error()));
    if (answer->type == Frame::outcome) {
      refusal_ = std::move(answer->untrusted_payload);
      return false;
    }
    if (!printer.ready) {
      const Result<About> about = read_about(answer->untrusted_payload);
      if (answer->type != Frame::pages || !about || !(*about == about_))
        return fail_with(Reason::job_bad_reply);
      return printer.ready = true;
    }
    if (answer->type != Frame::page || printer.asked.empty())
      return fail_with(Reason::job_bad_reply);
    waiting_octets_ += answer->untrusted_payload.size();
    waiting_.emplace(printer.asked.front(), std::move(answer->untrusted_payload));
    printer.asked.pop_front();
    return waiting_octets_ <= std::size_t{job_.plan.max_output} + most_waiting * most_beside_page ||
           fail_with(Reason::part_too_big);
  }

  /// Those whose turn it is.
  bool write_pages() {
    for (auto page = waiting_.begin(); page != waiting_.end() && page->first == read_;
         page = waiting_.erase(page), ++read_) {
      if (!ask_for_pages()) return false; // first, so that nobody waits
      waiting_octets_ -= page->second.size();
      const Result<rebuild::PrintedPage> printed = rebuild::decode_page(page->second);
      if (!printed) return fail_with(Reason::job_bad_reply);
      if (!printed->readable) ++unreadable_;
      if (printed->picture.blank) ++blank_;
      remarks_ = remarks_ || printed->remarks;
      hidden_ = hidden_ || printed->hidden;
      gaps_ = gaps_ || printed->gaps;
      undrawn_ = undrawn_ || printed->undrawn;
      if (!writer_.add_page(*printed) || writer_.written().size() > job_.plan.max_output)
        return fail_with(Reason::part_too_big);
      if (!reading_.read_page(writer_.written())) return fail_with(Reason::job_verify_failed);
      if (monotonic_ns() >= deadline_) return fail_with(Reason::job_timeout);
    }
    return true;
  }

  job::Outcome finish() {
    if (unreadable_ == about_.pages) return refused(Reason::part_malformed);
    job::Outcome outcome;
    outcome.output = writer_.finish();
    if (outcome.output.size() > job_.plan.max_output) return refused(Reason::part_too_big);
    if (!reading_.read_end(outcome.output)) return refused(Reason::job_verify_failed);
    outcome.status = job::Status::clean;
    outcome.reason = Reason::none;
    outcome.output_kind = job::Kind::pdf;
    job::PartReport part;
    part.path = "1";
    part.name = job_.name;
    part.declared_type = job_.declared_type;
    part.kind = job::Kind::pdf;
    part.size = job_.bytes.size();
    part.action = job::Action::rendered;
    part.reasons = about_.reasons;
    const auto tell = [&](Reason reason) {
      if (std::ranges::find(part.reasons, reason) == part.reasons.end()) part.reasons.push_back(reason);
    };
    if (hidden_) tell(Reason::part_hidden_content);
    if (remarks_) tell(Reason::office_tracked_removed);
    if (gaps_) tell(Reason::part_charset_replaced);
    if (undrawn_) tell(Reason::part_annotation_not_drawn);
    if (unreadable_ > 0) part.reasons.push_back(Reason::part_malformed);
    if (blank_ == about_.pages) part.reasons.push_back(Reason::part_blank);
    part.output_size = outcome.output.size();
    outcome.report.parts.push_back(std::move(part));
    return outcome;
  }

  Zygote &zygote_;
  const job::Job &job_;
  std::uint64_t deadline_;
  About about_;
  std::vector<Printer> printers_;
  std::uint32_t next_ = 0, read_ = 0; // the page to be asked for; to be written and read back
  std::map<std::uint32_t, Buffer> waiting_;
  std::size_t waiting_octets_ = 0;
  std::uint32_t unreadable_ = 0, blank_ = 0;
  bool remarks_ = false, hidden_ = false, gaps_ = false, undrawn_ = false; // of any page
  rebuild::PdfWriter writer_;
  verify::PdfReading reading_;
  Reason why_ = Reason::job_bad_reply;
  Buffer refusal_;
};

} // namespace

job::Outcome print_pdf(Zygote &zygote, const job::Job &job, Stream first, Bytes untrusted_about,
                       std::uint64_t deadline) {
  return Print(zygote, job, deadline).run(std::move(first), untrusted_about);
}

job::Outcome refusal(Bytes untrusted_outcome) {
  Result<job::Outcome> outcome = job::decode_outcome(untrusted_outcome, 0);
  if (!outcome || outcome->status == job::Status::clean || outcome->reason == Reason::none)
    return refused(Reason::job_bad_reply);
  return std::move(*outcome);
}

} // namespace sekisho::client
