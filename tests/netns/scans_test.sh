#!/usr/bin/env bash
# nmap of every kind from every zone: only what is listed shows, and the gateway itself looks like nothing (Z2).
. "$(dirname "$0")/scenario.sh"
need_tools nmap
add_host mynumber mynumber-other 02:00:5e:10:00:12 10.1.0.12 || exit 1
web_up && gateway_start || exit 1

PORTS=22,25,80,443,5201,8443
# scan ZONE [options of nmap]: "address/protocol/port state" for each port that does not look filtered or closed
# by silence.  What nobody answers is open|filtered for scans that look for answers of closed ports: that says nothing.
scan() {
  local zone=$1
  shift
  in_zone "$zone" nmap -n -Pn --max-retries 0 --min-rate 200 --initial-rtt-timeout 300ms --max-rtt-timeout 500ms --host-timeout 20s -oX - "$@" 2>/dev/null |
    python3 "$SOURCE/tests/support/nmap_shows.py"
}
# shows WANTED ZONE [options]: exactly this shows, "nothing" for nothing.
shows() {
  local wanted=$1 found
  shift
  found=$(scan "$@" | paste -sd ' ')
  say "nmap ${*:2}: ${found:-nothing}"
  [[ ${found:-nothing} == "$wanted" ]]
}
# expect_shows …: the same beside others; all_shown waits for them and tells what they saw.
SHOWN=()
expect_shows() {
  local file=$HOSTS/shows-${#SHOWN[@]}
  shows "$@" >"$file" &
  SHOWN+=("$! $file")
}
all_shown() {
  local pid file status=0
  while read -r pid file; do
    wait "$pid" || { status=1; printf 'NOT AS WANTED: '; }
    cat "$file"
  done < <(printf '%s\n' "${SHOWN[@]}")
  SHOWN=()
  return $status
}

KINDS=(-sA -sF -sN -sX -sW -sM -sU -sY -sZ)
# Protocol 6 is not asked for: the answers to the scans beside it would count as answers.
PROTOCOLS=1,2,17,41,47,50,89,112,132
from_lgwan() {
  local kind targets=(10.1.0.1 10.1.0.11 10.1.0.12 10.2.0.1 10.3.0.1 10.3.0.50)
  for kind in -sS -sT "${KINDS[@]}"; do expect_shows nothing lgwan "$kind" -p "$PORTS" "${targets[@]}"; done
  expect_shows nothing lgwan -sO -p "$PROTOCOLS" "${targets[@]}"
  expect_shows nothing lgwan --scanflags URGACKPSHRSTSYNFIN -p "$PORTS" "${targets[@]}"
  expect_shows nothing lgwan -sS -f --send-ip -p "$PORTS" "${targets[@]}"
  expect_shows nothing lgwan -sS -D 10.2.0.40,10.3.0.50 -p "$PORTS" "${targets[@]}"
  all_shown
}
from_internet() {
  local kind targets=(10.1.0.1 10.1.0.11 10.1.0.12 10.2.0.1 10.2.0.25 10.2.0.40 10.3.0.1)
  for kind in -sS -sT; do
    expect_shows '10.3.0.1/tcp/25 open' internet "$kind" -p "$PORTS" "${targets[@]}"
  done
  for kind in "${KINDS[@]}"; do expect_shows nothing internet "$kind" -p "$PORTS" "${targets[@]}"; done
  expect_shows nothing internet -sO -p "$PROTOCOLS" "${targets[@]}"
  expect_shows nothing internet --scanflags URGACKPSHRSTSYNFIN -p "$PORTS" "${targets[@]}"
  expect_shows nothing internet -sS --badsum -p "$PORTS" "${targets[@]}"
  expect_shows nothing internet -sI 10.2.0.40:443 -p "$PORTS" 10.1.0.11
  all_shown
}
# The listed host may connect; every other way of knocking shows nothing, at the listed port too.
from_the_listed_host() {
  local kind targets=(10.2.0.40 10.2.0.1 10.1.0.1 10.3.0.1 10.3.0.50)
  for kind in -sS -sT; do
    expect_shows '10.2.0.40/tcp/443 open' mynumber "$kind" -p "$PORTS" "${targets[@]}"
  done
  for kind in "${KINDS[@]}"; do expect_shows nothing mynumber "$kind" -p "$PORTS" "${targets[@]}"; done
  expect_shows nothing mynumber -sO -p "$PROTOCOLS" "${targets[@]}"
  all_shown
}
from_its_neighbour() {
  local kind targets=(10.2.0.40 10.2.0.1 10.1.0.1 10.3.0.50)
  for kind in -sS -sT -sA -sF -sU; do
    expect_shows nothing mynumber-other "$kind" -p "$PORTS" "${targets[@]}"
  done
  all_shown
}

observe 'from internet: only the mail relay' from_internet
observe 'from lgwan: nothing shows' from_lgwan
observe 'from the listed host: only the listed port' from_the_listed_host
observe 'from a host beside it: nothing shows' from_its_neighbour
observe 'after all of it the listed flow passes' passes mynumber https://10.2.0.40/
verdict
