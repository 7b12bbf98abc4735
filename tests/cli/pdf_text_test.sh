#!/usr/bin/env bash
# The text of a re-rendered PDF is found by other people's reader, Japanese and in columns included, and nothing of it
# is drawn.
set -eu
source_root=${SOURCE:-$(cd "$(dirname "$0")/../.." && pwd)}
build=${BUILD:-$source_root/build}
command -v pdftotext > /dev/null && command -v pdftoppm > /dev/null || { echo "no poppler-utils"; exit 77; }
folder=$(mktemp -d /tmp/sekisho-pdf-text-test.XXXXXX)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

/usr/bin/python3 - << 'PYTHON'
def hexed(text):
    return b"<" + text.encode("cp932").hex().encode() + b">"

drawing = (b"BT /F 14 Tf 50 780 Td " + hexed("住民税のお知らせ（令和8年度）") + b" Tj ET\n"
           b"BT /L 11 Tf 50 750 Td (The quick brown fox) Tj ET\n"
           b"BT /F 11 Tf 50 730 Td " + hexed("申請書は Form 12-A を") + b" Tj ET\n"
           b"BT /V 12 Tf 500 700 Td " + hexed("縦書きの文章です。") + b" Tj ET\n"
           b"BT /V 12 Tf 480 700 Td " + hexed("二行目もあります") + b" Tj ET\n"
           b"BT /L 11 Tf 900 900 Td (beyond the page) Tj ET\n")
font = b"<</Type/Font/Subtype/Type0/BaseFont/MS-Mincho/Encoding/90ms-RKSJ-%s/DescendantFonts[6 0 R]>>"
objects = [
    b"<</Type/Catalog/Pages 2 0 R>>",
    b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
    b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F 5 0 R/V 8 0 R"
    b"/L<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>>",
    b"<</Length %d>>\nstream\n%s\nendstream" % (len(drawing), drawing),
    font % b"H",
    b"<</Type/Font/Subtype/CIDFontType2/BaseFont/MS-Mincho/DW 1000/W[1[500 500] 231 632 500]/FontDescriptor 7 0 R"
    b"/CIDSystemInfo<</Registry(Adobe)/Ordering(Japan1)/Supplement 2>>>>",
    b"<</Type/FontDescriptor/FontName/MS-Mincho/Flags 4/FontBBox[0 -137 1000 859]/ItalicAngle 0/Ascent 859"
    b"/Descent -137/CapHeight 709/StemV 80>>",
    font % b"V",
]
pdf, table = b"%PDF-1.7\n", b""
for number, entry in enumerate(objects, 1):
    table += b"%010d 00000 n \n" % len(pdf)
    pdf += b"%d 0 obj\n%s\nendobj\n" % (number, entry)
pdf += b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (
    len(objects) + 1, table, len(objects) + 1, len(pdf))
open("in.pdf", "wb").write(pdf)
PYTHON

# A document of which nothing is seen afterwards is told as such.
sed 's/Tj ET/   ET/' in.pdf > white.pdf
"$build/gateway/cli/sekisho" sanitize white.pdf -o white.out --report white.json > said 2>&1 || { cat said; grep -q engine-missing said && exit 77; exit 1; }
grep -q '"blank"' white.json
"$build/gateway/cli/sekisho" sanitize in.pdf -o out.pdf --report report.json > said 2>&1 || { cat said; grep -q engine-missing said && exit 77; exit 1; }
! grep -q '"blank"' report.json

# Many are locked against changes only: what they would do is told though it lies in streams that nobody reads without the key.
if command -v qpdf > /dev/null; then
  sed -e 's,/Type/Catalog,&/OpenAction 9 0 R,' -e 's,^xref,9 0 obj\n<</S/JavaScript/JS(1)>>\nendobj\n&,' in.pdf > acting.pdf
  for bits in 128 256; do
    qpdf --warning-exit-0 --object-streams=generate --allow-weak-crypto --encrypt '' owner $bits -- acting.pdf locked.pdf 2> complaints
    ! grep -aq JavaScript locked.pdf || { echo "not locked"; exit 1; }
    "$build/gateway/cli/sekisho" sanitize locked.pdf -o locked.out --report locked.json > said 2>&1 || { cat said; exit 1; }
    grep -q '"javascript"' locked.json || { echo "not told: $bits"; cat said; exit 1; }
  done
fi
pdftotext out.pdf text.txt 2> complaints
[ ! -s complaints ] || { cat complaints; exit 1; }
for line in 住民税のお知らせ（令和8年度） 'The quick brown fox' '申請書は Form 12-A を' 縦書きの文章です。 二行目もあります; do
  grep -qxF "$line" text.txt || { echo "not found: $line"; cat text.txt; exit 1; }
done
! grep -q beyond text.txt || { echo "text from outside the page"; exit 1; }

# In its place, to two points: the first line stands 50 to 259 from the left.
pdftotext -bbox out.pdf places.html
/usr/bin/python3 - << 'PYTHON'
import re
box = re.search(r'xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">住民税', open("places.html").read())
left, top, right, bottom = map(float, box.groups())
assert abs(left - 50) < 2 and abs(right - 50 - 14 * 14.5) < 2, box.group()
assert abs(bottom - (842 - 780)) < 5 and abs(bottom - top - 14) < 4, box.group()
PYTHON

# Invisible: without the pictures the page is white.
/usr/bin/python3 - << 'PYTHON'
data = open("out.pdf", "rb").read()
open("blank.pdf", "wb").write(data.replace(b"/XObject<</I ", b"/XObject<</J "))
PYTHON
pdftoppm -r 30 -gray blank.pdf blank 2> /dev/null
/usr/bin/python3 -c 'import glob
pixels = open(glob.glob("blank*.pgm")[0], "rb").read().split(b"\n255\n", 1)[1]
assert set(pixels) == {255}, sorted(set(pixels))'
echo "pdftotext finds the text"
