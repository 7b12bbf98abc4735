/* Target functions: guard::decode_response, parse_spf, expand_macros, read_tags, read_message, check_dkim, check_dmarc.
 */
// What strangers publish in the name service or write into a header: the first octet says which of them it is.  Whatever
// comes, it ends, stays within its bounds, and nothing that was not shown passes.
#include "base/check.hh"
#include "gateway/guard/authentication.hh"
#include "gateway/guard/dkim_canon.hh"
#include "gateway/guard/forwarding.hh"
#include "gateway/guard/spf_record.hh"
#include "gateway/guard/tag_list.hh"
#include "sanitizer/mime/fields.hh"

#include <algorithm>

namespace {

using namespace sekisho;
using namespace sekisho::guard;

constexpr UnixSeconds now = 1'795'180'000;

void response(Bytes input) {
  for (DnsType type : {DnsType::txt, DnsType::a, DnsType::aaaa, DnsType::mx, DnsType::ptr}) {
    const Question question{"a.example", type};
    const Result<Answer> answer = decode_response(input, 0x1234, question);
    if (!answer) continue;
    CHECK(answer->status != Answer::Status::failed || answer->empty());
    for (const std::string &name : answer->names) CHECK(name.size() <= 255);
    std::size_t octets = 0;
    for (const std::string &text : answer->texts) octets += text.size();
    CHECK(octets <= input.size());
  }
}

void record(std::string_view text) {
  const std::optional<SpfRecord> read = parse_spf(text);
  if (!read) return;
  SpfMacros macros{"user+tag@sender.example", "user+tag", "sender.example", "sender.example", "192.0.2.1", "192.0.2.1",
                   "in-addr",                 "mx.example", "gate.example", "unknown"};
  for (const SpfTerm &term : read->terms) {
    CHECK(term.prefix4 <= 32 && term.prefix6 <= 128);
    CHECK(expand_macros(term.domain_spec, macros).size() <= 253);
    (void)uses_validated_name(term.domain_spec);
  }
}

/// Every question is answered with the same text: a key, a policy, an SPF record, whatever it is.
void mail(std::string_view text, std::string_view answer_text) {
  const Message message = read_message(as_bytes(text));
  CHECK(message.fields.size() <= mime::max_fields);
  for (const Field &field : message.fields)
    CHECK(field.whole.data() >= text.data() && field.whole.data() + field.whole.size() <= text.data() + text.size());
  Lookups lookups;
  const SpfQuery query{*parse_ip("192.0.2.1"), "a@sender.example", "mx.sender.example", "gate.example"};
  Authenticator authenticator(message, query, now);
  int rounds = 0;
  while (!authenticator.go_on(lookups)) {
    CHECK(++rounds < 100);
    for (const Question &question : lookups.take_wanted()) {
      Answer answer;
      answer.status = Answer::Status::found;
      if (question.type == DnsType::txt) answer.texts.emplace_back(answer_text);
      lookups.tell(question, std::move(answer));
    }
  }
  const Authentication found = authenticator.take();
  CHECK(found.dkim.size() <= most_signatures);
  for (const DkimOutcome &one : found.dkim) CHECK(one.result != DkimResult::pass || !one.domain.empty());
  const std::string results = authentication_results("gate.example", query, found);
  CHECK(results.find_first_of("\r\n") == std::string::npos && results.size() < 8192);
  (void)mark_of_forwarding(message, "a@sender.example");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
  if (size == 0) return 0;
  const Bytes input(reinterpret_cast<const std::byte *>(data) + 1, size - 1);
  const std::string_view text = as_chars(input);
  switch (data[0] % 4) {
  case 0: response(input); break;
  case 1: record(text); break;
  case 2: (void)read_tags(text); break;
  default: { // up to the first NUL the mail, then what the name service says
    const std::size_t end = std::min(text.find('\0'), text.size());
    mail(text.substr(0, end), text.substr(std::min(end + 1, text.size())));
  }
  }
  return 0;
}
