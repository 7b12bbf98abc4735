#!/usr/bin/env bash
# What a machine lacks is said, with what to type.
. "$(dirname "$0")/scenario.sh"

# says SED-EXPRESSION-FOR-THE-RULES WORDS [options of sekishod]: it does not come up, and says WORDS.
says() {
  local edit=$1 words=$2 daemon pid
  shift 2
  sed "$edit" "$SOURCE/rules/examples/three-zones.rules" >"$HOSTS/wrong.rules"
  daemon=$(program sekishod) || return 1
  : >"$HOSTS/wrong.log"
  ip netns exec "$NET-gw" "$daemon" --rules "$HOSTS/wrong.rules" --state "$STATE/wrong" --run "$RUN/wrong" \
    --without-mail --eal "$EAL" "$@" >"$HOSTS/wrong.log" 2>&1 &
  pid=$!
  wait_for 8 grep -qF -- "$words" "$HOSTS/wrong.log"
  local status=$?
  kill "$pid" 2>/dev/null
  wait "$pid" 2>/dev/null
  grep -F -- "$words" "$HOSTS/wrong.log" | head -n 1 | cut -c1-300
  ((status == 0)) || tail -n 5 "$HOSTS/wrong.log"
  return $status
}

keep='s/^$//'
observe 'no such interface: those there are' says 's/gw-lgwan/gw-lgwam/' 'there is no interface gw-lgwam; there are gw-internet, gw-lgwan'
observe 'no such card' says 's/gw-lgwan/0000:ff:1f.7/' 'there is no PCI device 0000:ff:1f.7; dpdk-devbind.py --status'
# A card of this machine, where it has one that the kernel drives; nothing is done to it.
for card in /sys/bus/pci/devices/*; do
  [[ $(cat "$card/class") == 0x02* && -e $card/driver ]] || continue
  driver=$(basename "$(readlink "$card/driver")")
  [[ $driver == vfio-pci || $driver == uio* || $driver == mlx* ]] && continue
  observe "a card with the kernel's driver" says "s/gw-lgwan/${card##*/}/" "card ${card##*/} belongs to the kernel's driver $driver"
  observe 'and what to type' says "s/gw-lgwan/${card##*/}/" "modprobe vfio-pci && dpdk-devbind.py --bind=vfio-pci ${card##*/}"
  break
done
observe 'no such processor' says "$keep" 'there is no processor 3999' --cores 3999
observe 'a processor twice' says "$keep" 'names processor 0 twice' --cores 0,0
observe 'no number' says "$keep" '--cores wants numbers' --cores two
EAL="--no-pci --no-huge --no-shconf --no-telemetry -m 32"
observe 'too little memory' says "$keep" 'leave -m out of --eal'
verdict
