#!/usr/bin/env bash
# The first thing a newcomer runs: it shows everything, keeps it when asked, and leaves nothing behind.
set -u
SOURCE=${SOURCE:-$(cd "$(dirname "$0")/../.." && pwd)}
[[ $EUID == 0 ]] || { echo 'needs root'; exit 77; }
[[ ! -e /run/netns/sekisho-gw ]] || { echo 'a quickstart is running here (deploy/quickstart --down)'; exit 77; }
pages=$(cat /proc/sys/vm/nr_hugepages)
trap '"$SOURCE/deploy/quickstart" --down >/dev/null' EXIT

"$SOURCE/deploy/quickstart" --keep || exit 1
[[ -e /run/netns/sekisho-gw ]] || { echo '--keep kept nothing'; exit 1; }
"$SOURCE/deploy/quickstart" --down
for left in /run/netns/sekisho-* /var/lib/sekisho-quickstart /run/sekisho-quickstart; do
  [[ ! -e $left ]] || { echo "left behind: $left"; exit 1; }
done
[[ $(cat /proc/sys/vm/nr_hugepages) == "$pages" ]] || { echo 'the huge pages were not given back'; exit 1; }
