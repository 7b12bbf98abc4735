#!/usr/bin/python3
"""What a sender asks to be told (RFC 3461) goes on with his mail, to a next hop that knows DSN as it was said, and where the next hop
does not know it the gateway tells him itself; also over a restart.  Nothing of a mail's text is in what he is told, whatever RET
says.  Notices are found by their sender, who is none."""
import email
import email.policy
import json
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from hops import Hop  # noqa: E402
from relay_daemon import Client, Daemon, skip_unless_possible, wait_for  # noqa: E402

IN, KNOWS, OLD = 26841, 26842, 26843
SENDER, MARKER = "a@town.example.lg.jp", "only-in-the-text"
RULES = """
zone lgwan {{ port "none-l"  network {net}.0/24  address {net}.1 }}
zone internet {{ port "none-i"  network 127.0.42.0/24  address 127.0.42.1  outside }}
relay mail inbound from internet to lgwan {{
    recipients "*@town.example.lg.jp"  next-hop {net}.2 port {port}  listen port 2525
    for "test"  owner "test"  approved "test"
}}
{more}
"""
RELAY = """
relay mail {name} from lgwan to internet {{
    recipients "*@{name}.example"  next-hop 127.0.42.2 port {port}  listen port {listen}
    retry after 1 s at least every 1 minute for 1 hour  bounce to "*@town.example.lg.jp"
    for "test"  owner "test"  approved "test"
}}
"""
failures = []


def expect(good, what, more=""):
    print(f"{'ok  ' if good else 'FAIL'} {what}{'' if good else ': ' + str(more)[-3000:]}", flush=True)
    if not good:
        failures.append(what)


def send(port, recipients, parameters="", sender=SENDER):
    """`recipients`: with what is said behind each.  Returns the receipt."""
    client = Client(port)
    client.reply()
    client.say("EHLO client.example")
    for line in (f"MAIL FROM:<{sender}>{parameters}", *(f"RCPT TO:<{to}>{asked}" for to, asked in recipients.items()), "DATA"):
        answer = client.say(line)
        if answer[:1] not in "23":
            raise SystemExit(f"{line}: {answer}")
    client.socket.sendall(f"Subject: asked\r\n\r\n{MARKER}\r\n.\r\n".encode())
    return client.reply().split()[-1]


def told(daemon, count):
    """The notices that came back, in their parts: (what people read, the fields, the original's header)."""
    wait_for(10, lambda: len(daemon.sink.mails) >= count)
    notices = []
    for to, octets in daemon.sink.mails:
        expect(to == [SENDER] and MARKER not in octets.decode(), "a notice goes to the sender, without his text", octets)
        parts = [part for part in email.message_from_bytes(octets, policy=email.policy.default).walk() if not part.is_multipart()]
        texts = [part.get_payload(decode=True) or b"" for part in parts]
        notices.append((texts[0].decode(), octets.decode(), parts))
    daemon.sink.mails.clear()
    expect(len(notices) == count, f"{count} notices", daemon.ask("queue", "list").stdout + daemon.ask("trace", "--since", "1h", "--stories").stdout)
    return notices


WISHES = {"b": " NOTIFY=NEVER ORCPT=rfc822;first+2Bb@x.example", "c": " NOTIFY=SUCCESS,DELAY", "d": ""}


def to_one_that_knows(daemon, hop):
    receipt = send(KNOWS, {f"{name}@knows.example": asked for name, asked in WISHES.items()}, " RET=FULL ENVID=QQ+2B1")
    expect(wait_for(10, lambda: hop.mails), "it arrives", daemon.ask("queue", "list").stdout)
    wanted = [f"MAIL FROM:<{SENDER}> RET=FULL ENVID=QQ+2B1"] + [f"RCPT TO:<{name}@knows.example>{asked}" for name, asked in WISHES.items()]
    expect(hop.commands == wanted, "all of it is said to a next hop that offers DSN", hop.commands)
    expect("is told" not in daemon.ask("trace", receipt).stdout, "which tells the sender itself")


def to_one_that_does_not(daemon, hop):
    send(OLD, {f"{name}@old.example": asked for name, asked in WISHES.items()}, " RET=HDRS ENVID=QQ+2B1")
    words, text, _ = told(daemon, 1)[0]
    expect(hop.commands == [f"MAIL FROM:<{SENDER}>"] + [f"RCPT TO:<{name}@old.example>" for name in WISHES], "nothing of it to one that does not",
           hop.commands)
    expect("Original-Envelope-Id: QQ+1\r\n" in text and "Action: relayed" in text and text.count("Final-Recipient:") == 1 and
           "Final-Recipient: rfc822;c@old.example" in text, "who asked hears that it was handed on", text)
    expect("に渡しました" in words and "c@old.example" in words, "in words", words)


def refused(daemon, hop):
    hop.answers = {f"{name}@old.example": "550 5.1.1 no such user" for name in "bcd"}
    hop.answers["e@old.example"] = "552 5.2.2 over quota"
    receipt = send(OLD, {"b@old.example": WISHES["b"], "c@old.example": " NOTIFY=SUCCESS", "d@old.example":
                         " NOTIFY=FAILURE ORCPT=rfc822;d@first.example", "e@old.example": ""}, " RET=FULL ENVID=X1")
    words, text, parts = told(daemon, 1)[0]
    expect(text.count("Action: failed") == 2 and "Original-Recipient: rfc822;d@first.example\r\nFinal-Recipient: rfc822;d@old.example" in text and
           "Final-Recipient: rfc822;e@old.example" in text, "who did not ask otherwise hears of a failure", text)
    expect("Original-Envelope-Id: X1\r\n" in text and parts[-1].get_content_type() == "text/rfc822-headers", "with headers only, though RET=FULL", text)
    good = words.index("d@old.example") < words.index("この宛先は相手側にありません") < words.index("e@old.example") < words.index("いっぱいです")
    expect(good and "There is no such address" in words and "550 5.1.1 no such user" in words, "each with its cause in plain words", words)

    hop_name, events = f"127.0.42.2:{hop.port}", json.loads(daemon.ask("trace", receipt, "--json").stdout)
    bounced = [event for event in events if event["event"] == "mail-bounced"]
    expect([(one["recipient"], one["answer"], one["next_hop"]) for event in bounced for one in event.get("answers", [])] ==
           [("d@old.example", "550 5.1.1 no such user", hop_name), ("e@old.example", "552 5.2.2 over quota", hop_name)], "the record has each answer", bounced)
    story = daemon.ask("trace", receipt).stdout
    for line in (f"d@old.example: the peer {hop_name} answered: 550 5.1.1 no such user\n", f"e@old.example: the peer {hop_name} answered: 552 5.2.2 over quota\n",
                 "envelope id: X1\n", "asked for d@old.example: NOTIFY=FAILURE ORCPT=rfc822;d@first.example\n", f"next hop: {hop_name}\n"):
        expect(line in story, f"the story has: {line.strip()}", story)

    def held():
        return json.loads(daemon.ask("hold", "list", "--json").stdout)["held"]
    expect(wait_for(5, held) and held()[0]["receipt"] == receipt and sorted(held()[0]["recipients"]) == ["b@old.example", "c@old.example"],
           "for whom nobody is told it is held", held())
    shown = daemon.ask("hold", "show", receipt).stdout
    expect(f"c@old.example: the peer {hop_name} answered: 550 5.1.1 no such user\n" in shown, "the hold tells why", shown)


def by_no_sender(daemon):
    """Ours, and one of somebody else's that came in."""
    bounce = send(IN, {"soumu@town.example.lg.jp": ""}, sender="")
    expect(wait_for(10, lambda: daemon.sink.mails), "a notice from outside arrives")
    daemon.sink.mails.clear()

    def found(*words):
        answer = json.loads(daemon.ask("trace", "--sender", "<>", "--json", *words).stdout)
        return [(mail["receipt"], mail["recipients"]) for mail in answer["mails"]]
    expect(wait_for(5, lambda: len(found()) == 3) and [to for _, to in found()] == [["soumu@town.example.lg.jp"], [SENDER], [SENDER]],
           "notices are found by their sender, <>", found())
    expect(found("--recipient", "soumu@town.example.lg.jp") == [(bounce, ["soumu@town.example.lg.jp"])], "and what came in by both", found())


def over_a_restart(daemon, hop):
    hop.commands.clear()
    hop.answers = {"b@knows.example": "450 4.2.1 busy"}
    send(KNOWS, {"b@knows.example": " NOTIFY=DELAY ORCPT=rfc822;b@x.example"}, " RET=FULL ENVID=Y1")
    expect(wait_for(5, lambda: hop.commands), "it waits")
    expect(daemon.kill("relay"), "the relay is killed")
    hop.answers, before = {}, len(hop.mails)
    expect(wait_for(15, lambda: len(hop.mails) > before), "it arrives", daemon.ask("queue", "list").stdout)
    expect(hop.commands[-2:] == [f"MAIL FROM:<{SENDER}> RET=FULL ENVID=Y1", "RCPT TO:<b@knows.example> NOTIFY=DELAY ORCPT=rfc822;b@x.example"],
           "and it is still known what was asked", hop.commands)


def index_is_told(daemon):
    def index():
        return json.loads(daemon.ask("status", "--json").stdout)["record"]["index"]
    expect(wait_for(10, lambda: index()["state"] == "whole") and index()["behind"] == 0 and index()["octets"] > 4096,
           "status tells that the index knows the whole record", index())
    expect("knows the whole record" in daemon.ask("status").stdout, "in words too", daemon.ask("status").stdout)


def bad_orders(daemon):
    for words, wanted in ((["queue", "flush", "--relay", "nosuch"], "no relay is called 'nosuch'; there are: inbound, knows, old"),
                          (["queue", "list", "--relay", "inbuond"], "no relay is called 'inbuond'; did you mean 'inbound'?"),
                          (["queue", "drop", "--all", "--because", "x" * 501], "at most 500 octets"),
                          (["queue", "flush", "R8K4-7Q2M-X9"], "`sekisho trace R8K4-7Q2M-X9` tells"),
                          (["queue", "show", "R8K4-7Q2M-X9"], "`sekisho trace R8K4-7Q2M-X9` tells"),
                          (["queue", "list", "--limit", "-1"], "--limit")):
        done = daemon.ask(*words)
        expect(done.returncode != 0 and wanted in done.stderr, f"{' '.join(words)[:60]} is answered in words", done)


def chosen(daemon, hop):
    hop.answers = {f"{name}@old.example": "450 4.2.2 full" for name in ("f", "総務")}
    send(OLD, {"f@old.example": ""})
    expect(wait_for(5, lambda: daemon.ask("queue", "list").stdout.startswith("receipt")), "a mail waits")
    for who in ("f@old.example", "F@Old.Example", "old.example", "*@old.example"):
        found = json.loads(daemon.ask("queue", "list", "--json", "--recipient", who).stdout)
        expect(found["total"] == 1, f"--recipient {who}", found)
    for who in ("ld.example", "x@old.example", "<>"):
        expect(json.loads(daemon.ask("queue", "list", "--json", "--recipient", who).stdout)["total"] == 0, f"--recipient {who}")
    expect(json.loads(daemon.ask("queue", "list", "--json", "--sender", "<>").stdout)["total"] == 0, "--sender <>")


def main():
    skip_unless_possible()
    with tempfile.TemporaryDirectory(prefix="sekisho-dsn-") as work:
        knows, old = Hop("127.0.42.2", offers=["DSN"]), Hop("127.0.42.2")
        more = RELAY.format(name="knows", port=knows.port, listen=2526) + RELAY.format(name="old", port=old.port, listen=2527)
        daemon = Daemon(work, "127.0.41", IN, more=more, rules=RULES, listen=[f"knows=127.0.0.1:{KNOWS}", f"old=127.0.0.1:{OLD}"])
        try:
            to_one_that_knows(daemon, knows)
            to_one_that_does_not(daemon, old)
            refused(daemon, old)
            by_no_sender(daemon)
            over_a_restart(daemon, knows)
            index_is_told(daemon)
            bad_orders(daemon)
            chosen(daemon, old)
        finally:
            expect(daemon.stop() == 0, "the daemon ends well")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
