// sekisho status: what runs, what is cut off, what was refused and why.
#include "base/reason.hh"
#include "gateway/cli/commands.hh"
#include "gateway/cli/daemon.hh"
#include "gateway/cli/members.hh"
#include "gateway/cli/table.hh"

#include <fmt/format.h>

#include <unistd.h>

namespace sekisho::cli {
namespace {

using control::Json;

std::string text_of(const Json &value) {
  return for_terminal(value.is_string() ? value.get<std::string>()
                                        : value.dump(-1, ' ', false, Json::error_handler_t::replace));
}

std::string words(const Json &list) {
  std::string text;
  if (list.is_array())
    for (const Json &one : list) text += (text.empty() ? "" : " ") + text_of(one);
  return text;
}

std::string member(const Json &object, const char *name, const char *otherwise = "-") {
  if (!object.is_object() || !object.contains(name)) return otherwise;
  return text_of(object[name]);
}

std::string duration(const Json &role) {
  if (!role.contains("uptime") || !role["uptime"].is_number_unsigned()) return "-";
  auto seconds = role["uptime"].get<std::uint64_t>();
  if (seconds < 120) return fmt::format("{} s", seconds);
  if (seconds < 7200) return fmt::format("{} min", seconds / 60);
  if (seconds < 172'800) return fmt::format("{} h", seconds / 3600);
  return fmt::format("{} days", seconds / 86'400);
}

void print_roles(const Json &status) {
  fmt::print("\n{:<10} {:<6} {:>8} {:>9} {:>9}\n", "role", "state", "pid", "up", "restarts");
  const Json roles = status.value("roles", Json::array());
  for (const Json &role : roles)
    fmt::print("{:<10} {:<6} {:>8} {:>9} {:>9}\n", member(role, "name"), member(role, "state"),
               member(role, "pid"), duration(role), member(role, "restarts"));
}

/// What a role says of itself, beside counters and zones.
void print_figures(const Json &status, const char *role) {
  if (!status.contains(role) || !status[role].is_object()) return;
  std::string text;
  for (auto &[name, value] : status[role].items())
    if (value.is_primitive())
      if (name != "role" && name != "policy") // said above
        text += fmt::format("{}{} {}", text.empty() ? "" : ", ", for_terminal(name), text_of(value));
  if (!text.empty()) fmt::print("{:<10} {}\n", role, text);
}

std::string size(std::uint64_t octets) {
  constexpr std::uint64_t kb = 1u << 10, mb = 1u << 20, gb = 1u << 30;
  return octets < mb   ? fmt::format("{} KB", (octets + kb - 1) / kb)
         : octets < gb ? fmt::format("{} MB", octets / mb)
                       : fmt::format("{:.1f} GB", static_cast<double>(octets) / gb);
}

/// What finds mails in the record (sekisho trace).
void print_index(const Json &status) {
  const Json record = status.value("record", Json::object());
  if (!record.is_object() || !record.contains("index") || !record["index"].is_object()) return;
  const Json &index = record["index"];
  const std::string state = text_in(index, "state");
  const std::uint64_t behind = number_in(index, "behind");
  const std::string_view words = state == "whole"       ? in_words("knows the whole record", "記録の全体を索引済み")
                                 : state == "made-anew" ? in_words("is made anew", "作り直し中")
                                 : state == "ended"     ? in_words("HAS ENDED: sekisho trace finds nothing", "停止: sekisho trace は使えません")
                                                        : in_words("follows", "追い付き中");
  std::string text = fmt::format("{}, {}", words, size(number_in(index, "octets")));
  if (behind > 0) text += fmt::format(", {} {} % ({} {})", in_words("knows", "索引済み"), number_in(index, "percent"), size(behind), in_words("behind", "未索引"));
  if (const std::string trouble = text_in(index, "trouble"); !trouble.empty()) text += ": " + for_terminal(trouble);
  fmt::print("{:<10} {}\n", "search", text);
}

/// What will soon, or already does, keep mail away.
void print_certificates(const Json &status) {
  const Json relay = status.value("relay", Json::object());
  for (const Json &one : list_in(relay, "certificates")) {
    const bool ended = one.is_object() && one.value("in_days", Json(0)) < 0;
    fmt::print("{:<10} {} {}: {} {} {}\n", "WARNING", in_words("relay", "中継"), member(one, "relay"), member(one, "what"),
               ended ? in_words("HAS ENDED", "期限切れ") : in_words("ends", "期限"), member(one, "ends"));
  }
}

void print_stopped(const Json &status) {
  const Json relay = status.value("relay", Json::object());
  for (const Json &name : list_in(relay, "stopped"))
    fmt::print("{:<10} {} {}: {} (sekisho breaker list)\n", "WARNING", in_words("relay", "中継"), text_of(name),
               in_words("STOPPED ITSELF at a mass of mail", "大量送信検知により自動停止中"));
}

void print_astray(const Json &status) {
  const Json relay = status.value("relay", Json::object());
  for (const Json &one : list_in(relay, "astray"))
    fmt::print("{:<10} {} {}: {} {} (sekisho queue list)\n", "WARNING", in_words("relay", "中継"), member(one, "relay"),
               in_words("NOT IN THE RULES, mails that wait for it:", "規則にありません。待機中のメール:"), member(one, "mails"));
}

void print_clock(const Json &status) {
  const Json relay = status.value("relay", Json::object());
  if (const auto jump = relay.find("clock_jumped"); jump != relay.end() && jump->is_object())
    fmt::print("{:<10} {}: {} → {}\n", "WARNING", in_words("the clock jumped, or the gateway did not run", "時計の飛び、または停止期間"),
               member(*jump, "from"), member(*jump, "to"));
}

void print_disk(const Json &status, const char *state, std::string_view name, std::string_view meaning) {
  const Json relay = status.value("relay", Json::object());
  const std::string word = text_in(relay, state);
  const std::string_view in_a_word = word == "full"      ? in_words("FULL", "空きなし")
                                     : word == "failed"  ? in_words("FAILED", "障害")
                                     : word == "damaged" ? in_words("DAMAGED", "破損あり")
                                                         : std::string_view();
  if (in_a_word.empty()) return;
  fmt::print("{:<10} {}: {}{}\n", "WARNING", name, in_a_word, word == "damaged" ? std::string_view() : meaning);
}

void print_room(const Json &status) {
  print_disk(status, "spool", in_words("the disk of the spool", "スプールのディスク"), in_words(": no mail is taken", ": メールを受け取れません"));
  print_disk(status, "hold_disk", in_words("the disk of the hold", "保留領域のディスク"),
             in_words(": mail to be held waits in the spool", ": 保留すべきメールはスプールで待っています"));
  const Json relay = status.value("relay", Json::object());
  for (const Json &one : list_in(relay, "hold_full"))
    fmt::print("{:<10} {} {}: {}: {}\n", "WARNING", in_words("relay", "中継"), member(one, "relay"),
               in_words("ITS HOLD IS FULL (hold at most); mails that wait for room", "保留領域の上限 (hold at most) に到達; 空き待ちのメール"),
               member(one, "mails"));
}

void print_not_kept(const Json &status) {
  const Json not_kept = status.value("not_kept", Json::object());
  for (const Json &zone : list_in(not_kept, "zones"))
    fmt::print("{:<10} {} {}: {} ({})\n", "WARNING", in_words("zone", "ゾーン"), text_of(zone),
               in_words("cut off, but not kept: after a restart it would be joined", "遮断中、ただし未保存: 再起動すると接続される"),
               member(not_kept, "why"));
}

void print_zones(const Json &status) {
  fmt::print("\n{:<12} {:<16} {:<9} {}\n", "zone", "address", "state", "port");
  const Json zones = status.value("zones", Json::array());
  for (const Json &zone : zones) {
    bool severed = zone.contains("severed") && zone["severed"] == true;
    std::string more;
    for (auto &[name, value] : zone.items())
      if (name != "name" && name != "address" && name != "severed" && name != "port" &&
          value.is_number() && value != 0)
        more += fmt::format("  {} {}", for_terminal(name), text_of(value));
    fmt::print("{:<12} {:<16} {:<9} {}{}\n", member(zone, "name"), member(zone, "address"),
               severed ? "SEVERED" : "joined", member(zone, "port"), more);
  }
}

std::string_view sentence(const std::string &word) {
  std::optional<Reason> reason = reason_from_word(word);
  return reason ? in_words(info(*reason).english, info(*reason).japanese) : std::string_view();
}

void print_counters(const Json &status) {
  bool any = false;
  const Json all = status.value("counters", Json::object()); // named: items() of a temporary dangles
  for (auto &[role, counters] : all.items()) {
    if (!counters.is_object()) continue;
    for (auto &[word, count] : counters.items()) {
      if (!count.is_number() || count == 0) continue;
      if (!any) fmt::print("\nrefused, changed or taken out since the role started\n");
      any = true;
      fmt::print("{:<8} {:<24} {:>10}  {}\n", role, for_terminal(word), text_of(count), sentence(word));
    }
  }
  if (!any) fmt::print("\nnothing was refused since the roles started\n");
}

/// Rules that are not those of the files, or not for good.
void print_trial(const Json &status) {
  if (auto trial = status.find("trial"); trial != status.end() && trial->is_object())
    fmt::print("ON TRIAL: applied by {}, go back by themselves in {} s unless: sekisho apply --confirm\n",
               member(*trial, "by"), member(*trial, "seconds_left"));
  if (auto held = status.find("held"); held != status.end() && held->is_object())
    fmt::print("not those of the files: kept by sekisho apply ({}, {}); sekisho reload puts the files in force\n",
               member(*held, "by"), member(*held, "since"));
}

void print_status(const Json &status) {
  fmt::print("sekishod {}, policy {}\n", member(status, "version"), member(status, "policy"));
  if (status.contains("rules")) fmt::print("rules: {}\n", words(status["rules"]));
  print_trial(status);
  print_roles(status);
  fmt::print("\n");
  for (const char *role : {"path", "relay", "record"}) print_figures(status, role);
  print_index(status);
  print_stopped(status);
  print_astray(status);
  print_certificates(status);
  print_clock(status);
  print_room(status);
  print_not_kept(status);
  print_zones(status);
  print_counters(status);
}

void print_rules(const Json &status) {
  Table table({{"rule", "規則"},
               {"packets", "パケット", true},
               {"octets", "バイト", true},
               {"last used", "最終利用"},
               {"until", "期限"},
               {"", ""}});
  const Json path = status.value("path", Json::object());
  for (const Json &rule : list_in(path, "rules")) {
    bool is_expired = rule.is_object() && rule.value("expired", Json(false)) == true;
    std::string last = text_in(rule, "last_used");
    table.add({text_in(rule, "label"), std::to_string(number_in(rule, "packets")),
               std::to_string(number_in(rule, "octets")), last.empty() ? std::string(in_words("never", "なし")) : last,
               text_in(rule, "until"), is_expired ? std::string(in_words("EXPIRED", "期限切れ")) : ""});
  }
  if (table.empty()) fmt::print("{}\n", in_words("the packet half has no rules here", "パケット側の規則はありません"));
  else fmt::print("{}", table.text(colours_for(STDOUT_FILENO)));
}

} // namespace

void add_status(CLI::App &app, int &exit_status) {
  CLI::App *command = app.add_subcommand("status", "Show roles, zones and what was refused, by reason");
  auto run = add_run_option(*command);
  auto json = std::make_shared<bool>(false);
  auto rules = std::make_shared<bool>(false);
  command->add_flag("--json", *json, "everything as one JSON object");
  command->add_flag("--rules", *rules, "a line for each rule: how much it let through, when last, until when it holds");
  command->footer("A role that does not answer is shown as down: its doors are shut.\n\n"
                  "Exit status: 0 answered, 2 the daemon cannot be asked.\n\n"
                  "Example:\n  sekisho status --json | jq .counters.path");
  command->callback([run, json, rules, &exit_status] {
    Json question{{"do", "status"}, {"rules", *json || *rules}};
    auto status = ask_daemon("status", *run, question, exit_status);
    if (!status) return;
    if (*rules && !*json) print_rules(*status);
    else if (*json) fmt::print("{}\n", to_text(*status));
    else print_status(*status);
  });
}

} // namespace sekisho::cli
