#!/usr/bin/env bash
# sekisho sanitize --scan with a real clamd: malware is held by its name, and so is everything while clamd is away (H5).
set -eu
source_root=${SOURCE:-$(cd "$(dirname "$0")/../.." && pwd)}
build=${BUILD:-$source_root/build}
clamd=$(PATH=$PATH:/usr/sbin command -v clamd) || { echo "clamd is not installed"; exit 77; }
folder=$(mktemp -d /tmp/sekisho-scan-test.XXXXXX)
clamd_pid=
stop_clamd() { [ -z "$clamd_pid" ] || { kill "$clamd_pid" 2>/dev/null || true; wait "$clamd_pid" 2>/dev/null || true; clamd_pid=; }; }
trap 'stop_clamd; rm -rf "$folder"' EXIT
cd "$folder"

# The EICAR test string, written so that no scanner takes this script for it.
eicar='X5O!P%@AP[4\PZX54(P^)7CC)7}$'"EICAR-STANDARD-ANTIVIRUS-"'TEST-FILE!$H+H*'
mkdir db
printf 'Sekisho.Test.Eicar:0:*:%s\n' "$(printf %s "$eicar" | od -An -tx1 | tr -d ' \n')" >db/test.ndb
cat >clamd.conf <<END
LocalSocket $folder/ctl
DatabaseDirectory $folder/db
Foreground yes
LogFile $folder/log
END
start_clamd() {
  rm -f ctl
  "$clamd" -c clamd.conf >clamd.out 2>&1 &
  clamd_pid=$!
  for _ in $(seq 300); do [ -S ctl ] && return; sleep 0.1; done
  cat clamd.out log
  exit 1
}
expect() { # status, words…
  local wanted=$1 status=0
  shift
  "$build/gateway/cli/sekisho" sanitize "$@" >said 2>&1 || status=$?
  [ "$status" = "$wanted" ] || { echo "sanitize $*: exit $status, not $wanted"; cat said; exit 1; }
}
has() { grep -qF -- "$1" said || { echo "not said: $1"; cat said; exit 1; }; }

printf 'hello\n' >good.txt
printf 'From: a@example.jp\r\nTo: b@example.jp\r\nSubject: x\r\nMIME-Version: 1.0\r\nContent-Type: application/octet-stream; name=x.txt\r\nContent-Transfer-Encoding: base64\r\n\r\n%s\r\n' \
  "$(printf %s "$eicar" | base64 -w0)" >bad.eml

expect 3 good.txt -o out --scan ctl # clamd is not there yet
has scanner-unavailable
start_clamd
expect 3 good.txt -o out --scan ctl # its database has no date: it is no virus scanner yet
has definitions-old
expect 0 good.txt -o out --scan ctl --definitions-days 0
expect 3 bad.eml -o bad.out --scan ctl --definitions-days 0 --report report.json
has 'malware: the virus scanner found malware / ウイルス検査で検出'
has Sekisho.Test.Eicar
grep -q '"malware": "Sekisho.Test.Eicar' report.json
[ ! -e bad.out ]
stop_clamd
expect 3 good.txt -o late --scan ctl --definitions-days 0
has scanner-unavailable
[ ! -e late ]
echo "nothing passes that clamd did not call clean"
