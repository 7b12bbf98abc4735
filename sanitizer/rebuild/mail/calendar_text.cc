#include "sanitizer/rebuild/mail/calendar_text.hh"

#include "base/text.hh"
#include "sanitizer/mime/header.hh"
#include "sanitizer/mime/transfer.hh"
#include "sanitizer/rebuild/mail/calendar_time.hh"
#include "sanitizer/rebuild/plain_text.hh"
#include "sanitizer/text/charset.hh"
#include "sanitizer/text/html.hh"
#include "sanitizer/text/html_link.hh"

#include <algorithm>
#include <cstring>
#include <map>
#include <optional>
#include <vector>

namespace sekisho::rebuild {
namespace {

using mime::equals_ignoring_case;

constexpr std::size_t max_lines = 20'000; // with more it is left as it is, not cut
constexpr std::size_t most_depth = 16;
constexpr std::size_t max_of_a_kind = 100; // lines of one name in one event; the others are counted
constexpr std::string_view quoted_printable = "QUOTED-PRINTABLE";

/// name;parameters:value, unfolded.  RFC 5545 §3.1
struct Line {
  std::string name; // upper case, without the group of RFC 6350 ("item1.")
  std::string parameters, value;
};

std::string upper(std::string_view text) {
  std::string result(text);
  for (char &c : result)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
  return result;
}

std::optional<std::string> parameter(const Line &line, std::string_view name) {
  std::string_view rest = line.parameters;
  while (!rest.empty()) {
    std::size_t end = 0;
    for (bool quoted = false; end < rest.size() && (quoted || rest[end] != ';'); end++)
      if (rest[end] == '"') quoted = !quoted;
    std::string_view one = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    const std::size_t equals = std::min(one.find('='), one.size());
    if (!equals_ignoring_case(one.substr(0, equals), name)) continue;
    std::string value(one.substr(std::min(equals + 1, one.size())));
    std::erase(value, '"');
    return value;
  }
  return {};
}

std::optional<Line> split(std::string_view text) {
  std::size_t colon = 0;
  for (bool quoted = false; colon < text.size() && (quoted || text[colon] != ':'); colon++)
    if (text[colon] == '"') quoted = !quoted;
  if (colon == text.size()) return {};
  const std::size_t name_end = std::min(text.find(';'), colon);
  std::string_view name = text.substr(0, name_end);
  if (const std::size_t dot = name.rfind('.'); dot != name.npos) name.remove_prefix(dot + 1);
  return Line{upper(name), name_end < colon ? std::string(text.substr(name_end + 1, colon - name_end - 1)) : "",
              std::string(text.substr(colon + 1))};
}

/// vCard 2.1, as Japanese telephones write it: ENCODING=QUOTED-PRINTABLE, of a CHARSET.
void decode(Line &line) {
  const std::optional<std::string> encoding = parameter(line, "ENCODING");
  const bool bare = !encoding && line.parameters.find(quoted_printable) != std::string::npos;
  if (!bare && (!encoding || !equals_ignoring_case(*encoding, "QUOTED-PRINTABLE"))) return;
  const Buffer octets = mime::decode_quoted_printable(as_bytes(line.value));
  line.value = text::decode_labelled(octets, parameter(line, "CHARSET").value_or("")).text;
}

/// Nothing where there are too many.
std::optional<std::vector<Line>> lines_of(std::string_view text) {
  std::vector<Line> lines;
  std::string whole;
  bool soft = false; // an equals sign at the end leads on
  const auto look = [&](std::size_t from) {
    soft = soft || upper(std::string_view(whole).substr(from)).find(quoted_printable) != std::string::npos;
  };
  const auto put = [&] {
    if (std::optional<Line> line = split(whole)) {
      decode(*line);
      lines.push_back(std::move(*line));
    }
    whole.clear();
    soft = false;
  };
  while (!text.empty()) {
    if (lines.size() == max_lines) return {};
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (soft && whole.ends_with('=')) {
      whole.pop_back();
      whole += line;
    } else if (line.starts_with(' ') || line.starts_with('\t')) {
      const std::size_t before = whole.size();
      whole += line.substr(1);
      look(before - std::min(before, quoted_printable.size() - 1)); // no further back: linear
    } else {
      put();
      whole = line;
      look(0);
    }
  }
  put();
  return lines;
}

/// RFC 5545 §3.3.11
std::string unescaped(std::string_view value) {
  std::string text;
  for (std::size_t i = 0; i < value.size(); i++) {
    if (value[i] != '\\' || i + 1 == value.size()) {
      text += value[i];
      continue;
    }
    const char c = value[++i];
    text += c == 'n' || c == 'N' ? '\n' : c;
  }
  return text;
}

std::string one_line(std::string_view value) {
  std::string text = unescaped(value);
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

bool is_date(std::string_view value) {
  return value.size() == 8 && is_digits(value);
}

/// As Outlook, Google, and Thunderbird of old ("/mozilla.org/…/Asia/Tokyo") name it.
bool is_of_japan(std::string_view zone) {
  return equals_ignoring_case(zone, "Tokyo Standard Time") || equals_ignoring_case(zone, "Asia/Tokyo") ||
         zone.ends_with("/Asia/Tokyo");
}

/// RFC 5545 §3.2.19 has none of it in UTC; some write so all the same.
bool is_utc(std::string_view zone) {
  constexpr std::string_view names[] = {"UTC", "Etc/UTC", "GMT", "Etc/GMT", "Z", "Coordinated Universal Time"};
  return std::ranges::any_of(names, [&](std::string_view name) { return equals_ignoring_case(zone, name); });
}

/// A time of such a line with its 'Z'.
std::string in_utc(std::string_view value, const Line &line) {
  const std::optional<Moment> read = read_moment(value);
  const bool is_bare = read && read->time && !read->utc && is_utc(parameter(line, "TZID").value_or(""));
  return std::string(value).append(is_bare ? "Z" : "");
}

/// The calendar's own VTIMEZONEs, by name.
class Zones {
public:
  explicit Zones(const std::vector<Line> &lines) {
    std::string id, offset, start, rules, dates;
    Zone zone;
    for (const Line &line : lines) {
      const bool whole = equals_ignoring_case(line.value, "VTIMEZONE");
      if (line.name == "TZID") {
        id = one_line(line.value);
      } else if (line.name == "TZOFFSETTO") {
        offset = line.value;
      } else if (line.name == "DTSTART") {
        start = line.value;
      } else if (line.name == "RRULE") { // two of them are none that is read
        rules.append(rules.empty() ? "" : ";").append(line.value);
      } else if (line.name == "RDATE") {
        dates.append(line.value).append(",");
      } else if (line.name == "BEGIN") {
        offset.clear(), start.clear(), rules.clear(), dates.clear();
        if (whole) zone = {}, id.clear();
      } else if (line.name == "END" && whole) {
        if (zone.is_said() && zones_.size() < most) zones_.emplace(std::move(id), std::move(zone));
        zone = {}, id.clear();
      } else if (line.name == "END" && (equals_ignoring_case(line.value, "STANDARD") || equals_ignoring_case(line.value, "DAYLIGHT"))) {
        zone.add(offset, start, rules);
        for (std::size_t at = 0, end; (end = dates.find(',', at)) != dates.npos; at = end + 1)
          zone.add(offset, std::string_view(dates).substr(at, end - at), {});
      }
    }
  }

  /// Null where nothing is said of the one that a line names.
  const Zone *of(const Line &line) const {
    const auto found = zones_.find(one_line(parameter(line, "TZID").value_or("")));
    return found == zones_.end() ? nullptr : &found->second;
  }

private:
  static constexpr std::size_t most = 100;
  std::map<std::string, Zone> zones_;
};

/// The times of one line.
class Times {
public:
  Times(const Line &line, const Zones &zones) : line_(line), id_(parameter(line, "TZID")), zone_(id_ ? zones.of(line) : nullptr) {}

  /// "20261121T010000Z" as "2026-11-21 10:00(日本時間)"; what has another form stays as it is.
  std::string put(std::string_view value) {
    const std::optional<Moment> read = read_moment(in_utc(value, line_));
    if (!read) return one_line(value);
    if (read->utc) return moment_words(in_japan(*read)).append(of_japan);
    std::string words = moment_words(*read);
    if (!read->time || !id_) return words;
    in_zone_ = true;
    const std::optional<std::chrono::minutes> ahead = zone_ ? zone_->ahead_at(*read) : std::nullopt;
    unsure_ = unsure_ || (zone_ && !ahead);
    if (!ahead || *ahead == japan_ahead) return words;
    abroad_ = true;
    const Moment ours = in_japan(*read, *ahead);
    const std::string in_full = moment_words(ours);
    const std::size_t time = ours.day == read->day ? in_full.rfind(' ') + 1 : 0;
    return words.append("(日本時間 ").append(in_full, time).append(")");
  }

  /// What is said once, behind all of them.
  std::string behind() const {
    if (!in_zone_) return {};
    if (unsure_) return " (" + *id_ + ": " + zone_->offsets() + ")";
    const bool is_ours = zone_ ? !abroad_ : is_of_japan(*id_);
    return is_ours ? std::string(of_japan) : " (" + *id_ + ")";
  }

private:
  const Line &line_;
  std::optional<std::string> id_;
  const Zone *zone_;
  bool in_zone_ = false, abroad_ = false, unsure_ = false;
};

std::string moment(const Line &line, const Zones &zones) {
  Times times(line, zones);
  const std::string text = times.put(line.value);
  return text + times.behind();
}

/// The day before a date: where an event of whole days ends, its DTEND is the first day without it.  RFC 5545 §3.6.1
std::string day_before(std::string_view date) {
  const std::optional<Moment> read = read_moment(date);
  if (!read) return std::string(date);
  std::string before = date_words(read->day - std::chrono::days(1));
  std::erase(before, '-');
  return before;
}

/// "PT1H30M" as "1時間30分".
std::string duration(std::string_view value) {
  std::string text;
  bool time = false;
  for (char c : value) {
    if (c >= '0' && c <= '9') {
      text += c;
      continue;
    }
    switch (c) {
    case 'W': text += "週間"; break;
    case 'D': text += "日"; break;
    case 'T': time = true; break;
    case 'H': text += "時間"; break;
    case 'M': text += time ? "分" : "M"; break;
    case 'S': text += "秒"; break;
    case '-': text += '-'; break;
    default: break;
    }
  }
  return text;
}

/// "20261128T010000Z,20261205T010000Z/PT1H" (RFC 5545 §3.8.5); its zone once, behind all of them.
std::string moments(const Line &line, const Zones &zones) {
  std::string_view rest = line.value;
  std::string text;
  Times times(line, zones);
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(','), rest.size());
    const std::string_view one = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    const std::size_t slash = std::min(one.find('/'), one.size());
    if (!text.empty()) text += "、";
    text += times.put(one.substr(0, slash));
    if (slash == one.size()) continue;
    const std::string_view until = one.substr(slash + 1);
    text += "～";
    text += until.find('P') != until.npos ? duration(until) : times.put(until);
  }
  return text + times.behind();
}

std::string_view without_mailto(std::string_view address) {
  if (address.size() >= 7 && equals_ignoring_case(address.substr(0, 7), "mailto:")) address.remove_prefix(7);
  return address;
}

/// "a@example.jp, b@example.jp" of a parameter that names several (RFC 5545 §3.2.5).
std::string addresses_of(std::string_view list) {
  std::string addresses;
  while (!list.empty()) {
    const std::size_t end = std::min(list.find(','), list.size());
    addresses.append(addresses.empty() ? "" : ", ").append(one_line(without_mailto(trimmed(list.substr(0, end)))));
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return addresses;
}

/// "山田 <yamada@example.jp>"
std::string person(const Line &line) {
  const std::string_view address = without_mailto(line.value);
  const std::optional<std::string> name = parameter(line, "CN");
  if (!name || name->empty() || *name == address) return one_line(address);
  return *name + " <" + one_line(address) + ">";
}

std::string link(std::string_view value) {
  const std::string target = one_line(value);
  const std::string shown = text::Links().text_of("", target).shown;
  return shown.empty() ? target : shown;
}

/// Whether a file is in the line itself.
bool holds_octets(const Line &line) {
  return parameter(line, "ENCODING") || equals_ignoring_case(std::string_view(line.value).substr(0, 5), "data:");
}

/// RFC 5545 §3.8.1.1, with the name as Google, Apple (FILENAME) and Outlook (X-FILENAME) write it.  Of a part of the mail
/// ("cid:") the mail tells itself.
std::string attached(const Line &line) {
  std::string name = one_line(parameter(line, "FILENAME").value_or(parameter(line, "X-FILENAME").value_or("")));
  if (holds_octets(line)) return (name.empty() ? "(名前なし)" : name) + " … 取り除きました";
  if (equals_ignoring_case(std::string_view(line.value).substr(0, 4), "cid:")) return name;
  const std::string target = link(line.value);
  return name.empty() ? target : name + " <" + target + ">";
}

struct Method {
  std::string_view method, words;
};
constexpr Method methods[] = {{"REQUEST", "招待"}, {"CANCEL", "取り消し"},  {"REPLY", "返信"},
                              {"PUBLISH", "通知"}, {"COUNTER", "変更の提案"}, {"ADD", "追加"},
                              {"REFRESH", "再送の依頼"}, {"DECLINECOUNTER", "変更の提案への断り"}};

std::string_view method_words(std::string_view method) {
  for (const Method &row : methods)
    if (equals_ignoring_case(row.method, method)) return row.words;
  return method;
}

std::string_view answer_words(std::string_view answer) {
  if (equals_ignoring_case(answer, "ACCEPTED")) return "出席";
  if (equals_ignoring_case(answer, "DECLINED")) return "欠席";
  if (equals_ignoring_case(answer, "TENTATIVE")) return "仮の出席";
  return {};
}

/// Empty: what goes without saying.
std::string status_words(std::string_view status) {
  struct Row {
    std::string_view status, words;
  };
  constexpr Row rows[] = {{"CONFIRMED", ""},        {"FINAL", ""},       {"CANCELLED", "取り消し"}, {"TENTATIVE", "仮の予定"},
                          {"NEEDS-ACTION", "未着手"}, {"COMPLETED", "完了"}, {"IN-PROCESS", "進行中"},  {"DRAFT", "下書き"}};
  for (const Row &row : rows)
    if (equals_ignoring_case(row.status, status)) return std::string(row.words);
  return one_line(status);
}

/// RFC 5545 §3.2.9
std::string_view busy_words(std::string_view type) {
  if (equals_ignoring_case(type, "FREE")) return "空き";
  if (equals_ignoring_case(type, "BUSY-UNAVAILABLE")) return "不在";
  return equals_ignoring_case(type, "BUSY-TENTATIVE") ? "仮の予定" : "予定あり";
}

/// What of a text is compared: two forms of one differ in blanks, signs and how they show links.
std::string words_of(std::string_view text) {
  std::string words;
  bool in_link = false;
  for (const char c : text) {
    in_link = c == '<' || (in_link && c != '>' && c != '\n');
    const bool word = (c & 0x80) != 0 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (word && !in_link) words += c;
  }
  return words;
}

/// Lines that a reader has before him.
class Said {
public:
  explicit Said(std::string_view text) : lines_(squeezed(text)) {}

  /// Whether all lines of `text` are there, one behind the other; blanks and empty lines aside.
  bool has(std::string_view text) {
    if (lines_.size() < 2 || ++asked_ > most_asked) return false;
    const std::string wanted = squeezed(text);
    return wanted.size() > 1 && ::memmem(lines_.data(), lines_.size(), wanted.data(), wanted.size()) != nullptr; // linear
  }

private:
  static constexpr unsigned most_asked = 20;

  static std::string squeezed(std::string_view text) {
    std::string lines = "\n";
    for (const char c : text)
      if (c == '\n' ? lines.back() != '\n' : static_cast<unsigned char>(c) > ' ') lines += c;
    if (lines.back() != '\n') lines += '\n';
    return lines;
  }

  std::string lines_;
  unsigned asked_ = 0;
};

class Text {
public:
  void row(std::string_view label, std::string_view value) {
    if (value.empty()) return;
    text_ += label;
    text_ += ": ";
    text_ += value;
    text_ += '\n';
  }
  void gap() {
    if (!text_.empty() && !text_.ends_with("\n\n")) text_ += '\n';
  }
  std::string take() { return std::move(text_); }

private:
  std::string text_;
};

bool is_entry(std::string_view component) {
  return component == "VEVENT" || component == "VTODO" || component == "VJOURNAL" || component == "VFREEBUSY";
}

std::string recurrence(std::string_view rule, const std::vector<Line> &event, const Zones &zones) {
  const auto line = std::ranges::find(event, "DTSTART", &Line::name);
  const std::optional<Moment> start = line == event.end() ? std::nullopt : read_moment(in_utc(line->value, *line));
  // Days of the week are those of its zone (RFC 5545 §3.3.10): of one in UTC, in the evening there, Japan has the next.
  const bool is_next_day = start && start->day != in_japan(*start).day;
  const Zone *zone = line == event.end() ? nullptr : zones.of(*line);
  const bool is_ours = start && (zone ? zone->ahead_at(*start) == japan_ahead : is_of_japan(parameter(*line, "TZID").value_or("")));
  const bool is_known = start && (start->utc || !start->time || is_ours);
  const std::string words = recurrence_words(rule, is_known ? std::optional(in_japan(*start)) : std::nullopt, is_next_day);
  if (!words.empty()) return words;
  const bool names_day = is_next_day && lower_case(rule).find("by") != rule.npos;
  return one_line(rule) + (names_day ? " (UTC)" : "");
}

enum class Markup { none, inside_line, block };

/// Whether the '<' at the front begins a tag as programs write them into descriptions: "<yamada@example.jp>" and
/// "<https://town.example/>" begin none.
Markup markup_at(std::string_view text) {
  constexpr std::string_view inside_line[] = {"a", "b", "em", "font", "i", "s", "small", "span", "strong", "sub", "sup", "u", "img"};
  constexpr std::string_view blocks[] = {"blockquote", "body", "br", "div", "h1", "h2", "h3", "h4", "h5", "h6", "head", "hr", "html", "li",
                                         "meta", "ol", "p", "pre", "script", "style", "table", "tbody", "td", "th", "thead", "title", "tr", "ul"};
  const std::size_t end = text.find_first_of("<>", 1);
  if (end == text.npos || text[end] != '>') return Markup::none;
  text = text.substr(1, end); // with its '>'
  if (text.starts_with('/')) text.remove_prefix(1);
  text = text.substr(0, text.find_first_of(" \t\n/>"));
  const auto is_named = [&](std::string_view name) { return equals_ignoring_case(text, name); };
  return std::ranges::any_of(blocks, is_named)        ? Markup::block
         : std::ranges::any_of(inside_line, is_named) ? Markup::inside_line
                                                      : Markup::none;
}

/// As it is read: many write a page into it, and end lines all the same.
std::string described_in(std::string text, std::vector<Reason> &left_out) {
  std::string page;
  bool is_page = false, behind_block = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '<') {
      const Markup markup = markup_at(std::string_view(text).substr(at));
      is_page = is_page || markup != Markup::none;
      behind_block = markup == Markup::block;
      const std::size_t length = markup == Markup::none ? 1 : text.find('>', at) + 1 - at;
      page += markup == Markup::none ? "&lt;" : text.substr(at, length);
      at += length - 1;
    } else if (c == '\n') {
      const std::string_view next = std::string_view(text).substr(at + 1);
      const bool is_break = !behind_block && !(next.starts_with('<') && markup_at(next) == Markup::block);
      page += is_break ? "<br>" : "\n";
    } else {
      page += c;
      behind_block = behind_block && c == ' ';
    }
  }
  if (!is_page) return text;
  const text::HtmlText read = text::html_to_text(page);
  add_beside_text(left_out, read);
  return std::string(trimmed(read.text));
}

/// What of an event is told, in this order whatever the order of its lines.
void put_entry(Text &text, const std::vector<Line> &lines, const Zones &zones, std::vector<Reason> &left_out, Said &said) {
  const auto each = [&](std::string_view name, auto use) {
    std::size_t count = 0;
    for (const Line &line : lines)
      if (line.name == name && count++ < max_of_a_kind) use(line);
    if (count > max_of_a_kind)
      text.row("ほか", std::string(name) + " " + std::to_string(count - max_of_a_kind) + "件");
  };
  text.gap();
  each("SUMMARY", [&](const Line &line) { text.row("件名", one_line(line.value)); });
  each("STATUS", [&](const Line &line) { text.row("状態", status_words(line.value)); });
  each("SEQUENCE", [&](const Line &line) { // 0: as it was first sent
    if (is_digits(line.value) && line.value.find_first_not_of('0') != line.value.npos) text.row("改訂番号", line.value);
  });
  each("DTSTART", [&](const Line &line) { text.row("開始", moment(line, zones)); });
  each("DTEND", [&](Line line) {
    if (is_date(line.value)) {
      const auto at = std::ranges::find(lines, "DTSTART", &Line::name);
      const std::string start = at == lines.end() ? "" : at->value;
      if (line.value == start) return; // of one day, as some write it
      line.value = day_before(line.value);
      if (line.value == start) return;
    }
    text.row("終了", moment(line, zones));
  });
  each("DUE", [&](const Line &line) { text.row("期限", moment(line, zones)); });
  each("DURATION", [&](const Line &line) { text.row("長さ", duration(line.value)); });
  each("RRULE", [&](const Line &line) { text.row("繰り返し", recurrence(line.value, lines, zones)); });
  each("EXRULE", [&](const Line &line) { text.row("除外する繰り返し", recurrence(line.value, lines, zones)); });
  each("EXDATE", [&](const Line &line) { text.row("除外日", moments(line, zones)); });
  each("RDATE", [&](const Line &line) { text.row("追加日", moments(line, zones)); });
  each("RECURRENCE-ID", [&](const Line &line) { // this one of a series is meant, and not the series
    const bool later = equals_ignoring_case(parameter(line, "RANGE").value_or(""), "THISANDFUTURE");
    text.row("対象の回", moment(line, zones) + (later ? " 以降すべて" : ""));
  });
  each("FREEBUSY", [&](const Line &line) {
    text.row(busy_words(parameter(line, "FBTYPE").value_or("")), moments(line, zones));
  });
  each("LOCATION", [&](const Line &line) { text.row("場所", one_line(line.value)); });
  each("RESOURCES", [&](const Line &line) { text.row("設備・備品", one_line(line.value)); });
  each("CATEGORIES", [&](const Line &line) { text.row("分類", one_line(line.value)); });
  each("URL", [&](const Line &line) { text.row("URL", link(line.value)); });
  each("CONFERENCE", [&](const Line &line) { text.row("会議", link(line.value)); });
  each("ORGANIZER", [&](const Line &line) { text.row("主催者", person(line)); });
  each("CONTACT", [&](const Line &line) { text.row("連絡先", one_line(line.value)); });
  each("ATTENDEE", [&](const Line &line) {
    const std::string_view answer = answer_words(parameter(line, "PARTSTAT").value_or(""));
    const bool is_optional = equals_ignoring_case(parameter(line, "ROLE").value_or(""), "OPT-PARTICIPANT");
    std::string words = answer.empty() ? person(line) : person(line) + " … " + std::string(answer);
    if (const auto to = parameter(line, "DELEGATED-TO")) words.append(" (代理: ").append(addresses_of(*to)).append(")");
    if (const auto from = parameter(line, "DELEGATED-FROM")) words.append(" (").append(addresses_of(*from)).append(" の代理)");
    text.row(is_optional ? "任意出席者" : "出席者", words);
  });
  each("ATTACH", [&](const Line &line) { text.row("添付", attached(line)); });
  std::string described;
  each("DESCRIPTION", [&](const Line &line) {
    const std::string read = described_in(unescaped(line.value), left_out);
    text.row("内容", said.has(read) ? "上の本文と同じ" : read);
    described += words_of(read);
  });
  each("X-ALT-DESC", [&](const Line &line) { // the same as a page, mostly
    const text::HtmlText page = text::html_to_text(unescaped(line.value));
    if (words_of(page.text) == described) return;
    add_beside_text(left_out, page);
    text.row(described.empty() ? "内容" : "内容 (別の形式)", trimmed(page.text));
  });
  each("COMMENT", [&](const Line &line) { text.row("コメント", unescaped(line.value)); });
}

/// How telephones write the name in kana: SOUND;X-IRMC-N:ヤマダ;タロウ.
bool is_reading(const Line &line) {
  return line.name == "SOUND" && upper(line.parameters).find("X-IRMC-N") != std::string::npos;
}

/// "TYPE=work,fax", "TYPE=WORK;TYPE=FAX", ";WORK;FAX" (vCard 2.1).  `wanted`: upper case.
bool is_of_type(std::string_view parameters, std::string_view wanted) {
  while (!parameters.empty()) {
    const std::size_t end = std::min(parameters.find_first_of(";,=\""), parameters.size());
    if (equals_ignoring_case(parameters.substr(0, end), wanted)) return true;
    parameters.remove_prefix(std::min(end + 1, parameters.size()));
  }
  return false;
}

std::string_view telephone(const Line &line) {
  if (is_of_type(line.parameters, "FAX")) return "FAX";
  if (is_of_type(line.parameters, "PAGER")) return "ポケットベル";
  return is_of_type(line.parameters, "CELL") ? "携帯電話" : "電話";
}

std::string spaced(std::string value) {
  std::replace(value.begin(), value.end(), ';', ' ');
  value.erase(0, std::min(value.find_first_not_of(' '), value.size()));
  value.erase(value.find_last_not_of(' ') + 1);
  return value;
}

/// Whether a full name has all parts of a name, which are between ';'.
bool holds_parts(std::string_view full, std::string_view parts) {
  while (!parts.empty()) {
    std::size_t end = 0;
    while (end < parts.size() && parts[end] != ';')
      end += parts[end] == '\\' ? 2 : 1;
    const std::string part = one_line(parts.substr(0, end));
    parts.remove_prefix(std::min(end + 1, parts.size()));
    if (full.find(trimmed(part)) == full.npos) return false;
  }
  return true;
}

/// The name in kana, each way of writing it once: as the parts of it that have a line each, as telephones have it, as
/// it is sorted by (RFC 2426 §3.6.5).
std::vector<std::string> readings_of(const std::vector<Line> &card) {
  std::vector<std::string> readings;
  const auto add = [&](std::string reading) {
    if (readings.size() < max_of_a_kind && !reading.empty() && std::ranges::find(readings, reading) == readings.end())
      readings.push_back(std::move(reading));
  };
  std::string parts;
  for (std::string_view name : {"X-PHONETIC-LAST-NAME", "X-PHONETIC-MIDDLE-NAME", "X-PHONETIC-FIRST-NAME"})
    if (const auto at = std::ranges::find(card, name, &Line::name); at != card.end())
      parts += (parts.empty() ? "" : " ") + spaced(one_line(at->value));
  add(std::move(parts));
  for (const Line &line : card)
    if (is_reading(line)) add(spaced(one_line(line.value)));
  if (!readings.empty()) return readings;
  for (const Line &line : card)
    if (line.name == "SORT-STRING") add(spaced(one_line(line.value)));
  return readings;
}

/// What a line brings that is not told.
void note_left_out(const Line &line, std::vector<Reason> &left_out) {
  const auto note = [&](Reason reason) {
    if (std::find(left_out.begin(), left_out.end(), reason) == left_out.end()) left_out.push_back(reason);
  };
  if (line.name == "ATTACH" || line.name == "KEY") note(holds_octets(line) ? Reason::part_embedded_file : Reason::part_external_link);
  if (line.name == "ACTION" && equals_ignoring_case(line.value, "PROCEDURE")) note(Reason::part_launch_action);
  if (line.name == "PHOTO" || line.name == "LOGO") note(Reason::part_picture_dropped);
  if (line.name == "SOUND" && !is_reading(line)) note(Reason::part_multimedia);
}

} // namespace

std::vector<std::string> calendar_headlines() {
  std::vector<std::string> lines;
  for (const Method &row : methods)
    lines.push_back(std::string(calendar_headline).append(row.words) + '\n');
  return lines;
}

std::string calendar_text(std::string_view utf8, std::vector<Reason> &left_out, std::string_view said_text) {
  std::optional<std::vector<Line>> lines = lines_of(utf8);
  if (!lines) return {};
  const Zones zones(*lines);
  Text text;
  Said said(said_text);
  struct Component {
    std::string name;
    std::vector<Line> lines = {}; // of an entry
  };
  std::vector<Component> open;
  std::size_t too_deep = 0;
  bool any = false;
  const auto put = [&](const Component &component) {
    if (is_entry(component.name)) put_entry(text, component.lines, zones, left_out, said);
    any = any || is_entry(component.name);
  };
  for (Line &line : *lines) {
    note_left_out(line, left_out);
    if (line.name == "BEGIN") {
      if (open.size() < most_depth)
        open.push_back({upper(line.value)});
      else
        ++too_deep;
    } else if (line.name == "END" && too_deep > 0) {
      --too_deep;
    } else if (line.name == "END" && !open.empty()) {
      put(open.back());
      open.pop_back();
    } else if (!open.empty() && is_entry(open.back().name)) {
      open.back().lines.push_back(std::move(line));
    } else if (line.name == "METHOD" && open.size() == 1) {
      text.row(calendar_headline.substr(0, calendar_headline.find(':')), method_words(line.value));
    }
  }
  for (const Component &component : open) // never ended
    if (!component.lines.empty()) put(component);
  return any ? text.take() : std::string();
}

std::string card_text(std::string_view utf8, std::vector<Reason> &left_out) {
  std::optional<std::vector<Line>> lines = lines_of(utf8);
  if (!lines) return {};
  struct Row {
    std::string_view name, label;
  };
  constexpr Row rows[] = {{"FN", "氏名"},       {"N", "姓・名"},          {"SOUND", "ふりがな"},   {"NICKNAME", "通称"},        {"ORG", "所属"},
                          {"X-PHONETIC-ORG", "所属のふりがな"},           {"TITLE", "役職"},       {"ROLE", "担当"},            {"TEL", "電話"},
                          {"EMAIL", "メール"},  {"IMPP", "メッセージ"},   {"ADR", "住所"},         {"LABEL", "宛名"},           {"URL", "URL"},
                          {"X-SOCIALPROFILE", "URL"},                     {"BDAY", "誕生日"},      {"ANNIVERSARY", "記念日"},   {"MEMBER", "構成員"},
                          {"RELATED", "関係者"}, {"X-ABRELATEDNAMES", "関係者"}, {"CATEGORIES", "分類"}, {"NOTE", "備考"}};
  Text text;
  std::vector<Line> card;
  bool any = false;
  const auto put = [&] {
    if (card.empty()) return;
    text.gap();
    const auto full = std::ranges::find(card, "FN", &Line::name);
    const std::string full_name = full == card.end() ? "" : one_line(full->value);
    const std::vector<std::string> readings = readings_of(card);
    any = any || !readings.empty();
    for (const Row &row : rows) {
      if (row.name == "SOUND")
        for (const std::string &reading : readings)
          text.row(row.label, reading);
      for (const Line &one : card) {
        if (one.name != row.name || one.name == "SOUND") continue;
        if (one.name == "N" && holds_parts(full_name, one.value)) continue;
        const bool is_link = row.label == "URL";
        std::string value = is_link ? link(one.value) : one_line(one.value);
        if (row.name == "ADR" || row.name == "ORG" || row.name == "N") value = spaced(std::move(value));
        std::string label(row.name == "TEL" ? telephone(one) : one.name == "N" && full_name.empty() ? "氏名" : row.label);
        if (is_of_type(one.parameters, "HOME")) label += " (自宅)";
        text.row(label, value);
        any = true;
      }
    }
    card.clear();
  };
  for (Line &line : *lines) {
    note_left_out(line, left_out);
    const bool is_edge = (line.name == "BEGIN" || line.name == "END") && equals_ignoring_case(line.value, "VCARD");
    if (is_edge)
      put(); // of an AGENT too, which stands inside
    else
      card.push_back(std::move(line));
  }
  put();
  return any ? text.take() : std::string();
}

} // namespace sekisho::rebuild
