// mail/trace-search: how long `sekisho trace` looks for mails in a year of the record.
//
//   bench-trace-search [--json] [--quick|--full] [--mails-a-day N] [--days N] [--folder DIR]
//
// The record is written in its own form, but without making each line durable, with invented mails (three events each:
// received, treated, delivered); the index follows as in the record role.  Then each kind of question is asked several times, each time with another word, after the files were pushed
// out of the kernel's memory.  A year has 365 tables whatever a day holds: what grows with the mails is the depth of each.
#include "base/clock.hh"
#include "gateway/record/search.hh"
#include "gateway/spool/receipt.hh"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <fcntl.h>

#include <algorithm>
#include <filesystem>
#include <random>

using namespace sekisho;

namespace {

using Json = nlohmann::ordered_json;

constexpr UnixSeconds first_day = 1'767'225'600 + 30 * 86'400; // 2026-01-31
constexpr std::uint64_t max_file = 64u << 20; // octets, as Journal
constexpr unsigned rounds = 9;
constexpr unsigned references = 3;
constexpr double octets_a_mail = 2700; // of record and index together: what the disk must have
constexpr std::string_view words[] = {"見積書", "請求", "送付", "について", "お知らせ", "会議", "資料", "の件", "ご確認", "令和8年度",
                                      "申請", "依頼", "回答", "Re:", "【重要】", "税務課", "打合せ", "日程", "変更", "報告"};

struct Sent {
  UnixSeconds time;
  std::string receipt, sender, domain, recipient, message_id, sha256, part, subject;
};

/// A year of the record.
class Year {
public:
  explicit Year(std::string folder) : folder_(std::move(folder)), index_(*record::Index::open(folder_)) {}

  void write_day(UnixSeconds start, unsigned mails) {
    for (unsigned i = 0; i < mails; ++i) invent(start + UnixSeconds{i} * 86'399 / mails, i == mails / 2);
    write_lines();
  }

  /// Seconds.
  double bring_index_up_to_date() {
    const std::uint64_t begun = monotonic_ns();
    for (;;) {
      auto more = index_.follow(end_, 1 << 20);
      if (!more) throw std::runtime_error(more.error().what);
      if (!*more) break;
    }
    return static_cast<double>(monotonic_ns() - begun) / 1e9;
  }

  double settle() {
    const std::uint64_t begun = monotonic_ns();
    if (auto kept = index_.settle(); !kept) throw std::runtime_error(kept.error().what);
    return static_cast<double>(monotonic_ns() - begun) / 1e9;
  }

  Result<Json> ask(const Json &question) { return record::search(index_, end_, question.dump()); }
  /// One of the middle of each day.
  const std::vector<Sent> &sample() const { return sample_; }

private:
  std::string digest() { return fmt::format("{:016x}{:016x}{:016x}{:016x}", random_(), random_(), random_(), random_()); }

  void add(UnixSeconds time, const Json &event) {
    if (end_.offset + lines_.size() > max_file || record::next_name(end_.file, time).substr(0, 15) != end_.file.substr(0, 15)) {
      write_lines();
      end_ = {record::next_name(end_.file, time), 0, 0};
      file_.reset(::open((folder_ + "/" + end_.file).c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0640));
    }
    lines_ += record::make_line(last_, time, record::read_event("relay", event.dump())->members);
    if (lines_.size() > 1 << 20) write_lines();
  }

  void write_lines() {
    if (auto written = record::write_at(file_.get(), lines_, end_.offset); !written) throw std::runtime_error(written.error().what);
    end_.offset += lines_.size();
    lines_.clear();
  }

  void invent(UnixSeconds time, bool is_sample) {
    Sent mail;
    mail.time = time;
    mail.receipt = *receipts_.make(static_cast<std::uint64_t>(time) * 1'000'000);
    // some write much, most little: one of 200,000 addresses of 20,000 domains, squared
    const double share = std::uniform_real_distribution<double>()(random_);
    const auto who = static_cast<unsigned>(share * share * 200'000);
    mail.domain = fmt::format("company{}.example.com", who / 10);
    mail.sender = fmt::format("person{}@{}", who, mail.domain);
    mail.recipient = fmt::format("staff{}@town.example.lg.jp", random_() % 2000);
    mail.message_id = fmt::format("<{:016x}@{}>", random_(), mail.domain);
    mail.sha256 = digest();
    mail.part = digest();
    for (int i = 0; i < 4; ++i) mail.subject += words[random_() % std::size(words)];
    mail.subject += fmt::format(" {}", random_() % 10'000);
    const Json received{{"event", "mail-received"}, {"receipt", mail.receipt}, {"relay", "inbound"},
                        {"client", "10.3.0.9"},     {"helo", mail.domain},     {"sender", mail.sender},
                        {"recipients", {mail.recipient}}, {"size", 20'000},    {"sha256", mail.sha256}};
    const Json text{{"path", "1"}, {"kind", "text"}, {"declared_type", "text/plain"}, {"size", 900}, {"sha256", digest()},
                    {"action", "kept-text"}, {"output_sha256", digest()}};
    const Json file{{"path", "2"}, {"kind", "pdf"}, {"declared_type", "application/pdf"}, {"name", "見積.pdf"}, {"size", 18'000},
                    {"sha256", mail.part}, {"action", "rendered"}, {"output_sha256", digest()}};
    const Json report{{"message_id", mail.message_id}, {"from", mail.sender},         {"to", mail.recipient},
                      {"subject", mail.subject},       {"input_sha256", mail.sha256}, {"output_sha256", digest()},
                      {"parts", {text, file}}};
    const Json treated{{"event", "mail-treated"}, {"receipt", mail.receipt}, {"outcome", "clean"}, {"reason", "none"}, {"report", report}};
    const Json delivered{{"event", "mail-delivered"}, {"receipt", mail.receipt}, {"recipients", {mail.recipient}},
                         {"next_hop", "10.2.0.25:25"}, {"answer", "250 2.0.0 Ok: queued as 4XyZ1234"}, {"original_kept", true}};
    for (const Json *event : {&received, &treated, &delivered}) add(time, *event);
    if (is_sample) sample_.push_back(std::move(mail));
  }

  std::string folder_, lines_;
  record::Index index_;
  record::Position end_;
  record::Link last_;
  UniqueFd file_;
  spool::ReceiptMaker receipts_;
  std::mt19937_64 random_{7};
  std::vector<Sent> sample_;
};

/// Out of the kernel's memory, as far as it lets go: of what is on disk.
void forget(const std::string &folder) {
  for (const auto &entry : std::filesystem::directory_iterator(folder)) {
    UniqueFd file(::open(entry.path().c_str(), O_RDONLY | O_CLOEXEC));
    if (file) ::posix_fadvise(file.get(), 0, 0, POSIX_FADV_DONTNEED);
  }
}

void put_on_disk(const std::string &folder) {
  UniqueFd any(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  (void)::syncfs(any.get());
}

double octets_of(const std::string &folder, std::string_view prefix) {
  double octets = 0;
  for (const auto &entry : std::filesystem::directory_iterator(folder))
    if (entry.path().filename().string().starts_with(prefix)) octets += static_cast<double>(entry.file_size());
  return octets;
}

struct Kind {
  const char *name;
  Json (*question)(const Sent &);
  bool must_find = true;
};
const Kind kinds[] = {
    {"receipt", [](const Sent &mail) { return Json{{"receipt", mail.receipt}}; }},
    {"message-id", [](const Sent &mail) { return Json{{"message_id", mail.message_id}}; }},
    {"hash of a part", [](const Sent &mail) { return Json{{"hash", mail.part}}; }},
    {"sender, all of the year", [](const Sent &mail) { return Json{{"sender", mail.sender}, {"limit", 1000}}; }},
    {"sender's domain and recipient", [](const Sent &mail) { return Json{{"sender", mail.domain}, {"recipient", mail.recipient}}; }},
    {"whole subject", [](const Sent &mail) { return Json{{"subject", mail.subject}}; }},
    {"a word of many subjects", [](const Sent &) { return Json{{"subject", "見積書"}}; }},
    {"domain and part of a subject", [](const Sent &mail) { return Json{{"sender", mail.domain}, {"subject", "請求送付"}}; }, false},
    {"ten minutes of a day", [](const Sent &mail) { return Json{{"since", mail.time - 300}, {"until", mail.time + 300}}; }},
    {"what was never there", [](const Sent &mail) { return Json{{"message_id", mail.message_id + "x"}}; }, false},
};

double seconds_of_grep(const std::string &folder, const Sent &mail) {
  forget(folder);
  const std::string command = fmt::format("LC_ALL=C grep -F -h '{}' {}/record-*.jsonl >/dev/null", mail.message_id, folder);
  const std::uint64_t begun = monotonic_ns();
  if (std::system(command.c_str()) != 0) throw std::runtime_error("grep did not find what was written");
  return static_cast<double>(monotonic_ns() - begun) / 1e9;
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

Json measure(Year &year, const std::string &folder) {
  std::mt19937 random(3);
  Json seconds;
  std::vector<double> all, greps;
  double slowest = 0;
  unsigned cut_off = 0; // answers that say there may be more than they had the time for
  for (const Kind &kind : kinds) {
    std::vector<double> values;
    for (unsigned i = 0; i < rounds; ++i) {
      const Sent &mail = year.sample()[random() % year.sample().size()];
      forget(folder);
      const std::uint64_t begun = monotonic_ns();
      auto found = year.ask(kind.question(mail));
      values.push_back(static_cast<double>(monotonic_ns() - begun) / 1e9);
      if (!found) throw std::runtime_error(found.error().what);
      if ((*found)["more"] == true && (*found)["mails"].size() < 50) cut_off++;
      if (kind.must_find && (*found)["mails"].empty()) throw std::runtime_error(std::string("not found: ") + kind.name);
    }
    all.insert(all.end(), values.begin(), values.end());
    slowest = std::max(slowest, median(values));
    seconds[kind.name] = {{"median", median(values)}, {"max", *std::ranges::max_element(values)}};
  }
  for (unsigned i = 0; i < references; ++i) greps.push_back(seconds_of_grep(folder, year.sample()[random() % year.sample().size()]));
  return {{"name", "mail/trace-search"},
          {"value", slowest},
          {"unit", "s"},
          {"min", *std::ranges::min_element(all)},
          {"max", *std::ranges::max_element(all)},
          {"runs", all.size()},
          {"reference", "grep -F"},
          {"reference_value", median(greps)},
          {"ratio", slowest / median(greps)},
          {"seconds", seconds},
          {"cut_off", cut_off}};
}

void run(const std::string &folder, unsigned mails, unsigned days, bool json) {
  const double count = static_cast<double>(mails) * days;
  if (static_cast<double>(std::filesystem::space(folder).available) < count * octets_a_mail)
    throw std::runtime_error(fmt::format("{} has no room for {:.0f} GB", folder, count * octets_a_mail / 1e9));
  Year year(folder);
  double indexing = 0;
  for (unsigned day = 0; day < days; ++day) {
    year.write_day(first_day + UnixSeconds{day} * 86'400, mails);
    indexing += year.bring_index_up_to_date();
  }
  indexing += year.settle();
  put_on_disk(folder);
  Json figure = measure(year, folder);
  figure["mails"] = count;
  figure["indexed_mails_a_second"] = count / indexing;
  figure["record_octets_a_mail"] = octets_of(folder, "record-") / count;
  figure["index_octets_a_mail"] = octets_of(folder, "search-2") / count;
  if (json) fmt::print("{}\n", Json{{"figures", {figure}}}.dump());
  else fmt::print("{}\n", figure.dump(2));
}

} // namespace

int main(int argc, char **argv) {
  CLI::App app("How long a search in a year of the record takes", "bench-trace-search");
  unsigned mails = 1000, days = 365;
  bool json = false, quick = false, full = false;
  std::string folder;
  app.add_flag("--json", json);
  app.add_flag("--quick", quick, "100 mails a day");
  app.add_flag("--full", full, "200,000 mails a day: 190 GB and hours");
  app.add_option("--mails-a-day", mails)->capture_default_str();
  app.add_option("--days", days)->capture_default_str();
  app.add_option("--folder", folder, "that exists; what is written there stays (default: one in /var/tmp, which goes)");
  CLI11_PARSE(app, argc, argv);
  if (quick) mails = 100;
  if (full) mails = 200'000;
  char name[] = "/var/tmp/sekisho-search-XXXXXX";
  const bool own = folder.empty();
  if (own) folder = ::mkdtemp(name);
  int status = 0;
  try {
    run(folder, mails, days, json);
  } catch (const std::exception &error) {
    fmt::print(stderr, "bench-trace-search: {}\n", error.what());
    status = 1;
  }
  if (own) std::filesystem::remove_all(folder);
  return status;
}
