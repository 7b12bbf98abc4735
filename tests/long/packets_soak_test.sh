#!/usr/bin/env bash
# An hour of mixed load with a reload every second, each with other rules: no permitted connection breaks, memory stays
# flat, the counters add up.  SOAK_SECONDS: another duration.
ZONES=(office lgwan internet)
SOURCE=${SOURCE:-$(cd "$(dirname "$0")/../.." && pwd)}
RULES=$SOURCE/tests/netns/load.rules
. "$SOURCE/tests/netns/scenario.sh"
. "$SOURCE/tests/netns/load.sh"
need_tools iperf3 hping3 ping
SECONDS_TO_RUN=${SOAK_SECONDS:-3480}
mkdir -p "$HOSTS/rules" && cp "$RULES" "$HOSTS/rules/live.rules" && cp "$RULES" "$HOSTS/base.rules"
RULES=$HOSTS/rules/live.rules
background "$HOSTS/iperf3-server-udp" ip netns exec "$NET-lgwan" iperf3 -s --forceflush -B 10.2.0.40 -p 5202
sed -i 's/udp port 5201/udp port 5202/; s/tcp port 5201/tcp port 5201-5202/' "$RULES" "$HOSTS/base.rules"
web_up && iperf_up && gateway_start --without-mail || exit 1
end=$((SECONDS + SECONDS_TO_RUN))

# Each second other rules: some hundred permits come, the last ones go; the order changes, the listed flows stay.
reloads() {
  local number=0 failed=0 count
  while ((SECONDS < end)); do
    number=$((number + 1))
    count=$((RANDOM % 300))
    {
      ((number % 2)) && cat "$HOSTS/base.rules"
      ((number % 2)) || grep -E '^(zone|host)' "$HOSTS/base.rules"
      for ((i = 0; i < count; ++i)); do
        printf 'permit tcp port %d from tax-01 to eltax for "x" owner "t" approved "%d" until 2027-03-31\n' \
          $((20000 + (number * 7 + i) % 30000)) "$i"
      done
      ((number % 2)) || grep -E '^permit' "$HOSTS/base.rules" | tac
    } >"$HOSTS/next.rules"
    mv "$HOSTS/next.rules" "$RULES"
    ask reload >"$HOSTS/reload.log" 2>&1 || { failed=$((failed + 1)); cp "$RULES" "$HOSTS/refused.rules"; cat "$HOSTS/reload.log" >&2; }
    sleep 1
  done
  echo "$number $failed" >"$HOSTS/reloads"
}
pages() {
  local number=0 failed=0 answer
  while ((SECONDS < end)); do
    number=$((number + 1))
    # With time for a SYN to be sent again, and once more: a busy machine loses some.
    answer=$(fetch office --connect-timeout 20 https://10.2.0.40/ 2>&1)
    [[ $answer == *"$PAGE"* ]] || { failed=$((failed + 1)); echo "page $number: $answer" >>"$HOSTS/failures"; }
    sleep 0.1
  done
  echo "$number $failed" >"$HOSTS/pages"
}
long_transfers() {
  local number=0 failed=0
  while ((SECONDS < end - 10)); do
    number=$((number + 1))
    fetch office -o "$HOSTS/long.txt" https://10.2.0.40/long.txt &&
      cmp -s "$HOSTS/long.txt" "$HOSTS/web/pages/long.txt" || failed=$((failed + 1))
  done
  echo "$number $failed" >"$HOSTS/transfers"
}
# What nobody lists, all the while, and from everywhere.
noise() {
  while ((SECONDS < end)); do
    in_zone internet timeout 20 hping3 -q -c 4000 -i u2000 --rand-source -S -p 443 10.2.0.40
    in_zone lgwan timeout 20 hping3 -q -c 4000 -i u2000 --udp --rand-dest -I eth0 10.1.0.x
    in_zone office timeout 20 hping3 -q -c 2000 -i u2000 -s 1024 -A -p 443 10.2.0.40
    in_zone office timeout 20 hping3 -q -c 2000 -i u2000 -s 4096 -S -p 443 10.2.0.40
  done >/dev/null 2>&1
}
# "seconds role kB" now and then.
samples() {
  while ((SECONDS < end)); do
    ask status --json | python3 "$SOURCE/tests/support/memory.py" --sample "$SECONDS" >>"$HOSTS/memory"
    sleep 2
  done
}

broken() { # NAME: its file holds how many there were and how many failed
  local number failed
  read -r number failed <"$HOSTS/$1"
  say "$number $1, $failed failed"
  [[ ! -s $HOSTS/failures ]] || head -n 5 "$HOSTS/failures"
  ((number > 0 && failed == 0))
}
# One datagram or echo in a hundred may be lost: where cores are few, the hosts and the load want them too.
echo_is_nearly_complete() {
  local sent came
  say "$(grep -E 'transmitted' "$HOSTS/echo.log")"
  read -r sent came < <(sed -nE 's/^([0-9]+) packets transmitted, ([0-9]+) received.*/\1 \2/p' "$HOSTS/echo.log")
  ! grep -q duplicate "$HOSTS/echo.log" && ((sent > 0 && came * 100 >= sent * 99))
}
# What the gateway permits, it does not lose either.
nothing_permitted_was_refused() {
  local reason number status=0
  for reason in transmit-failed neighbour-unresolved flow-table-full no-rules; do
    number=$(count "$reason")
    ((number == 0)) || { say "$reason: $number"; status=1; }
  done
  return $status
}
udp_is_nearly_whole() {
  local octets lost rest result
  result=$(load_result udp) || { say "$result"; return 1; }
  read -r octets lost rest <<<"$result"
  say "$octets octets arrived, $lost datagrams lost"
  ((octets > SECONDS_TO_RUN * 400000 && lost * 100 <= octets / 1200))
}
tcp_is_whole() {
  load_result tcp >"$HOSTS/tcp.result" || { cat "$HOSTS/tcp.result"; return 1; }
  say "octets, -, sent again, seconds: $(cat "$HOSTS/tcp.result")"
  (($(cut -d ' ' -f 1 "$HOSTS/tcp.result") > SECONDS_TO_RUN * 1000000))
}

load_start tcp "$SECONDS_TO_RUN" -b 16M
background "$HOSTS/udp" ip netns exec "$NET-office" iperf3 -c 10.2.0.40 -p 5202 -J -t "$SECONDS_TO_RUN" -u -b 4M -l 1200
background "$HOSTS/echo" ip netns exec "$NET-office" ping -n -q -i 0.2 -W 2 -c $(((SECONDS_TO_RUN - 5) * 5)) 10.2.0.40
jobs=()
for part in reloads pages long_transfers noise samples; do
  $part &
  jobs+=($!)
done
wait "${jobs[@]}"
load_wait tcp
wait "$(cat "$HOSTS/udp.pid")" "$(cat "$HOSTS/echo.pid")"

observe 'every reload succeeded' broken reloads
observe 'every page came' broken pages
observe 'every long transfer came whole' broken transfers
observe 'one TCP connection lived through it' tcp_is_whole
observe 'one UDP flow lived through it' udp_is_nearly_whole
observe 'echoes came back, none twice' echo_is_nearly_complete
observe 'nothing permitted was refused' nothing_permitted_was_refused
observe 'memory is flat' python3 "$SOURCE/tests/support/memory.py" --judge "$HOSTS/memory"
observe 'the counters add up' sh -c "'$(program sekisho)' status --run '$RUN' --json | python3 '$SOURCE/tests/support/memory.py' --add-up"
observe 'nothing died' sh -c "'$(program sekisho)' status --run '$RUN' --json | python3 '$SOURCE/tests/support/memory.py' --never-restarted"
observe 'the record is whole' sekisho record verify "$STATE/record"
observe 'the listed flow passes' passes office https://10.2.0.40/
verdict
