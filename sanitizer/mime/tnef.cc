#include "sanitizer/mime/tnef.hh"

#include "sanitizer/mime/header.hh"
#include "sanitizer/tnef/tnef.hh"

#include <algorithm>

namespace sekisho::mime {
namespace {

/// A meeting's class, what its calendar would say (RFC 5546 §1.4) and what the sender answers.  [MS-OXOCAL] §2.2; the
/// second form stands in attMessageClass, [MS-OXTNEF] §2.1.3.3.
struct MeetingClass {
  std::string_view name, old_name, method, answer;
};
constexpr MeetingClass meeting_classes[] = {
    {"IPM.Schedule.Meeting.Request", "IPM.Microsoft Schedule.MtgReq", "REQUEST", ""},
    {"IPM.Schedule.Meeting.Canceled", "IPM.Microsoft Schedule.MtgCncl", "CANCEL", ""},
    {"IPM.Schedule.Meeting.Resp.Pos", "IPM.Microsoft Schedule.MtgRespP", "REPLY", "ACCEPTED"},
    {"IPM.Schedule.Meeting.Resp.Neg", "IPM.Microsoft Schedule.MtgRespN", "REPLY", "DECLINED"},
    {"IPM.Schedule.Meeting.Resp.Tent", "IPM.Microsoft Schedule.MtgRespA", "REPLY", "TENTATIVE"},
    {"IPM.Schedule.Meeting.Notification", "", "", ""},
    {"IPM.Appointment", "", "", ""},
};

/// Null where it is none, or says nothing.
const MeetingClass *meeting_in(const tnef::Message &message) {
  if (message.subject.empty() && message.appointment.start.empty() && message.appointment.place.empty()) return nullptr;
  const auto starts_with = [&](std::string_view name) {
    return !name.empty() &&
           equals_ignoring_case(std::string_view(message.message_class).substr(0, name.size()), name);
  };
  for (const MeetingClass &one : meeting_classes)
    if (starts_with(one.name) || starts_with(one.old_name)) return &one;
  return nullptr;
}

/// RFC 5545 §3.3.11
std::string escaped(std::string_view text) {
  std::string result;
  for (char c : text) {
    if (c == '\r') continue;
    if (c == '\\' || c == ',' || c == ';') result += '\\';
    if (c == '\n')
      result += "\\n";
    else
      result += c;
  }
  return result;
}

/// The meeting as the invitation that it would be outside Outlook.  [MS-OXCICAL]
std::string calendar_of(const tnef::Message &message, const MeetingClass &meeting) {
  std::string text = "BEGIN:VCALENDAR\r\n";
  const auto line = [&](std::string_view name, std::string_view value) {
    if (value.empty()) return;
    text += name;
    text += ':';
    text += escaped(value);
    text += "\r\n";
  };
  const tnef::Appointment &when = message.appointment;
  line("METHOD", meeting.method);
  line("BEGIN", "VEVENT");
  line("SUMMARY", message.subject);
  line("DTSTART", when.start);
  line("DTEND", when.end);
  line("RRULE", when.pattern); // in words, as a reader gets it
  line("LOCATION", when.place);
  if (meeting.answer.empty())
    line("ORGANIZER", message.from);
  else
    line("ATTENDEE;PARTSTAT=" + std::string(meeting.answer), message.from);
  return text + "END:VEVENT\r\nEND:VCALENDAR\r\n";
}

/// A contact, a task, a receipt: what it is about lies in properties that are not read.  `any_shown`: texts and
/// attachments, which are all of what is no such thing (a report, a signed mail).
bool has_more(const tnef::Message &message, bool any_shown) {
  const std::string_view its_class = message.message_class;
  const auto is_a = [&](std::string_view name) { return equals_ignoring_case(its_class.substr(0, name.size()), name); };
  for (const std::string_view thing : {"IPM.Task", "IPM.Contact", "IPM.DistList", "IPM.Activity"})
    if (is_a(thing)) return true;
  const bool is_note = its_class.empty() || equals_ignoring_case(its_class, "IPM.Note");
  return !any_shown && !is_note && !meeting_in(message);
}

class Opener {
public:
  Opener(Mail &mail, const Limits &limits) : mail_(mail), limits_(limits) {}

  std::optional<std::uint32_t> open(std::uint32_t parent, Bytes octets) {
    std::optional<tnef::Message> message = tnef::read(octets, limits_.max_parts);
    if (!message) return {};
    const std::optional<std::uint32_t> whole = add(parent, "multipart/mixed");
    if (!whole) return {};
    mail_.parts[*whole].malformed = message->malformed;
    add_field(*whole, "From", message->from);
    add_field(*whole, "Date", message->date);
    add_field(*whole, "To", message->to);
    add_field(*whole, "Subject", message->subject);
    const bool any_text =
        !message->plain.empty() || !message->html.empty() || !message->rtf.empty();
    if (const MeetingClass *meeting = meeting_in(*message))
      add_text(*whole, "text/calendar", keep(calendar_of(*message, *meeting)), "utf-8");
    else if (!mail_.parts[parent].is_message() && is_other_subject(parent, message->subject))
      add_text(*whole, "text/plain", keep("Subject: " + message->subject + "\r\n"), "utf-8");
    if (any_text) add_texts(*whole, *message);
    for (const tnef::Attachment &attachment : message->attachments)
      add_attachment(*whole, attachment);
    if (has_more(*message, any_text || !message->attachments.empty())) add_unread(*whole, *message);
    return whole;
  }

private:
  std::optional<std::uint32_t> add(std::uint32_t parent, std::string type) {
    if (mail_.parts.size() >= limits_.max_parts) {
      mail_.too_many = true;
      return {};
    }
    Part &above = mail_.parts[parent];
    const auto index = static_cast<std::uint32_t>(mail_.parts.size());
    Part part;
    part.depth = above.depth + 1;
    part.path =
        (above.path.empty() ? "1" : above.path) + "." + std::to_string(above.children.size() + 1);
    part.type = std::move(type);
    part.type_declared = true;
    part.opened = true;
    above.children.push_back(index);
    mail_.parts.push_back(std::move(part));
    return index;
  }

  /// Whether `subject` says what the header of the mail around it does not: lists and gateways put words before it.
  bool is_other_subject(std::uint32_t inside, std::string_view subject) const {
    const auto letters = [](std::string text) {
      std::erase_if(text, [](char c) { return static_cast<unsigned char>(c) <= ' '; });
      return text;
    };
    std::string around; // of the innermost mail
    for (const Part &part : mail_.parts) {
      const bool holds_it = part.path.empty() || mail_.parts[inside].path == part.path ||
                            mail_.parts[inside].path.starts_with(part.path + ".");
      const Field *field = holds_it ? find_field(part.fields, "Subject") : nullptr;
      if (field) around = letters(decode_text(field->value));
    }
    return around.find(letters(std::string(subject))) == around.npos;
  }

  /// A file of no known kind, so that it is told.
  void add_unread(std::uint32_t parent, const tnef::Message &message) {
    tnef::Attachment file;
    file.name = message.message_class;
    file.content = message.properties;
    add_attachment(parent, file);
  }

  void add_texts(std::uint32_t parent, const tnef::Message &message) {
    const std::optional<std::uint32_t> texts = add(parent, "multipart/alternative");
    if (!texts) return;
    add_text(*texts, "text/plain", keep(message.plain), "utf-8");
    add_text(*texts, "text/html", message.html, message.html_charset);
    add_text(*texts, "text/rtf", keep(as_chars(message.rtf)), "");
  }

  /// Kept as long as the mail.
  Bytes keep(std::string_view text) {
    if (text.empty()) return {};
    mail_.decoded.push_back(to_buffer(text));
    return mail_.decoded.back();
  }

  void add_field(std::uint32_t part, std::string_view name, std::string_view value) {
    if (!value.empty()) mail_.parts[part].fields.push_back({name, as_chars(keep(value))});
  }

  void add_text(std::uint32_t parent, std::string type, Bytes octets, std::string charset) {
    if (octets.empty()) return;
    const std::optional<std::uint32_t> index = add(parent, std::move(type));
    if (!index) return;
    mail_.parts[*index].body = octets;
    mail_.parts[*index].charset = std::move(charset);
  }

  void add_attachment(std::uint32_t parent, const tnef::Attachment &attachment) {
    const std::optional<std::uint32_t> index =
        add(parent, attachment.message        ? "message/rfc822"
                    : attachment.elsewhere    ? "message/external-body" // RFC 2046 §5.2.3
                    : attachment.type.empty() ? "application/octet-stream"
                                              : parse_parameterized(attachment.type).value);
    if (!index) return;
    Part &part = mail_.parts[*index];
    part.body = attachment.content;
    part.name = attachment.name;
    part.content_id = attachment.content_id;
    part.disposition = Disposition::attachment;
    if (!attachment.message) return;
    if (part.depth + 1 > limits_.max_depth)
      part.too_deep = true;
    else if (!open(*index, attachment.content))
      part.malformed = true;
  }

  Mail &mail_;
  Limits limits_;
};

} // namespace

std::optional<std::uint32_t> open_tnef(Mail &mail, std::uint32_t parent, Buffer tnef,
                                       const Limits &limits) {
  if (mail.parts[parent].depth + 1 > limits.max_depth) return {};
  mail.decoded.push_back(std::move(tnef));
  return Opener(mail, limits).open(parent, mail.decoded.back());
}

} // namespace sekisho::mime
