#include "sanitizer/rebuild/mail/mail_header.hh"

#include "base/text.hh"
#include "sanitizer/mime/write.hh"
#include "sanitizer/rebuild/mail/mail_text.hh"
#include "sanitizer/rebuild/plain_text.hh"
#include "sanitizer/text/clean.hh"

#include <algorithm>
#include <set>
#include <utility>

namespace sekisho::rebuild {
namespace {

constexpr std::size_t max_recipients = 500; // written of To and Cc each
constexpr std::size_t most_counted = 100'000;  // of them: the others are a number
constexpr std::size_t max_references = 20;
constexpr std::size_t max_received = 50;       // fields of the trace
constexpr std::size_t max_received_field = 600; // octets of one
// Of whom no address can be written (RFC 6531 among them) the name is shown beside one of RFC 2606 §2.
constexpr std::string_view unknown_sender = "unknown@sender.invalid";
constexpr std::string_view unknown_recipient = "unknown@recipient.invalid";

constexpr std::string_view kept_fields[] = {"From",
                                            "To",
                                            "Cc",
                                            "Reply-To",
                                            "Subject",
                                            "Date",
                                            "Message-ID",
                                            "In-Reply-To",
                                            "References",
                                            "MIME-Version",
                                            "Content-Type",
                                            "Content-Transfer-Encoding",
                                            "Content-Disposition"};

std::string words_of(const std::vector<mime::Mailbox> &mailboxes) {
  std::string words;
  for (const mime::Mailbox &mailbox : mailboxes) {
    if (!words.empty()) words += ", ";
    words += mailbox.name;
    if (mailbox.address.empty()) continue;
    words += mailbox.name.empty() ? mailbox.address : " <" + mailbox.address + ">";
  }
  return cut_to(std::move(words), max_report_field);
}

/// When the mail was taken in last, behind the ';' of Received.
std::string date_of_receipt(const mime::Part &part) {
  const mime::Field *received = mime::find_field(part.fields, "Received");
  if (!received) return {};
  std::size_t semicolon = received->value.rfind(';');
  if (semicolon == std::string_view::npos) return {};
  return mime::canonical_date(received->value.substr(semicolon + 1));
}

class HeaderReader {
public:
  HeaderReader(const mime::Part &part, UnixSeconds accepted, job::Report &report)
      : part_(part), accepted_(accepted), report_(report) {}

  MailHeader read() {
    read_addresses();
    std::string subject = line_of(field("Subject"));
    if (subject.size() > mime::most_of_subject) add_reason(report_.reasons, Reason::part_too_big);
    header_.subject = cut_to(std::move(subject), max_report_field);
    report_.subject = header_.subject;
    read_date();
    read_ids();
    header_.automatic = mime::read_automatic(part_.fields);
    read_trace();
    if (!std::all_of(part_.fields.begin(), part_.fields.end(), is_kept))
      add_reason(report_.reasons, Reason::part_header_dropped);
    return std::move(header_);
  }

private:
  static bool is_kept(const mime::Field &field) {
    return !mime::automatic_value(field).empty() ||
           std::any_of(std::begin(kept_fields), std::end(kept_fields), [&](std::string_view name) {
             return mime::equals_ignoring_case(name, field.name);
           });
  }

  std::string_view field(std::string_view name) {
    if (mime::count_fields(part_.fields, name) > 1)
      add_reason(report_.reasons, Reason::part_ambiguous);
    const mime::Field *found = mime::find_field(part_.fields, name);
    return found ? found->value : std::string_view();
  }

  std::string line_of(std::string_view value) {
    text::Findings findings;
    const text::Carrier carrier = text::carrier_of(header_.from.front().address); // of its emoji
    std::string line = text::clean_line(text::clean(mime::decode_text(value), findings, carrier), findings);
    if (findings.control) add_reason(report_.reasons, Reason::part_control_characters);
    if (findings.unreadable) add_reason(report_.reasons, Reason::part_charset_replaced);
    return line;
  }

  std::vector<mime::Mailbox> mailboxes(std::string_view name) {
    return mime::parse_addresses(field(name), max_recipients);
  }

  void read_addresses() {
    const mime::Authors authors = mime::authors_of(part_.fields, max_recipients);
    const std::vector<mime::Mailbox> &from = authors.mailboxes;
    const bool is_twice = mime::count_fields(part_.fields, "From") > 1 || mime::count_fields(part_.fields, authors.field) > 1;
    if (from.size() > 1 || is_twice) add_reason(report_.reasons, Reason::part_ambiguous);
    report_.from = words_of(from);
    mime::Mailbox sender = from.empty() ? mime::Mailbox{} : from.front();
    if (sender.address.empty()) sender.address = unknown_sender;
    header_.from = {std::move(sender)};
    header_.to = mailboxes("To");
    header_.cc = mailboxes("Cc");
    report_.to = words_of(header_.to);
    tell_others("To", header_.to);
    tell_others("Cc", header_.cc);
    for (std::vector<mime::Mailbox> *recipients : {&header_.to, &header_.cc})
      for (mime::Mailbox &recipient : *recipients)
        if (recipient.address.empty()) recipient.address = unknown_recipient;
    header_.reply_to = mailboxes("Reply-To");
    std::erase_if(header_.reply_to, [](const mime::Mailbox &mailbox) { return mailbox.address.empty(); });
  }

  /// How many there are beyond those that are written.
  void tell_others(std::string_view name, std::vector<mime::Mailbox> &written) {
    const bool is_cut = field(name).size() > mime::most_of_list; // then there is one more at least
    std::size_t shown = mime::count_fitting(written);
    if (shown == written.size() && shown < max_recipients && !is_cut) return;
    const std::size_t all = mime::parse_addresses(field(name), most_counted).size() + is_cut;
    if (shown == all) return;
    do { // the number takes the place of the last ones
      written.resize(shown);
      const std::string others = std::to_string(all - shown);
      written.push_back({"ほか " + others + (is_cut ? " 名以上 / and at least " : " 名 / and ") + others + " more", {}});
    } while (shown-- > 0 && mime::count_fitting(written) < written.size());
    add_reason(report_.reasons, Reason::part_too_big);
  }

  /// Every mail has one (RFC 5322 §3.6.1).
  void read_date() {
    header_.date = mime::canonical_date(field("Date"));
    if (!header_.date.empty()) return;
    header_.date = accepted_ > 0 ? mime::date_of(accepted_) : date_of_receipt(part_);
    if (!header_.date.empty()) add_reason(report_.reasons, Reason::date_made);
  }

  void read_ids() {
    std::string id = mime::unfold(field("Message-ID"));
    std::erase(id, ' ');
    text::Findings ignored;
    report_.message_id = cut_to(text::clean_line(id, ignored), max_report_field);
    if (std::vector<std::string> ids = mime::parse_message_ids(id, 1); ids.size() == 1 && (ids.front() == id || id.front() != '<'))
      header_.message_id = std::move(ids.front());
    header_.in_reply_to = mime::parse_message_ids(field("In-Reply-To"), max_references);
    header_.references = mime::parse_message_ids(field("References"), max_references);
  }

  /// What earlier relays wrote (RFC 5321 §4.4): for the record alone, it names networks of others.
  void read_trace() {
    for (const mime::Field &field : part_.fields) {
      if (!mime::equals_ignoring_case(field.name, "Received")) continue;
      if (report_.received.size() == max_received) return;
      text::Findings ignored;
      report_.received.push_back(cut_to(text::clean_line(field.value, ignored), max_received_field));
    }
  }

  const mime::Part &part_;
  const UnixSeconds accepted_;
  job::Report &report_;
  MailHeader header_;
};

bool is_own(std::string_view address, const MailHeader &header, const std::vector<std::string> &own_domains) {
  const auto domain_of = [](std::string_view whose) { return whose.substr(whose.rfind('@') + 1); };
  const std::string_view theirs = domain_of(address);
  if (own_domains.empty()) return mime::equals_ignoring_case(theirs, domain_of(header.from.front().address));
  return std::ranges::any_of(own_domains, [&](const std::string &own) { return mime::equals_ignoring_case(theirs, own); });
}

bool is_of_local_part(char c) {
  return is_letter_or_digit(c) || std::string_view("!#$%&*+-=?^_`{|}~.").find(c) != std::string_view::npos;
}
bool is_of_domain(char c) { return is_letter_or_digit(c) || c == '-' || c == '.' || c == '_'; }

/// What a name shows of addresses: a recipient sees them there as well.  Each ends where ASCII that an address has does:
/// "（taro@town.example様）"; of one that begins with other letters all is taken.
std::vector<std::string> addresses_in(std::string_view name) {
  std::string plain(name);
  constexpr std::pair<std::string_view, char> signs[] = {{"＠", '@'}, {"﹫", '@'}, {"．", '.'}, {"。", '.'}, {"｡", '.'}};
  for (const auto &[wide, sign] : signs)
    for (std::size_t at = 0; (at = plain.find(wide, at)) != plain.npos;)
      plain.replace(at, wide.size(), 1, sign);
  std::vector<std::string> found;
  constexpr std::string_view between = " \t,;:<>()[]\"'";
  for (std::size_t at = 0; (at = plain.find('@', at)) != plain.npos;) {
    std::size_t start = at, end = at + 1;
    while (start > 0 && is_of_local_part(plain[start - 1]))
      --start;
    while (end < plain.size() && is_of_domain(plain[end]))
      ++end;
    if (start == at) start = plain.find_last_of(between, at) + 1; // npos: 0
    if (end == at + 1) end = std::min(plain.find_first_of(between, at), plain.size());
    std::size_t last = end;
    while (plain[last - 1] == '.')
      --last;
    if (start < at && at + 1 < last) found.push_back(plain.substr(start, last - start));
    at = end;
  }
  return found;
}

} // namespace

MailHeader read_header(const mime::Part &part, UnixSeconds accepted, job::Report &report) {
  return HeaderReader(part, accepted, report).read();
}

bool is_for_several(const MailHeader &header, const std::vector<std::string> &own_domains) {
  std::set<std::string> others;
  const auto add = [&](std::string_view address) {
    if (!is_own(address, header, own_domains)) others.insert(lower_case(address));
  };
  for (const std::vector<mime::Mailbox> *mailboxes : {&header.to, &header.cc})
    for (const mime::Mailbox &mailbox : *mailboxes) {
      const std::vector<std::string> named = addresses_in(mailbox.name);
      std::ranges::for_each(named, add);
      if (mailbox.address != unknown_recipient || named.empty())
        add(mailbox.address != unknown_recipient ? mailbox.address : mailbox.name);
    }
  return others.size() > 1;
}

void hide_recipients_to_reply_to(MailHeader &header, const std::vector<std::string> &own_domains) {
  const auto is_of = [](const mime::Mailbox &mailbox, const std::vector<mime::Mailbox> &mailboxes) {
    return std::ranges::any_of(mailboxes, [&](const mime::Mailbox &other) { return mime::equals_ignoring_case(mailbox.address, other.address); });
  };
  std::erase_if(header.reply_to, [&](const mime::Mailbox &mailbox) {
    return (is_of(mailbox, header.to) || is_of(mailbox, header.cc)) && !is_of(mailbox, header.from) && !is_own(mailbox.address, header, own_domains);
  });
}

} // namespace sekisho::rebuild
