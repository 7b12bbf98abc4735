#include "sanitizer/client/office.hh"

#include "base/clock.hh"
#include "sanitizer/job/codec.hh"

#include <algorithm>
#include <thread>

namespace sekisho::client {
namespace {

using job::KindClass;
using job::Treatment;
using protocol::Frame;

constexpr std::uint64_t share = 70; // hundredths of the time that is left
constexpr std::ptrdiff_t most_turns = 4; // workers of a nursery of our own
constexpr std::size_t most_beside_pdf = 64u << 10; // octets of an encoded outcome beside its output

/// The worker may be in other hands: of its reasons these are believed.
Reason reason_of_refusal(Reason reason) {
  const bool is_its_to_say = reason == Reason::part_encrypted || reason == Reason::part_too_big;
  return is_its_to_say ? reason : Reason::part_engine_refused;
}

/// What is wrong with a PDF that nobody sent is the engine's.
Reason reason_of_drawing(Reason reason) {
  switch (reason) {
  case Reason::part_timeout:
  case Reason::part_worker_died:
  case Reason::part_verify_failed:
  case Reason::part_too_big:
  case Reason::part_engine_missing: return reason;
  default: return Reason::part_engine_refused;
  }
}

void put_first(std::vector<Reason> &reasons, Reason reason) {
  std::erase(reasons, reason);
  reasons.insert(reasons.begin(), reason);
}

std::ptrdiff_t turns_at_once() {
  return std::clamp<std::ptrdiff_t>(std::thread::hardware_concurrency(), 1, most_turns);
}

} // namespace

Reason office_reason(Trouble trouble) {
  switch (trouble) {
  case Trouble::timeout: return Reason::part_timeout;
  case Trouble::missing: return Reason::part_engine_missing;
  default: return Reason::part_worker_died;
  }
}

OfficeEngine::OfficeEngine(int channel) : turns_(turns_at_once()) {
  if (channel >= 0) nursery_ = std::make_shared<Zygote>(Zygote::over(channel));
}

OfficeEngine::OfficeEngine(std::string program) : turns_(turns_at_once()), program_(std::move(program)) {}

OfficeEngine::Turn OfficeEngine::try_turn() {
  return Turn(turns_.try_acquire() ? &turns_ : nullptr);
}

OfficeEngine::Turn OfficeEngine::wait_for_turn() {
  turns_.acquire();
  return Turn(&turns_);
}

std::shared_ptr<Zygote> OfficeEngine::get() {
  std::lock_guard lock(mutex_);
  if (!nursery_ && !program_.empty()) {
    if (Result<Zygote> started = Zygote::start(program_)) nursery_ = std::make_shared<Zygote>(std::move(*started));
    else program_.clear(); // what cannot be run now will not be later
  }
  return nursery_;
}

void OfficeEngine::forget(const std::shared_ptr<Zygote> &dead) {
  std::lock_guard lock(mutex_);
  if (nursery_ == dead && !program_.empty()) nursery_.reset();
}

Result<Stream, Trouble> OfficeEngine::ask(std::uint32_t worker_ms, std::uint64_t until) {
  for (bool again = false;; again = true) {
    const std::shared_ptr<Zygote> nursery = get();
    if (!nursery) return fail(Trouble::missing);
    Result<Stream, Trouble> worker = nursery->ask_once(protocol::Worker::office, worker_ms, until);
    if (worker || worker.error() != Trouble::died || again) return worker;
    forget(nursery);
  }
}

bool is_for_office(const job::Outcome &looked_at, const job::Plan &plan) {
  if (looked_at.status != job::Status::held || looked_at.reason != Reason::part_engine_missing ||
      looked_at.report.parts.size() != 1)
    return false;
  const Treatment treatment = plan.treatment(KindClass::office);
  return class_of(looked_at.report.parts.front().kind) == KindClass::office &&
         (treatment == Treatment::render || treatment == Treatment::rebuild);
}

std::uint64_t printed_until(std::uint64_t deadline) {
  const std::uint64_t now = monotonic_ns();
  return deadline > now ? now + (deadline - now) / 100 * share : now;
}

Result<Buffer, Reason> print_by_office(Stream worker, const job::Job &job, std::uint64_t until) {
  if (auto sent = worker.send(job, until); !sent) return fail(office_reason(sent.error()));
  Result<FrameIn, Trouble> reply =
      worker.receive(std::size_t{job.plan.max_output} + most_beside_pdf, until);
  if (!reply) return fail(office_reason(reply.error()));
  if (reply->type != Frame::outcome) return fail(Reason::part_worker_died);
  Result<job::Outcome> outcome = job::decode_outcome(reply->untrusted_payload, job.plan.max_output);
  if (!outcome) return fail(Reason::part_worker_died);
  if (outcome->status != job::Status::clean) return fail(reason_of_refusal(outcome->reason));
  if (outcome->output_kind != job::Kind::pdf) return fail(Reason::part_worker_died);
  return std::move(outcome->output);
}

job::Outcome not_drawn(job::Outcome looked_at, Reason part_reason, const job::Plan &plan) {
  job::PartReport &part = looked_at.report.parts.front();
  std::erase(part.reasons, Reason::part_engine_missing);
  put_first(part.reasons, part_reason);
  looked_at.reason = part_reason;
  // A password is found only by trying; then it is the plan's line for encrypted files that counts.
  const bool waits = part_reason == Reason::part_engine_missing ||
                     (part_reason == Reason::part_encrypted &&
                      plan.treatment(KindClass::encrypted) == Treatment::hold);
  looked_at.status = waits ? job::Status::held : job::Status::refused;
  part.action = waits ? job::Action::held : job::Action::stripped;
  return looked_at;
}

job::Job drawing_job(const job::Job &office_file, Bytes pdf) {
  job::Job drawing = office_file;
  drawing.declared_type = "application/pdf";
  drawing.name = "drawn.pdf";
  drawing.bytes = pdf;
  drawing.plan.treatments = {}; // whatever else it is, is none
  drawing.plan.treatments[static_cast<std::size_t>(KindClass::pdf)] = Treatment::render;
  drawing.plan.max_input = std::max<std::uint32_t>(drawing.plan.max_input, drawing.plan.max_output);
  return drawing;
}

job::Outcome drawn(job::Outcome looked_at, job::Outcome pages, const job::Plan &plan) {
  if (pages.status != job::Status::clean)
    return not_drawn(std::move(looked_at), reason_of_drawing(pages.reason), plan);
  if (pages.output_kind != job::Kind::pdf || pages.report.parts.size() != 1)
    return not_drawn(std::move(looked_at), Reason::part_worker_died, plan);
  job::PartReport &part = looked_at.report.parts.front();
  std::erase(part.reasons, Reason::part_engine_missing);
  const job::PartReport &drawing = pages.report.parts.front();
  put_first(part.reasons, Reason::part_rendered); // what the engine's PDF does besides is nobody's
  const bool is_blank = std::ranges::count(drawing.reasons, Reason::part_blank) > 0;
  if (is_blank) part.reasons.push_back(Reason::part_blank);
  part.output_size = drawing.output_size;
  part.output_sha256 = drawing.output_sha256;
  part.action = job::Action::rendered;
  looked_at.status = job::Status::clean;
  looked_at.reason = Reason::none;
  looked_at.output = std::move(pages.output);
  looked_at.output_kind = pages.output_kind;
  return looked_at;
}

} // namespace sekisho::client
