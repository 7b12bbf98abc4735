// Other readers of the same mails as oracles: stalwart's parse (every structure, name and body;
// header fields), mime4j's event trees and decoded bodies.  Where we differ, tests/oracles
// says why.
#include "sanitizer/mime/address.hh"
#include "sanitizer/mime/header.hh"
#include "sanitizer/mime/parse.hh"
#include "sanitizer/text/charset.hh"
#include "sanitizer/text/clean.hh"
#include "tests/unit/sanitizer/corpus.hh"
#include "tests/unit/sanitizer/mail/oracle.hh"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <sstream>

namespace sekisho::oracle {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

std::string lower(std::string text) {
  for (char &c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return text;
}

/// Empty where it is missing or null.
std::string text_at(const json &object, const char *key) {
  return object.contains(key) && object[key].is_string() ? object[key].get<std::string>()
                                                         : std::string();
}

std::string clean(std::string_view text) {
  text::Findings ignored;
  return text::clean_line(text, ignored);
}

// -- stalwart
// ---------------------------------------------------------------------------------------------------

const json *stalwart_header(const json &part, std::string_view name) {
  for (const json &header : part["headers"])
    if (header["name"] == name && header["value"].is_object()) return &header["value"];
  return nullptr;
}

std::string stalwart_attribute(const json &part, std::string_view header, std::string_view name) {
  const json *value = stalwart_header(part, header);
  if (!value || !value->contains("ContentType") ||
      !(*value)["ContentType"]["attributes"].is_array())
    return {};
  for (const json &attribute : (*value)["ContentType"]["attributes"])
    if (lower(attribute["name"]) == name) return attribute["value"];
  return {};
}

void stalwart_tree(const json &message, std::size_t index, const std::string &path, Tree &tree) {
  const json &part = message["parts"][index];
  Seen seen;
  seen.type = "text/plain";
  if (const json *type = stalwart_header(part, "content_type");
      type && type->contains("ContentType")) {
    const json &value = (*type)["ContentType"];
    std::string subtype = text_at(value, "c_subtype");
    seen.type = lower(value["c_type"].get<std::string>() + (subtype.empty() ? "" : "/" + subtype));
  }
  seen.name = stalwart_attribute(part, "content_disposition", "filename");
  if (seen.name.empty()) seen.name = stalwart_attribute(part, "content_type", "name");
  const json &body = part["body"];
  seen.text = seen.type.starts_with("text/");
  if (body.contains("Multipart")) {
    std::size_t number = 0;
    for (const json &child : body["Multipart"])
      stalwart_tree(message, child.get<std::size_t>(), child_path(path, ++number), tree);
    seen.leaf = number == 0;
  } else if (body.contains("Message")) {
    stalwart_tree(body["Message"], 0, child_path(path, 1), tree);
  } else {
    seen.leaf = true;
    for (const auto &[kind, content] : body.items()) {
      if (content.is_string())
        seen.content = content;
      else if (content.is_array())
        for (const json &octet : content)
          seen.content += static_cast<char>(octet.get<int>());
    }
    if (seen.text)
      seen.content = text_form(text::decode_labelled(as_bytes(seen.content), "utf-8").text);
  }
  tree[path] = std::move(seen);
}

TEST(Stalwart, trees_names_and_bodies) {
  if (!corpus::present()) GTEST_SKIP() << "no corpus";
  Differences differences("stalwart");
  fs::path folder = corpus::folder() / "mail/stalwart/eml";
  std::size_t count = 0;
  for (const fs::path &path : files_below(folder, ".eml")) {
    Tree theirs;
    fs::path reference = path;
    stalwart_tree(json::parse(corpus::read(reference.replace_extension(".json"))), 0, "", theirs);
    std::string mail = corpus::read(path);
    differences.compare(fs::relative(path, folder).string(), our_tree(as_bytes(mail)), theirs);
    count++;
  }
  EXPECT_GT(count, 40u);
  differences.finish();
}

json stalwart_fields(std::string_view name) {
  return json::parse(
      corpus::read(corpus::folder() / "mail/stalwart" / (std::string(name) + ".json")));
}

/// The flat list "name <address>".
std::string stalwart_mailboxes(const json &expected) {
  std::string all;
  auto put = [&](const json &list) {
    for (const json &entry : list) {
      std::string name = clean(text_at(entry, "name"));
      std::string address = text_at(entry, "address");
      all += name + " <" + (mime::is_address(address) ? address : "") + "> ";
    }
  };
  if (expected.contains("List")) put(expected["List"]);
  if (expected.contains("Group"))
    for (const json &group : expected["Group"])
      put(group["addresses"]);
  return all;
}

TEST(Stalwart, header_fields) {
  if (!corpus::present()) GTEST_SKIP() << "no corpus";
  Differences differences("stalwart_fields");
  auto compare = [&](std::string_view name, std::string_view field, const std::string &ours,
                     const std::string &theirs) {
    if (ours == theirs) return;
    differences.add(name, clean(text::decode_labelled(as_bytes(field), "").text) + " : " +
                              clean(ours) + " / " + clean(theirs));
  };
  for (const json &row : stalwart_fields("address")) {
    std::string field = row["header"], ours;
    if (!row["expected"].is_object()) continue;
    for (const mime::Mailbox &mailbox : mime::parse_addresses(field, 500))
      ours += mailbox.name + " <" + mailbox.address + "> ";
    compare("address", field, ours, stalwart_mailboxes(row["expected"]));
  }
  for (const json &row : stalwart_fields("content_type")) {
    std::string field = row["header"], theirs;
    const json &expected = row["expected"];
    if (!expected.is_object()) continue;
    mime::Parameterized type = mime::parse_parameterized(field);
    std::string subtype = text_at(expected, "c_subtype");
    theirs = lower(expected["c_type"].get<std::string>() + (subtype.empty() ? "" : "/" + subtype));
    std::map<std::string, std::string> our_parameters, their_parameters;
    for (const mime::Parameter &parameter : type.parameters)
      our_parameters[parameter.name] = parameter.value;
    if (expected.contains("attributes") && expected["attributes"].is_array())
      for (const json &attribute : expected["attributes"])
        their_parameters.emplace(lower(attribute[0]), attribute[1]);
    std::string ours = type.value;
    for (const auto &[parameter, value] : our_parameters)
      ours += " " + parameter + "=" + clean(value);
    for (const auto &[parameter, value] : their_parameters)
      if (!parameter.ends_with("-language") && !parameter.ends_with("-charset"))
        theirs += " " + parameter + "=" + clean(value);
    compare("content_type", field, ours, theirs);
  }
  for (const json &row : stalwart_fields("date")) {
    std::string field = row["header"], theirs;
    const json &d = row["expected"];
    if (d.is_object()) {
      char text[64];
      std::snprintf(text, sizeof text, "%02d %d %04d %02d:%02d:%02d %c%02d%02d",
                    d["day"].get<int>(), d["month"].get<int>(), d["year"].get<int>(),
                    d["hour"].get<int>(), d["minute"].get<int>(), d["second"].get<int>(),
                    d["tz_before_gmt"].get<bool>() ? '-' : '+', d["tz_hour"].get<int>(),
                    d["tz_minute"].get<int>());
      theirs = text;
    }
    std::string ours = mime::canonical_date(field);
    if (!ours.empty()) {
      constexpr std::string_view months = "JanFebMarAprMayJunJulAugSepOctNovDec";
      ours.erase(0, 5);
      ours.replace(3, 3, std::to_string(months.find(ours.substr(3, 3)) / 3 + 1));
    }
    compare("date", field, ours, theirs);
  }
  for (const json &row : stalwart_fields("id")) {
    std::string field = row["header"], ours, theirs;
    const json &expected = row["expected"];
    if (expected.is_array())
      for (const json &id : expected)
        theirs += "<" + id.get<std::string>() + "> ";
    else if (expected.is_string())
      theirs = "<" + expected.get<std::string>() + "> ";
    for (const std::string &id : mime::parse_message_ids(field, 100))
      ours += id + " ";
    compare("id", field, ours, theirs);
  }
  for (const json &row : stalwart_fields("unstructured")) {
    std::string field = row["header"];
    std::string theirs = clean(text_at(row, "expected"));
    compare("unstructured", field, clean(mime::decode_text(field)), theirs);
  }
  for (const json &row : stalwart_fields("received")) {
    std::string field = row["header"];
    const json &expected = row["expected"];
    bool dated = expected.is_object() && expected.contains("date") && expected["date"].is_object();
    std::size_t semicolon = field.rfind(';');
    std::string ours =
        semicolon == std::string::npos ? "" : mime::canonical_date(field.substr(semicolon + 1));
    compare("received", field, ours.empty() ? "no date" : "date", dated ? "date" : "no date");
  }
  differences.finish();
}

// -- mime4j
// -----------------------------------------------------------------------------------------------------

/// The event trees are written a tag a line where it matters; text is escaped.
class Mime4jTree {
public:
  Mime4jTree(const fs::path &xml, Tree &tree)
      : folder_(xml.parent_path()), text_(corpus::read(xml)), tree_(tree) {
    find("<message>");
    entity("", "text/plain");
  }

private:
  bool find(std::string_view word) {
    position_ = text_.find(word, position_);
    if (position_ == std::string::npos) return false;
    position_ += word.size();
    return true;
  }
  std::string_view next_tag() {
    position_ = text_.find('<', position_);
    if (position_ == std::string::npos) return {};
    std::size_t end = text_.find('>', position_);
    std::string_view tag = std::string_view(text_).substr(position_, end - position_ + 1);
    position_ = end + 1;
    return tag;
  }
  static std::string unescaped(std::string text) {
    for (auto [from, to] :
         {std::pair("&lt;", "<"), {"&gt;", ">"}, {"&quot;", "\""}, {"&amp;", "&"}})
      for (std::size_t at; (at = text.find(from)) != std::string::npos;)
        text.replace(at, std::string_view(from).size(), to);
    return text;
  }

  void entity(const std::string &path, std::string type) {
    Seen seen{std::move(type), {}, true, false, {}};
    std::string disposition, declared;
    if (next_tag() != "<header>") return;
    for (std::string_view tag; (tag = next_tag()) == "<field>";) {
      std::size_t start = position_;
      find("</field>");
      std::string field = unescaped(text_.substr(start, position_ - start - 8));
      std::size_t colon = field.find(':');
      if (colon == std::string::npos) continue;
      std::string name = lower(clean(field.substr(0, colon)));
      if (name == "content-type" && declared.empty()) declared = field.substr(colon + 1);
      if (name == "content-disposition" && disposition.empty())
        disposition = field.substr(colon + 1);
    }
    mime::Parameterized type_field = mime::parse_parameterized(declared);
    if (type_field.value.find('/') != std::string::npos) seen.type = type_field.value;
    bool digest = seen.type == "multipart/digest";
    std::string_view tag = next_tag();
    if (tag == "<multipart>") {
      seen.leaf = false;
      std::size_t number = 0;
      for (tag = next_tag(); tag != "</multipart>" && !tag.empty(); tag = next_tag())
        if (tag == "<body-part>")
          entity(child_path(path, ++number), digest ? "message/rfc822" : "text/plain");
        else if (tag == "<preamble>")
          find("</preamble>");
        else if (tag == "<epilogue>")
          find("</epilogue>");
      seen.leaf = number == 0;
    } else if (tag == "<message>") {
      seen.leaf = false;
      entity(child_path(path, 1), "text/plain");
    } else if (std::size_t at = tag.find("name=\""); at != std::string_view::npos) {
      seen.text = tag.starts_with("<text-body");
      seen.content = corpus::read(folder_ / tag.substr(at + 6, tag.find('"', at + 6) - at - 6));
    }
    while (!tag.empty() && tag != "</body-part>" && tag != "</message>")
      tag = next_tag();
    tree_[path] = std::move(seen);
  }

  fs::path folder_;
  std::string text_;
  std::size_t position_ = 0;
  Tree &tree_;
};

TEST(Mime4j, trees_and_decoded_bodies) {
  if (!corpus::present()) GTEST_SKIP() << "no corpus";
  Differences differences("mime4j");
  fs::path folder = corpus::folder() / "mail/mime4j";
  std::size_t count = 0;
  for (const fs::path &path : files_below(folder, ".msg")) {
    fs::path reference = path.parent_path() / (path.stem().string() + "_decoded.xml");
    if (!fs::exists(reference)) continue;
    Tree theirs;
    Mime4jTree(reference, theirs);
    std::string mail = corpus::read(path);
    Tree ours = our_octet_tree(as_bytes(mail));
    for (auto &[place, seen] : theirs) {
      auto our = ours.find(place);
      if (our == ours.end()) continue;
      seen.name = our->second.name; // not told there
      if (!seen.text && !our->second.text) continue;
      seen.content = text_form(seen.content);
      our->second.content = text_form(our->second.content);
    }
    differences.compare(path.filename().string(), ours, theirs);
    count++;
  }
  EXPECT_GT(count, 60u);
  differences.finish();
}

} // namespace
} // namespace sekisho::oracle
