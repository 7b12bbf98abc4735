#!/usr/bin/env bash
# Rebuilt OpenDocument files are opened by LibreOffice and say the same; nothing with power is left for other people's
# readers to find.
set -eu
source_root=${SOURCE:-$(cd "$(dirname "$0")/../.." && pwd)}
build=${BUILD:-$source_root/build}
for program in soffice xmllint unzip; do
  command -v $program > /dev/null || { echo "no $program"; exit 77; }
done
folder=$(mktemp -d /tmp/sekisho-odf-test.XXXXXX)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

# Flat documents, which LibreOffice makes packages of: macros, links and objects are in the packages then.
/usr/bin/python3 - << 'PYTHON'
import base64, struct, zlib
names = " ".join('xmlns:%s="urn:oasis:names:tc:opendocument:xmlns:%s:1.0"' % (prefix, last) for prefix, last in [
    ("office", "office"), ("style", "style"), ("text", "text"), ("table", "table"), ("draw", "drawing"),
    ("fo", "xsl-fo-compatible"), ("svg", "svg-compatible"), ("presentation", "presentation"),
    ("script", "script"), ("form", "form")])
names += (' xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:of="urn:oasis:names:tc:opendocument:xmlns:of:1.2"'
          ' xmlns:ooo="http://openoffice.org/2004/office" office:version="1.3"')
def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
png = (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0)) +
       chunk(b"IDAT", zlib.compress(b"".join(b"\0" + b"\x20\x60\xc0" * 8 for _ in range(8)))) + chunk(b"IEND", b""))
picture = ('<draw:frame draw:name="picture" svg:width="2cm" svg:height="2cm" text:anchor-type="paragraph"><draw:image>'
           '<office:binary-data>%s</office:binary-data></draw:image></draw:frame>' % base64.b64encode(png).decode())
scripts = ('<office:scripts><office:script script:language="ooo:Basic"><ooo:libraries><ooo:library-embedded '
           'ooo:name="Standard"><ooo:module ooo:name="Module1"><ooo:source-code>Sub AutoOpen\nShell "calc"\nEnd Sub'
           '</ooo:source-code></ooo:module></ooo:library-embedded></ooo:libraries></office:script></office:scripts>')
def write(name, kind, body):
    open(name, "w").write('<?xml version="1.0" encoding="UTF-8"?>\n<office:document %s office:mimetype='
                          '"application/vnd.oasis.opendocument.%s">%s<office:body><office:%s>%s</office:%s>'
                          '</office:body></office:document>' % (names, kind, scripts, kind, body, kind))
write("a.fodt", "text",
      '<text:h text:outline-level="1">住民税のお知らせ</text:h><text:p>本文です。<text:a '
      'xlink:href="http://evil.example/">こちら</text:a>' + picture + '</text:p><text:list><text:list-item><text:p>一つ目'
      '</text:p></text:list-item></text:list><table:table table:name="T"><table:table-column/><table:table-row>'
      '<table:table-cell><text:p>表の中</text:p></table:table-cell></table:table-row></table:table>'
      '<text:p>注<text:note text:note-class="footnote"><text:note-citation>1</text:note-citation><text:note-body>'
      '<text:p>脚注です</text:p></text:note-body></text:note></text:p>')
def cell(kind, value, more=""):
    return '<table:table-cell office:value-type="%s" %s/>' % (kind, value + more)
write("b.fods", "spreadsheet",
      '<table:table table:name="集計"><table:table-column/><table:table-row><table:table-cell office:value-type="string">'
      '<text:p>合計</text:p></table:table-cell>' + cell("float", 'office:value="3"') +
      cell("float", 'office:value="6" table:formula="of:=[.B1]*2"') +
      cell("float", 'office:value="7" table:formula="of:=WEBSERVICE(&quot;http://evil.example/&quot;)"') +
      '</table:table-row></table:table>')
write("c.fodp", "presentation",
      '<draw:page draw:name="p1"><draw:frame svg:x="1cm" svg:y="1cm" svg:width="10cm" svg:height="3cm"><draw:text-box>'
      '<text:p>説明会の資料</text:p></draw:text-box></draw:frame>' + picture + '</draw:page>')
PYTHON
office() { soffice "-env:UserInstallation=file://$folder/profile" --headless --convert-to "$@" > said 2>&1; }
office odt a.fodt
office ods b.fods
office odp c.fodp
unzip -l a.odt | grep -q Basic/ || { echo "the macro got lost before it was looked for"; exit 1; }

mkdir out text
for file in a.odt b.ods c.odp; do
  "$build/gateway/cli/sekisho" sanitize $file -o out/$file --report $file.json > said 2>&1 || { cat said; exit 1; }
  for part in content.xml styles.xml META-INF/manifest.xml; do
    unzip -p out/$file $part | xmllint --noout - || { echo "$file: $part"; exit 1; }
  done
  unzip -l out/$file > members
  ! grep -E 'Basic|Scripts|Object|settings|rdf|Thumbnails|Configurations' members || exit 1
  ! unzip -p out/$file content.xml | grep -E 'evil|WEBSERVICE|script:' || exit 1
  grep -q '"office-macro"' $file.json || { cat $file.json; exit 1; }
done
unzip -l out/a.odt | grep -q Pictures/image1.png

# What LibreOffice reads of both is the same but for the link and the formula that went.
office txt:Text a.odt && mv a.txt text/a && office txt:Text out/a.odt && cmp a.txt text/a
csv='csv:Text - txt - csv (StarCalc):44,34,76'
office "$csv" b.ods && mv b.csv text/b && office "$csv" out/b.ods && cmp b.csv text/b
grep -q '^合計,3,6,' b.csv || { cat b.csv; exit 1; }
office pdf out/c.odp && pdftotext c.pdf - | grep -q 説明会の資料
echo "LibreOffice reads what was rebuilt"
