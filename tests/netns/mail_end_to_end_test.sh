#!/usr/bin/env bash
# A real mail crosses the DPDK port, the tap, the relay and the sanitizer to a real Postfix, and only harmless
# (H1–H3, M1, M3).
. "$(dirname "$0")/scenario.sh"
samples_up && mail_host_up && gateway_start || exit 1
ARRIVED='' RECEIPT=''

watch_tap
observe 'a mail in UTF-8 is accepted' mail_is_accepted "$SAMPLES/mail-utf-8.eml"
observe 'it arrives' mail_arrives 1
observe 'it came through the tap' tap_carried_the_mail
observe 'it is harmless' mail_is_harmless
observe 'the original is held' original_is_held
observe 'trace tells its story' trace_tells_all
observe 'a mail in ISO-2022-JP is accepted' mail_is_accepted "$SAMPLES/mail-iso-2022-jp.eml"
observe 'it arrives' mail_arrives 2
observe 'it is harmless' mail_is_harmless
observe 'no third-party relay (M1)' refused_mail relay-denied 550 "$SAMPLES/mail-utf-8.eml" \
  --to someone@outside.example.org
big_mail "$SAMPLES/big.eml"
observe 'too big (M3)' refused_mail mail-too-big 552 "$SAMPLES/big.eml"
observe 'the record of all this is whole' sekisho record verify "$STATE/record"
verdict
