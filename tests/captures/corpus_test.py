#!/usr/bin/python3
"""All captures of the corpus through `sekisho replay`: no crash, and as many verdicts as there are packets,
counted by a reader of its own.

The corpus is found by SEKISHO_CORPUS (default ../shared/corpus beside the sources); without it the test is skipped.
"""
import collections
import gzip
import json
import os
import pathlib
import re
import struct
import subprocess
import sys

SOURCE = pathlib.Path(os.environ.get("SOURCE") or pathlib.Path(__file__).resolve().parents[2])
BUILD = pathlib.Path(os.environ.get("BUILD") or SOURCE / "build")
CORPUS = pathlib.Path(os.environ.get("SEKISHO_CORPUS") or SOURCE / ".." / "shared" / "corpus") / "pcap"
SEKISHO = BUILD / "gateway" / "cli" / "sekisho"
RULES = SOURCE / "pcap-fixtures" / "three-zones.rules"
ZONES = ("mynumber", "lgwan", "internet")
BATCH = 150  # captures a run: few starts, few open files
RECORD_HEADER = {0xA1B2C3D4: 16, 0xA1B23C4D: 16, 0xA1B2CD34: 24}  # µs, ns, and a patched libpcap's


class NoCapture(Exception):
    pass


def pcap_packets(octets):
    """(packets, whether the file is whole)"""
    for order in "<>":
        header = RECORD_HEADER.get(struct.unpack(order + "I", octets[:4])[0])
        if header:
            break
    else:
        raise NoCapture
    if len(octets) < 24:
        raise NoCapture
    at, count = 24, 0
    while at < len(octets):
        if at + header > len(octets):
            return count, False
        captured = struct.unpack(order + "I", octets[at + 8:at + 12])[0]
        at += header + captured
        if at > len(octets):
            return count, False
        count += 1
    return count, True


def pcapng_packets(octets):
    at, count, order = 0, 0, "<"
    while at < len(octets):
        if at + 12 > len(octets):
            return count, False
        if octets[at:at + 4] == b"\n\r\r\n":
            order = "<" if octets[at + 8:at + 12] == b"\x4d\x3c\x2b\x1a" else ">"
        kind, length = struct.unpack(order + "II", octets[at:at + 8])
        if length < 12 or at + length > len(octets):
            return count, False
        count += kind in (2, 3, 6)
        at += length
    return count, True


def packets(path):
    octets = path.read_bytes()
    if octets[:2] == b"\x1f\x8b":
        octets = gzip.decompress(octets)
    if len(octets) < 4:
        raise NoCapture
    return pcapng_packets(octets) if octets[:4] == b"\n\r\r\n" else pcap_packets(octets)


def is_capture(path):
    try:
        packets(path)
        return True
    except NoCapture:
        return False


def replay(paths):
    command = [SEKISHO, "replay", "--json", "--rules", RULES]
    for number, path in enumerate(paths):
        command += ["--in", f"{ZONES[number % 3]}={path}"]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


def check_lines(run, problems):
    """The verdicts by word; each line must be one."""
    words = collections.Counter()
    known = {row.split("`")[1] for row in reasons() if row.startswith("| `")}
    for number, text in enumerate(run.stdout.splitlines(), 1):
        packet = json.loads(text)
        dropped = packet["verdict"] == "drop"
        if packet["n"] != number or packet["verdict"] not in ("pass", "relay", "drop", "hold"):
            problems.append(f"line {number} is no verdict: {text}")
        if dropped != (packet["reason"] is not None) or dropped and packet["reason"] not in known:
            problems.append(f"line {number} has no proper reason: {text}")
        words[packet["reason"] or packet["verdict"]] += 1
    return words


def reasons(cache=[]):
    if not cache:
        cache += subprocess.run([SEKISHO, "reasons", "--markdown"], capture_output=True, text=True,
                                check=True).stdout.splitlines()
    return cache


def check_alone(path, problems):
    """Why a batch did not add up: this capture by itself.  The library may give up on a file that is broken or
    mixes link types; then the exit status and a message say so."""
    run = replay([path])
    try:
        wanted, whole = packets(path)
    except NoCapture:
        wanted, whole = 0, False
    lines = run.stdout.count("\n")
    if run.returncode == 0 and (not whole or lines != wanted):
        problems.append(f"{path.name}: {lines} verdicts for {wanted} packets, and no complaint")
    elif run.returncode not in (0, 1, 2):
        problems.append(f"{path.name}: ended with {run.returncode}: {run.stderr[-300:]}")
    elif run.returncode != 0 and path.name not in run.stderr:
        problems.append(f"{path.name}: exit {run.returncode} without saying which capture")
    elif run.returncode != 0 and whole and not re.search("different|snap|interface|link", run.stderr):
        problems.append(f"{path.name}: a whole capture was not read: {run.stderr[-300:]}")


def main():
    if not CORPUS.is_dir() or not SEKISHO.exists():
        print("no corpus" if SEKISHO.exists() else "sekisho is not built")
        return 77
    files = sorted(path for path in CORPUS.rglob("*") if path.is_file() and is_capture(path))
    problems, totals, alone = [], collections.Counter(), 0
    for at in range(0, len(files), BATCH):
        batch = files[at:at + BATCH]
        run = replay(batch)
        wanted = sum(packets(path)[0] for path in batch)
        if run.returncode not in (0, 1, 2):
            problems.append(f"ended with {run.returncode}: {run.stderr[-500:]}")
        totals += check_lines(run, problems)
        if run.returncode != 0 or run.stdout.count("\n") != wanted:
            alone += len(batch)
            for path in batch:
                check_alone(path, problems)
    for word, count in totals.most_common():
        print(f"{count:>8}  {word}")
    print(f"{len(files)} captures, {sum(totals.values())} packets, {alone} captures looked at alone")
    for problem in problems[:50]:
        print(f"FAIL {problem}")
    return 1 if problems or not files else 0


if __name__ == "__main__":
    sys.exit(main())
