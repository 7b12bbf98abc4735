// Two readings of one mail (H1): GMime's tree beside ours over all mails of the corpus.  Where they
// differ, either our reader says so itself (ambiguous, malformed, too deep: told in the report, and
// what leaves is written from our tree alone), or tests/oracles/gmime.tsv says why nothing
// can come of it.
#include "sanitizer/mime/parse.hh"
#include "sanitizer/mime/write.hh"
#include "sanitizer/verify/verify.hh"
#include "tests/unit/sanitizer/corpus.hh"
#include "tests/unit/sanitizer/mail/oracle.hh"

#include <gmime/gmime.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace sekisho::oracle {
namespace {

namespace fs = std::filesystem;

std::string lower(const char *text) {
  std::string result(text ? text : "");
  for (char &c : result)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return result;
}

void gmime_tree(GMimeObject *object, const std::string &path, Tree &tree) {
  Seen seen;
  if (GMimeContentType *type = g_mime_object_get_content_type(object))
    seen.type = lower(g_mime_content_type_get_media_type(type)) + "/" +
                lower(g_mime_content_type_get_media_subtype(type));
  seen.text = seen.type.starts_with("text/");
  if (GMIME_IS_MULTIPART(object)) {
    const int count = g_mime_multipart_get_count(GMIME_MULTIPART(object));
    for (int i = 0; i < count; ++i)
      gmime_tree(g_mime_multipart_get_part(GMIME_MULTIPART(object), i),
                 child_path(path, static_cast<std::size_t>(i) + 1), tree);
    seen.leaf = count == 0;
  } else if (GMIME_IS_MESSAGE_PART(object)) {
    GMimeMessage *inside = g_mime_message_part_get_message(GMIME_MESSAGE_PART(object));
    GMimeObject *root = inside ? g_mime_message_get_mime_part(inside) : nullptr;
    if (root) gmime_tree(root, child_path(path, 1), tree);
    seen.leaf = root == nullptr;
  } else if (GMIME_IS_PART(object)) {
    seen.leaf = true;
    if (const char *name = g_mime_part_get_filename(GMIME_PART(object))) seen.name = name;
    if (GMimeDataWrapper *content = g_mime_part_get_content(GMIME_PART(object))) {
      GMimeStream *memory = g_mime_stream_mem_new();
      g_mime_data_wrapper_write_to_stream(content, memory);
      GByteArray *octets = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(memory));
      seen.content.assign(reinterpret_cast<const char *>(octets->data), octets->len);
      g_object_unref(memory);
    }
    if (seen.text) seen.content = text_form(seen.content);
  } else {
    seen.leaf = true; // message/partial
  }
  tree[path] = std::move(seen);
}

/// Our reader itself says that this mail can be read in more than one way.
bool says_so(Bytes mail) {
  const mime::Mail parsed = mime::parse(mail, {});
  return parsed.too_many ||
         std::any_of(parsed.parts.begin(), parsed.parts.end(), [](const mime::Part &part) {
           return part.ambiguous || part.malformed || part.too_deep;
         });
}

TEST(GMime, a_second_reading_of_every_mail) {
  if (!corpus::present()) GTEST_SKIP() << "no corpus";
  g_mime_init();
  Differences differences("gmime");
  const fs::path folder = corpus::folder() / "mail";
  std::size_t same = 0, said = 0;
  for (const fs::path &path : mails(folder)) {
    const std::string mail = corpus::read(path);
    Tree theirs;
    GMimeStream *stream = g_mime_stream_mem_new_with_buffer(mail.data(), mail.size());
    GMimeParser *parser = g_mime_parser_new_with_stream(stream);
    if (GMimeMessage *message = g_mime_parser_construct_message(parser, nullptr)) {
      if (GMimeObject *root = g_mime_message_get_mime_part(message)) gmime_tree(root, "", theirs);
      g_object_unref(message);
    }
    g_object_unref(parser);
    g_object_unref(stream);
    Tree ours = our_octet_tree(as_bytes(mail));
    for (auto *tree : {&ours, &theirs})
      for (auto &[place, seen] : *tree)
        if (!seen.leaf) seen.name.clear(); // of a multipart it names nothing
    const std::size_t before = differences.size();
    if (says_so(as_bytes(mail)))
      said++;
    else
      differences.compare(fs::relative(path, folder).string(), ours, theirs);
    same += differences.size() == before;
  }
  EXPECT_GT(same, 500u);
  RecordProperty("said_by_our_reader", static_cast<int>(said));
  differences.finish();
}

/// What is written in ISO-2022-JP is what was meant.
TEST(GMime, reads_our_iso_2022_jp) {
  g_mime_init();
  for (const bool with_file : {false, true})
    for (const std::string &end : {std::string(), std::string(1500, 'x') + "長い行\n"}) { // 7bit, base64
      const std::string text = "ﾃﾚﾋﾞ会議は10時～12時、－5℃です。\n\n.\nFrom here\n" + end;
      mime::NewMail mail{.receipt = "R",
                         .from = {{"山田、太郎", "a@example.jp"}},
                         .to = {},
                         .cc = {},
                         .reply_to = {},
                         .subject = "来年度の予算編成方針(案)と重点事業についてのご説明会のお知らせ",
                         .date = {},
                         .message_id = "<1@example.jp>",
                         .in_reply_to = {},
                         .references = {},
                         .automatic = {},
                         .body = *verify::Verifier::accept_text(Untrusted(text)),
                         .attachments = {},
                         .charset = job::MailCharset::iso_2022_jp};
      if (with_file) mail.attachments.push_back({mail.body, "a.txt"});
      ASSERT_TRUE(mime::fits_iso_2022_jp(mail));
      const Buffer octets = mime::write(mail, std::string(32, '0'));
      EXPECT_TRUE(verify::accept_mail(octets));

      GMimeStream *stream = g_mime_stream_mem_new_with_buffer(
          reinterpret_cast<const char *>(octets.data()), octets.size());
      GMimeParser *parser = g_mime_parser_new_with_stream(stream);
      GMimeMessage *message = g_mime_parser_construct_message(parser, nullptr);
      ASSERT_NE(message, nullptr);
      EXPECT_EQ(g_mime_message_get_subject(message), mail.subject);
      char *from = internet_address_list_to_string(g_mime_message_get_from(message), nullptr, FALSE);
      EXPECT_EQ(std::string(from), "山田、太郎 <a@example.jp>");
      g_free(from);
      GMimeObject *body = g_mime_message_get_body(message);
      ASSERT_TRUE(GMIME_IS_TEXT_PART(body));
      char *got = g_mime_text_part_get_text(GMIME_TEXT_PART(body));
      EXPECT_EQ(text_form(got), text_form("テレビ会議は10時〜12時、−5℃です。\n\n.\nFrom here\n" + end));
      g_free(got);
      g_object_unref(message);
      g_object_unref(parser);
      g_object_unref(stream);
    }
}

} // namespace
} // namespace sekisho::oracle
