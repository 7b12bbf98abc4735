#!/usr/bin/env python3
"""Office files in mails (H3): LibreOffice draws them in a role of its own, without privileges, that comes back when it
is killed; where it is not installed the mail is held with that reason (O6)."""
import os
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from relay_daemon import Client, Daemon, skip_unless_possible, wait_for  # noqa: E402

skip_unless_possible()
if not os.path.exists("/usr/lib/libreoffice/program/libswlo.so"):
    print("LibreOffice is not here")
    sys.exit(77)

ATTACHMENTS = "office render  any strip"


def mail(subject):
    return (b"From: you@supplier.example.com\r\nTo: soumu@town.example.lg.jp\r\nSubject: " + subject +
            b"\r\nMIME-Version: 1.0\r\nContent-Type: application/rtf; name=\"offer.rtf\"\r\n"
            b"Content-Disposition: attachment; filename=\"offer.rtf\"\r\n\r\n{\\rtf1 an offer}\r\n")


def client_of(port):
    client = Client(port)
    client.reply()
    client.say("EHLO supplier.example.com")
    return client


def privileges(pid):
    """Of a process and those below it, as the kernel tells them."""
    told = [pathlib.Path(f"/proc/{pid}/status").read_text(encoding="ascii")]
    for child in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split():
        told += privileges(child)
    return told


def has_none(status):
    fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    return fields["Uid"].split()[0] != "0" and fields["NoNewPrivs"] == "1" and fields["Seccomp"] == "2"


def rendered():
    with tempfile.TemporaryDirectory(prefix="sekisho-relay-office-test.") as work:
        daemon = Daemon(work, "127.77.11", 12725, attachments=ATTACHMENTS)
        try:
            client = client_of(12725)
            assert client.send(mail(b"one")).startswith("250")
            assert wait_for(40, lambda: len(daemon.sink.mails) == 1), "the mail did not arrive"
            octets = daemon.sink.mails[0][1]
            assert b"offer.pdf" in octets and b"JVBERi" in octets and b"rtf1" not in octets, octets[-3000:]

            processes = privileges(daemon.pid_of("office"))
            assert len(processes) >= 3, processes
            for status in processes:
                assert has_none(status), status
            waiter = processes[0]
            assert "CapEff:\t0000000000000000" in waiter and "CapBnd:\t0000000000000000" in waiter, waiter

            assert daemon.kill("office")
            assert wait_for(10, lambda: daemon.pid_of("office")), "the office role did not come back"
            assert client.send(mail(b"two")).startswith("250")
            assert wait_for(40, lambda: len(daemon.sink.mails) == 2), "nothing passed after a restart of the office role"
        finally:
            daemon.stop()


def missing():
    with tempfile.TemporaryDirectory(prefix="sekisho-relay-office-test.") as work:
        daemon = Daemon(work, "127.77.12", 12726, attachments=ATTACHMENTS,
                        environment={"SEKISHO_LIBREOFFICE": "/nowhere"})
        try:
            receipt = client_of(12726).send(mail(b"three")).split()[-1]
            assert wait_for(20, lambda: "held-engine-missing" in daemon.ask("trace", receipt).stdout), \
                daemon.ask("trace", receipt)
            assert not daemon.sink.mails
        finally:
            daemon.stop()


rendered()
missing()
print("Office files become PDFs, or wait for who can judge them")
