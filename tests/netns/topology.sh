# Three zones on one machine: namespaces joined to a gateway namespace by veth pairs.  Sourced by
# deploy/quickstart and by the scenarios beside this file; everything is named after $NET, so several can
# stand at once.
#
#    $NET-mynumber                    $NET-gw                            $NET-lgwan
#    +---------------------+          +---------------------------+      +---------------------+
#    | eth0 10.1.0.11      |==veth==| gw-mynumber     gw-lgwan |==veth==| eth0 10.2.0.40 eltax|
#    | 02:00:5e:10:00:01   |        |     |               |    |        | 02:00:5e:10:00:02   |
#    +---------------------+        |     +--- sekishod --+    |        +---------------------+
#                                   |             |            |        other hosts: add_host
#    $NET-internet                  |        gw-internet       |
#    +---------------------+        |                          |        The zone NICs (gw-*) have no
#    | eth0 10.3.0.50      |==veth==|  sk-mynumber 10.1.0.1    |        address: sekishod reads them with
#    |                     |        |  sk-lgwan    10.2.0.1    |        DPDK.  The kernel of the gateway
#    +---------------------+        |  sk-internet 10.3.0.1    |        lives behind the taps (sk-*),
#                                   +--------------------------+        which sekishod makes.
#
# shellcheck shell=bash

: "${NET:?set NET, the prefix of the names, before sourcing topology.sh}"
SOURCE=${SOURCE:-$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)}
BUILD=${BUILD:-$SOURCE/build}
RULES=${RULES:-$SOURCE/rules/examples/three-zones.rules}
STATE=${STATE:-/tmp/$NET/state} # the daemon's, and the hosts' folders
RUN=${RUN:-/tmp/$NET/run}
HOSTS=${HOSTS:-/tmp/$NET/hosts}
EAL=${EAL:---no-pci --in-memory --no-telemetry -m 128 --file-prefix $NET}
[[ -v ZONES[@] ]] || ZONES=(mynumber lgwan internet)

declare -A zone_number=([mynumber]=1 [offline]=1 [office]=1 [lgwan]=2 [internet]=3)
declare -A zone_mac=([mynumber]=02:00:5e:10:00:01 [offline]=02:00:5e:10:00:01
  [office]=02:00:5e:10:00:01 [lgwan]=02:00:5e:10:00:02 [internet]=02:00:5e:10:00:03)
declare -A zone_addresses=([mynumber]=10.1.0.11 [offline]=10.1.0.11 [office]=10.1.0.11
  [lgwan]=10.2.0.40 [internet]=10.3.0.50)

# The path of a program of the build folder.
program() {
  local place
  case $1 in
  sekisho) place=$BUILD/gateway/cli/sekisho ;;
  sekishod) place=$BUILD/gateway/role/sekishod ;;
  sekisho-sanitizer) place=$BUILD/sanitizer/worker/sekisho-sanitizer ;;
  esac
  [[ -x $place ]] || { echo "$1 is not built in $BUILD" >&2; return 1; }
  printf '%s\n' "$place"
}

# need_tools NAME…: ends the test as skipped where a program of others is not installed.
need_tools() {
  local name
  for name in "$@"; do command -v "$name" >/dev/null || { echo "$name is not installed"; exit 77; }; done
}

need_root() { [[ $EUID == 0 ]] || { echo 'needs root (network namespaces)'; exit 77; }; }

# need_programs NAME…: ends the test as skipped where one is not built.
need_programs() {
  local name
  for name in "$@"; do program "$name" >/dev/null 2>&1 || { echo "$name is not built"; exit 77; }; done
}

in_gateway() { ip netns exec "$NET-gw" "$@"; }
in_zone() { local zone=$1 && shift && ip netns exec "$NET-$zone" "$@"; }
sekisho() { "$(program sekisho)" "$@"; } # words that need no daemon
ask() { local word=$1 && shift && SEKISHO_RUN=$RUN sekisho "$word" "$@"; }

# wait_for SECONDS COMMAND…: true as soon as COMMAND is.
wait_for() {
  local end=$((SECONDS + $1)) && shift
  until "$@" >/dev/null 2>&1; do ((SECONDS < end)) || return 1; sleep 0.1; done
}

# A namespace whose interfaces speak IPv4 only and leave checksums as real cards would.
namespace() {
  ip netns add "$NET-$1" &&
    in_zone "$1" sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 &&
    ip -n "$NET-$1" link set lo up
}

# Offloads would leave TCP checksums unfinished on the veth, and join segments above the MTU.
plain_frames() {
  in_zone "$1" ethtool -K "$2" tx off rx off tso off gso off gro off >/dev/null 2>&1
  return 0
}

# The wire of a zone: gw-ZONE in the gateway, eth0 in the zone.
zone_wire() {
  local zone=$1 number address
  number=${zone_number[$zone]}
  ip -n "$NET-gw" link add "gw-$zone" address "02:00:5e:00:00:0$number" type veth \
    peer name eth0 address "${zone_mac[$zone]}" netns "$NET-$zone" || return 1
  plain_frames gw "gw-$zone"
  plain_frames "$zone" eth0
  for address in ${zone_addresses[$zone]}; do
    ip -n "$NET-$zone" address add "$address/24" dev eth0 || return 1
  done
  ip -n "$NET-gw" link set "gw-$zone" up && ip -n "$NET-$zone" link set eth0 up &&
    ip -n "$NET-$zone" route add default via "10.$number.0.1"
}

zones_up() {
  local zone
  zones_down
  mkdir -p "$STATE" "$RUN" "$HOSTS" && chmod 755 "$HOSTS" && : >"$HOSTS/added"
  namespace gw || return 1
  for zone in "${ZONES[@]}"; do namespace "$zone" && zone_wire "$zone" || return 1; done
}

# add_host ZONE NAME MAC ADDRESS: another machine in the zone, $NET-NAME.
add_host() {
  echo "$*" >>"$HOSTS/added"
  namespace "$2" && attach_host "$@"
}
attach_host() {
  local zone=$1 name=$2 mac=$3 address=$4
  ip -n "$NET-$zone" link add link eth0 name "host-${mac: -2}" type macvlan mode bridge &&
    ip -n "$NET-$zone" link set "host-${mac: -2}" netns "$NET-$name" name eth0 address "$mac" &&
    ip -n "$NET-$name" address add "$address/24" dev eth0 &&
    ip -n "$NET-$name" link set eth0 up &&
    ip -n "$NET-$name" route add default via "10.${zone_number[$zone]}.0.1" &&
    plain_frames "$name" eth0
}

# background FILE COMMAND…: runs on, output to FILE.log, process id in FILE.pid.
background() {
  local file=$1 && shift
  "$@" >"$file.log" 2>&1 </dev/null 3>&- &
  echo $! >"$file.pid"
}

# stop FILE [SECONDS]: asks that process to end, then ends it.
stop() {
  local pid end=$((SECONDS + ${2:-10}))
  pid=$(cat "$1.pid" 2>/dev/null) || return 0
  rm -f "$1.pid"
  kill "$pid" 2>/dev/null || return 0
  while kill -0 "$pid" 2>/dev/null; do
    ((SECONDS < end)) || { kill -9 "$pid" 2>/dev/null; break; }
    sleep 0.1
  done
}

# gateway_start [options of sekishod]: returns when it answers.
gateway_start() {
  local daemon
  daemon=$(program sekishod) || return 1
  : >"$HOSTS/sekishod.log"
  background "$HOSTS/sekishod" ip netns exec "$NET-gw" "$daemon" --rules "$RULES" --state "$STATE" \
    --run "$RUN" --eal "$EAL" "$@"
  gateway_ready || { echo 'sekishod did not come up:'; tail -n 20 "$HOSTS/sekishod.log"; return 1; }
}

# Every role that this daemon has is up.
gateway_answers() { ask status --json | python3 "$SOURCE/tests/support/status.py" --up; }
gateway_ready() {
  local end=$((SECONDS + 30))
  until gateway_answers >/dev/null 2>&1; do
    kill -0 "$(cat "$HOSTS/sekishod.pid")" 2>/dev/null && ((SECONDS < end)) || return 1
    sleep 0.1
  done
}
gateway_stop() { stop "$HOSTS/sekishod" 15; }

# count REASON: how often the gateway has refused something for it since it started.
count() { ask status --json | python3 "$SOURCE/tests/support/status.py" "$1"; }

# The namespaces of this prefix that stand: the gateway's, the zones' and those of added hosts.
our_namespaces() {
  local name
  for name in gw "${ZONES[@]}" $(awk '{print $2}' "$HOSTS/added" 2>/dev/null); do
    [[ -e /run/netns/$NET-$name ]] && printf '%s\n' "$NET-$name"
  done
}

# Takes everything away, also what an interrupted run left behind.  What runs in these namespaces was
# started in them by us.
zones_down() {
  local space pid
  gateway_stop
  for space in $(our_namespaces); do
    for pid in $(ip netns pids "$space"); do kill "$pid" 2>/dev/null; done
  done
  for space in $(our_namespaces); do
    wait_for 3 no_process_in "$space" ||
      for pid in $(ip netns pids "$space"); do kill -9 "$pid" 2>/dev/null; done
    ip netns delete "$space"
  done
  rm -rf "${STATE:?}" "${RUN:?}" "${HOSTS:?}" "/tmp/$NET"
}
no_process_in() { [[ -z $(ip netns pids "$1") ]]; }

# For scenarios: takes all down at the end, however it comes.
zones_down_at_exit() {
  trap 'status=$?; trap - EXIT; zones_down; exit $status' EXIT
  trap 'exit 130' INT TERM
}

hugepages() { # hugepages NUMBER: at least so many of 2 MiB
  local now
  now=$(cat /proc/sys/vm/nr_hugepages)
  ((now >= $1)) || echo "$1" >/proc/sys/vm/nr_hugepages
}
