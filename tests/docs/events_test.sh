#!/usr/bin/env bash
# sekisho-record(1) names every event that the record can hold: an auditor looks there what a word means.
set -u
SOURCE=${SOURCE:-$(cd "$(dirname "$0")/../.." && pwd)}
page=$SOURCE/docs/man/sekisho-record.1.scd
failed=0
for word in $(sed -n '/^\/\/   relay /,/^#pragma/p' "$SOURCE/gateway/record/event.hh" |
  grep -oE '\b(mail|queue|hold|order|disk|clock|certificate|breaker|flow|packet|device|trace|daemon|role|rules|zone|record|bad)-[a-z]+(-[a-z]+)*' | sort -u); do
  grep -qF "*$word*" "$page" || { echo "sekisho-record(1) does not tell of $word"; failed=1; }
done
# And the list in event.hh is the code's.
for word in $(grep -rhoE '(event_of|about)\("[a-z-]+"|"event", "[a-z-]+"' "$SOURCE/gateway/relay/events.cc" "$SOURCE/gateway/role" |
  grep -oE '[a-z]+(-[a-z]+)+' | sort -u); do
  grep -qE "\b$word\b" "$SOURCE/gateway/record/event.hh" || { echo "gateway/record/event.hh does not list $word"; failed=1; }
done
((failed)) || echo 'every event has its words'
exit $failed
