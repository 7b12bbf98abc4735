// The jailed side of the stream: jobs in, outcomes out.  Blocking reads and writes only; the clock
// belongs to the other side.
#pragma once

namespace sekisho::worker {

/// One file job.  Returns the exit status.
int serve_file(int stream);
/// Mail jobs until the other side closes.
int serve_mail(int stream);

} // namespace sekisho::worker
