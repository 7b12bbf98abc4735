#!/usr/bin/python3
"""1,000 clients that drip their mail an octet at a time, by DATA, BDAT and not at all, while others hand in mail as ever: these
are not kept waiting, memory stays flat, and nothing of the slow ones is delivered.  Who asks for TLS and then says nothing is
hung up on within half a minute.
SOAK_SECONDS: how long, 240 if nothing is said."""
import os
import pathlib
import socket
import statistics
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from certificates import Authority  # noqa: E402
from memory import resident  # noqa: E402
from relay_daemon import Client, Daemon, skip_unless_possible, wait_for  # noqa: E402
from slow_clients import Slow  # noqa: E402

NET, PORT, SLOW = "127.0.14", 27001, 1000
LIMITS = "limit 1500 connections  limit 1500 connections per source  limit 1500 connections per net"


def send_one(number):
    """Seconds for a mail of somebody who is not slow."""
    start = time.monotonic()
    client = Client(PORT, timeout=30)
    client.reply()
    client.say("EHLO quick.example")
    answer = client.send(b"Subject: %d\r\n\r\nx" % number)
    client.socket.close()
    return time.monotonic() - start if answer.startswith("250") else 1000


def is_closed(connection, seconds):
    """The peer has hung up within so long; what it says before is not looked at."""
    connection.settimeout(seconds)
    try:
        while connection.recv(1000):
            pass
    except socket.timeout:
        return False
    except OSError:
        pass
    return True


def main():
    skip_unless_possible()
    seconds = int(os.environ.get("SOAK_SECONDS", "240"))
    failures = 0
    with tempfile.TemporaryDirectory(prefix="sekisho-slow-") as work:
        Authority(f"{work}/ca").issue("gate.example", f"{work}/gate")
        daemon = Daemon(work, NET, PORT, items=f'{LIMITS}  tls offered certificate "{work}/gate.crt" key "{work}/gate.key"')
        try:
            slow = [Slow(number, PORT) for number in range(SLOW)]
            if not wait_for(20, lambda: f"sessions {SLOW}" in daemon.ask("status").stdout):
                print("not all slow ones are in\n", daemon.ask("status").stdout)
                failures += 1
            silent = Client(PORT)
            for line in ("", "EHLO silent.example", "STARTTLS"):
                answer = silent.say(line) if line else silent.reply()
            failures += not answer.startswith("220")
            asked = time.monotonic()
            relay, sizes, waits = daemon.pid_of("relay"), [], []
            end, number = time.monotonic() + seconds, 0
            while time.monotonic() < end:
                for one in slow:
                    one.drip()
                waits.append(send_one(number))
                number += 1
                sizes.append(resident(relay))
                time.sleep(0.5)
            waits.sort()
            print(f"{number} mails: median {statistics.median(waits):.3f} s, worst {waits[-1]:.3f} s; "
                  f"memory {sizes[len(sizes) // 4]} kB, then {sizes[-1]} kB")
            failures += waits[-1] > 5
            failures += sizes[-1] > sizes[len(sizes) // 4] + 4096
            if not wait_for(20, lambda: len(daemon.sink.mails) == number):
                print(f"{number} handed in, {len(daemon.sink.mails)} arrived")
                failures += 1
            failures += any("slow@" in to for recipients, _ in daemon.sink.mails for to in recipients)
            if not is_closed(silent.socket, max(1, 40 - (time.monotonic() - asked))) or "tls-failed" not in daemon.ask("status").stdout:
                print("a handshake may last for ever")
                failures += 1
            for one in slow:
                one.close()
            if not wait_for(20, lambda: "sessions 0" in daemon.ask("status").stdout):
                print("conversations that are over are kept")
                failures += 1
            failures += daemon.pid_of("relay") != relay
        finally:
            daemon.stop()
    print(f"{failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
