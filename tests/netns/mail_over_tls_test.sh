#!/usr/bin/env bash
# Mail both ways between a Postfix in lgwan and one in internet, over TLS on every leg: to the gateway's doors, whose certificate they
# verify, and from it to a pinned key.  Nobody with another key gets mail, and nothing of it is on the wire in the clear.
# shellcheck disable=SC2034
ZONES=(lgwan internet)
. "$(dirname "$0")/scenario.sh"
need_tools swaks openssl
samples_up || exit 1
TLS=$HOSTS/tls RULES=$HOSTS/tls/mail.rules ARRIVED='' RECEIPT=''
mkdir -p "$TLS" && chmod 755 "$TLS"

certificates() {
  PYTHONPATH=$SOURCE/tests/support python3 -B -c 'import sys; from certificates import Authority
authority = Authority(sys.argv[1] + "/ca")
for name in sys.argv[2:]: authority.issue(name + ".example", f"{sys.argv[1]}/{name}")' "$TLS" gate town supplier other
}
pin() { # of a certificate's key, as a rule has it
  printf 'sha256:%s' "$(openssl x509 -in "$TLS/$1.crt" -pubkey -noout | openssl pkey -pubin -outform der |
    openssl dgst -sha256 -binary | base64)"
}

# settings NAME GATEWAY: of a Postfix that takes mail over TLS only, and hands what is not its own to the gateway, if that is who it says.
settings() {
  cat <<END
smtpd_tls_security_level = encrypt
smtpd_tls_cert_file = $TLS/$1.crt
smtpd_tls_key_file = $TLS/$1.key
smtpd_tls_received_header = yes
smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination
relayhost = [$2]:25
smtp_tls_security_level = verify
smtp_tls_verify_cert_match = gate.example
smtp_tls_CAfile = $TLS/ca.crt
smtp_tls_loglevel = 1
END
}
town_and_supplier_up() {
  MAIL_SETTINGS=$(settings town 10.2.0.1) mail_host_up &&
    MAIL_DOMAIN=supplier.example.com MAIL_SETTINGS=$(settings supplier 10.3.0.1) \
      mail_host_up internet 10.3.0.60 supplier 02:00:5e:10:00:60
}

# posts SPACE ADDRESS FROM TO: hands a mail to the Postfix of that host, from the host itself.
posts() {
  local replies status
  replies=$(in_zone "$1" swaks --server "$2" --helo desk.example --tls --from "$3" --to "$4" --timeout 20 \
    --data "@$SAMPLES/mail-utf-8.eml" --suppress-data 2>&1)
  status=$?
  grep -E '^<[~*]' <<<"$replies" | tail -n 2
  return $status
}
verified() { # HOST GATEWAY: by the sender's own log
  grep -h "Verified TLS connection established to $2\[$2\]:25: TLSv1.3" "$HOSTS/$1/mail.log" | cut -d: -f 4- | head -n 1
  ((PIPESTATUS[0] == 0))
}
came_over_tls() { # the receiver's own words of the last leg, and the gateway's of the first
  grep -E 'using TLSv1|by gate.example with ' "$ARRIVED"
  grep -q 'using TLSv1.3' "$ARRIVED" && grep -q 'by gate.example with ESMTPS (TLSv1.3' "$ARRIVED"
}
refused_in_the_clear() {
  local replies
  replies=$(send_mail "$SAMPLES/mail-utf-8.eml")
  grep ' 530 ' <<<"$replies"
}
accepted_over_tls() {
  local replies status
  replies=$(send_mail "$SAMPLES/mail-utf-8.eml" --tls --tls-verify --tls-ca-path "$TLS/ca.crt" --tls-sni gate.example)
  status=$?
  grep -E '^(=== TLS|<[~*])' <<<"$replies" | grep -vE '250-|221' | tail -n 6
  return $status
}
nothing_in_the_clear() {
  local found
  stop "$HOSTS/tcpdump"
  found=$(grep -acE 'MAIL FROM|RCPT TO|Subject: ' "$HOSTS/tap.pcap")
  say "port 25 on sk-internet: STARTTLS $(grep -aco STARTTLS "$HOSTS/tap.pcap") times, words of a mail $found times"
  ((found == 0)) && grep -aq STARTTLS "$HOSTS/tap.pcap"
}
another_key() {
  cp "$TLS/other.crt" "$TLS/supplier.crt" && cp "$TLS/other.key" "$TLS/supplier.key" &&
    in_zone supplier postfix -c "$HOSTS/supplier/etc" reload && sleep 6 # until a conversation that is kept open is over
}
waits_by_name() {
  wait_for 15 waits_now
  ask queue list
  waits_now && [[ $(MAIL_AT=supplier arrived_mails | wc -l) == 1 ]]
}
waits_now() { [[ $(ask queue list --json) == *next-hop-certificate-bad* ]]; }

certificates && town_and_supplier_up || exit 1
sed "s|FOLDER|$TLS|g; s|PIN-TOWN|$(pin town)|; s|PIN-SUPPLIER|$(pin supplier)|" "$SOURCE/tests/netns/mail_over_tls.rules" >"$RULES"
gateway_start --host-name gate.example || exit 1
town=soumu@town.example.lg.jp supplier=yamada@supplier.example.com

observe 'in the clear nothing is taken' refused_in_the_clear
watch_tap
observe 'swaks verifies the gateway and hands in a mail' accepted_over_tls
observe 'it arrives in lgwan' mail_arrives 1
observe 'over TLS on both legs' came_over_tls
observe 'and harmless' mail_is_harmless
observe 'the Postfix outside takes a mail to send' posts supplier 10.3.0.60 $supplier $town
observe 'it arrives in lgwan' mail_arrives 2
observe 'that Postfix has verified the gateway' verified supplier 10.3.0.1
observe 'over TLS on both legs' came_over_tls
observe 'and harmless' mail_is_harmless
observe 'the Postfix in lgwan takes a mail to send' posts mail-host 10.2.0.25 $town $supplier
MAIL_AT=supplier observe 'it arrives at the Postfix outside' mail_arrives 1
observe 'that Postfix has verified the gateway' verified postfix 10.2.0.1
observe 'over TLS on both legs, the second to a pinned key' came_over_tls
observe 'and harmless' mail_is_harmless
observe 'nothing of all this was on the wire in the clear' nothing_in_the_clear
observe 'the server outside has another key from now on' another_key
observe 'a mail to it is taken in lgwan' posts mail-host 10.2.0.25 $town $supplier
observe 'and waits, by name: nobody with another key gets it' waits_by_name
verdict
