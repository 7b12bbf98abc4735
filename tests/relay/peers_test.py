#!/usr/bin/python3
"""OpenSMTPD and Exim on both sides of the relay.  What Exim sends goes through to OpenSMTPD, and the other way round: only the
harmless form arrives, once, and the record tells what became of it for each recipient.  Both verify our certificate, ask us for
TLS and a login, and are met by what each of them knows: BDAT, PIPELINING, DSN, SMTPUTF8,
greylisting, notices of their own; and Exim sends on while the relay is killed."""
import base64
import collections
import email
import email.policy
import json
import pathlib
import re
import smtplib
import ssl
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import beside  # noqa: E402
from certificates import Authority  # noqa: E402
from mail_peers import Exim, OpenSmtpd  # noqa: E402
from relay_daemon import SEKISHO, Daemon, skip_unless_possible, wait_for  # noqa: E402

NET = "127.0.31"
TO_SMTPD, TO_EXIM, TO_PLAIN = 26921, 26922, 26929  # our doors
EXIM, SMTPD = 26923, 26926
PASSWORD = "correct-horse"
SENDER = "you@supplier.example.com"
MARKER = "omote-ni-dasanai"
RULES = """
zone lgwan {{ port "none-l"  network {net}.0/24  address {net}.1 }}
zone internet {{ port "none-i"  network 10.77.3.0/24  address 10.77.3.1  outside }}
{more}
"""
RELAY = """
relay mail {name} from internet to lgwan {{
    recipients "{recipients}"
    next-hop {hop}
    listen port {listen}
    unknown-senders ignore  {more}
    tls required  certificate "{work}/gate.crt" key "{work}/gate.key"
    body text
    size 300 KB
    attachment {{ any strip }}
    for "test"  owner "test"  approved "test"
}}
"""
failures = []


def expect(good, what, more=""):
    print(f"{'ok  ' if good else 'FAIL'} {what}", flush=True)
    if not good:
        failures.append(what)
        print("     " + str(more)[-3000:])


def japanese(to):
    """As offices send: ISO-2022-JP, a subject in it, a program as an attachment with a Japanese name."""
    subject = "=?ISO-2022-JP?B?" + base64.b64encode("見積書の送付".encode("iso-2022-jp")).decode() + "?="
    name = "=?ISO-2022-JP?B?" + base64.b64encode("見積書.exe".encode("iso-2022-jp")).decode() + "?="
    program = base64.encodebytes(b"MZ\x90\0" + MARKER.encode() * 200).decode().replace("\n", "\r\n")
    text = "お世話になっております。\r\n.点で始まる行\r\n.\r\n半角は使いません。\r\n".encode("iso-2022-jp")
    return (f"From: {SENDER}\r\nTo: {to}\r\nSubject: {subject}\r\nMIME-Version: 1.0\r\nX-Marker: {MARKER}\r\n"
            'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain; charset=ISO-2022-JP\r\n'
            "Content-Transfer-Encoding: 7bit\r\n\r\n").encode() + text + (
            f'\r\n--b\r\nContent-Type: application/octet-stream; name="{name}"\r\nContent-Disposition: attachment; filename="{name}"\r\n'
            f"Content-Transfer-Encoding: base64\r\n\r\n{program}--b--\r\n").encode()


LONG = "長い行" * 700  # one line of 6,300 octets, which only its encoding can carry
WIDE = "幅" * 326  # 978 octets as they are


def eight_bit(to, subject="eight"):
    inner = base64.encodebytes(LONG.encode()).decode().replace("\n", "\r\n")
    return (f"From: {SENDER}\r\nTo: {to}\r\nSubject: {subject}\r\nMIME-Version: 1.0\r\n"
            'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n'
            f"Content-Transfer-Encoding: 8bit\r\n\r\n.日本語\r\n{WIDE}\r\n"
            "--b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
            f"{inner}--b--\r\n").encode()


def plain(to, subject):
    return f"From: {SENDER}\r\nTo: {to}\r\nSubject: {subject}\r\n\r\n{subject}\r\n".encode()


class Way:
    """From one peer through a door of ours to the other one."""

    def __init__(self, daemon, source, sink):
        self.daemon, self.source, self.sink = daemon, source, sink
        self.name = f"{source.name} to {sink.name}"

    def to(self, *names):
        return [f"{name}@{self.sink.name}.example" for name in names]

    def expect(self, good, what, more=""):
        expect(good, f"{self.name}: {what}", more)

    def kept(self, name, subject):
        """What arrived for a recipient, parsed."""
        mails = [email.message_from_bytes(octets, policy=email.policy.default) for to, octets in self.sink.kept() if to == self.to(name)[0]]
        return [mail for mail in mails if mail["Subject"] == subject]

    def arrived(self, name, subject):
        def here():
            self.source.come_again()
            return self.kept(name, subject)
        if not wait_for(15, here):
            lists = self.daemon.ask("queue", "list").stdout + self.daemon.ask("hold", "list").stdout
            self.expect(False, f"'{subject}' arrives for {name}", self.sink.log()[-1500:] + self.source.log()[-1500:] + lists)
            raise SystemExit(1)
        return self.kept(name, subject)[0]

    def trace(self, mail):
        return self.daemon.ask("trace", str(mail["X-Sekisho-Receipt"])).stdout

    def told(self, peer, *words):
        """The sender has one notice with these words, made by one of the peers."""
        def found():
            return [octets for to, octets in peer.kept() if to == SENDER and all(word.encode() in octets for word in words)]
        self.expect(wait_for(15, lambda: len(found()) == 1), f"{peer.name} tells the sender: {', '.join(words)}",
                    [octets[:2000].decode(errors="replace") for _, octets in peer.kept()])

    def send_all(self):
        soumu, submit = self.to("soumu")[0], self.source.submit
        submit(self.to("soumu", "kikaku", "nobody"), japanese(soumu))
        submit([soumu], eight_bit(soumu), mail=["BODY=8BITMIME"])
        submit([soumu], plain(soumu, "big") + (b"y" * 70 + b"\r\n") * 6000)
        submit(self.to("later"), plain(self.to("later")[0], "later"))
        submit(self.to("kikaku"), plain(self.to("kikaku")[0], "told"), mail=["RET=HDRS", "ENVID=QQ314159"],
               rcpt=["NOTIFY=SUCCESS,FAILURE", f"ORCPT=rfc822;first@{self.sink.name}.example"])

    def check_japanese(self):
        for name in ("soumu", "kikaku"):
            mail = self.arrived(name, "見積書の送付")
            text = "".join(part.get_content() for part in mail.walk() if part.get_content_type() == "text/plain").replace("\r\n", "\n")
            self.expect("お世話になっております。\n.点で始まる行\n.\n半角は使いません。\n" in text and "見積書.exe" in text,
                        f"the text is whole for {name}, and the note names what was taken out", text)
            programs = [part for part in mail.walk() if (part.get_payload(decode=True) or b"").startswith(b"MZ")]
            self.expect(MARKER.encode() not in mail.as_bytes() and not programs and not mail["X-Marker"], "nothing of the rest", mail)
        self.check_outcomes("見積書の送付")

    def check_outcomes(self, subject):
        """Of each recipient; greylisting may have let them in by several mails."""
        def held():
            self.source.come_again()
            return json.loads(self.daemon.ask("hold", "list", "--json", "--recipient", self.to("nobody")[0]).stdout)["held"]
        self.expect(wait_for(10, held) and len(held()) == 1 and held()[0]["recipients"] == self.to("nobody"),
                    "the hold has it for one of them", held())
        story = self.daemon.ask("trace", held()[0]["receipt"]).stdout
        self.expect(re.search(rf"next-hop-refused: .*\n +recipients: {self.to('nobody')[0]}\n +next hop: {self.sink.address}:{self.sink.port}\n +the peer answered: 5", story),
                    "the record tells of whom the next hop refused", story)
        stories = {self.trace(self.kept(name, subject)[0]) for name in ("soumu", "kikaku")}
        delivered = [found for story in stories for found in re.findall(
            rf"delivered to {self.sink.address}:{self.sink.port} .*\n +recipients: (.*)\n +the peer answered: 250 ", story)]
        self.expect(sorted(", ".join(delivered).split(", ")) == sorted(self.to("soumu", "kikaku")), "and of the others, each once", stories)

    def check_eight_bit(self):
        mail = self.arrived("soumu", "eight")
        parts = [part.get_content().replace("\r\n", "\n") for part in mail.walk() if part.get_content_type() == "text/plain"]
        self.expect(any(f".日本語\n{WIDE}" in text for text in parts) and any(LONG in text for text in parts), "wide and long lines", parts)
        self.expect(max(map(len, mail.as_bytes().splitlines())) <= 998, "folded")

    def check_later(self):
        recipient = self.to("later")[0]

        def deferred():
            self.source.come_again()
            asked = json.loads(self.daemon.ask("queue", "list", "--json", "--recipient", recipient).stdout)
            return [mail for mail in asked["mails"] if mail.get("reason") == "next-hop-deferred"]
        self.expect(wait_for(10, deferred) and not self.kept("later", "later"), "greylisted: it waits")
        self.sink.greylist(False)
        self.daemon.ask("queue", "flush", "--recipient", recipient)
        story = self.trace(self.arrived("later", "later"))
        self.expect("451 " in story and "come again" in story and "delivered to" in story, "the record tells of both", story)

    def check_own_notice(self):
        """A notice that the peer makes is a mail like others where its way leads through the relay."""
        self.source.submit(["you@elsewhere.example"], plain("you@elsewhere.example", "no way there"), self.to("kikaku")[0])
        mail = self.arrived("kikaku", self.source.notice)
        text = "".join(part.get_content() for part in mail.walk() if part.get_content_type() == "text/plain")
        self.expect("relay-denied" in text and "Action: failed" in text, f"a notice of {self.source.name} can be read", text)
        story = self.trace(mail)
        self.expect("\n    sender: <>" in story and "delivered to" in story, "it has no sender", story)

    def check_all(self):
        self.check_japanese()
        self.check_eight_bit()
        self.check_later()
        self.arrived("kikaku", "told")
        self.told(self.sink, "Action: delivered", *self.sink.success)
        self.told(self.source, "Action: failed", *self.source.too_big)
        self.check_own_notice()

    def check_once(self, more):
        """Nothing twice, nothing else."""
        subjects = collections.Counter((to, str(email.message_from_bytes(octets, policy=email.policy.default)["Subject"]))
                                       for to, octets in self.sink.kept() if to.endswith(self.to("")[0]))
        wanted = [("soumu", "見積書の送付"), ("kikaku", "見積書の送付"), ("soumu", "eight"), ("later", "later"), ("kikaku", "told"),
                  ("kikaku", self.source.notice), *more]
        wanted = collections.Counter((self.to(name)[0], subject) for name, subject in wanted)
        self.expect(subjects == wanted, "each mail once and nothing else", subjects)
        rest = json.loads(self.daemon.ask("queue", "list", "--json").stdout)
        self.expect(rest["total"] == 0, "nothing waits", rest)


def hand_in(work, port, recipient, subject, mail=()):
    """By hand, over TLS, what the peers do not do of themselves; the receipt."""
    with smtplib.SMTP("localhost", port, "client.example", timeout=10) as client:
        client.starttls(context=ssl.create_default_context(cafile=work / "ca.crt"))
        client.ehlo()
        client.command_encoding = "utf-8"
        client.mail(SENDER, list(mail))
        for _ in range(3):
            if client.rcpt(recipient)[0] == 250:
                break
            time.sleep(1.1)  # greylisted by us
        code, answer = client.data(plain("hidden@town.example", subject))
    expect(code == 250, f"'{subject}' is taken from {mail}", answer)
    return answer.split()[-1].decode()


def held_as_unable(daemon, receipt, words):
    good = wait_for(10, lambda: "next-hop-unable" in daemon.ask("trace", receipt).stdout)
    story = daemon.ask("trace", receipt).stdout
    expect(good and words in story and "delivered to" not in story, f"held, because the next hop does not know {words}", story)


def extensions(daemon, work, exim_way, smtpd_way):
    hand_in(work, TO_PLAIN, "soumu@plain.example", "by AUTH PLAIN")
    expect(wait_for(10, lambda: any(to == "soumu@plain.example" for to, _ in smtpd_way.sink.kept())), "it arrives", smtpd_way.sink.log()[-2000:])
    hand_in(work, TO_EXIM, "総務@exim.example", "smtputf8", ["SMTPUTF8"])
    smtpd_way.arrived("総務", "smtputf8")
    held_as_unable(daemon, hand_in(work, TO_EXIM, "soumu@exim.example", "require tls", ["REQUIRETLS"]), "REQUIRETLS")
    exim_way.source.submit(["総務@smtpd.example"], plain("hidden@town.example", "utf8"), mail=["SMTPUTF8"])

    def held():
        return json.loads(daemon.ask("hold", "list", "--json", "--recipient", "総務@smtpd.example").stdout)["held"]
    expect(wait_for(10, held), "held: a mail from Exim that OpenSMTPD cannot take")
    held_as_unable(daemon, held()[0]["receipt"], "SMTPUTF8")


def killed(daemon, way):
    """The relay is killed while Exim sends: nothing is lost, and twice, not more, comes only what was in hand then."""
    subjects = [f"while killed {number}" for number in range(16)]
    with way.source.session() as client:
        for number, subject in enumerate(subjects):
            client.sendmail(SENDER, way.to("soumu"), plain(way.to("soumu")[0], subject))
            if number == 6:
                expect(daemon.kill("relay"), "the relay is killed")

    def count():
        return collections.Counter(email.message_from_bytes(octets)["Subject"] for _, octets in way.sink.kept())
    good = wait_for(20, lambda: all(count()[subject] for subject in subjects))
    twice = [subject for subject in subjects if count()[subject] > 1]
    expect(good, "nothing is lost", (count(), way.source.log()[-1500:]))
    expect(all(count()[subject] <= 2 for subject in subjects), "nothing comes more than twice", count())
    print(f"     twice: {twice}")


def rules(work, exim, smtpd):
    secured = f'next-hop-tls required pin "{exim.pin}"  next-hop-login "gateway" password "{work}/password"'
    relays = (
        ("inbound", "*@smtpd.example", f"{smtpd.address} port {smtpd.port}", 2525, "greylist 1 s"),
        ("to-exim", "*@exim.example", f"{exim.address} port {exim.port}  {secured}", 2526, "greylist 1 s"),
        ("to-plain", "*@plain.example", f"{exim.address} port {exim.plain_port}  {secured}", 2527, ""))
    return "".join(RELAY.format(name=name, recipients=recipients, hop=hop, listen=listen, more=more, work=work)
                   for name, recipients, hop, listen, more in relays)


def meet(work, peers):
    exim, smtpd = peers
    daemon = Daemon(work, NET, TO_SMTPD, more=rules(work, exim, smtpd), rules=RULES, sink=smtpd,
                    listen=[f"to-exim=127.0.0.1:{TO_EXIM}", f"to-plain=127.0.0.1:{TO_PLAIN}"])
    try:
        for peer in peers:
            peer.wait()
        ways = Way(daemon, exim, smtpd), Way(daemon, smtpd, exim)
        for way in ways:
            way.send_all()
        for way in ways:
            way.check_all()
        extensions(daemon, work, *ways)
        ways[0].check_once([])
        ways[1].check_once([("総務", "smtputf8")])
        killed(daemon, ways[0])
        expect(re.search(r'=> soumu@smtpd.example .* CV=yes .* K C="250 2.0.0 kept as ', exim.log()), "Exim verified our certificate and used BDAT",
               exim.log()[-3000:])
        expect('mta server-cert-check result="success"' in smtpd.log(), "OpenSMTPD verified our certificate", smtpd.log()[-3000:])
        for peer in peers:
            expect("450 4.7.1 greylisted" in peer.log(), f"{peer.name} was asked by us to come again", peer.log()[-3000:])
        verified = subprocess.run([SEKISHO, "record", "verify", work / "state/record"], capture_output=True, text=True, check=False)
        expect(verified.returncode == 0, "the record is whole", verified.stdout + verified.stderr)
    finally:
        daemon.stop()


def main():
    skip_unless_possible()
    beside.skip_unless_possible()
    with tempfile.TemporaryDirectory(prefix="sekisho-peers-") as folder:
        work = pathlib.Path(folder)
        work.chmod(0o755)
        authority = Authority(f"{work}/ca")
        authority.issue("localhost", f"{work}/gate")
        (work / "password").write_text(PASSWORD + "\n")
        (work / "password").chmod(0o600)
        peers = []
        try:
            peers.append(Exim(work / "exim", work / "ca.crt", EXIM, TO_SMTPD, PASSWORD))
            peers.append(OpenSmtpd(work / "opensmtpd", work / "ca.crt", SMTPD, TO_EXIM))
            meet(work, peers)
        finally:
            for peer in peers:
                peer.stop()
    print(f"{len(failures)} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
