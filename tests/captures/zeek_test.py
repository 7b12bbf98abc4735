#!/usr/bin/python3
"""Captures of the corpus, flow by flow: what `sekisho replay --flows` opened against what zeek wrote of the same
capture in its logs.

For each capture with a conn.log a rule file is made that lets all its hosts talk: the addresses of the log are put
into zones so that the two ends of every connection lie in different ones (a colouring), and every zone may talk to
every other.  Then both must agree on who opened what: addresses, ports, protocol, how a TCP connection ended, and how
many packets it had.  For a capture with other logs only, the connections these name must have been opened.

zeek_differences.tsv names each capture that differs, with the kind of the difference; a line that is not needed
any more fails the test like one that is missing.
"""
import collections
import gzip
import ipaddress
import json
import os
import pathlib
import struct
import subprocess
import sys
import tempfile

SOURCE = pathlib.Path(os.environ.get("SOURCE") or pathlib.Path(__file__).resolve().parents[2])
BUILD = pathlib.Path(os.environ.get("BUILD") or SOURCE / "build")
CORPUS = pathlib.Path(os.environ.get("SEKISHO_CORPUS") or SOURCE / ".." / "shared" / "corpus") / "pcap"
SEKISHO = BUILD / "gateway" / "cli" / "sekisho"
DIFFERENCES = pathlib.Path(__file__).with_name("zeek_differences.tsv")
MOST_ZONES = 15

# zeek's conn_state and our last state of the flow.
OUTCOMES = {
    "S0": {"syn-sent", "one-way"},
    "S1": {"established"},
    "SF": {"closing", "two-way"},
    "S2": {"opener-done"},
    "S3": {"answerer-done"},
    "REJ": {"closed"},
    "RSTO": {"closed"},
    "RSTR": {"closed"},
    "RSTOS0": {"closed"},
    "SH": {"syn-sent", "opener-done"},
}
Flow = collections.namedtuple("Flow", "protocol opener opener_port answerer answerer_port state packets")


# ---- captures: split by the zone of the sender

def records(octets):
    """(nanoseconds, captured octets, original length) of a pcap or pcapng; None where it is neither or no Ethernet."""
    if octets[:4] == b"\n\r\r\n":
        return pcapng_records(octets)
    for order in "<>":
        magic = struct.unpack(order + "I", octets[:4])[0] if len(octets) >= 24 else 0
        if magic in (0xA1B2C3D4, 0xA1B23C4D):
            break
    else:
        return None
    if struct.unpack(order + "I", octets[20:24])[0] & 0xFFFF != 1:
        return None
    fine = 1 if magic == 0xA1B23C4D else 1000
    found, at = [], 24
    while at + 16 <= len(octets):
        seconds, part, captured, length = struct.unpack(order + "IIII", octets[at:at + 16])
        found.append((seconds * 10**9 + part * fine, octets[at + 16:at + 16 + captured], length))
        at += 16 + captured
    return found


def pcapng_records(octets):
    found, at, order, resolution = [], 0, "<", 10**6
    while at + 12 <= len(octets):
        if octets[at:at + 4] == b"\n\r\r\n":
            order = "<" if octets[at + 8:at + 12] == b"\x4d\x3c\x2b\x1a" else ">"
        kind, length = struct.unpack(order + "II", octets[at:at + 8])
        if kind == 1 and struct.unpack(order + "H", octets[at + 8:at + 10])[0] != 1:
            return None
        if kind == 1 and b"\x09\x00\x01\x00\x09" in octets[at + 16:at + length]:
            resolution = 10**9
        if kind == 6:
            _, high, low, captured, original = struct.unpack(order + "IIIII", octets[at + 8:at + 28])
            nanoseconds = (high << 32 | low) * 10**9 // resolution
            found.append((nanoseconds, octets[at + 28:at + 28 + captured], original))
        at += max(length, 12)
    return found


def read_capture(path):
    octets = path.read_bytes()
    return records(gzip.decompress(octets) if octets[:2] == b"\x1f\x8b" else octets)


def sender(frame):
    """The source address of a frame, None where there is none to be seen."""
    kind = frame[12:14]
    if kind == b"\x08\x00" and len(frame) >= 34:
        return str(ipaddress.ip_address(frame[26:30]))
    if kind == b"\x86\xdd" and len(frame) >= 54:
        return str(ipaddress.ip_address(frame[22:38]))
    if kind == b"\x08\x06" and len(frame) >= 42:
        return str(ipaddress.ip_address(frame[28:32]))
    return None


def split(packets, zone_of, folder):
    """One capture a zone, in the order of the whole: times never go back and are never the same."""
    files, last = {}, 0
    for nanoseconds, frame, length in packets:
        last = max(nanoseconds, last + 1)
        zone = zone_of.get(sender(frame), "z0")
        if zone not in files:
            files[zone] = bytearray(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262144, 1))
        files[zone] += struct.pack("<IIII", last // 10**9, last % 10**9, len(frame), max(length, len(frame))) + frame
    paths = {}
    for zone, octets in files.items():
        paths[zone] = folder / f"{zone}.pcap"
        paths[zone].write_bytes(octets)
    return paths


# ---- zeek's logs

def rows(path):
    """The connections of a log: its rows with the fields of a connection's name."""
    fields = []
    for line in path.read_text(errors="replace").splitlines():
        if line.startswith("#fields"):
            fields = line.split("\t")[1:]
        elif fields and not line.startswith("#"):
            row = dict(zip(fields, line.split("\t")))
            if "id.orig_h" in row and "-" not in (row["id.orig_h"], row.get("id.resp_h", "-")):
                yield row


def log_flows(path):
    flows = []
    for row in rows(path):
        protocol = row.get("proto", "tcp")
        if protocol not in ("tcp", "udp", "icmp") or row.get("tunnel_parents", "-") not in ("-", "(empty)"):
            continue
        flows.append((protocol, row))
    return flows


def colour(pairs):
    """Zones for addresses so that no pair lies in one."""
    beside = collections.defaultdict(set)
    for one, other in pairs:
        if one != other:
            beside[one].add(other)
            beside[other].add(one)
    zone_of = {}
    for address in sorted(beside, key=lambda each: (-len(beside[each]), each)):
        taken = {zone_of.get(other) for other in beside[address]}
        free = [f"z{number}" for number in range(MOST_ZONES) if f"z{number}" not in taken]
        if free:
            zone_of[address] = free[0]
    return zone_of


def is_somebody(address):
    ip = ipaddress.ip_address(address)
    return not (ip.is_multicast or ip.is_unspecified or ip.is_loopback or address.endswith(".255"))


def rule_file(zone_of):
    text, zones = [], sorted(set(zone_of.values()) | {"z0", "z1"})
    for number, zone in enumerate(zones):
        networks = [f"{address}/{32 if '.' in address else 128}" for address in sorted(zone_of)
                    if zone_of[address] == zone] + [f"192.0.2.{number + 1}/32"]
        text.append(f'zone {zone} {{ port "p{number}"  network {", ".join(networks)}  '
                    f'address 192.0.2.{number + 1} }}')
    for one in zones:
        for other in zones:
            if one != other:
                for service in ("tcp", "udp", "icmp echo"):
                    text.append(f'permit {service} from {one} to {other} for "x" owner "x" approved "x"')
    return "\n".join(text) + "\n"


# ---- both side by side

def our_flows(capture, zone_of, folder):
    packets = read_capture(capture)
    if packets is None:
        return None
    rules = folder / "rules"
    rules.write_text(rule_file(zone_of))
    command = [SEKISHO, "replay", "--json", "--flows", "--rules", rules]
    for zone, path in sorted(split(packets, zone_of, folder).items()):
        command += ["--in", f"{zone}={path}"]
    run = subprocess.run(command, capture_output=True, text=True, timeout=60)
    if run.returncode not in (0, 1) or not packets:
        return None if packets else []
    return [Flow(one["protocol"].rstrip("6"), one["opener"], one["opener_port"], one["answerer"],
                 one["answerer_port"], one["state"], one["packets"])
            for one in map(json.loads, run.stdout.splitlines())]


def name(protocol, opener, opener_port, answerer, answerer_port):
    if protocol == "icmp":
        return f"icmp {opener} > {answerer}"
    return f"{protocol} {opener}:{opener_port} > {answerer}:{answerer_port}"


def zeek_name(protocol, row):
    return name(protocol, row["id.orig_h"], row["id.orig_p"], row["id.resp_h"], row["id.resp_p"])


def by_name(flows):
    named = collections.defaultdict(list)
    for flow in flows:
        named[name(*flow[:5])].append(flow)
    return named


def compare_whole(theirs, ours):
    """Differences against a conn.log, as lines of a person's language."""
    problems, named = [], by_name(ours)
    for protocol, row in theirs:
        title = zeek_name(protocol, row)
        found = named.get(title)
        if not found:
            problems.append(f"not opened: {title} ({row['conn_state']} {row['history']})")
            continue
        flow = found.pop(0)
        wanted = OUTCOMES.get(row["conn_state"])
        if protocol != "icmp" and wanted and flow.state not in wanted:
            problems.append(f"other end: {title} zeek {row['conn_state']} {row['history']}, here {flow.state}")
        packets = int(row["orig_pkts"]) + int(row["resp_pkts"])
        if protocol != "icmp" and packets != flow.packets:
            problems.append(f"packets: {title} zeek {packets} ({row['history']}), here {flow.packets}")
    if not any(protocol == "icmp" for protocol, _ in theirs):
        for title, rest in named.items():
            problems += [f"not in the log: {title} {flow.state}" for flow in rest]
    return problems


def compare_names(theirs, ours):
    named = by_name(ours)
    return [f"not opened: {zeek_name(protocol, row)}" for protocol, row in theirs
            if zeek_name(protocol, row) not in named]


def captures():
    """{capture: (its conn.log or None, [other logs])}, of logs made from one capture alone."""
    found = {}
    for line in (CORPUS / "zeek-expected" / "INDEX.tsv").read_text().splitlines()[1:]:
        log, traces = line.split("\t")[:2]
        if "," in traces or not log.endswith(".log"):
            continue
        entry = found.setdefault(traces, [None, []])
        path = CORPUS / "zeek-expected" / log
        if path.name == "conn.log":
            entry[0] = entry[0] or path
        else:
            entry[1].append(path)
    return found


def check(trace, conn_log, other_logs, folder):
    """None: nothing to compare."""
    theirs = log_flows(conn_log) if conn_log else []
    names = [flow for log in other_logs for flow in log_flows(log) if flow[1].get("proto")] if not conn_log else []
    pairs = {(row["id.orig_h"], row["id.resp_h"]) for _, row in theirs + names}
    if not pairs:
        return None
    zone_of = {address: zone for address, zone in colour(pairs).items() if is_somebody(address)}
    ours = our_flows(CORPUS / "zeek" / trace, zone_of, folder)
    if ours is None:
        return ["not Ethernet, or no capture"]
    return compare_whole(theirs, ours) if conn_log else sorted(set(compare_names(names, ours)))


def read_differences():
    lines = [line.split("\t") for line in DIFFERENCES.read_text().splitlines()
             if line and not line.startswith("#")]
    return {trace: (count, reason) for trace, count, reason in lines}


def main():
    if not CORPUS.is_dir() or not SEKISHO.exists():
        print("no corpus" if SEKISHO.exists() else "sekisho is not built")
        return 77
    differences, failed, same, differing = read_differences(), 0, 0, 0
    with tempfile.TemporaryDirectory() as folder:
        for trace, (conn_log, other_logs) in sorted(captures().items()):
            problems = check(trace, conn_log, other_logs, pathlib.Path(folder))
            if problems is None:
                continue
            count, reason = differences.pop(trace, ("0", ""))
            if str(len(problems)) == count:
                same += not problems
                differing += bool(problems)
                if "-v" in sys.argv and problems:
                    print(f"as documented: {trace}: {reason}")
                    for problem in problems[:8]:
                        print(f"       {problem}")
                continue
            failed += 1
            print(f"FAIL {trace}: {len(problems)} differences, {count} documented {reason}")
            for problem in problems[:8]:
                print(f"       {problem}")
    for trace in differences:
        failed += 1
        print(f"FAIL {trace}: documented, but not compared any more")
    print(f"{same} captures the same, {differing} with documented differences, {failed} failed")
    return 1 if failed or not same else 0


if __name__ == "__main__":
    sys.exit(main())
