// Answers cases of an SPF suite: one JSON object on standard input, a word a case on standard output.
//   {"zone": {"name": [["TXT", "text"], ["MX", 10, "name"], ["A", "…"], ["TIMEOUT"]]}, "cases": [{"helo", "host", "mailfrom"}]}
#include "gateway/guard/message.hh"
#include "gateway/guard/spf.hh"

#include <nlohmann/json.hpp>

#include <iostream>

using namespace sekisho;
using namespace sekisho::guard;
using Json = nlohmann::json;

namespace {

std::string type_word(DnsType type) {
  return type == DnsType::txt ? "TXT" : type == DnsType::mx ? "MX" : type == DnsType::a ? "A" : type == DnsType::aaaa ? "AAAA" : "PTR";
}

Answer answer_from(const Json &zone, const Question &question) {
  Answer answer;
  std::string name = question.name;
  for (int alias = 0; alias < 10; ++alias) {
    if (!zone.contains(name)) {
      answer.status = Answer::Status::no_name;
      return answer;
    }
    std::string next;
    answer.status = Answer::Status::found;
    for (const Json &record : zone[name]) {
      if (record[0] == "TIMEOUT" && answer.empty()) { // for what was not listed before it
        answer.status = Answer::Status::failed;
        return answer;
      }
      if (record[0] == "CNAME") next = lower_case(record[1].get<std::string>());
      if (record[0] != type_word(question.type)) continue;
      if (question.type == DnsType::txt) answer.texts.push_back(record[1]);
      else if (question.type == DnsType::mx) answer.names.push_back(lower_case(record[2].get<std::string>()));
      else if (question.type == DnsType::ptr) answer.names.push_back(lower_case(record[1].get<std::string>()));
      else answer.addresses.push_back(*parse_ip(record[1].get<std::string>()));
    }
    if (next.empty() || !answer.empty()) break;
    name = next;
  }
  return answer;
}

} // namespace

int main() {
  const Json suite = Json::parse(std::cin);
  for (const Json &one : suite["cases"]) {
    const SpfQuery query{*parse_ip(one["host"].get<std::string>()), one["mailfrom"], one["helo"], "receiver.example"};
    Lookups lookups;
    std::optional<SpfOutcome> outcome;
    for (int round = 0; round < 100 && !(outcome = check_spf(query, lookups)); ++round)
      for (const Question &question : lookups.take_wanted()) lookups.tell(question, answer_from(suite["zone"], question));
    std::cout << (outcome ? word_of(outcome->result) : "endless") << "\n";
  }
}
