#!/usr/bin/python3
"""Relay and sanitizer are killed again and again while mail comes in: every mail that was answered with 250 arrives,
made harmless; none arrives as it came."""
import pathlib
import re
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from relay_daemon import Client, Daemon, skip_unless_possible, wait_for  # noqa: E402

PORT = 26711
MAIL = (b"From: you@supplier.example.com\r\nTo: soumu@town.example.lg.jp\r\nSubject: mail-%d.\r\nX-Raw: yes\r\n"
        b"Content-Type: text/html\r\n\r\n<p>text %d</p><script>raw()</script>")


def send_all(sender, count, accepted, stop):
    """Each mail until it is accepted, as a mail system does; a mail that was cut off is sent again."""
    client = None
    for number in range(sender * 1000, sender * 1000 + count):
        while not stop.is_set():
            try:
                if client is None:
                    client = Client(PORT, timeout=15)
                    client.reply()
                    client.say("EHLO client.example")
                answer = client.send(MAIL % (number, number))
                if answer.startswith("250 2.0.0"):
                    accepted.append(number)
                    break
            except OSError:
                pass
            client = None
            time.sleep(0.05)


def arrived(daemon):
    numbers = []
    for _, text in list(daemon.sink.mails):
        found = re.search(rb"^Subject: mail-(\d+)\.", text, re.M)
        numbers.append(int(found.group(1)) if found else -1)
    return numbers


def main():
    skip_unless_possible()
    accepted, stop, kills = [], threading.Event(), 0
    with tempfile.TemporaryDirectory(prefix="sekisho-killed-") as work:
        daemon = Daemon(work, "127.0.12", PORT)
        try:
            senders = [threading.Thread(target=send_all, args=(n, 60, accepted, stop)) for n in range(1, 5)]
            for sender in senders:
                sender.start()
            for role in ("relay", "sanitizer", "relay", "relay", "sanitizer", "relay"):
                time.sleep(0.4)
                killed = daemon.kill(role)
                kills += killed != 0
                if not wait_for(10, lambda role=role, killed=killed: daemon.pid_of(role) not in (0, killed)):
                    print(f"{role} did not come back")
                    return 1
            for sender in senders:
                sender.join(timeout=40)
            stop.set()
            everything = wait_for(60, lambda: set(accepted) <= set(arrived(daemon)))
            numbers = arrived(daemon)
            print(f"{kills} kills, {len(accepted)} accepted, {len(numbers)} arrived, "
                  f"{len(numbers) - len(set(numbers))} of them again")
            if not everything:
                print("lost:", sorted(set(accepted) - set(numbers))[:20])
                return 1
            if any(b"raw()" in text or b"X-Raw" in text for _, text in daemon.sink.mails):
                print("a mail arrived as it came")
                return 1
            # again at most where a kill met a mail in hand: a few a kill
            if len(numbers) - len(set(numbers)) > 12 * kills:
                print("too many arrived twice")
                return 1
            if not wait_for(20, lambda: "queue 0" in daemon.ask("status").stdout):
                print(daemon.ask("status").stdout)
                return 1
        finally:
            stop.set()
            daemon.stop()
    return 0 if len(accepted) == 240 else 1


if __name__ == "__main__":
    sys.exit(main())
