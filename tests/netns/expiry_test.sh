#!/usr/bin/env bash
# A rule ends with its last day in Japan: within a second of midnight its established flows stop, and the flows of
# other rules do not notice (Z7).  The gateway's clock is set ten seconds before a midnight.
ZONES=(office lgwan internet)
RULES=$(dirname "$0")/load.rules
. "$(dirname "$0")/scenario.sh"
. "$(dirname "$0")/load.sh"
clock=/usr/lib/$(uname -m)-linux-gnu/faketime/libfaketime.so.1
[[ -e $clock ]] || { echo 'libfaketime is not installed'; exit 77; }
need_tools iperf3
mkdir -p "$HOSTS/rules" && sed '/port 443/s/2027-03-31/2027-03-30/' "$RULES" >"$HOSTS/rules/live.rules"
RULES=$HOSTS/rules/live.rules
web_up && iperf_up || exit 1

# 2027-03-30T15:00:00Z is the midnight in Japan that ends the 30th; the gateway's clock is this machine's and an
# offset.
lead=${LEAD:-12}
due=$(($(date +%s) + lead)) # when midnight comes, by this machine's clock
LD_PRELOAD=$clock FAKETIME_DONT_FAKE_MONOTONIC=1 \
  FAKETIME="+$(($(date -u -d 2027-03-30T15:00:00Z +%s) - due))s" gateway_start --without-mail || exit 1
due=$((due * 1000000000))

# Samples of what curl has received, as "milliseconds-from-midnight octets"; nginx sends the 8 MB in four seconds.
transfer() {
  while (($(date +%s%N) < due - 1700000000)); do sleep 0.02; done
  background "$HOSTS/transfer" ip netns exec "$NET-office" curl -sSk --max-time 30 \
    -o "$HOSTS/part.txt" https://10.2.0.40/long.txt
  wait_for 5 test -s "$HOSTS/part.txt" || return 1
  while (($(date +%s%N) < due + 3000000000)); do
    printf '%d %d\n' $((($(date +%s%N) - due) / 1000000)) "$(stat -c %s "$HOSTS/part.txt")"
    sleep 0.05
  done >"$HOSTS/samples"
}
stops_within_a_second() {
  transfer || { say 'the transfer did not begin'; return 1; }
  stop "$HOSTS/transfer"
  awk '
    $1 < -100 {before = $2; if (!seen++) first = $2}
    $1 <= 1000 {at = $2}
    {last = $2}
    END {
      printf "octets: %d at the start, %d before midnight, %d a second after it, %d in the end\n", first, before, at, last
      exit !(before > first && last == at)
    }' "$HOSTS/samples"
}
# Some datagrams may be lost where this machine has other work; the flow as such goes on to its end.
other_load_goes_on() {
  local octets lost rest
  load_wait other && read -r octets lost rest < <(load_result other) && say "$octets octets, $lost datagrams lost" &&
    ((octets > 1000000 * lead * 9 / 10))
}

load_start other $((lead + 3)) -u -b 8M -l 1200
observe 'the established flow of the expired rule stops within a second' stops_within_a_second
observe 'the flow of another rule goes on' other_load_goes_on
observe 'a new connection is refused' refused rule-expired office https://10.2.0.40/
verdict
