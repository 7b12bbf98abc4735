#!/usr/bin/python3
"""The dialogs of tests/dialogs over real connections, against the whole mail half of a running daemon."""
import pathlib
import re
import socket
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from relay_daemon import Client, Daemon, SOURCE, skip_unless_possible, wait_for  # noqa: E402

MORE = """
relay mail small from internet to lgwan {
    recipients "*@small.example.lg.jp"
    next-hop 127.0.11.3
    listen port 2526
    body text
    size 1 KB
    attachment { any strip }
    for "test"  owner "test"  approved "test"
}
relay mail old from internet to lgwan {
    recipients "*@old.example.lg.jp"
    next-hop 127.0.11.4
    listen port 2527
    body text
    attachment { any strip }
    for "test"  owner "test"  approved "test"  until 2020-01-01
}
"""
PORT = 26701
# What depends on octets of a limit that the rules can only say in KB.
IN_MEMORY_ONLY = {"size-declared", "size-exact", "size-lied", "size-endless", "bdat-failed"}
# … on a disk that is full, on what the rules say of the client, or on how a handshake went.
STAGED = re.compile(r"^(spool|client|tls) ", re.M)


def closing_brace(text, at):
    depth = 0
    while True:
        depth += {"{": 1, "}": -1}.get(text[at], 0)
        if depth == 0:
            return at
        at += 1


def unescape(text):
    out, at = b"", 0
    while at < len(text):
        if text[at] == "{":
            star, close = text.index("*", at), closing_brace(text, at)
            out += unescape(text[star + 1:close]) * int(text[at + 1:star])
            at = close + 1
        elif text[at] == "\\":
            if text[at + 1] == "x":
                out += bytes([int(text[at + 2:at + 4], 16)])
                at += 4
            else:
                out += {"r": b"\r", "n": b"\n"}.get(text[at + 1], text[at + 1].encode())
                at += 2
        else:
            out += text[at].encode()
            at += 1
    return out


class Dialog:
    def __init__(self, path):
        self.path, self.client = path, None

    def connected(self):
        self.client = self.client or Client(PORT)
        return self.client

    def send(self, octets):
        try:
            self.connected().socket.sendall(octets)
        except OSError:  # it hung up already: what it said before is still to be read
            pass

    def run(self):
        for number, line in enumerate(self.path.read_text().splitlines(), 1):
            wrong = self.step(line)
            if wrong:
                return f"{self.path.name}:{number}: {wrong}"
        return None

    def step(self, line):
        if line.startswith("c -> ") or line == "c ->":
            self.send(unescape(line[5:]) + b"\r\n")
        elif line.startswith("c ~> "):
            self.send(unescape(line[5:]))
        elif line == "s <- silence":
            return self.expect_silence()
        elif line == "s <- close":
            return self.expect_close()
        elif line.startswith("s <- "):
            wanted = re.sub(r"MAIL-\d+", "", line[5:]).replace("250-SIZE 100000", "250-SIZE ")
            got = self.connected().line()
            if not (got or "").startswith(wanted):
                return f"wanted {wanted}, got {got}"
        return None

    def expect_silence(self):
        connection = self.connected().socket
        connection.settimeout(0.1)
        try:
            return f"wanted silence, got {connection.recv(100)}"
        except socket.timeout:
            return None
        finally:
            connection.settimeout(10)

    def expect_close(self):
        try:
            rest = self.client.file.read(100)
        except ConnectionResetError:
            rest = b""
        return f"wanted the end, got {rest}" if rest else None


def main():
    skip_unless_possible()
    failures = ran = 0
    with tempfile.TemporaryDirectory(prefix="sekisho-dialogs-") as work:
        daemon = Daemon(work, "127.0.11", PORT, size="98 KB", more=MORE,
                        listen=(f"small=127.0.0.1:{PORT + 1}", f"old=127.0.0.1:{PORT + 2}"))
        try:
            # whether a peer's first words come before the greeting is a race here: `pregreet` is for memory
            for path in sorted((SOURCE / "tests/dialogs").glob("*.smtp")):
                if path.stem in IN_MEMORY_ONLY or path.stem == "pregreet" or STAGED.search(path.read_text()):
                    continue
                wrong = Dialog(path).run()
                ran += 1
                failures += wrong is not None
                if wrong:
                    print(wrong)
            if not wait_for(20, lambda: "queue 0" in daemon.ask("status").stdout):
                print("some mail is still under way\n", daemon.ask("status").stdout)
                failures += 1
            for word in ("bare-line-end", "relay-denied", "pipelining-abuse", "mail-loop"):
                if word not in daemon.ask("status").stdout:
                    print(f"status does not count {word}")
                    failures += 1
            time.sleep(0.1)
            if any(b"forged" in text or b"evil" in text for _, text in daemon.sink.mails):
                print("a smuggled mail arrived")
                failures += 1
        finally:
            daemon.stop()
    print(f"{ran} dialogs, {failures} failures")
    return 1 if failures or ran < 60 else 0


if __name__ == "__main__":
    sys.exit(main())
