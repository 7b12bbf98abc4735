// What the octets really are, found by looking at them.  A name never makes a file more trusted: it
// is asked only where the octets are plain text that some program would run, and where they say nothing
// or only "OLE2": then it may make them an Ichitaro or DocuWorks document, which nothing opens.
#pragma once

#include "sanitizer/job/job.hh"

#include <string_view>
#include <vector>

namespace sekisho::detect {

/// Never fails: what is not recognised is Kind::unknown.  `name` as declared, UTF-8, may be empty.
job::Kind kind_of(Bytes bytes, std::string_view name = {});

/// Whether what begins as a picture would be opened as a zip (which is known by its end) or a PDF
/// (whose mark may stand in the first kilobyte) too.
bool is_also_document(Bytes bytes);

/// Whether the file name's ending or the declared media type claims something else than `kind`
/// (M11). Endings and types that claim nothing (application/octet-stream) agree with everything.
bool disagrees(job::Kind kind, std::string_view name, std::string_view declared_type);

/// What a document of an old format ([MS-DOC], [MS-XLS], [MS-PPT]) has that its pages do not show: hidden sheets, slides and
/// text, changes and remarks, objects inside, links, macros that are not in the directory.  In the order of base/reason.def;
/// never fails.  Not found is what only a style hides, and what lies behind the first 64 MB of a stream.
std::vector<Reason> unseen_in_compound_file(Bytes bytes);

} // namespace sekisho::detect
