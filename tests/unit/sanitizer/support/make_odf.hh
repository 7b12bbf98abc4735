// Small ODF packages for tests.
#pragma once

#include "tests/unit/sanitizer/support/make_ooxml.hh"

#include <algorithm>

namespace sekisho::support {

constexpr const char *odf_namespaces =
    " xmlns:office=\"urn:oasis:names:tc:opendocument:xmlns:office:1.0\""
    " xmlns:style=\"urn:oasis:names:tc:opendocument:xmlns:style:1.0\""
    " xmlns:text=\"urn:oasis:names:tc:opendocument:xmlns:text:1.0\""
    " xmlns:table=\"urn:oasis:names:tc:opendocument:xmlns:table:1.0\""
    " xmlns:draw=\"urn:oasis:names:tc:opendocument:xmlns:drawing:1.0\""
    " xmlns:presentation=\"urn:oasis:names:tc:opendocument:xmlns:presentation:1.0\""
    " xmlns:form=\"urn:oasis:names:tc:opendocument:xmlns:form:1.0\""
    " xmlns:script=\"urn:oasis:names:tc:opendocument:xmlns:script:1.0\""
    " xmlns:anim=\"urn:oasis:names:tc:opendocument:xmlns:animation:1.0\""
    " xmlns:chart=\"urn:oasis:names:tc:opendocument:xmlns:chart:1.0\""
    " xmlns:fo=\"urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0\""
    " xmlns:svg=\"urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0\""
    " xmlns:xlink=\"http://www.w3.org/1999/xlink\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\""
    " xmlns:of=\"urn:oasis:names:tc:opendocument:xmlns:of:1.2\""
    " xmlns:ooow=\"http://openoffice.org/2004/writer\""
    " xmlns:loext=\"urn:org:documentfoundation:names:experimental:office:xmlns:loext:1.0\""
    " xmlns:calcext=\"urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0\""
    " xmlns:x=\"http://strange.example/\"";

/// `family`: "text", "spreadsheet" or "presentation"; `body` inside office:<family>, `styles`
/// inside office:automatic-styles before it.
inline std::string odf_content(const std::string &family, const std::string &body,
                               const std::string &styles = "", const std::string &before = "") {
  return std::string("<?xml version=\"1.0\" encoding=\"UTF-8\"?><office:document-content") +
         odf_namespaces + " office:version=\"1.3\">" + before + "<office:automatic-styles>" +
         styles + "</office:automatic-styles><office:body><office:" + family + ">" + body +
         "</office:" + family + "></office:body></office:document-content>";
}

/// Members of `more` come instead of those of their name, or are added.
inline std::string make_odf(const std::string &family, const std::string &content,
                            const Members &more = {}) {
  Members members = {
      {"mimetype", "application/vnd.oasis.opendocument." + family},
      {"content.xml", content},
      {"META-INF/manifest.xml", "<manifest:manifest/>"},
  };
  for (const auto &one : more) {
    const auto same = [&](const auto &member) { return member.first == one.first; };
    const auto found = std::find_if(members.begin(), members.end(), same);
    if (found == members.end())
      members.push_back(one);
    else
      found->second = one.second;
  }
  return make_package(members);
}

inline std::string make_odt(const std::string &body, const std::string &styles = "",
                            const Members &more = {}) {
  return make_odf("text", odf_content("text", body, styles), more);
}
inline std::string make_ods(const std::string &body, const std::string &styles = "",
                            const Members &more = {}) {
  return make_odf("spreadsheet", odf_content("spreadsheet", body, styles), more);
}
inline std::string make_odp(const std::string &body, const std::string &styles = "",
                            const Members &more = {}) {
  return make_odf("presentation", odf_content("presentation", body, styles), more);
}

} // namespace sekisho::support
