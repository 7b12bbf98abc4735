// Validations of cells that newer programs keep among the extensions of a sheet; private to rebuild.
#pragma once

#include "sanitizer/rebuild/office/ooxml_filter.hh"
#include "sanitizer/rebuild/office/xml_scanner.hh"

#include <string>

namespace sekisho::rebuild::ooxml {

/// Those in the element on whose start `scanner` stands, as plain ones (ISO/IEC 29500-1 §18.3.1.32).  Excel 2010 put them there
/// where their list stands on another sheet ([MS-XLSX] 2.3.2.1); since then the older place may say that too.
/// Notes why one is left out.
std::string plain_validations(XmlScanner scanner, Document &document);

} // namespace sekisho::rebuild::ooxml
