"""Exim and OpenSMTPD, each as a sender (whatever comes by its `submission` port goes to the gateway, over TLS with the gateway's
certificate verified) and as a next hop that keeps what it takes.  Exim asks for TLS and a login: LOGIN at `port`, PLAIN at
`plain_port`.  OpenSMTPD's TLS server does not work with OpenSSL 3 in Debian 12: it is met in the clear."""
import re
import shutil
import smtplib
import time

import beside
from hops import make_certificate

EXIM = """
primary_hostname = exim.example
log_file_path = /var/log/exim-%s
log_selector = +all
local_interfaces = <; 127.0.31.3.{submission} ; 127.0.31.3.{port} ; 127.0.31.3.{plain}
smtp_accept_max = 50
host_lookup =
rfc1413_query_timeout = 0s
deliver_drop_privilege
queue_run_max = 5
message_size_limit = 100M
tls_advertise_hosts = ${{if ={{$received_port}}{{{submission}}}{{}}{{*}}}}
tls_certificate = /var/lib/exim4/tls.pem
tls_privatekey = /var/lib/exim4/tls.key
auth_advertise_hosts = ${{if eq{{$tls_in_cipher}}{{}}{{}}{{*}}}}
dsn_advertise_hosts = *
domainlist local_domains = exim.example : plain.example : supplier.example.com
acl_smtp_rcpt = rcpt
begin acl
rcpt:
  accept condition = ${{if ={{$received_port}}{{{submission}}}}}
  deny message = log in
       !authenticated = *
  deny message = not in the clear
       !encrypted = *
  defer message = greylisted, come again
        local_parts = later
        condition = ${{if exists{{/var/greylist}}}}
  deny message = nobody has that name
       local_parts = nobody
  accept domains = +local_domains
  deny
begin routers
out:
  driver = manualroute
  domains = !+local_domains
  transport = gate
  route_list = * localhost byname
  self = send
local:
  driver = accept
  domains = +local_domains
  transport = keep
begin transports
gate:
  driver = smtp
  port = {gate}
  allow_localhost
  hosts_require_tls = *
  tls_verify_hosts = *
  tls_verify_certificates = /etc/ssl/certs/ca-certificates.crt
keep:
  driver = appendfile
  directory = /var/kept
  maildir_format
  envelope_to_add
  return_path_add
begin retry
* * F,10m,1s
begin authenticators
login:
  driver = plaintext
  public_name = LOGIN
  server_advertise_condition = ${{if ={{$received_port}}{{{port}}}}}
  server_prompts = <| Username: | Password:
  server_condition = ${{if and{{{{eq{{$auth1}}{{gateway}}}}{{eq{{$auth2}}{{{password}}}}}}}}}
  server_set_id = $auth1
plain:
  driver = plaintext
  public_name = PLAIN
  server_advertise_condition = ${{if ={{$received_port}}{{{plain}}}}}
  server_prompts = :
  server_condition = ${{if and{{{{eq{{$auth2}}{{gateway}}}}{{eq{{$auth3}}{{{password}}}}}}}}}
  server_set_id = $auth2
"""
OPENSMTPD = """
table users {{ "soumu@smtpd.example" = keeper, "kikaku@smtpd.example" = keeper, "later@smtpd.example" = keeper, "you@supplier.example.com" = keeper }}
table greylist file:/var/greylist
smtp max-message-size 100M
mta limit conn-delay-host 0
mta limit conn-delay-source 0
mta limit conn-delay-connector 0
mta limit conn-delay-relay 0
mta limit conn-delay-domain 0
filter "later" phase rcpt-to match rcpt-to <greylist> reject "451 4.7.1 greylisted, come again"
listen on 127.0.31.2 port {port} hostname smtpd.example filter "later"
listen on 127.0.31.2 port {submission} hostname smtpd.example tag SUBMISSION
action "gate" relay host "smtp+tls://localhost:{gate}"
action "keep" maildir "/var/kept" virtual <users>
match tag SUBMISSION from any for any action "gate"
match from any for domain {{ "smtpd.example", "supplier.example.com" }} action "keep"
match from local for any action "gate"
"""


class Peer:
    address, name, owner = "", "", ""
    too_big, success = (), ()  # its words of a mail above our SIZE, and of one that it has delivered
    notice = ""  # the subject of the former

    def __init__(self, folder, tree, users, trusted):
        self.place = beside.Beside(folder, tree, f"{self.name}.example", users, trusted)
        self.var = self.place.folder / "var"
        for kind in ("new", "cur", "tmp"):
            (self.var / "kept" / kind).mkdir(parents=True)

    def give(self, *paths):
        for path in paths:
            for one in (path, *path.rglob("*")):
                shutil.chown(one, self.place.ids[self.owner], self.place.ids[self.owner])

    def wait(self):
        end = time.monotonic() + 10
        while time.monotonic() < end:
            try:
                with self.session() as client:
                    client.noop()
                return
            except (OSError, smtplib.SMTPException):
                time.sleep(0.1)
        raise SystemExit(f"{self.name} did not come up:\n" + self.log())

    def session(self):
        return smtplib.SMTP(self.address, self.submission, "mx.supplier.example.com", timeout=20)

    def submit(self, recipients, octets, sender="you@supplier.example.com", mail=(), rcpt=()):
        with self.session() as client:
            refused = client.sendmail(sender, recipients, octets, mail, rcpt)
        if refused:
            raise SystemExit(f"{self.name} does not take a mail to send: {refused}")

    def kept(self):
        """(recipient, octets) of all that it keeps."""
        found = []
        for path in sorted((self.var / "kept/new").glob("*")):
            octets = path.read_bytes()
            envelope = re.search(rb"^(?:Envelope-to|Delivered-To): (.*)$", octets, re.M)
            found += [(recipient, octets) for recipient in envelope.group(1).decode().strip().split(", ")]
        return found

    def come_again(self):
        """What it was told to bring later."""

    def log(self):
        logs = [self.place.folder / "output", *(self.var / "log").glob("*")]
        return "".join(path.read_text(errors="replace") for path in logs if path.is_file())

    def stop(self):
        self.place.stop()


class Exim(Peer):
    address, name, owner = "127.0.31.3", "exim", "Debian-exim"
    too_big, notice = ("mail-too-big",), "Mail delivery failed: returning message to sender"
    success = ("Original-Envelope-ID: QQ314159", "Original-Recipient: rfc822;first@exim.example")

    def __init__(self, folder, trusted, port, gate, password):
        super().__init__(folder, beside.unpacked("exim", "exim4-daemon-light", "exim4-base"), ["Debian-exim"], trusted)
        self.port, self.submission, self.plain_port = port, port + 1, port + 2
        home = self.var / "lib/exim4"
        home.mkdir()
        (self.var / "spool/exim4").mkdir()
        self.pin = make_certificate(home, "exim.example")
        self.give(home, self.var / "log", self.var / "kept", self.var / "spool/exim4")
        self.greylist(True)
        (home / "config.autogenerated").write_text(EXIM.format(port=port, submission=port + 1, plain=port + 2, gate=gate, password=password))
        self.place.start("/usr/sbin/exim4", "-bdf", "-q1s")

    def greylist(self, on):
        """later@exim.example is told to come again."""
        if on:
            (self.var / "greylist").touch()
        else:
            (self.var / "greylist").unlink()


class OpenSmtpd(Peer):
    address, name, owner = "127.0.31.2", "smtpd", "keeper"
    too_big, notice = ("message too large for peer",), "Delivery status notification: failed"

    def __init__(self, folder, trusted, port, gate):
        super().__init__(folder, beside.unpacked("opensmtpd", "opensmtpd"), ["opensmtpd", "opensmtpq", "keeper"], trusted)
        self.port, self.submission, self.hurried = port, port + 1, 0
        (self.var / "lib/opensmtpd/empty").mkdir(parents=True)
        self.give(self.var / "kept")
        self.greylist(True)
        configuration = self.var / "lib/opensmtpd/smtpd.conf"
        configuration.write_text(OPENSMTPD.format(port=port, submission=port + 1, gate=gate))
        self.place.start("/usr/sbin/smtpd", "-d", "-v", "-T", "smtp", "-f", "/var/lib/opensmtpd/smtpd.conf")

    def come_again(self):  # of itself it does after minutes
        if time.monotonic() - self.hurried > 0.5:
            self.place.run("/usr/sbin/smtpctl", "schedule", "all", group=self.place.ids["opensmtpq"])
            self.hurried = time.monotonic()

    def greylist(self, on):
        (self.var / "greylist").write_text("later@smtpd.example\n" if on else "nobody-else@smtpd.example\n")
        if self.place.process:
            done = self.place.run("/usr/sbin/smtpctl", "update", "table", "greylist", group=self.place.ids["opensmtpq"])
            if done.returncode != 0:
                raise SystemExit(f"smtpctl: {done.stdout}{done.stderr}")
