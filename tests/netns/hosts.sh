# The hosts in the zones: an HTTPS server (nginx) and a mail server (Postfix) in lgwan.  Real ones, each with
# its own configuration under $HOSTS; the machine's own instances are not touched.  After topology.sh.
# shellcheck shell=bash

MAIL_DOMAIN=${MAIL_DOMAIN:-town.example.lg.jp}

# web_up [ZONE] [ADDRESS:PORT…]: HTTPS with a certificate made here; $HOSTS/web/certificate.pem verifies it.
web_up() {
  local zone=${1:-lgwan} folder=$HOSTS/web place listen=''
  (($#)) && shift
  (($#)) || set -- 10.2.0.40:443 10.2.0.40:8443
  for place in "$@"; do listen+="listen $place ssl; "; done
  mkdir -p "$folder/pages" && chmod 755 "$folder" "$folder/pages"
  printf '申告データ: eLTAX sample, 令和8年度\n' >"$folder/pages/index.html"
  head -c 8000000 /dev/zero | tr '\0' 'a' >"$folder/pages/long.txt"
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 \
    -subj /CN=eltax.example -addext 'subjectAltName=DNS:eltax.example,IP:10.2.0.40' \
    -keyout "$folder/key.pem" -out "$folder/certificate.pem" 2>/dev/null || return 1
  cat >"$folder/nginx.conf" <<EOF
pid $folder/nginx.pid; error_log $folder/error.log; daemon off; worker_processes 1;
events { worker_connections 256; }
http {
  access_log $folder/access.log; default_type text/plain; client_body_temp_path $folder/body;
  proxy_temp_path $folder/proxy; fastcgi_temp_path $folder/fcgi; uwsgi_temp_path $folder/uwsgi;
  scgi_temp_path $folder/scgi;
  server { $listen root $folder/pages; ssl_certificate $folder/certificate.pem;
    ssl_certificate_key $folder/key.pem; location /long.txt { limit_rate 2m; } }
}
EOF
  background "$HOSTS/nginx" ip netns exec "$NET-$zone" nginx -p "$folder" -e "$folder/error.log" \
    -c "$folder/nginx.conf"
  wait_for 10 in_zone "$zone" curl -sk --max-time 2 "https://$1/" ||
    { echo 'nginx did not come up'; cat "$HOSTS/nginx.log" "$folder/error.log"; return 1; }
}
web_down() { stop "$HOSTS/nginx"; }

# What a curl of a listed host would do; $1 is the namespace, the rest goes to curl.
fetch() {
  local zone=$1 && shift
  in_zone "$zone" curl -sS --cacert "$HOSTS/web/certificate.pem" --connect-timeout 3 --max-time 60 "$@"
}

# mail_host_up [ZONE] [ADDRESS] [NAME MAC]: a host of its own in the zone, whose Postfix takes mail for $MAIL_DOMAIN into
# $HOSTS/postfix/mail/all/new; another one, of that name, into $HOSTS/NAME/mail/all/new.  $MAIL_SETTINGS: more lines of main.cf.
mail_host_up() {
  local zone=${3:-mail-host} address=${2:-10.2.0.25} folder=$HOSTS/${3:-postfix} service settings
  add_host "${1:-lgwan}" "$zone" "${4:-02:00:5e:10:00:25}" "$address" || return 1
  mkdir -p "$folder"/{etc,queue,data,mail} && chmod 755 "$folder" "$folder"/{etc,queue,mail}
  chown postfix "$folder/data" && chown nobody:nogroup "$folder/mail"
  cat >"$folder/etc/main.cf" <<EOF
compatibility_level = 3.6
queue_directory = $folder/queue
data_directory = $folder/data
maillog_file = $folder/mail.log
maillog_file_prefixes = $folder
myhostname = mail.$MAIL_DOMAIN
mydestination =
mynetworks = 10.0.0.0/8
inet_interfaces = $address
inet_protocols = ipv4
alias_maps =
local_recipient_maps =
virtual_mailbox_domains = $MAIL_DOMAIN
virtual_mailbox_maps = static:all/
virtual_mailbox_base = $folder/mail
virtual_uid_maps = static:65534
virtual_gid_maps = static:65534
message_size_limit = 67108864
mailbox_size_limit = 0
virtual_mailbox_limit = 0
smtpd_peername_lookup = no
disable_dns_lookups = yes
smtpd_relay_restrictions = reject_unauth_destination
EOF
  {
    printf 'smtp inet n - n - - smtpd\npickup unix n - n 60 1 pickup\ncleanup unix n - n - 0 cleanup\n'
    printf 'qmgr unix n - n 300 1 qmgr\nrewrite unix - - n - - trivial-rewrite\n'
    printf 'virtual unix - n n - - virtual\npostlog unix-dgram n - n - 1 postlogd\ntlsmgr unix - - n 1000? 1 tlsmgr\n'
    for service in bounce:bounce defer:bounce trace:bounce; do
      printf '%s unix - - n - 0 %s\n' "${service%:*}" "${service#*:}"
    done
    for service in smtp:smtp relay:smtp error:error retry:error discard:discard anvil:anvil \
      showq:showq flush:flush proxymap:proxymap verify:verify scache:scache; do
      printf '%s unix - - n - - %s\n' "${service%:*}" "${service#*:}"
    done
  } >"$folder/etc/master.cf"
  cp /etc/postfix/dynamicmaps.cf "$folder/etc/" 2>/dev/null
  if [[ -n ${MAIL_SETTINGS-} ]]; then mapfile -t settings <<<"$MAIL_SETTINGS" && postconf -c "$folder/etc" -e "${settings[@]}" || return 1; fi
  in_zone "$zone" postfix -c "$folder/etc" check || return 1
  background "$folder-master" ip netns exec "$NET-$zone" \
    /usr/lib/postfix/sbin/master -c "$folder/etc" -d
  wait_for 10 in_zone "$zone" bash -c "exec 3<>/dev/tcp/$address/25" ||
    { echo 'Postfix did not come up'; tail -n 20 "$folder/mail.log"; return 1; }
}
mail_host_down() { stop "$HOSTS/postfix-master"; }

arrived_mails() { find "$HOSTS/${MAIL_AT:-postfix}/mail/all/new" -type f 2>/dev/null; } # MAIL_AT: another host's name
# arrived NUMBER: so many mails, or more, have come.
arrived() { (($(arrived_mails | wc -l) >= $1)); }

# send_mail FILE [swaks options]: from the internet zone to the relay.
send_mail() {
  local file=$1 && shift
  in_zone internet swaks --server 10.3.0.1 --port 25 --helo mx.supplier.example.com \
    --from yamada@supplier.example.com --to "soumu@$MAIL_DOMAIN" --timeout 20 \
    --data "@$file" --suppress-data "$@" 2>&1
}
