// The formats that hold other things; private to detect.
#pragma once

#include "sanitizer/job/job.hh"

namespace sekisho::detect {

/// zip.cc: zip, OOXML, ODF, Java archives.  Kind::unknown when there is no zip end record and no
/// local header.
job::Kind kind_of_zip(Bytes bytes);
/// compound_file.cc: legacy Office and whatever else lives in an OLE2 file ([MS-CFB]).
job::Kind kind_of_compound_file(Bytes bytes);
/// plain.cc: everything made of characters; also mail.
job::Kind kind_of_plain(Bytes bytes, std::string_view name);
/// names.cc: formats without public fixed octets, by the name's ending; else `otherwise`.
job::Kind kind_by_name(std::string_view name, job::Kind otherwise);

} // namespace sekisho::detect
