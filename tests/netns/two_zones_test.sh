#!/usr/bin/env bash
# The profile for two zones, offline and internet, starts from its shipped rule file: no packet crosses, mail is
# made harmless on its way to the server beside it (Z1, Z3).
SOURCE=${SOURCE:-$(cd "$(dirname "$0")/../.." && pwd)}
ZONES=(offline internet)
MAIL_DOMAIN=union.example.lg.jp
RULES=$SOURCE/rules/examples/two-zones.rules
. "$(dirname "$0")/scenario.sh"
samples_up && mail_host_up internet 10.3.0.25 && web_up internet 10.3.0.50:443 && gateway_start || exit 1
ARRIVED=''

observe 'offline → internet is refused' refused host-unknown offline https://10.3.0.50/
observe 'internet → offline is refused' refused zone-closed internet https://10.1.0.11/
observe 'a mail is accepted' mail_is_accepted "$SAMPLES/mail-utf-8.eml"
observe 'it arrives' mail_arrives 1
observe 'it is harmless' mail_is_harmless
verdict
