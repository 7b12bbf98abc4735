#!/usr/bin/env bash
# The daemon without packets and mail: its roles' privileges, orders and their record, restarts, refusals.
. "$(dirname "$0")/daemon.sh"

start() { start_daemon --without-mail; }
stop() {
  [[ -n $pid ]] && kill -CONT "$(role record)" 2>/dev/null
  end_daemon
}
ask() { "$sekisho" "$@"; }
role() { # the process number of a role
  ask status --json 2>/dev/null | python3 -c "
import json, sys
print(next((r.get('pid', '') for r in json.load(sys.stdin)['roles'] if r['name'] == '$1'), ''))" 2>/dev/null
}
privileges() { # of the running roles, as the kernel tells them
  local name number
  for name in record control; do
    number=$(role "$name")
    grep -qE '^Uid:\s+[1-9][0-9]*\s+[1-9]' "/proc/$number/status" && grep -qE '^CapEff:\s+0+$' "/proc/$number/status" &&
      grep -qE '^CapBnd:\s+0+$' "/proc/$number/status" && grep -qE '^NoNewPrivs:\s+1' "/proc/$number/status" &&
      grep -qE '^Seccomp:\s+2' "/proc/$number/status" || { cat "/proc/$number/status"; return 1; }
  done
}
comes_back() {
  local before now
  before=$(role "$1")
  kill -9 "$before" || return 1
  for _ in {1..50}; do
    now=$(role "$1")
    [[ -n $now && $now != "$before" ]] && ask status --json | grep -A1 "\"$1\"" | grep -q '"up"' && return 0
    sleep 0.1
  done
  return 1
}
event() { ask record tail -n 50 --state "$dir/state" | grep -F "\"event\":\"$1\"" | grep -F -- "${2:-}"; }
within_a_second() { local t=$EPOCHREALTIME && "$@" && ((${EPOCHREALTIME/./} - ${t/./} < 1000000)); }
is_severed() { ask status --json | grep -A1 '"severed": \[' | grep -q "\"$1\""; }
nothing_is_left() {
  local n
  for _ in {1..30}; do
    n=0
    for p in "$@"; do kill -0 "$p" 2>/dev/null && n=1; done
    ((n)) || return 0
    sleep 0.1
  done
  return 1
}

check 'no daemon: says how to start one' says 2 'systemctl start sekisho' ask status
echo 'zone' >"$dir/wrong.rules"
check 'rules with an error start nothing' says 1 'wrong.rules:1' "$daemon" --rules "$dir/wrong.rules" \
  --state "$dir/state" --run "$dir/run"
check 'starts' start
check 'status shows its roles' says 0 'control' ask status
check 'roles have no privileges' privileges
check 'a second daemon on the same state is refused' says 1 'another sekishod' "$daemon" --rules "$town" \
  --state "$dir/state" --run "$dir/run2" --without-packets --without-mail
check 'the local socket is closed to others' says 0 660 stat -c %a "$dir/run/control"

check 'sever: within a second' within_a_second ask sever internet
check 'sever: shown' is_severed internet
check 'sever: recorded with who' event zone-severed '"uid":0'
check 'sever: an unknown zone, with the list' says 1 'mynumber, lgwan, internet' ask sever moon
check 'record is killed and comes back' comes_back record
check 'control is killed and comes back' comes_back control
check 'their deaths are recorded' event role-died '"name":"control"'

policy=$(ask status --json | grep '"policy"')
echo 'permit everything' >>"$town"
check 'reload: an error is shown' says 1 'town.rules:' ask reload
check 'reload: the old rules stay' [ "$(ask status --json | grep '"policy"')" = "$policy" ]
check 'reload: the refusal is recorded' event rules-refused
cp "$SOURCE/rules/examples/three-zones.rules" "$town"
check 'reload: right rules' says 0 'in force' ask reload
check 'reload: recorded' event rules-loaded '"user":"root"'
sed -i 's/10\.1\.0\.1$/10.1.0.2/; s/address 10\.1\.0\.1 /address 10.1.0.2 /' "$town"
check 'reload: another address of a zone is refused' says 1 'restart' ask reload
cp "$SOURCE/rules/examples/three-zones.rules" "$town"

kill -STOP "$(role record)"
check 'without the record nothing is opened' says 1 record-unavailable ask join internet
check 'without the record a zone can still be cut off' within_a_second ask sever lgwan
kill -CONT "$(pgrep -P "$pid" | head -n 1)"

check 'an unknown receipt' says 1 'no mail has the receipt' ask trace R8K4-7Q2M-X9
check 'what is no receipt number' says 2 'is no receipt number' ask trace R-0
stop
check 'starts again' start
check 'still severed after the restart' is_severed internet
check 'join' ask join internet
roles=$(pgrep -P "$pid")
kill -9 "$pid"
# shellcheck disable=SC2086
check 'the supervisor dies: no role is left' nothing_is_left $roles
pid=''
check 'starts after that' start
stop
check 'the record is whole' says 0 whole ask record verify --state "$dir/state"
sed -i 's/"event":"zone-severed"/"event":"zone-joined_"/' "$dir"/state/record/record-*.jsonl
check 'a forged record is told, with its line' says 1 '.jsonl:' ask record verify --state "$dir/state"
exit $failed
