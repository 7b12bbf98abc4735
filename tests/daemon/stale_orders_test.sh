#!/usr/bin/env bash
# An order that a role left unread when it died is older than what it starts under: a zone severed meanwhile
# stays severed (Z6).
set -u
SOURCE=${SOURCE:-$(cd "$(dirname "$0")/../.." && pwd)}
BUILD=${BUILD:-$SOURCE/build}
[[ $EUID == 0 ]] || { echo 'needs root'; exit 77; }
daemon=$BUILD/gateway/role/sekishod sekisho=$BUILD/gateway/cli/sekisho
[[ -x $daemon && -x $sekisho ]] || { echo 'sekishod or sekisho is not built'; exit 77; }

dir=$(mktemp -d /tmp/sekisho-stale-XXXXXX)
chmod 755 "$dir"
export SEKISHO_RUN=$dir/run
"$daemon" --rules "$SOURCE/rules/examples/three-zones.rules" --state "$dir/state" --run "$dir/run" \
  --without-packets >"$dir/log" 2>&1 &
pid=$!
trap 'kill "$pid"; wait "$pid"; rm -rf "$dir"' EXIT
for _ in {1..100}; do
  grep -q 'sekishod: ready' "$dir/log" && break
  kill -0 "$pid" 2>/dev/null || { cat "$dir/log"; exit 1; }
  sleep 0.1
done

relay() { # the relay's process number while it is up; with `severed`: what it says is severed
  "$sekisho" status --json | python3 -c "
import json, sys
status = json.load(sys.stdin)
role = next(r for r in status['roles'] if r['name'] == 'relay')
print(' '.join(status['relay']['severed']) if '${1:-}' else role.get('pid', '') if role['state'] == 'up' else '')" 2>/dev/null
}
up() {
  local number
  for _ in {1..150}; do
    number=$(relay)
    [[ -n $number ]] && { echo "$number"; return; }
    sleep 0.1
  done
  return 1
}

for _ in {1..7}; do kill -9 "$(up)"; sleep 0.3; done # so that the next start waits some seconds
number=$(up) || { echo 'the relay does not come back'; exit 1; }
"$sekisho" sever internet
kill -STOP "$number"
"$sekisho" join internet # not read by the relay, which is ended for it
"$sekisho" sever internet
[[ -z $(relay) ]] || { echo 'the relay is up too early for this test'; exit 1; }
up >/dev/null || { echo 'the relay does not come back'; exit 1; }
sleep 0.5
said=$(relay severed)
[[ $said == internet ]] && { echo 'ok    the zone is still severed'; exit 0; }
echo "FAIL  the relay says that severed are: '$said'"
exit 1
