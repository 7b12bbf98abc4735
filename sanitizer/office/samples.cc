#include "sanitizer/office/samples.hh"

namespace sekisho::office {
namespace {

#define SEKISHO_FLAT_ODF                                                                           \
  "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"                                                   \
  "<office:document xmlns:office=\"urn:oasis:names:tc:opendocument:xmlns:office:1.0\" "            \
  "xmlns:text=\"urn:oasis:names:tc:opendocument:xmlns:text:1.0\" "                                 \
  "xmlns:table=\"urn:oasis:names:tc:opendocument:xmlns:table:1.0\" "                               \
  "xmlns:draw=\"urn:oasis:names:tc:opendocument:xmlns:drawing:1.0\" "                              \
  "xmlns:svg=\"urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0\" "                        \
  "office:version=\"1.2\" office:mimetype=\"application/vnd.oasis.opendocument."

constexpr std::string_view text = SEKISHO_FLAT_ODF R"(text">
<office:body><office:text><text:p>関所 Sekisho 0123</text:p>
<table:table><table:table-column/><table:table-row><table:table-cell><text:p>表</text:p></table:table-cell></table:table-row></table:table>
</office:text></office:body></office:document>
)";

constexpr std::string_view sheet = SEKISHO_FLAT_ODF R"(spreadsheet">
<office:body><office:spreadsheet><table:table table:name="表"><table:table-row>
<table:table-cell office:value-type="string"><text:p>関所 Sekisho</text:p></table:table-cell>
<table:table-cell office:value-type="float" office:value="1"><text:p>1</text:p></table:table-cell>
</table:table-row></table:table></office:spreadsheet></office:body></office:document>
)";

constexpr std::string_view slide = SEKISHO_FLAT_ODF R"(presentation">
<office:body><office:presentation><draw:page draw:name="1">
<draw:frame svg:width="10cm" svg:height="2cm" svg:x="1cm" svg:y="1cm"><draw:text-box><text:p>関所 Sekisho</text:p></draw:text-box></draw:frame>
</draw:page></office:presentation></office:body></office:document>
)";

#undef SEKISHO_FLAT_ODF

} // namespace

const Sample samples[3] = {{".fodt", text}, {".fods", sheet}, {".fodp", slide}};

} // namespace sekisho::office
