#include "sanitizer/client/client.hh"

#include "base/clock.hh"
#include "sanitizer/client/office.hh"
#include "sanitizer/client/pages.hh"
#include "sanitizer/job/codec.hh"
#include "sanitizer/job/digest.hh"
#include "sanitizer/verify/verify.hh"

#include <algorithm>
#include <utility>

namespace sekisho::client {
namespace {

using protocol::Frame;

constexpr std::uint64_t millisecond = 1'000'000;
constexpr std::uint32_t grace_ms = 1000;       // beyond the plan's deadline
constexpr std::uint64_t office_at_once = 500 * millisecond;      // an office worker that waits is there
constexpr std::uint64_t office_patience = 120'000 * millisecond; // … one that has to start, on a busy machine
constexpr unsigned mails_a_worker = 200;       // then a fresh one: whatever leaks ends there
constexpr std::size_t most_report = 16u << 20; // octets of an encoded report beside the output
constexpr std::uint64_t most_inside = 512u << 20; // octets of all files inside a mail or file
constexpr std::size_t most_beside_bytes = 128u << 10; // octets of an encoded job beside its bytes: names, the note

Reason part_reason(Reason reason) {
  switch (reason) {
  case Reason::job_timeout: return Reason::part_timeout;
  case Reason::job_worker_died:
  case Reason::job_bad_reply: return Reason::part_worker_died;
  case Reason::job_verify_failed: return Reason::part_verify_failed;
  case Reason::job_too_big: return Reason::part_too_big;
  default: return reason;
  }
}

/// A file's outcome says of its one part why, also when no worker came to write it.
void complete_part(job::Outcome &outcome, const job::Job &job) {
  if (job.what != job::What::file || !outcome.report.parts.empty()) return;
  job::PartReport part;
  part.path = "1";
  part.name = job.name;
  part.declared_type = job.declared_type;
  part.size = job.bytes.size();
  part.sha256 = outcome.report.input_sha256;
  part.reasons = {part_reason(outcome.reason)};
  outcome.report.parts.push_back(std::move(part));
}

/// What this side knows itself it does not take from a worker.
void state_facts(job::Outcome &outcome, const job::Job &job, const std::string &known_sha256 = {}) {
  outcome.report.receipt = job.receipt;
  outcome.report.version = SEKISHO_VERSION;
  outcome.report.input_size = job.bytes.size();
  outcome.report.input_sha256 = known_sha256.empty() ? job::sha256_hex(job.bytes) : known_sha256;
  outcome.report.output_size = outcome.output.size();
  outcome.report.output_sha256 = outcome.output.empty() ? "" : job::sha256_hex(outcome.output);
  complete_part(outcome, job);
  if (job.what != job::What::file) return;
  job::PartReport &own = outcome.report.parts.front();
  own.size = outcome.report.input_size;
  own.sha256 = outcome.report.input_sha256;
  own.output_size = outcome.report.output_size;
  own.output_sha256 = outcome.report.output_sha256;
}

/// Reading back counts against the deadline: a worker may answer what takes long to read.
Reason verdict_on(const job::Outcome &outcome, const job::Job &job, std::uint64_t deadline) {
  if (outcome.output.size() > job.plan.max_output) return Reason::job_verify_failed;
  bool accepted = false;
  if (job.what == job::What::mail)
    accepted = verify::accept_mail(outcome.output, deadline).has_value();
  else
    accepted = verify::Verifier::accept(outcome.output_kind, Untrusted(outcome.output), deadline)
                   .has_value();
  if (monotonic_ns() >= deadline) return Reason::job_timeout;
  return accepted ? Reason::none : Reason::job_verify_failed;
}

job::Outcome checked(Result<job::Outcome> untrusted, const job::Job &job, std::uint64_t deadline) {
  if (!untrusted) return refused(Reason::job_bad_reply);
  if (untrusted->status != job::Status::clean) {
    if (untrusted->reason == Reason::none) return refused(Reason::job_bad_reply);
    return std::move(*untrusted);
  }
  if (const Reason verdict = verdict_on(*untrusted, job, deadline); verdict != Reason::none)
    return refused(verdict);
  return std::move(*untrusted);
}

std::uint32_t milliseconds_since(std::uint64_t start) {
  return static_cast<std::uint32_t>((monotonic_ns() - start + millisecond - 1) / millisecond);
}

} // namespace

Reason job_reason(Trouble trouble) {
  switch (trouble) {
  case Trouble::timeout: return Reason::job_timeout;
  case Trouble::died: return Reason::job_worker_died;
  default: return Reason::job_bad_reply;
  }
}

job::Outcome refused(Reason reason) {
  job::Outcome outcome;
  outcome.reason = reason;
  return outcome;
}

std::uint32_t milliseconds_until(std::uint64_t deadline) {
  const std::uint64_t now = monotonic_ns();
  return now >= deadline ? 0 : static_cast<std::uint32_t>((deadline - now) / millisecond);
}

namespace {

/// Files that one job may still have treated, at whatever depth.
struct Budget {
  std::uint32_t files;
  std::uint64_t octets = most_inside; // of them all
};

} // namespace

struct Sanitizer::State {
  State(Zygote zygote, std::shared_ptr<OfficeEngine> office, std::string program = {})
      : zygote(std::move(zygote)), program(std::move(program)), office(std::move(office)) {}

  job::Outcome run(const job::Job &job, std::uint64_t deadline);
  void wait_for_office(std::uint32_t worker_ms);
  void let_go_of_office();
  Result<Stream, Trouble> office_worker(std::uint64_t deadline, std::uint64_t until);
  job::Outcome run_file(const job::Job &job, std::uint64_t deadline, std::uint32_t depth,
                        Budget &budget);
  job::Outcome in_file_worker(const job::Job &job, std::uint64_t deadline, std::uint32_t depth,
                              Budget &budget);
  job::Outcome run_mail(const job::Job &job, std::uint64_t deadline);
  Result<job::Outcome, Trouble> talk_to_mail_worker(const job::Job &job, std::uint64_t deadline);
  Result<job::Outcome, Trouble> talk(Stream &worker, const job::Job &job, std::uint64_t deadline,
                                     std::uint32_t depth, Budget &budget);
  Result<job::Outcome, Trouble> treat_inside(Bytes untrusted_job, const job::Job &outer,
                                             std::uint64_t deadline, std::uint32_t depth,
                                             Budget &budget);

  Zygote zygote;
  std::string program; // of the zygote, if it is ours
  std::shared_ptr<OfficeEngine> office;
  OfficeEngine::Turn turn;
  Stream ready_office;            // a worker that started before the clock of the job
  bool office_came = false;       // for this job
  bool office_is_awaited = false; // the job is given up, to begin anew when a worker has started
  Stream mail_worker;
  unsigned mails = 0;
};

job::Outcome Sanitizer::State::run_file(const job::Job &job, std::uint64_t deadline,
                                        std::uint32_t depth, Budget &budget) {
  job::Outcome outcome = in_file_worker(job, deadline, depth, budget);
  if (!is_for_office(outcome, job.plan)) return outcome;
  const std::uint64_t until = printed_until(deadline);
  Result<Stream, Trouble> worker = office_worker(deadline, until);
  if (office_is_awaited) return outcome;
  if (!worker) return not_drawn(std::move(outcome), office_reason(worker.error()), job.plan);
  const Result<Buffer, Reason> pdf = print_by_office(std::move(*worker), job, until);
  if (!pdf) return not_drawn(std::move(outcome), pdf.error(), job.plan);
  job::Outcome pages = in_file_worker(drawing_job(job, *pdf), deadline, depth, budget);
  pages.reason = part_reason(pages.reason);
  return drawn(std::move(outcome), std::move(pages), job.plan);
}

/// The first that a job needs is waited for outside its time: how busy this machine is, is not the document's.
Result<Stream, Trouble> Sanitizer::State::office_worker(std::uint64_t deadline, std::uint64_t until) {
  if (ready_office) return std::exchange(ready_office, Stream());
  if (!turn) turn = office->try_turn();
  const std::uint64_t patience = office_came ? until : std::min(until, monotonic_ns() + office_at_once);
  Result<Stream, Trouble> worker = fail(Trouble::timeout);
  if (turn) worker = office->ask(std::max(milliseconds_until(deadline), 1u), patience);
  office_is_awaited = !office_came && !worker && worker.error() == Trouble::timeout;
  office_came = true;
  return worker;
}

void Sanitizer::State::wait_for_office(std::uint32_t worker_ms) {
  office_is_awaited = false;
  if (!turn) turn = office->wait_for_turn();
  if (auto worker = office->ask(worker_ms, monotonic_ns() + office_patience)) ready_office = std::move(*worker);
}

void Sanitizer::State::let_go_of_office() {
  ready_office = Stream();
  turn.reset();
  office_came = false;
}

job::Outcome Sanitizer::State::in_file_worker(const job::Job &job, std::uint64_t deadline,
                                              std::uint32_t depth, Budget &budget) {
  const std::uint32_t worker_ms = std::max(milliseconds_until(deadline), 1u);
  Result<Stream, Trouble> worker = zygote.ask(protocol::Worker::file, worker_ms, deadline);
  if (!worker) return refused(job_reason(worker.error()));
  Result<job::Outcome, Trouble> outcome = talk(*worker, job, deadline, depth, budget);
  return outcome ? std::move(*outcome) : refused(job_reason(outcome.error()));
}

/// A job to its outcome, with all files that the worker wants treated on the way.
Result<job::Outcome, Trouble> Sanitizer::State::talk(Stream &worker, const job::Job &job,
                                                     std::uint64_t deadline, std::uint32_t depth,
                                                     Budget &budget) {
  TRY(worker.send(job, deadline));
  for (std::uint32_t files = 0;; ++files) {
    Result<FrameIn, Trouble> reply =
        worker.receive(std::max(std::size_t{job.plan.max_output} + most_report,
                                std::size_t{job.plan.max_input} + most_beside_bytes),
                       deadline);
    if (!reply) return fail(reply.error());
    if (reply->type == Frame::outcome)
      return checked(job::decode_outcome(reply->untrusted_payload, job.plan.max_output), job,
                     deadline);
    if (reply->type == Frame::pages && job.what == job::What::file && files == 0)
      return print_pdf(zygote, job, std::move(worker), reply->untrusted_payload, deadline);
    if (reply->type != Frame::file_job || files >= job.plan.max_parts)
      return fail(Trouble::bad_reply);
    Result<job::Outcome, Trouble> treated =
        treat_inside(reply->untrusted_payload, job, deadline, depth, budget);
    if (!treated) return fail(treated.error());
    TRY(worker.send(Frame::file_outcome, job::encode(*treated), deadline));
  }
}

/// The file is the worker's word for it; the plan and the receipt are ours.
Result<job::Outcome, Trouble> Sanitizer::State::treat_inside(Bytes untrusted_job,
                                                             const job::Job &outer,
                                                             std::uint64_t deadline,
                                                             std::uint32_t depth, Budget &budget) {
  Result<job::Job> untrusted = job::decode_job(untrusted_job);
  if (!untrusted || untrusted->what != job::What::file ||
      untrusted->bytes.size() > outer.plan.max_input)
    return fail(Trouble::bad_reply);
  job::Job file = std::move(*untrusted);
  file.receipt = outer.receipt;
  file.plan = outer.plan;
  // A quarter of what is left stays for the rest, and the last tenth of all for writing it: a mail
  // of many slow files arrives without them rather than not at all.
  const std::uint32_t left = milliseconds_until(deadline);
  file.plan.deadline_ms = left / 4 * 3;
  const std::uint64_t start = monotonic_ns();
  job::Outcome outcome = refused(Reason::job_timeout);
  if (depth >= outer.plan.max_depth || budget.files == 0) {
    outcome = refused(Reason::part_too_deep);
  } else if (file.bytes.size() > budget.octets) {
    outcome = refused(Reason::part_archive_size);
  } else if (left >= outer.plan.deadline_ms / 10) {
    --budget.files;
    budget.octets -= file.bytes.size();
    if (outer.what == job::What::file && file.plan.archive_depth > 0) --file.plan.archive_depth;
    const std::uint64_t until = monotonic_ns() + file.plan.deadline_ms * millisecond;
    outcome = run_file(file, until, depth + 1, budget);
    if (office_is_awaited) return fail(Trouble::timeout);
  }
  outcome.reason = part_reason(outcome.reason);
  state_facts(outcome, file);
  outcome.report.parts.front().milliseconds = milliseconds_since(start);
  return outcome;
}

Result<job::Outcome, Trouble> Sanitizer::State::talk_to_mail_worker(const job::Job &job,
                                                                    std::uint64_t deadline) {
  if (!mail_worker || mails >= mails_a_worker) {
    mail_worker = {};
    Result<Stream, Trouble> fresh = zygote.ask(protocol::Worker::mail, 0, deadline);
    if (!fresh) return fail(fresh.error());
    mail_worker = std::move(*fresh);
    mails = 0;
  }
  ++mails;
  Budget budget{job.plan.max_parts};
  return talk(mail_worker, job, deadline, 0, budget);
}

job::Outcome Sanitizer::State::run_mail(const job::Job &job, std::uint64_t deadline) {
  const bool reused = static_cast<bool>(mail_worker);
  Result<job::Outcome, Trouble> outcome = talk_to_mail_worker(job, deadline);
  if (!outcome && reused && outcome.error() == Trouble::died) {
    mail_worker =
        {}; // it may have gone between two mails, with its zygote: this one gets a fresh one
    outcome = talk_to_mail_worker(job, deadline);
  }
  if (!outcome) {
    mail_worker = {}; // whatever it still has in hand ends with it
    return refused(job_reason(outcome.error()));
  }
  const bool suspicious =
      outcome->reason == Reason::job_bad_reply || outcome->reason == Reason::job_verify_failed;
  if (suspicious) mail_worker = {};
  return std::move(*outcome);
}

job::Outcome Sanitizer::State::run(const job::Job &job, std::uint64_t deadline) {
  if (job.bytes.size() > job.plan.max_input) return refused(Reason::job_too_big);
  if (job.what == job::What::mail) return run_mail(job, deadline);
  Budget budget{job.plan.max_parts};
  return run_file(job, deadline, 0, budget);
}

Result<Sanitizer> Sanitizer::start(const std::string &program, const std::string &office) {
  Result<Zygote> zygote = Zygote::start(program);
  if (!zygote) return fail(zygote.error());
  return Sanitizer(std::make_unique<State>(std::move(*zygote), std::make_shared<OfficeEngine>(office), program));
}

Result<Sanitizer> Sanitizer::another() const {
  Result<Zygote> zygote = Zygote::start(state_->program);
  if (!zygote) return fail(zygote.error());
  return Sanitizer(std::make_unique<State>(std::move(*zygote), state_->office, state_->program));
}

Sanitizer Sanitizer::over(int zygote, int office) {
  return Sanitizer(std::make_unique<State>(Zygote::over(zygote), std::make_shared<OfficeEngine>(office)));
}

Sanitizer::Sanitizer(std::unique_ptr<State> state) : state_(std::move(state)) {}
Sanitizer::Sanitizer(Sanitizer &&) noexcept = default;
Sanitizer &Sanitizer::operator=(Sanitizer &&) noexcept = default;
Sanitizer::~Sanitizer() = default;

job::Outcome Sanitizer::sanitize(const job::Job &job, const std::string &known_sha256) {
  const std::uint64_t wait_ms = std::uint64_t{job.plan.deadline_ms} + grace_ms;
  std::uint64_t start = monotonic_ns();
  job::Outcome outcome = state_->run(job, start + wait_ms * millisecond);
  if (state_->office_is_awaited) {
    state_->wait_for_office(static_cast<std::uint32_t>(wait_ms));
    start = monotonic_ns();
    outcome = state_->run(job, start + wait_ms * millisecond);
  }
  state_->let_go_of_office();
  state_facts(outcome, job, known_sha256);
  outcome.report.milliseconds = milliseconds_since(start);
  return outcome;
}

} // namespace sekisho::client
