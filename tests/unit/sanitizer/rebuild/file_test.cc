// A whole file job, with the engine where it is installed.
#include "sanitizer/rebuild/deflate.hh"
#include "sanitizer/rebuild/picture/fax.hh"
#include "sanitizer/rebuild/picture/jpeg_encoder.hh"
#include "sanitizer/rebuild/pdf/fonts.hh"
#include "sanitizer/rebuild/pdf/page_text.hh"
#include "sanitizer/rebuild/pdf/pdf_findings.hh"
#include "sanitizer/rebuild/rebuild.hh"
#include "sanitizer/rebuild/warm_up.hh"
#include "sanitizer/verify/verify.hh"
#include "tests/support/cost.hh"
#include "tests/unit/sanitizer/support/make_ooxml.hh"
#include "tests/unit/sanitizer/support/make_pdf.hh"
#include "tests/unit/sanitizer/support/make_zip.hh"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

namespace sekisho::rebuild {
namespace {

using job::Status;
using support::make_pdf;

bool have_pdf_engine() {
  static const bool have = warm_up("").pdf;
  return have;
}

job::Plan plan() {
  job::Plan plan;
  const auto set = [&](job::KindClass kind, job::Treatment treatment) {
    plan.treatments[static_cast<std::size_t>(kind)] = treatment;
  };
  set(job::KindClass::pdf, job::Treatment::render);
  set(job::KindClass::image, job::Treatment::render);
  set(job::KindClass::text, job::Treatment::text);
  set(job::KindClass::encrypted, job::Treatment::hold);
  return plan;
}

job::Outcome run(std::string_view octets, const std::string &name = "",
                 const job::Plan &chosen = plan()) {
  job::Job job;
  job.name = name;
  job.plan = chosen;
  job.bytes = as_bytes(octets);
  return file(job);
}

constexpr const char *active = "/OpenAction<</S/JavaScript/JS(app.alert(1))>>"
                               "/Names<</EmbeddedFiles<</Names[(a) 9 0 R]>>>>";

TEST(File, nothing_is_no_result) { // a winmail.dat that says nothing: an attribute, then its end
  using namespace std::string_view_literals;
  constexpr std::string_view says_nothing =
      "\x78\x9f\x3e\x22\x01\x00\x01\x03\x90\x06\x00\x24\x00\x00\x00\x01\x00\x00\x00\x03\x00\x00\x10"
      "\x80\x08\x20\x06\x00\x00\x00\x00\x00\xc0\x00\x00\x00\x00\x00\x00\x46\x00\x00\x00\x00\x44\x85"
      "\x00\x00\x03\x00\x0d\x34\x00"sv;
  job::Plan as_text = plan();
  as_text.treatments[static_cast<std::size_t>(job::KindClass::mail)] = job::Treatment::text;
  const job::Outcome outcome = run(says_nothing, "winmail.dat", as_text);
  EXPECT_EQ(Status::refused, outcome.status);
  EXPECT_EQ(Reason::part_no_text, outcome.reason);
  EXPECT_EQ(job::Action::stripped, outcome.report.parts.front().action);
  EXPECT_TRUE(outcome.output.empty());
}

TEST(File, pdf_is_only_pictures_afterwards) {
  if (!have_pdf_engine()) GTEST_SKIP() << "no PDFium";
  const job::Outcome outcome =
      run(make_pdf("BT /F 24 Tf 10 100 Td (secret) Tj ET", active), "a.pdf");
  ASSERT_EQ(Status::clean, outcome.status);
  EXPECT_EQ(job::Kind::pdf, outcome.output_kind);
  EXPECT_TRUE(verify::Verifier::accept(job::Kind::pdf, Untrusted(outcome.output)));
  for (std::string_view word : {"JavaScript", "/JS", "EmbeddedFile", "secret", "Helvetica"})
    EXPECT_EQ(std::string::npos, as_chars(outcome.output).find(word)) << word;
  EXPECT_NE(std::string::npos, as_chars(outcome.output).find("/MediaBox[0 0 200 300]"));
  ASSERT_EQ(1u, outcome.report.parts.size());
  const job::PartReport &part = outcome.report.parts.front();
  EXPECT_EQ(job::Action::rendered, part.action);
  EXPECT_EQ((std::vector{Reason::part_rendered, Reason::part_javascript, Reason::part_embedded_file,
                         Reason::part_automatic_action}),
            part.reasons);
}

TEST(File, pdf_of_white_pages_says_so) {
  if (!have_pdf_engine()) GTEST_SKIP() << "no PDFium";
  const auto is_told = [](const std::string &contents) {
    const job::Outcome outcome = run(make_pdf(contents));
    EXPECT_EQ(Status::clean, outcome.status);
    return std::ranges::count(outcome.report.parts.front().reasons, Reason::part_blank) == 1;
  };
  EXPECT_TRUE(is_told(""));
  EXPECT_TRUE(is_told("1 g 0 0 100 100 re f"));
  EXPECT_FALSE(is_told("0 0 1 1 re f"));
  EXPECT_FALSE(is_told("1 1 .9 rg 0 0 200 300 re f"));
}

/// The text of all runs on the only page of a PDF, as PDFium reads it.
std::vector<TextRun> runs_of(Bytes pdf) {
  const pdfium::Engine *engine = pdfium::engine();
  pdfium::Document document = engine->open(pdf.data(), static_cast<int>(pdf.size()), nullptr);
  pdfium::Page page = engine->load_page(document, 0);
  const std::vector<TextRun> runs =
      read_text(*engine, page, engine->page_width(page), engine->page_height(page));
  engine->close_page(page);
  engine->close(document);
  return runs;
}

std::string joined(const std::vector<TextRun> &runs) {
  std::string text;
  for (const TextRun &run : runs)
    text += run.text + (run.text.ends_with(' ') ? "" : " ");
  return text;
}

std::string without_spaces(std::string text) {
  std::erase(text, ' ');
  return text;
}

TEST(File, pdf_text_comes_back_where_it_was) {
  if (!have_pdf_engine()) GTEST_SKIP() << "no PDFium";
  const std::string pdf = make_pdf("BT /F 20 Tf 10 100 Td (two words) Tj ET "
                                   "BT /F 20 Tf 0 1 -1 0 150 100 Tm (up) Tj ET "
                                   "BT /F 20 Tf 0 -1 1 0 150 90 Tm (down) Tj ET "
                                   "BT /F 20 Tf 500 500 Td (outside) Tj ET");
  const std::vector<TextRun> before = runs_of(as_bytes(pdf));
  ASSERT_EQ(4u, before.size());
  EXPECT_EQ("two ", before[0].text);
  EXPECT_EQ(TextRun::Way::up, before[2].way);
  EXPECT_EQ(TextRun::Way::down, before[3].way);
  const job::Outcome outcome = run(pdf);
  ASSERT_EQ(Status::clean, outcome.status);
  const std::vector<TextRun> after = runs_of(outcome.output);
  // The engine measures our font by one of its own and may cut runs elsewhere.
  EXPECT_EQ("two words up down ", joined(before));
  EXPECT_EQ("twowordsupdown", without_spaces(joined(after)));
  for (const TextRun &run : before) {
    const auto near = [&](const TextRun &other) {
      return other.way == run.way && std::abs(int(other.x) - int(run.x)) < 300 &&
             std::abs(int(other.y) - int(run.y)) < 400;
    };
    EXPECT_TRUE(std::any_of(after.begin(), after.end(), near)) << run.text;
  }
  EXPECT_EQ(std::string::npos, as_chars(run(make_pdf("0 0 9 9 re f")).output).find("/Font<<"));
}

/// The verifier reads the layer in any case; for the foot of a mail it keeps it.
TEST(File, pdf_text_is_kept_while_it_is_verified) {
  if (!have_pdf_engine()) GTEST_SKIP() << "no PDFium";
  const auto layer_of = [](const std::string &contents) {
    std::string text;
    EXPECT_TRUE(verify::Verifier::accept(job::Kind::pdf, Untrusted(run(make_pdf(contents)).output),
                                         verify::no_deadline, &text));
    return text;
  };
  EXPECT_EQ(layer_of("BT /F 20 Tf 10 100 Td (two words) Tj ET BT /F 20 Tf 10 60 Td (below) Tj ET "
                     "BT /F 20 Tf 0 1 -1 0 150 100 Tm (up) Tj ET"),
            "two words\nbelow\nup");
  EXPECT_EQ(layer_of("0 0 9 9 re f"), "");
}

// H3: what acts is found however it is spelt or packed (ISO 32000-1 §7.3.5, §7.5.7).
TEST(File, pdf_findings_by_name) {
  using Reasons = std::vector<Reason>;
  const auto found = [](const std::string &objects) {
    return names_in_pdf(as_bytes(objects)).findings;
  };
  EXPECT_EQ(Reasons{}, found("<</Type/Page/JSX 1/Javascript 2>> (JavaScript)"));
  EXPECT_EQ(Reasons{Reason::part_javascript}, found("<</S/J#61va#53cript>>"));
  EXPECT_EQ(Reasons{Reason::part_javascript}, found("<</JS(app.alert)>>"));
  EXPECT_EQ((Reasons{Reason::part_launch_action, Reason::part_automatic_action}),
            found("<</OpenAction<</S/Launch>>>>"));
  EXPECT_EQ((Reasons{Reason::part_form_sending, Reason::part_external_link}),
            found("<</S/SubmitForm>><</S/URI>>"));
  EXPECT_EQ((Reasons{Reason::part_multimedia, Reason::part_xfa_form}), found("/RichMedia/XFA[]"));
  const Buffer packed = deflate(as_bytes("1 0 <</S/JavaScript/JS(x)>>" + std::string(500, ' ')), 6);
  const std::string object_stream = "<</Type/ObjStm/N 1>>stream\r\n" +
                                    std::string(as_chars(packed)) + "\nendstream";
  EXPECT_EQ(Reasons{Reason::part_javascript}, found(object_stream));
  EXPECT_EQ(Reasons{}, found("<</N 1>>stream\n" + std::string(as_chars(packed)) + "\nendstream"));
  EXPECT_EQ(Reasons{}, found("stream\n/JS /AA endstream")); // by chance among pixels
  EXPECT_FALSE(names_in_pdf(as_bytes("<</SMask 3 0 R>>")).plain_pictures);
  EXPECT_TRUE(names_in_pdf(as_bytes("<</Subtype/Image>>")).plain_pictures);
}

/// Of names that are words of other things too: where they are what they say.  Where a file looks otherwise, the engine's
/// copy of it decides.
TEST(File, pdf_names_count_where_they_name_what_acts) {
  using Reasons = std::vector<Reason>;
  const auto told = [](const std::string &objects) {
    return std::pair(names_in_pdf(as_bytes(objects)), names_in_pdf(as_bytes(objects), PdfWriting::by_engine));
  };
  for (const char *media : {"<</Subtype/Screen>>", "<</Subtype /#53creen>>", "<</S/Sound>>", "<</Type/3D>>", "9 0 obj\r\n/Movie\r\nendobj"}) {
    const auto [hand, engine] = told(media);
    EXPECT_EQ(hand.findings, Reasons{Reason::part_multimedia}) << media;
    EXPECT_EQ(engine.findings, Reasons{Reason::part_multimedia}) << media;
  }
  for (const char *word : {"<</BM/Screen>>", "<</Font<</3D 5 0 R/Movie 6 0 R>>>>", "/Subtype %\n /Screen", "/Name/Sound"}) {
    const auto [hand, engine] = told(word);
    EXPECT_EQ(hand.findings, Reasons{}) << word;
    EXPECT_EQ(hand.doubtful, Reasons{Reason::part_multimedia}) << word;
    EXPECT_EQ(engine.findings, Reasons{}) << word;
    EXPECT_EQ(engine.doubtful, Reasons{}) << word;
  }
  for (const char *acts : {"<</AA<</O 5 0 R>>>>", "<</AA 5 0 R>>", "<</A<</AA 5 0 R>>>>"})
    EXPECT_EQ(told(acts).second.findings, Reasons{Reason::part_automatic_action}) << acts;
  for (const char *word : {"<</Font <</A 4 0 R/AA 5 0 R>>>>", "<</BM/AA/X 1>>", "<</Resources<</XObject<</JS 5 0 R>>>>>>"})
    EXPECT_EQ(told(word).second.findings, Reasons{}) << word;
  EXPECT_EQ(told("<</Font<</F 1 0 R>>/JS 5 0 R>>").second.findings, Reasons{Reason::part_javascript});

  const Reasons action = {Reason::part_automatic_action};
  for (const char *view : {"/OpenAction[3 0 R/Fit]", "/OpenAction <</S/GoTo/D[3 0 R/XYZ 0 0 1]>>", "/OpenAction<</D(a>>\\))/Type/Action/S /GoTo>>"}) {
    const auto [hand, engine] = told(view);
    EXPECT_EQ(hand.findings, Reasons{}) << view;
    EXPECT_EQ(hand.doubtful, Reasons{}) << view;
    EXPECT_EQ(engine.findings, Reasons{}) << view;
  }
  for (const char *acts : {"/OpenAction<</S/Named/N/Print>>", "/OpenAction<</S/GoTo/Next 5 0 R>>", "/OpenAction<</S 9 0 R/X/GoTo>>",
                           "/OpenAction<</D<</S/GoTo>>>>", "/OpenAction<</S/GoTo", "/OpenAction<</S/GoTo/S/Named>>", "/OpenAction(a)"}) {
    EXPECT_EQ(told(acts).first.findings, action) << acts;
    EXPECT_EQ(told(acts).second.findings, action) << acts;
  }
  const std::string elsewhere = "5 0 obj\r\n<</S/Named/N/Print>>\r\nendobj\r\n15 0 obj\r\n<</S/GoTo/D[3 0 R]>>\r\nendobj\r\n1 0 obj <</OpenAction ";
  EXPECT_EQ(told(elsewhere + "15 0 R>>").first.doubtful, action);
  EXPECT_EQ(told(elsewhere + "15 0 R>>").second.findings, Reasons{});
  EXPECT_EQ(told(elsewhere + "5 0 R>>").second.findings, action);
}

/// Words of a page are no names; whoever writes by hand may hide names where words stand, so the engine is asked then.
TEST(File, pdf_names_in_words_are_doubtful) {
  using Reasons = std::vector<Reason>;
  const auto doubted = [](const std::string &objects, PdfWriting writing = PdfWriting::by_anybody) {
    const PdfNames names = names_in_pdf(as_bytes(objects), writing);
    EXPECT_EQ(names.findings, Reasons{});
    return names.doubtful;
  };
  const Reasons script = {Reason::part_javascript};
  EXPECT_EQ(doubted("stream\nBT (use no /JavaScript) Tj ET endstream"), script);
  EXPECT_EQ(doubted("<</Title(no (a) /JS \\) /JS)>>"), script);
  EXPECT_EQ(doubted("( <</JS 1>>"), script);
  EXPECT_EQ(names_in_pdf(as_bytes("(\\)a)/JS 1")).findings, script);
  EXPECT_EQ(names_in_pdf(as_bytes("( stream\nendstream /JS 1")).findings, script);

  const auto written = [](const std::string &objects) { return names_in_pdf(as_bytes(objects), PdfWriting::by_engine); };
  EXPECT_EQ(written("<</Title(a stream)/JS 1>>").findings, script);
  const PdfNames forged = written("<</Length 11 >>stream\r\nendstream (\r\nendstream <</JS 1>>");
  EXPECT_EQ(forged.findings, script);
  EXPECT_TRUE(forged.sure);
  EXPECT_FALSE(written("<</Length 7 0 R>>stream\r\nendstream (\r\nendstream <</JS 1>>").sure);
}

TEST(File, pdf_object_streams_that_are_not_read_are_told) {
  const auto unread = [](const std::string &says, const std::string &plain) {
    return names_in_pdf(as_bytes("<</Type/ObjStm" + says + ">>stream\r\n" + std::string(as_chars(deflate(as_bytes(plain), 6))) + "\nendstream")).unread;
  };
  EXPECT_FALSE(unread("/N 1/First 4/Filter/FlateDecode", "1 0 <</JS 1>>"));
  EXPECT_FALSE(unread("/N 1/First 4/Filter [ /Fl#61teDecode ]", "1 0 <</JS 1>>"));
  for (const char *says : {"/Filter 9 0 R", "/Filter/LZWDecode", "/Filter[/FlateDecode/FlateDecode]", "/Filter[/AHx/FlateDecode]",
                           "/Filter/FlateDecode/DecodeParms<</Predictor 12>>", "/Filter/FlateDecode/DecodeParms 9 0 R"})
    EXPECT_TRUE(unread(says, "1 0 <</JS 1>>")) << says;
  EXPECT_TRUE(unread("/Filter/FlateDecode", "\0021 0 <</JS 1>>"));
}

/// As the engine reads it: an object stream under a predictor, and a page that only speaks of scripts.
TEST(File, pdf_findings_as_the_engine_sees_them) {
  if (!have_pdf_engine()) GTEST_SKIP() << "no PDFium";
  const auto told = [](const std::string &pdf) {
    return run(pdf, "a.pdf").report.parts.front().reasons;
  };
  const auto has = [](const std::vector<Reason> &reasons, Reason reason) { return std::ranges::count(reasons, reason) > 0; };
  EXPECT_FALSE(has(told(make_pdf("BT /F 20 Tf 10 100 Td (use no /JavaScript) Tj ET")), Reason::part_javascript));
  // Object 5 stands in object 4, of which two rows of twelve octets are one.
  const Buffer packed = deflate(as_bytes(std::string("\0005 0 <</S/Jav\0aScript>>   ", 26)), 6);
  const std::vector<std::string> objects = {
      "<</Type/Catalog/Pages 2 0 R/Extensions 5 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
      "<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]>>",
      support::pdf_stream(std::string(as_chars(packed)), "/Type/ObjStm/N 1/First 4/Filter/FlateDecode/DecodeParms<</Predictor 12/Columns 12>>")};
  std::string pdf = "%PDF-1.7\n", table(4, '\0');
  const auto add_row = [&] { table += {'\1', static_cast<char>(pdf.size() >> 8), static_cast<char>(pdf.size()), '\0'}; };
  for (std::size_t i = 0; i < objects.size(); ++i) {
    add_row();
    pdf += std::to_string(i + 1) + " 0 obj\n" + objects[i] + "\nendobj\n";
  }
  table += {'\2', '\0', '\4', '\0'};
  add_row();
  const std::string start = std::to_string(pdf.size());
  pdf += "6 0 obj\n" + support::pdf_stream(table, "/Type/XRef/Size 7/W[1 2 1]/Root 1 0 R") + "\nendobj\nstartxref\n" + start + "\n%%EOF\n";
  EXPECT_TRUE(has(told(pdf), Reason::part_javascript));
}

job::Plan text_plan() {
  job::Plan chosen = plan();
  chosen.treatments[static_cast<std::size_t>(job::KindClass::pdf)] = job::Treatment::text;
  return chosen;
}

// ISO 32000-1 §8.11: what no page shows as it is opened.
TEST(File, layers_of_a_pdf_that_are_off_are_told) {
  const auto hides = [](std::string_view objects) {
    return names_in_pdf(as_bytes(objects)).findings == std::vector<Reason>({Reason::part_hidden_content});
  };
  for (const char *off : {"<</OCGs[5 0 R]/D<</OFF[5 0 R]>>>>", "/D<</OFF [\r\n 5 0 R ]>>", "/D<</OFF%[]\n[%]\n5 0 R]>>", "/D<</ON[]/OFF 7 0 R>>",
                          "/D<</#4fFF[5 0 R]>>", "/D<</BaseState/OFF/ON[6 0 R]>>", "/Usage<</View<</ViewState /OFF>>>>",
                          "<</Type/OCMD/OCGs 5 0 R/P/AllOff>>", "<</Type/OCMD/VE[/Not 5 0 R]>>",
                          "<</VE[/And 4 0 R[/Not 5 0 R]]>>"})
    EXPECT_TRUE(hides(off)) << off;
  for (const char *on : {"/D<</OFF[]/ON[5 0 R]>>", "/D<</BaseState/ON/OFF[ ]>>", "<</S/SetOCGState/State[/OFF 5 0 R]>>",
                         "/Usage<</Print<</PrintState/OFF>>>>", "<</Type/OCMD/P/AnyOn>>", "[/Not 5 0 R]", "/AS/Off"})
    EXPECT_FALSE(hides(on)) << on;
  EXPECT_TRUE(hides("/D<</OFF%" + std::string(200, 'x') + "\n[]>>")) << "further than is looked";

  const auto cost = [](const std::string &piece) {
    std::string objects;
    while (objects.size() < 1'000'000) objects += piece;
    return test::cost_of([&] { (void)names_in_pdf(as_bytes(objects)); });
  };
  EXPECT_LT(cost("/OFF%"), 50 * cost("/OFX%")); // each to the end of the file: hundreds
}

TEST(File, what_a_pdf_says_over_and_over_is_read_once) {
  const auto cost = [](const std::string &pdf, PdfWriting writing) {
    return test::cost_of([&] { (void)names_in_pdf(as_bytes(pdf), writing); });
  };
  const auto repeated = [](std::string_view words, std::size_t times) {
    std::string text;
    while (times-- > 0) text += words;
    return text;
  };
  const std::string marks = repeated("<<", 20'000);
  EXPECT_LT(cost(std::string(200'000, ' ') + marks, PdfWriting::by_anybody), 20 * cost(std::string(200'000, 'x') + marks, PdfWriting::by_anybody));
  const std::string opening = "<</OpenAction 6 0 R>>", objects = repeated("6 0 obj[0 0 R/Fit]", 200'000);
  EXPECT_LT(cost(opening + objects, PdfWriting::by_engine), 5 * cost("<</OpenActiom 6 0 R>>" + objects, PdfWriting::by_engine));
}

TEST(File, pdf_as_text) {
  if (!have_pdf_engine()) GTEST_SKIP() << "no PDFium";
  const job::Outcome outcome = run(make_pdf("BT /F 20 Tf 10 200 Td (first line) Tj 0 -40 Td "
                                            "(=cmd|second\\001) Tj ET",
                                            active),
                                   "a.pdf", text_plan());
  ASSERT_EQ(Status::clean, outcome.status) << word_of(outcome.reason);
  EXPECT_EQ(job::Kind::text, outcome.output_kind);
  EXPECT_NE(std::string::npos, as_chars(outcome.output).find("first line\n"));
  EXPECT_TRUE(verify::Verifier::accept(job::Kind::text, Untrusted(outcome.output)));
  const job::PartReport &part = outcome.report.parts.front();
  EXPECT_EQ(job::Action::kept_text, part.action);
  EXPECT_EQ((std::vector{Reason::part_to_text, Reason::part_javascript, Reason::part_embedded_file,
                         Reason::part_automatic_action, Reason::part_control_characters}),
            part.reasons);
  EXPECT_EQ(Reason::part_no_text, run(make_pdf("0 0 9 9 re f"), "", text_plan()).reason);

  std::string lines = "BT /F .2 Tf 10 290 Td ";
  for (int i = 0; i < 1000; ++i)
    lines += "(thirty characters of one line) Tj 0 -.28 Td ";
  const job::Outcome whole = run(make_pdf(lines + "(end of page) Tj ET"), "", text_plan());
  EXPECT_NE(std::string::npos, as_chars(whole.output).find("end of page")); // of any length
}

/// One page of 200 x 300 points with annotations, all of which are fields too; object 5 is a picture, /I.
std::string annotated_pdf(const std::string &drawing, const std::vector<std::string> &annotations) {
  std::vector<std::string> objects = {
      "", "<</Type/Pages/Count 1/Kids[3 0 R]>>", "", support::pdf_stream(drawing),
      support::pdf_stream("\x80", "/Type/XObject/Subtype/Image/Width 1/Height 1/BitsPerComponent 1/ColorSpace/DeviceGray")};
  std::string all;
  for (const std::string &annotation : annotations) {
    objects.push_back("<</Type/Annot" + annotation + ">>");
    all += std::to_string(objects.size()) + " 0 R ";
  }
  objects[0] = "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[" + all + "]/DA(/F 12 Tf 0 g)>>>>";
  objects[2] = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 300]/Contents 4 0 R/Annots[" + all +
               "]/Resources<</XObject<</I 5 0 R>>/Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>>";
  return support::join_pdf(objects);
}

std::string text_in(const job::Outcome &outcome) {
  EXPECT_EQ(Status::clean, outcome.status) << word_of(outcome.reason);
  return std::string(as_chars(outcome.output));
}

bool is_told(const job::Outcome &outcome, Reason reason) {
  return std::ranges::count(outcome.report.parts.front().reasons, reason) == 1;
}

constexpr const char *labels = "BT /F 12 Tf 10 200 Td (Name:) Tj 100 0 Td (Phone:) Tj -80 -40 Td (agreed) Tj ET";

// ISO 32000-1 §12.7.4, §12.5.6.6: what was filled in is the point of a form.
TEST(File, pdf_text_has_what_was_filled_in) {
  if (!have_pdf_engine()) GTEST_SKIP() << "no PDFium";
  const std::string form = annotated_pdf(
      labels, {"/Subtype/Widget/FT/Tx/T(phone)/V(0123)/Rect[160 198 198 214]/F 4",
               "/Subtype/Widget/FT/Tx/T(name)/V(TAKAHASHI)/Rect[50 198 100 214]/F 4",
               "/Subtype/Widget/FT/Btn/T(agree)/V/Yes/AS/Yes/AP<</N<</Yes 4 0 R/Off 4 0 R>>>>/Rect[10 158 24 172]/F 4",
               "/Subtype/Widget/FT/Btn/T(never)/AS/Off/AP<</N<</Yes 4 0 R/Off 4 0 R>>>>/Rect[10 98 24 112]/F 4",
               "/Subtype/Widget/FT/Ch/Ff 131072/T(where)/V(02)/Opt[[(01)(North)][(02)(South)]]/Rect[10 78 99 92]/F 4",
               "/Subtype/Widget/FT/Tx/Ff 8192/T(secret)/V(pass)/Rect[10 58 99 72]/F 4",
               "/Subtype/FreeText/Contents(two\rlines)/Rect[10 8 99 52]/F 4"});
  const job::Outcome text = run(form, "", text_plan());
  EXPECT_EQ(text_in(text), "Name: TAKAHASHI\tPhone: 0123\n☑ agreed\n☐ never\nwhere: South\ntwo\nlines\n");
  EXPECT_EQ(text.report.parts.front().reasons, std::vector{Reason::part_to_text});
  std::string layer;
  EXPECT_TRUE(verify::Verifier::accept(job::Kind::pdf, Untrusted(run(form).output), verify::no_deadline, &layer));
  EXPECT_EQ(layer, "Name: TAKAHASHI Phone: 0123\n☑ agreed\n☐\nSouth\ntwo lines");
}

/// What the file draws for a field or box may say other things than its text; readers show what is drawn.
TEST(File, pdf_text_has_what_annotations_draw) {
  if (!have_pdf_engine()) GTEST_SKIP() << "no PDFium";
  const auto pdf = [](const std::string &annotation, const std::string &drawing, const std::string &form = "") {
    const std::string font = "/Resources<</Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>";
    return support::join_pdf({"<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[5 0 R]/DA(/F 12 Tf 0 g)" + form + ">>>>",
                              "<</Type/Pages/Count 1/Kids[3 0 R]>>",
                              "<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 300]/Contents 4 0 R/Annots[5 0 R]" + font + ">>",
                              support::pdf_stream("BT /F 12 Tf 10 200 Td (Sum) Tj ET"),
                              "<</Type/Annot/F 4/Rect[50 198 150 214]/AP<</N 6 0 R>>" + annotation + ">>",
                              support::pdf_stream(drawing, "/Type/XObject/Subtype/Form/BBox[0 0 100 16]" + font)});
  };
  const auto words = [](const std::string &text) { return "BT /F 12 Tf 2 4 Td (" + text + ") Tj ET"; };
  const auto check = [](const std::string &octets, const std::string &expected, Reason told) {
    const job::Outcome outcome = run(octets, "", text_plan()), drawn = run(octets);
    EXPECT_EQ(text_in(outcome), expected);
    std::string layer; // of the picture: only what that shows
    EXPECT_TRUE(verify::Verifier::accept(job::Kind::pdf, Untrusted(drawn.output), verify::no_deadline, &layer));
    const std::size_t value = expected.find(" [= ");
    EXPECT_EQ(layer + '\n', expected.substr(0, value) + (value == std::string::npos ? "" : "\n"));
    EXPECT_EQ(is_told(drawn, Reason::part_hidden_content), value != std::string::npos);
    for (const Reason reason : {Reason::part_ambiguous, Reason::part_picture_dropped})
      EXPECT_EQ(is_told(outcome, reason), reason == told) << expected;
  };
  const std::string field = "/Subtype/Widget/FT/Tx/T(sum)/V";
  check(pdf(field + "(100)", words("900")), "Sum 900 [= 100]\n", Reason::part_ambiguous);
  check(pdf(field + "(100)", "0 0 9 9 re f"), "Sum 100\n", Reason::part_ambiguous);
  check(pdf(field + "(100)", "0 0 9 9 re f", "/NeedAppearances true"), "Sum 100\n", Reason::none);
  check(pdf(field + "(1000)", words("1,000 yen")), "Sum 1000\n", Reason::none);
  check(pdf(field + "(TAKAHASHI)", words("TAKA HASHI")), "Sum TAKAHASHI\n", Reason::none);
  check(pdf("/Subtype/Widget/FT/Tx/T(sum)", words("900")), "Sum 900\n", Reason::none);
  check(pdf("/Subtype/FreeText/Contents(paid)", words("unpaid")), "Sum unpaid [= paid]\n", Reason::part_ambiguous);
  check(pdf("/Subtype/Stamp", words("VOID")), "Sum VOID\n", Reason::none);
  check(pdf("/Subtype/Stamp", "0 0 9 9 re f"), "Sum\n", Reason::part_picture_dropped);
  check(pdf("/Subtype/Square", "0 0 9 9 re f"), "Sum\n", Reason::none);
}

TEST(File, remarks_on_a_pdf) {
  if (!have_pdf_engine()) GTEST_SKIP() << "no PDFium";
  const std::string remark = "/Contents(no\rpage 3)/Rect[10 10 30 30]/F 4";
  for (const char *kind : {"/Subtype/Text/T(Sato)", "/Subtype/Highlight/T(Sato)/QuadPoints[10 10 20 10 10 20 20 20]"}) {
    const std::string pdf = annotated_pdf(labels, {kind + remark, "/Subtype/Popup/Contents(x)/Rect[0 0 9 9]",
                                                   "/Subtype/Link/Contents(x)/Rect[0 0 9 9]"});
    const job::Outcome text = run(pdf, "", text_plan()), drawn = run(pdf);
    EXPECT_EQ(text_in(text), "Name:\tPhone:\nagreed\n[注釈: Sato: no page 3]\n");
    EXPECT_TRUE(is_told(text, Reason::office_tracked));
    EXPECT_TRUE(is_told(drawn, Reason::office_tracked_removed));
    EXPECT_FALSE(is_told(drawn, Reason::part_hidden_content));
  }
  const std::string empty = annotated_pdf(labels, {"/Subtype/Highlight/Contents( )/Rect[10 10 30 30]/F 4"});
  EXPECT_FALSE(is_told(run(empty), Reason::office_tracked_removed));
  const std::string hidden = annotated_pdf(labels, {"/Subtype/FreeText/Contents(secret)/Rect[10 10 30 30]/F 2"});
  const job::Outcome text = run(hidden, "", text_plan());
  EXPECT_EQ(text_in(text), "Name:\tPhone:\nagreed\n");
  EXPECT_TRUE(is_told(text, Reason::part_hidden_content));
  EXPECT_TRUE(is_told(run(hidden), Reason::part_hidden_content));
  for (const char *nowhere : {"/Rect[500 500 600 600]", "/Rect[-90 10 -9 30]", "/Rect[10 10 10 30]"}) {
    const std::string beside = annotated_pdf(labels, {std::string("/Subtype/FreeText/Contents(9999999)/F 4") + nowhere});
    EXPECT_EQ(text_in(run(beside, "", text_plan())), "Name:\tPhone:\nagreed\n") << nowhere;
    EXPECT_TRUE(is_told(run(beside, "", text_plan()), Reason::part_hidden_content)) << nowhere;
  }
}

TEST(File, annotations_are_read_as_far_as_there_is_room) {
  if (!have_pdf_engine()) GTEST_SKIP() << "no PDFium";
  const auto many = [](std::size_t count, const std::string &contents) {
    return run(annotated_pdf(labels, std::vector<std::string>(
                                         count, "/Subtype/FreeText/Contents(" + contents + ")/Rect[10 10 30 30]")),
               "", text_plan());
  };
  EXPECT_FALSE(is_told(many(500, "one"), Reason::part_too_big));
  EXPECT_TRUE(is_told(many(501, "one"), Reason::part_too_big));
  const job::Outcome long_ones = many(3, std::string(60'000, 'x'));
  EXPECT_TRUE(is_told(long_ones, Reason::part_too_big));
  EXPECT_LT(long_ones.output.size(), 150'000u);
}

// The engine looks for each field among all.
TEST(File, pdf_with_a_form_of_very_many_fields) {
  if (!have_pdf_engine()) GTEST_SKIP() << "no PDFium";
  const auto form = [](std::size_t count, bool one_name) {
    std::vector<std::string> fields = {"/Subtype/Widget/FT/Tx/T(name)/V(TAKAHASHI)/Rect[50 198 100 214]/F 4",
                                       "/Subtype/Widget/FT/Btn/T(agree)/V/Yes/AS/Yes/AP<</N<</Yes 4 0 R/Off 4 0 R>>>>/Rect[0 158 9 172]/F 4",
                                       "/Subtype/Widget/FT/Tx/Ff 8192/T(secret)/V(pass)/Rect[10 58 99 72]/F 4"};
    while (fields.size() < count)
      fields.push_back("/Subtype/Widget/FT/Tx/T(f" + std::to_string(one_name ? 0 : fields.size()) + ")/Rect[10 10 30 30]/F 4");
    return annotated_pdf(labels, fields);
  };
  const std::string few = form(400, true), many = form(40'000, true), names = form(40'000, false);
  const job::Outcome text = run(many, "", text_plan());
  EXPECT_EQ(text_in(text), "Name: TAKAHASHI\tPhone:\n☑ agreed\n");
  EXPECT_TRUE(is_told(text, Reason::part_too_big));
  EXPECT_TRUE(is_told(run(many), Reason::part_too_big));
  EXPECT_FALSE(is_told(run(few), Reason::part_too_big));
  const auto cost = [](const std::string &pdf) { return test::cost_of([&] { (void)run(pdf); }); };
  EXPECT_LT(cost(many), 60 * cost(few)); // thousands where each control looks for all
  EXPECT_LT(cost(names), 60 * cost(few));
}

// ISO 32000-1 §9.3.6: mode 3 is for the words of a scan.
TEST(File, text_of_a_pdf_that_nobody_sees) {
  if (!have_pdf_engine()) GTEST_SKIP() << "no PDFium";
  const std::string words = "BT /F 12 Tf 10 200 Td (seen) Tj ET BT 3 Tr /F 12 Tf 10 100 Td (in mode 3) Tj ET ";
  const auto of = [](const std::string &drawing, const job::Plan &chosen) {
    return run(annotated_pdf(drawing, {}), "", chosen);
  };
  const auto layer = [&](const std::string &drawing) {
    std::string text;
    EXPECT_TRUE(verify::Verifier::accept(job::Kind::pdf, Untrusted(of(drawing, plan()).output), verify::no_deadline, &text));
    return text;
  };
  const std::string scan = "q 200 0 0 150 0 50 cm /I Do Q ", beside = "BT /F 12 Tf 10 -50 Td (below) Tj ET ";
  EXPECT_EQ(text_in(of(words, text_plan())), "seen\n");
  EXPECT_TRUE(is_told(of(words, text_plan()), Reason::part_hidden_content));
  EXPECT_EQ(layer(words), "seen");
  EXPECT_TRUE(is_told(of(words, plan()), Reason::part_hidden_content));
  const std::string picture_words = "[このページには、画像に重ねた見えない文字(読み取り結果など)を含みます]\n";
  const std::string inked = scan + "0 g 10 95 60 4 re f "; // a picture that is not blank there
  EXPECT_EQ(text_in(of(scan + words, text_plan())), "seen\n");
  EXPECT_TRUE(is_told(of(scan + words, text_plan()), Reason::part_hidden_content));
  EXPECT_EQ(text_in(of(inked + words, text_plan())), picture_words + "seen\nin mode 3\n");
  EXPECT_FALSE(is_told(of(inked + words, text_plan()), Reason::part_hidden_content));
  const std::string page = "0 g BT /F 12 Tf 10 100 Td (under) Tj ET q 200 0 0 300 0 0 cm /I Do Q 9 95 60 4 re f ";
  EXPECT_EQ(text_in(of(page + words, text_plan())), picture_words + "under\nseen\nin mode 3\n");
  EXPECT_EQ(layer(scan + words), "seen\nin mode 3");
  EXPECT_EQ(text_in(of("q 20 0 0 20 0 0 cm /I Do Q " + words, text_plan())), "seen\n"); // it stands elsewhere
  EXPECT_EQ(text_in(of(beside + "BT /F 12 Tf 190 9 Td (edge) Tj ET", text_plan())), "ed\n"); // as it is seen
  EXPECT_TRUE(is_told(of(beside + words, text_plan()), Reason::part_hidden_content));
  EXPECT_EQ(Reason::part_no_text, of(beside, text_plan()).reason);
}

TEST(File, text_of_a_pdf_as_its_page_shows_it) {
  if (!have_pdf_engine()) GTEST_SKIP() << "no PDFium";
  const std::string seen = "0 g BT /F 12 Tf 10 200 Td (seen) Tj ET ", other = "BT /F 12 Tf 10 100 Td (other) Tj ET ";
  const auto of = [&](const std::string &drawing) { return run(annotated_pdf(seen + drawing, {}), "", text_plan()); };
  for (const std::string &hiding :
       {"1 g " + other, "0.97 g " + other, "1 G 1 Tr " + other, "0.5 g 0 90 99 30 re f " + other,
        "q 0 0 200 99 re W n " + other + "Q", "q 0 0 9 300 re W n " + other + "Q", other + "0.9 g 0 90 99 30 re f",
        other + "0 90 99 30 re f", other + "q 99 0 0 30 0 90 cm /I Do Q", other + "q 99 0 0 30 0 90 cm /I Do Q 0 99 99 2 re f",
        "q 7 Tr " + other + "Q 0 99 99 2 re f"}) {
    const job::Outcome outcome = of(hiding);
    EXPECT_EQ(text_in(outcome), "seen\n") << hiding;
    EXPECT_TRUE(is_told(outcome, Reason::part_hidden_content)) << hiding;
  }
  for (const std::string &showing :
       {"0.85 g " + other, "0 90 99 30 re f 1 g " + other, "0.5 g 0 90 99 30 re f 0 g " + other, "q 0 90 200 99 re W n " + other + "Q",
        "1 0 0 RG 1 Tr " + other, "q 7 Tr " + other + "0 90 99 30 re f Q",
        "q 0 0 200 300 re W n 7 Tr " + other + "0.5 g 0 90 99 30 re f Q", "0.9 g 0 90 99 30 re f 0 g " + other + "0 99 99 1 re f"}) {
    const job::Outcome outcome = of(showing);
    EXPECT_EQ(text_in(outcome), "seen\nother\n") << showing;
    EXPECT_EQ(outcome.report.parts.front().reasons, std::vector{Reason::part_to_text}) << showing;
  }
}

TEST(File, characters_of_a_pdf_that_stand_for_nothing_are_told) {
  if (!have_pdf_engine()) GTEST_SKIP() << "no PDFium";
  const auto of = [](const std::string &code) { // of "B"
    const std::string map = "/CIDInit/ProcSet findresource begin 12 dict begin begincmap /CMapName/X def 1 begincodespacerange <00> <ff> "
                            "endcodespacerange 1 beginbfchar <42> <" + code + "> endbfchar endcmap end end";
    return run(support::join_pdf({"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Count 1/Kids[3 0 R]>>",
                                  "<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 300]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>",
                                  support::pdf_stream("BT /F 20 Tf 10 200 Td (ABC) Tj ET"),
                                  "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/ToUnicode 6 0 R>>", support::pdf_stream(map)}),
               "", text_plan());
  };
  EXPECT_EQ(text_in(of("4e00")), "A一C\n");
  EXPECT_FALSE(is_told(of("4e00"), Reason::part_charset_replaced));
  EXPECT_EQ(text_in(of("e000")), "A〓C\n");
  EXPECT_TRUE(is_told(of("e000"), Reason::part_charset_replaced));
  EXPECT_EQ(text_in(of("fffd")), "A\xef\xbf\xbd""C\n");
  EXPECT_TRUE(is_told(of("fffd"), Reason::part_charset_replaced));
}

/// Tables have cells of one character, beside and below which the engine does not see lines.
TEST(File, lines_of_a_pdf_are_those_of_the_page) {
  if (!have_pdf_engine()) GTEST_SKIP() << "no PDFium";
  const auto text_of = [](const std::string &drawing) {
    return text_in(run(make_pdf("BT /F 12 Tf 10 250 Td " + drawing + " ET"), "a.pdf", text_plan()));
  };
  EXPECT_EQ(text_of("(1) Tj 60 0 Td (A) Tj 60 0 Td (x) Tj -120 -16 Td (2) Tj 60 0 Td (B) Tj -60 -16 Td (3) Tj"), "1\tA\tx\n2\tB\n3\n");
  EXPECT_EQ(text_of("(name) Tj 60 0 Td (2,000) Tj 0 -16 Td (4) Tj -60 -16 Td (B) Tj 60 0 Td (5) Tj"), "name\t2,000\n4\nB\t5\n");
  EXPECT_EQ(text_of("(year) Tj 26 0 Td (8) Tj 10 0 Td (x) Tj"), "year 8 x\n");
  EXPECT_EQ(text_of("(10 m) Tj /F 7 Tf 5 Ts (2) Tj /F 12 Tf 0 Ts ( of land) Tj 0 -16 Td (next) Tj"), "10 m2 of land\nnext\n");
  EXPECT_EQ(text_of("(100) Tj /F 7 Tf 5 Ts (1) Tj"), "100 1\n");
  EXPECT_EQ(text_of("(left) Tj 0 -16 Td (below) Tj 100 16 Td (right) Tj 0 -16 Td (end) Tj"), "left\nbelow\nright\nend\n"); // columns
}

/// ISO 32000-1 §14.9.4.
TEST(File, words_that_a_pdf_gives_for_others_stand_beside_them) {
  if (!have_pdf_engine()) GTEST_SKIP() << "no PDFium";
  const auto of = [](const std::string &drawn, const std::string &said) {
    return run(make_pdf("BT /F 12 Tf 10 250 Td (a ) Tj /Span<</ActualText" + said + ">>BDC (" + drawn + ") Tj EMC ( b) Tj ET"), "a.pdf", text_plan());
  };
  EXPECT_EQ(text_in(of("900", "(100)")), "a 900 [= 100] b\n");
  EXPECT_TRUE(is_told(of("900", "(100)"), Reason::part_ambiguous));
  for (const auto &[drawn, said, text] : std::initializer_list<std::array<std::string, 3>>{
           {"900", "(900)", "a 900 b\n"}, {"fi", "<FEFFFB01>", ""}, {"fi", "<FEFF00660069>", "a fi b\n"}, {"-", "<FEFF00AD>", ""}, {"9 00", "(900 )", ""}}) {
    EXPECT_FALSE(is_told(of(drawn, said), Reason::part_ambiguous)) << drawn;
    if (!text.empty()) {
      EXPECT_EQ(text_in(of(drawn, said)), text);
    }
  }
}

TEST(File, more_words_given_for_others_than_can_be_compared_are_told) {
  if (!have_pdf_engine()) GTEST_SKIP() << "no PDFium";
  const auto of = [](std::size_t count) {
    std::string drawing = "BT /F 1 Tf 10 250 Td ";
    for (std::size_t i = 0; i < count; ++i) drawing += "/Span<</ActualText(a)>>BDC (a) Tj EMC ";
    return run(make_pdf(drawing + "ET"), "a.pdf", text_plan());
  };
  EXPECT_FALSE(is_told(of(100), Reason::part_ambiguous));
  EXPECT_TRUE(is_told(of(5000), Reason::part_ambiguous)); // each is looked for among all characters of the page
}

/// ISO 32000-1 §12.5.6: readers draw these by their entries where the file has no drawing of them; the engine does not.
TEST(File, annotations_are_drawn_by_their_entries) {
  if (!have_pdf_engine()) GTEST_SKIP() << "no PDFium";
  const auto drawn = [](const std::string &annotation, const std::string &place = "/Rect[10 190 100 220]") {
    return run(annotated_pdf("", {place + "/Subtype" + annotation}), "a.pdf", plan());
  };
  const auto is_whole = [](const job::Outcome &outcome) { return !is_told(outcome, Reason::part_blank) && !is_told(outcome, Reason::part_annotation_not_drawn); };
  if (!have_japanese_fonts()) GTEST_SKIP() << "no fonts";
  for (const char *whole : {"/Line/L[10 190 100 220]", "/Line/Border[0 0 9]/L[10 190 100 220]", "/PolyLine/Vertices[10 190 50 220 100 190]", "/Polygon/Vertices[10 190 100 190 55 220]",
                            "/Polygon/C[1 0 0]/IC[1 1 0]/Vertices[10 190 100 190 55 220]", "/FreeText/Contents(words\r\nand)/DA(0 0 1 rg /F 9 Tf)",
                            "/FreeText/Contents<FEFF65E5672C>", "/FreeText/Contents(a very long text that has room in small letters only, and some more of it)/DA(/F 20 Tf)/Q 2",
                            "/FreeText/Contents(white)/DA(1 g)/C[0]"})
    EXPECT_TRUE(is_whole(drawn(whole))) << whole;
  EXPECT_TRUE(is_told(drawn("/FreeText/Contents(white)/DA(1 g)"), Reason::part_blank)); // as it says
  for (const char *in_part : {"/Line/BS<</W 9>>/L[10 190 100 220]", "/Line/LE[/None/OpenArrow]/L[10 190 100 220]", "/Polygon/IC[0]/Vertices[10 190 100 190 55 220]",
                              "/FreeText/Contents<FEFF0041D55C>", "/FreeText/Contents(a)/CL[0 0 9 9]"}) {
    EXPECT_FALSE(is_told(drawn(in_part), Reason::part_blank)) << in_part;
    EXPECT_TRUE(is_told(drawn(in_part), Reason::part_annotation_not_drawn)) << in_part;
  }
  EXPECT_TRUE(is_told(drawn("/FreeText/Contents(" + std::string(900, 'x') + ")"), Reason::part_annotation_not_drawn)); // more than there is room for
  EXPECT_TRUE(is_told(drawn("/Line/L[10 190 100 220]/F 2"), Reason::part_blank)); // hidden
  EXPECT_FALSE(is_told(drawn("/Line/Border[0 0 0]/L[10 190 100 220]"), Reason::part_annotation_not_drawn)); // none, and none is missing
  EXPECT_TRUE(is_told(drawn("/Line/Border[0 0 0]/L[10 190 100 220]"), Reason::part_blank));
  EXPECT_TRUE(is_told(drawn("/FreeText/Contents(white)/DA(1 g)/C[1 1 0]/CA 0.5"), Reason::part_blank)); // covers nothing
  for (const char *none : {"/Polygon/Vertices[]", "/Polygon", "/Line/L[1 2]", "/Line/CA 0.5/L[10 190 100 220]", "/Stamp/Name/Approved"})
    EXPECT_TRUE(is_told(drawn(none), Reason::part_blank) && is_told(drawn(none), Reason::part_annotation_not_drawn)) << none;
  std::string layer; // once
  EXPECT_TRUE(verify::Verifier::accept(job::Kind::pdf, Untrusted(drawn("/FreeText/Contents(words)").output), verify::no_deadline, &layer));
  EXPECT_EQ(layer, "words");
}

TEST(File, annotations_that_are_not_drawn_are_told) {
  if (!have_pdf_engine()) GTEST_SKIP() << "no PDFium";
  const auto told = [](const std::string &annotation, const job::Plan &chosen) {
    return is_told(run(annotated_pdf("BT /F 20 Tf 10 200 Td (secret) Tj ET", {"/Rect[10 190 100 220]/Subtype" + annotation}), "a.pdf", chosen),
                   Reason::part_annotation_not_drawn);
  };
  for (const char *annotation : {"/Polygon/IC[0 0 0]/Vertices[10 190 100 190 100 220 10 220]", "/PolyLine/LE[/Butt/Butt]/Vertices[10 190 100 220]",
                                 "/Line/BS<</W 20>>/L[10 190 100 220]", "/Stamp/Name/Approved"}) {
    EXPECT_TRUE(told(annotation, plan())) << annotation;
    EXPECT_TRUE(told(annotation, text_plan())) << annotation;
    EXPECT_FALSE(told(annotation + std::string("/F 2"), plan())) << annotation; // hidden
    EXPECT_FALSE(told(annotation + std::string("/AP<</N 5 0 R>>"), plan())) << annotation;
  }
  EXPECT_TRUE(told("/FreeText/Contents<FEFF0041D55C>", plan()));
  EXPECT_FALSE(told("/FreeText/Contents<FEFF0041D55C>", text_plan())); // it is there
  EXPECT_FALSE(told("/FreeText/Contents()", plan()));
  for (const char *annotation : {"/Square/C[1 0 0]", "/Circle/C[1 0 0]", "/Highlight/QuadPoints[10 220 100 220 10 190 100 190]", "/Link", "/Text/Contents(a)"})
    EXPECT_FALSE(told(annotation, plan())) << annotation;
}

TEST(File, gaps_in_the_pages_of_a_pdf_are_told) {
  if (!have_pdf_engine()) GTEST_SKIP() << "no PDFium";
  const auto of = [](const std::string &font, const std::string &drawing) {
    return run(support::join_pdf({"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Count 1/Kids[3 0 R]>>",
                                  "<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 300]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>",
                                  support::pdf_stream(drawing), "<</Type/Font" + font + ">>"}));
  };
  const auto latin = [&](const std::string &glyph, const std::string &drawing) { // instead of "B"
    return of("/Subtype/Type1/BaseFont/Helvetica/Encoding<</Differences[66/" + glyph + "]>>", drawing);
  };
  const std::string words = "BT /F 20 Tf 10 200 Td (ABC) Tj ET";
  const std::string japanese = "/Subtype/Type0/BaseFont/Ryumin-Light/Encoding/90ms-RKSJ-H/DescendantFonts[<</Type/Font/Subtype/CIDFontType0"
                               "/BaseFont/Ryumin-Light/CIDSystemInfo<</Registry(Adobe)/Ordering(Japan1)/Supplement 6>>/DW 1000>>]";
  EXPECT_TRUE(is_told(of(japanese, "BT /F 20 Tf 10 200 Td <41f04042> Tj ET"), Reason::part_charset_replaced)) << "a character of somebody's own";
  for (const char *glyph : {"B", "eacute", "space", "nbspace", "period", "ffi"})
    EXPECT_FALSE(is_told(latin(glyph, words), Reason::part_charset_replaced)) << glyph;
  for (const std::string &hidden : {"3 Tr " + words, "1 g " + words, words + " 0.5 g 0 190 99 40 re f"})
    EXPECT_FALSE(is_told(latin("B", hidden), Reason::part_charset_replaced)) << hidden;
}

/// ISO 32000-1 §8.11; /off and /on are marked contents, /P and /Q the forms `forms`, the first of a group that is off.
std::string layered_pdf(const std::string &drawing, const std::string &state, const std::array<std::string, 2> &forms = {}) {
  const std::string form = "/Type/XObject/Subtype/Form/BBox[0 0 200 300]/Matrix[1 0 0 1 0 50]/Resources<</Font<</F 8 0 R>>>>/OC ";
  return support::join_pdf(
      {"<</Type/Catalog/Pages 2 0 R/OCProperties<</OCGs[5 0 R 6 0 R]/D<<" + state + ">>>>>>", "<</Type/Pages/Count 1/Kids[3 0 R]>>",
       "<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 300]/Contents 4 0 R/Resources<</Font<</F 8 0 R>>/Properties<</off 5 0 R/on 6 0 R>>"
       "/XObject<</P 7 0 R/Q 9 0 R>>>>>>",
       support::pdf_stream(drawing), "<</Type/OCG/Name(a)>>", "<</Type/OCG/Name(b)>>", support::pdf_stream(forms[0], form + "5 0 R"),
       "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>", support::pdf_stream(forms[1], form + "6 0 R")});
}

TEST(File, text_of_layers_of_a_pdf_that_are_off) {
  if (!have_pdf_engine()) GTEST_SKIP() << "no PDFium";
  const auto at = [](const std::string &place, const std::string &words) {
    return "BT /F 12 Tf " + place + " Td (" + words + ") Tj ET ";
  };
  const auto in = [](const std::string &layer, const std::string &drawing) { return "/OC /" + layer + " BDC " + drawing + "EMC "; };
  const std::string seen = at("10 250", "seen"), off = in("off", at("10 200", "900 yen")), on = in("on", at("10 200", "100 yen"));
  const std::array<std::string, 2> forms = {at("10 100", "700 yen"), at("10 100", "800 yen")};
  const auto expect = [](const std::string &pdf, const char *words) {
    const job::Outcome outcome = run(pdf, "", text_plan());
    EXPECT_EQ(text_in(outcome), words) << pdf;
    EXPECT_TRUE(is_told(outcome, Reason::part_hidden_content)) << pdf;
    const job::Outcome drawn = run(pdf);
    std::string layer;
    EXPECT_TRUE(verify::Verifier::accept(job::Kind::pdf, Untrusted(drawn.output), verify::no_deadline, &layer));
    EXPECT_EQ(layer + '\n', words) << "drawn: " << pdf;
    EXPECT_TRUE(is_told(drawn, Reason::part_hidden_content)) << pdf;
  };
  for (const char *state : {"/OFF[5 0 R]", "/BaseState/OFF/ON[6 0 R]"}) {
    expect(layered_pdf(seen + off, state), "seen\n");
    expect(layered_pdf(seen + off + on, state), "seen\n100 yen\n");
    expect(layered_pdf(seen + on + off, state), "seen\n100 yen\n");
    expect(layered_pdf(seen + off + off + on + on, state), "seen\n100 yen\n");
    expect(layered_pdf(seen + "q 2 0 0 1 5 20 cm /P Do /Q Do Q", state, forms), "seen\n800 yen\n");
  }
  const job::Outcome all_on = run(layered_pdf(seen + off, "/OFF[]"), "", text_plan());
  EXPECT_EQ(text_in(all_on), "seen\n900 yen\n");
  EXPECT_EQ(all_on.report.parts.front().reasons, std::vector{Reason::part_to_text});
}

/// A page of nothing but one JPEG, 300 x 450 pixels of a ramp.
/// Pages by their numbers as objects: 3 is one, 9 is not there.
std::string pdf_of_pages(const std::string &kids, unsigned count) {
  return support::join_pdf({"<</Type/Catalog/Pages 2 0 R>>",
                            "<</Type/Pages/Count " + std::to_string(count) + "/Kids[" + kids + "]>>",
                            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 300]/Contents 4 0 R"
                            "/Resources<</Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>>",
                            support::pdf_stream("BT /F 20 Tf 10 200 Td (words) Tj ET")});
}

TEST(File, pages_of_a_pdf_that_cannot_be_read_are_told) {
  if (!have_pdf_engine()) GTEST_SKIP() << "no PDFium";
  const auto has_reason = [](const job::Outcome &outcome, Reason reason) {
    const std::vector<Reason> &reasons = outcome.report.parts.front().reasons;
    return std::find(reasons.begin(), reasons.end(), reason) != reasons.end();
  };
  for (const job::Plan &chosen : {plan(), text_plan()}) {
    const job::Outcome some = run(pdf_of_pages("3 0 R 9 0 R", 2), "a.pdf", chosen);
    ASSERT_EQ(Status::clean, some.status) << word_of(some.reason);
    EXPECT_TRUE(has_reason(some, Reason::part_malformed));
    EXPECT_FALSE(has_reason(run(pdf_of_pages("3 0 R 3 0 R", 2), "a.pdf", chosen), Reason::part_malformed));
    EXPECT_EQ(Reason::part_malformed, run(pdf_of_pages("9 0 R 9 0 R", 2), "a.pdf", chosen).reason);
  }
}

std::string scan_pdf(const std::string &entries, const std::string &drawing) {
  std::vector<std::uint8_t> ramp(300 * 450);
  for (std::size_t i = 0; i < ramp.size(); ++i)
    ramp[i] = static_cast<std::uint8_t>(i / 300 / 2);
  const auto jpeg =
      encode_jpeg({ramp.data(), 300, 300, 450, JpegSource::Format::gray}, 90);
  return support::join_pdf(
      {"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Count 1/Kids[3 0 R]>>",
       "<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 300]/Contents 4 0 R"
       "/Resources<</XObject<</I 5 0 R>>/Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>>",
       support::pdf_stream(drawing),
       support::pdf_stream(std::string(as_chars(*jpeg)),
                           "/Type/XObject/Subtype/Image/Width 300/Height 450/ColorSpace/DeviceGray"
                           "/BitsPerComponent 8/Filter/DCTDecode" + entries)});
}

std::string picture_size(const std::string &pdf) {
  const Buffer output = run(pdf).output;
  const std::string_view text = as_chars(output);
  const std::size_t at = text.find("/Width ");
  return at == text.npos ? "none" : std::string(text.substr(at, text.find("/Color", at) - at));
}

// At 150 dpi the page has 416 x 625 pixels: a scan is never made larger, a drawn page is as large.
TEST(File, pdf_of_one_jpeg_is_not_drawn) {
  if (!have_pdf_engine()) GTEST_SKIP() << "no PDFium";
  const std::string whole = "q 200 0 0 300 0 0 cm /I Do Q";
  const std::string scan = "/Width 300/Height 450", drawn = "/Width 416/Height 625";
  EXPECT_EQ(scan, picture_size(scan_pdf("", whole)));
  EXPECT_EQ(scan, picture_size(scan_pdf("", whole + " BT 3 Tr /F 9 Tf (hidden) Tj ET")));
  EXPECT_EQ(drawn, picture_size(scan_pdf("", whole + " BT /F 9 Tf (seen) Tj ET")));
  EXPECT_EQ(drawn, picture_size(scan_pdf("", whole + " 0 0 9 9 re f")));
  EXPECT_EQ(drawn, picture_size(scan_pdf("", "q 100 0 0 300 0 0 cm /I Do Q")));
  EXPECT_EQ(drawn, picture_size(scan_pdf("", "q 200 0 0 -300 0 300 cm /I Do Q")));
  EXPECT_EQ(drawn, picture_size(scan_pdf("", "q 9 9 50 50 re W n 200 0 0 300 0 0 cm /I Do Q")));
  EXPECT_EQ(drawn, picture_size(scan_pdf("/Decode[1 0]", whole)));
}

/// A page of nothing but one picture of two tones.
std::string bilevel_pdf(const Buffer &coded, std::uint32_t width, std::uint32_t height) {
  return support::join_pdf(
      {"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Count 1/Kids[3 0 R]>>",
       "<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 300]/Contents 4 0 R"
       "/Resources<</XObject<</I 5 0 R>>>>>>",
       support::pdf_stream("q 200 0 0 300 0 0 cm /I Do Q"),
       support::pdf_stream(std::string(as_chars(coded)),
                           "/Type/XObject/Subtype/Image/Width " + std::to_string(width) + "/Height " +
                               std::to_string(height) +
                               "/ColorSpace/DeviceGray/BitsPerComponent 1/Filter/CCITTFaxDecode"
                               "/DecodeParms<</K -1/Columns " + std::to_string(width) + ">>")});
}

TEST(File, pdf_of_two_tones_keeps_its_pixels) {
  if (!have_pdf_engine()) GTEST_SKIP() << "no PDFium";
  const std::uint32_t width = 1001, height = 1500;
  Buffer rows((width + 7) / 8 * height);
  for (std::size_t i = 0; i < rows.size(); ++i)
    rows[i] = static_cast<std::byte>(i / 126 % 40 < 30 ? 0xff : i * 37 % 256);
  const Buffer coded = encode_group4(rows, width, height);
  const job::Outcome outcome = run(bilevel_pdf(coded, width, height));
  ASSERT_EQ(Status::clean, outcome.status);
  const std::string_view text = as_chars(outcome.output);
  EXPECT_NE(std::string::npos, text.find("/Width 1001/Height 1500/ColorSpace/DeviceGray"
                                         "/BitsPerComponent 1/Filter/CCITTFaxDecode"));
  EXPECT_NE(std::string::npos, text.find(as_chars(coded))); // another engine read it, ours wrote it
  EXPECT_TRUE(verify::Verifier::accept(job::Kind::pdf, Untrusted(outcome.output)));
}

// Every run length up to 2700 in both colours, as another decoder reads it (ITU-T T.4 tables 2, 3).
TEST(File, pdf_fax_codes_are_those_of_others) {
  if (!have_pdf_engine()) GTEST_SKIP() << "no PDFium";
  constexpr std::uint32_t side = 2700, row_size = (side + 7) / 8;
  Buffer rows(std::size_t{row_size} * side);
  for (std::uint32_t y = 0; y < side; ++y)
    for (std::uint32_t x = 0; x < y * 5 % (side + 1); ++x) // steps too far for vertical modes
      rows[row_size * y + x / 8] |= static_cast<std::byte>(0x80 >> x % 8);
  const Buffer coded = encode_group4(rows, side, side);
  EXPECT_NE(std::string::npos,
            as_chars(run(bilevel_pdf(coded, side, side)).output).find(as_chars(coded)));
}

// ISO 32000-1 §14.11.2, table 30; annex C.2.
TEST(File, pdf_pages_keep_their_size) {
  if (!have_pdf_engine()) GTEST_SKIP() << "no PDFium";
  const auto size_of = [](const std::string &entries) {
    const Buffer output = run(support::join_pdf({"<</Type/Catalog/Pages 2 0 R>>",
                                                 "<</Type/Pages/Count 1/Kids[3 0 R]>>",
                                                 "<</Type/Page/Parent 2 0 R" + entries + ">>"}))
                              .output;
    const std::string_view text = as_chars(output);
    const std::size_t at = text.find("[0 0 ");
    return at == text.npos ? "none" : std::string(text.substr(at + 5, text.find(']', at) - at - 5));
  };
  EXPECT_EQ("200 300", size_of("/MediaBox[0 0 200 300]"));
  EXPECT_EQ("200.5 300.25", size_of("/MediaBox[-10 -10 190.5 290.25]"));
  EXPECT_EQ("300 200", size_of("/MediaBox[0 0 200 300]/Rotate 90"));
  EXPECT_EQ("100 50", size_of("/MediaBox[0 0 200 300]/CropBox[10 20 110 70]"));
  EXPECT_EQ("400 600", size_of("/MediaBox[0 0 200 300]/UserUnit 2"));
  EXPECT_EQ("14400 7200", size_of("/MediaBox[0 0 20000 10000]"));
}

TEST(File, pdf_twice_the_same) {
  if (!have_pdf_engine()) GTEST_SKIP() << "no PDFium";
  const std::string pdf = make_pdf("0 0 100 100 re f");
  EXPECT_EQ(run(pdf).output, run(pdf).output);
}

TEST(File, pdf_limits) {
  if (!have_pdf_engine()) GTEST_SKIP() << "no PDFium";
  job::Plan no_pages = plan();
  no_pages.max_pages = 0;
  EXPECT_EQ(Reason::part_too_big, run(make_pdf(""), "", no_pages).reason);
  job::Plan little = plan();
  little.max_output = 100;
  EXPECT_EQ(Reason::part_too_big, run(make_pdf(""), "", little).reason);
  job::Plan coarse = plan();
  coarse.max_pixels = 600; // a page is drawn coarser rather than refused
  const job::Outcome outcome = run(make_pdf(""), "", coarse);
  EXPECT_EQ(Status::clean, outcome.status);
  EXPECT_NE(std::string::npos, as_chars(outcome.output).find("/Width 20/Height 30"));
  EXPECT_EQ(Reason::part_malformed, run("%PDF-1.4\nnothing").reason);
}

TEST(File, refusals_are_named) {
  const struct {
    std::string octets, name;
    Status status;
    Reason reason;
  } cases[] = {
      {"MZ" + std::string(100, 'x'), "report.pdf", Status::refused, Reason::part_executable},
      {"#!/bin/sh\nrm\n", "a.txt", Status::refused, Reason::part_script},
      {"alert(1)\n", "a.js", Status::refused, Reason::part_script},
      {support::make_zip({{"word/vbaProject.bin", "x"}, {"[Content_Types].xml", "x"}}), "a.docm",
       Status::refused, Reason::part_macro},
      {support::make_zip({{"a", "x"}}), "a.zip", Status::refused, Reason::part_stripped_by_rule},
      {support::make_zip({{"a", "x", true}}), "a.zip", Status::held, Reason::part_encrypted},
      {std::string("\1\2\3\4", 4), "a", Status::refused, Reason::part_unknown_kind},
      {"", "a", Status::refused, Reason::part_empty},
      {"GIF89a", "a.gif", Status::refused, Reason::part_malformed},
  };
  for (const auto &c : cases) {
    const job::Outcome outcome = run(c.octets, c.name);
    EXPECT_EQ(word_of(c.status), word_of(outcome.status)) << c.name;
    EXPECT_EQ(word_of(c.reason), word_of(outcome.reason)) << c.name;
    EXPECT_TRUE(outcome.output.empty());
    ASSERT_EQ(1u, outcome.report.parts.size());
    EXPECT_EQ(c.reason, outcome.report.parts.front().reasons.front());
  }
}

TEST(File, documents_for_a_person) {
  job::Plan strip = plan(), other = plan(); // office: strip, where nothing is said
  for (const job::Treatment treatment :
       {job::Treatment::text, job::Treatment::render, job::Treatment::rebuild}) {
    other.treatments[static_cast<std::size_t>(job::KindClass::office)] = treatment;
    EXPECT_EQ(Status::held, run("\1\2\3", "a.jtd", other).status);
    EXPECT_EQ(Reason::part_ichitaro, run("\1\2\3", "a.jtd", other).reason);
    EXPECT_EQ(Reason::part_docuworks, run("\x60\x0e\x82\x05", "a.xdw", other).reason);
    EXPECT_TRUE(run("\x60\x0e\x82\x05", "a.xdw", other).output.empty());
  }
  EXPECT_EQ(Status::refused, run("\1\2\3", "a.jtd", strip).status);
  EXPECT_EQ(Reason::part_ichitaro, run("\1\2\3", "a.jtd", strip).reason);
  EXPECT_EQ(Reason::part_docuworks, run("\1\2\3", "a.xbd", strip).reason);
}

// Packages of Microsoft that no program of ours writes anew; they were zips of XML.
TEST(File, visio_and_xps) {
  const std::string type = "http://schemas.microsoft.com/visio/2010/relationships/document";
  const std::string visio = support::make_package(
      {{"[Content_Types].xml", "<Types/>"},
       {"_rels/.rels", "<Relationships><Relationship Id=\"a\" Type=\"" + type + "\" Target=\"visio/document.xml\"/></Relationships>"},
       {"visio/document.xml", "<VisioDocument xmlns=\"http://schemas.microsoft.com/office/visio/2012/main\"/>"}});
  const std::string xps = support::make_package({{"[Content_Types].xml", "xps-fixeddocumentsequence"}, {"a.fdseq", "x"}});
  job::Plan office = plan();
  EXPECT_EQ(run(visio, "a.vsdx", office).reason, Reason::part_stripped_by_rule);
  EXPECT_EQ(run(xps, "a.xps", office).reason, Reason::part_xps);
  for (const job::Treatment treatment : {job::Treatment::render, job::Treatment::rebuild}) {
    office.treatments[static_cast<std::size_t>(job::KindClass::office)] = treatment;
    EXPECT_EQ(run(visio, "a.vsdx", office).reason, Reason::part_engine_missing); // for LibreOffice
    EXPECT_EQ(run(visio.substr(0, visio.size() - 30), "a.vsdx", office).status, Status::refused);
    EXPECT_EQ(run(xps, "a.xps", office).status, Status::held);
    EXPECT_EQ(run(xps, "a.xps", office).reason, Reason::part_xps);
  }
}

TEST(File, a_lying_name_is_told) {
  const job::Outcome outcome = run("MZ" + std::string(100, 'x'), "report.pdf");
  const std::vector<Reason> &reasons = outcome.report.parts.front().reasons;
  EXPECT_NE(reasons.end(), std::find(reasons.begin(), reasons.end(), Reason::part_kind_mismatch));
}

TEST(File, size_and_plan) {
  job::Plan small = plan();
  small.max_input = 3;
  EXPECT_EQ(Reason::job_too_big, run("text", "", small).reason);
  job::Plan holding = plan();
  holding.treatments[static_cast<std::size_t>(job::KindClass::pdf)] = job::Treatment::hold;
  EXPECT_EQ(Status::held, run(make_pdf(""), "", holding).status);
  EXPECT_EQ(Status::refused, run(make_pdf(""), "", job::Plan{}).status); // a plan that says nothing
}

// OWASP "CSV injection": by the name where commas do not tell, wide characters, and signs that only look like
// numbers.
TEST(File, csv_cells_do_not_run) {
  const auto text_of = [](std::string_view csv) {
    return std::string(as_chars(run(csv, "a.csv").output));
  };
  EXPECT_EQ(text_of("a;b\n=1;-5\n"), "a;b\n'=1;-5\n");
  EXPECT_EQ(text_of("a\t@x\n"), "a\t'@x\n");
  EXPECT_EQ(text_of("a,＝1,＠x\n \"=x\", =y\n"), "a,'＝1,'＠x\n \"'=x\", '=y\n");
  EXPECT_EQ(text_of("n,d\n-5,+81-3-1234-5678\n-1.5%,-\n"), "n,d\n-5,+81-3-1234-5678\n-1.5%,-\n");
  EXPECT_EQ(text_of("n,d\n-2+3+cmd|' /C calc'!D2,x\n"), "n,d\n'-2+3+cmd|' /C calc'!D2,x\n");
  EXPECT_EQ(text_of("n,d\n-\"1\"+cmd|'x'!A0,x\n"), "n,d\n'-\"1\"+cmd|'x'!A0,x\n");
  EXPECT_EQ(text_of("n,d\n-1,2+cmd|'x'!A0\n"), "n,d\n'-1,2+cmd|'x'!A0\n"); // one cell between ";"
  EXPECT_EQ(text_of("n,d\n+x,-SUM\n"), "n,d\n'+x,'-SUM\n");
  EXPECT_EQ(text_of("sep=|\na|=1|\"=2\"\n"), "sep=|\na|'=1|\"'=2\"\n"); // as Excel reads it
  EXPECT_EQ(text_of("\"SEP=x\"\nax=1\n"), "\"SEP=x\"\nax'=1\n");
  EXPECT_EQ(text_of("sep==\n=cmd|'x'!A0\n"), "sep='=\n'=cmd|'x'!A0\n"); // a program that goes by commas
  EXPECT_EQ(text_of("a,b\n\"\t=1\",\"\r=2\"\n"), "a,b\n\"\t'=1\",\"\n'=2\"\n"); // behind what ends a cell elsewhere
}

/// Japanese tables say "none" and "and more" with wide signs.
TEST(File, csv_cells_of_wide_signs_stay_where_nothing_is_called) {
  const auto text_of = [](std::string_view csv) { return std::string(as_chars(run(csv, "a.csv").output)); };
  const std::string fine = "a,－,－５,＋α\n－なし,\"－\",－（注）,－２＋（３）\n＋81-90-1234,－－,－ ,＋α！\n";
  EXPECT_EQ(text_of(fine), fine);
  for (const char *cell : {"＋SUM(1)", "－ＳＵＭ（１）", "＋cmd|'/c calc'!A1", "－ｃｍｄ｜x", "＋[b.xlsx]S!A1", "－1,2+cmd|'x'!A0", "－なし+SUM(1)"})
    EXPECT_EQ(text_of("a,b\n" + std::string(cell) + "\n"), "a,b\n'" + std::string(cell) + "\n");
}

/// What is left of a cell when its quotes are read: they may be empty, doubled, or end before it does.
TEST(File, csv_cells_do_not_run_behind_quotes) {
  const auto text_of = [](const std::string &csv) { return std::string(as_chars(run("a,b\n" + csv, "a.csv").output)).substr(4); };
  EXPECT_EQ(text_of("\"\"=cmd|'/C calc'!A0,x\n"), "\"'\"=cmd|'/C calc'!A0,x\n");
  EXPECT_EQ(text_of("z,\"\"@SUM(1),w\n"), "z,\"'\"@SUM(1),w\n");
  EXPECT_EQ(text_of("\" \"=2+2, \"\" \"\"=3\n"), "\"' \"=2+2, \"'\" \"\"=3\n");
  EXPECT_EQ(text_of("\"\"\"=3+1\",\"\"\"\"=4+1\n"), "\"'\"\"=3+1\",\"'\"\"\"=4+1\n");
  EXPECT_EQ(text_of("\"\"+\"1,x\"\n"), "\"'\"+\"1,x\"\n");       // a delimiter between quotes ends nothing
  EXPECT_EQ(text_of("5\" disk,\"=1,2\"\n"), "5\" disk,\"'=1,2\"\n"); // a quote within is none
  EXPECT_EQ(text_of("\"a,\"\"=1,=2\"\n"), "\"a,'\"\"=1,'=2\"\n");
  for (const std::string fine : {"\"\",\"-5\",\"+81-3\"\n", "\"\"\"x\"\" = 1\",\"a, \"\"b=1\"\"\"\n", "\"\"\n\"\"\n", "\"\"-5\n"})
    EXPECT_EQ(text_of(fine), fine);
}

TEST(File, what_csv_cells_would_do_is_told) {
  const auto told = [](std::string_view csv) {
    std::vector<Reason> reasons = run(csv, "a.csv").report.parts.front().reasons;
    std::erase(reasons, Reason::part_to_text);
    return reasons;
  };
  constexpr Reason marked = Reason::part_formula_marked;
  EXPECT_EQ(told("n,d\n1,-2\n"), std::vector<Reason>());
  EXPECT_EQ(told("n,d\n=1+1,-2\n"), std::vector<Reason>({marked}));
  EXPECT_EQ(told("n,d\n\"\t@SUM(1)\",-2\n"), std::vector<Reason>({marked}));
  EXPECT_EQ(told("n,d\nhttp://x.example/,a|b\n"), std::vector<Reason>()); // no formula
  EXPECT_EQ(told("n,d\n=cmd|' /C calc'!D2,x\n"), std::vector<Reason>({Reason::office_dde, marked}));
  EXPECT_EQ(told("n,d\n-1,2+cmd|'x'!A0\n"), std::vector<Reason>({Reason::office_dde, marked}));
  EXPECT_EQ(told("n,d\n\"\"=cmd|' /C calc'!D2,x\n"), std::vector<Reason>({Reason::office_dde, marked}));
  EXPECT_EQ(told("n,d\n=HyperLink(\"x\"),1\n"), std::vector<Reason>({Reason::part_external_link, marked}));
  EXPECT_EQ(told("n,d\n\"=A1&http://x.example/\",1\n"), std::vector<Reason>({Reason::part_external_link, marked}));
}

/// SYLK, which spreadsheets know by its first characters under any name, and sheets of XML.
TEST(File, text_is_no_sheet) {
  const auto treated = [](std::string_view text, const std::string &name, Reason told) {
    const job::Outcome outcome = run(text, name);
    const std::vector<Reason> &reasons = outcome.report.parts.front().reasons;
    EXPECT_EQ(std::ranges::count(reasons, told), as_chars(outcome.output) != text) << text;
    return std::string(as_chars(outcome.output));
  };
  for (const std::string name : {"a.csv", "a.txt"}) {
    const auto text_of = [&](std::string_view text) { return treated(text, name, Reason::part_formula_marked); };
    EXPECT_EQ(text_of("ID;PWXL;N;E\nC;Y1;X1;K0;EEXEC()\nE\n"), "'ID;PWXL;N;E\nC;Y1;X1;K0;EEXEC()\nE\n");
    EXPECT_EQ(text_of("ID\nC;Y1;X1;K0;EEXEC()\n"), "'ID\nC;Y1;X1;K0;EEXEC()\n");
    for (const std::string fine : {"ID,name\n1,x\n", "ID card;x\n", "id;x\nC;y\n", "a\nID;P\n"})
      EXPECT_EQ(text_of(fine), fine);
  }
  EXPECT_EQ(treated("<Workbook xmlns=\"urn:x\"><Cell Formula=\"=1+2\"/></Workbook>\n", "a.xls", Reason::part_active_content),
            "< Workbook xmlns=\"urn:x\"><Cell Formula=\"=1+2\"/></Workbook>\n");
}

// Markup and data as text: shown as they are, with nothing that a browser would run.
TEST(File, xml_json_and_html_as_text) {
  const auto text_of = [](std::string_view octets, job::Kind kind) {
    const job::Outcome outcome = run(octets);
    EXPECT_EQ(outcome.report.parts[0].kind, kind);
    EXPECT_EQ(outcome.output_kind, job::Kind::text);
    return std::string(as_chars(outcome.output));
  };
  EXPECT_EQ(text_of("<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>"
                    "<a>&x;</a>",
                    job::Kind::xml),
            "< ?xml version=\"1.0\"?>< !DOCTYPE a [< !ENTITY x SYSTEM \"file:///etc/passwd\">]>"
            "<a>&x;</a>");
  EXPECT_EQ(run("<?xml version=\"1.0\"?>\n<a>x</a>\n").report.parts[0].reasons, std::vector<Reason>({Reason::part_to_text}));
  EXPECT_EQ(text_of("{\"a\": \"<script>x</script>\"}", job::Kind::json),
            "{\"a\": \"< script>x< /script>\"}");
  const std::string html = text_of("<html><body><h1>題</h1><script>evil()</script><a "
                                   "href=\"http://x.example/\">見る</a></body></html>",
                                   job::Kind::html);
  EXPECT_NE(html.find("題"), html.npos);
  EXPECT_NE(html.find("hxxp"), html.npos);
  EXPECT_EQ(html.find("evil"), html.npos);
}

TEST(File, text_stays_text) {
  const job::Outcome outcome = run("hello\r\nworld\n", "a.txt");
  ASSERT_EQ(Status::clean, outcome.status);
  EXPECT_EQ(job::Kind::text, outcome.output_kind);
}

} // namespace
} // namespace sekisho::rebuild
