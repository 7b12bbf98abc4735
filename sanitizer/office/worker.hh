// A process that opens one document.
#pragma once

#include <string>

namespace sekisho::office {

/// In the jailed worker: starts LibreOffice and warms it up, says so on `channel` (one octet),
/// takes one request from there, does its job and returns the exit status.
int work(const std::string &installation, int channel);

} // namespace sekisho::office
