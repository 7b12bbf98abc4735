// Small PDFs for tests and benches.
#pragma once

#include <string>
#include <vector>

namespace sekisho::support {

/// Objects numbered from 1, the first the catalog.
inline std::string join_pdf(const std::vector<std::string> &objects) {
  std::string file = "%PDF-1.7\n", table;
  for (std::size_t i = 0; i < objects.size(); ++i) {
    std::string offset = std::to_string(file.size());
    table += std::string(10 - offset.size(), '0') + offset + " 00000 n \n";
    file += std::to_string(i + 1) + " 0 obj\n" + objects[i] + "\nendobj\n";
  }
  const std::string count = std::to_string(objects.size() + 1), start = std::to_string(file.size());
  return file + "xref\n0 " + count + "\n0000000000 65535 f \n" + table + "trailer\n<</Size " +
         count + "/Root 1 0 R>>\nstartxref\n" + start + "\n%%EOF\n";
}

inline std::string pdf_stream(const std::string &data, const std::string &entries = "") {
  return "<</Length " + std::to_string(data.size()) + entries + ">>\nstream\n" + data +
         "\nendstream";
}

/// One page of 200 x 300 points; `catalog`: more entries for the catalog.
inline std::string make_pdf(const std::string &drawing, const std::string &catalog = "") {
  return join_pdf({"<</Type/Catalog/Pages 2 0 R" + catalog + ">>",
                   "<</Type/Pages/Count 1/Kids[3 0 R]>>",
                   "<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 300]/Contents 4 0 R"
                   "/Resources<</Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>>",
                   pdf_stream(drawing)});
}

} // namespace sekisho::support
