#!/usr/bin/python3
"""Our reading of headers against tcpdump's, over all captures of the corpus and of pcap-fixtures.

Of every packet that wire::parse finds in order: the same IP version, addresses and, for TCP and UDP, ports.  And the
other way round: a packet that tcpdump reads as plain TCP or UDP over IP and we refuse is refused for one of the reasons
listed in STRICTER.  The corpus is found by SEKISHO_CORPUS; without it only pcap-fixtures is read.
"""
import collections
import ipaddress
import os
import pathlib
import re
import subprocess
import sys

SOURCE = pathlib.Path(os.environ.get("SOURCE") or pathlib.Path(__file__).resolve().parents[2])
BUILD = pathlib.Path(os.environ.get("BUILD") or SOURCE / "build")
CORPUS = pathlib.Path(os.environ.get("SEKISHO_CORPUS") or SOURCE / ".." / "shared" / "corpus") / "pcap"
READER = BUILD / "tests" / "captures" / "read-headers"

IN_ORDER = ("none", "ip-multicast", "ip-fragment")
# What tcpdump shows and a gateway refuses: each difference has its reason, and a test of its own in tests/unit.
STRICTER = {
    "source-mac-group", "ip-bad-source", "no-destination-zone", "ip-options", "ip-source-route", "ip-option-malformed",
    "ip-bad-checksum", "ip-bad-length", "ip-bad-header-length", "ip-truncated", "port-zero", "tcp-bad-flags",
    "tcp-truncated", "udp-truncated", "udp-bad-length", "fragment-tiny", "fragment-malformed", "fragment-too-long",
    "ip6-atomic-fragment", "ip6-routing", "ip6-routing-type-0", "ip6-option-unlisted", "ip6-option-malformed",
    "ip6-header-misplaced", "ip6-chain-truncated", "ip6-chain-too-long", "ip-extension-header", "vlan-unlisted",
    "frame-truncated",
    "ethertype-unlisted",  # IP inside LLC and SNAP, or MACsec
}
LINE = re.compile(r"^ *(\d+)  (IP6?) (\S+) > (\S+): ?(.*)$")


def end_of(text):
    """(address, port or None) of tcpdump's 10.0.0.1.80 or 2001:db8::1.80"""
    for address, port in ((text, None), (text.rpartition(".")[0], text.rpartition(".")[2])):
        try:
            return ipaddress.ip_address(address), int(port) if port else None
        except ValueError:
            continue
    return None


def theirs(path):
    """By number: (source end, destination end, the rest of the line)"""
    run = subprocess.run(["tcpdump", "-nn", "-q", "-t", "-K", "--number", "-r", path], capture_output=True,
                         timeout=60)
    packets = {}
    for line in run.stdout.decode("utf-8", "replace").splitlines():
        match = LINE.match(line)
        if match:
            ends = end_of(match[3]), end_of(match[4])
            if all(ends) and int(match[1]) not in packets:
                packets[int(match[1])] = (*ends, match[5])
    return packets


def ours(paths):
    run = subprocess.run([READER, *paths], capture_output=True, text=True, timeout=120, check=True)
    packets, now = {}, None
    for line in run.stdout.splitlines():
        if line.startswith("= "):
            now = packets.setdefault(line[2:], [])
        else:
            number, reason, network, source, destination, protocol, *rest = line.split()
            now.append((int(number), reason, network, source, destination, int(protocol), rest))
    return packets


def compare(mine, their, problems, name):
    number, reason, network, source, destination, protocol, (source_port, destination_port, offset) = mine
    where = f"{name} packet {number}"
    if network == "arp" or reason not in IN_ORDER:
        return
    for side, address, port, end in (("source", source, source_port, their[0]),
                                     ("destination", destination, destination_port, their[1])):
        if ipaddress.ip_address(address) != end[0]:
            problems.append(f"{where}: {side} {address}, tcpdump says {end[0]}")
        has_ports = protocol in (6, 17) and offset in ("-", "0")
        if has_ports and end[1] is not None and int(port) != end[1]:
            problems.append(f"{where}: {side} port {port}, tcpdump says {end[1]}")
        if not has_ports and end[1] is not None and protocol not in (132, 33, 136):
            problems.append(f"{where}: protocol {protocol}, but tcpdump shows ports")


def captures():
    files = sorted(SOURCE.glob("pcap-fixtures/*/*.pcap"))
    if CORPUS.is_dir():
        files += sorted(path for path in CORPUS.rglob("*") if path.suffix in (".pcap", ".pcapng", ".cap", ".trace"))
    return [str(path) for path in files]


def main():
    if not READER.exists():
        print("read-headers is not built")
        return 77
    if subprocess.run(["which", "tcpdump"], capture_output=True).returncode != 0:
        print("no tcpdump")
        return 77
    files, problems = captures(), []
    compared, refused = 0, collections.Counter()
    for name, packets in ours(files).items():
        if not packets:
            continue
        other = theirs(name)
        for mine in packets:
            their = other.get(mine[0])
            if not their:
                continue
            compared += mine[1] in IN_ORDER
            compare(mine, their, problems, pathlib.Path(name).name)
            if mine[1] not in IN_ORDER and their[2].startswith(("tcp", "UDP")):
                refused[mine[1]] += 1
                if mine[1] not in STRICTER:
                    problems.append(f"{name} packet {mine[0]}: {mine[1]}, but tcpdump reads {their[2][:40]}")
    for word, count in refused.most_common():
        print(f"{count:>8}  refused as {word}, shown by tcpdump")
    print(f"{len(files)} captures, {compared} packets read alike" if not problems else f"{len(problems)} differences")
    for problem in problems[:40]:
        print(f"FAIL {problem}")
    return 1 if problems or not compared else 0


if __name__ == "__main__":
    sys.exit(main())
