#!/usr/bin/env bash
# H3: real documents of all kinds through LibreOffice in its jail: verified PDFs of pictures with the right words behind
# them, the same each time; old formats also where the plan says rebuild.
set -eu
source_root=${SOURCE:-$(cd "$(dirname "$0")/../.." && pwd)}
build=${BUILD:-$source_root/build}
corpus=${SEKISHO_CORPUS:-$source_root/../shared/corpus}/files
[ -d "$corpus" ] || { echo "no corpus at $corpus"; exit 77; }
[ -e "${SEKISHO_LIBREOFFICE:-/usr/lib/libreoffice}/program/libswlo.so" ] || { echo "LibreOffice is not here"; exit 77; }
folder=$(mktemp -d /tmp/sekisho-office-test.XXXXXX)
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/in" "$folder/out"

words=$folder/words # name in the folder, words that must be in the text layer, path in the corpus
cat > "$words" <<'E2'
a.docx|Lorem ipsum dolor sit amet|office/poi/document/sample.docx
b.xlsx|高松市番町一丁目|ja/takamatsu-city-opendata/data/bictcle_rental_port/data.xlsx
c.pptx|Title of the first slide|office/poi/slideshow/SampleShow.pptx
d.doc|This is a macro word processing document|office/poi/document/SimpleMacro.doc
e.xls|TITLE|office/poi/spreadsheet/15573.xls
f.ppt|複数の文字|office/poi/slideshow/54880_chinese.ppt
g.rtf|Hello|rtf/striprtf/rtf/hello.rtf
h.odt|Be a USJA senior member|office/odftoolkit/test-input/sample_numbering_DOC_LO41.odt
i.docx|this is a comment paragraph|office/poi/document/testComment.docx
E2
while IFS='|' read -r name _ path; do cp "$corpus/$path" "$folder/in/$name"; done < "$words"
cp "$corpus/office/poi/spreadsheet/1900DateWindowing.xls" "$folder/in/paper.xls" # says nothing of its paper

sanitize() { "$build/gateway/cli/sekisho" sanitize "$@"; }
sanitize "$folder/in" -o "$folder/out" --office render --jobs 2 --explain > "$folder/said" ||
  { cat "$folder/said"; exit 1; }
while IFS='|' read -r name wanted _; do
  pdf=$folder/out/${name%.*}.pdf
  [ -e "$pdf" ] || pdf=$folder/out/$name.pdf
  pdftotext "$pdf" - | tr -d ' \n' | grep -qF "$(tr -d ' ' <<< "$wanted")" || { echo "$name: no '$wanted'"; exit 1; }
  qpdf --check "$pdf" > /dev/null || { echo "$name: a PDF that is none"; exit 1; }
  ! grep -aqE '/(JavaScript|JS|OpenAction|AA|URI|Launch|EmbeddedFile)\b|LibreOffice' "$pdf" ||
    { echo "$name: something of the engine's own PDF"; exit 1; }
done < "$words"
pdfinfo "$folder/out/paper.pdf" | grep -q 'A4' || { echo "not on the paper that is used here"; exit 1; }
grep -q 'macro' "$folder/said" # told, and not run

# equations are drawn too (libreoffice-math-nogui): without it the line is "a of b"
python3 - "$folder/equation.docx" << 'E3'
import sys, zipfile
word, math = (f"http://schemas.openxmlformats.org/{name}/2006/{last}"
              for name, last in (("wordprocessingml", "main"), ("officeDocument", "math")))
rels = "http://schemas.openxmlformats.org/package/2006/relationships"
part = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
with zipfile.ZipFile(sys.argv[1], "w") as docx:
    docx.writestr("[Content_Types].xml", f"""<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Override PartName="/word/document.xml" ContentType="{part}"/></Types>""")
    docx.writestr("_rels/.rels", f"""<Relationships xmlns="{rels}"><Relationship Id="r"
Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>""")
    docx.writestr("word/document.xml", f"""<w:document xmlns:w="{word}" xmlns:m="{math}"><w:body><w:p><w:r><w:t>a </w:t></w:r>
<m:oMath><m:f><m:num><m:r><m:t>71</m:t></m:r></m:num><m:den><m:r><m:t>83</m:t></m:r></m:den></m:f></m:oMath>
<w:r><w:t> of b</w:t></w:r></w:p></w:body></w:document>""")
E3
sanitize "$folder/equation.docx" -o "$folder/equation.pdf" --office render > /dev/null
pdftotext "$folder/equation.pdf" - | tr -d ' \n' | grep -q '71.*83' || { echo "an equation is missing"; exit 1; }

# random numbers are calculated anew, and are the same each time
python3 - "$folder/random.ods" << 'E4'
import sys, zipfile
kind, space = "application/vnd.oasis.opendocument.spreadsheet", "urn:oasis:names:tc:opendocument:xmlns:"
with zipfile.ZipFile(sys.argv[1], "w") as ods:
    ods.writestr("mimetype", kind)
    ods.writestr("META-INF/manifest.xml", f"""<m:manifest xmlns:m="{space}manifest:1.0"><m:file-entry m:full-path="/" m:media-type="{kind}"/>
<m:file-entry m:full-path="content.xml" m:media-type="text/xml"/></m:manifest>""")
    ods.writestr("content.xml", f"""<office:document-content xmlns:office="{space}office:1.0" xmlns:table="{space}table:1.0" xmlns:of="{space}of:1.2"
office:version="1.2"><office:body><office:spreadsheet><table:table table:name="S"><table:table-row><table:table-cell table:formula="of:=RAND()"
office:value-type="float" office:value="0.25"/></table:table-row></table:table></office:spreadsheet></office:body></office:document-content>""")
E4
for i in 1 2; do sanitize "$folder/random.ods" -o "$folder/random$i.pdf" --office render > /dev/null; done
pdftotext "$folder/random1.pdf" - | grep -q '0\.[0-9]' || { echo "no random number"; exit 1; }
cmp "$folder/random1.pdf" "$folder/random2.pdf"

# an old format is drawn also where the plan says rebuild, with the same result
sanitize "$folder/in/d.doc" -o "$folder/again.pdf" > /dev/null
cmp "$folder/again.pdf" "$folder/out/d.pdf"
echo "documents of all kinds become PDFs"
