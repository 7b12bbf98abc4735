#include "gateway/record/verify.hh"

#include <fmt/format.h>

namespace sekisho::record {
namespace {

constexpr std::size_t max_faults = 100;

class Verifier {
public:
  /// `head` without a line number: missing or unreadable.
  Verifier(Head head, const Link &expected) : head_(std::move(head)), expected_(expected) {}

  void read_file(const std::string &name, std::string_view text, bool is_last) {
    result.files++;
    name_ = name;
    number_ = 0;
    while (!text.empty()) {
      number_++;
      std::size_t end = text.find('\n');
      if (end == std::string_view::npos) {
        unfinished(is_last);
        return;
      }
      read(text.substr(0, end));
      text.remove_prefix(end + 1);
    }
  }

  void finish() {
    if (expected_.seq != 0 && !met_expected_)
      fault("record", fmt::format("line {} with hash {} is not there", expected_.seq, expected_.hash));
    if (head_.link.seq == 0) {
      fault("head", "is missing or cannot be read: whether the end is whole cannot be told");
    } else if (head_.link.seq > result.last.seq) {
      fault("head", fmt::format("the end is cut off: head names line {} in {}, the record ends at line {}",
                                head_.link.seq, head_.file, result.last.seq));
    } else if (!met_head_) {
      fault("head", fmt::format("head names another line {} than the one that stands here",
                                head_.link.seq));
    }
  }

  Verification result;

private:
  void read(std::string_view text) {
    result.lines++;
    Result<Line> line = read_line(text);
    if (!line) {
      fault(place(), line.error().what);
      broken_before_ = true;
      return;
    }
    Link link{line->seq, std::string(line->hash)};
    if (result.last.seq == 0 && !broken_before_) result.first = link;
    check_order(*line);
    broken_before_ = false;
    result.last = link;
    result.last_time = std::string(text.substr(text.find("\"time\":\"") + 8, 20));
    if (link == head_.link) met_head_ = true;
    if (link == expected_) met_expected_ = true;
  }

  /// After a line that could not be read only the distance is known: the next number must leave room for it.
  void check_order(const Line &line) {
    std::uint64_t next = result.last.seq + 1;
    if (broken_before_) return;
    if (result.last.seq == 0 && line.seq > 1) {
      fault(place(), fmt::format("the record begins at line {}: the lines before it are missing", line.seq));
    } else if (line.seq > next) {
      fault(place(), line.seq == next + 1
                         ? fmt::format("line {} is missing before this line", next)
                         : fmt::format("lines {} to {} are missing before this line", next, line.seq - 1));
    } else if (line.seq < next) {
      fault(place(), fmt::format("line {} stands where line {} belongs", line.seq, next));
    } else if (line.prev != result.last.hash) {
      fault(place(), "does not follow the line before: its prev is another hash");
    }
  }

  void unfinished(bool is_last) {
    if (is_last)
      result.notes.push_back({place(), "unfinished line at the end: a write in progress or interrupted; "
                                       "it was never acknowledged"});
    else
      fault(place(), "the file ends in the middle of a line");
  }

  std::string place() const { return fmt::format("{}:{}", name_, number_); }
  void fault(std::string where, std::string what) {
    if (result.faults.size() < max_faults) result.faults.push_back({std::move(where), std::move(what)});
  }

  Head head_;
  Link expected_;
  bool met_head_ = false, met_expected_ = false, broken_before_ = false;
  std::string name_;
  std::uint64_t number_ = 0;
};

} // namespace

Result<Verification> verify(const std::string &folder, const Link &expected) {
  // Head first: the files may only be ahead of it.
  Result<std::string> head = read_file(head_path(folder));
  Result<std::vector<std::string>> names = list_files(folder);
  if (!names) return fail(names.error());
  if (names->empty() && !head) return fail("there is no record in " + folder);

  Verifier verifier(head ? decode_head(*head) : Head(), expected);
  for (const std::string &name : *names) {
    Result<std::string> text = read_file(folder + "/" + name);
    if (!text) return fail(text.error());
    verifier.read_file(name, *text, name == names->back());
  }
  verifier.finish();
  return std::move(verifier.result);
}

} // namespace sekisho::record
