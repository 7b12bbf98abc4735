#!/usr/bin/env bash
# H3, X8, O6: an office engine that hangs, spins, crashes, leaves, refuses, asks for a password, writes no PDF or too
# much, or is not there: each has its name, keeps the deadline, and costs only its own document.  A stub plays the
# engine, in the jail of the real one.
set -eu
source_root=${SOURCE:-$(cd "$(dirname "$0")/../.." && pwd)}
build=${BUILD:-$source_root/build}
sekisho=$build/gateway/cli/sekisho
folder=$(mktemp -d "$build/office-test.XXXXXX")
trap 'rm -rf "$folder"' EXIT
chmod 755 "$folder"
mkdir -p "$folder/engine/program"
cp "$build/tests/hostile/stub-office.so" "$folder/engine/program/libmergedlo.so"
: > "$folder/engine/program/libswlo.so"
cd "$folder"
cat > two.rules <<'RULES'
zone offline { port "gw-offline"  network 10.1.0.0/24  address 10.1.0.1  closed }
zone internet { port "gw-internet"  network 10.3.0.0/24  address 10.3.0.1  outside }
relay mail inbound from internet to internet {
    recipients "*@union.example.lg.jp"  next-hop 10.3.0.25  deadline 2 s
    attachment { pdf strip  office render  text text  encrypted hold  any strip }
    for "x"  owner "x"  approved "x"
}
RULES

treat() { # engine, document's words, status, reason
  local status=0
  printf '{\\rtf1 %s}' "$2" > in.rtf
  rm -f out.pdf
  SEKISHO_LIBREOFFICE=$1 "$sekisho" sanitize in.rtf -o out.pdf --rules two.rules --report report.json > said 2>&1 ||
    status=$?
  [ "$status" = "$3" ] || { echo "'$2': exit $status, not $3"; cat said; exit 1; }
  [ "$status" = 0 ] || [ ! -e out.pdf ] || { echo "'$2' left an output"; exit 1; }
  [ -z "${4-}" ] || grep -q "\"reason\": *\"$4\"" report.json || { echo "'$2': not $4"; cat report.json; exit 1; }
}

treat "$folder/engine" "a plain one" 0
head -c 5 out.pdf | grep -q '%PDF-'
! grep -aq 'JavaScript\|app.alert' out.pdf || { echo "the engine's own PDF came out"; exit 1; }
for word in hang spin; do
  start=$(date +%s)
  treat "$folder/engine" $word 4 part-timeout
  (($(date +%s) - start <= 4)) || { echo "$word: not ended in time"; exit 1; }
done
treat "$folder/engine" crash 4 worker-died
treat "$folder/engine" leave 4 worker-died
treat "$folder/engine" refuse 4 engine-refused
treat "$folder/engine" "no pdf" 4 engine-refused
treat "$folder/engine" much 4 part-too-big
treat "$folder/engine" password 3 encrypted
treat /nowhere "a plain one" 3 engine-missing
grep -q 'engine-missing' said

# a mail with such a file waits as a whole
{
  printf 'From: a@example.jp\r\nTo: b@example.jp\r\nSubject: x\r\nMIME-Version: 1.0\r\n'
  printf 'Content-Type: application/rtf; name="a.rtf"\r\nContent-Disposition: attachment; filename="a.rtf"\r\n'
  printf '\r\n{\\rtf1 x}\r\n'
} > mail.eml
status=0
SEKISHO_LIBREOFFICE=/nowhere "$sekisho" sanitize mail.eml -o out.eml --rules two.rules --report report.json > said ||
  status=$?
[ "$status" = 3 ] && grep -q held-engine-missing report.json || { echo "the mail: exit $status"; cat said; exit 1; }
SEKISHO_LIBREOFFICE=$folder/engine "$sekisho" sanitize mail.eml -o out.eml --rules two.rules > said
grep -q 'filename="\?a.pdf' out.eml || { echo "no PDF in the mail"; cat out.eml | head -30; exit 1; }
echo "an office engine's every failure has its name"
