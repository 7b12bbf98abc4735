#!/usr/bin/env bash
# sekisho sanitize FOLDER and --explain: where results go, what is told, and that --jobs changes nothing.
set -eu
source_root=${SOURCE:-$(cd "$(dirname "$0")/../.." && pwd)}
build=${BUILD:-$source_root/build}
folder=$(mktemp -d /tmp/sekisho-sanitize-folder-test.XXXXXX)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

sanitize() { "$build/gateway/cli/sekisho" sanitize "$@" >said 2>&1; }
expect() { # status, words…
  local wanted=$1 status=0
  shift
  sanitize "$@" || status=$?
  [ "$status" = "$wanted" ] || { echo "sanitize $*: exit $status, not $wanted"; cat said; exit 1; }
}
has() { grep -qF -- "$1" said || { echo "not said: $1"; cat said; exit 1; }; }

mkdir -p in/下位/b
printf 'From: a@example.jp\r\nTo: b@example.jp\r\nSubject: x\r\n\r\nhello\r\n' >in/mail.eml
printf 'Received: from mx.example by relay.example\r\nFrom: a@example.jp\r\nTo: b@example.jp\r\nSubject: y\r\n\r\nhello\r\n' >in/下位/mail
printf 'hello\n' >in/下位/b/note.txt
printf 'hello again\n' >in/下位/b/note
printf '<html><body><p>one<script>alert(1)</script></body></html>' >in/note.html
printf 'one\n' >in/note.txt
printf 'MZ%0100d' 0 >in/report.pdf
printf -- '-----BEGIN PGP MESSAGE-----\n\nx\n' >in/secret.txt
ln -s /etc/passwd in/link && ln -s . in/下位/loop && mkfifo in/fifo

expect 4 in -o out --jobs 3 --report report.json
has 'refused report.pdf: executable: a program / 実行プログラム'
has 'held secret.txt: '
has '8 files'
has 'links, which are not followed: 2'
has 'FIFOs, sockets and devices: 1'
find out -type f | sort >names
sort >wanted <<'END'
out/mail.eml
out/note.html.txt
out/note.txt
out/下位/b/note.txt.txt
out/下位/b/note.txt
out/下位/mail.eml
END
sed -i '/b\/note/d' names wanted # told below
diff wanted names
[ "$(find out/下位/b -type f | wc -l)" = 2 ] # two inputs, two results, whatever they are called
! grep -rq script out
SCHEMA=$source_root/docs/report.schema.json python3 - <<'END'
import json
files = json.load(open("report.json"))["files"]
assert [file["input"] for file in files] == sorted(file["input"] for file in files), files
by_name = {file["input"]: file for file in files}
assert by_name["report.pdf"]["status"] == "refused" and "output" not in by_name["report.pdf"]
assert by_name["note.html"]["output"] == "note.html.txt"
assert "script" in by_name["note.html"]["parts"][0]["reasons"]
assert by_name["mail.eml"]["milliseconds"] >= 1
schema = json.load(open(__import__("os").environ["SCHEMA"]))
known, part = set(schema["properties"]), set(schema["$defs"]["part"]["properties"])
for file in files:
    assert set(file) <= known, set(file) - known
    for each in file["parts"]:
        assert set(each) <= part, set(each) - part
END
mv out out3
expect 4 in -o out --jobs 1
diff -r out out3

expect 3 in/secret.txt --explain
expect 0 in/note.html --explain
has 'is: an HTML page'
has 'found: script [script]'
! grep -q 'html-to-text\|to-text' said # that it became text stands behind "done"
expect 0 in/下位/mail --explain
has 'came by: from mx.example by relay.example'
! grep -rq mx.example out
LANG=ja_JP.UTF-8 expect 0 in/note.html --explain
has '内容: HTML文書'
has '所見: スクリプト [script]'
python3 - <<'END' # an archive is one, whatever is in it: not a mail, and not held as one
import zipfile
for name, files in {"two.zip": {"a.txt": "one\n", "letter.eml": open("in/mail.eml").read()},
                    "locked.zip": {"a.txt": "one\n", "b.txt": open("in/secret.txt").read()}}.items():
    with zipfile.ZipFile(name, "w") as archive:
        for each, text in files.items():
            archive.writestr(each, text)
END
mkdir packed && mv two.zip locked.zip packed/
expect 3 packed -o unpacked
grep -q '^zip  *1  *1  *0$' said || { echo 'counted as another kind'; cat said; exit 1; }
has 'held locked.zip: encrypted: '
python3 -c 'import zipfile; assert zipfile.ZipFile("unpacked/two.zip").namelist() == ["a.txt", "letter.eml.txt"]'
expect 0 packed/two.zip --explain
has 'done: unpacked, and what became of its files packed anew'
expect 2 in/absent --explain
has 'No such file or directory'
expect 2 in/note.html # neither -o nor --explain
expect 2 in -o in/out
expect 2 in -o in
expect 2 in/下位 -o .
mkdir single && printf x >single/a.txt
expect 0 single -o single-out
has '1 file in '
has '0 refused, 0 errors'
expect 0 single/a.txt --explain
has 'plain text, 1 octet'
! grep -E '\b1 (files|octets)\b' said
mkdir partly partly/closed && cp in/mail.eml partly/a.eml && cp in/note.txt partly/closed/ && cp in/note.txt partly/b.txt
chmod 0 partly/closed partly/b.txt
bare=() && ((EUID)) || bare=(setpriv --bounding-set -dac_override,-dac_read_search) # root reads everything
status=0
"${bare[@]}" "$build/gateway/cli/sekisho" sanitize partly -o partly-out --report report.json >said 2>&1 || status=$?
[ $status = 2 ]
has 'cannot list partly/closed: Permission denied'
has 'cannot read partly/b.txt: Permission denied'
has ' 1 clean, 0 held, 0 refused, 2 errors'
[ "$(ls partly-out)" = a.eml ]
python3 - <<'END'
import json
files = {file.pop("input"): file for file in json.load(open("report.json"))["files"]}
assert list(files) == ["a.eml", "b.txt", "closed"] and files["a.eml"]["status"] == "clean", files
assert files["b.txt"] == {"status": "error", "error": "cannot read partly/b.txt: Permission denied"}, files
assert files["closed"] == {"status": "error", "error": "cannot list partly/closed: Permission denied"}, files
END
chmod 700 partly/closed
expect 4 in --explain

# A name of a file says nothing to a terminal: escape sequences, a line of its own, a turn of direction.
name=$'a\e[2J\nclean b\u202efdp.exe'
shown='a<U+001B>[2J<U+000A>clean b<U+202E>fdp.exe'
mkdir names-in && cp in/report.pdf "names-in/$name"
shows_name() { # command …; what it says shows the name and does not obey it
  "$build/gateway/cli/sekisho" "$@" >said 2>&1 || :
  has "$shown"
  if grep -qP '\e|\x{202e}|^clean b' said; then echo "$*: raw"; cat -v said; exit 1; fi
}
shows_name sanitize names-in -o names-out
shows_name sanitize names-in --explain
shows_name sanitize "names-in/$name" --explain
shows_name sanitize "names-in/$name" -o names-out/x
shows_name sanitize in/note.txt -o "names-out/$name"
shows_name sanitize "absent/$name" -o names-out/x
shows_name check "$name"
rm -r in && mkdir in
expect 0 in -o out
has '0 files'

# All threads share one LibreOffice; how many there are changes nothing.
if [ -e "${SEKISHO_LIBREOFFICE:-/usr/lib/libreoffice}/program/libswlo.so" ]; then
  mkdir drawn
  for i in 1 2 3 4 5 6; do printf '{\\rtf1 number %s}' $i >drawn/$i.rtf; done
  cat >office <<END
#!/bin/sh
echo started >>$folder/starts
exec "$build/sanitizer/office/sekisho-office" "\$@"
END
  chmod +x office
  SEKISHO_OFFICE=$folder/office expect 0 drawn -o drawn6 --jobs 6
  [ "$(wc -l <starts)" = 1 ] || { echo "$(wc -l <starts) LibreOffices for one folder"; exit 1; }
  expect 0 drawn -o drawn1 --jobs 1
  diff -r drawn1 drawn6
fi
echo "folders are treated file by file"
