// bench-reader: the mail reader alone, processor time of one thread, each figure beside a library
// that does a part of the same work on the same octets, in turns.
//
//   bench-reader [--json] [--quick]
//   bench-reader --ours mix|small|middle|big|html    our side alone: for a profiler
//
//   mail/reader-mix   us a mail of the mix: parsed, charsets and HTML to text, headers, hashes of the
//                     parts, a new mail written and read back; beside GMime parsing the mail and
//                     decoding its parts to UTF-8 text or octets
//   mail/reader-mix-hashed   and the hash of the whole mail, which the gateway takes
//   mail/reader-small, -middle, -big   the three kinds alone
//   mail/html         ms a megabyte of HTML to readable text; beside libxml2's SAX reader
//   collecting characters
#include "base/clock.hh"
#include "bench/mail/mix.hh"
#include "sanitizer/job/digest.hh"
#include "sanitizer/rebuild/rebuild.hh"
#include "sanitizer/text/html.hh"
#include "sanitizer/verify/verify.hh"

#include <fmt/format.h>
#include <gmime/gmime.h>
#include <libxml/HTMLparser.h>

#include <time.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string_view>

namespace sekisho::bench {
namespace {

struct Figure {
  std::string name, unit, reference;
  std::vector<double> values, reference_values;
};

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

double cpu_seconds(const std::function<void()> &work) {
  auto now = [] {
    timespec t;
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
  };
  const double start = now();
  work();
  return now() - start;
}

[[noreturn]] void fail(std::string_view what) {
  fmt::print(stderr, "bench-reader: {}\n", what);
  std::exit(1);
}

// -- our side
// ---------------------------------------------------------------------------------------------------

job::Job mail_job(std::string_view mail) {
  job::Job job;
  job.what = job::What::mail;
  job.receipt = "BENCH-0001";
  job.bytes = as_bytes(mail);
  job.plan.treatments[static_cast<std::size_t>(job::KindClass::text)] = job::Treatment::text;
  job.plan.treatments[static_cast<std::size_t>(job::KindClass::mail)] = job::Treatment::text;
  return job; // attachments are stripped, as bench/mail has it
}

void read_whole(const std::vector<std::string> &mails) {
  for (const std::string &mail : mails) {
    const job::Outcome outcome =
        rebuild::mail(mail_job(mail), [](const job::Job &) { return job::Outcome{}; });
    if (outcome.status != job::Status::clean || !verify::accept_mail(outcome.output))
      fail("a mail was refused");
  }
}

/// With the hash of the whole, which the gateway takes.
void read_and_hash(const std::vector<std::string> &mails) {
  read_whole(mails);
  for (const std::string &mail : mails)
    if (job::sha256_hex(as_bytes(mail)).empty()) fail("no hash");
}

// -- GMime
// ------------------------------------------------------------------------------------------------------

std::size_t decode(GMimeObject *object) {
  std::size_t octets = 0;
  if (GMIME_IS_MULTIPART(object)) {
    const int count = g_mime_multipart_get_count(GMIME_MULTIPART(object));
    for (int i = 0; i < count; ++i)
      octets += decode(g_mime_multipart_get_part(GMIME_MULTIPART(object), i));
  } else if (GMIME_IS_TEXT_PART(object)) {
    char *text = g_mime_text_part_get_text(GMIME_TEXT_PART(object));
    octets = text ? std::string_view(text).size() : 0;
    g_free(text);
  } else if (GMIME_IS_PART(object)) {
    GMimeStream *memory = g_mime_stream_mem_new();
    if (GMimeDataWrapper *content = g_mime_part_get_content(GMIME_PART(object)))
      octets = static_cast<std::size_t>(g_mime_data_wrapper_write_to_stream(content, memory));
    g_object_unref(memory);
  }
  return octets;
}

void gmime(const std::vector<std::string> &mails) {
  std::size_t octets = 0;
  for (const std::string &mail : mails) {
    GMimeStream *stream = g_mime_stream_mem_new_with_buffer(mail.data(), mail.size());
    GMimeParser *parser = g_mime_parser_new_with_stream(stream);
    GMimeMessage *message = g_mime_parser_construct_message(parser, nullptr);
    if (!message) fail("GMime did not read a mail");
    octets += decode(g_mime_message_get_mime_part(message));
    g_object_unref(message);
    g_object_unref(parser);
    g_object_unref(stream);
  }
  if (octets == 0) fail("GMime decoded nothing");
}

// -- HTML
// -------------------------------------------------------------------------------------------------------

/// The HTML of the middle mail of the mix, 1 MB of it.
std::string html_megabyte() {
  Dice dice(7);
  std::string html = "<html><head><title>x</title><style>p{color:red}</style></head><body>\n";
  while (html.size() < 1'000'000)
    html += middle_html(dice);
  return html + "</body></html>\n";
}

void sax(const std::string &html) {
  std::string text;
  htmlSAXHandler handler{};
  handler.characters = [](void *target, const xmlChar *characters, int length) {
    static_cast<std::string *>(target)->append(reinterpret_cast<const char *>(characters),
                                               static_cast<std::size_t>(length));
  };
  htmlParserCtxtPtr context =
      htmlCreatePushParserCtxt(&handler, &text, nullptr, 0, nullptr, XML_CHAR_ENCODING_UTF8);
  htmlParseChunk(context, html.data(), static_cast<int>(html.size()), 1);
  htmlFreeParserCtxt(context);
  if (text.empty()) fail("libxml2 read nothing");
}

// -- figures
// ----------------------------------------------------------------------------------------------------

/// Both sides by turns; `scale` makes of seconds a round what the unit says.
Figure measure(Figure figure, unsigned rounds, double scale, const std::function<void()> &ours,
               const std::function<void()> &reference) {
  ours();
  reference();
  for (unsigned round = 0; round < rounds; ++round) {
    figure.reference_values.push_back(cpu_seconds(reference) * scale);
    figure.values.push_back(cpu_seconds(ours) * scale);
  }
  return figure;
}

std::vector<Figure> measure_all(unsigned rounds, unsigned mails) {
  std::vector<Figure> figures;
  const auto mix = [&](std::string name, const std::vector<std::string> &sample) {
    figures.push_back(measure(
        {std::move(name), "us", "GMime parsing and decoding", {}, {}}, rounds,
        1e6 / static_cast<double>(sample.size()), [&] { read_whole(sample); },
        [&] { gmime(sample); }));
  };
  const std::vector<std::string> sample = mail_mix(42, mails);
  mix("mail/reader-mix", sample);
  figures.push_back(measure({"mail/reader-mix-hashed", "us", "GMime parsing and decoding", {}, {}},
                            rounds, 1e6 / static_cast<double>(sample.size()),
                            [&] { read_and_hash(sample); }, [&] { gmime(sample); }));
  Dice dice(42);
  std::vector<std::string> small, middle, big;
  for (unsigned i = 0; i < mails; ++i)
    small.push_back(small_mail(dice));
  for (unsigned i = 0; i < mails / 4; ++i)
    middle.push_back(middle_mail(dice));
  for (unsigned i = 0; i < mails / 40; ++i)
    big.push_back(big_mail(dice));
  mix("mail/reader-small", small);
  mix("mail/reader-middle", middle);
  mix("mail/reader-big", big);
  const std::string html = html_megabyte();
  figures.push_back(measure(
      {"mail/html", "ms", "libxml2 SAX", {}, {}}, rounds, 1e9 / static_cast<double>(html.size()),
      [&] {
        if (text::html_to_text(html).text.empty()) fail("no text");
      },
      [&] { sax(html); }));
  return figures;
}

/// For some seconds, so that what is done once does not count.
void profile(std::string_view what) {
  Dice dice(42);
  std::vector<std::string> mails;
  const std::string html = what == "html" ? html_megabyte() : "";
  if (what == "mix")
    mails = mail_mix(42, 100);
  else
    for (unsigned i = 0; i < 20 && html.empty(); ++i)
      mails.push_back(what == "small"    ? small_mail(dice)
                      : what == "middle" ? middle_mail(dice)
                                         : big_mail(dice));
  for (const std::uint64_t end = monotonic_ns() + 3'000'000'000; monotonic_ns() < end;)
    if (html.empty())
      read_whole(mails);
    else
      (void)text::html_to_text(html);
}

void print(const std::vector<Figure> &figures, bool json) {
  std::string text;
  for (const Figure &f : figures) {
    const double value = median(f.values), reference = median(f.reference_values);
    const double low = *std::min_element(f.values.begin(), f.values.end());
    const double high = *std::max_element(f.values.begin(), f.values.end());
    if (json)
      text += fmt::format(
          "{}{{\"name\": \"{}\", \"value\": {:.3f}, \"unit\": \"{}\", \"min\": {:.3f}, \"max\": "
          "{:.3f}, "
          "\"runs\": {}, \"reference\": \"{}\", \"reference_value\": {:.3f}, \"ratio\": {:.3f}}}",
          text.empty() ? "" : ",\n  ", f.name, value, f.unit, low, high, f.values.size(),
          f.reference, reference, value / reference);
    else
      text +=
          fmt::format("{:20} {:8.2f} {} ({:.2f}-{:.2f})  reference {:8.2f}  ratio {:.3f}  {}\n",
                      f.name, value, f.unit, low, high, reference, value / reference, f.reference);
  }
  fmt::print("{}", json ? "{\"figures\": [\n  " + text + "\n]}\n" : text);
}

} // namespace
} // namespace sekisho::bench

int main(int count, char **arguments) {
  bool json = false, quick = false;
  for (int i = 1; i < count; ++i) {
    json |= std::string_view(arguments[i]) == "--json";
    quick |= std::string_view(arguments[i]) == "--quick";
    if (std::string_view(arguments[i]) == "--ours" && i + 1 < count) {
      sekisho::bench::profile(arguments[i + 1]);
      return 0;
    }
  }
  g_mime_init();
  sekisho::bench::print(sekisho::bench::measure_all(quick ? 3 : 11, quick ? 100 : 200), json);
  g_mime_shutdown();
}
