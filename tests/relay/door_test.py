#!/usr/bin/python3
"""The door of the relay as the rules say it: TLS and certificates, balancers, who may come and how often, and that what goes
on to the next hop can be read in one way only.  Real sockets and OpenSSL against a running daemon."""
import email
import pathlib
import socket
import ssl
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from certificates import Authority  # noqa: E402
from relay_daemon import Client, Daemon, SEKISHOD, skip_unless_possible, wait_for  # noqa: E402

NET, PORT = "127.0.12", 26801
ZONE = """
zone world { port "none-w"  network 127.0.0.0/24, 10.99.0.0/16  address 127.0.0.254  outside }
"""
RELAY = """
relay mail {name} from world to lgwan {{
    recipients "*@{name}.example"
    next-hop {net}.2 port SINK_PORT
    listen port {port}
    {items}
    body text
    attachment {{ any strip }}
    for "test"  owner "test"  approved "test"
}}
"""
failures = 0


def check(good, what):
    global failures
    if not good:
        failures += 1
        print("wrong:", what)


class Peer(Client):
    """From an address of one's own; may shake hands."""

    def __init__(self, port, source="127.0.0.1", first=b""):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=10, source_address=(source, 0))
        if first:
            self.socket.sendall(first)
        self.file = self.socket.makefile("rb")
        self.greeting = self.reply()

    def hello(self):
        self.say("EHLO client.example")
        return self

    def start_tls(self, context):
        assert self.say("STARTTLS").startswith("220"), "no STARTTLS"
        self.socket = context.wrap_socket(self.socket, server_hostname="gate.example")
        self.file = self.socket.makefile("rb")
        return self.hello()


def relays(work):
    items = {
        "secure": f'tls required  certificate "{work}/gate.crt" key "{work}/gate.key"',
        "club": f'tls required  certificate "{work}/gate.crt" key "{work}/gate.key" client-ca "{work}/ca.crt"',
        "proxied": "accept from 10.99.0.0/16  proxy from 127.0.0.7",
        "listed": 'accept from 127.0.0.8  senders "*@partner.example", "one@other.example"',
        "slow": "limit 2 connections per source  limit 3 mails per minute per source  limit 6 recipients per minute per source  tarpit 1 s",
        "grey": "greylist 1 s  unknown-senders ignore",
        "behind": "proxy from 127.0.0.7",
    }
    ports = {name: PORT + 1 + i for i, name in enumerate(items)}
    text = ZONE + "".join(RELAY.format(name=name, net=NET, port=3000 + i, items=items[name]) for i, name in enumerate(items))
    return text, ports


def arrived(daemon, recipient):
    wait_for(10, lambda: any(recipient in to for to, _ in daemon.sink.mails))
    return next((text.decode() for to, text in daemon.sink.mails if recipient in to), "")


def trusting(work, **words):
    context = ssl.create_default_context(cafile=f"{work}/ca.crt")
    for word, value in words.items():
        setattr(context, word, value)
    return context


def tls(work, daemon, port):
    peer = Peer(port).hello()
    check(peer.say("MAIL FROM:<a@x.example>").startswith("530 5.7.0 tls-required"), "mail in the clear")
    for version, words in ((ssl.TLSVersion.TLSv1_3, "TLSv1.3 TLS_AES_"), (ssl.TLSVersion.TLSv1_2, "TLSv1.2 ECDHE-")):
        peer = Peer(port).hello().start_tls(trusting(work, maximum_version=version))
        recipient = f"{version.name}@secure.example"
        check(peer.send(b"Subject: x\r\n\r\nx", recipient).startswith("250"), version)
        text = arrived(daemon, recipient)
        check(f"with ESMTPS ({words}" in text, text)
    old = subprocess.run(["openssl", "s_client", "-starttls", "smtp", "-connect", f"127.0.0.1:{port}", "-tls1_1",
                          "-cipher", "ALL@SECLEVEL=0"], input="", capture_output=True, text=True, timeout=10, check=False)
    check(old.returncode != 0 and "BEGIN CERTIFICATE" not in old.stdout, "TLS 1.1")
    weak = subprocess.run(["openssl", "s_client", "-starttls", "smtp", "-connect", f"127.0.0.1:{port}", "-tls1_2",
                           "-cipher", "AES128-SHA:AES256-GCM-SHA384:CAMELLIA256-SHA"], input="", capture_output=True, text=True,
                          timeout=10, check=False)
    check(weak.returncode != 0, "a cipher without forward secrecy")


def injection(port):
    peer = Peer(port).hello()
    peer.socket.sendall(b"STARTTLS\r\nMAIL FROM:<evil@x.example>\r\n")
    check(peer.reply().startswith("554 5.5.0 pipelining-abuse"), "a command behind STARTTLS")
    check(peer.reply() == "closed", "still open")
    peer = Peer(port).hello()
    peer.say("STARTTLS")
    peer.socket.sendall(b"MAIL FROM:<evil@x.example>\r\n")  # in the clear, where TLS is due
    try:
        check(b"250" not in peer.file.read(1000), "answered in the clear")
    except OSError:
        pass


def certificates_of_clients(work, port, authority):
    authority.issue("client.example", f"{work}/client")
    Authority(f"{work}/other").issue("client.example", f"{work}/stranger")
    for name, wanted in ((None, "554 5.7.0 client-certificate-bad"), ("stranger", "554 5.7.0 client-certificate-bad"),
                         ("client", "250")):
        context = trusting(work)
        if name:
            context.load_cert_chain(f"{work}/{name}.crt", f"{work}/{name}.key")
        answer = Peer(port).hello().start_tls(context).send(b"Subject: x\r\n\r\nx", "a@club.example")
        check(answer.startswith(wanted), f"client certificate {name}: {answer}")
    # a relay's words hold at the other doors of its zone too
    peer = Peer(PORT + 1).hello().start_tls(trusting(work))
    check(peer.send(b"x", "a@club.example").startswith("554 5.7.0 client-certificate-bad"), "round by another door")


def serial(work, port):
    peer = Peer(port).hello().start_tls(trusting(work))
    return peer.socket.getpeercert()["serialNumber"]


def renewal(work, daemon, port, authority):
    before = serial(work, port)
    authority.issue("gate.example", f"{work}/gate")
    check(serial(work, port) == before, "read without a reload")
    check("is in force" in daemon.ask("reload").stdout, "reload")
    renewed = serial(work, port)
    check(renewed != before, "the renewed certificate is not shown")
    daemon.kill("relay")
    wait_for(20, lambda: "up" in daemon.ask("status").stdout and daemon.pid_of("relay"))
    check(serial(work, port) == renewed, "a relay that was started anew shows the old one")
    key = pathlib.Path(f"{work}/gate.key")
    good = key.read_text()
    for text, mode, wanted in (("nonsense", 0o600, "no private key"), (good, 0o644, "everybody may read this key"),
                               (pathlib.Path(f"{work}/client.key").read_text(), 0o600, "not the key of")):
        key.write_text(text)
        key.chmod(mode)
        told = daemon.ask("reload")
        check(wanted in told.stdout + told.stderr, f"{wanted}: {told.stdout}{told.stderr}")
        check(text[30:60] not in told.stdout + told.stderr or text == "nonsense", "a key is told")
    check(serial(work, port) == renewed, "a refused reload changed something")
    started = subprocess.run([SEKISHOD, "--rules", f"{work}/test.rules", "--without-packets", "--state", f"{work}/other-state",
                              "--run", f"{work}/other-run"], capture_output=True, text=True, timeout=20, check=False)
    check(started.returncode != 0 and "not the key of" in started.stderr, started.stderr)
    key.write_text(good)
    key.chmod(0o600)


def balancer(daemon, port):
    header = b"PROXY TCP4 10.99.1.2 127.0.0.254 40000 25\r\n"
    peer = Peer(port, "127.0.0.7", header).hello()
    check(peer.send(b"Subject: x\r\n\r\nx", "v1@proxied.example").startswith("250"), "PROXY v1")
    check("([10.99.1.2])" in arrived(daemon, "v1@proxied.example"), "the real client is not in the trace")
    binary = b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c" + bytes([10, 99, 1, 3, 127, 0, 0, 254, 0x9c, 0x40, 0, 25])
    peer = Peer(port, "127.0.0.7", binary).hello()
    check(peer.send(b"Subject: x\r\n\r\nx", "v2@proxied.example").startswith("250"), "PROXY v2")
    check("([10.99.1.3])" in arrived(daemon, "v2@proxied.example"), "the real client is not in the trace of v2")
    check(Peer(port, "127.0.0.7", b"PROXY TCP4 10.98.1.2 127.0.0.254 40000 25\r\n").greeting.startswith("554 5.7.1 client-unlisted"),
          "a real client that is not listed")
    check(Peer(port, "127.0.0.7", b"EHLO client.example\r\n").greeting.startswith("421 4.7.0 proxy-header-bad"), "no header")
    check(Peer(port, "127.0.0.7", header + b"EHLO x\r\n").greeting.startswith("554 5.5.0 pipelining-abuse"), "no waiting")
    check(Peer(port, "127.0.0.6", header).greeting.startswith("554 5.7.1 client-unlisted"), "a header of somebody else")
    for own in (b"PROXY UNKNOWN\r\n", binary[:12] + b"\x20\0\0\0"):  # the balancer's own connections
        peer = Peer(port, "127.0.0.7", own)
        check(peer.greeting.startswith("220"), f"a health check: {peer.greeting}")
        peer.hello()
        check(peer.send(b"x", "v1@proxied.example").startswith("554 5.7.1 client-unlisted"), "a mail of the balancer's own")
        peer.say("RSET")
        check(peer.send(b"x", "v1@behind.example").startswith("554 5.7.1 client-unlisted"), "where anybody may hand in mail")
    peer = Peer(port, "127.0.0.7", b"PROXY TCP6 ::ffff:10.99.1.4 ::1 40000 25\r\n").hello()
    check(peer.send(b"Subject: x\r\n\r\nx", "behind@proxied.example").startswith("250"), "an IPv4 client in IPv6's writing")


def lists(port):
    check(Peer(port, "127.0.0.9").greeting.startswith("554 5.7.1 client-unlisted"), "a client that is not listed")
    peer = Peer(PORT + 6, "127.0.0.9").hello()
    peer.say("MAIL FROM:<a@partner.example>")
    check(peer.say("RCPT TO:<a@listed.example>").startswith("554 5.7.1 client-unlisted"), "round by another door")
    peer = Peer(port, "127.0.0.8").hello()
    peer.say("MAIL FROM:<a@elsewhere.example>")
    check(peer.say("RCPT TO:<a@listed.example>").startswith("550 5.7.1 sender-unlisted"), "a sender that is not listed")
    for sender in ("A@Partner.example", "one@other.example", ""):
        peer.say("RSET")
        peer.say(f"MAIL FROM:<{sender}>")
        check(peer.say("RCPT TO:<a@listed.example>").startswith("250"), f"sender {sender}")
    peer.say("RSET")
    peer.say("MAIL FROM:<two@other.example>")
    check(peer.say("RCPT TO:<a@listed.example>").startswith("550 5.7.1 sender-unlisted"), "another of that domain")


def speed(port):
    peers = [Peer(port, "127.0.0.10") for _ in range(3)]
    check([peer.greeting[:3] for peer in peers] == ["220", "220", "421"], "connections per source")
    check("too-many-connections" in peers[2].greeting, peers[2].greeting)
    check(Peer(port, "127.0.0.11").greeting.startswith("220"), "another source")
    peer = peers[0].hello()
    for _ in range(3):
        check(peer.say("MAIL FROM:<a@x.example>").startswith("250"), "the first mails")
        for _ in range(2):
            check(peer.say("RCPT TO:<a@slow.example>").startswith("250"), "the first recipients")
        peer.say("RSET")
    before = time.monotonic()
    check(peer.say("MAIL FROM:<a@x.example>").startswith("450 4.7.0 client-too-fast"), "mails per minute")
    check(1.0 <= time.monotonic() - before < 3, "the tarpit")
    other = peers[1].hello()
    check(other.say("MAIL FROM:<a@x.example>").startswith("450"), "the same by another connection")


def greylist(work, daemon, port):
    def ask(recipient="a@grey.example", source="127.0.0.12"):
        peer = Peer(port, source).hello()
        peer.say("MAIL FROM:<a@x.example>")
        return peer.say(f"RCPT TO:<{recipient}>")
    check(ask().startswith("450 4.7.1 greylisted"), "the first time")
    check(ask().startswith("450 4.7.1 greylisted"), "too soon")
    time.sleep(1.2)
    check(ask(source="127.0.0.13").startswith("250"), "again, from the same net")
    check(ask("b@grey.example").startswith("450"), "another recipient")
    check(ask().startswith("250"), "from now on")
    check(daemon.stop() == 0, "the daemon did not stop")
    check(any(path.stat().st_size > 40 for path in pathlib.Path(work).glob("state/spool/greylist.*")), "the greylist is not kept")
    daemon.start()
    check(ask().startswith("250"), "known before the restart")
    check(ask("c@grey.example").startswith("450"), "unknown before and after")


def ending(work):
    """A restart told of the certificate that ends soon: once for each relay that has it."""
    told = [line for line in (pathlib.Path(work) / "sekishod.log").read_text().splitlines() if "gate.crt" in line and " end" in line]
    check(len(told) == 2 and all("ALARM" in line and "ends in 4 days" in line for line in told), f"a certificate that ends: {told}")


def nothing_smuggled(daemon):
    """What was written to the next hop: lines end in CRLF and nowhere else, and a lone dot ended each mail."""
    check(len(daemon.sink.raw) > 3, "nothing went out")
    for octets in daemon.sink.raw:
        check(octets.endswith(b"\r\n.\r\n") and octets.count(b"\r\n.\r\n") == 1, octets[-60:])
        rest = octets.replace(b"\r\n", b"")
        check(b"\r" not in rest and b"\n" not in rest, octets[:200])
        check(all(not line.startswith(b".") or line.startswith(b"..") for line in octets[:-5].split(b"\r\n")), octets[:200])


def smuggling(daemon, port):
    body = (b"Date: Fri, 20 Nov 2026 10:00:00 +0900\r\nSubject: x\r\n\r\n"
            b"..\r\n.\r\n.two\r\nMAIL FROM:<evil@x.example>\r\nRCPT TO:<a@grey.example>\r\nDATA\r\nforged\r\n.\r\n")
    peer = Peer(port).hello()
    peer.say("MAIL FROM:<a@x.example>")
    peer.say("RCPT TO:<dots@grey.example>")  # greylisted: the envelope is tried again
    time.sleep(1.1)
    peer.say("RCPT TO:<dots@grey.example>")
    peer.socket.sendall(b"BDAT %d LAST\r\n" % len(body) + body)
    check(peer.reply().startswith("250"), "a mail of dots")
    came = email.message_from_string(arrived(daemon, "dots@grey.example")).get_payload(decode=True) or b""
    check(came.startswith(b"..\r\n.\r\n.two\r\n") and came.rstrip().endswith(b"forged\r\n."), came)
    check(not any(b"forged" in text and to == ["a@grey.example"] for to, text in daemon.sink.mails), "a smuggled mail")


def main():
    skip_unless_possible()
    with tempfile.TemporaryDirectory(prefix="sekisho-door-") as work:
        authority = Authority(f"{work}/ca")
        authority.issue("gate.example", f"{work}/gate")
        more, ports = relays(work)
        listen = tuple(f"{name}=127.0.0.1:{port}" for name, port in ports.items())
        daemon = Daemon(work, NET, PORT, more=more, listen=listen)
        try:
            tls(work, daemon, ports["secure"])
            injection(ports["secure"])
            certificates_of_clients(work, ports["club"], authority)
            renewal(work, daemon, ports["secure"], authority)
            balancer(daemon, ports["proxied"])
            lists(ports["listed"])
            speed(ports["slow"])
            authority.issue("gate.example", f"{work}/gate", days=5)
            greylist(work, daemon, ports["grey"])
            ending(work)
            smuggling(daemon, ports["grey"])
            nothing_smuggled(daemon)
            counted = daemon.ask("status").stdout
            for word in ("greylisted",):
                check(word in counted, f"status does not count {word}")
        finally:
            daemon.stop()
    print(f"{failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
