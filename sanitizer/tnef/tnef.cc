#include "sanitizer/tnef/tnef.hh"

#include "sanitizer/tnef/lzfu.hh"
#include "sanitizer/tnef/properties.hh"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <numeric>
#include <tuple>

namespace sekisho::tnef {
namespace {

constexpr std::uint32_t signature = 0x223e9f78;
constexpr std::uint8_t of_message = 1, of_attachment = 2;

namespace attribute { // §2.1.3.3: without the type in the upper half
constexpr std::uint16_t subject = 0x8004, body = 0x800c, message_properties = 0x9003,
                        code_page = 0x9007, message_class = 0x8008, start = 0x0006, end = 0x0007;
constexpr std::uint16_t attachment_data = 0x800f, attachment_title = 0x8010,
                        attachment_begins = 0x9002, attachment_properties = 0x9005;
} // namespace attribute

namespace property { // [MS-OXPROPS]
constexpr std::uint16_t subject = 0x0037, sent = 0x0039, sender = 0x0042, to = 0x0e04,
                        plain = 0x1000, rtf = 0x1009, html = 0x1013, internet_code_page = 0x3fde,
                        message_class = 0x001a, start = 0x0060, end = 0x0061;
constexpr std::uint16_t data = 0x3701, display_name = 0x3001, short_name = 0x3704,
                        long_name = 0x3707, media_type = 0x370e, content_id = 0x3712, method = 0x3705;
} // namespace property

namespace appointment { // [MS-OXOCAL] §2.2.1, names in PSETID_Appointment
constexpr std::string_view set("\x02\x20\x06\0\0\0\0\0\xc0\0\0\0\0\0\0\x46", 16);
constexpr std::uint32_t place = 0x8208, start = 0x820d, end = 0x820e, whole_days = 0x8215, pattern = 0x8232;
} // namespace appointment

/// PidTagAttachMethod, [MS-OXCMSG] §2.2.2.9: by reference, by reference only, on the web.
bool is_reference(std::uint32_t method) {
  return method == 2 || method == 4 || method == 7;
}

// §2.1.3.4: an object is preceded by what it is; IID_IMessage is a message.
constexpr std::size_t interface_size = 16;
constexpr std::string_view message_interface("\x07\x03\x02\0\0\0\0\0\xc0\0\0\0\0\0\0\x46", 16);

struct Clock {
  unsigned year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
};

/// [MS-DTYP] §2.3.3: 100 ns since 1601.
std::optional<Clock> clock_of(Bytes time, std::chrono::seconds later = {}) {
  const std::uint64_t ticks = ByteReader(time).read_u64_le();
  constexpr std::int64_t seconds_to_1970 = 11'644'473'600;
  const std::chrono::sys_seconds when(
      std::chrono::seconds(static_cast<std::int64_t>(ticks / 10'000'000) - seconds_to_1970) + later);
  const auto day = std::chrono::floor<std::chrono::days>(when);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss hour(when - day);
  if (date.year() < std::chrono::year(1970) || date.year() > std::chrono::year(9999)) return {};
  return Clock{unsigned(int(date.year())),      unsigned(date.month()),           unsigned(date.day()),
               unsigned(hour.hours().count()), unsigned(hour.minutes().count()), unsigned(hour.seconds().count())};
}

/// §2.1.3.3.4: year, month, day and so on; in which zone is not said.
std::optional<Clock> clock_in_record(Bytes record) {
  ByteReader reader(record);
  Clock clock;
  for (unsigned *field : {&clock.year, &clock.month, &clock.day, &clock.hour, &clock.minute, &clock.second})
    *field = reader.read_u16_le();
  const std::chrono::year_month_day date(std::chrono::year(static_cast<int>(clock.year)),
                                         std::chrono::month(clock.month), std::chrono::day(clock.day));
  if (reader.failed() || clock.year < 1970 || clock.year > 9999 || !date.ok()) return {};
  if (clock.hour > 23 || clock.minute > 59 || clock.second > 60) return {};
  return clock;
}

std::string date_of(Bytes time) {
  const std::optional<Clock> at = clock_of(time);
  char text[80];
  if (!at) return {};
  std::snprintf(text, sizeof text, "%04u-%02u-%02u %02u:%02u UTC", at->year, at->month, at->day, at->hour, at->minute);
  return text;
}

/// RFC 5545 §3.3.5
std::string calendar_time(const std::optional<Clock> &at, const char *zone) {
  char text[80];
  if (!at) return {};
  std::snprintf(text, sizeof text, "%04u%02u%02uT%02u%02u%02u%s", at->year, at->month, at->day, at->hour, at->minute,
                at->second, zone);
  return text;
}

std::string calendar_day(const std::optional<Clock> &at) {
  return calendar_time(at, "").substr(0, 8);
}
/// A midnight of a zone that is not said is nearer to its UTC day than to any other.
std::string calendar_day(Bytes midnight) {
  return calendar_day(clock_of(midnight, std::chrono::hours(12)));
}

std::string label_of(unsigned code_page) {
  switch (code_page) {
  case 0: return {};
  case 20127: return "us-ascii";
  case 50220:
  case 50221:
  case 50222: return "iso-2022-jp";
  case 51932: return "euc-jp";
  case 51949: return "euc-kr";
  case 65001: return "utf-8";
  default: break;
  }
  if (code_page > 28590 && code_page < 28606)
    return "iso-8859-" + std::to_string(code_page - 28590);
  return "windows-" + std::to_string(code_page);
}

class Reader {
public:
  Reader(Bytes untrusted, std::size_t most) : reader_(untrusted), most_attachments_(most) {}

  std::optional<Message> run() {
    if (reader_.read_u32_le() != signature) return {};
    reader_.skip(2); // key
    while (reader_.remaining() > 0 && read_attribute()) {
    }
    finish_attachment();
    if (whole_days_) std::tie(message_.appointment.start, message_.appointment.end) = std::pair(start_day_, end_day_);
    return std::move(message_);
  }

private:
  /// False where nothing can follow.
  bool read_attribute() {
    const std::uint8_t level = reader_.read_u8();
    if (level != of_message && level != of_attachment) return damaged(); // garbage behind the end
    const std::uint32_t id = reader_.read_u32_le();
    const std::uint32_t size = reader_.read_u32_le();
    const Bytes value = reader_.take(size);
    const std::uint16_t sum = reader_.read_u16_le();
    if (reader_.failed()) return damaged();
    const unsigned counted =
        std::accumulate(value.begin(), value.end(), 0u,
                        [](unsigned s, std::byte b) { return s + std::to_integer<unsigned>(b); });
    if ((counted & 0xffff) != sum) message_.malformed = true;
    const auto name = static_cast<std::uint16_t>(id & 0xffff);
    level == of_message ? read_of_message(name, value) : read_of_attachment(name, value);
    return true;
  }

  bool damaged() {
    message_.malformed = true;
    return false;
  }

  void read_of_message(std::uint16_t name, Bytes value) {
    if (name == attribute::code_page) code_page_ = ByteReader(value).read_u32_le();
    if (name == attribute::subject && message_.subject.empty())
      message_.subject = text_of(value, code_page_);
    if (name == attribute::body && message_.plain.empty())
      message_.plain = text_of(value, code_page_);
    if (name == attribute::message_class && message_.message_class.empty())
      message_.message_class = text_of(value, code_page_);
    Appointment &meeting = message_.appointment;
    if (name == attribute::start) set_time(meeting.start, start_day_, value);
    if (name == attribute::end) set_time(meeting.end, end_day_, value);
    if (name != attribute::message_properties) return;
    message_.properties = value;
    const std::vector<Property> properties = read(value);
    for (const Property &one : properties) // the page of what may stand before it
      if (one.id == property::internet_code_page && one.is(PropertyType::integer32))
        internet_code_page_ = one.number();
    for (const Property &one : properties)
      read_of_message(one);
  }

  void read_of_message(const Property &one) {
    if (one.id >= first_named) return read_of_appointment(one);
    switch (one.id) {
    case property::message_class: return set(message_.message_class, one);
    case property::start: return set_time(message_.appointment.start, start_day_, one, !whole_start_);
    case property::end: return set_time(message_.appointment.end, end_day_, one, !whole_end_);
    case property::subject: return set(message_.subject, one);
    case property::sender: return set(message_.from, one);
    case property::to: return set(message_.to, one);
    case property::sent:
      if (one.is(PropertyType::time)) message_.date = date_of(one.value);
      return;
    case property::plain: return set(message_.plain, one);
    case property::html:
      message_.html = one.value;
      message_.html_charset =
          one.is(PropertyType::string) ? "utf-16le" : label_of(internet_code_page_);
      return;
    case property::rtf:
      if (one.is(PropertyType::binary)) message_.rtf = unpack_rtf(one.value);
      return;
    default: return;
    }
  }

  /// The times with a name go before those without one.
  void read_of_appointment(const Property &one) {
    if (as_chars(one.name_set) != appointment::set) return;
    Appointment &meeting = message_.appointment;
    switch (one.name_number) {
    case appointment::place: return set(meeting.place, one);
    case appointment::pattern: return set(meeting.pattern, one);
    case appointment::start: return set_time(meeting.start, start_day_, one, whole_start_ = true);
    case appointment::end: return set_time(meeting.end, end_day_, one, whole_end_ = true);
    case appointment::whole_days:
      whole_days_ = one.is(PropertyType::boolean) && (one.number() & 0xff) != 0;
      return;
    default: return;
    }
  }

  static void set_time(std::string &field, std::string &day, const Property &one, bool is_wanted) {
    if (!is_wanted || !one.is(PropertyType::time)) return;
    std::string time = calendar_time(clock_of(one.value), "Z");
    if (time.empty()) return;
    field = std::move(time);
    day = calendar_day(one.value);
  }
  static void set_time(std::string &field, std::string &day, Bytes record) {
    if (!field.empty()) return;
    field = calendar_time(clock_in_record(record), "");
    day = calendar_day(clock_in_record(record));
  }

  void set(std::string &field, const Property &one) const {
    if (one.is_text() && !one.value.empty()) field = one.text(code_page_);
  }

  std::vector<Property> read(Bytes value) {
    bool whole = true;
    std::vector<Property> properties = read_properties(value, whole);
    if (!whole) message_.malformed = true;
    return properties;
  }

  // attachments ---------------------------------------------------------------------------------
  void read_of_attachment(std::uint16_t name, Bytes value) {
    if (name == attribute::attachment_begins) {
      finish_attachment();
      open_ = Attachment{};
      return;
    }
    if (!open_) open_ = Attachment{};
    if (name == attribute::attachment_data) open_->content = value;
    if (name == attribute::attachment_title) short_name_ = text_of(value, code_page_);
    if (name != attribute::attachment_properties) return;
    for (const Property &one : read(value))
      read_of_attachment(one);
  }

  void read_of_attachment(const Property &one) {
    switch (one.id) {
    case property::long_name: return set(open_->name, one);
    case property::short_name:
    case property::display_name:
      if (short_name_.empty()) set(short_name_, one);
      return;
    case property::media_type: return set(open_->type, one);
    case property::content_id: return set(open_->content_id, one);
    case property::method:
      if (one.is(PropertyType::integer32)) open_->elsewhere = is_reference(one.number());
      return;
    case property::data: return read_data(one);
    default: return;
    }
  }

  void read_data(const Property &one) {
    if (!one.is(PropertyType::object)) {
      if (open_->content.empty()) open_->content = one.value;
      return;
    }
    if (one.value.size() < interface_size) return;
    open_->message = as_chars(one.value.first(interface_size)) == message_interface;
    open_->content = one.value.subspan(interface_size);
  }

  void finish_attachment() {
    if (!open_) return;
    if (open_->name.empty()) open_->name = std::move(short_name_);
    short_name_.clear();
    open_->elsewhere = open_->elsewhere && open_->content.empty();
    if (message_.attachments.size() < most_attachments_)
      message_.attachments.push_back(std::move(*open_));
    else
      message_.malformed = true;
    open_.reset();
  }

  ByteReader reader_;
  std::size_t most_attachments_;
  Message message_;
  unsigned code_page_ = 0, internet_code_page_ = 0;
  bool whole_start_ = false, whole_end_ = false; // told by name
  bool whole_days_ = false;
  std::string start_day_, end_day_; // what they would be in days
  std::optional<Attachment> open_;
  std::string short_name_;
};

} // namespace

std::optional<Message> read(Bytes untrusted, std::size_t most_attachments) {
  return Reader(untrusted, most_attachments).run();
}

} // namespace sekisho::tnef
