#!/usr/bin/env bash
# A reload swaps the rules whole: a permitted connection goes on, one that is no longer listed ends, and a file
# that does not compile changes nothing.
. "$(dirname "$0")/scenario.sh"
mkdir -p "$HOSTS/rules" && cp "$RULES" "$HOSTS/rules/live.rules" && RULES=$HOSTS/rules/live.rules
web_up && gateway_start --without-mail || exit 1

start_transfer() {
  rm -f "$HOSTS/part.txt"
  background "$HOSTS/transfer" ip netns exec "$NET-mynumber" curl -sSk --max-time 15 \
    -o "$HOSTS/part.txt" https://10.2.0.40/long.txt
  wait_for 5 test -s "$HOSTS/part.txt"
}
transfer_is_whole() {
  wait "$(cat "$HOSTS/transfer.pid")" && cmp "$HOSTS/part.txt" "$HOSTS/web/pages/long.txt"
}
reload_during_transfer() {
  start_transfer || return 1
  printf '\n' >>"$RULES"
  ask reload && ask reload && transfer_is_whole
}
bad_rules_change_nothing() {
  cp "$RULES" "$HOSTS/good.rules"
  echo 'permit everything' >>"$RULES"
  ! ask reload && passes mynumber https://10.2.0.40/
  local status=$?
  cp "$HOSTS/good.rules" "$RULES"
  return $status
}
unlisted_flow_ends() {
  local before after
  start_transfer || return 1
  sed -i 's/port 443/port 444/' "$RULES"
  before=$(stat -c %s "$HOSTS/part.txt")
  ask reload || return 1
  sleep 1
  before=$(stat -c %s "$HOSTS/part.txt")
  sleep 1.5
  after=$(stat -c %s "$HOSTS/part.txt")
  stop "$HOSTS/transfer"
  say "octets received: $before a second after the reload, $after later"
  ((before == after && after < 8000000))
}

observe 'a transfer goes on over two reloads' reload_during_transfer
observe 'rules that do not compile are refused and change nothing' bad_rules_change_nothing
observe 'a flow that the new rules do not list ends' unlisted_flow_ends
observe 'and a new one is refused' refused service-not-listed mynumber https://10.2.0.40/
verdict
