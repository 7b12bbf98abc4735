#include "sanitizer/rebuild/archive/archive.hh"

#include "sanitizer/job/digest.hh"
#include "sanitizer/rebuild/free_names.hh"
#include "sanitizer/rebuild/part_words.hh"
#include "sanitizer/rebuild/plain_text.hh"
#include "sanitizer/text/clean.hh"
#include "sanitizer/verify/verify.hh"
#include "sanitizer/zip/archive.hh"
#include "sanitizer/zip/writer.hh"

#include <algorithm>

namespace sekisho::rebuild {
namespace {

constexpr std::size_t most_folders = 15;    // above a member; deeper ones are left out
constexpr std::size_t most_reports = 2'000; // of members, members of members included

/// Each component cleaned as a file name; empty where nothing is left or the path is none.
std::string clean_path(std::string_view path, text::Findings &findings) {
  std::string cleaned;
  std::size_t folders = 0;
  while (!path.empty()) {
    const std::size_t slash = std::min(path.find('/'), path.size());
    const std::string part = text::clean_file_name(path.substr(0, slash), findings);
    path.remove_prefix(std::min(slash + 1, path.size()));
    if (part.empty()) continue;
    if (!cleaned.empty() && ++folders > most_folders) return {};
    cleaned += (cleaned.empty() ? "" : "/") + part;
  }
  return cleaned;
}

/// AppleDouble (RFC 1740, appendix B), as macOS puts it beside a file, in __MACOSX or on disks of others.
bool is_resource_fork(std::string_view path, Bytes contents) {
  constexpr std::string_view magic("\0\5\x16\7", 4);
  return path.substr(path.rfind('/') + 1).starts_with("._") && as_chars(contents).starts_with(magic);
}

bool is_left_out(const job::PartReport &part) {
  return part.action == job::Action::stripped || part.action == job::Action::held;
}

class Unpacking {
public:
  Unpacking(job::Kind kind, const job::Job &job, const TreatFile &treat_file)
      : kind_(kind), job_(job), plan_(job.plan), treat_file_(treat_file) {}

  Unpacked run() {
    if (!treat_file_ || plan_.archive_depth == 0) return failed(Reason::part_too_deep);
    const TakeMember take = [this](const ArchiveMember &member) { return this->member(member); };
    bool has_more = false;
    const Reason reason = kind_ == job::Kind::zip
                              ? read_zip_members(job_.bytes, plan_, take, has_more)
                              : read_library_members(job_.bytes, kind_, plan_, take, has_more);
    if (stopped_ != Reason::none) return failed(stopped_);
    if (reason == Reason::part_malformed && is_first_volume()) return failed(Reason::zip_split);
    if (reason != Reason::none) return failed(reason);
    if (whole_ && has_more) add_reason(result_.rebuilt.reasons, Reason::part_hidden_content);
    if (whole_) return std::move(result_);
    if (written_ == 0) return failed(Reason::part_archive_empty);
    result_.rebuilt.kind = job::Kind::zip;
    result_.rebuilt.bytes = writer_.finish();
    result_.rebuilt.reasons = {Reason::part_unpacked};
    if (has_more) result_.rebuilt.reasons.push_back(Reason::part_hidden_content);
    if (result_.rebuilt.bytes.empty()) return failed(Reason::part_too_big);
    return std::move(result_);
  }

private:
  /// Of a 7z only the file's name says so.
  bool is_first_volume() const { return kind_ == job::Kind::seven_zip && job_.name.ends_with(".001"); }

  Unpacked failed(Reason reason) {
    result_.reason = reason;
    result_.rebuilt = {};
    // What was made of a member is not delivered, and not told.
    std::erase_if(result_.parts, [](const job::PartReport &part) { return !is_left_out(part); });
    return std::move(result_);
  }

  bool stop(Reason reason, bool held = false) {
    stopped_ = reason;
    result_.held = held;
    return false;
  }

  bool member(const ArchiveMember &member) {
    if (++number_ > plan_.max_parts) return stop(Reason::part_archive_count);
    octets_ += member.contents.size();
    if (octets_ > most_unpacked) return stop(Reason::part_archive_size);
    if (octets_ > ratio_counts_from && octets_ / most_ratio > job_.bytes.size())
      return stop(Reason::part_archive_ratio);
    job::PartReport report = new_report(member);
    const bool locked = member.fault == Reason::part_encrypted &&
                        plan_.treatment(job::KindClass::encrypted) == job::Treatment::hold;
    if (locked) return hold(std::move(report), Reason::part_encrypted);
    if (member.fault != Reason::none) return strip(std::move(report), member.fault);
    if (!member.whole && (path_.empty() || zip::leads_elsewhere(member.name)))
      return strip(std::move(report), Reason::zip_name);
    if (member.contents.size() > plan_.max_input)
      return strip(std::move(report), Reason::part_too_big);
    if (is_resource_fork(member.name, member.contents)) return strip(std::move(report), Reason::part_resource_fork);
    return treat(std::move(report), member);
  }

  job::PartReport new_report(const ArchiveMember &member) {
    text::Findings findings;
    path_ =
        member.whole ? std::string(text::stem_of(job_.name)) : clean_path(member.name, findings);
    job::PartReport report;
    report.path = "1." + std::to_string(number_);
    report.name = shown_name(path_);
    report.size = member.fault == Reason::none ? member.contents.size() : member.size;
    if (member.fault == Reason::none) report.sha256 = job::sha256_hex(member.contents);
    if (findings.control) report.reasons.push_back(Reason::part_control_characters);
    if (findings.unreadable) report.reasons.push_back(Reason::part_charset_replaced);
    return report;
  }

  /// With the archive's own name before it.
  std::string shown_name(const std::string &path) const {
    return text::shortened(job_.name.empty() ? path : job_.name + "/" + path, most_name);
  }
  std::string folder() const { return path_.substr(0, path_.rfind('/') + 1); }

  bool strip(job::PartReport report, Reason reason) {
    report.action = job::Action::stripped;
    std::erase(report.reasons, reason);
    report.reasons.insert(report.reasons.begin(), reason);
    put(std::move(report));
    return true;
  }

  bool hold(job::PartReport report, Reason reason) {
    report.action = job::Action::held;
    add_reason(report.reasons, reason);
    put(std::move(report));
    return stop(held_reason(reason), true);
  }

  void put(job::PartReport report) {
    if (result_.parts.size() < most_reports) result_.parts.push_back(std::move(report));
  }

  /// In a process of its own; what comes back is as hostile as what went in.
  bool treat(job::PartReport report, const ArchiveMember &member) {
    job::Job inner;
    inner.receipt = job_.receipt;
    inner.name = path_.substr(path_.rfind('/') + 1);
    inner.plan = plan_;
    inner.bytes = member.contents;
    job::Outcome outcome = treat_file_(inner);
    if (!outcome.report.parts.empty()) {
      const job::PartReport &own = outcome.report.parts.front();
      report.kind = own.kind;
      for (Reason reason : own.reasons)
        if (reason != Reason::none) add_reason(report.reasons, reason);
    }
    if (outcome.status == job::Status::held) return hold(std::move(report), held_part(outcome.reason));
    if (outcome.status != job::Status::clean) {
      strip(std::move(report), part_reason(outcome.reason));
      put_inner(outcome.report.parts, false);
      return true;
    }
    Result<verify::CleanPart, Reason> clean =
        verify::Verifier::accept(outcome.output_kind, Untrusted(std::move(outcome.output)));
    if (!clean) return strip(std::move(report), clean.error());
    if (member.whole) return write_whole(std::move(report), *clean);
    return write(std::move(report), *clean, outcome.report.parts);
  }

  bool write(job::PartReport report, const verify::CleanPart &part,
             const std::vector<job::PartReport> &inner) {
    const std::string file = output_name(path_.substr(path_.rfind('/') + 1), part.kind(),
                                         report.path, part.bytes());
    const std::string name = names_.take(folder(), file);
    writer_.add(name, part.bytes());
    ++written_;
    if (writer_.size() > plan_.max_output) return stop(Reason::part_too_big);
    report.action = part.kind() == job::Kind::text  ? job::Action::kept_text
                    : part.kind() == job::Kind::pdf ? job::Action::rendered
                                                    : job::Action::reencoded;
    report.output_name = shown_name(name);
    report.output_size = part.bytes().size();
    report.output_sha256 = job::sha256_hex(part.bytes());
    put(std::move(report));
    put_inner(inner, true);
    return true;
  }

  bool write_whole(job::PartReport report, const verify::CleanPart &part) {
    whole_ = true;
    result_.rebuilt = {part.kind(), to_buffer(part.bytes()), std::move(report.reasons)};
    return false;
  }

  /// Files that a member holds, below it.
  void put_inner(const std::vector<job::PartReport> &inner, bool written) {
    const std::string above = "1." + std::to_string(number_);
    text::Findings ignored;
    for (std::size_t i = 1; i < inner.size(); ++i) {
      job::PartReport part = inner[i];
      if (!part.path.starts_with("1.") || !(written || is_left_out(part))) continue;
      part.path = above + part.path.substr(1);
      part.name = shown_name(folder() + text::clean_line(part.name, ignored));
      if (!part.output_name.empty())
        part.output_name = shown_name(folder() + text::clean_line(part.output_name, ignored));
      put(std::move(part));
    }
  }

  job::Kind kind_;
  const job::Job &job_;
  const job::Plan &plan_;
  const TreatFile &treat_file_;
  zip::Writer writer_;
  FreeNames names_;
  Unpacked result_;
  std::string path_; // of the member in hand, cleaned
  std::uint64_t octets_ = 0;
  std::uint32_t number_ = 0;
  std::size_t written_ = 0;
  bool whole_ = false;
  Reason stopped_ = Reason::none;
};

} // namespace

Unpacked unpack(job::Kind kind, const job::Job &job, const TreatFile &treat_file) {
  return Unpacking(kind, job, treat_file).run();
}

} // namespace sekisho::rebuild
