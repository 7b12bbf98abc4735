#!/usr/bin/python3
"""The hold as people use it: what is held or taken can be looked at, previewed, released with another plan, deleted; the
original goes only where a rule lists who may let it; nothing of it stands on the disk in the clear; without the key the
daemon says so and changes nothing (H2, L11, X5, A4, O5)."""
import base64
import datetime
import email
import email.utils
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from relay_daemon import SEKISHOD, Client, Daemon, skip_unless_possible, wait_for  # noqa: E402

PORT = 26741
SECRET = "naisho-no-hanashi"
RAW = base64.encodebytes(b"MZ\x90\0\3\0\0\0\4\0" + os.urandom(100_000)).decode().replace("\n", "\r\n")
MAIL = ("From: you@supplier.example.com\r\nTo: soumu@town.example.lg.jp\r\nSubject: %s\r\nMIME-Version: 1.0\r\n"
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nhello " + SECRET +
        "\r\n--b\r\nContent-Type: text/plain; name=list.csv\r\nContent-Disposition: attachment; filename=list.csv\r\n\r\n"
        "a,b,c\r\n1,2,3\r\n--b\r\nContent-Type: application/octet-stream; name=tool.exe\r\n"
        "Content-Disposition: attachment; filename=tool.exe\r\nContent-Transfer-Encoding: base64\r\n\r\n" + RAW + "--b--")
problems = []


def expect(good, what):
    if not good:
        problems.append(what)
        print("not as it should be:", what)


def hold(daemon, *words):
    return daemon.ask("hold", *words)


def send(subject):
    client = Client(PORT)
    client.reply()
    client.say("EHLO client.example")
    answer = client.send((MAIL % subject).encode())
    return answer.split()[-1] if answer.startswith("250") else answer


def listed(daemon, *words):
    return json.loads(hold(daemon, "list", "--json", *words).stdout)["held"]


def contents(folder):
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def look_and_let_go(daemon):
    receipt = send("one")
    expect(wait_for(15, lambda: len(listed(daemon)) == 1), "a held mail is listed")
    expect(not daemon.sink.mails, "nothing was delivered")
    text = hold(daemon, "list", "--sender", "SUPPLIER").stdout
    expect(receipt in text and "1 in the hold" in text, "list: " + text)
    expect(listed(daemon, "--recipient", "nobody") == [], "list --recipient")
    text = hold(daemon, "list", "--recipient", "nobody").stdout
    expect("0 shown; 1 in the hold" in text, "that there are others is told: " + text)
    expect(len(listed(daemon, "--since", "1h")) == 1 and listed(daemon, "--until", "1h") == [], "list by time")
    mistyped = hold(daemon, "list", "--relay", "inbuond")
    expect(mistyped.returncode == 1 and "no relay is called 'inbuond'; did you mean 'inbound'?" in mistyped.stderr, mistyped.stderr)
    expect(hold(daemon, "list", "--relay", "inbound").returncode == 0, "list --relay")
    for moment in ("time", "accepted"):
        expect(re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ", str(listed(daemon)[0][moment])), f"{moment} in JSON")
    shown = hold(daemon, "show", receipt.lower()).stdout
    expect("tool.exe" in shown and "supplier.example.com" in shown, "show: " + shown)
    seen = hold(daemon, "preview", receipt)
    expect(seen.returncode == 0 and "hello " + SECRET in seen.stdout and "a,b,c" in seen.stdout and
           RAW[:40] not in seen.stdout, "preview: " + seen.stdout + seen.stderr)
    written = daemon.work / "preview.eml"
    seen = hold(daemon, "preview", receipt, "--json", "--output", written)
    told = json.loads(seen.stdout)
    expect(seen.returncode == 0 and told.get("output") == str(written) and written.read_bytes().decode() == told["mail"] and receipt in told["mail"],
           "preview --json --output: " + seen.stdout + seen.stderr)
    date = email.message_from_string(told["mail"])["Date"] # the mail has none of its own
    accepted = datetime.datetime.fromisoformat(listed(daemon)[0]["accepted"].replace("Z", "+00:00"))
    expect(abs(email.utils.parsedate_to_datetime(date) - accepted) <= datetime.timedelta(seconds=1), f"dated {date}, accepted {accepted}")
    expect("date-made" in hold(daemon, "preview", receipt, "--json").stdout, "and that it was made is told")
    time.sleep(2) # a release is another second
    seen = hold(daemon, "preview", receipt, "--json", "--output", daemon.work / "nowhere" / "preview.eml")
    expect(seen.returncode == 2 and "output" not in json.loads(seen.stdout), "a file that cannot be written: " + seen.stderr)
    seen = hold(daemon, "preview", receipt, "--as", "any hold", "--json", "--output", daemon.work / "held.eml")
    expect(seen.returncode == 1 and json.loads(seen.stdout)["outcome"] != "clean" and not (daemon.work / "held.eml").exists(),
           "preview --json of what would be held: " + seen.stdout + seen.stderr)
    expect(not daemon.sink.mails, "a preview delivers nothing")
    expect(hold(daemon, "release", receipt).returncode != 0, "a release without a reason")
    done = hold(daemon, "release", receipt, "--original", "--because", "x")
    expect(done.returncode == 1 and "original-not-allowed" in done.stderr, "nobody is listed: " + done.stderr)
    done = hold(daemon, "release", receipt, "--because", "asked for by the tax office")
    expect(done.returncode == 0 and "released" in done.stdout, "release: " + done.stdout + done.stderr)
    expect(wait_for(15, lambda: len(daemon.sink.mails) == 1), "it is delivered")
    delivered = email.message_from_bytes(daemon.sink.mails[-1][1])
    expect(delivered["Date"] == date, f"the date of its acceptance, {date}, whenever it is released: {delivered['Date']}")
    parts = [part.get_payload(decode=True) or b"" for part in delivered.walk()]
    expect(any(SECRET.encode() in part for part in parts) and not any(b"MZ\x90" in part for part in parts),
           "what is delivered is harmless")
    expect(len(listed(daemon)) == 1 and listed(daemon)[0]["released"].endswith("Z"), "the original is kept, and that it was released")
    return receipt


def delete(daemon, receipt):
    other = send("two")
    expect(wait_for(15, lambda: len(listed(daemon)) == 2), "two are held")
    folder = daemon.work / "state" / "spool"
    expect(SECRET.encode() not in contents(folder) and b"supplier" not in contents(folder), "encrypted at rest")
    before = sum(path.stat().st_blocks for path in (folder / "hold").glob("hold-*"))
    done = hold(daemon, "delete", receipt, other, "2222-2222-22", "--because", "no longer needed")
    expect(done.returncode == 1 and done.stdout.count("deleted") == 2 and "nothing is held" in done.stderr,
           "delete: " + done.stdout + done.stderr)
    expect(listed(daemon) == [], "both are gone")
    expect(sum(path.stat().st_blocks for path in (folder / "hold").glob("hold-*")) < before, "their room comes back")
    expect(hold(daemon, "preview", receipt).returncode == 1, "and cannot be previewed")
    story = daemon.ask("trace", receipt).stdout
    for words in ("released from the hold", "tax office", "deleted from the hold", "by root"):
        expect(words in story, f"trace tells '{words}'")


def by_choice(daemon):
    """What mails have in common, as list finds it: more than one question takes, and each once."""
    count, before = 21, len(daemon.sink.mails)
    for number in range(count):
        send(f"choice {number}")
    expect(wait_for(30, lambda: len(listed(daemon)) == count), "they are held")
    choice = ("--relay", "inbound", "--sender", "SUPPLIER", "--since", "1h", "--because", "choice")
    seen = hold(daemon, "delete", *choice, "--dry-run")
    expect(seen.returncode == 0 and f"{count} in the hold" in seen.stdout and len(listed(daemon)) == count, "a dry run: " + seen.stdout)
    none = hold(daemon, "delete", "--recipient", "nobody", "--because", "choice")
    expect(none.returncode == 0 and none.stdout.startswith("0 ") and len(listed(daemon)) == count, "none is chosen: " + none.stdout)
    done = hold(daemon, "release", *choice, "--as", "any strip")
    expect(done.returncode == 0 and done.stdout.count("released") == count, "release: " + done.stdout + done.stderr)
    expect(wait_for(30, lambda: len(daemon.sink.mails) == before + count and "queue 0" in daemon.ask("status").stdout), "all arrive")
    expect(hold(daemon, "release", *choice).stdout.startswith("0 "), "none twice unasked")
    expect("0 shown" in hold(daemon, "release", *choice, "--dry-run").stdout, "nor is one listed")
    done = hold(daemon, "delete", *choice)
    expect(done.returncode == 0 and done.stdout.count("deleted") == count and listed(daemon) == [], "delete: " + done.stdout + done.stderr)
    refused = hold(daemon, "release", "2222-2222-22", "--as", "doc text", "--because", "choice")
    expect(refused.returncode == 1 and refused.stdout == "" and "'doc' is no class of files" in refused.stderr, "an order that is none: " + refused.stdout)
    mistyped = hold(daemon, "delete", "--relay", "inbuond", "--because", "choice")
    expect(mistyped.returncode == 1 and "did you mean 'inbound'?" in mistyped.stderr, mistyped.stderr)


def cut_off(daemon):
    """The relay is killed while mails are released, at every moment of it: nothing is lost, nothing goes raw, what the record
    tells has happened or happens after the next start."""
    receipts = [send(f"cut {number}") for number in range(3)]
    before = len(daemon.sink.mails)
    expect(wait_for(15, lambda: len(listed(daemon)) == len(receipts)), "they are held")
    answers = {}
    for number, receipt in enumerate(receipts):
        order = threading.Thread(target=lambda receipt=receipt: answers.update(
            {receipt: hold(daemon, "release", receipt, "--because", "cut off")}))
        killed = daemon.pid_of("relay")
        order.start()
        time.sleep((0.015, 0.04, 0.1)[number])
        os.kill(killed, signal.SIGKILL)
        order.join()
        expect(wait_for(15, lambda killed=killed: daemon.pid_of("relay") not in (0, killed)), "the relay comes back")
    expect(wait_for(20, lambda: "queue 0" in daemon.ask("status").stdout), "nothing is left under way")
    expect(sorted(one["receipt"] for one in listed(daemon)) == sorted(receipts), "every original is still in the hold")
    went = b"".join(text for _, text in daemon.sink.mails[before:])
    expect(RAW[:40].encode() not in went and b"MZ\x90" not in went, "nothing goes raw")
    subjects = [str(email.message_from_bytes(text)["Subject"]) for _, text in daemon.sink.mails[before:]]
    for number, receipt in enumerate(receipts):
        delivered, story = f"cut {number}" in subjects, daemon.ask("trace", receipt).stdout
        expect(not delivered or ("released from the hold by a person" in story and "delivered to" in story),
               f"what was delivered was recorded: {story}")
        expect(delivered or answers[receipt].returncode != 0, "who was told yes got it: " + answers[receipt].stdout)
        if not delivered:
            done = hold(daemon, "release", receipt, "--again", "--because", "once more")
            expect(done.returncode == 0, "it can be released again: " + done.stderr)
    expect(wait_for(20, lambda: len({str(email.message_from_bytes(text)["Subject"])
                                     for _, text in daemon.sink.mails[before:]}) == len(receipts)), "in the end all arrive")
    print("released and cut off:", len(subjects), "of", len(receipts), "went at once")


def wrong_key(work, daemon):
    key = pathlib.Path(work) / "state" / "spool.key"
    expect(key.stat().st_mode & 0o777 == 0o600 and key.stat().st_uid == 0, "the key is root's alone")
    former = key.read_text()
    before = contents(pathlib.Path(work) / "state" / "spool" / "mail")
    command = [SEKISHOD, "--rules", daemon.work / "test.rules", "--without-packets", "--state", daemon.work / "state",
               "--run", daemon.work / "run", "--listen", f"inbound=127.0.0.1:{PORT}"]
    for text, words in ((("0" * 64) + "\n", "is encrypted with key"), (None, "Put the key back"), ("x", "64 hexadecimal")):
        key.unlink()
        if text is not None:
            key.write_text(text)
            os.chmod(key, 0o600)
        started = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        expect(started.returncode != 0 and words in started.stderr, f"another key: {started.stderr}")
        if text is None:
            key.write_text("placeholder")
    expect(contents(pathlib.Path(work) / "state" / "spool" / "mail") == before, "nothing was overwritten")
    key.write_text(former)
    os.chmod(key, 0o644)
    started = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    expect(started.returncode != 0 and "can be read by others" in started.stderr, "a key that others may read")


def full(daemon):
    """What the rules grant is used up: told as an alarm, and each mail that waits tells so once."""
    receipts = [send(f"full {number}") for number in range(9)]
    def status():
        return json.loads(daemon.ask("status", "--json").stdout)["relay"]
    expect(wait_for(20, lambda: status()["hold"] + status().get("hold_full", [{"mails": 0}])[0]["mails"] == len(receipts)), f"full: {status()}")
    text = daemon.ask("status").stdout
    expect(re.search(r"^WARNING .* inbound: .*hold at most.*: \d+$", text, re.MULTILINE), "a full hold is a warning: " + text)
    expect(wait_for(5, lambda: "ALARM: relay inbound: the room in the hold" in (daemon.work / "sekishod.log").read_text()), "and an alarm")


def main():
    skip_unless_possible()
    with tempfile.TemporaryDirectory(prefix="sekisho-hold-") as work:
        daemon = Daemon(work, "127.0.14", PORT, attachments="any hold text text",
                        items="hold for 90 days at most 1 GB")
        try:
            delete(daemon, look_and_let_go(daemon))
            by_choice(daemon)
            cut_off(daemon)
        finally:
            daemon.stop()
        wrong_key(work, daemon)
    with tempfile.TemporaryDirectory(prefix="sekisho-hold-") as work:
        daemon = Daemon(work, "127.0.14", PORT, attachments="any hold", items='release original by "root"')
        try:
            receipt = send("three")
            expect(wait_for(15, lambda: len(listed(daemon)) == 1), "a third is held")
            done = hold(daemon, "release", receipt, "--original", "--because", "police")
            expect(done.returncode == 0, "root is listed: " + done.stderr)
            expect(wait_for(15, lambda: len(daemon.sink.mails) == 1) and RAW[:40].encode() in daemon.sink.mails[0][1],
                   "the original arrives")
            expect("担当者の判断で原本を通過" in daemon.ask("trace", receipt).stdout, "trace tells of the original")
        finally:
            daemon.stop()
    with tempfile.TemporaryDirectory(prefix="sekisho-hold-") as work:
        daemon = Daemon(work, "127.0.14", PORT, attachments="any hold", items="hold at most 1 MB")
        try:
            full(daemon)
        finally:
            daemon.stop()
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
