#include "sanitizer/office/worker.hh"

#include "base/log.hh"
#include "sanitizer/client/request.hh"
#include "sanitizer/job/codec.hh"
#include "sanitizer/office/convert.hh"
#include "sanitizer/office/jails.hh"
#include "sanitizer/office/profile.hh"
#include "sanitizer/worker/frames.hh"

#include <unistd.h>

#include <optional>

namespace sekisho::office {
namespace {

using client::protocol::Frame;

int do_one_job(Converter &converter, int stream) {
  if (!worker::write_frame(stream, Frame::taken, {})) return 1;
  const std::optional<worker::Payload> frame = worker::read_frame(stream, Frame::job);
  if (!frame) return 1;
  const Result<job::Job> job = job::decode_job(*frame);
  if (!job || job->what != job::What::file) return 1;
  return worker::write_frame(stream, Frame::outcome, job::encode(converter.convert(*job))) ? 0 : 1;
}

} // namespace

int work(const std::string &installation, int channel) {
  const std::string folder = scratch;
  if (auto written = write_profile(folder + "/profile", installation); !written) {
    log_error(written.error().what);
    return 1;
  }
  Result<kit::Office *> office =
      kit::start(installation + "/program", "file://" + folder + "/profile");
  if (!office) {
    log_error(office.error().what);
    return 1;
  }
  Converter converter(**office, folder);
  converter.warm_up();
  if (!forbid_new_code()) return 1;
  if (::write(channel, "R", 1) != 1) return 1;
  client::Request request;
  client::Received received;
  do
    received = client::receive_request(channel, request, true);
  while (received == client::Received::nothing);
  if (received != client::Received::request) return 0; // the nursery is gone
  return do_one_job(converter, request.stream.get());
}

} // namespace sekisho::office
