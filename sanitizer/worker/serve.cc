#include "sanitizer/worker/serve.hh"

#include "sanitizer/job/codec.hh"
#include "sanitizer/rebuild/pdf/page_codec.hh"
#include "sanitizer/rebuild/pdf/pdf_pages.hh"
#include "sanitizer/rebuild/rebuild.hh"
#include "sanitizer/worker/frames.hh"

#include <unistd.h>

#include <cerrno>
#include <memory>
#include <new>
#include <optional>

namespace sekisho::worker {
namespace {

using client::protocol::Frame;

/// A file goes out to the client, which has a fresh process look at it; what comes back is
/// hostile and decoded as such.  A broken stream ends this worker.
job::Outcome treat_elsewhere(int stream, const job::Job &file) {
  std::optional<Payload> reply;
  if (write_frame(stream, Frame::file_job, job::encode(file)))
    reply = read_frame(stream, Frame::file_outcome);
  if (!reply) ::_exit(1);
  Result<job::Outcome> outcome = job::decode_outcome(*reply, file.plan.max_output);
  if (!outcome) ::_exit(1);
  return std::move(*outcome);
}

void put_reasons(ByteWriter &writer, const std::vector<Reason> &reasons) {
  writer.put_u8(static_cast<std::uint8_t>(reasons.size()));
  for (Reason reason : reasons)
    writer.put_u16(static_cast<std::uint16_t>(reason));
}

/// Tells what the document is, then prints the pages the client asks for, until it lets go.
/// Returns only with the reason why a page cannot be printed.
Result<rebuild::Rebuilt, Reason> print_pages(int stream, rebuild::PdfPages &pages,
                                             const std::vector<Reason> &found) {
  std::vector<Reason> reasons = pages.findings();
  reasons.insert(reasons.end(), found.begin(), found.end());
  ByteWriter about;
  about.put_u32(pages.count());
  put_reasons(about, reasons);
  if (!write_frame(stream, Frame::pages, about.buffer())) ::_exit(1);
  while (const std::optional<Payload> frame = read_frame(stream, Frame::print)) {
    ByteReader reader(Bytes{*frame});
    const std::uint32_t index = reader.read_u32();
    if (reader.failed() || index >= pages.count()) ::_exit(1);
    const Result<rebuild::PrintedPage, Reason> page = pages.print(index);
    if (!page) return fail(page.error());
    if (!write_frame(stream, Frame::page, rebuild::encode(*page))) ::_exit(1);
  }
  ::_exit(0);
}

/// For a worker that has files inside what it treats.
rebuild::TreatFile elsewhere(int stream) {
  return [stream](const job::Job &file) { return treat_elsewhere(stream, file); };
}

/// Empty, which is no job: it is neither here nor there.
Bytes encoded_job(const FrameIn &frame, Bytes shelf) {
  if (frame.type == Frame::job) return frame.payload;
  const std::size_t size = ByteReader(frame.payload).read_u32();
  return frame.type == Frame::shelved && size <= shelf.size() ? shelf.first(size) : Bytes();
}

constexpr std::size_t reserve_size = 1u << 20;
std::unique_ptr<std::byte[]> reserve; // to say a last word with
int listener = -1;                    // to whom: none but while there is a file in hand

/// A file that wants more memory than there is for one is told as that, not as the death of a worker.
void tell_want_of_memory() {
  std::set_new_handler(nullptr);
  reserve.reset();
  job::Outcome refused;
  refused.reason = Reason::part_too_big;
  (void)write_frame(listener, Frame::outcome, job::encode(refused));
  ::_exit(0);
}

void prepare_for_want_of_memory(int stream) {
  reserve = std::make_unique<std::byte[]>(reserve_size);
  listener = stream;
  std::set_new_handler(tell_want_of_memory);
}

} // namespace

int serve_file(int stream) {
  if (!write_frame(stream, Frame::taken, {})) return 1;
  prepare_for_want_of_memory(stream);
  const std::optional<Payload> frame = read_frame(stream, Frame::job);
  if (!frame) return 1;
  const Result<job::Job> job = job::decode_job(*frame);
  if (!job || job->what != job::What::file) return 1;
  const rebuild::TakePages print = [stream](rebuild::PdfPages &pages, const job::Plan &,
                                            const std::vector<Reason> &found) {
    return print_pages(stream, pages, found);
  };
  return write_frame(stream, Frame::outcome,
                     job::encode(rebuild::file(*job, elsewhere(stream), print)))
             ? 0
             : 1;
}

int serve_mail(int stream, Bytes shelf) {
  if (!write_frame(stream, Frame::taken, {})) return 1;
  const rebuild::TreatFile treat = elsewhere(stream);
  while (const std::optional<FrameIn> frame = read_frame(stream)) {
    const Result<job::Job> job = job::decode_job(encoded_job(*frame, shelf));
    if (!job || job->what != job::What::mail) return 1;
    if (!write_frame(stream, Frame::outcome, job::encode(rebuild::mail(*job, treat)))) return 1;
  }
  return 0;
}

/// Instead of the C library's, which signals, and a worker may not: what libraries end with, and end with where malloc()
/// gave them nothing.
void end_abnormally() {
  if (listener >= 0 && errno == ENOMEM) tell_want_of_memory();
  __builtin_trap();
}

} // namespace sekisho::worker

extern "C" [[gnu::visibility("default")]] void abort() noexcept {
  sekisho::worker::end_abnormally();
  __builtin_trap();
}
