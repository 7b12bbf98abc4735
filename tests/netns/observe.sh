# What the quickstart and the scenarios look at: each observation is made for real, printed with its evidence,
# and counted.  After topology.sh and hosts.sh.
# shellcheck shell=bash

OBSERVED=() MISSING=()

# observe TITLE COMMAND…: prints the title with a mark, and below it what the command printed.
observe() {
  local title=$1 output status
  shift
  output=$(mktemp)
  "$@" >"$output" 2>&1
  status=$?
  if ((status == 0)); then
    OBSERVED+=("$title")
    printf '   ✔ %s\n' "$title"
  else
    MISSING+=("$title")
    printf '   ✘ %s\n' "$title"
  fi
  sed 's/^/       /' "$output"
  rm -f "$output"
  return $status
}

# The end of a scenario or of the quickstart: what was seen, and the status to exit with.
verdict() {
  local title
  printf '\n%s\n' 'What was observed'
  for title in "${OBSERVED[@]}"; do printf '   ✔ %s\n' "$title"; done
  for title in "${MISSING[@]}"; do printf '   ✘ %s\n' "$title"; done
  printf '\n%d observed, %d not observed  (%d s)\n' "${#OBSERVED[@]}" "${#MISSING[@]}" "$SECONDS"
  ((${#MISSING[@]} == 0))
}

# ---- packets

PAGE='申告データ'

passes() {
  local answer
  answer=$(fetch "$@") || { say "no answer: $answer"; return 1; }
  say "the server answered: ${answer:0:60}"
  [[ $answer == *"$PAGE"* ]]
}

# What the one table of reasons says of a word.
meaning() { sekisho reasons | sed -n "s/^  $1  *//p"; }

# refused REASON NAMESPACE URL [curl options]: no answer comes, and the gateway counts exactly this reason.
refused() {
  local reason=$1 space=$2 before after answer
  shift 2
  before=$(count "$reason")
  if answer=$(in_zone "$space" curl -ksS --connect-timeout 0.8 --max-time 3 "$@" 2>&1); then
    say "an answer came: ${answer:0:60}"
    return 1
  fi
  after=$(count "$reason")
  say "${answer:0:90}"
  say "sekisho status: $reason $before → $after   ($(meaning "$reason"))"
  ((after > before))
}

# The listed host with the card of another machine.  The address of the gateway is told to the host, so that
# the packet itself is seen, not only the ARP before it.
refused_other_mac() {
  local status gateway
  gateway=$(ip -n "$NET-mynumber" neigh show 10.1.0.1 | awk '{print $3=="lladdr" ? $4 : $5}')
  ip -n "$NET-mynumber" link set eth0 address 02:00:5e:10:00:66
  ip -n "$NET-mynumber" neigh replace 10.1.0.1 lladdr "$gateway" dev eth0 nud permanent
  refused mac-mismatch mynumber https://10.2.0.40/
  status=$?
  ip -n "$NET-mynumber" neigh del 10.1.0.1 dev eth0
  ip -n "$NET-mynumber" link set eth0 address "${zone_mac[mynumber]}"
  return $status
}

refused_datagram() {
  local before after
  before=$(count service-not-listed)
  in_zone mynumber bash -c 'echo hello >/dev/udp/10.2.0.40/443'
  sleep 0.3
  after=$(count service-not-listed)
  say "sekisho status: service-not-listed $before → $after"
  ((after > before))
}

# Prints ADDRESS:PORT of every open port that nmap finds from a zone.
open_ports() {
  local zone=$1 && shift
  in_zone "$zone" nmap -n -Pn -sS --max-retries 1 --min-rate 2000 --host-timeout 40s -oG - "$@" |
    awk '/Ports:/ {for (i = 1; i <= NF; i++) if ($i ~ /\/open\//) {split($i, port, "/"); print $2 ":" port[1]}}'
}

only_the_relay_is_open() {
  local found
  found=$({
    open_ports internet -p 1-4096 10.3.0.1
    open_ports internet -p 22,25,80,443,445,3389,8080,8443 10.2.0.1 10.2.0.25 10.2.0.40 10.1.0.1 10.1.0.11
  } | tr '\n' ' ')
  say "nmap -sS of 10.3.0.1 (4096 ports), 10.2.0.1, 10.2.0.25, 10.2.0.40, 10.1.0.1, 10.1.0.11"
  say "open: ${found:-nothing}"
  [[ $found == '10.3.0.1:25 ' ]]
}

# ---- mail

mail_is_accepted() {
  local replies status
  replies=$(send_mail "$1")
  status=$?
  grep -E '^(<|\*)' <<<"$replies" | grep -vE '250-|221' | tail -n 5
  ((status == 0))
}

mail_arrives() {
  wait_for 30 arrived "$1" || { say 'no mail came to Postfix within 30 s'; return 1; }
  ARRIVED=$(arrived_mails | xargs ls -t | head -n 1)
  say "Postfix in ${MAIL_AT:-lgwan} has it: $(basename "$ARRIVED")"
}

mail_is_harmless() {
  local report status
  report=$(python3 "$SOURCE/tests/support/check_mail.py" "$ARRIVED")
  status=$?
  say "$report"
  RECEIPT=$(awk '$1 == "receipt" {print $2}' <<<"$report")
  return $status
}

mail_reads_well() {
  python3 "$SOURCE/tests/support/check_mail.py" --text "$ARRIVED" | sed 's/^/| /'
}

# What the receiver's own programs make of the attachment is shown above; here the original is looked for.
original_is_held() {
  local found held listed
  found=$(grep -rlaF 'X-Tracking: ACTIVE-ORIGINAL-5e10' "$STATE" | head -n 1)
  held=$(count hold)
  listed=$(ask hold list) || return 1
  say "mails in the hold: $held; in the open on the disk lies ${found:-nothing of them}"
  say "$listed"
  [[ -z $found && $listed == *"${RECEIPT:-no receipt}"* ]] && ((held > 0))
}

trace_tells_all() {
  local story word status=0
  [[ -n ${RECEIPT-} ]] || { say 'no receipt number is known'; return 1; }
  story=$(ask trace "$RECEIPT") || status=1
  say "sekisho trace $RECEIPT"
  say "$story"
  for word in 報告書.docm 請求書.pdf 説明会資料.pdf 会場写真.jpg executable macro rendered 10.2.0.25; do
    [[ $story == *"$word"* ]] || { say "(not told: $word)"; status=1; }
  done
  return $status
}

watch_tap() {
  background "$HOSTS/tcpdump" ip netns exec "$NET-gw" tcpdump -n -U --immediate-mode -i sk-internet \
    -w "$HOSTS/tap.pcap" tcp port 25
  wait_for 5 grep -q 'listening on' "$HOSTS/tcpdump.log"
}
tap_carried_the_mail() {
  local frames
  stop "$HOSTS/tcpdump"
  frames=$(tcpdump -n -r "$HOSTS/tap.pcap" 2>/dev/null | wc -l)
  say "tcpdump on the tap sk-internet saw $frames frames of port 25:"
  tcpdump -n -r "$HOSTS/tap.pcap" 2>/dev/null | head -n 3 | cut -c 1-110
  ((frames > 10))
}

refused_mail() { # refused_mail REASON CODE FILE [swaks options]
  local reason=$1 code=$2 before after replies
  shift 2
  before=$(count "$reason")
  replies=$(send_mail "$@")
  after=$(count "$reason")
  grep -E "^<.* ${code}[ -]" <<<"$replies" | tail -n 1
  say "sekisho status: $reason $before → $after"
  grep -qE "^<.* ${code}[ -]" <<<"$replies" && ((after > before))
}

big_mail() { # a mail of 24 MiB, above the 20 MB of the shipped rules
  printf 'From: a@supplier.example.com\r\nTo: soumu@town.example.lg.jp\r\nSubject: big\r\n\r\n' >"$1"
  yes '0123456789012345678901234567890123456789012345678901234567890123456789012' |
    head -n 340000 | sed 's/$/\r/' >>"$1"
}

# ---- each half alone (X9)

no_relay_answers() {
  local found
  found=$(open_ports internet -p 25 10.3.0.1)
  say "nmap: port 25 of 10.3.0.1 ${found:+is open}${found:-is closed}"
  [[ -z $found ]]
}

# Without the packet half the zones' addresses are ordinary addresses of the machine's own cards.
kernel_addresses() { # add | delete
  local zone
  for zone in lgwan internet; do
    ip -n "$NET-gw" address "$1" "10.${zone_number[$zone]}.0.1/24" dev "gw-$zone" || return 1
  done
}

observe_packets_alone() {
  gateway_stop
  observe 'packets without mail: the gateway starts' gateway_start --without-mail &&
    observe 'the listed flow passes' passes mynumber https://10.2.0.40/ &&
    observe 'and port 25 is closed' no_relay_answers
  gateway_stop
}

observe_mail_alone() {
  local before
  before=$(arrived_mails | wc -l)
  gateway_stop
  kernel_addresses add || say 'the cards could not be given to the kernel'
  observe 'mail without DPDK: the gateway starts' gateway_start --without-packets &&
    observe 'a mail is accepted' mail_is_accepted "$SAMPLES/mail-utf-8.eml" &&
    observe 'and arrives' mail_arrives $((before + 1)) && observe 'and is as harmless' mail_is_harmless
  gateway_stop
  kernel_addresses delete
}
