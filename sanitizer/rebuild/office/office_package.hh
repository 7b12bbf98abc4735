// The members of a hostile office package; what OOXML and ODF share.  Private to rebuild.
#pragma once

#include "base/result.hh"
#include "sanitizer/job/job.hh"
#include "sanitizer/zip/unpack.hh"

#include <string>
#include <string_view>
#include <unordered_map>

namespace sekisho::rebuild {

class OfficePackage {
public:
  enum class Case : std::uint8_t { exact, ignored }; // of ASCII letters in names

  /// `job` is borrowed.
  OfficePackage(const job::Job &job, Case letter_case) : job_(job), case_(letter_case) {}

  /// First.  Errors: a fault of the zip.
  Reason read();
  const std::vector<zip::Member> &members() const { return archive_.members; }
  /// Null where there is none, or a folder.
  const zip::Member *find(std::string_view name) const;
  Result<Buffer, Reason> octets_of(const zip::Member &member) { return unpacker_.unpack(member); }
  Result<std::string, Reason> text_of(const zip::Member &member);

private:
  const job::Job &job_;
  Case case_;
  zip::Archive archive_;
  zip::Unpacker unpacker_;
  std::unordered_map<std::string, const zip::Member *> by_name_;
};

} // namespace sekisho::rebuild
