#!/usr/bin/python3
"""The clients of all SMTP captures of the corpus against smtp::Session (RFC 5321, M1–M3): every line they said, and what we say to
it, is smtp_replies.txt, which is the same where the octets come one by one.  A client that says all at once, without waiting where
it must (RFC 2920 §3.1), hands in no mail.

A turn of a client is what it said between two words of the server in the capture; where only one side was captured, a segment.
From a gap on nothing is fed.  Any recipient is taken, so that there is something to read.
SEKISHO_ACCEPT=1 writes smtp_replies.txt anew: read the difference.

Read by hand, beside the captures' own servers, on 2026-11-28.  Where we differ: MAIL without angle brackets is refused
(bdat-nonascii); a BDAT that cannot be read ends the conversation, and so does a bare CR in its line (bdat-cmd-*); 100 recipients and
100 Received fields are the limit (many-addresses); AUTH is not offered (smtp.pcap); of STARTTLS nothing can be read further.
"""
import collections
import concurrent.futures
import difflib
import gzip
import itertools
import os
import pathlib
import re
import shutil
import subprocess
import sys

SOURCE = pathlib.Path(os.environ.get("SOURCE") or pathlib.Path(__file__).resolve().parents[2])
BUILD = pathlib.Path(os.environ.get("BUILD") or SOURCE / "build")
CORPUS = pathlib.Path(os.environ.get("SEKISHO_CORPUS") or SOURCE / ".." / "shared" / "corpus") / "pcap"
REPLIES = BUILD / "tests" / "captures" / "smtp-replies"
GOLDEN = pathlib.Path(__file__).with_name("smtp_replies.txt")
HELLO = re.compile(rb"(?:ehlo|helo) [\w.:\[-]+\]?\r\n", re.I)
SHOWN = 72  # octets of a turn


def captures():
    """Those in which somebody says EHLO or HELO."""
    for path in sorted(CORPUS.rglob("*")):
        if re.search(r"\.(pcap|pcapng)(\.gz)?$", path.name):
            octets = path.read_bytes()
            if HELLO.search(gzip.decompress(octets) if path.suffix == ".gz" else octets):
                yield path


def segments(path):
    """By stream: (sender's port, sequence number, octets)"""
    run = subprocess.run(["tshark", "-n", "-r", path, "-Y", "tcp.len > 0", "-T", "fields", "-e", "tcp.stream", "-e", "tcp.srcport", "-e",
                          "tcp.seq_raw", "-e", "tcp.payload"], capture_output=True, text=True, timeout=60)
    found = collections.defaultdict(list)
    for line in run.stdout.splitlines():
        stream, port, number, payload = line.split("\t")
        found[int(stream)].append((int(port), int(number), bytes.fromhex(payload)))
    return found


def turns(stream):
    """Of the side that says hello.  What comes twice counts once, and nothing behind a gap does."""
    client = next((port for port, _, octets in stream if HELLO.match(octets)), None)
    if client is None:
        return []
    both = len({port for port, _, _ in stream}) > 1
    said, early, at, speaks = [], {}, None, False
    for port, number, octets in stream:
        if port != client:
            speaks = False
            continue
        at = number if at is None else at
        early[number] = max(early.get(number, b""), octets, key=len)
        for start in sorted(early):
            new = early[start][at - start:] if start <= at else b""
            if new and both and speaks:
                said[-1] += new
            elif new:
                said.append(new)
            at, speaks = at + len(new), speaks or bool(new)
    return said


def answered(clients, *mode):
    """By client, by turn: the lines of smtp-replies."""
    text = "".join("".join(turn.hex() + "\n" for turn in client) + "\n" for client in clients)
    run = subprocess.run([REPLIES, *mode], input=text, capture_output=True, text=True, timeout=60, check=True)
    said = [[]]
    for line in run.stdout.splitlines():
        if line == ">":
            said[-1].append([])
        elif line:
            said[-1][-1].append(line)
        else:
            said.append([])
    return said[:-1]


def shown(turn):
    text = turn[:SHOWN].decode("latin-1").encode("unicode_escape").decode()
    return f"  {text}" + (f" … ({len(turn)} octets)" if len(turn) > SHOWN else "")


def kind(pair):
    """Recipients that get the same answer are of one kind."""
    turn, answers = pair
    return (b"RCPT" if turn[:5].upper() == b"RCPT " else turn), answers


def listing(name, client, replies):
    """Each turn and its replies, of those to EHLO the first and the last line."""
    lines = [f"= {name}"]
    for _, group in itertools.groupby(zip(client, replies), kind):
        (turn, answers), *more = group
        lines.append(shown(turn) + (f" … and {len(more)} more" if more else ""))
        lines += [line for line in answers if not re.match(r"250-[A-Z0-9]", line)]
    if len(replies) < len(client):
        lines.append(f"  ({len(client) - len(replies)} more turns)")
    return lines


def main():
    if not CORPUS.is_dir() or not shutil.which("tshark"):
        print("no corpus, or no tshark")
        return 77
    names, clients, paths = [], [], list(captures())
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        read = list(pool.map(segments, paths))
    for path, streams in zip(paths, read):
        for number, stream in streams.items():
            if said := turns(stream):
                names.append(f"{path.relative_to(CORPUS)} {number}")
                clients.append(said)
    replies, failures = answered(clients), []
    for name, one, other in zip(names, replies, answered(clients, "--octets")):
        if one != other:
            failures.append(f"{name}: octet by octet {other}")
    for name, client, one in zip(names, clients, answered(clients, "--at-once")):
        if any(line.startswith("mail ") for line in one[0]):
            failures.append(f"{name}: a mail of a client that does not wait: {one}")
    lines = list(itertools.chain(*map(listing, names, clients, replies)))
    if os.environ.get("SEKISHO_ACCEPT"):
        GOLDEN.write_text("\n".join(lines) + "\n", encoding="utf-8")
    known = GOLDEN.read_text(encoding="utf-8").splitlines()
    if lines != known:
        failures += difflib.unified_diff(known, lines, "smtp_replies.txt", "now", lineterm="", n=2)
    print("\n".join(failures))
    print(f"{len(names)} clients, {sum(map(len, clients))} turns, {len(failures)} failures")
    return 1 if failures or len(names) < 20 else 0


if __name__ == "__main__":
    sys.exit(main())
