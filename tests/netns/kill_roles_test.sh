#!/usr/bin/env bash
# Each role is killed while mails and packets are under way: it comes back, nothing unlisted passes meanwhile,
# and every mail that was answered with 250 arrives.
. "$(dirname "$0")/scenario.sh"
samples_up && web_up && mail_host_up && gateway_start || exit 1
SENT=$HOSTS/sent && : >"$SENT"
LEAKS=$HOSTS/leaks && : >"$LEAKS"

# Mails with a number each, one after another; the numbers of those that were accepted go to $SENT.
send_mails() {
  local number file=$HOSTS/numbered.eml
  for number in {1..40}; do
    printf 'From: a@supplier.example.com\r\nTo: soumu@town.example.lg.jp\r\nSubject: mail-%d.\r\n\r\ntext %d\r\n' \
      "$number" "$number" >"$file"
    send_mail "$file" --timeout 8 | grep -q '^<.* 250 2.0.0' && echo "mail-$number." >>"$SENT"
    sleep 0.2
  done
}
# Unlisted attempts all the while: none may be answered.
knock() {
  while :; do
    in_zone internet curl -ks --connect-timeout 0.4 https://10.2.0.40/ >>"$LEAKS"
    in_zone mynumber curl -ks --connect-timeout 0.4 https://10.2.0.40:8443/ >>"$LEAKS"
  done
}

role_pid() { ask status --json | python3 "$SOURCE/tests/support/status.py" --pid "$1"; }
came_back() {
  local now
  now=$(role_pid "$1" 2>/dev/null) && [[ -n $now && $now != 0 && $now != "$2" ]] && gateway_answers
}
killed_and_back() {
  local role=$1 pid
  pid=$(role_pid "$role") || { say "no role $role"; return 1; }
  kill -9 "$pid" || return 1
  wait_for 10 came_back "$role" "$pid" || { say "$role did not come back"; return 1; }
  say "process $pid was killed; now $(role_pid "$role")"
}

all_sent_arrived() {
  local subject lost=0
  while read -r subject; do
    grep -rqF "$subject" "$HOSTS/postfix/mail/all/new" || { lost=$((lost + 1)); echo "$subject is missing"; }
  done <"$SENT"
  ((lost == 0))
}
no_mail_is_lost() {
  say "$(wc -l <"$SENT") mails were accepted"
  wait_for 40 all_sent_arrived || { all_sent_arrived; return 1; }
  (($(wc -l <"$SENT") > 10))
}
nothing_leaked() { [[ ! -s $LEAKS ]] || { head -c 200 "$LEAKS"; return 1; }; }

send_mails &
sender=$!
knock &
knocker=$!
for role in path relay sanitizer office record control; do
  sleep 1
  observe "$role is killed and comes back" killed_and_back "$role"
done
wait $sender
kill $knocker
observe 'nothing unlisted passed meanwhile' nothing_leaked
observe 'every accepted mail arrived' no_mail_is_lost
observe 'the listed flow passes' passes mynumber https://10.2.0.40/
observe 'the record is whole' sekisho record verify "$STATE/record"
verdict
