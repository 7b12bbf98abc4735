// A plan as an ordinary relay rule gives it, and a file process that needs no engine.
#pragma once

#include "sanitizer/job/job.hh"

namespace sekisho::plans {

/// pdf, image: render; text, mail: text; encrypted: hold; the rest: strip.
job::Job mail_job(Bytes octets);
/// By the words of the rule language.
bool set(job::Plan &plan, std::string_view kind_class, std::string_view treatment);
/// Every PDF and picture becomes the same gray pixel.
job::Outcome treat_file(const job::Job &job);

} // namespace sekisho::plans
