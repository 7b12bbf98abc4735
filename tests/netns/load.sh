# Load between the two listed hosts: iperf3 with its own verdict, and what it may cost.  After scenario.sh.
# shellcheck shell=bash

iperf_up() {
  background "$HOSTS/iperf3-server" ip netns exec "$NET-lgwan" iperf3 -s --forceflush -B 10.2.0.40
  wait_for 5 grep -q 'listening' "$HOSTS/iperf3-server.log" || { cat "$HOSTS/iperf3-server.log"; return 1; }
}
iperf_down() { stop "$HOSTS/iperf3-server"; }

# load_start NAME SECONDS [options of iperf3]: runs in the background from the listed host.
load_start() {
  local name=$1 seconds=$2
  shift 2
  background "$HOSTS/$name" ip netns exec "$NET-office" iperf3 -c 10.2.0.40 -J -t "$seconds" \
    --connect-timeout 3000 "$@"
}
load_wait() { wait "$(cat "$HOSTS/$1.pid")"; }

# load_result NAME: "octets lost retransmits seconds" of a run, as the receiver saw it; -1 for what does not apply.
load_result() {
  python3 - "$HOSTS/$1.log" <<'PYTHON'
import json, sys
text = open(sys.argv[1]).read()
run = json.loads(text[text.index("{"):])
if "error" in run:
    sys.exit(f"iperf3: {run['error']}")
end = run["end"]
if "sum" in end and "lost_packets" in end["sum"]:
    total = end["sum"]
    received = round(total["bytes"] * (1 - total["lost_packets"] / max(1, total["packets"])))
    print(received, total["lost_packets"], -1, round(total["seconds"], 2))
else:
    print(end["sum_received"]["bytes"], -1, end["sum_sent"].get("retransmits", -1),
          round(end["sum_received"]["seconds"], 2))
PYTHON
}

# load_is_whole NAME OCTETS [RETRANSMITS]: so many octets arrived at least; no datagram lost, no more segments
# sent twice than allowed (0).
load_is_whole() {
  local octets lost again seconds result
  result=$(load_result "$1") || { say "$result"; return 1; }
  read -r octets lost again seconds <<<"$result"
  say "$1: $octets octets in $seconds s; datagrams lost: $lost, segments sent again: $again (-1: not measured)"
  ((octets >= $2 && lost <= 0 && again <= ${3:-0}))
}

# Whether one of three attempts is without loss.  What the gateway itself loses it loses every time; what a machine
# with other work loses, because nobody empties its queues in time, it does not.
once_of_three() {
  local attempt
  for attempt in 1 2 3; do
    "$@" && return 0
    say "(attempt $attempt)"
    sleep 1
  done
  return 1
}
