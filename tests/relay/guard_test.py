#!/usr/bin/python3
"""What the relay judges of a mail before it takes it: SPF, DKIM and DMARC asked of a real name server (NSD), with mails signed by
another program (dkimpy); unknown senders; forwarded mails, free mail and hidden recipients on the way out; a mass that stops the
relay, over a restart, until somebody starts it again."""
import email
import email.policy
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from relay_daemon import SEKISHO, Client, Daemon, Sink, skip_unless_possible, wait_for  # noqa: E402

skip_unless_possible()
try:
    import dkim
except ImportError:
    print("python3-dkim is not installed")
    sys.exit(77)
if not shutil.which("nsd"):
    print("nsd is not installed")
    sys.exit(77)

NET, OUTSIDE = "127.77.21", "127.77.22"
IN_PORT, OUT_PORT, DNS_PORT = 24621, 24622, 24653
RULES = """
zone lgwan {{ port "none-l"  network {net}.0/24  address {net}.1 }}
zone internet {{ port "none-i"  network OUTSIDE.0/24  address OUTSIDE.1  outside }}
relay mail inbound from internet to lgwan {{
    recipients "*@town.example.lg.jp", "info@mine.example", "info@shown.example"
    next-hop {net}.2 port {port}
    listen port 2525
    mass 25 mails per minute per sender
    mass 200 mails per minute per client
    mass 450 mails per minute per relay
    {items}
    attachment {{ any strip }}
    for "test"  owner "test"  approved "test"
}}
relay mail outbound from lgwan to internet {{
    destinations "*"
    refuse free-mail, network-storage
    mass 12 mails per minute per sender
    sign dkim domain "town.example.lg.jp" selector "s2026" key "WORK/key.pem"
    next-hop OUTSIDE.2 port {more}
    listen port 2526
    for "test"  owner "test"  approved "test"
}}
"""
ZONE = """$ORIGIN example.
$TTL 300
@ SOA ns.example. x.example. 1 3600 600 86400 60
@ NS ns
ns A 192.0.2.53
good TXT "v=spf1 ip4:127.0.0.1 ip4:127.0.0.9 -all"
_dmarc.good TXT "v=DMARC1; p=reject"
s1._domainkey.good TXT {key}
strict TXT "v=spf1 a:other.good.example -all"
other.good A 192.0.2.9
shown TXT "v=spf1 ip4:127.0.0.1 -all"
"""


def start_name_server(work, key):
    (work / "example.zone").write_text(ZONE.format(key=" ".join(f'"{key[i:i + 200]}"' for i in range(0, len(key), 200))))
    (work / "nsd.conf").write_text(
        f'server:\n ip-address: {OUTSIDE}.53\n port: {DNS_PORT}\n username: ""\n zonesdir: "{work}"\n pidfile: ""\n'
        f' xfrdfile: "{work}/xfrd"\n zonelistfile: "{work}/zones.list"\n cookie-secret-file: "{work}/cookies"\n'
        f' xfrdir: "{work}"\n database: ""\n server-count: 1\nremote-control:\n control-enable: no\n'
        'zone:\n name: "example"\n zonefile: "example.zone"\n')
    return subprocess.Popen(["nsd", "-d", "-c", str(work / "nsd.conf")], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def make_key(work):
    subprocess.run(["openssl", "genrsa", "-out", work / "key.pem", "2048"], check=True, capture_output=True)
    os.chmod(work / "key.pem", 0o600)
    public = subprocess.run(["openssl", "rsa", "-in", work / "key.pem", "-pubout", "-outform", "PEM"], check=True,
                            capture_output=True, text=True).stdout
    return "v=DKIM1; k=rsa; p=" + "".join(public.splitlines()[1:-1])


def mail(sender, to="soumu@town.example.lg.jp", fields=b"", text=b"Hello,\r\nworld\r\n", subject=b"test"):
    return (b"From: " + sender.encode() + b"\r\nTo: " + to.encode() + b"\r\nSubject: " + subject + b"\r\n" + fields +
            b"Date: Fri, 20 Nov 2026 19:00:00 +0900\r\nMessage-ID: <" + os.urandom(6).hex().encode() +
            b"@sender.example>\r\n\r\n" + text)


def send(port, sender, recipients, octets, helo="mx.sender.example", source=""):
    """The first answer that is no yes, else the last one."""
    client = Client(port, source=source)
    client.reply()
    client.say("EHLO " + helo)
    for line in [f"MAIL FROM:<{sender}>", *(f"RCPT TO:<{one}>" for one in recipients), "DATA"]:
        answer = client.say(line)
        if answer[:1] not in "23":
            client.say("QUIT")
            return answer
    client.socket.sendall(octets + b".\r\n")
    answer = client.reply()
    client.say("QUIT")
    return answer


def expect(condition, *words):
    if not condition:
        raise SystemExit("not as expected: " + " ".join(str(word) for word in words))


class Received:
    def __init__(self, sink):
        self.sink = sink

    def next(self, count):
        expect(wait_for(10, lambda: len(self.sink.mails) >= count), count, "mails, have", len(self.sink.mails))
        octets = self.sink.mails[count - 1][1]
        message = email.message_from_bytes(octets, policy=email.policy.default)
        results = re.sub(r"\s+", " ", str(message["Authentication-Results"]))
        return message, results, message.get_content()


def test_inbound(daemon, key_file):
    got = Received(daemon.sink)
    inbound = ["soumu@town.example.lg.jp"]
    forged = b"Authentication-Results: gate.example; dmarc=pass\r\n"
    text = mail("a@good.example", fields=forged)
    signed = dkim.sign(text, b"s1", b"good.example", key_file.read_bytes(), canonicalize=(b"relaxed", b"simple"),
                       include_headers=[b"from", b"to", b"subject", b"date"]) + text
    expect(send(IN_PORT, "a@good.example", inbound, signed).startswith("250"), "a good mail")
    message, results, body = got.next(1)
    expect(results.startswith("gate.example; spf=pass smtp.mailfrom=a@good.example; dkim=pass header.d=good.example "
                              "header.s=s1 header.b="), results)
    expect(results.endswith("dmarc=pass header.from=good.example policy.dmarc=reject"), results)
    expect(len(message.get_all("Authentication-Results")) == 1, "one field only")
    expect(message["Subject"] == "【初めての差出人】test", message["Subject"])
    expect("初めての差出人" in body and "sender from whom no mail came before" in body, body)

    expect(send(IN_PORT, "a@good.example", inbound, signed).startswith("250"), "the same once more")
    message, _, body = got.next(2)
    expect(message["Subject"] == "test", message["Subject"])
    expect("初めて" not in body and "Sekisho" not in body, body)

    changed = signed.replace(b"world", b"earth")
    expect(send(IN_PORT, "x@nowhere.example", inbound, changed).startswith("250"), "a changed one")
    _, results, body = got.next(3)
    expect('dkim=fail reason="body was changed"' in results and "dmarc=fail" in results and "spf=none" in results, results)
    expect("差出人ドメインの認証(DMARC)の不合格" in body and "signature of the sender domain is broken" in body, body)

    expect(send(IN_PORT, "b@strict.example", inbound, mail("b@strict.example")).startswith("250"), "SPF fails")
    _, results, body = got.next(4)
    expect("spf=fail" in results and "dmarc=none" in results, results)
    expect("送信元認証(SPF)の不合格" in body, body)

    expect(send(IN_PORT, "c@name.invalid", inbound, mail("c@name.invalid")).startswith("250"), "no answer")
    _, results, body = got.next(5)
    expect("spf=temperror" in results and "dmarc=temperror" in results, results)
    expect("送信元認証の照会不能" in body, body)
    expect(send(IN_PORT, "", inbound, mail("d@good.example"), helo="good.example").startswith("250"), "null sender")
    expect("spf=pass smtp.helo=good.example" in got.next(6)[1], got.next(6)[1])
    test_two_authors(got, inbound)
    sly = '"x; dmarc=pass header.from=good.example; x"@evil.example'
    expect(send(IN_PORT, sly, inbound, mail("a@good.example")).startswith("250"), "a local part in quotes")
    message, _, _ = got.next(9)
    lines = str(got.sink.mails[8][1], "utf-8", "replace").split("\r\n")
    expect(not any(line.strip().startswith("dmarc=pass") for line in lines), "a line of the sender's own:", lines[:8])
    return signed, changed


def test_two_authors(got, inbound):
    """Nobody can say whose it is: neither known nor learned, though both of them and the envelope's are."""
    for number in (7, 8):
        expect(send(IN_PORT, "a@good.example", inbound, mail("a@good.example", fields=b"From: b@strict.example\r\n")).startswith("250"))
        message, results, _ = got.next(number)
        expect(message["Subject"] == "【初めての差出人】test" and "dmarc=permerror" in results, message["Subject"], results)


def test_a_key_that_is_gone(daemon):
    key = daemon.work / "key.pem"
    key.rename(daemon.work / "key.away")
    refused = daemon.ask("reload")
    expect(refused.returncode == 1 and "test.rules:" in refused.stderr and f"nothing can be signed: cannot read {key}" in refused.stderr and
           "^^^" in refused.stderr and "openssl genpkey" in refused.stderr and "The old rules stay in force." in refused.stderr, refused)
    checked = subprocess.run([SEKISHO, "check", "-q", daemon.work / "test.rules"], capture_output=True, text=True, check=False)
    expect(checked.returncode == 0 and f"warning: nothing can be signed: cannot read {key}" in checked.stderr, checked)
    (daemon.work / "key.away").rename(key)


def test_refused(daemon, changed):
    test_a_key_that_is_gone(daemon)
    rules = daemon.work / "test.rules"
    rules.write_text(rules.read_text().replace("authentication tell", "authentication refuse"))
    expect(daemon.ask("reload").returncode == 0, "reload")
    answer = send(IN_PORT, "x@nowhere.example", ["soumu@town.example.lg.jp"], changed)
    expect(answer.startswith("550 5.7.1 dmarc-failed"), answer)
    answer = send(IN_PORT, "a@good.example", ["soumu@town.example.lg.jp"],
                  mail("a@good.example", fields=b"From: b@strict.example\r\n"))
    expect(answer.startswith("550 5.7.1 dmarc-failed"), "two authors:", answer)
    hidden = b"Sender: The Boss <a@good.example>\r\n" + b"X: 1\r\n" * 1000 + mail("x@nowhere.example")
    answer = send(IN_PORT, "x@nowhere.example", ["soumu@town.example.lg.jp"], hidden)
    expect(answer.startswith("550 5.7.1 dmarc-failed"), "whom a reader would be shown:", answer)
    for _ in range(70): # what was refused is no mass of the relay's, nor of him whose name it bears
        answer = send(IN_PORT, "x@nowhere.example", ["soumu@town.example.lg.jp"], changed)
        expect(answer.startswith("550 5.7.1 dmarc-failed"), "a flood of forgeries:", answer)


def test_outbound(daemon, out, key):
    got = Received(out)
    taro = "taro@town.example.lg.jp"

    def leave(recipients, octets, sender=taro):
        return send(OUT_PORT, sender, recipients, octets)
    for recipient, word in (("taro@gmail.com", "free-mail"), ("x@eu.dropbox.com", "network-storage")):
        answer = leave([recipient], mail(taro))
        expect(answer.startswith(f"550 5.7.1 {word}"), answer)
    for fields in (b"Delivered-To: taro@town.example.lg.jp\r\n", b"X-MS-Exchange-Inbox-Rules-Loop: taro@town.example.lg.jp\r\n"):
        answer = leave(["home@private.example"], mail(taro, fields=fields))
        expect(answer.startswith("550 5.7.1 auto-forwarded"), answer)
    for front in (b">From x\r\n", b"Received: x\r\nbad line\r\n"):
        answer = leave(["home@private.example"], front + mail(taro, fields=b"Delivered-To: taro@town.example.lg.jp\r\n"))
        expect(answer.startswith("550 5.7.1 auto-forwarded"), front, answer)
    answer = leave(["home@private.example"], mail("you@supplier.example"), "you@supplier.example")
    expect(answer.startswith("550 5.7.1 sender-unlisted"), "sent on by a server inside, without a mark:", answer)
    answer = leave(["a@b.example"], mail(taro, to="a@b.example", fields=b"Delivered-To: a@b.example\r\n"))
    expect(answer.startswith("554 5.4.6 mail-loop"), answer)
    expect(leave(["e@good.example"], mail(taro, fields=b"Auto-Submitted: auto-replied\r\n"), "").startswith("250"), "vacation")
    got.next(1)
    octets = out.mails[0][1]
    expect(b"s=s2026;" in octets and b"d=town.example.lg.jp;" in octets, octets)

    def record(name, timeout=5):
        expect(name == b"s2026._domainkey.town.example.lg.jp.", name)
        return key
    expect(dkim.verify(octets, dnsfunc=record), "another program reads the signature")
    expect(not dkim.verify(octets.replace(b"To:", b"From: evil@x.example\r\nTo:", 1), dnsfunc=record), "a second From")

    both = "a@one.example, Hana <b@two.example>"
    answer = leave(["a@one.example", "b@two.example"], mail(taro, to=both, fields=b"Cc: jiro@town.example.lg.jp\r\n"))
    expect(answer.startswith("250"), answer)
    message, _, body = got.next(2)
    expect(str(message["To"]) == "undisclosed-recipients:;" and message["Cc"] is None, message["To"], message["Cc"])
    expect(b"one.example" not in out.mails[1][1] and out.mails[1][0] == ["a@one.example", "b@two.example"], out.mails[1])
    expect("宛先の相互非表示" in body and "recipients hidden from each other" in body, body)
    expect(leave(["a@one.example"], mail(taro, to="a@one.example")).startswith("250"), "one recipient")
    message, _, body = got.next(3)
    expect(str(message["To"]) == "a@one.example" and "Sekisho" not in body, message["To"], body)

    # whom somebody inside wrote to is known; not who got an answer of a machine, nor who could not be reached
    expect(leave(["g@good.example"], mail(taro, to="g@good.example")).startswith("250"), "to g")
    got.next(4)
    # who is outside is what the rules say, not what the sender writes
    same = "a@one.example, b@one.example"
    answer = leave(["a@one.example", "b@one.example"], mail("jiro@one.example", to=same), "jiro@town.example.lg.jp")
    expect(answer.startswith("250"), answer)
    expect(str(got.next(5)[0]["To"]) == "undisclosed-recipients:;", out.mails[4])
    expect(send(IN_PORT, "g@good.example", ["soumu@town.example.lg.jp"], mail("g@good.example")).startswith("250"), "reply")
    expect("初めて" not in Received(daemon.sink).next(10)[2], "written to before")
    expect(send(IN_PORT, "e@good.example", ["soumu@town.example.lg.jp"], mail("e@good.example")).startswith("250"), "a stranger")
    expect("初めて" in Received(daemon.sink).next(11)[2], "whom a vacation program answered")


def test_own_side_from_outside(daemon):
    """M11: a name of the own side that comes from outside is known only where it is shown whose it is."""
    got = Received(daemon.sink)
    for number, sender, mark in ((12, "mine", True), (13, "mine", True), (14, "shown", True), (15, "shown", False)):
        sender = f"info@{sender}.example"
        expect(send(IN_PORT, sender, ["soumu@town.example.lg.jp"], mail(sender)).startswith("250"), sender)
        subject = got.next(number)[0]["Subject"]
        expect(subject == ("【初めての差出人】" if mark else "") + "test", number, sender, subject)


def test_flood_from_outside(daemon):
    """M2 without a stranger who can stop the town's mail."""
    inbound = ["soumu@town.example.lg.jp"]
    answers = [send(IN_PORT, "f@good.example", inbound, mail("f@good.example")) for _ in range(90)]
    expect(answers[24].startswith("250") and answers[25].startswith("450 4.7.1 mass-refused"), answers[24:])
    expect(send(IN_PORT, "e@good.example", inbound, mail("e@good.example")).startswith("250"), "another sender")
    answer = send(IN_PORT, "f@good.example", inbound, mail("f@good.example"), source="127.0.0.9")
    expect(answer.startswith("250"), "he whose name it bears, from where he is:", answer)
    expect(daemon.ask("breaker", "list").returncode == 0, "the relay goes on")
    expect(wait_for(10, lambda: '"reason":"mass-refused"' in recorded(daemon)), "recorded")


def recorded(daemon):
    return "".join(path.read_text() for path in (daemon.work / "state/record").glob("*.jsonl"))


def test_floods_of_clients(daemon):
    """One client is stopped, others are not; many clients make an alarm, and nobody has to come."""
    many = [f"a{number}@town.example.lg.jp" for number in range(25)]
    def bring(client, mails):
        senders = [f"s{number}@x{client}.example" for number in range(mails)]
        return [send(IN_PORT, one, many, mail(one), source=f"127.0.0.{client}")[:22] for one in senders]
    answers = bring(66, 12)
    expect([answer[:3] for answer in answers] == ["250"] * 8 + ["450"] * 4, "200 of a client:", answers)
    expect(bring(77, 1)[0].startswith("250"), "another client")
    answers = bring(67, 8) + bring(68, 8)
    expect(answers[-1] == "450 4.7.1 mass-refused", "many clients:", answers)
    expect((daemon.work / "sekishod.log").read_text().count("ALARM: relay inbound: mass of mail from outside: more than 450") == 1, "an alarm")
    expect(daemon.ask("breaker", "list").returncode == 1 and "inbound" not in daemon.ask("breaker", "list").stdout, "the relay goes on")
    expect(wait_for(10, lambda: '"event":"mass-from-outside"' in recorded(daemon)), "recorded")


def flood(count):
    answers = [send(OUT_PORT, "virus@town.example.lg.jp", [f"a{i}@one.example"], mail("virus@town.example.lg.jp"))
               for i in range(count)]
    return [answer[:3] for answer in answers], answers[-1]


def stopped_state(daemon):
    listed = daemon.ask("breaker", "list")
    expect(listed.returncode == 1 and "outbound" in listed.stdout, listed.stdout, listed.stderr)
    expect("more than 12 mails per minute per sender (virus@town.example.lg.jp)" in listed.stdout, listed.stdout)
    status = json.loads(daemon.ask("status", "--json").stdout)
    expect(status["relay"]["stopped"] == ["outbound"], status["relay"])
    shown = daemon.ask("status").stdout
    expect(any("WARNING" in line and "outbound" in line and "breaker" in line for line in shown.splitlines()), shown)


def main():
    with tempfile.TemporaryDirectory() as name:
        work = pathlib.Path(name)
        os.chmod(work, 0o755)
        key = make_key(work)
        name_server = start_name_server(work, key)
        out = Sink(f"{OUTSIDE}.2")
        options = dict(items=f"unknown-senders mark authentication tell resolver {OUTSIDE}.53 port {DNS_PORT}", more=str(out.port),
                       listen=[f"outbound=127.0.0.1:{OUT_PORT}"],
                       rules=RULES.replace("OUTSIDE", OUTSIDE).replace("WORK", str(work)))
        daemon = Daemon(work, NET, IN_PORT, **options)
        try:
            _, changed = test_inbound(daemon, work / "key.pem")
            test_refused(daemon, changed)
            test_outbound(daemon, out, key.encode())
            test_own_side_from_outside(daemon)
            test_flood_from_outside(daemon)
            codes, answer = flood(14)
            expect(codes == ["250"] * 12 + ["450"] * 2, codes)
            expect(answer.startswith("450 4.3.2 breaker-tripped"), answer)
            expect("ALARM" in (work / "sekishod.log").read_text(), "an alarm in the log")
            expect(send(IN_PORT, "a@good.example", ["soumu@town.example.lg.jp"], mail("a@good.example")).startswith("250"),
                   "the other relay goes on")
            stopped_state(daemon)
            expect(daemon.stop() == 0, "stops")
            daemon = Daemon(work, NET, IN_PORT, **options)
            stopped_state(daemon)
            test_floods_of_clients(daemon)
            expect(flood(1)[0] == ["450"], "still, after a restart")
            expect(daemon.ask("breaker", "arm", "outbound").returncode != 0, "not without a reason")
            expect(daemon.ask("breaker", "arm", "inbound", "--reason", "x").returncode == 1, "it did not stop")
            armed = daemon.ask("breaker", "arm", "outbound", "--because", "PC 7 was cleaned")
            expect(armed.returncode == 0, armed.stderr)
            expect(daemon.ask("breaker", "list").returncode == 0, "none stands still")
            expect(flood(1)[0] == ["250"], "takes mail again")
            lines = "".join(path.read_text() for path in (work / "state/record").glob("*.jsonl"))
            expect('"event":"breaker-tripped"' in lines and '"why":"PC 7 was cleaned"' in lines, "recorded")
            expect(re.search(r'"event":"breaker-armed".*"uid":0.*"user":"root"', lines), "who did it is recorded")
        finally:
            daemon.stop()
            name_server.terminate()
            name_server.wait()
    print("authentication, unknown senders, forwarding, recipients, masses: as the rules say")


main()
