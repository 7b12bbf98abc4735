#include "gateway/record/search.hh"

#include "base/clock.hh"
#include "base/json_members.hh"
#include "gateway/record/days.hh"

#include <fmt/format.h>

#include <algorithm>

namespace sekisho::record {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::int64_t usual_limit = 50, most_limit = 1000;
constexpr std::uint64_t time_for_catching_up = 500'000'000, time_for_one = 2'000'000'000; // nanoseconds
constexpr std::size_t slice = 256 * 1024;     // octets of the record that the index follows between two looks at the clock
constexpr std::size_t most_octets = 2u << 20; // of one mail's lines
constexpr std::size_t most_answer = 8u << 20; // octets

struct Asked {
  std::vector<Word> words;
  std::string receipt;
  UnixSeconds since = 0, until = 0;
  std::size_t limit = usual_limit;
  bool stories = false;
};

Result<Asked> read_question(std::string_view untrusted) {
  const Json object = Json::parse(untrusted, nullptr, false);
  if (!object.is_object()) return fail("question not understood");
  Asked asked;
  constexpr std::pair<const char *, Field> fields[] = {
      {"receipt", Field::receipt},     {"message_id", Field::message_id}, {"sender", Field::sender},
      {"recipient", Field::recipient}, {"subject", Field::subject},       {"hash", Field::hash}};
  for (const auto &[name, field] : fields)
    if (std::string word = text_in(object, name); !word.empty()) {
      if (terms_of(field, word).empty())
        return fail(field == Field::subject ? "a subject is found by two characters or more of it"
                                            : fmt::format("no mail can be found by the {} \"{}\"", name, word));
      asked.words.push_back({field, std::move(word)});
    }
  asked.receipt = text_in(object, "receipt");
  asked.since = integer_in(object, "since", 0);
  asked.until = integer_in(object, "until", 0);
  asked.limit = static_cast<std::size_t>(std::clamp<std::int64_t>(integer_in(object, "limit", usual_limit), 1, most_limit));
  asked.stories = is_true_in(object, "stories");
  if (asked.words.empty() && asked.since == 0 && asked.until == 0) return fail("say what the mail is to be found by");
  return asked;
}

bool is_then(const Asked &asked, const std::vector<Json> &events) {
  if (events.empty()) return false;
  const UnixSeconds time = time_in(text_in(events.front(), "time"));
  return (asked.since == 0 || time >= asked.since) && (asked.until == 0 || time <= asked.until);
}

/// What the events of a mail say in short; what was said last stands.
Json row_of(const std::vector<Json> &events) {
  Json row{{"receipt", text_in(events.front(), "receipt")}, {"time", text_in(events.front(), "time")}};
  auto take = [&](const Json &from, const char *name) {
    auto found = from.find(name);
    if (found != from.end() && !found->is_null() && *found != "") row[name] = *found;
  };
  for (const Json &event : events) {
    if (event.contains("answer")) row.erase("answers");
    for (const char *name : {"relay", "client", "sender", "recipients", "outcome", "reason", "next_hop", "answer", "answers"}) take(event, name);
    if (auto one = event.find("recipient"); one != event.end() && one->is_string()) row["recipients"] = {*one};
    if (auto report = event.find("report"); report != event.end() && report->is_object())
      for (const char *name : {"subject", "message_id"}) take(*report, name);
  }
  if (row.value("reason", Json()) == "none") row.erase("reason");
  row["last_event"] = text_in(events.back(), "event");
  return row;
}

class Searching {
public:
  Searching(Index &index, Asked asked) : index_(index), asked_(std::move(asked)) {}

  Result<Json> answer() {
    std::vector<Term> terms;
    for (const auto &[field, word] : asked_.words)
      for (const Term term : terms_of(field, word)) terms.push_back(term);
    Result<std::optional<Mail>> at_once = index_.find(asked_.receipt);
    if (!at_once) return fail(at_once.error());
    auto visit = [&](const Mail &mail) { return look_at(mail); };
    Result<bool> searched = true;
    if (*at_once) visit(**at_once);
    if (mails_.empty() && good_) searched = index_.each_mail(terms, asked_.since, asked_.until, end_, visit);
    if (!good_) return fail(good_.error());
    if (!searched) return fail(searched.error());
    more_ = more_ || !*searched;
    if (mails_.size() == 1 && !more_) mails_.front()["lines"] = first_lines_;
    return Json{{"mails", std::move(mails_)}, {"more", more_}};
  }

private:
  /// Whether to go on.
  bool look_at(const Mail &mail) {
    Result<std::vector<Position>> places = index_.places_of(mail);
    Result<std::vector<std::string>> lines = places ? index_.read(*places, most_octets) : fail(places.error());
    if (!lines) {
      good_ = fail(lines.error());
      return false;
    }
    if (fits(asked_.words, *lines) && !add(*lines)) return false;
    more_ = monotonic_ns() > end_;
    return !more_;
  }

  bool add(const std::vector<std::string> &lines) {
    std::vector<Json> events;
    for (const std::string &line : lines)
      if (Json event = Json::parse(line, nullptr, false); event.is_object()) events.push_back(std::move(event));
    if (!is_then(asked_, events)) return true;
    if (mails_.size() == asked_.limit || octets_ > most_answer) {
      more_ = true;
      return false;
    }
    Json row = row_of(events);
    if (asked_.stories) row["lines"] = lines;
    if (mails_.empty()) first_lines_ = lines;
    for (const std::string &line : lines) octets_ += asked_.stories ? line.size() : 0;
    octets_ += row.dump(-1, ' ', false, Json::error_handler_t::replace).size();
    mails_.push_back(std::move(row));
    return true;
  }

  Index &index_;
  Asked asked_;
  std::uint64_t end_ = monotonic_ns() + time_for_one;
  Json mails_ = Json::array();
  std::vector<std::string> first_lines_;
  std::size_t octets_ = 0;
  bool more_ = false;
  Result<void> good_;
};

/// Whether the index now knows all of it.
Result<bool> catch_up(Index &index, const Position &end) {
  const std::uint64_t latest = monotonic_ns() + time_for_catching_up;
  for (;;) {
    Result<bool> more = index.follow(end, slice);
    if (!more) return fail(more.error());
    if (*more && monotonic_ns() < latest) continue;
    TRY(index.flush());
    return !*more;
  }
}

} // namespace

Result<Json> search(Index &index, const Position &end, std::string_view untrusted_question) {
  Result<Asked> asked = read_question(untrusted_question);
  if (!asked) return fail(asked.error());
  Result<bool> whole = catch_up(index, end);
  if (!whole) return fail(whole.error());
  Result<Json> answer = Searching(index, std::move(*asked)).answer();
  if (!answer) return answer;
  (*answer)["behind"] = !*whole;
  (*answer)["percent"] = *whole ? 100 : index.progress(end).percent();
  return answer;
}

} // namespace sekisho::record
