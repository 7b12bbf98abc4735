// A mail is read into its tree (mime), each leaf becomes text or goes to a process of its own, and
// a new mail is written from what came out.  Nothing of the input is copied: what is written are
// CleanParts.
#include "base/check.hh"
#include "sanitizer/detect/detect.hh"
#include "sanitizer/job/digest.hh"
#include "sanitizer/mime/cms.hh"
#include "sanitizer/mime/parse.hh"
#include "sanitizer/mime/tnef.hh"
#include "sanitizer/mime/write.hh"
#include "sanitizer/rebuild/free_names.hh"
#include "sanitizer/rebuild/mail/alike.hh"
#include "sanitizer/rebuild/mail/calendar_text.hh"
#include "sanitizer/rebuild/mail/look_alike.hh"
#include "sanitizer/rebuild/mail/mail_header.hh"
#include "sanitizer/rebuild/mail/mail_text.hh"
#include "sanitizer/rebuild/mail/note.hh"
#include "sanitizer/rebuild/part_words.hh"
#include "sanitizer/rebuild/plain_text.hh"
#include "sanitizer/rebuild/rebuild.hh"
#include "sanitizer/rebuild/unpacked.hh"
#include "sanitizer/text/charset.hh"
#include "sanitizer/text/clean.hh"
#include "sanitizer/text/enriched.hh"
#include "sanitizer/text/flowed.hh"
#include "sanitizer/text/inert.hh"
#include "sanitizer/verify/verify.hh"

#include <algorithm>
#include <optional>
#include <utility>

namespace sekisho::rebuild {
namespace {

constexpr std::size_t enough_text = 200; // runs that one form has and the other has not: then both are shown
constexpr std::string_view no_receipt = "none";
constexpr std::size_t most_reports = 5'000; // of parts, members of archives included
constexpr unsigned most_said_asked = 20; // texts of TNEF that are compared with the mail's
constexpr std::size_t most_appended = 20'000, most_appended_in_all = 100'000; // characters

class Rebuilder {
public:
  Rebuilder(const job::Job &job, const TreatFile &treat_file)
      : job_(job), plan_(job.plan), treat_file_(treat_file) {}

  job::Outcome run() {
    report_.receipt = job_.receipt.empty() ? std::string(no_receipt) : job_.receipt;
    report_.version = SEKISHO_VERSION;
    report_.input_size = job_.bytes.size();
    if (job_.bytes.size() > plan_.max_input)
      return unclean(job::Status::refused, Reason::job_too_big);
    if (job_.bytes.empty()) return unclean(job::Status::refused, Reason::job_not_sanitizable);

    mail_ = mime::parse(job_.bytes, {plan_.max_parts, plan_.max_depth});
    header_ = read_header(mail_.parts.front(), job_.accepted, report_);
    carrier_ = text::carrier_of(header_.from.front().address);
    for (Reason reason : job_.known)
      add_reason(report_.reasons, reason);
    for (const auto *mailboxes : {&header_.from, &header_.reply_to})
      for (const mime::Mailbox &mailbox : *mailboxes)
        if (holds_other_address(mailbox.name, mailbox.address)) add_reason(report_.reasons, Reason::part_name_with_address);
    tell_as_senders();
    if (plan_.hide_recipients && is_for_several(header_, plan_.own_domains)) {
      hidden_ = true;
      hide_recipients_to_reply_to(header_, plan_.own_domains);
      add_reason(report_.reasons, Reason::recipients_hidden);
    }
    walk(0);
    tell_limits();
    put_in_front(report_.reasons);
    if (held_) return unclean(job::Status::held, *held_);
    if (too_big_) return unclean(job::Status::refused, Reason::job_too_big);
    return write();
  }

  Unpacked run_as_file(job::Kind kind) {
    is_file_ = true;
    report_.receipt = job_.receipt.empty() ? std::string(no_receipt) : job_.receipt;
    mail_.parts.emplace_back().type = "message/rfc822";
    const mime::Limits limits{plan_.max_parts, plan_.max_depth};
    const std::optional<std::uint32_t> inside =
        kind == job::Kind::tnef ? mime::open_tnef(mail_, 0, to_buffer(job_.bytes), limits)
                                : mime::parse_into(mail_, 0, to_buffer(job_.bytes), limits);
    if (!inside) return {.reason = Reason::part_malformed, .rebuilt = {}, .parts = {}};
    put_fields(at(*inside));
    fields_ = std::exchange(body_, {});
    walk(*inside);
    tell_limits();
    Unpacked result;
    result.held = held_.has_value();
    result.reason = held_ ? *held_ : too_big_ ? Reason::part_too_big : Reason::none;
    if (result.reason == Reason::none) write_as_file(result);
    for (job::PartReport &part : report_.parts)
      if (part.path.starts_with("1.")) result.parts.push_back(std::move(part));
    return result;
  }

private:
  void tell_limits() {
    if (mail_.too_many) add_reason(report_.reasons, Reason::part_too_deep);
    if (mail_.too_many || mail_.too_many_fields) hold(Reason::job_held_ambiguous);
  }

  /// What could pass for the gateway's words in the header; then the gateway's own.
  void tell_as_senders() {
    const std::shared_ptr<const Note> note = note_with(plan_.note_words);
    bool any = false;
    const auto replace = [&](std::string &words, std::string told) {
      any = any || told != words;
      words = std::move(told);
    };
    replace(header_.subject, note->senders_subject(header_.subject));
    for (auto *mailboxes : {&header_.from, &header_.to, &header_.cc, &header_.reply_to})
      for (mime::Mailbox &mailbox : *mailboxes)
        replace(mailbox.name, told_as_senders(mailbox.name));
    if (any) add_reason(report_.reasons, Reason::part_imitation);
    header_.subject.insert(0, note->subject_mark(report_));
  }

  // the outcome ---------------------------------------------------------------------------------
  job::Outcome unclean(job::Status status, Reason reason) {
    job::Outcome outcome;
    outcome.status = status;
    outcome.reason = reason;
    for (job::PartReport &part : report_.parts)
      part.output_sha256.clear(), part.output_size = 0;
    outcome.report = std::move(report_);
    return outcome;
  }

  /// Reasons that a reader should know of stand before the everyday ones.
  static void put_in_front(std::vector<Reason> &reasons) {
    std::stable_partition(reasons.begin(), reasons.end(), [](Reason reason) { return !is_everyday(reason); });
  }

  void write_as_file(Unpacked &result) {
    Result<verify::CleanPart, Reason> clean = text();
    if (!clean) return void(result.reason = Reason::part_verify_failed);
    result.rebuilt = {job::Kind::text, to_buffer(clean->bytes()), {Reason::part_to_text}};
    for (Reason reason : report_.reasons)
      add_reason(result.rebuilt.reasons, reason);
    for (const job::PartReport &part : report_.parts)
      if (part.path == "1") // the mail's own text
        for (Reason reason : part.reasons)
          if (reason != Reason::part_html_to_text) add_reason(result.rebuilt.reasons, reason);
  }

  /// The body with heading and note.
  Result<verify::CleanPart, Reason> text() {
    const std::shared_ptr<const Note> note = note_with(plan_.note_words);
    bool has_marks = false;
    std::string body = note->heading(report_);
    if (!fields_.empty()) body += note->without_forged_lines(std::move(fields_), plan_.mail_charset, &has_marks) + '\n';
    body += note->without_forged_lines(std::move(body_), plan_.mail_charset, &has_marks, own_lines_);
    if (!body.empty() && body.back() != '\n') body += '\n';
    for (const Appended &file : appended_) {
      constexpr std::size_t first_line[] = {0};
      body += appended_heading(file.name) +
              note->without_forged_lines(file.text, plan_.mail_charset, &has_marks,
                                         std::span(first_line, file.begins_as_ours ? 1 : 0));
      if (body.back() != '\n') body += '\n';
    }
    if (has_marks) add_reason(report_.reasons, Reason::part_imitation);
    put_in_front(report_.reasons);
    body += note->foot(report_);
    // Once more over the whole: what was taken out of it may have brought a '<' and a name
    // together.
    bool ignored = false;
    body = text::inert(body, ignored);
    return verify::Verifier::accept_text(Untrusted(std::move(body)));
  }

  /// Of all that is written: whoever writes a part of it cannot know the boundary that is made of it.
  std::string digest_of(const verify::CleanPart &text) const {
    std::string all = report_.receipt + '\n' + job::sha256_hex(text.bytes()) + '\n';
    for (const job::PartReport &part : report_.parts)
      all += part.output_name + '\n' + part.output_sha256 + '\n';
    return job::sha256_hex(as_bytes(all));
  }

  /// Where the sender gave none.  Equal mails are mails each (RFC 5322 §3.6.4); one that is treated again stays the same.
  std::string made_message_id() const {
    std::string digest = job::sha256_hex(job_.bytes);
    if (!job_.receipt.empty()) digest = job::sha256_hex(as_bytes(job_.receipt + '\n' + digest));
    return '<' + digest.substr(0, 32) + "@sekisho.invalid>";
  }

  job::Outcome write() {
    Result<verify::CleanPart, Reason> clean = text();
    if (!clean) return unclean(job::Status::refused, Reason::job_verify_failed);
    const std::string digest = attachments_.empty() ? std::string() : digest_of(*clean);
    if (header_.message_id.empty()) header_.message_id = made_message_id();

    mime::NewMail mail{.receipt = report_.receipt,
                       .from = std::move(header_.from),
                       .to = std::move(header_.to),
                       .cc = std::move(header_.cc),
                       .reply_to = std::move(header_.reply_to),
                       .subject = std::move(header_.subject),
                       .date = std::move(header_.date),
                       .message_id = std::move(header_.message_id),
                       .in_reply_to = std::move(header_.in_reply_to),
                       .references = std::move(header_.references),
                       .automatic = std::move(header_.automatic),
                       .body = std::move(*clean),
                       .attachments = std::move(attachments_),
                       .recipients_hidden = hidden_};
    if (plan_.mail_charset == job::MailCharset::iso_2022_jp) {
      if (mime::fits_iso_2022_jp(mail))
        mail.charset = plan_.mail_charset;
      else
        add_reason(report_.reasons, Reason::part_charset_kept);
    }
    job::Outcome outcome;
    outcome.output = mime::write(mail, digest);
    if (outcome.output.size() > plan_.max_output) {
      outcome.output.clear();
      return unclean(job::Status::refused, Reason::job_too_big);
    }
    outcome.status = job::Status::clean;
    outcome.reason = Reason::none;
    outcome.output_kind = job::Kind::mail;
    report_.output_size = outcome.output.size();
    outcome.report = std::move(report_);
    return outcome;
  }

  void hold(Reason reason) {
    if (!held_) held_ = reason;
  }

  // the tree ------------------------------------------------------------------------------------
  const mime::Part &at(std::uint32_t index) const { return mail_.parts[index]; }

  void walk(std::uint32_t index) {
    if (too_big_) return;
    const mime::Part &part = at(index);
    if (held_) return list(part);
    if (part.too_deep) return strip(index, {Reason::part_too_deep}, job::Kind::unknown);
    if (part.is_message() && !part.children.empty()) return message(index);
    if (!part.is_multipart() || part.children.empty()) return leaf(index);

    if (part.ambiguous) add_reason(report_.reasons, Reason::part_ambiguous);
    if (part.malformed) add_reason(report_.reasons, Reason::part_malformed);
    if (part.is("multipart/alternative")) return alternative(index);
    if (part.is("multipart/encrypted")) return encrypted(index);
    if (part.is("multipart/mixed")) return walk_in_order(part.children);
    for (std::uint32_t child : part.children)
      walk(child);
  }

  /// Telephones put a picture between two texts: the text says where.
  void walk_in_order(std::vector<std::uint32_t> children) {
    Between outside = std::exchange(between_, {});
    for (std::uint32_t child : children) {
      const std::size_t first = report_.parts.size();
      walk(child);
      if (!between_.behind_text || report_.parts.size() != first + 1) continue;
      const job::PartReport &report = report_.parts.back();
      const bool is_in_place = at(child).children.empty() && at(child).disposition != mime::Disposition::attachment;
      if (is_in_place && job::class_of(report.kind) == job::KindClass::image && !report.output_name.empty())
        between_.pictures.push_back(report.output_name);
    }
    between_ = std::move(outside);
  }

  /// Of what stands behind a part for which the mail is held: whoever releases it sees all there is.
  void list(const mime::Part &part) {
    for (std::uint32_t child : part.children)
      list(at(child));
    if (!part.children.empty()) return;
    const Buffer octets = mime::decode_transfer(part.encoding, part.body);
    list(hashed_report(part, octets), octets);
  }

  void list(job::PartReport report, Bytes octets) {
    report.kind = detect::kind_of(octets, report.name);
    report.action = job::Action::held;
    report.reasons.insert(report.reasons.begin(), Reason::part_not_looked_into);
    report_.parts.push_back(std::move(report));
  }

  /// A mail inside the mail: its header and text as a quotation, its attachments as ours.
  void message(std::uint32_t index) {
    const mime::Part &part = at(index);
    job::Treatment treatment = plan_.treatment(job::KindClass::mail);
    if (treatment == job::Treatment::hold) return hold(Reason::job_held_by_rule);
    if (treatment != job::Treatment::text)
      return strip(index, {Reason::part_stripped_by_rule}, job::Kind::mail);

    const std::string name = list_opened(hashed_report(part, mime::decode_transfer(part.encoding, part.body)), job::Kind::mail);
    std::string outside = std::exchange(body_, {});
    Said said_outside = std::exchange(said_, {});
    Between between_outside = std::exchange(between_, {});
    std::vector<std::size_t> own_outside = std::exchange(own_lines_, {});
    if (!name.empty()) body_ = "[添付メール: " + name + "]\n";
    put_fields(at(part.children.front()));
    walk(part.children.front());
    std::string inside = quoted(body_);
    body_ = std::move(outside);
    said_ = std::move(said_outside);
    between_ = std::move(between_outside);
    own_lines_ = std::move(own_outside);
    append(inside);
  }

  /// What is in it is listed part by part.  Its file name.
  std::string list_opened(job::PartReport report, job::Kind kind) {
    report.kind = kind;
    report.action = job::Action::kept_text;
    report.reasons.push_back(Reason::part_to_text);
    report_.parts.push_back(std::move(report));
    return told_as_senders(report_.parts.back().name);
  }

  /// What a reader wants to see of a mail's header.
  void put_fields(const mime::Part &inner) {
    for (std::string_view name : {"From", "Date", "To", "Cc", "Subject"}) {
      const mime::Field *found = mime::find_field(inner.fields, name);
      if (found) body_.append(name).append(": ").append(line_of(*found)) += '\n';
    }
  }

  static std::string line_of(const mime::Field &field) {
    text::Findings ignored;
    return cut_to(text::clean_line(mime::decode_text(field.value), ignored), max_report_field);
  }

  /// The form that says what the others say is the message; attachments of the others are attachments.
  void alternative(std::uint32_t index) {
    const std::vector<std::uint32_t> &children = at(index).children;
    const Choice choice = choose(children);
    if (choice.beside) add_reason(report_.reasons, Reason::part_forms_differ);
    bool is_second = false; // of two that are shown
    for (std::uint32_t child : children) {
      const bool is_shown = child == choice.shown || child == choice.beside;
      if (is_shown && is_second) append_own(form_divider(at(child).is("text/plain")));
      is_second = is_second || (is_shown && choice.beside);
      if (is_shown)
        walk(child);
      else
        drop_text(child, choice.differ);
    }
    read_.clear();
  }

  struct Choice {
    std::uint32_t shown;
    std::optional<std::uint32_t> beside{}; // says something else
    std::vector<std::uint32_t> differ{};   // leaves that are left out and say something else
  };

  /// Plain text where the other form says no more; else what a program shows that reads both.
  Choice choose(const std::vector<std::uint32_t> &children) {
    std::vector<std::uint32_t> forms;
    std::optional<std::uint32_t> plain, other;
    for (std::uint32_t child : children) {
      const bool is_plain = at(child).is("text/plain") && is_body(at(child));
      if (is_calendar(at(child)) || !find_text(child)) continue;
      forms.push_back(child);
      if (!is_plain)
        other = child;
      else if (!plain)
        plain = child;
    }
    read_.clear();
    Choice choice = plain && other ? choose(*plain, *other) : Choice{plain ? *plain : other ? *other : children.front()};
    for (const std::uint32_t form : forms)
      if (form != choice.shown && form != choice.beside)
        each_text(form, [&](std::uint32_t leaf) { // but for those that were compared
          if (!read_of(leaf) && differs(leaf, choice)) choice.differ.push_back(leaf);
        });
    return choice;
  }

  Choice choose(std::uint32_t plain, std::uint32_t other) {
    const std::uint32_t page = *find_text(other);
    for (const std::uint32_t index : {plain, page})
      read_.push_back({index, mime::decode_transfer(at(index).encoding, at(index).body)});
    const std::string_view first = read_text(plain);
    if (body_kind(at(page), read_[1].octets) == job::Kind::html) {
      const bool is_utf8 = mime::equals_ignoring_case(at(page).charset, "utf-8"); // need not be copied
      const std::string decoded = is_utf8 ? std::string() : page_markup(read_[1].octets, at(page).charset);
      if (is_same_at_sight(is_utf8 ? as_chars(read_[1].octets) : decoded, first)) return {plain};
    }
    const std::string_view second = read_text(page);
    const bool is_empty = visible_characters(first, 1) == 0 && visible_characters(second, 1) > 0;
    if (!is_empty && !adds_something(second, first)) return {plain};
    if (is_hint(first) && !mime::find_uuencoded(first, 0)) return {other};
    Share known = share_found(first, second);
    if (!known.is_all())
      if (const Share bare = share_found(first, without_picture_lines(second)); bare.is_all()) known = bare;
    if (!known.is_most() || known.runs - known.found >= enough_text) return {plain, other};
    const bool is_told = known.is_all() && has_all_numbers(first, second);
    return {other, {}, is_told ? std::vector<std::uint32_t>() : std::vector{plain}};
  }

  /// Whether what is shown does not have most of what `leaf` says.
  bool differs(std::uint32_t leaf, const Choice &choice) {
    const std::string said = text_of(leaf).text;
    for (const std::optional<std::uint32_t> shown : {std::optional(choice.shown), choice.beside})
      if (shown && find_text(*shown) && share_found(said, read_text(*find_text(*shown))).is_most()) return false;
    return true;
  }

  /// Kept for who asks again.
  std::string_view read_text(std::uint32_t leaf) {
    Read *read = read_of(leaf);
    if (!read) {
      read_.push_back({leaf, mime::decode_transfer(at(leaf).encoding, at(leaf).body)});
      read = &read_.back();
    }
    if (!read->text) read->text = text_of(leaf, read->octets);
    return read->text->text;
  }

  struct Read {
    std::uint32_t part;
    Buffer octets;
    std::optional<PlainText> text{};
  };
  Read *read_of(std::uint32_t index) {
    const auto found = std::ranges::find(read_, index, &Read::part);
    return found == read_.end() ? nullptr : &*found;
  }

  template <class Use> void each_text(std::uint32_t index, Use use) {
    const std::vector<std::uint32_t> children = at(index).children;
    if (children.empty() && is_body(at(index)) && !is_calendar(at(index))) use(index);
    if (at(index).is_multipart())
      for (std::uint32_t child : children)
        each_text(child, use);
  }

  /// The first body text below, if any.
  std::optional<std::uint32_t> find_text(std::uint32_t index) const {
    const mime::Part &part = at(index);
    if (part.children.empty()) return is_body(part) ? std::optional(index) : std::nullopt;
    if (!part.is_multipart()) return {};
    for (std::uint32_t child : part.children)
      if (std::optional<std::uint32_t> found = find_text(child)) return found;
    return {};
  }

  void drop_text(std::uint32_t index, const std::vector<std::uint32_t> &differ) {
    const mime::Part &part = at(index);
    if (part.is_multipart() && !part.children.empty() && !part.is("multipart/encrypted")) {
      for (std::uint32_t child : part.children)
        drop_text(child, differ);
      return;
    }
    if (part.children.empty() && part.encoding == mime::Encoding::unknown) return unread(index); // another form is shown
    if (!part.children.empty() || !is_body(part) || part.is_multipart() || is_calendar(part))
      return walk(index); // an invitation says more than the text beside it
    const bool is_other = std::ranges::find(differ, index) != differ.end();
    strip(index, {is_other ? Reason::part_forms_differ : Reason::part_alternative_dropped}, body_kind(part, part.body));
  }

  static bool is_body(const mime::Part &part) { return part.encoding != mime::Encoding::unknown && is_declared_body(part); }

  static bool is_declared_body(const mime::Part &part) {
    if (part.disposition == mime::Disposition::attachment) return false;
    if (part.is_multipart()) return true;               // one without parts: read as text
    bool first = part.path.empty() || part.path == "1"; // a name on the mail's own text is no file
    if (!part.name.empty() && !first) return false;
    if (is_calendar(part)) return true;
    for (std::string_view type :
         {"text/plain", "text/html", "text/enriched", "text/richtext", "text/rtf",
          "text/x-amp-html", "text/rfc822-headers", "text/watch-html", "message/delivery-status",
          "message/disposition-notification", "message/feedback-report", "message/global-delivery-status",
          "message/global-disposition-notification", "message/global-headers"})
      if (part.is(type)) return true;
    return false;
  }

  static bool is_calendar(const mime::Part &part) { return part.is("text/calendar"); }

  PlainText text_of(std::uint32_t index) const {
    const mime::Part &part = at(index);
    return text_of(index, mime::decode_transfer(part.encoding, part.body));
  }

  PlainText text_of(std::uint32_t index, Bytes octets) const {
    const mime::Part &part = at(index);
    const job::Kind kind = body_kind(part, octets);
    const std::optional<std::string> readable = readable_of(part, octets);
    return plain_text(readable ? as_bytes(*readable) : octets, kind, readable ? "utf-8" : part.charset, carrier_, {}, pictures(kind));
  }
  /// What is not shown as it is written, as a text in UTF-8.
  static std::optional<std::string> readable_of(const mime::Part &part, Bytes octets) {
    const bool is_header = part.is("text/rfc822-headers") || part.is("message/global-headers");
    const bool is_enriched = part.is("text/enriched"), is_richtext = part.is("text/richtext");
    if (!is_header && !is_enriched && !is_richtext) return {};
    const std::string text = text::decode_labelled(octets, part.charset).text;
    return is_header ? readable_fields(as_bytes(text)) : is_enriched ? text::unenriched(text) : text::unrichtext(text);
  }
  /// Of those that the mail brings along, so that the text says which stood where.
  text::PictureNames pictures(job::Kind page) const {
    text::PictureNames names;
    if (page != job::Kind::html) return names;
    for (const mime::Part &part : mail_.parts) {
      const std::string_view id = part.content_id;
      const std::size_t begin = id.find('<') + 1, end = id.rfind('>');
      if (part.name.empty() || begin == 0 || end == id.npos || end <= begin) continue;
      text::Findings findings;
      names.emplace(id.substr(begin, end - begin), text::clean_file_name(part.name, findings, most_name));
    }
    return names;
  }

  /// How a body is read.
  static job::Kind body_kind(const mime::Part &part, Bytes octets) {
    for (std::string_view type : {"text/html", "text/x-amp-html", "text/watch-html"})
      if (part.is(type)) return job::Kind::html;
    if (is_calendar(part)) return job::Kind::calendar;
    const bool rtf = part.is("text/rtf") && detect::kind_of(octets) == job::Kind::rtf;
    return rtf ? job::Kind::rtf : job::Kind::text;
  }

  // leaves --------------------------------------------------------------------------------------
  job::PartReport new_report(const mime::Part &part, Bytes octets) const {
    job::PartReport report;
    report.path = part.path.empty() ? "1" : part.path;
    text::Findings findings;
    report.name = text::clean_file_name(part.name, findings, most_name);
    report.declared_type = cut_to(text::clean_line(part.type, findings), 200);
    if (findings.control) report.reasons.push_back(Reason::part_control_characters);
    if (findings.unreadable) report.reasons.push_back(Reason::part_charset_replaced);
    if (part.ambiguous) add_reason(report.reasons, Reason::part_ambiguous);
    if (told_as_senders(report.name) != report.name) add_reason(report.reasons, Reason::part_imitation);
    report.size = octets.size();
    return report;
  }
  job::PartReport hashed_report(const mime::Part &part, Bytes octets) const {
    job::PartReport report = new_report(part, octets);
    report.sha256 = job::sha256_hex(octets);
    return report;
  }

  /// Takes a whole part (or branch) out.
  void strip(std::uint32_t index, std::vector<Reason> reasons, job::Kind kind) {
    const mime::Part &part = at(index);
    const Read *read = read_of(index);
    job::PartReport report =
        hashed_report(part, read ? Bytes(read->octets) : Bytes(mime::decode_transfer(part.encoding, part.body)));
    report.kind = kind;
    reasons.insert(reasons.end(), report.reasons.begin(), report.reasons.end());
    report.reasons = std::move(reasons);
    report_.parts.push_back(std::move(report));
  }

  void encrypted(std::uint32_t index) {
    if (plan_.treatment(job::KindClass::encrypted) != job::Treatment::strip)
      hold(Reason::job_held_encrypted);
    const std::size_t first = report_.parts.size();
    strip_encrypted(index);
    if (report_.parts.size() == first) strip(index, {Reason::part_encrypted}, job::Kind::encrypted);
    if (!held_) return;
    for (std::size_t i = first; i < report_.parts.size(); ++i)
      report_.parts[i].action = job::Action::held;
  }

  /// What is encrypted; the part that says how holds nothing (RFC 3156 §4).
  void strip_encrypted(std::uint32_t index) {
    for (std::uint32_t child : at(index).children)
      strip_encrypted(child);
    const bool is_control = at(index).is("application/pgp-encrypted");
    if (at(index).children.empty() && !is_control) strip(index, {Reason::part_encrypted}, job::Kind::encrypted);
  }

  void leaf(std::uint32_t index) {
    const mime::Part &part = at(index);
    if (part.is("message/partial")) return strip(index, {Reason::part_fragment}, job::Kind::mail);
    if (part.is("message/external-body"))
      return strip(index, {Reason::part_remote_content}, job::Kind::mail);
    if (is_signature(part)) return strip(index, {Reason::part_signature}, job::Kind::signature);
    if (part.encoding == mime::Encoding::unknown) return is_text_undecoded(part) ? body_text(index, part.body) : unread(index);
    if (part.is_multipart() && begins_part(as_chars(part.body))) return unread(index);

    const Read *read = read_of(index);
    Buffer octets = read ? read->octets : mime::decode_transfer(part.encoding, part.body);
    if (is_enveloped(part, octets)) return encrypted(index);
    if (is_smime(part)) return opaque_signed(index, octets);
    const job::Kind kind = detect::kind_of(octets);
    if (is_body(part) && is_text(part, octets, kind)) return body_text(index, octets);
    if (kind == job::Kind::mail) return attached_mail(index, std::move(octets));
    if (kind == job::Kind::tnef) return wrapped_mail(index, std::move(octets));
    attachment(new_report(part, octets), part.charset, octets);
  }

  /// RFC 2045 §6.4: octets that are nothing.  But most who write a word that nobody knows encoded nothing at all.
  static bool is_text_undecoded(const mime::Part &part) {
    if (!is_declared_body(part) || part.is_multipart()) return false;
    const std::string_view body = as_chars(part.body);
    const bool is_base64 = std::ranges::all_of(body, [](char c) {
      return is_letter_or_digit(c) || c == '+' || c == '/' || c == '=' || c == '\r' || c == '\n';
    });
    return !is_base64 && is_text(part, part.body, detect::kind_of(part.body));
  }

  /// Whether parts stand in a multipart that has none, for want of a boundary: the source of a mail is no text.
  static bool begins_part(std::string_view body) {
    constexpr std::string_view field = "Content-";
    for (std::size_t at = 0; (at = body.find("--", at)) != body.npos; at += 2) {
      if (at > 0 && body[at - 1] != '\n') continue;
      const std::size_t next = std::min(body.find('\n', at), body.size() - 1) + 1;
      if (mime::equals_ignoring_case(body.substr(next, field.size()), field)) return true;
      at = next - 2;
    }
    return false;
  }

  /// What it is cannot be told.
  void unread(std::uint32_t index) {
    const mime::Part &part = at(index);
    job::PartReport report = hashed_report(part, part.body);
    report.kind = job::Kind::unknown;
    if (plan_.treatment(job::class_of(report.kind)) == job::Treatment::hold) return hold_file(std::move(report), Reason::part_malformed);
    strip_file(std::move(report), Reason::part_malformed);
  }

  /// A mail that came as a file is treated as one that came as a mail.
  void attached_mail(std::uint32_t index, Buffer octets) {
    const mime::Part &part = at(index);
    std::optional<std::uint32_t> inside;
    if (plan_.treatment(job::KindClass::mail) == job::Treatment::text &&
        part.depth < plan_.max_depth)
      inside = mime::parse_into(mail_, index, octets, {plan_.max_parts, plan_.max_depth});
    if (inside) return message(index);
    attachment(new_report(part, octets), part.charset, octets);
  }

  /// winmail.dat: what is in it came with the mail.
  void wrapped_mail(std::uint32_t index, Buffer octets) {
    if (plan_.treatment(job::KindClass::mail) != job::Treatment::text)
      return attachment(new_report(at(index), octets), "", octets);
    job::PartReport report = hashed_report(at(index), octets);
    const bool too_deep = at(index).depth + 1 > plan_.max_depth;
    const std::optional<std::uint32_t> inside =
        mime::open_tnef(mail_, index, std::move(octets), {plan_.max_parts, plan_.max_depth});
    if (inside) {
      list_opened(std::move(report), job::Kind::tnef);
      return walk(*inside);
    }
    report.kind = job::Kind::tnef;
    strip_file(std::move(report), too_deep || mail_.too_many ? Reason::part_too_deep : Reason::part_malformed);
  }

  /// Whether the mail's text has all of `text` already, line ends and spaces aside.
  bool is_said_already(std::string_view text) {
    if (++said_asked_ > most_said_asked) return false;
    const auto squeeze = [](std::string_view from, std::string &letters) {
      for (char c : from)
        if (static_cast<unsigned char>(c) > ' ') letters += c;
    };
    squeeze(std::string_view(body_).substr(said_.of), said_.letters);
    said_.of = body_.size();
    std::string wanted;
    squeeze(text, wanted);
    return !wanted.empty() && ::memmem(said_.letters.data(), said_.letters.size(), wanted.data(),
                                       wanted.size()) != nullptr; // linear, find() is not
  }

  /// However its lines end.
  static std::string digest_of_lines(Bytes octets) {
    std::string lines(as_chars(octets));
    std::erase(lines, '\r');
    lines.erase(lines.find_last_not_of('\n') + 1);
    return job::sha256_hex(as_bytes(lines));
  }

  /// Outlook and Google attach an invitation that stands in the mail as a file too.
  bool is_shown_calendar(job::Kind kind, Bytes octets) const {
    return kind == job::Kind::calendar && !calendars_.empty() &&
           std::ranges::find(calendars_, digest_of_lines(octets)) != calendars_.end();
  }

  static bool is_signature(const mime::Part &part) {
    return part.is("application/pgp-signature") || part.is("application/pkcs7-signature") ||
           part.is("application/x-pkcs7-signature");
  }

  static bool is_smime(const mime::Part &part) {
    return part.is("application/pkcs7-mime") || part.is("application/x-pkcs7-mime");
  }

  /// What the object is counts, not what it is called; one that cannot be read is taken for
  /// encrypted.
  static bool is_enveloped(const mime::Part &part, Bytes octets) {
    if (part.is("application/pgp-encrypted")) return true;
    mime::CmsType type = mime::cms_type(octets);
    if (is_smime(part)) return type == mime::CmsType::enveloped || type == mime::CmsType::none;
    return type == mime::CmsType::enveloped;
  }

  /// An opaque signature: the signed mail is inside.
  void opaque_signed(std::uint32_t index, Bytes octets) {
    const mime::Part &part = at(index);
    job::PartReport report = hashed_report(part, octets);
    report.kind = job::Kind::signature;
    strip_file(std::move(report), Reason::part_signature);
    Buffer content = mime::cms_signed_content(octets);
    std::uint32_t depth = part.depth + 1;
    if (content.empty() || depth > plan_.max_depth) return;
    std::optional<std::uint32_t> inside =
        mime::parse_into(mail_, index, std::move(content), {plan_.max_parts, plan_.max_depth});
    if (inside) walk(*inside);
  }

  /// Whether octets declared as body text are text at all.
  static bool is_text(const mime::Part &part, Bytes octets, job::Kind kind) {
    if (kind == job::Kind::empty || job::class_of(kind) == job::KindClass::text) return true;
    if (kind == job::Kind::rtf) return part.is("text/rtf");
    if (kind == job::Kind::script || kind == job::Kind::mail)
      return true; // characters all the same
    if (kind != job::Kind::unknown) return false;
    std::optional<text::Charset> charset = text::charset_named(part.charset);
    if (charset && charset->scheme >= text::Scheme::utf16 &&
        charset->scheme <= text::Scheme::utf32be)
      return true;
    constexpr std::size_t few = 8; // of a program in C, at the end of its text
    const auto nuls = static_cast<std::size_t>(std::count(octets.begin(), octets.end(), std::byte{0}));
    return nuls <= std::max(octets.size() / 50, std::min(few, octets.size() / 2));
  }

  void append(std::string_view text) {
    if (body_.size() + text.size() > plan_.max_output) {
      too_big_ = true;
      return;
    }
    if (!body_.empty()) {
      if (body_.back() != '\n') body_ += '\n';
      body_ += '\n';
    }
    body_ += text;
  }

  /// Its first line is ours.
  void append_own(std::string_view text) {
    append(text);
    if (!too_big_) own_lines_.push_back(body_.size() - text.size());
  }

  void body_text(std::uint32_t index, Bytes octets) {
    const mime::Part &part = at(index);
    job::PartReport report = hashed_report(part, octets);
    report.kind = body_kind(part, octets);
    std::string_view chars = as_chars(octets);
    const std::optional<std::string> readable = readable_of(part, octets);
    const std::string_view charset = readable ? "utf-8" : std::string_view(part.charset);
    if (readable) octets = as_bytes(*readable), chars = as_chars(octets);
    std::string without_files;
    const bool may_hold_files =
        report.kind != job::Kind::html && chars.find("begin ") != std::string_view::npos;
    if (may_hold_files) {
      without_files = take_uuencoded(part, chars);
      octets = as_bytes(without_files);
    }
    Read *read = read_of(index);
    PlainText plain = read && read->text && !may_hold_files
                          ? std::move(*read->text)
                          : plain_text(octets, report.kind, charset, carrier_, body_, pictures(report.kind));
    if (holds_pgp_message(plain.text)) return encrypted(index);
    if (part.flowed) plain.text = text::unflowed(plain.text, part.delsp);
    for (Reason reason : plain.reasons)
      add_reason(report.reasons, reason);
    if (part.opened && is_said_already(plain.text))
      return strip_file(std::move(report), Reason::part_alternative_dropped);
    if (part.malformed || part.encoding == mime::Encoding::unknown) add_reason(report.reasons, Reason::part_malformed);
    if (take_pgp_signature(plain.text)) add_reason(report.reasons, Reason::part_signature);
    if (report.kind == job::Kind::calendar) calendars_.push_back(digest_of_lines(octets));
    report.action = job::Action::kept_text;
    report.output_size = plain.text.size();
    if (visible_characters(plain.text, 1) > 0) {
      for (const std::string &picture : std::exchange(between_.pictures, {}))
        append("[画像: " + picture + "]\n");
      between_.behind_text = true;
    }
    if (is_told_calendar(report.kind, plain.text))
      append_own(plain.text);
    else
      append(plain.text);
    report_.parts.push_back(std::move(report));
  }

  /// As calendar_text() writes it, which leaves no sender's line in front.
  static bool is_told_calendar(job::Kind kind, std::string_view text) {
    return kind == job::Kind::calendar && text.starts_with(calendar_headline);
  }

  /// A header that came back with a report: fields with encoded words as they are read, all others as they are.
  static std::string readable_fields(Bytes octets) {
    const mime::Mail header = mime::parse(octets, {.max_parts = 1, .max_depth = 0});
    const auto is_foreign = [](char c) { return static_cast<unsigned char>(c) >= 0x80 || c == '\x1b'; };
    std::string text;
    for (const mime::Field &field : header.parts.front().fields) {
      const bool is_encoded = field.value.find("=?") != std::string_view::npos || std::ranges::any_of(field.value, is_foreign);
      text.append(field.name).append(":");
      text += is_encoded ? ' ' + line_of(field) + '\n' : std::string(field.value);
    }
    const Bytes behind = header.parts.front().body;
    return behind.empty() ? text : text.append("\n").append(as_chars(behind));
  }

  /// Files between "begin" and "end" inside a text are attachments; gives the text without them.
  std::string take_uuencoded(const mime::Part &part, std::string_view text) {
    std::string rest;
    std::size_t position = 0;
    unsigned count = 0;
    while (std::optional<mime::UuFile> file = mime::find_uuencoded(text, position)) {
      if (++count > plan_.max_parts) {
        add_reason(report_.reasons, Reason::part_too_deep);
        break;
      }
      rest += text.substr(position, file->start - position);
      position = file->end;
      mime::Part inner;
      inner.path = (part.path.empty() ? "1" : part.path) + ".u" + std::to_string(count);
      inner.type = "application/octet-stream";
      inner.name = mime::decode_text(file->name);
      attachment(new_report(inner, file->content), "", file->content);
    }
    rest += text.substr(position);
    return rest;
  }

  /// `report`: without the hash of the octets, which the gateway states of a file that goes out to it.
  void attachment(job::PartReport report, std::string_view charset, Bytes octets) {
    if (too_big_) return;
    if (held_) {
      report.sha256 = job::sha256_hex(octets);
      return list(std::move(report), octets);
    }
    report.kind = detect::kind_of(octets, report.name);
    if (detect::disagrees(report.kind, report.name, report.declared_type))
      add_reason(report.reasons, Reason::part_kind_mismatch);
    job::KindClass kind_class = job::class_of(report.kind);
    job::Treatment treatment = plan_.treatment(kind_class);
    const bool asked = treatment != job::Treatment::strip && job::is_offered(kind_class, treatment);
    const bool as_text = is_text_kind(report.kind) && treatment == job::Treatment::text;
    const bool goes_out = asked && treatment != job::Treatment::hold && !as_text &&
                          kind_class != job::KindClass::mail && !is_file_ &&
                          reason_for_person(report.kind) == Reason::none;
    if (goes_out) return file(std::move(report), octets);
    report.sha256 = job::sha256_hex(octets);
    if (treatment == job::Treatment::hold) {
      if (kind_class == job::KindClass::encrypted) return hold_file(std::move(report), Reason::part_encrypted);
      hold(Reason::job_held_by_rule);
      report.action = job::Action::held;
      report_.parts.push_back(std::move(report));
      return;
    }
    if (const Reason own_name = reason_for_person(report.kind);
        own_name != Reason::none && treatment != job::Treatment::strip)
      return hold_file(std::move(report), own_name);
    if (is_file_) return strip_file(std::move(report), Reason::part_in_mail_file);
    if (as_text && is_shown_calendar(report.kind, octets)) return strip_file(std::move(report), Reason::part_alternative_dropped);
    if (as_text) return text_file(std::move(report), charset, octets);
    const Reason reason = strip_reason(report.kind);
    strip_file(std::move(report), reason);
  }

  void strip_file(job::PartReport report, Reason reason) {
    report.action = job::Action::stripped;
    std::erase(report.reasons, reason);
    report.reasons.insert(report.reasons.begin(), reason);
    report_.parts.push_back(std::move(report));
  }

  void text_file(job::PartReport report, std::string_view charset, Bytes octets) {
    PlainText plain = plain_text(octets, report.kind, charset, carrier_);
    if (plain.text.empty()) return strip_file(std::move(report), Reason::part_no_text);
    Result<verify::CleanPart, Reason> clean =
        verify::Verifier::accept_text(Untrusted(std::move(plain.text)));
    if (!clean) return strip_file(std::move(report), clean.error());
    report.action = job::Action::kept_text;
    if (report.kind != job::Kind::html) plain.reasons.insert(plain.reasons.begin(), Reason::part_to_text); // a page's say so
    attach(std::move(report), std::move(*clean), std::move(plain.reasons));
  }

  /// In a process of its own; what comes back is as hostile as what went in.
  void file(job::PartReport report, Bytes octets) {
    job::Job job;
    job.what = job::What::file;
    job.receipt = job_.receipt;
    job.name = text::shortened(report.name, text::most_file_name);
    job.declared_type = report.declared_type;
    job.plan = plan_;
    job.bytes = octets;
    job::Outcome outcome = treat_file_(job);
    const std::string &stated = outcome.report.input_sha256; // by the gateway
    report.sha256 = stated.empty() ? job::sha256_hex(octets) : stated;
    if (!outcome.report.parts.empty()) report.milliseconds = outcome.report.parts.front().milliseconds;
    std::vector<job::PartReport> inside;
    for (std::size_t i = 1; i < outcome.report.parts.size(); ++i)
      inside.push_back(std::move(outcome.report.parts[i]));
    outcome.report.parts.resize(std::min<std::size_t>(outcome.report.parts.size(), 1));
    const std::string path = report.path;
    const std::size_t before = attachments_.size();
    use(std::move(report), outcome);
    put_inside(path, std::move(inside), attachments_.size() > before);
  }

  /// What is told of the files in a file; what was made of them is told only where it is delivered.
  void put_inside(const std::string &path, std::vector<job::PartReport> inside, bool delivered) {
    text::Findings ignored;
    for (job::PartReport &part : inside) {
      const bool left_out =
          part.action == job::Action::stripped || part.action == job::Action::held;
      if (!part.path.starts_with("1.") || !(delivered || left_out)) continue;
      if (report_.parts.size() >= most_reports) return;
      part.path = path + part.path.substr(1);
      part.name = text::clean_line(part.name, ignored);
      part.output_name = text::clean_line(part.output_name, ignored);
      report_.parts.push_back(std::move(part));
    }
  }

  void use(job::PartReport report, job::Outcome &outcome) {
    if (outcome.status == job::Status::held || outcome.reason == Reason::part_encrypted)
      return file_not_to_be_read(std::move(report), outcome);
    if (outcome.status != job::Status::clean) {
      for (const job::PartReport &part : outcome.report.parts)
        for (Reason reason : part.reasons)
          add_reason(report.reasons, reason);
      return strip_file(std::move(report), part_reason(outcome.reason));
    }
    std::string pdf_text;
    Result<verify::CleanPart, Reason> clean =
        verify::Verifier::accept(outcome.output_kind, Untrusted(std::move(outcome.output)),
                                 verify::no_deadline, plan_.append_text ? &pdf_text : nullptr);
    if (!clean) return strip_file(std::move(report), clean.error());
    report.action = clean->kind() == job::Kind::text  ? job::Action::kept_text
                    : clean->kind() == job::Kind::pdf ? job::Action::rendered
                                                      : job::Action::reencoded;
    std::vector<Reason> reasons;
    for (const job::PartReport &part : outcome.report.parts)
      for (Reason reason : part.reasons)
        if (reason != Reason::none) add_reason(reasons, reason);
    report.output_sha256 = outcome.report.output_sha256;
    attach(std::move(report), std::move(*clean), std::move(reasons), pdf_text);
  }

  void file_not_to_be_read(job::PartReport report, const job::Outcome &outcome) {
    const Reason reason = held_part(outcome.reason);
    if (reason == Reason::part_encrypted && plan_.treatment(job::KindClass::encrypted) == job::Treatment::strip)
      return strip_file(std::move(report), Reason::part_encrypted);
    hold_file(std::move(report), reason);
  }

  void hold_file(job::PartReport report, Reason reason) {
    hold(held_reason(reason));
    report.action = job::Action::held;
    if (info(reason).group == ReasonGroup::part) {
      std::erase(report.reasons, reason);
      report.reasons.insert(report.reasons.begin(), reason);
    }
    report_.parts.push_back(std::move(report));
  }

  /// At the foot of the mail too, as far as there is room.
  void append_text(job::PartReport &report, std::string_view text) {
    if (visible_characters(text, 1) == 0 || appended_room_ == 0) return;
    const std::size_t room = std::min(most_appended, appended_room_);
    const std::string_view shown = beginning_of(text, room);
    appended_room_ -= std::min(count_characters(shown), appended_room_);
    appended_.push_back({report.name, std::string(shown), is_told_calendar(report.kind, shown)});
    const bool whole = shown.size() == text.size();
    add_reason(report.reasons, whole ? Reason::part_text_appended : Reason::part_text_cut);
  }

  /// `pdf_text`: of a PDF the text behind its pictures.
  void attach(job::PartReport report, verify::CleanPart part, std::vector<Reason> reasons,
              std::string_view pdf_text = {}) {
    attached_ += part.bytes().size();
    if (attached_ > plan_.max_output) {
      too_big_ = true;
      return;
    }
    if (plan_.append_text)
      append_text(report, part.kind() == job::Kind::text ? as_chars(part.bytes()) : pdf_text);
    for (Reason reason : report.reasons)
      add_reason(reasons, reason);
    report.reasons = std::move(reasons);
    const std::string name = told_as_senders(text::shortened(report.name, text::most_file_name));
    report.output_name = names_.take("", output_name(name, part.kind(), report.path, part.bytes()));
    report.output_size = part.bytes().size();
    if (report.output_sha256.empty()) report.output_sha256 = job::sha256_hex(part.bytes());
    attachments_.push_back({std::move(part), report.output_name});
    report_.parts.push_back(std::move(report));
  }

  const job::Job &job_;
  const job::Plan &plan_;
  const TreatFile &treat_file_;
  mime::Mail mail_;
  job::Report report_;
  MailHeader header_;
  text::Carrier carrier_ = text::Carrier::unknown;
  std::vector<Read> read_; // of alternatives, to choose one; need not be read again
  std::string fields_; // over the body of a mail that becomes a file
  std::string body_;
  std::vector<std::size_t> own_lines_; // where those begin in it that are ours and not the sender's
  struct Said {
    std::string letters;
    std::size_t of = 0; // octets of body_, to which is only added
  } said_;
  unsigned said_asked_ = 0;
  struct Between {
    bool behind_text = false;
    std::vector<std::string> pictures = {}; // since that text
  } between_; // the texts of a multipart/mixed
  std::vector<std::string> calendars_; // digests of those that stand in the body
  std::vector<mime::Attachment> attachments_;
  FreeNames names_; // of them
  struct Appended {
    std::string name, text;
    bool begins_as_ours; // its first line
  };
  std::vector<Appended> appended_; // texts of attachments, for the foot of the mail
  std::size_t appended_room_ = most_appended_in_all;
  std::uint64_t attached_ = 0;
  std::optional<Reason> held_;
  bool too_big_ = false;
  bool hidden_ = false;  // recipients
  bool is_file_ = false; // becomes a text file: no attachment can come along
};

} // namespace

Unpacked mail_file(job::Kind kind, const job::Job &job) {
  const TreatFile none;
  return Rebuilder(job, none).run_as_file(kind);
}

job::Outcome mail(const job::Job &job, const TreatFile &treat_file) {
  return Rebuilder(job, treat_file).run();
}

} // namespace sekisho::rebuild
