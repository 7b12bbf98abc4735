#!/usr/bin/env bash
# An order that a role left unread when it died is older than what it starts under: a zone severed meanwhile
# stays severed (Z6).
. "$(dirname "$0")/daemon.sh"

stop() { end_daemon; }
start_daemon || exit 1

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
