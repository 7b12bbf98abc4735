// The client against workers that lie, stall and die.  The zygote is played by a thread of the
// test.
#include "sanitizer/client/client.hh"

#include "sanitizer/client/protocol.hh"
#include "sanitizer/client/request.hh"
#include "sanitizer/client/shelf.hh"
#include "sanitizer/job/codec.hh"
#include "sanitizer/rebuild/pdf/page_codec.hh"
#include "sanitizer/rebuild/rebuild.hh"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <ctime>
#include <functional>
#include <thread>

namespace sekisho::client {
namespace {

using job::Status;
using protocol::Frame;

void write_octets(int fd, Bytes bytes) {
  (void)!::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
}

void write_frame(int fd, Frame type, Bytes payload, std::optional<std::uint32_t> length = {}) {
  ByteWriter header;
  header.put_u8(static_cast<std::uint8_t>(type));
  header.put_u32(length.value_or(static_cast<std::uint32_t>(payload.size())));
  write_octets(fd, header.buffer());
  write_octets(fd, payload);
}

void *map_shelf(int shelf, int protection) {
  return ::mmap(nullptr, protocol::shelf_size, protection, MAP_SHARED, shelf, 0);
}

thread_local Bytes shelf; // of the worker that this thread plays
std::atomic<int> shelved = 0;

Buffer read_frame(int fd) {
  std::byte header[5];
  if (::recv(fd, header, 5, MSG_WAITALL) != 5) return {};
  ByteReader reader(header);
  const auto type = static_cast<Frame>(reader.read_u8());
  Buffer payload(reader.read_u32());
  if (!payload.empty()) (void)!::recv(fd, payload.data(), payload.size(), MSG_WAITALL);
  if (type != Frame::shelved) return payload;
  ++shelved;
  return to_buffer(shelf.first(ByteReader(payload).read_u32()));
}

void stall(int fd) { // until the client lets go
  std::byte octet;
  while (::recv(fd, &octet, 1, 0) > 0) {
  }
}

using Script = std::function<void(int fd, char kind)>;

class FakeZygote {
public:
  explicit FakeZygote(Script script) : script_(std::move(script)) {
    int ends[2];
    EXPECT_EQ(0, ::socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends));
    near_ = UniqueFd(ends[0]);
    far_ = UniqueFd(ends[1]);
    thread_ = std::thread([this] { serve(); });
  }
  ~FakeZygote() {
    ::shutdown(near_.get(), SHUT_RDWR);
    thread_.join();
  }
  int channel() const { return near_.get(); }
  int requests() const { return requests_; }

private:
  void serve() {
    std::vector<std::thread> workers;
    for (Request request; receive_request(far_.get(), request, true) == Received::request;) {
      ++requests_;
      workers.emplace_back([this, request = std::move(request)] {
        if (request.shelf)
          shelf = {static_cast<const std::byte *>(map_shelf(request.shelf.get(), PROT_READ)), protocol::shelf_size};
        script_(request.stream.get(), static_cast<char>(request.kind));
        if (request.shelf) ::munmap(const_cast<std::byte *>(shelf.data()), shelf.size());
      });
    }
    for (std::thread &worker : workers)
      worker.join();
  }

  Script script_;
  UniqueFd near_, far_;
  std::thread thread_;
  std::atomic<int> requests_ = 0;
};

const std::string hello = "hello\n";

job::Job file_job() {
  job::Job job;
  job.receipt = "R1";
  job.name = "a.txt";
  job.plan.deadline_ms = 300;
  job.bytes = as_bytes(hello);
  return job;
}

job::Job mail_job() {
  job::Job job = file_job();
  job.what = job::What::mail;
  return job;
}

job::Outcome clean_text() {
  job::Outcome outcome;
  outcome.status = Status::clean;
  outcome.reason = Reason::none;
  outcome.output = to_buffer("hello\n");
  outcome.output_kind = job::Kind::text;
  return outcome;
}

/// A worker that takes a job and then does `rest`.
Script after_job(std::function<void(int)> rest) {
  return [rest = std::move(rest)](int fd, char) {
    write_frame(fd, Frame::taken, {});
    (void)read_frame(fd);
    rest(fd);
  };
}

job::Outcome against(Script script, const job::Job &job = file_job()) {
  FakeZygote zygote(std::move(script));
  Sanitizer sanitizer = Sanitizer::over(zygote.channel());
  return sanitizer.sanitize(job);
}

TEST(Client, an_honest_worker) {
  const job::Outcome outcome = against(
      after_job([](int fd) { write_frame(fd, Frame::outcome, job::encode(clean_text())); }));
  EXPECT_EQ(Status::clean, outcome.status);
  EXPECT_EQ(to_buffer("hello\n"), outcome.output);
}

TEST(Client, facts_are_not_taken_from_the_worker) {
  const job::Outcome outcome = against(after_job([](int fd) {
    job::Outcome lying = clean_text();
    lying.report.receipt = "other";
    lying.report.version = "99";
    lying.report.input_sha256 = std::string(64, '0');
    lying.report.output_size = 7;
    job::PartReport &part = lying.report.parts.emplace_back();
    part.sha256 = part.output_sha256 = std::string(64, '1');
    part.size = part.output_size = 9;
    write_frame(fd, Frame::outcome, job::encode(lying));
  }));
  EXPECT_EQ("R1", outcome.report.receipt);
  EXPECT_EQ(SEKISHO_VERSION, outcome.report.version);
  EXPECT_EQ("5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03",
            outcome.report.input_sha256);
  EXPECT_EQ(outcome.report.input_sha256, outcome.report.output_sha256);
  EXPECT_EQ(6u, outcome.report.output_size);
  ASSERT_EQ(1u, outcome.report.parts.size());
  const job::PartReport &part = outcome.report.parts.front();
  EXPECT_EQ(part.sha256, outcome.report.input_sha256);
  EXPECT_EQ(part.output_sha256, outcome.report.output_sha256);
  EXPECT_EQ(6u, part.size);
  EXPECT_EQ(6u, part.output_size);
}

TEST(Client, forged_replies) {
  const auto replying = [](Frame type, Buffer payload, std::optional<std::uint32_t> length = {}) {
    return against(after_job([=](int fd) {
      write_frame(fd, type, payload, length);
      stall(fd);
    }));
  };
  const Buffer good = job::encode(clean_text());
  EXPECT_EQ(Reason::job_bad_reply, replying(Frame::taken, {}).reason);
  EXPECT_EQ(Reason::job_bad_reply, replying(Frame::file_job, good).reason);
  EXPECT_EQ(Reason::job_bad_reply, replying(static_cast<Frame>(0xff), good).reason);
  EXPECT_EQ(Reason::job_bad_reply, replying(Frame::outcome, {}).reason);
  EXPECT_EQ(Reason::job_bad_reply, replying(Frame::outcome, to_buffer("garbage")).reason);
  EXPECT_EQ(Reason::job_bad_reply, replying(Frame::outcome, good, 0xffffffff).reason);
  for (std::size_t cut = 0; cut < good.size(); cut += 5)
    EXPECT_EQ(
        Reason::job_bad_reply,
        replying(Frame::outcome, {good.begin(), good.begin() + static_cast<long>(cut)}).reason);
}

TEST(Client, output_that_is_not_ours) {
  const auto outputting = [](job::Kind kind, std::string_view output) {
    job::Outcome outcome = clean_text();
    outcome.output_kind = kind;
    outcome.output = to_buffer(output);
    return against(
        after_job([outcome](int fd) { write_frame(fd, Frame::outcome, job::encode(outcome)); }));
  };
  const std::pair<job::Kind, std::string_view> forged[] = {{job::Kind::pdf, "%PDF-1.4\n<</JS(x)>>"},
                                                           {job::Kind::jpeg, "\xff\xd8\xff\xd9"},
                                                           {job::Kind::png, "\x89PNG\r\n\x1a\n"},
                                                           {job::Kind::text, "\x1b[2J"},
                                                           {job::Kind::executable, "MZ"},
                                                           {job::Kind::unknown, "x"}};
  for (const auto &[kind, output] : forged) {
    const job::Outcome outcome = outputting(kind, output);
    EXPECT_EQ(Status::refused, outcome.status);
    EXPECT_TRUE(outcome.output.empty());
    EXPECT_TRUE(outcome.reason == Reason::job_verify_failed ||
                outcome.reason == Reason::job_bad_reply);
  }
}

TEST(Client, a_hanging_worker_is_left_in_time) { // were it not, this would never end
  const std::clock_t start = std::clock();
  EXPECT_EQ(Reason::job_timeout, against(after_job(stall)).reason);
  EXPECT_LT((std::clock() - start) / CLOCKS_PER_SEC, 1); // and it is not waited for by looking all the time
}

TEST(Client, a_dripping_worker_is_left_in_time) {
  const std::clock_t start = std::clock();
  const Script drip = after_job([](int fd) {
    write_frame(fd, Frame::outcome, {}, 100'000);
    const std::byte octet{1};
    while (::send(fd, &octet, 1, MSG_NOSIGNAL) == 1)
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
  });
  EXPECT_EQ(Reason::job_timeout, against(drip).reason);
  EXPECT_LT((std::clock() - start) / CLOCKS_PER_SEC, 1);
}

TEST(Client, a_dying_worker) {
  EXPECT_EQ(Reason::job_worker_died, against(after_job([](int) {})).reason);
  EXPECT_EQ(Reason::job_worker_died, against([](int, char) {}).reason);
}

TEST(Client, a_request_lost_once_is_made_again) {
  std::atomic<int> asked = 0;
  FakeZygote zygote([&asked](int fd, char) {
    if (asked++ == 0) return; // as a zygote that dies with the request in hand
    write_frame(fd, Frame::taken, {});
    (void)read_frame(fd);
    write_frame(fd, Frame::outcome, job::encode(clean_text()));
  });
  Sanitizer sanitizer = Sanitizer::over(zygote.channel());
  EXPECT_EQ(Status::clean, sanitizer.sanitize(file_job()).status);
  EXPECT_EQ(2, zygote.requests());
}

TEST(Client, too_big_is_refused_without_a_worker) {
  FakeZygote zygote([](int, char) {});
  Sanitizer sanitizer = Sanitizer::over(zygote.channel());
  job::Job job = file_job();
  job.plan.max_input = 5;
  EXPECT_EQ(Reason::job_too_big, sanitizer.sanitize(job).reason);
  EXPECT_EQ(0, zygote.requests());
}

/// A mail worker of the real code in a thread: its attachments go out as file jobs.
void honest_mail_worker(int fd) {
  write_frame(fd, Frame::taken, {});
  for (Buffer frame; !(frame = read_frame(fd)).empty();) {
    const auto job = job::decode_job(frame);
    const auto treat = [fd](const job::Job &file) {
      write_frame(fd, Frame::file_job, job::encode(file));
      return *job::decode_outcome(read_frame(fd), 1u << 20);
    };
    write_frame(fd, Frame::outcome, job::encode(rebuild::mail(*job, treat)));
  }
}

const std::string mail_text =
    "From: a@example.jp\r\nTo: b@example.jp\r\nSubject: x\r\nMIME-Version: 1.0\r\n"
    "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nbody\r\n--b\r\n"
    "Content-Type: text/csv; name=a.csv\r\n"
    "Content-Disposition: attachment; filename=a.csv\r\n\r\n1,2\r\n3,4\r\n--b--\r\n";

job::Job whole_mail() {
  job::Job job = mail_job();
  job.bytes = as_bytes(mail_text);
  for (job::Treatment &treatment : job.plan.treatments)
    treatment = job::Treatment::render;
  job.plan.treatments[static_cast<std::size_t>(job::KindClass::text)] = job::Treatment::text;
  return job;
}

TEST(Client, a_mail_worker_is_kept_and_its_files_are_not) {
  std::atomic<int> mail_workers = 0, file_workers = 0;
  FakeZygote zygote([&](int fd, char kind) {
    if (kind == 'M') {
      ++mail_workers;
      return honest_mail_worker(fd);
    }
    ++file_workers;
    write_frame(fd, Frame::taken, {});
    const Buffer frame = read_frame(fd);
    write_frame(fd, Frame::outcome, job::encode(rebuild::file(*job::decode_job(frame))));
  });
  {
    Sanitizer sanitizer = Sanitizer::over(zygote.channel());
    for (int i = 0; i < 3; ++i)
      EXPECT_EQ(Status::clean, sanitizer.sanitize(whole_mail()).status);
  }
  EXPECT_EQ(1, mail_workers);
  EXPECT_LE(file_workers, 3);
}

TEST(Client, a_mail_goes_by_the_shelf_where_it_fits) {
  FakeZygote zygote([](int fd, char) { honest_mail_worker(fd); });
  Sanitizer sanitizer = Sanitizer::over(zygote.channel());
  const std::string head = "From: a@example.jp\r\nSubject: x\r\n\r\n", line = std::string(70, 'x') + "\r\n";
  const int before = shelved;
  int fitting = 0;
  for (const std::size_t lines : {1u, 1000u, 50'000u, 80'000u, 1u}) { // 3.6 and 5.8 MB
    std::string text = head;
    for (std::size_t i = 0; i < lines; ++i) text += line;
    job::Job job = mail_job();
    job.plan.deadline_ms = 10'000;
    job.bytes = as_bytes(text);
    const job::Outcome outcome = sanitizer.sanitize(job);
    ASSERT_EQ(Status::clean, outcome.status) << word_of(outcome.reason);
    EXPECT_EQ(lines * 71, outcome.report.parts.front().output_size) << lines;
    fitting += text.size() < protocol::shelf_size;
    EXPECT_EQ(before + fitting, shelved);
  }
}

TEST(Shelf, whoever_gets_it_reads_what_stands_there_and_no_more) {
  const Shelf mine = Shelf::make();
  ASSERT_GE(mine.descriptor(), 0);
  mine.octets()[5] = std::byte{'x'};
  void *theirs = map_shelf(mine.descriptor(), PROT_READ);
  ASSERT_NE(MAP_FAILED, theirs);
  mine.octets()[6] = std::byte{'y'};
  EXPECT_EQ("xy", std::string(static_cast<const char *>(theirs) + 5, 2));
  EXPECT_NE(0, ::mprotect(theirs, protocol::shelf_size, PROT_READ | PROT_WRITE));
  EXPECT_EQ(MAP_FAILED, map_shelf(mine.descriptor(), PROT_READ | PROT_WRITE));
  EXPECT_LT(::pwrite(mine.descriptor(), "z", 1, 0), 0);
  EXPECT_NE(0, ::ftruncate(mine.descriptor(), 0));
  ::munmap(theirs, protocol::shelf_size);
}

TEST(Client, a_kept_mail_worker_that_died_is_replaced) {
  std::atomic<int> mail_workers = 0;
  FakeZygote zygote([&](int fd, char) {
    ++mail_workers;
    write_frame(fd, Frame::taken, {});
    const Buffer frame = read_frame(fd);
    const auto none = [](const job::Job &) { return job::Outcome{}; };
    write_frame(fd, Frame::outcome, job::encode(rebuild::mail(*job::decode_job(frame), none)));
    // and is gone after one mail
  });
  Sanitizer sanitizer = Sanitizer::over(zygote.channel());
  EXPECT_EQ(Status::clean, sanitizer.sanitize(whole_mail()).status);
  EXPECT_EQ(Status::clean, sanitizer.sanitize(whole_mail()).status);
  EXPECT_EQ(2, mail_workers);
}

TEST(Client, a_mail_worker_cannot_ask_for_more_than_the_plan) {
  job::Job wanted = file_job();
  std::atomic<int> file_workers = 0;
  const Script asking_for_ever = [&](int fd, char kind) {
    write_frame(fd, Frame::taken, {});
    (void)read_frame(fd);
    if (kind == 'F') {
      ++file_workers;
      return write_frame(fd, Frame::outcome, job::encode(clean_text()));
    }
    for (;;) {
      write_frame(fd, Frame::file_job, job::encode(wanted));
      if (read_frame(fd).empty()) return;
    }
  };
  job::Job mail = mail_job();
  mail.plan.max_parts = 3;
  mail.plan.deadline_ms = 5000;
  EXPECT_EQ(Reason::job_bad_reply, against(asking_for_ever, mail).reason);
  EXPECT_EQ(3, file_workers);
}

TEST(Client, a_mail_of_many_slow_files_arrives_without_them) {
  std::string text = mail_text.substr(0, mail_text.find("--b--"));
  for (int i = 0; i < 30; ++i)
    text += "--b\r\nContent-Disposition: attachment; filename=a.pdf\r\n\r\n%PDF-1.4 a\r\n";
  job::Job mail = whole_mail();
  mail.bytes = as_bytes(text);
  mail.plan.deadline_ms = 2000;
  std::atomic<int> file_workers = 0;
  const Script slow = [&](int fd, char kind) {
    if (kind == 'M') return honest_mail_worker(fd);
    ++file_workers;
    write_frame(fd, Frame::taken, {});
    stall(fd);
  };
  const job::Outcome outcome = against(slow, mail);
  EXPECT_EQ(Status::clean, outcome.status) << word_of(outcome.reason);
  EXPECT_EQ(32u, outcome.report.parts.size());
  EXPECT_LE(file_workers, 3);
}

TEST(Client, a_mail_that_is_not_ours) {
  job::Outcome forged = clean_text();
  forged.output = to_buffer(mail_text); // the original itself
  const job::Outcome outcome = against(
      after_job([&](int fd) { write_frame(fd, Frame::outcome, job::encode(forged)); }), mail_job());
  EXPECT_EQ(Status::refused, outcome.status);
  EXPECT_EQ(Reason::job_verify_failed, outcome.reason);
  EXPECT_TRUE(outcome.output.empty());
}

Buffer about(std::uint32_t pages) {
  ByteWriter writer;
  writer.put_u32(pages);
  writer.put_u8(1);
  writer.put_u16(static_cast<std::uint16_t>(Reason::part_rendered));
  return writer.take();
}

/// A white page so many points wide.
Buffer white_page(std::uint32_t points, bool readable = true) {
  rebuild::PrintedPage page;
  page.readable = readable;
  page.width = points * 100;
  page.height = 10000;
  page.picture.width = 8;
  page.picture.height = 1;
  page.picture.coding = rebuild::PagePicture::Coding::group4;
  page.picture.bits = 1;
  page.picture.data = {std::byte{0x80}, std::byte{0x08}, std::byte{0x00}, std::byte{0x80}};
  return rebuild::encode(page);
}

void print(int fd, std::uint32_t pages,
           const std::function<bool(int fd, std::uint32_t page)> &answer) {
  write_frame(fd, Frame::pages, about(pages));
  for (Buffer frame; !(frame = read_frame(fd)).empty();) {
    const std::uint32_t page = ByteReader(frame).read_u32();
    if (!answer || !answer(fd, page)) write_frame(fd, Frame::page, white_page(100 + page));
  }
}

/// Prints `pages` pages; `answer` may answer for a page otherwise.
Script printing(std::uint32_t pages, std::function<bool(int fd, std::uint32_t page)> answer = {}) {
  return after_job([=](int fd) { print(fd, pages, answer); });
}

// Whichever worker is slow, the pages stand in their order.
TEST(Client, pages_of_several_workers_in_their_order) {
  std::atomic<int> workers = 0;
  const auto run = [&](bool slow) {
    return against([&, slow](int fd, char kind) {
      const bool first = workers++ == 0;
      printing(40, [=](int, std::uint32_t page) {
        if (slow && first == (page % 3 == 0)) std::this_thread::sleep_for(std::chrono::milliseconds(2));
        return false;
      })(fd, kind);
    });
  };
  const job::Outcome even = run(false), uneven = run(true);
  ASSERT_EQ(Status::clean, even.status) << word_of(even.reason);
  EXPECT_EQ(even.output, uneven.output);
  std::size_t at = 0;
  for (int page = 0; page < 40; ++page) {
    at = as_chars(even.output).find("/MediaBox[0 0 " + std::to_string(100 + page) + " 100]", at);
    ASSERT_NE(std::string::npos, at) << page;
  }
  ASSERT_EQ(1u, even.report.parts.size());
  EXPECT_EQ(std::vector{Reason::part_rendered}, even.report.parts.front().reasons);
}

TEST(Client, pages_that_cannot_be_read_are_told) {
  const auto unreadable_from = [](std::uint32_t first) {
    return against(printing(3, [=](int fd, std::uint32_t page) {
      write_frame(fd, Frame::page, white_page(100, page < first));
      return true;
    }));
  };
  const job::Outcome some = unreadable_from(1);
  ASSERT_EQ(Status::clean, some.status) << word_of(some.reason);
  EXPECT_EQ((std::vector{Reason::part_rendered, Reason::part_malformed}), some.report.parts.front().reasons);
  EXPECT_EQ(Reason::part_malformed, unreadable_from(0).reason);
}

TEST(Client, what_pages_do_not_show_is_told) {
  const auto told = [](bool remarks, bool hidden, bool gaps = false, bool undrawn = false) {
    const job::Outcome outcome = against(printing(3, [=](int fd, std::uint32_t number) {
      rebuild::PrintedPage page = *rebuild::decode_page(white_page(100));
      page.remarks = remarks && number == 1;
      page.hidden = hidden && number == 2;
      page.gaps = gaps && number == 2;
      page.undrawn = undrawn && number == 2;
      write_frame(fd, Frame::page, rebuild::encode(page));
      return true;
    }));
    EXPECT_EQ(Status::clean, outcome.status) << word_of(outcome.reason);
    return outcome.report.parts.front().reasons;
  };
  EXPECT_EQ(told(false, false), (std::vector{Reason::part_rendered}));
  EXPECT_EQ(told(true, false), (std::vector{Reason::part_rendered, Reason::office_tracked_removed}));
  EXPECT_EQ(told(false, true), (std::vector{Reason::part_rendered, Reason::part_hidden_content}));
  EXPECT_EQ(told(false, false, true), (std::vector{Reason::part_rendered, Reason::part_charset_replaced}));
  EXPECT_EQ(told(false, false, false, true), (std::vector{Reason::part_rendered, Reason::part_annotation_not_drawn}));
}

TEST(Client, pages_that_lie) {
  const auto answering = [](Frame type, Buffer payload) {
    return against(printing(2, [=](int fd, std::uint32_t) {
             write_frame(fd, type, payload);
             return true;
           })).reason;
  };
  EXPECT_EQ(Reason::job_bad_reply, answering(Frame::page, {}));
  EXPECT_EQ(Reason::job_bad_reply, answering(Frame::page, to_buffer("garbage")));
  EXPECT_EQ(Reason::job_bad_reply, answering(Frame::pages, about(2)));
  EXPECT_EQ(Reason::job_bad_reply, answering(Frame::outcome, job::encode(clean_text())));
  job::Outcome refusal;
  refusal.reason = Reason::part_too_big;
  EXPECT_EQ(Reason::part_too_big, answering(Frame::outcome, job::encode(refusal)));
  rebuild::PrintedPage active = *rebuild::decode_page(white_page(100));
  active.picture.data = to_buffer("<</JS(x)>>");
  EXPECT_EQ(Reason::job_verify_failed, answering(Frame::page, rebuild::encode(active)));
  active = *rebuild::decode_page(white_page(100));
  active.text.push_back({"a\u202eb", rebuild::TextRun::Way::right, 1, 1, 1, 1});
  EXPECT_EQ(Reason::job_verify_failed, answering(Frame::page, rebuild::encode(active)));
  for (std::uint32_t pages : {0u, 501u}) {
    const Reason reason = against(printing(pages)).reason;
    EXPECT_EQ(pages == 0 ? Reason::job_bad_reply : Reason::part_too_big, reason);
  }
}

TEST(Client, helpers_that_see_another_document) {
  std::atomic<int> workers = 0;
  const job::Outcome outcome = against([&](int fd, char kind) {
    printing(workers++ == 0 ? 40 : 41, [](int, std::uint32_t) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
      return false;
    })(fd, kind);
  });
  if (workers > 1) {
    EXPECT_EQ(Reason::job_bad_reply, outcome.reason);
  }
}

TEST(Client, a_page_that_never_comes) {
  const std::clock_t start = std::clock();
  EXPECT_EQ(Reason::job_timeout, against(printing(3, [](int, std::uint32_t) { return true; })).reason);
  EXPECT_LT((std::clock() - start) / CLOCKS_PER_SEC, 1);
}

/// Has the same file treated by somebody else first, for ever.
void ask_then_answer(int fd) {
  write_frame(fd, Frame::file_job, job::encode(file_job()));
  (void)read_frame(fd);
  write_frame(fd, Frame::outcome, job::encode(clean_text()));
}

TEST(Client, files_inside_files_end_at_the_plans_depth) {
  FakeZygote zygote(after_job(ask_then_answer));
  Sanitizer sanitizer = Sanitizer::over(zygote.channel());
  job::Job job = file_job();
  job.plan.max_depth = 3;
  job.plan.deadline_ms = 5000;
  EXPECT_EQ(Status::clean, sanitizer.sanitize(job).status);
  EXPECT_EQ(4, zygote.requests());
}

TEST(Client, files_inside_files_are_counted_together) {
  FakeZygote zygote(after_job(ask_then_answer));
  Sanitizer sanitizer = Sanitizer::over(zygote.channel());
  job::Job job = file_job();
  job.plan.max_depth = 30;
  job.plan.max_parts = 2;
  job.plan.deadline_ms = 5000;
  EXPECT_EQ(Status::clean, sanitizer.sanitize(job).status);
  EXPECT_EQ(3, zygote.requests());
}

TEST(Client, a_file_inside_is_verified_before_it_is_handed_back) {
  std::atomic<bool> refused = false;
  std::atomic<int> depth = 0;
  FakeZygote zygote([&](int fd, char) {
    write_frame(fd, Frame::taken, {});
    (void)read_frame(fd);
    job::Outcome forged = clean_text();
    if (depth++ == 0) {
      write_frame(fd, Frame::file_job, job::encode(file_job()));
      const Buffer answer = read_frame(fd);
      const Result<job::Outcome> inside = job::decode_outcome(answer, 1000);
      refused = inside && inside->status == Status::refused &&
                inside->reason == Reason::part_verify_failed && inside->output.empty();
    } else {
      forged.output = to_buffer("\x1b[2J");
    }
    write_frame(fd, Frame::outcome, job::encode(forged));
  });
  Sanitizer sanitizer = Sanitizer::over(zygote.channel());
  EXPECT_EQ(Status::clean, sanitizer.sanitize(file_job()).status);
  EXPECT_TRUE(refused);
}

// H3: Office files go LibreOffice's way, and only what a file worker drew of its PDF comes out ---------

const std::string office_bytes = "{\\rtf1 an office file}";

job::Job office_job() {
  job::Job job = file_job();
  job.name = "a.doc";
  job.bytes = as_bytes(office_bytes);
  for (job::Treatment &treatment : job.plan.treatments)
    treatment = job::Treatment::render;
  return job;
}

job::Outcome pdf_outcome(std::string_view pdf) {
  job::Outcome outcome = clean_text();
  outcome.output_kind = job::Kind::pdf;
  outcome.output = to_buffer(pdf);
  return outcome;
}

struct Chain {
  job::Outcome outcome;
  std::vector<std::string> file_jobs; // what file workers were given
  int office_requests = 0;
};

/// A file worker of the real code, which draws a white page of a PDF, and the office worker that a script plays.
Chain through_office(const job::Job &job, Script office, bool have_office = true) {
  Chain chain;
  FakeZygote zygote([&chain](int fd, char kind) {
    EXPECT_EQ('F', kind);
    write_frame(fd, Frame::taken, {});
    const Buffer frame = read_frame(fd);
    const auto job = job::decode_job(frame);
    chain.file_jobs.emplace_back(as_chars(job->bytes));
    if (as_chars(job->bytes).starts_with("%PDF")) return print(fd, 1, {});
    write_frame(fd, Frame::outcome, job::encode(rebuild::file(*job)));
  });
  FakeZygote nursery([&](int fd, char kind) {
    EXPECT_EQ('O', kind);
    office(fd, kind);
  });
  Sanitizer sanitizer = Sanitizer::over(zygote.channel(), have_office ? nursery.channel() : -1);
  chain.outcome = sanitizer.sanitize(job);
  chain.office_requests = nursery.requests();
  return chain;
}

Script answering(job::Outcome outcome) {
  return after_job(
      [outcome](int fd) { write_frame(fd, Frame::outcome, job::encode(outcome)); });
}

TEST(ClientOffice, the_pdf_goes_to_a_second_file_worker_and_only_its_result_comes_out) {
  const Chain chain = through_office(office_job(), answering(pdf_outcome("%PDF-1.7 hostile")));
  EXPECT_EQ((std::vector<std::string>{office_bytes, "%PDF-1.7 hostile"}), chain.file_jobs);
  EXPECT_EQ(Status::clean, chain.outcome.status);
  EXPECT_TRUE(as_chars(chain.outcome.output).starts_with("%PDF"));
  EXPECT_EQ(std::string_view::npos, as_chars(chain.outcome.output).find("hostile"));
  const job::PartReport &part = chain.outcome.report.parts.at(0);
  EXPECT_EQ(job::Kind::rtf, part.kind);
  EXPECT_EQ("a.doc", part.name);
  EXPECT_EQ(job::Action::rendered, part.action);
  EXPECT_EQ(Reason::part_rendered, part.reasons.at(0));
}

TEST(ClientOffice, without_the_engine_it_says_so) {
  const auto missing = [](int fd, char) { write_frame(fd, Frame::missing, {}); };
  for (const Chain &chain : {through_office(office_job(), missing),
                             through_office(office_job(), missing, false)}) {
    EXPECT_EQ(Status::held, chain.outcome.status);
    EXPECT_EQ(Reason::part_engine_missing, chain.outcome.reason);
    EXPECT_EQ(job::Action::held, chain.outcome.report.parts.at(0).action);
    EXPECT_EQ(Reason::part_engine_missing, chain.outcome.report.parts.at(0).reasons.at(0));
    EXPECT_TRUE(chain.outcome.output.empty());
  }
}

TEST(ClientOffice, a_worker_that_has_to_start_is_waited_for_outside_the_time_of_the_job) {
  std::atomic<int> asked = 0;
  const Script answer = answering(pdf_outcome("%PDF-1.7"));
  const Chain chain = through_office(office_job(), [&](int fd, char kind) {
    if (++asked > 1) std::this_thread::sleep_for(std::chrono::seconds(2)); // longer than the job may take
    else stall(fd);                                                        // the first start: too slow for it
    answer(fd, kind);
  });
  EXPECT_EQ(Status::clean, chain.outcome.status);
  EXPECT_EQ(2, asked);
  EXPECT_LT(chain.outcome.report.milliseconds, 1300u);
}

TEST(ClientOffice, an_office_worker_that_lies_stalls_or_dies) {
  const auto reason = [](Script script) {
    const Chain chain = through_office(office_job(), std::move(script));
    EXPECT_EQ(Status::refused, chain.outcome.status);
    EXPECT_TRUE(chain.outcome.output.empty());
    EXPECT_EQ(1u, chain.file_jobs.size());
    return chain.outcome.reason;
  };
  EXPECT_EQ(Reason::part_timeout, reason(after_job(stall)));
  EXPECT_EQ(Reason::part_worker_died, reason(after_job([](int) {})));
  EXPECT_EQ(Reason::part_worker_died, reason(after_job([](int fd) {
              write_frame(fd, Frame::outcome, to_buffer("garbage"));
            })));
  job::Outcome original = clean_text(); // not even what the verifier would take
  EXPECT_EQ(Reason::part_worker_died, reason(answering(original)));
  job::Outcome unread;
  unread.reason = Reason::part_engine_refused;
  EXPECT_EQ(Reason::part_engine_refused, reason(answering(unread)));
}

// What the engine calls a PDF is drawn or dropped, never treated as anything else.
TEST(ClientOffice, a_pdf_that_is_none) {
  for (const char *forged : {"some text\n", "From: a@b.example\r\n\r\nx\r\n", "{\\rtf1 again}"}) {
    job::Job job = office_job();
    job.plan.treatments[static_cast<std::size_t>(job::KindClass::text)] = job::Treatment::text;
    const Chain chain = through_office(job, answering(pdf_outcome(forged)));
    EXPECT_EQ(Status::refused, chain.outcome.status) << forged;
    EXPECT_EQ(Reason::part_engine_refused, chain.outcome.reason) << forged;
    EXPECT_TRUE(chain.outcome.output.empty()) << forged;
    EXPECT_EQ(1, chain.office_requests) << forged;
  }
}

// The old formats cannot be rebuilt: what is asked to be is drawn.
TEST(ClientOffice, rebuild_of_an_old_format_is_rendered) {
  job::Job job = office_job();
  job.plan.treatments[static_cast<std::size_t>(job::KindClass::office)] = job::Treatment::rebuild;
  EXPECT_EQ(Status::clean, through_office(job, answering(pdf_outcome("%PDF-1.7 x"))).outcome.status);
}

TEST(ClientOffice, a_password_is_for_the_encrypted_line_of_the_plan) {
  job::Outcome locked;
  locked.reason = Reason::part_encrypted;
  job::Job job = office_job();
  job.plan.treatments[static_cast<std::size_t>(job::KindClass::encrypted)] = job::Treatment::hold;
  Chain chain = through_office(job, answering(locked));
  EXPECT_EQ(Status::held, chain.outcome.status);
  EXPECT_EQ(Reason::part_encrypted, chain.outcome.reason);
  job.plan.treatments[static_cast<std::size_t>(job::KindClass::encrypted)] = job::Treatment::strip;
  chain = through_office(job, answering(locked));
  EXPECT_EQ(Status::refused, chain.outcome.status);
}

TEST(ClientOffice, nothing_but_office_files_goes_there) {
  job::Job job = office_job();
  const std::string picture = "GIF89a no office file";
  job.bytes = as_bytes(picture);
  EXPECT_EQ(0, through_office(job, answering(pdf_outcome("%PDF-1.7"))).office_requests);
  job = office_job();
  job.plan.treatments[static_cast<std::size_t>(job::KindClass::office)] = job::Treatment::strip;
  EXPECT_EQ(0, through_office(job, answering(pdf_outcome("%PDF-1.7"))).office_requests);
}

} // namespace
} // namespace sekisho::client
