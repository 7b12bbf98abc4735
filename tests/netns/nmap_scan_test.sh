#!/usr/bin/env bash
# nmap from each zone finds only what the rules list (Z2).
. "$(dirname "$0")/scenario.sh"
web_up && mail_host_up && gateway_start || exit 1

nothing_is_open() {
  local found
  found=$(open_ports "$@" | tr '\n' ' ')
  say "open: ${found:-nothing}"
  [[ -z $found ]]
}
only_the_listed_service() {
  local found
  found=$(open_ports mynumber -p 22,25,80,443,8443 10.1.0.1 10.2.0.1 10.2.0.25 10.2.0.40 10.3.0.1 10.3.0.50 |
    tr '\n' ' ')
  say "open: ${found:-nothing}"
  [[ $found == '10.2.0.40:443 ' ]]
}

observe 'from internet: only the mail relay' only_the_relay_is_open
observe 'from mynumber: only the listed service' only_the_listed_service
observe 'from lgwan: nothing' nothing_is_open lgwan -p 22,25,80,443 10.1.0.1 10.1.0.11 10.2.0.1 10.3.0.1 10.3.0.50
verdict
