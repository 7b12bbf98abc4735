#!/usr/bin/env bash
# sekisho sanitize: exit status, what is written and what is left alone.
set -eu
source_root=${SOURCE:-$(cd "$(dirname "$0")/../.." && pwd)}
build=${BUILD:-$source_root/build}
folder=$(mktemp -d /tmp/sekisho-sanitize-test.XXXXXX)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

expect() { # status, words…
  local wanted=$1 status=0
  shift
  "$build/gateway/cli/sekisho" sanitize "$@" > said 2>&1 || status=$?
  [ "$status" = "$wanted" ] || { echo "sanitize $*: exit $status, not $wanted"; cat said; exit 1; }
}

printf 'From: a@example.jp\r\nTo: b@example.jp\r\nSubject: x\r\n\r\nhello\r\n' > mail.eml
printf 'hello\n' > note.txt
printf 'MZ%0100d' 0 > report.pdf
printf -- '-----BEGIN PGP MESSAGE-----\n\nx\n' > secret.txt

expect 0 mail.eml -o out.eml --report report.json
grep -q '^X-Sekisho-Receipt: ' out.eml
python3 -c 'import json; assert json.load(open("report.json"))["status"] == "clean"'
cp out.eml first.eml
expect 0 mail.eml -o out.eml
cmp out.eml first.eml # the same input gives the same output
expect 0 note.txt -o note.out
expect 2 note.txt -o both --report ./both # one of them would be lost
grep -q 'one file' said
[ ! -e both ]
expect 2 note.txt -o -
[ ! -e ./- ]
{ echo before; "$build/gateway/cli/sekisho" sanitize note.txt -o /dev/stdout; } > all 2>&1
[ "$(sed -n 1,2p all)" = "$(printf 'before\nhello')" ] && grep -q '^clean' all
ln -s kept-by-link link # somebody else's link leads nowhere
echo precious > kept-by-link
expect 0 note.txt -o link
[ ! -L link ] && grep -q precious kept-by-link
mkdir inputs && cp note.txt inputs/
expect 2 inputs -o outputs --report inputs/note.txt
(cd inputs && expect 2 . -o results) || exit 1 # results that are not there yet, among the inputs
grep -q hello inputs/note.txt
expect 2 not-there -o none
grep -q 'No such file' said
rm -r all link kept-by-link inputs
expect 0 note.txt -o /dev/null
expect 0 /dev/stdin -o note.out <note.txt
expect 0 /dev/stdin -o note.out < <(cat note.txt)
expect 0 /dev/fd/9 -o note.out 9< <(cat note.txt)
mkfifo pipe # nobody writes to it
timeout 20 "$build/gateway/cli/sekisho" sanitize pipe -o note.out > said 2>&1 && exit 1
grep -q 'cannot read pipe: not a plain file' said || { cat said; exit 1; }
rm pipe
cp note.txt "$(printf 'a\302\233b.txt')" # a control character that some terminals obey
expect 0 a*b.txt -o note.out
grep -q ' a_b.txt ' said
rm a*b.txt

echo precious > kept
expect 4 report.pdf -o kept --report refused.json
grep -q precious kept # refused: an existing file stays as it is
grep -q '"executable"' refused.json
grep -q 'executable: a program / 実行プログラム' said
expect 3 secret.txt -o none
expect 4 report.pdf -o none
[ ! -e none ]

python3 - <<'END' # H3: two PDFs that want more memory than there is for one: while it is read, and for a picture that would be left out
import zlib
def pdf(name, content, picture):
    objects = [b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
               b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 300]/Contents 4 0 R/Resources<</XObject<</I 5 0 R>>>>>>"]
    for entries, data in ((b"/Filter/FlateDecode", zlib.compress(content)), (picture, bytes(30))):
        objects.append(b"<<%s/Length %d>>\nstream\n%s\nendstream" % (entries, len(data), data))
    with open(name, "wb") as file:
        file.write(b"%PDF-1.7\n" + b"".join(b"%d 0 obj\n%s\nendobj\n" % (i, o) for i, o in enumerate(objects, 1)))
        file.write(b"trailer\n<</Root 1 0 R>>\n%%EOF\n")
picture = b"/Subtype/Image/Width %d/Height %d/BitsPerComponent 1/ColorSpace/DeviceGray/Filter/JBIG2Decode"
pdf("states.pdf", b"q " * 20_000_000, picture % (9, 9))
pdf("picture.pdf", b"q 300 0 0 300 0 0 cm /I Do Q", picture % (95_000, 95_000))
END
for want in states picture; do
  expect 4 $want.pdf -o none
  grep -q '^  part-too-big: ' said || { echo "$want.pdf:"; cat said; exit 1; }
  rm $want.pdf
done

cat > one.pdf <<'END' # the engine is missing, which is no fault of the file: somebody must look, and nothing is lost
%PDF-1.7
1 0 obj
<</Type/Catalog/Pages 2 0 R>>
endobj
END
printf 'From: a@example.jp\r\nTo: b@example.jp\r\nContent-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n' > one.eml
base64 one.pdf >> one.eml
for name in one.pdf one.eml; do
  SEKISHO_PDFIUM=/nonexistent expect 3 $name -o none
  grep -q 'engine-missing' said || { echo "$name:"; cat said; exit 1; }
done
rm one.pdf one.eml

head -c 22000001 /dev/zero | tr '\0' x > long.txt # above the limit of size: refused, and the report is about all of it
for as in file mail; do
  expect 4 long.txt -o none --as $as --report long.json
  python3 - <<'END'
import hashlib, json
data, report = open("long.txt", "rb").read(), json.load(open("long.json"))
assert report["reason"] == "job-too-big", report
for size, digest in [(report["input_size"], report["input_sha256"])] + [(part["size"], part["sha256"]) for part in report["parts"]]:
    assert (size, digest) == (len(data), hashlib.sha256(data).hexdigest()), report
END
done
rm long.txt long.json

cp mail.eml original.eml
expect 2 mail.eml -o mail.eml # the input is never written over
expect 2 mail.eml -o none --report ./mail.eml
cmp mail.eml original.eml && rm original.eml

expect 2 absent -o none
expect 2 mail.eml -o absent/out
expect 2 mail.eml -o none --rules absent.rules
expect 2 mail.eml -o none --rules "$source_root/rules/examples/three-zones.rules" --relay absent
expect 0 mail.eml -o out.eml --rules "$source_root/rules/examples/three-zones.rules"
SEKISHO_SANITIZER=/absent expect 2 mail.eml -o none
[ "$(ls | wc -l)" = 11 ] || { echo "something was left over:"; ls; exit 1; }
echo "sanitize says and writes what it must"
