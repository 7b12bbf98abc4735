#!/usr/bin/env bash
# sekisho apply: for good and on trial; back by the clock, by order, by a restart and by a crash; confirmed by
# somebody else; errors change nothing; everything recorded with who.
. "$(dirname "$0")/daemon.sh"

{ # moved by a comment and a sentence more
  echo '# for a trial'
  cat "$town"
  echo 'permit tcp port 8443 from tax-01 to eltax'
  echo '    for "trial"  owner "税務課"  approved "R8-099"  until 2099-03-31'
} >"$dir/more.rules"
{ cat "$town"; echo 'permit everything'; } >"$dir/wrong.rules"
sed 's/10\.1\.0\.1 /10.1.0.9 /' "$town" >"$dir/address.rules"

start() { start_daemon --without-mail; }
stop() { end_daemon; }
restart() { stop; start; }
policy() { "$sekisho" status --json | python3 -c 'import json, sys; print(json.load(sys.stdin)["policy"])'; }
in_force() { [[ $(policy) == "$1" ]]; }
soon_in_force() { # within six seconds
  for _ in {1..60}; do
    in_force "$1" && return 0
    sleep 0.1
  done
  return 1
}
event() { "$sekisho" record tail -n 100 --state "$dir/state" | grep -F "\"event\":\"$1\"" | tail -n 1 | grep -F -- "${2:-}"; }
apply() { "$sekisho" apply "$@"; }

check 'starts' start
former=$(policy)
check 'no FILE and nothing changed' says 0 'no sentence changes' apply
check 'an error: the diagnostics' says 1 'wrong.rules:' apply "$dir/wrong.rules" --confirm-within 5s
check 'an error changes nothing' in_force "$former"
check 'an error is recorded' event rules-refused '"user":"root"'
check 'an address of a zone is fixed' says 1 restart apply "$dir/address.rules"
check 'a file that is not there' says 2 'cannot read' apply "$dir/absent.rules"
check 'a wrong time' says 2 'as 90s' apply "$dir/more.rules" --confirm-within 5
check 'nothing to confirm' says 1 'no rules are on trial' apply --confirm
check 'nothing to go back from' says 1 'no rules are on trial' apply --back

check 'on trial: shows what changes' says 0 '+ permit tcp port 8443' apply "$dir/more.rules" --confirm-within 2s
more=$(policy)
check 'on trial: only that sentence changed' [ "$(grep -c '^[+-] permit\|^[+-] zone\|^[+-] relay' "$dir/said")" = 1 ]
check 'on trial: in force' [ "$more" != "$former" ]
check 'on trial: recorded with the changes and who' event rules-applied '"confirm_within":2,"added":1,"removed":0'
check 'on trial: status says so' says 0 'seconds_left' "$sekisho" status --json
check 'on trial: neither reload …' says 1 'on trial' "$sekisho" reload
check '… nor another apply' says 1 'on trial' apply "$town"
check 'goes back by itself' soon_in_force "$former"
check 'going back is recorded' event rules-went-back '"why":"time"'

check 'on trial once more' apply "$dir/more.rules" --confirm-within 60s
# Whoever may speak to the daemon: here another user of its group.
chown root:daemon "$dir/run/control"
check 'confirmed by somebody else' setpriv --reuid=1 --regid=1 --clear-groups "$sekisho" apply --confirm
check 'confirmed: stays' in_force "$more"
check 'confirmed: recorded with both' event rules-confirmed '"applied_by":{"uid":0'
check 'confirmed: by the other' event rules-confirmed '"user":"daemon"'
check 'restarts' restart
check 'confirmed rules are in force after a restart' in_force "$more"
check 'status tells that the files say otherwise' says 0 '"held"' "$sekisho" status --json
check 'reload puts the files in force' "$sekisho" reload
check 'and lets go of the others' [ ! -e "$dir/state/held-rules" ]
check 'the files are in force' in_force "$former"

cp "$dir/more.rules" "$town" # edited in place
check 'on trial: the edited files' says 0 '+ permit tcp port 8443' apply --confirm-within 1h
check 'in force' in_force "$more"
check 'a restart in the window' restart
check 'the former rules hold' in_force "$former"
check 'the restart is recorded' event rules-went-back '"why":"restart"'
check 'again after another restart' restart
check 'still the former rules' in_force "$former"
check 'on trial, then a crash' apply --confirm-within 1h
children=$(pgrep -P "$pid")
kill -9 "$pid"
wait "$pid" 2>/dev/null
for _ in {1..30}; do # shellcheck disable=SC2086
  kill -0 $children 2>/dev/null || break
  sleep 0.1
done
pid=''
check 'starts after the crash' start
check 'the former rules hold after the crash' in_force "$former"
check 'on trial, then back by order' apply --confirm-within 1h
check 'on trial: in force again' in_force "$more"
check 'back' says 0 'in force again' apply --back
check 'the former rules' in_force "$former"
check 'going back by order is recorded' event rules-went-back '"why":"asked"'
check 'for good' says 0 'is in force' apply
check 'in force for good' in_force "$more"
check 'nothing held: the files say the same' [ ! -e "$dir/state/held-rules" ]

"$sekisho" apply "$SOURCE/rules/examples/three-zones.rules" --confirm-within 2s >/dev/null 2>&1 &
kill -9 $! 2>/dev/null # the command dies: the daemon keeps the time, if it heard of it at all
wait $! 2>/dev/null
check 'the command dies: back all the same' soon_in_force "$more"

stop
printf 'x' >>"$dir/state/held-rules"
check 'damaged kept rules start nothing' says 1 'remove it to start with the rule files' "$daemon" --rules "$town" \
  --state "$dir/state" --run "$dir/run" --without-packets --without-mail
rm "$dir/state/held-rules"
check 'the record is whole' says 0 whole "$sekisho" record verify --state "$dir/state"
exit $failed
