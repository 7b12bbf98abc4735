#!/usr/bin/python3
"""Mails of the corpus by SMTP through the running mail half: each is refused by name, held by name, or arrives once and harmless,
and the counts are equal on both sides (H1, H2, M3, O1).  Of what was marked in them, a field and an attachment, and of their own
attachments nothing arrives.

A sample by a fixed rule: of every folder of corpus/mail, files as far apart as gives PER_FOLDER of them.  Each goes out as it is,
lines ended by CRLF, with a marked field before it; every second one as an attachment of a mail that has a marked program too."""
import base64
import collections
import email
import email.policy
import json
import os
import pathlib
import queue
import re
import subprocess
import sys
import tempfile
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import harmless  # noqa: E402
from relay_daemon import SEKISHO, SOURCE, Client, Daemon, skip_unless_possible, wait_for  # noqa: E402

CORPUS = pathlib.Path(os.environ.get("SEKISHO_CORPUS") or SOURCE / ".." / "shared" / "corpus") / "mail"
NET, PORT = "127.0.15", 26861
PER_FOLDER = 24
MARK = b"ORIGINAL-OCTETS-5e10"
PROGRAM = b"MZ\x90\0" + MARK + bytes(range(256)) * 4
OWN_TRACE = re.compile(rb"Authentication-Results: gate\.example;\r\n\tnone\r\n"
                       rb"Received: from client\.example \(\[127\.0\.0\.1\]\)\r\n(?:\t.*\r\n)+Sekisho-Hops: \d+\r\n")
WRAPPED = (b"From: you@supplier.example.com\r\nSubject: wrapped\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=%s\r\n\r\n"
           b"--%s\r\nContent-Type: text/plain\r\n\r\nhello\r\n"
           b"--%s\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=program.exe\r\n"
           b"Content-Transfer-Encoding: base64\r\n\r\n%s\r\n"
           b"--%s\r\nContent-Type: message/rfc822\r\nContent-Disposition: attachment\r\n\r\n%s\r\n--%s--\r\n")


def sample():
    for folder in sorted(path for path in CORPUS.iterdir() if path.is_dir()):
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        yield from files[::max(1, len(files) // PER_FOLDER)]


def as_sent(number, octets):
    octets = b"X-Mark: " + MARK + b"\r\n" + re.sub(rb"\r?\n", b"\r\n", octets)
    if number % 2 == 0:
        return octets
    b = b"wrap-%d" % number
    program = base64.encodebytes(PROGRAM).replace(b"\n", b"\r\n")
    return WRAPPED % (b, b, b, program, b, octets, b)


class Sender(threading.Thread):
    """Sends what is in the queue, a conversation a mail; `answers` by number."""

    def __init__(self, mails, answers):
        super().__init__(daemon=True)
        self.mails, self.answers = mails, answers
        self.start()

    def run(self):
        while True:
            try:
                number, octets = self.mails.get_nowait()
            except queue.Empty:
                return
            client = Client(PORT, timeout=60)
            client.reply()
            client.say("EHLO client.example")
            self.answers[number] = client.send(re.sub(rb"(?m)^\.", b"..", octets), f"m{number}@town.example.lg.jp")
            client.socket.close()


def attachments(octets):
    """What must not arrive: a piece out of the middle of everything in it that is neither text nor picture.  (The same pixels, or the
    same text, may well be the same octets when they are written anew.)"""
    for part in email.message_from_bytes(octets).walk():
        if not part.is_multipart() and part.get_content_maintype() not in ("text", "image"):
            payload = part.get_payload(decode=True) or b""
            piece = payload[len(payload) // 2:][:48]
            if len(set(piece)) > 16 and not piece.isascii():
                yield piece


def look_at(number, octets, original):
    """What is wrong with a mail that arrived."""
    trace = OWN_TRACE.match(octets)
    wrong = harmless.look_at_mail(octets[trace.end():] if trace else octets, harmless.Tools(None, False))
    texts = octets + b"".join(part.get_payload(decode=True) or b"" for part in email.message_from_bytes(octets).walk())
    if MARK in texts or base64.b64encode(PROGRAM)[12:60] in texts:
        wrong.append("the mark")
    wrong += [f"octets of an attachment: {piece}" for piece in attachments(original) if piece in texts]
    return [f"m{number}: {what}" for what in wrong]


def number_of(recipient):
    return int(re.fullmatch(r"m(\d+)@town\.example\.lg\.jp", recipient).group(1))


def main():
    skip_unless_possible()
    if not CORPUS.is_dir():
        print("no corpus at", CORPUS)
        return 77
    sent = {number: as_sent(number, path.read_bytes()) for number, path in enumerate(sample())}
    failures, answers, mails = [], {}, queue.Queue()
    for item in sent.items():
        mails.put(item)
    with tempfile.TemporaryDirectory(prefix="sekisho-corpus-") as work:
        daemon = Daemon(work, NET, PORT, items="unknown-senders ignore",
                        attachments="pdf render  image render  archive unpack  text text  mail text  encrypted hold  any strip")
        try:
            for sender in [Sender(mails, answers) for _ in range(4)]:
                sender.join(timeout=80)
            if not wait_for(30, lambda: " queue 0," in daemon.ask("status").stdout):
                failures.append("some mail is still under way")
            status = daemon.ask("status").stdout
            held = json.loads(daemon.ask("hold", "list", "--json", "--limit", "2000").stdout)["held"]
        finally:
            daemon.stop()
    refused = {number: answer.split()[2].rstrip(":") for number, answer in answers.items() if not answer.startswith("250 2.0.0 kept as ")}
    arrived = {}
    for recipients, octets in daemon.sink.mails:
        arrived.setdefault(number_of(recipients[0]), []).append(octets)
    kept_back = {number_of(mail["recipients"][0]): mail["reason"] for mail in held if not mail["delivered"]}
    for number in sent:
        became = (number in refused) + (number in kept_back) + len(arrived.get(number, []))
        if became != 1:
            failures.append(f"m{number}: refused {refused.get(number)}, held {kept_back.get(number)}, arrived {len(arrived.get(number, []))} times")
        for octets in arrived.get(number, []):
            failures += look_at(number, octets, sent[number])
    counts = [int(re.search(rf"\b{word} (\d+)", status).group(1)) for word in ("accepted", "delivered", "held")]
    ours = [len(sent) - len(refused), len(daemon.sink.mails), len(kept_back)]
    if counts != ours:
        failures.append(f"accepted, delivered, held: the relay counts {counts}, we {ours}")
    names = set(re.findall(r"^  ([a-z0-9-]+) ", subprocess.run([SEKISHO, "reasons"], capture_output=True, text=True, check=True).stdout, re.M))
    for what, reasons in (("refused", refused), ("held", kept_back)):
        print(what, dict(collections.Counter(reasons.values()).most_common()))
        failures += [f"no such reason: {reason}" for reason in set(reasons.values()) - names]
    print("\n".join(failures))
    print(f"{len(sent)} mails: {len(arrived)} arrived, {len(kept_back)} held, {len(refused)} refused")
    return 1 if failures or len(sent) < 200 or not kept_back or not refused else 0


if __name__ == "__main__":
    sys.exit(main())
