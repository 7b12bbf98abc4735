#!/usr/bin/env bash
# Limits of rules and sources, with real hosts (Z8).
# shellcheck disable=SC2034
ZONES=(office lgwan internet)
RULES=$(dirname "$0")/limits.rules
. "$(dirname "$0")/scenario.sh"
add_host office office-other 02:00:5e:10:00:12 10.1.0.12 || exit 1
web_up && gateway_start --without-mail || exit 1

# connections NAMESPACE PORT NUMBER: how many of so many, opened at once and held for a moment, came up.
connections() {
  in_zone "$1" python3 - "$2" "$3" <<'PYTHON'
import select, socket, sys, time
held = []
for _ in range(int(sys.argv[2])):
    one = socket.socket()
    one.setblocking(False)
    one.connect_ex(("10.2.0.40", int(sys.argv[1])))
    held.append(one)
time.sleep(2.5)  # every SYN is sent again; what is held is held
_, up, _ = select.select([], held, [], 0)
print(sum(one.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0 for one in up))
PYTHON
}
four_of_twenty() {
  local up
  up=$(connections "$1" 443 20)
  say "$up of 20 connections from $1 came up; sekisho status: limit-source-connections $(count limit-source-connections)"
  ((up == 4))
}
five_of_twenty() {
  local up
  up=$(connections office 8443 20)
  say "$up of 20 connections came up in 2.5 s; sekisho status: limit-new $(count limit-new)"
  ((up >= 5 && up <= 18 && $(count limit-new) >= 10))
}
pings_are_paced() {
  local answered
  answered=$(in_zone office ping -q -i 0.005 -c 400 -W 1 10.2.0.40 | sed -n 's/.* \([0-9]*\) received.*/\1/p')
  say "$answered of 400 pings answered; sekisho status: limit-rate $(count limit-rate)"
  ((answered >= 30 && answered <= 150 && $(count limit-rate) > 100))
}
status_tells() {
  ask status --json | python3 -c '
import json, sys
limits = json.load(sys.stdin)["path"]["limits"]
print(limits)
sys.exit(not any(row["refused"] > 0 for row in limits.values()))'
}

observe 'a page comes' passes office https://10.2.0.40/
observe 'connections at once of a source' four_of_twenty office
observe 'another source has its own' four_of_twenty office-other
observe 'new connections a second of a rule' five_of_twenty
observe 'packets a second of a rule' pings_are_paced
observe 'the status says what was refused' status_tells
verdict
