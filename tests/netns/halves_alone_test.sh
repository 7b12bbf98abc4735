#!/usr/bin/env bash
# Packets without mail, mail without DPDK (X9).
. "$(dirname "$0")/scenario.sh"
samples_up && web_up && mail_host_up || exit 1
ARRIVED=''

observe_packets_alone
observe_mail_alone
verdict
