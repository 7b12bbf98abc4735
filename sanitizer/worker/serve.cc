#include "sanitizer/worker/serve.hh"

#include "sanitizer/job/codec.hh"
#include "sanitizer/rebuild/rebuild.hh"
#include "sanitizer/worker/frames.hh"

#include <unistd.h>

#include <optional>

namespace sekisho::worker {
namespace {

using client::protocol::Frame;

/// The attachment goes out to the client, which has a fresh process look at it; what comes back is
/// hostile and decoded as such.  A broken stream ends this worker.
job::Outcome treat_elsewhere(int stream, const job::Job &file) {
  std::optional<Buffer> reply;
  if (write_frame(stream, Frame::file_job, job::encode(file)))
    reply = read_frame(stream, Frame::file_outcome);
  if (!reply) ::_exit(1);
  Result<job::Outcome> outcome = job::decode_outcome(*reply, file.plan.max_output);
  if (!outcome) ::_exit(1);
  return std::move(*outcome);
}

} // namespace

int serve_file(int stream) {
  if (!write_frame(stream, Frame::taken, {})) return 1;
  const std::optional<Buffer> frame = read_frame(stream, Frame::job);
  if (!frame) return 1;
  const Result<job::Job> job = job::decode_job(*frame);
  if (!job || job->what != job::What::file) return 1;
  return write_frame(stream, Frame::outcome, job::encode(rebuild::file(*job))) ? 0 : 1;
}

int serve_mail(int stream) {
  if (!write_frame(stream, Frame::taken, {})) return 1;
  const rebuild::TreatFile treat = [stream](const job::Job &file) {
    return treat_elsewhere(stream, file);
  };
  while (const std::optional<Buffer> frame = read_frame(stream, Frame::job)) {
    const Result<job::Job> job = job::decode_job(*frame);
    if (!job || job->what != job::What::mail) return 1;
    if (!write_frame(stream, Frame::outcome, job::encode(rebuild::mail(*job, treat)))) return 1;
  }
  return 0;
}

} // namespace sekisho::worker
