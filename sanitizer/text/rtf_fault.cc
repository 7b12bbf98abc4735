// The skeleton of RTF alone: groups, control words, binary data.  A program that believes a length beyond
// the end of the file waits for octets that never come.
#include "sanitizer/text/rtf.hh"

#include "base/text.hh"

namespace sekisho::text {
namespace {

class Skeleton {
public:
  explicit Skeleton(std::string_view in) : in_(in) {}

  Reason fault() {
    if (!in_.starts_with("{\\rt")) return Reason::part_malformed;
    std::size_t depth = 0;
    while (at_ < in_.size()) {
      switch (in_[at_++]) {
      case '{':
        if (++depth > most_rtf_depth) return Reason::part_too_deep;
        break;
      case '}':
        if (--depth == 0) return Reason::none;
        break;
      case '\\':
        if (!control()) return Reason::part_malformed;
        break;
      default: break;
      }
    }
    return Reason::part_malformed;
  }

private:
  /// False where there is no end to it.
  bool control() {
    if (at_ == in_.size()) return false;
    const std::size_t start = at_;
    while (at_ < in_.size() && is_letter(in_[at_]))
      ++at_;
    if (at_ == start) return ++at_, true; // a symbol, an octet by its number
    const bool binary = in_.substr(start, at_ - start) == "bin";
    return !binary || skip_binary();
  }

  bool skip_binary() {
    if (at_ < in_.size() && in_[at_] == '-') return false;
    std::size_t size = 0;
    for (; at_ < in_.size() && in_[at_] >= '0' && in_[at_] <= '9'; ++at_)
      if ((size = size * 10 + static_cast<std::size_t>(in_[at_] - '0')) > in_.size()) return false;
    if (at_ < in_.size() && in_[at_] == ' ') ++at_;
    if (size > in_.size() - at_) return false;
    at_ += size;
    return true;
  }

  std::string_view in_;
  std::size_t at_ = 0;
};

} // namespace

Reason fault_of_rtf(Bytes rtf) {
  return Skeleton(as_chars(rtf)).fault();
}

} // namespace sekisho::text
