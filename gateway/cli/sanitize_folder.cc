// sekisho sanitize FOLDER: every file below it, several at once, into the same places below another folder.
#include "base/clock.hh"
#include "base/json_writer.hh"
#include "gateway/cli/counted.hh"
#include "gateway/cli/daemon.hh"
#include "gateway/cli/files_below.hh"
#include "gateway/cli/output_file.hh"
#include "gateway/cli/progress.hh"
#include "gateway/cli/sanitize_input.hh"
#include "gateway/cli/sanitize_words.hh"
#include "gateway/cli/table.hh"
#include "sanitizer/job/codec.hh"
#include "sanitizer/rebuild/part_words.hh"
#include "sanitizer/text/clean.hh"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <map>
#include <set>
#include <thread>

namespace sekisho::cli {
namespace {

namespace fs = std::filesystem;

constexpr unsigned most_jobs = 64;

/// Where results go.  Two inputs never get one name, whatever becomes of them: a.bmp and a.png in one folder
/// become a.bmp.png and a.png.
class OutputNames {
public:
  explicit OutputNames(const std::vector<std::string> &inputs) : inputs_(inputs.begin(), inputs.end()) {
    for (const std::string &input : inputs) ++stems_[stem_of(input)];
  }
  std::string name_for(const std::string &input, job::Kind kind, Bytes output) const {
    const fs::path path(input);
    const std::string name = path.filename().string();
    std::string chosen = kind == job::Kind::mail ? (name.ends_with(".eml") ? name : name + ".eml")
                                                 : rebuild::output_name(name, kind, "1", output);
    if (chosen == name) return input;
    if (stems_.at(stem_of(input)) > 1) chosen = name + fs::path(chosen).extension().string();
    std::string result = (path.parent_path() / chosen).string();
    while (inputs_.contains(result)) result += fs::path(chosen).extension().string();
    return result;
  }

private:
  static std::string stem_of(const std::string &input) {
    const fs::path path(input);
    return (path.parent_path() / text::stem_of(path.filename().string())).string();
  }

  std::set<std::string> inputs_;
  std::map<std::string, unsigned> stems_;
};

struct Treated {
  std::string output; // below the output folder; empty: none
  std::string error;  // could not be read or written
  job::Outcome outcome; // without its octets
};

/// Results among the inputs would be read again, or written over them.
bool lies_within(const std::string &inner, const std::string &outer) {
  std::error_code error;
  const fs::path in = fs::weakly_canonical(fs::absolute(inner, error), error),
                 out = fs::weakly_canonical(fs::absolute(outer, error), error);
  const auto [left, unmatched] = std::mismatch(in.begin(), in.end(), out.begin(), out.end());
  return unmatched == out.end() || (std::next(unmatched) == out.end() && unmatched->empty());
}

/// Of a file the file itself is the first part, and what is inside it follows; a mail is longer than its parts.
job::Kind kind_of(const job::Outcome &outcome) {
  const std::vector<job::PartReport> &parts = outcome.report.parts;
  const bool whole = !parts.empty() && parts.front().size == outcome.report.input_size;
  if (outcome.output_kind == job::Kind::mail || (parts.size() > 1 && !whole)) return job::Kind::mail;
  return parts.empty() ? job::Kind::unknown : parts.front().kind;
}

class Folder {
public:
  Folder(const SanitizeOptions &options, const job::Plan &plan, const FilesBelow &below)
      : options_(options), plan_(plan), files_(paths_of(below.files)), links_(below.links), others_(below.others),
        names_(files_), treated_(files_.size()) {
    for (std::size_t i = 0; i < files_.size(); ++i) {
      treated_[i].error = below.files[i].error;
      unlisted_ += !below.files[i].error.empty();
    }
  }

  int run() {
    const std::uint64_t began = monotonic_ns();
    const auto usual = std::max(1u, std::thread::hardware_concurrency());
    const auto jobs = static_cast<unsigned>(std::min<std::size_t>(
        {options_.jobs == 0 ? usual : options_.jobs, most_jobs, std::max<std::size_t>(files_.size(), 1)}));
    std::vector<SanitizeLine> lines;
    while (lines.size() < jobs) {
      Result<SanitizeLine> line = SanitizeLine::start(options_, plan_, lines.empty() ? nullptr : &lines.front());
      if (!line) {
        sanitize_complain(line.error().what);
        return sanitize_cannot;
      }
      lines.push_back(std::move(*line));
    }
    {
      Progress progress(files_.size());
      std::vector<std::jthread> threads;
      for (SanitizeLine &line : lines) threads.emplace_back([&] { work(line, progress); });
    }
    const double seconds = static_cast<double>(monotonic_ns() - began) / 1e9;
    tell(seconds, jobs);
    if (!write_report()) return sanitize_cannot;
    return exit_status();
  }

private:
  static std::vector<std::string> paths_of(const std::vector<FileBelow> &files) {
    std::vector<std::string> paths;
    for (const FileBelow &file : files) paths.push_back(file.path);
    return paths;
  }

  void work(SanitizeLine &line, Progress &progress) {
    for (std::size_t i; (i = next_.fetch_add(1)) < files_.size();) {
      if (treated_[i].error.empty()) treated_[i] = treat(files_[i], line);
      progress.step(at_most(40, for_terminal(files_[i])));
    }
  }

  Treated treat(const std::string &file, SanitizeLine &line) const {
    Treated treated;
    Result<job::Outcome> outcome = line.treat((fs::path(options_.input) / file).string());
    if (!outcome) {
      treated.error = outcome.error().what;
      return treated;
    }
    if (outcome->status == job::Status::clean && !options_.output.empty()) {
      treated.output = names_.name_for(file, outcome->output_kind, outcome->output);
      const fs::path path = fs::path(options_.output) / treated.output;
      std::error_code error;
      fs::create_directories(path.parent_path(), error);
      if (auto written = write_file(path.string(), outcome->output); !written)
        treated.error = written.error().what;
    }
    outcome->output = {};
    treated.outcome = std::move(*outcome);
    return treated;
  }

  void tell(double seconds, unsigned jobs) const {
    std::array<std::size_t, job::status_count> counts{};
    std::map<std::string_view, std::array<std::size_t, job::status_count>> kinds;
    std::size_t errors = 0;
    for (std::size_t i = 0; i < files_.size(); ++i) {
      const Treated &treated = treated_[i];
      if (!treated.error.empty()) {
        ++errors;
        sanitize_complain(treated.error);
        continue;
      }
      const auto status = static_cast<std::size_t>(treated.outcome.status);
      ++counts[status];
      ++kinds[word_of(kind_of(treated.outcome))][status];
      if (options_.explain) fmt::print("{}", outcome_story(files_[i], treated.outcome));
      else if (treated.outcome.status != job::Status::clean)
        fmt::print("{} {}: {}\n", word_of(treated.outcome.status), for_terminal(files_[i]), words_of(treated.outcome.reason));
    }
    Table table({{"kind", "種類"}, {"clean", "無害化", true}, {"held", "保留", true}, {"refused", "拒否", true}});
    for (const auto &[kind, row] : kinds)
      table.add({std::string(kind), std::to_string(row[2]), std::to_string(row[1]), std::to_string(row[0])});
    if (!table.empty()) fmt::print("\n{}", table.text(colours_for(STDOUT_FILENO)));
    const std::size_t files = files_.size() - unlisted_;
    if (wants_japanese())
      fmt::print("\n{}件、{:.1f}秒、並列{}: 無害化{}件、保留{}件、拒否{}件、誤り{}件\n", files, seconds, jobs, counts[2], counts[1],
                 counts[0], errors);
    else
      fmt::print("\n{} in {:.1f} s, {} at once: {} clean, {} held, {} refused, {}\n", counted(files, "file"), seconds, jobs,
                 counts[2], counts[1], counts[0], counted(errors, "error"));
    if (links_ > 0)
      fmt::print(fmt::runtime(in_words("links, which are not followed: {}\n", "リンク(たどりません): {}件\n")), links_);
    if (others_ > 0)
      fmt::print(fmt::runtime(in_words("passed over, FIFOs, sockets and devices: {}\n",
                                       "対象外(FIFO・ソケット・デバイス): {}件\n")),
                 others_);
  }

  std::string report_of(const std::string &file, const Treated &treated) const {
    if (treated.error.empty()) return job::to_json(treated.outcome, {{"input", file}, {"output", treated.output}});
    JsonWriter json(JsonWriter::Blanks::some);
    json.open('{').key("input").value(file).key("status").value("error").key("error").value(treated.error).close('}');
    return json.take();
  }

  /// {"files": [{"input", "output", and what a single file's report says}]}, in the order of names.
  bool write_report() const {
    if (options_.report.empty()) return true;
    std::string report = "{\"files\": [";
    for (std::size_t i = 0; i < files_.size(); ++i) {
      report += i == 0 ? "\n" : ",\n";
      report += report_of(files_[i], treated_[i]);
    }
    report += "\n]}\n";
    auto written = write_file(options_.report, as_bytes(report));
    if (!written) sanitize_complain(written.error().what);
    return written.has_value();
  }

  int exit_status() const {
    int status = sanitize_clean;
    for (const Treated &treated : treated_) {
      if (!treated.error.empty()) return sanitize_cannot;
      status = std::max<int>(status, exit_status_of(treated.outcome.status)); // refused above held
    }
    return status;
  }

  const SanitizeOptions &options_;
  const job::Plan &plan_;
  const std::vector<std::string> files_;
  const std::size_t links_, others_; // passed over
  const OutputNames names_;
  std::vector<Treated> treated_; // by files_; each written by one thread
  std::size_t unlisted_ = 0; // of them: folders that cannot be listed, files that cannot be looked at
  std::atomic<std::size_t> next_{0};
};

} // namespace

int sanitize_folder(const SanitizeOptions &options, const job::Plan &plan) {
  if (!options.report.empty() && lies_within(options.report, options.input)) {
    sanitize_complain("the report must not lie among the inputs: give another file than " + options.report);
    return sanitize_cannot;
  }
  if (!options.output.empty()) {
    std::error_code error;
    if (lies_within(options.output, options.input) || lies_within(options.input, options.output)) {
      sanitize_complain("results must not lie among the inputs: give another folder than " + options.output);
      return sanitize_cannot;
    }
    fs::create_directories(options.output, error);
    if (!fs::is_directory(options.output, error)) {
      sanitize_complain(options.output + " is no folder and cannot be made one");
      return sanitize_cannot;
    }
  }
  return Folder(options, plan, files_below(options.input)).run();
}

} // namespace sekisho::cli
