// The jailed side of the stream: jobs in, outcomes out.  Blocking reads and writes only; the clock
// belongs to the other side.
#pragma once

#include "base/bytes.hh"

namespace sekisho::worker {

/// One file job.  Returns the exit status.
int serve_file(int stream);
/// Mail jobs until the other side closes.  `shelf`: where those stand that do not come by the stream.
int serve_mail(int stream, Bytes shelf);

} // namespace sekisho::worker
