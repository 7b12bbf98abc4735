# shellcheck shell=bash disable=SC2034
# A daemon without packets, in a folder of its own that goes with it: for the tests of this folder to source.
# They define start and stop with start_daemon and end_daemon.
set -u
SOURCE=${SOURCE:-$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)}
BUILD=${BUILD:-$SOURCE/build}
[[ $EUID == 0 ]] || { echo 'needs root'; exit 77; }
daemon=$BUILD/gateway/role/sekishod sekisho=$BUILD/gateway/cli/sekisho
[[ -x $daemon && -x $sekisho ]] || { echo 'sekishod or sekisho is not built'; exit 77; }

dir=$(mktemp -d /tmp/sekisho-daemon-test.XXXXXX)
chmod 755 "$dir"
export SEKISHO_RUN=$dir/run
town=$dir/town.rules
cp "$SOURCE/rules/examples/three-zones.rules" "$town"
pid='' failed=0
trap 'stop; rm -rf "$dir"' EXIT

check() { # check WHAT COMMAND…
  local what=$1
  shift
  if "$@" >"$dir/out" 2>&1; then echo "ok    $what"; else
    echo "FAIL  $what"
    sed 's/^/      /' "$dir/out"
    failed=1
  fi
}
says() { # says STATUS TEXT COMMAND…: exit status, and words it must print
  local status=$1 text=$2 got=0
  shift 2
  "$@" >"$dir/said" 2>&1 || got=$?
  cat "$dir/said"
  [[ $got == "$status" ]] && grep -qF -- "$text" "$dir/said"
}
start_daemon() { # start_daemon [OPTION…]: returns when it is ready
  : >"$dir/log" # before the daemon has it: the last one's words are not this one's
  "$daemon" --rules "$town" --state "$dir/state" --run "$dir/run" --without-packets "$@" >"$dir/log" 2>&1 &
  pid=$!
  for _ in {1..100}; do
    grep -q 'sekishod: ready' "$dir/log" && return 0
    kill -0 "$pid" 2>/dev/null || { cat "$dir/log"; return 1; }
    sleep 0.1
  done
  return 1
}
end_daemon() {
  [[ -n $pid ]] && kill "$pid" 2>/dev/null && wait "$pid"
  pid=''
}
