#include "sanitizer/mime/tnef.hh"

#include "sanitizer/mime/header.hh"
#include "sanitizer/tnef/tnef.hh"

#include <algorithm>

namespace sekisho::mime {
namespace {

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
    if (any_text) add_texts(*whole, *message);
    for (const tnef::Attachment &attachment : message->attachments)
      add_attachment(*whole, attachment);
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
