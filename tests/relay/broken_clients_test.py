#!/usr/bin/python3
"""Clients that reset, close or fall silent at every operation of a dialog (RFC 5321 §4.5.3.2, §6.1): by DATA, by BDAT, and over TLS.
As a mail system does, each sends its mail again until it has read a 250.  Every mail that was kept arrives whole and once: one
whose 250 was read once in all, one whose answer was lost at worst twice."""
import email
import email.policy
import pathlib
import re
import socket
import ssl
import struct
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from certificates import Authority  # noqa: E402
from relay_daemon import Client, Daemon, skip_unless_possible, wait_for  # noqa: E402

NET, PORT = "127.0.14", 26841
LINES = 60
ENDINGS = ("reset", "close", "silence")


class BrokenOff(Exception):
    pass


class Breaking(Client):
    """`break_at` N: its N-th operation (connecting, each read, each write, the handshake) does not take place."""

    def __init__(self, source, break_at):
        self.source, self.break_at, self.operations, self.socket = source, break_at, 0, None
        self.sent, self.answer = False, ""  # of the mail: whether all of it went out, and what came back

    def operation(self):
        self.operations += 1
        if self.operations == self.break_at:
            raise BrokenOff

    def connect(self):
        self.operation()
        super().__init__(PORT, source=self.source)

    def read(self, wanted):
        self.operation()
        answer = self.reply()
        if not answer.startswith(wanted):
            raise SystemExit(f"wanted {wanted}, got {answer}")
        return answer

    def write(self, octets):
        self.operation()
        self.socket.sendall(octets)

    def command(self, line, wanted):
        self.write(line + b"\r\n")
        return self.read(wanted)

    def hello(self):
        self.command(b"EHLO client.example", "250")

    def start_tls(self, context):
        self.command(b"STARTTLS", "220")
        self.operation()
        self.socket = context.wrap_socket(self.socket, server_hostname="gate.example")
        self.file = self.socket.makefile("rb")

    def end(self, how):
        if not self.socket or how == "silence":
            return
        if how == "reset":
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.file.close()
        self.socket.close()


def envelope(client):
    client.command(b"MAIL FROM:<you@supplier.example.com>", "250")
    client.command(b"RCPT TO:<soumu@town.example.lg.jp>", "250")


def pieces(number):
    """In the middle of a line, too."""
    text = (f"From: you@supplier.example.com\r\nSubject: mail-{number}.\r\n\r\n" + "".join(body(number))).encode()
    return text[:len(text) // 3], text[len(text) // 3:-5], text[-5:]


def body(number):
    return [f"line {line} of mail {number}\r\n" for line in range(LINES)]


def by_data(client, number):
    client.hello()
    envelope(client)
    client.command(b"DATA", "354")
    for piece in (*pieces(number), b"."):
        client.write(piece)
    client.write(b"\r\n")
    client.sent = True
    client.answer = client.read("250 2.0.0 kept as ")


def by_chunks(client, number):
    client.hello()
    envelope(client)
    first, second, last = pieces(number)
    client.write(b"BDAT %d\r\n" % len(first))
    client.write(first)
    client.read("250")
    client.write(b"BDAT %d LAST\r\n" % len(second + last))
    client.write(second)
    client.write(last)
    client.sent = True
    client.answer = client.read("250 2.0.0 kept as ")


def over_tls(context):
    def send(client, number):
        client.hello()
        client.start_tls(context)
        by_data(client, number)
    return send


def once(send, number, source, break_at, ending):
    """One try.  The client, and whether its dialog came to its end."""
    client = Breaking(source, break_at)
    try:
        client.connect()
        client.read("220")
        send(client, number)
        client.command(b"QUIT", "221")
    except BrokenOff:
        client.end(ending)
        return client, False
    client.end("close")
    return client, True


def arrived(daemon):
    """By number: the texts that came."""
    found = {}
    for _, octets in list(daemon.sink.mails):
        mail = email.message_from_bytes(octets, policy=email.policy.default)
        number = int(re.fullmatch(r"mail-(\d+)\.", mail["subject"]).group(1))
        found.setdefault(number, []).append(mail.get_content().replace("\r\n", "\n"))
    return found


def counted(daemon, word):
    return int(re.search(rf"\b{word} (\d+)", daemon.ask("status").stdout).group(1))


def broken_everywhere(send, number, source, silent):
    """From that number on.  By number of its mail: (its operation, whether all of the mail had gone out, whether a 250 was read)"""
    mails = {}
    for ending in ENDINGS:
        for break_at in range(1, 100):
            client, ended = once(send, number, source, break_at, ending)
            mails[number] = break_at, client.sent, bool(client.answer)
            if ending == "silence" and not ended:
                silent.append(client)
            if not client.answer and not once(send, number, source, 0, "")[0].answer:
                raise SystemExit("not taken at the second try")
            number += 1
            if ended:
                break
    return mails


def main():
    skip_unless_possible()
    failures, silent = [], []
    with tempfile.TemporaryDirectory(prefix="sekisho-broken-") as work:
        authority = Authority(f"{work}/ca")
        authority.issue("gate.example", f"{work}/gate")
        context = ssl.create_default_context(cafile=f"{work}/ca.crt")
        daemon = Daemon(work, NET, PORT, items=f'tls offered certificate "{work}/gate.crt" key "{work}/gate.key"  unknown-senders ignore')
        try:
            mails = {}
            for which, send in enumerate((by_data, by_chunks, over_tls(context)), 1):  # each below the connections of one address
                mails.update(broken_everywhere(send, 1000 * which, f"127.0.0.{20 + which}", silent))
            waiting = sum(client.socket is not None for client in silent)
            if not waiting // 2 < counted(daemon, "sessions") <= waiting:  # who has said QUIT is gone
                failures.append(f"{waiting} are silent: " + daemon.ask("status").stdout)
            for client in silent:
                client.end("close")
            if not wait_for(30, lambda: counted(daemon, "sessions") == 0 and counted(daemon, "queue") == 0):
                failures.append("not all came to its end: " + daemon.ask("status").stdout)
            found, twice = arrived(daemon), []
            for number, (break_at, sent, answered) in mails.items():
                texts = found.pop(number, [])
                if not 1 <= len(texts) <= (1 if answered or not sent else 2):
                    failures.append(f"mail {number}, broken off at operation {break_at}: arrived {len(texts)} times")
                twice += [break_at] * (len(texts) == 2)
                whole = "".join(body(number)).replace("\r\n", "\n")
                failures += [f"mail {number}, broken off at operation {break_at}: half: {text}" for text in texts if whole not in text]
            failures += [f"nobody sent {number}" for number in found]
            kept = counted(daemon, "accepted")
            if kept != len(daemon.sink.mails):
                failures.append(f"{kept} were kept, {len(daemon.sink.mails)} arrived")
            print(f"{len(mails)} mails, {kept} kept, twice where the client left at {sorted(set(twice))}")
        finally:
            daemon.stop()
    print("\n".join(failures))
    return 1 if failures or len(mails) < 150 else 0


if __name__ == "__main__":
    sys.exit(main())
