#!/usr/bin/env python3
"""The relay asks the virus scanner of its rule first (H5): clean mail goes on, malware is held by its name, and while the
scanner is away nothing passes; what waited goes on when it is back.  (tests/cli/scan has a real clamd.)"""
import os
import pathlib
import socket
import struct
import sys
import tempfile
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from relay_daemon import Client, Daemon, skip_unless_possible, wait_for  # noqa: E402

skip_unless_possible()
MARK = b"MALWARE-MARK"


class Clamd:
    """As clamd(8) answers zVERSION and zINSTREAM."""

    def __init__(self, path):
        self.path, self.scanned = path, 0
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(path))
        os.chmod(path, 0o666)
        self.listener.listen(20)
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        with connection, connection.makefile("rwb") as file:
            command = b""
            while not command.endswith(b"\0"):
                command += file.read(1)
            if command == b"zVERSION\0":
                file.write(b"ClamAV 1.4.3\0")
            else:
                octets = b""
                while length := struct.unpack(">I", file.read(4))[0]:
                    octets += file.read(length)
                self.scanned += 1
                file.write(b"stream: Test.Mark FOUND\0" if MARK in octets else b"stream: OK\0")

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        os.unlink(self.path)


def mail(subject, text=b"hello"):
    return b"From: you@supplier.example.com\r\nTo: soumu@town.example.lg.jp\r\nSubject: " + subject + b"\r\n\r\n" + text


def main():
    with tempfile.TemporaryDirectory(prefix="sekisho-relay-scan-test.") as work:
        path = pathlib.Path(work) / "clamd.ctl"
        os.chmod(work, 0o755)
        clamd = Clamd(path)
        daemon = Daemon(work, "127.77.9", 12625, items=f'scan "{path}" definitions 0 days')
        try:
            client = Client(12625)
            client.reply()
            client.say("EHLO supplier.example.com")
            assert client.send(mail(b"one")).startswith("250"), "one"
            assert wait_for(20, lambda: len(daemon.sink.mails) == 1), "a clean mail did not arrive"
            assert clamd.scanned == 1

            answer = client.send(mail(b"two", MARK))
            assert answer.startswith("250"), answer
            receipt = answer.split()[-1]
            assert wait_for(20, lambda: "Test.Mark" in daemon.ask("trace", receipt).stdout), \
                daemon.ask("trace", receipt)
            story = daemon.ask("trace", receipt).stdout
            assert "malware" in story, story

            clamd.close()
            answer = client.send(mail(b"three"))
            assert answer.startswith("250"), answer
            assert not wait_for(1.5, lambda: len(daemon.sink.mails) > 1), "a mail passed without a scan"
            clamd = Clamd(path)
            assert wait_for(30, lambda: len(daemon.sink.mails) == 2), "what waited did not go on"

            assert daemon.kill("scan")
            assert wait_for(10, lambda: daemon.pid_of("scan")), "the scan role did not come back"
            assert client.send(mail(b"four")).startswith("250")
            assert wait_for(30, lambda: len(daemon.sink.mails) == 3), "nothing passed after a restart of the scan role"
            for _, octets in daemon.sink.mails:
                assert b"Subject: two" not in octets and MARK not in octets
        finally:
            daemon.stop()
    print("only what the scanner calls clean goes on")


main()
