#!/usr/bin/env bash
# sekisho sanitize of mails: words of the note, texts of attachments, ISO-2022-JP; read again by Python's email package.
set -eu
source_root=${SOURCE:-$(cd "$(dirname "$0")/../.." && pwd)}
build=${BUILD:-$source_root/build}
folder=$(mktemp -d /tmp/sekisho-sanitize-mail-test.XXXXXX)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

expect() { # status, words…
  local wanted=$1 status=0
  shift
  "$build/gateway/cli/sekisho" sanitize "$@" > said 2>&1 || status=$?
  [ "$status" = "$wanted" ] || { echo "sanitize $*: exit $status, not $wanted"; cat said; exit 1; }
}

cat > mail.eml <<'END'
From: =?UTF-8?B?5bGx55SwIOWkqumDjg==?= <yamada@example.jp>
To: kaikei@town.example.lg.jp
Subject: =?UTF-8?B?776D776a776L776e5Lya6K2w44Gu44GU5qGI5YaF77ye5p2l5bm05bqm44Gu5LqI566X57eo5oiQ5pa56Yed44Gr44Gk44GE44Gm?=
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain; charset=utf-8

ﾃﾚﾋﾞ会議は10時～12時、－5℃です。
--b
Content-Type: text/plain; charset=utf-8
Content-Disposition: attachment; filename=memo.txt

二つ目の文章
--b--
END

cat > read.py <<'END'
import email, email.policy, sys
mail = email.message_from_bytes(open(sys.argv[1], 'rb').read(), policy=email.policy.default)
assert not [defect for part in mail.walk() for defect in part.defects]
body = mail.get_body()
print(body.get_content_charset(), body['content-transfer-encoding'], mail['from'].addresses[0].display_name, mail['subject'])
print(body.get_content())
for part in mail.iter_attachments(): print(part.get_filename(), part.get_content_charset(), part.get_content())
END
has() { grep -qF -- "$1" read || { echo "no \"$1\" in"; cat read; exit 1; }; }

expect 0 mail.eml -o out.eml --charset iso-2022-jp --append-text
python3 read.py out.eml > read
has 'iso-2022-jp 7bit 山田 太郎 テレビ会議のご案内＞来年度の予算編成方針について'
has 'テレビ会議は10時〜12時、−5℃です。'
has '[Sekisho] Text of the attachment: 「memo.txt」'
has 'memo.txt utf-8 二つ目の文章'
LC_ALL=C grep -q '[^ -~[:space:]'$'\x1b'']' out.eml && { echo 'eight bits in a mail of seven'; exit 1; }

expect 0 mail.eml -o out.eml
python3 read.py out.eml > read
has 'utf-8 base64'
sed 's/会議は/髙橋は/' mail.eml > other.eml
expect 0 other.eml -o out.eml --charset iso-2022-jp --report report.json
python3 read.py out.eml > read
has 'utf-8 base64'
grep -q '"charset-kept"' report.json

printf '[ja]\r\n町より 番号{receipt}\r\n\r\n{changed}\r\n[en]\r\nFrom the town, {receipt}\r\n' > note.txt
expect 0 mail.eml -o out.eml --note note.txt
python3 read.py out.eml > read
has '町より 番号'
grep -q 'note.txt:1:1-4: warning: section \[ja\] does not tell' said
sed -i 's/{receipt}/{reciept}/' note.txt
rm out.eml
expect 2 mail.eml -o out.eml --note note.txt
grep -q "note.txt:2:7-15: error: no placeholder is called {reciept}" said
grep -q "did you mean 'receipt'?" said
expect 2 mail.eml -o out.eml --note absent.txt
[ ! -e out.eml ]

# the same file by way of the rules, and of a folder that is not there
cp note.txt "$folder/town note.txt"
cat > town.rules <<END
zone a { port "a"  network 10.1.0.0/24  address 10.1.0.1 }
relay mail from a to a {
  recipients "*@town.example.lg.jp"
  next-hop 10.1.0.25
  note "$folder/town note.txt"
  for "a"  owner "b"  approved "c"
}
END
sekisho=$build/gateway/cli/sekisho
"$sekisho" check town.rules > said 2>&1 && { echo 'a note with an error made a policy'; exit 1; }
grep -q "town note.txt:2:7-15: error: no placeholder" said
sed -i 's/{reciept}/{receipt}/' "town note.txt"
"$sekisho" check -q town.rules > said 2>&1
"$sekisho" explain --rules town.rules 'mail from a to x@town.example.lg.jp' > said 2>&1 || true
expect 0 mail.eml -o out.eml --rules town.rules
python3 read.py out.eml > read
has '町より 番号'
sed -i 's/town note/no note/' town.rules
"$sekisho" check town.rules > said 2>&1 && { echo 'an absent note made a policy'; exit 1; }
grep -q "town.rules:[0-9]*:[0-9-]*: error: cannot read $folder/no note.txt: No such file or directory (H2)" said
echo 'mails are written as asked, and others read them so'
