#!/usr/bin/python3
"""`sekisho trace` finds a mail by whatever is known of it, and no other: receipt, message-id, sender, recipient, subject, hash,
time; tells its story; over a killed record role, a lost index and a damaged one; for those only who may ask (L11)."""
import email.header
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from relay_daemon import SEKISHO, Daemon, skip_unless_possible, wait_for  # noqa: E402

PORT = 26761
ATTACHMENT = b"a,b,c\r\n1,2,3\r\n"
problems = []


def expect(good, what):
    print(f"{'ok  ' if good else 'FAIL'} {what}", flush=True)
    if not good:
        problems.append(what)


def mail(subject, number):
    """As Japanese mailers write it: the subject in ISO-2022-JP, encoded."""
    encoded = email.header.Header(subject, "iso-2022-jp").encode()
    return (f"From: =?UTF-8?B?5aSq6YOO?= <Taro{number}@Head.example>\r\nTo: soumu@town.example.lg.jp\r\nSubject: {encoded}\r\n"
            f"Message-ID: <id-{number}@mailer.example>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
            f"--b\r\nContent-Type: text/plain\r\n\r\nhello {number}\r\n--b\r\nContent-Type: text/csv; name=list.csv\r\n"
            "Content-Disposition: attachment; filename=list.csv\r\n\r\n").encode() + ATTACHMENT + f"{number}\r\n--b--\r\n".encode()


def send(work, subject, number, sender, to="soumu@town.example.lg.jp"):
    """By swaks; the receipt, or what it said."""
    (work / "mail").write_bytes(mail(subject, number).replace(b"\r\n", b"\n"))
    done = subprocess.run(["swaks", "--server", f"127.0.0.1:{PORT}", "--ehlo", "client.example", "--from", sender, "--to", to,
                           "--data", f"@{work}/mail"], capture_output=True, text=True, timeout=30, check=False)
    accepted = [line for line in done.stdout.splitlines() if line.startswith("<-  250 2.") and "-" in line.split()[-1]]
    return accepted[-1].split()[-1] if done.returncode == 0 and accepted else done.stdout


def found(daemon, *words):
    """Receipts, newest first."""
    done = daemon.ask("trace", "--json", *words)
    return [one.get("receipt") for one in json.loads(done.stdout)["mails"]] if done.stdout else done.stderr


def story(daemon, receipt):
    return json.loads(daemon.ask("trace", receipt, "--json").stdout or "[]")


def is_delivered(daemon, receipt):
    return any(event["event"] == "mail-delivered" for event in story(daemon, receipt))


def by_each_key(daemon, one, two):
    events = {event["event"]: event for event in story(daemon, one)}
    report = events["mail-treated"]["report"]
    part = next(part for part in report["parts"] if part.get("name") == "list.csv")
    expect(part["sha256"] == hashlib.sha256(ATTACHMENT + b"1").hexdigest(), "the part's hash is that of its octets")
    expect(events["mail-received"]["sha256"] == report["input_sha256"], "the mail's too")
    for words in (["--receipt-of-the-first"], ["--message-id", "id-1@mailer.example"], ["--message-id", "<id-1@mailer.example>"],
                  ["--sender", "Anna@Supplier.example.com"], ["--sender", "taro1@head.example"],
                  ["--recipient", "soumu@town.example.lg.jp", "--sender", "supplier.example.com"], ["--subject", "積書の送"],
                  ["--subject", "ﾘｽﾄ"], ["--hash", events["mail-received"]["sha256"]], ["--hash", report["output_sha256"].upper()],
                  ["--hash", part["sha256"]], ["--since", "1h", "--subject", "見積", "--sender", "head.example"]):
        if words[0] == "--receipt-of-the-first":
            done = daemon.ask("trace", one.lower().replace("-", " "))
            expect(done.returncode == 0 and one in done.stdout, "found by its receipt, however it is typed: " + done.stderr)
            continue
        expect(found(daemon, *words) == [one], f"found by {' '.join(words)}: {found(daemon, *words)}")
    expect(found(daemon, "--recipient", "town.example.lg.jp") == [two, one], "both, the newest first")
    expect(found(daemon, "--recipient", "*@Town.example.lg.jp") == [two, one] and
           found(daemon, "--sender", "*@supplier.example.com", "--subject", "見積") == found(daemon, "--sender", "supplier.example.com",
                                                                                          "--subject", "見積") == [one],
           "*@domain is the domain")
    done = daemon.ask("trace", "--recipient", "*@")
    expect(done.returncode == 2 and "wants an address or a domain" in done.stderr, "*@ alone is not everything: " + done.stderr)
    expect(found(daemon, "--since", "1h") == [two, one] and found(daemon, "--recipient", "town.example.lg.jp", "--limit", "1") == [two],
           "by time alone, and not more than asked for")
    for words in (["--sender", "example.com"], ["--sender", "bob@supplier.example.com"], ["--subject", "書送"], ["--until", "1h"],
                  ["--message-id", "id-3@mailer.example"], ["--hash", "0" * 64], ["--recipient", "a@town.example.lg.jp"],
                  ["--sender", "supplier.example.com", "--subject", "請求"], ["2222-2222-22"]):
        done = daemon.ask("trace", *words)
        expect(done.returncode == 1 and not done.stdout and "no mail" in done.stderr, f"not found by {' '.join(words)}: {done}")
    for words in (["--sender", "anna"], ["--recipient", "soumu@"]):
        done = daemon.ask("trace", *words)
        expect(done.returncode == 1 and "a whole address or domain" in done.stderr, f"a part of an address is told as that: {done}")
    expect("a whole address" not in daemon.ask("trace", "--sender", "example.com").stderr, "a domain is one")


def tells(daemon, one):
    text = daemon.ask("trace", "--subject", "見積書").stdout
    for words in (one, "received by relay inbound from 127.0.0.1", "anna@supplier.example.com", "soumu@town.example.lg.jp",
                  "見積書の送付についてリスト", "list.csv", "delivered to", "the peer answered: 250 2.0.0 ok"):
        expect(words in text, f"the story tells '{words}'" + ("" if words in text else ": " + text))
    table = daemon.ask("trace", "--recipient", "town.example.lg.jp").stdout
    expect(one in table and "mail-delivered" in table and "250 2.0.0 ok" in table, "two: a line each: " + table)
    done = daemon.ask("trace", "--recipient", "town.example.lg.jp", "--stories").stdout
    expect(done.count("the peer answered") == 2, "or the stories of both")
    asked = [line for path in (daemon.work / "state" / "record").glob("record-*.jsonl") for line in path.read_text().splitlines()
             if '"trace-asked"' in line]
    expect(any('"asked":{"subject":"積書の送"}' in line and '"uid":0' in line and '"user":"root"' in line for line in asked), "who looked for what is recorded")


def at_the_door(daemon, work):
    said = send(work, "x", 9, "spam@bad.example", to="a@elsewhere.example")
    expect("550" in said or "554" in said, "a recipient elsewhere is refused")
    wait_for(10, lambda: daemon.ask("trace", "--sender", "bad.example").returncode == 0)  # the door tells the record a moment later
    done = daemon.ask("trace", "--sender", "bad.example")
    expect(done.returncode == 0 and "refused" in done.stdout and "a@elsewhere.example" in done.stdout,
           "what was refused at the door is found: " + done.stdout + done.stderr)


def words_that_are_none(daemon):
    for words, help_ in ((["anna@supplier.example.com"], 'did you mean  sekisho trace --sender "anna@supplier.example.com"'),
                         (["見積書"], 'did you mean  sekisho trace --subject "見積書"'), (["--hash", "abc"], "64 hexadecimal digits"),
                         (["--since", "yesterday"], "--since wants"), ([], "say what the mail is to be found by"),
                         (["--sendr", "x"], "--sendr"), (["--sender", "x.example", "--record", "/"], "receipt number only")):
        done = daemon.ask("trace", *words)
        expect(done.returncode == 2 and not done.stdout and help_ in done.stderr, f"trace {' '.join(words)}: {done.stderr}")
    done = daemon.ask("trace", "--subject", "x")
    expect(done.returncode == 1 and "two characters" in done.stderr, "one character: " + done.stderr)


def who_may_ask(daemon, work):
    program = work / "sekisho"
    shutil.copy(SEKISHO, program)
    for who in (["--reuid=65534", "--regid=65534"], ["--reuid=1", "--regid=1"]):
        done = subprocess.run(["setpriv", *who, "--clear-groups", program, "trace", "--subject", "見積書", "--run", work / "run"],
                              capture_output=True, text=True, check=False, cwd="/")
        expect(done.returncode == 2 and not done.stdout and "ermission" in done.stderr, f"{who} may not ask: {done}")
        done = subprocess.run(["setpriv", *who, "--clear-groups", "sh", "-c", f"cat {work}/state/record/*"], capture_output=True,
                              text=True, check=False, cwd="/")
        expect(not done.stdout, f"{who} cannot read record or index")
    os.chmod(work / "run" / "control", 0o666)
    done = subprocess.run(["setpriv", *who, "--clear-groups", program, "trace", "--subject", "見積書", "--run", work / "run"],
                          capture_output=True, text=True, check=False, cwd="/")
    expect(done.returncode == 0, f"and it is the socket that keeps them out: {done}")
    os.chmod(work / "run" / "control", 0o660)


def index_files(work):
    return sorted((work / "state" / "record").glob("search-*.sqlite"))


def troubles(daemon, work, one, two):
    expect(daemon.kill("record") > 0, "the record role is killed")
    expect(wait_for(15, lambda: found(daemon, "--sender", "head.example") == [two, one]), "found again after a kill")
    daemon.stop()
    for path in (work / "state" / "record").glob("search-*"):
        path.unlink()
    daemon.start()
    expect(found(daemon, "--sender", "head.example") == [two, one], "found again without an index")
    daemon.stop()
    expect(len(index_files(work)) == 1, "one file a month: " + str(index_files(work)))
    for path in index_files(work):
        path.write_bytes(b"no data base" * 1000)
    daemon.start()
    expect(wait_for(10, lambda: found(daemon, "--sender", "head.example") == [two, one]), "found again with garbage for an index")
    path = next((work / "state" / "record").glob("record-*.jsonl"))
    text = path.read_bytes()
    path.write_bytes(text.replace(b"anna@supplier", b"evil@supplier", 1))
    done = daemon.ask("trace", one)
    expect(done.returncode == 1 and not done.stdout and "sekisho record verify" in done.stderr,
           f"a record that was changed is not told: {done}")
    path.write_bytes(text)


def main():
    skip_unless_possible()
    if not shutil.which("swaks"):
        print("swaks is not installed")
        sys.exit(77)
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        daemon = Daemon(work, "127.0.76", PORT)
        try:
            one = send(work, "見積書の送付についてリスト", 1, "anna@supplier.example.com")
            two = send(work, "請求書", 2, "carl@other.example")
            expect(wait_for(20, lambda: is_delivered(daemon, one) and is_delivered(daemon, two)), f"two mails are delivered: {one} {two}")
            by_each_key(daemon, one, two)
            tells(daemon, one)
            at_the_door(daemon, work)
            words_that_are_none(daemon)
            who_may_ask(daemon, work)
            troubles(daemon, work, one, two)
        finally:
            code = daemon.stop()
        if problems:
            print((work / "sekishod.log").read_text()[-3000:])
    expect(code == 0, "the daemon ends well")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
