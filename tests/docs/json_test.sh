#!/usr/bin/env bash
# The pages of sekisho queue and sekisho hold name every member of the JSON that their scripts may meet.
set -u
SOURCE=${SOURCE:-$(cd "$(dirname "$0")/../.." && pwd)}
failed=0
names() { # names PAGE FILE FUNCTION: the members that it writes
  local page=$SOURCE/docs/man/$1 members
  members=$(sed -n "/$3(/,/^}/p" "$SOURCE/gateway/relay/$2" | grep -oE '(json|answer)\["[a-z_]+"\] =' | grep -oE '[a-z_]+"' | tr -d '"' | sort -u)
  [[ -n $members ]] || { echo "$2: nothing is found in $3"; failed=1; }
  for member in $members; do
    grep -qF "\"$member\"" "$page" || { echo "$1 does not tell of $member"; failed=1; }
  done
}
names sekisho-queue.1.scd queue.cc 'Queue::told'
names sekisho-queue.1.scd queue.cc 'Queue::list'
names sekisho-hold.1.scd holds.cc '^Json to_json'
names sekisho-hold.1.scd holds.cc '^Json to_row'
((failed)) || echo 'every member of the JSON has its page'
exit $failed
