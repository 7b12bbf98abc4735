#include "sanitizer/rebuild/office/office_package.hh"

#include "sanitizer/rebuild/office/office_code.hh"

#include <span>

namespace sekisho::rebuild {
Reason OfficePackage::read() {
  zip::Limits limits;
  limits.members = 20'000;
  limits.unpacked = std::uint64_t{job_.plan.max_output} * 4;
  archive_ = zip::read(job_.bytes, limits, true);
  if (const zip::Fault fault = archive_.first_fault()) return fault.reason;
  for (const zip::Member &member : archive_.members)
    if (!member.folder)
      by_name_.emplace(case_ == Case::ignored ? upper(member.name) : member.name, &member);
  return Reason::none;
}

const zip::Member *OfficePackage::find(std::string_view name) const {
  const auto found = by_name_.find(case_ == Case::ignored ? upper(name) : std::string(name));
  return found == by_name_.end() ? nullptr : found->second;
}

Result<std::string, Reason> OfficePackage::text_of(const zip::Member &member) {
  std::string text(member.size, '\0');
  const Reason reason =
      unpacker_.unpack_into(member, std::as_writable_bytes(std::span(text.data(), text.size())));
  if (reason != Reason::none) return fail(reason);
  return text;
}

} // namespace sekisho::rebuild
