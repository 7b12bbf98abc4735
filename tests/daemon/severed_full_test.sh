#!/usr/bin/env bash
# A full disk keeps no zone open: it is cut off at once, also for a role that starts again; that this is not kept is told,
# and mended once there is room.  Nothing is joined that cannot be written (Z6).
if [[ ${1-} != inside ]]; then # a mount namespace, so that the small disk goes with the test
  [[ $EUID == 0 ]] && unshare --mount true 2>/dev/null || { echo 'needs root and mount namespaces'; exit 77; }
  exec unshare --mount --propagation private "$0" inside
fi
. "$(dirname "$0")/daemon.sh"
stop() { end_daemon && { ! mountpoint -q "$dir/state" || umount "$dir/state"; }; }
mkdir "$dir/state" && mount -t tmpfs -o size=48m,mode=755 tmpfs "$dir/state" || exit 77

status() { "$sekisho" status --json | python3 -c "import json, sys; status = json.load(sys.stdin); print($1)" 2>/dev/null; }
relay() { status "next(role.get('pid', '') for role in status['roles'] if role['name'] == 'relay' and role['state'] == 'up')"; }
relay_says() { [[ $(status "' '.join(status['relay']['severed'])") == "$1" ]]; }
not_kept() { [[ $(status "' '.join(status.get('not_kept', {}).get('zones', []))") == "$1" ]]; }
soon() { # within ten seconds
  for _ in {1..100}; do
    "$@" && return 0
    sleep 0.1
  done
  return 1
}
is_another() { local now && now=$(relay) && [[ -n $now && $now != "$1" ]]; }
fill() {
  dd if=/dev/zero of="$dir/state/fill" bs=64k 2>/dev/null
  dd if=/dev/zero of="$dir/state/fill2" bs=1k 2>/dev/null
  ! { echo x >"$dir/state/full"; } 2>/dev/null
}
make_room() { rm -f "$dir"/state/fill* "$dir/state/full"; }
event() { soon tell_event "$@"; }
tell_event() { "$sekisho" record tail -n 100 --state "$dir/state" | grep -F "\"event\":\"$1\"" | grep -F -- "$2"; }

check 'starts' start_daemon
check 'sever: kept' says 0 'is cut off, until' "$sekisho" sever lgwan
check 'the disk is full' fill
check 'sever: cut off, and told that it is not kept' says 1 'zone internet is cut off, but not kept: after a restart it would be joined' \
  "$sekisho" sever internet
check 'sever: the reason' grep -qF 'No space left' "$dir/said"
check 'sever: in the log' grep -qF 'zone internet is cut off, but not kept' "$dir/log"
check 'the relay has it' relay_says 'internet lgwan'
check 'status says severed' [ "$(status "' '.join(status['severed'])")" = 'internet lgwan' ]
check 'status warns' says 0 'cut off, but not kept' "$sekisho" status
check 'status warns in JSON' not_kept internet
number=$(relay)
kill -9 "$number"
check 'the relay comes back' soon is_another "$number"
check 'it starts with the zone cut off' relay_says 'internet lgwan'
check 'join needs the disk' says 1 'No space left' "$sekisho" join internet
check 'and nothing was joined' relay_says 'internet lgwan'
check 'what is kept is not told as lost' says 0 'is cut off, until' "$sekisho" sever lgwan
make_room
check 'kept once there is room' soon not_kept ''
check 'the file names both' [ "$(sort "$dir/state/severed" | tr '\n' ' ')" = 'internet lgwan ' ]
check 'kept: in the log' grep -qF 'zone internet stays cut off after a restart too' "$dir/log"
check 'kept: recorded' event zone-kept '"zone":"internet"'
end_daemon
check 'starts again' start_daemon
check 'still cut off' relay_says 'internet lgwan'
check 'join' says 0 'takes part again' "$sekisho" join lgwan
check 'a full disk again' fill
check 'sever: not kept' says 1 'not kept' "$sekisho" sever lgwan
end_daemon
check 'at the end it is told what the next start joins' grep -qF 'zone lgwan was cut off and is joined at the next start' "$dir/log"
make_room
check 'starts again' start_daemon
check 'with what was kept' relay_says internet
exit $failed
