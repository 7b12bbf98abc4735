#!/usr/bin/python3
"""An hour of mixed mail over a next hop that stalls, refuses, drops and answers slowly, beside 1,000 clients that drip, with the
rules put in force again every ten seconds and the hold emptied every half a minute: memory stays flat, nothing is lost, the
counts on both sides are equal, nothing arrives as it came.
SOAK_SECONDS: another duration.  SOAK_SLOW: how many that drip."""
import base64
import collections
import json
import os
import pathlib
import random
import re
import socket
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from memory import judge, sample_of  # noqa: E402
from relay_daemon import Client, Daemon, Sink, skip_unless_possible, wait_for  # noqa: E402
from slow_clients import Slow  # noqa: E402

NET, PORT = "127.0.15", 27011
SENDERS, A_SECOND = 6, 4  # mails a second of each sender
LIMITS = ("limit 1500 connections  limit 1500 connections per source  limit 1500 connections per net  mass never  "
          "unknown-senders ignore  retry for 2 days")
HEAD = (b"From: You <you@supplier.example.com>\r\nTo: soumu@town.example.lg.jp\r\nSubject: mail-%d.\r\nX-Raw: yes\r\n"
        b"MIME-Version: 1.0\r\n")
TEXT = HEAD + b"Content-Type: text/html; charset=utf-8\r\n\r\n<p>number %d</p><script>raw()</script>\r\n"
BOTH = (HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nnumber %d\r\n"
        b"--b\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=a.bin\r\n"
        b"Content-Transfer-Encoding: base64\r\n\r\n%s\r\n--b--\r\n")


class Moody(Sink):
    """What it does next depends on the mail: each of these is met again and again."""
    moods = ("good",) * 12 + ("slow", "later", "later-one", "never-one", "cut-before", "cut-after", "reset", "stall")

    def __init__(self, address):
        self.random, self.met, self.over = random.Random(7), {}, False
        self.unanswered = set()  # taken, and the answer was lost: may come again
        super().__init__(address)

    def mood(self):
        mood = "good" if self.over else self.random.choice(self.moods)
        self.met[mood] = self.met.get(mood, 0) + 1
        return mood

    def serve(self, connection):
        try:
            with connection:
                self.converse(connection, connection.makefile("rwb"))
        except (OSError, ValueError):
            pass

    def converse(self, connection, file):
        def say(line):
            file.write(line + b"\r\n")
            file.flush()
        say(b"220 moody.example")
        mood, recipients = "good", []
        for line in file:
            word = line[:4].upper()
            if word == b"MAIL":
                mood, recipients = self.mood(), []
            if mood == "cut-before" and word == b"RCPT":
                return
            if word == b"RCPT":
                address = line[9:line.index(b">")].decode()
                if mood == "never-one" and address.startswith("second@"):
                    say(b"550 5.1.1 nobody of that name")
                    continue
                if mood == "later-one" and address.startswith("second@"):
                    say(b"452 4.2.2 full")
                    continue
                recipients.append(address)
            if word == b"DATA":
                if mood == "later":
                    say(b"451 4.3.0 not now")
                    continue
                say(b"354 go")
                text = self.take(file)
                if text is None:
                    return
                if mood == "stall":
                    time.sleep(2)
                if mood in ("slow", "stall"):
                    time.sleep(1)
                self.mails.append((recipients, text))
                if mood in ("cut-after", "reset"):
                    self.unanswered.add(number_of(text))
                    if mood == "reset":
                        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                    return
            say(b"250-moody.example\r\n250 PIPELINING" if word == b"EHLO" else b"250 2.0.0 ok")
            if word == b"QUIT":
                return

    @staticmethod
    def take(file):
        text = b""
        for part in file:
            if part == b".\r\n":
                return text
            text += part[1:] if part.startswith(b".") else part
        return None


def number_of(text):
    found = re.search(rb"^Subject: mail-(\d+)\.", text, re.M)
    return int(found.group(1)) if found else -1


def mail(number):
    if number % 10:
        return TEXT % (number, number)
    return BOTH % (number, number, base64.encodebytes(random.Random(number).randbytes(3000)).replace(b"\n", b"\r\n"))


class Sender(threading.Thread):
    """Sends each mail until it is accepted, as a mail system does, and never faster than it may."""

    def __init__(self, place, end):
        super().__init__(daemon=True)
        self.place, self.end, self.accepted = place, end, []

    def run(self):
        client, number = None, self.place * 1_000_000
        while time.monotonic() < self.end:
            began = time.monotonic()
            try:
                if client is None:
                    client = Client(PORT, timeout=60)
                    client.reply()
                    client.say("EHLO client.example")
                if self.hand_in(client, number):
                    self.accepted.append(number)
                    number += 1
                if number % 50 == 0:
                    client.say("QUIT")
                    client = None
            except OSError:
                client = None
            time.sleep(max(0, 1 / A_SECOND - (time.monotonic() - began)))

    @staticmethod
    def hand_in(client, number):
        for line in ("MAIL FROM:<you@supplier.example.com>", "RCPT TO:<soumu@town.example.lg.jp>",
                     "RCPT TO:<second@town.example.lg.jp>", "DATA"):
            answer = client.say(line)
            if answer == "closed":
                raise OSError
            if answer[:1] not in "23":
                return False
        client.socket.sendall(mail(number) + b".\r\n")
        return client.reply().startswith("250 2.0.0")


def empty_the_hold(daemon, held):
    """What was never delivered to somebody is remembered by number, then everything is deleted."""
    while True:
        listed = json.loads(daemon.ask("hold", "list", "--json", "--limit", "200").stdout)["held"]
        if not listed:
            return
        for one in listed:
            if one["reason"] == "next-hop-refused":
                held.add(int(re.search(r"mail-(\d+)\.", one["subject"]).group(1)))
        deleted = daemon.ask("hold", "delete", *(one["receipt"] for one in listed), "--because", "soak")
        if deleted.returncode != 0:
            print(deleted.stdout, deleted.stderr)
            return


def keep_busy(daemon, slow, end, memory, held):
    """The clock of the soak: drips, looks at memory, reloads, empties the hold."""
    failures, turn, next_look = 0, 0, time.monotonic()
    while time.monotonic() < end:
        turn += 1
        for i, one in enumerate(slow):
            one.drip()
            if one.ended:
                one.close()
                slow[i] = Slow(i, PORT)
        if turn % 10 == 0 and daemon.ask("reload").returncode != 0:
            print("a reload failed")
            failures += 1
        if turn % 30 == 0:
            empty_the_hold(daemon, held)
        if turn % 5 == 0:
            memory += sample_of(json.loads(daemon.ask("status", "--json").stdout), turn)
        next_look += 1
        time.sleep(max(0, next_look - time.monotonic()))
    return failures


def judge_counts(daemon, sink, accepted, held):
    failures = 0
    arrived = [(number_of(text), recipients) for recipients, text in sink.mails]
    for name in ("soumu", "second"):
        got = [number for number, recipients in arrived if f"{name}@town.example.lg.jp" in recipients]
        lost = set(accepted) - set(got) - (held if name == "second" else set())
        again = [number for number, times in collections.Counter(got).items() if times > 1 and number not in sink.unanswered]
        foreign = set(got) - set(accepted) - sink.unanswered
        print(f"{name}: {len(accepted)} accepted, {len(set(got))} arrived, {len(got) - len(set(got))} of them again, "
              f"{len(held)} refused and held; lost {len(lost)}, again without a cause {len(again)}")
        failures += len(lost) + len(again) + len(foreign)
    failures += any(b"raw()" in text or b"X-Raw" in text for _, text in sink.mails)
    failures += any("slow@" in to for recipients, _ in sink.mails for to in recipients)
    status = json.loads(daemon.ask("status", "--json").stdout)["relay"]
    print({key: status[key] for key in ("accepted", "clean", "queue") if key in status})
    failures += status.get("accepted") != len(accepted)
    return failures


def main():
    skip_unless_possible()
    seconds = int(os.environ.get("SOAK_SECONDS", "3480"))
    held, memory = set(), []
    with tempfile.TemporaryDirectory(prefix="sekisho-soak-") as work:
        daemon = Daemon(work, NET, PORT, items=LIMITS, sink=Moody(f"{NET}.2"))
        sink = daemon.sink
        try:
            slow = [Slow(number, PORT) for number in range(int(os.environ.get("SOAK_SLOW", "1000")))]
            end = time.monotonic() + seconds
            senders = [Sender(place, end) for place in range(1, SENDERS + 1)]
            for sender in senders:
                sender.start()
            failures = keep_busy(daemon, slow, end, memory, held)
            for sender in senders:
                sender.join(timeout=90)
            for one in slow:
                one.close()
            sink.over = True
            is_empty = wait_for(240, lambda: daemon.ask("queue", "flush", "--all") and "queue 0" in daemon.ask("status").stdout)
            if not is_empty:
                print("the queue does not empty\n", daemon.ask("queue", "list").stdout)
            empty_the_hold(daemon, held)
            accepted = [number for sender in senders for number in sender.accepted]
            print("met:", sink.met)
            failures += not is_empty
            failures += not accepted or judge_counts(daemon, sink, accepted, held)
            failures += judge(memory)
            failures += any(role["restarts"] for role in json.loads(daemon.ask("status", "--json").stdout)["roles"])
        finally:
            daemon.stop()
    print(f"{failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
