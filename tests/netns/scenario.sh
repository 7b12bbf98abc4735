# The beginning of every scenario: three zones of their own, taken down at the end however it comes.
# shellcheck shell=bash
set -u
SOURCE=${SOURCE:-$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)}
NET=t$$
# A few ports and flows: ordinary pages do, and no setting of the machine is changed.
EAL="--no-pci --no-huge --no-shconf --no-telemetry -m 256"
# shellcheck source=../../deploy/lib.sh
. "$SOURCE/deploy/lib.sh"
# shellcheck source=topology.sh
. "$SOURCE/tests/netns/topology.sh"
# shellcheck source=hosts.sh
. "$SOURCE/tests/netns/hosts.sh"
# shellcheck source=observe.sh
. "$SOURCE/tests/netns/observe.sh"
need_root
need_programs sekishod sekisho sekisho-sanitizer
zones_down_at_exit
zones_up || exit 1

# The samples of tests/support, made once for the scenario.
samples_up() {
  SAMPLES=$HOSTS/samples
  python3 "$SOURCE/tests/support/make_samples.py" "$SAMPLES"
}
