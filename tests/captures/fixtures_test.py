#!/usr/bin/python3
"""Every folder of pcap-fixtures through `sekisho replay`: exactly the verdicts of its expect.txt, and captures
that are exactly what make.py makes.

SEKISHO_ACCEPT=1 writes the expect.txt files and the captures anew; read the difference before you commit it.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

SOURCE = pathlib.Path(os.environ.get("SOURCE") or pathlib.Path(__file__).resolve().parents[2])
BUILD = pathlib.Path(os.environ.get("BUILD") or SOURCE / "build")
SEKISHO = BUILD / "gateway" / "cli" / "sekisho"
ACCEPT = os.environ.get("SEKISHO_ACCEPT") == "1"


def verdicts(case):
    """Lines of expect.txt as the program says them now."""
    rules = case / "rules"
    if not rules.exists():
        rules = case.parent / "three-zones.rules"
    command = [SEKISHO, "replay", "--json", "--rules", rules]
    for capture in sorted(case.glob("in-*.pcap")):
        command += ["--in", f"{capture.stem.removeprefix('in-')}={capture}"]
    run = subprocess.run(command, capture_output=True, text=True, timeout=30)
    if run.returncode != 0:
        return [f"exit {run.returncode}: {run.stderr.strip()}"]
    lines = []
    for number, text in enumerate(run.stdout.splitlines(), 1):
        packet = json.loads(text)
        if list(packet) != ["n", "zone", "verdict", "reason", "rule"] or packet["n"] != number:
            return [f"not a verdict, or out of order: {text}"]
        lines.append(" ".join(str(packet[word] or "-") for word in packet))
    return lines


def made_anew(case):
    """Names of captures that differ from what make.py makes."""
    with tempfile.TemporaryDirectory() as folder:
        target = case if ACCEPT else pathlib.Path(folder)
        subprocess.run([sys.executable, "-B", case / "make.py", target], check=True, timeout=30)
        made = {file.name: file.read_bytes() for file in target.glob("in-*.pcap")}
    there = {file.name: file.read_bytes() for file in case.glob("in-*.pcap")}
    return sorted(name for name in made.keys() | there.keys() if made.get(name) != there.get(name))


def check(case):
    problems = [f"{name} is not what make.py makes" for name in made_anew(case)]
    now = verdicts(case)
    expect = case / "expect.txt"
    if ACCEPT:
        expect.write_text("# n zone verdict reason rule\n" + "\n".join(now) + "\n")
    wanted = [line for line in expect.read_text().splitlines() if line and not line.startswith("#")]
    for at in range(max(len(now), len(wanted))):
        got = now[at] if at < len(now) else "(nothing)"
        want = wanted[at] if at < len(wanted) else "(nothing)"
        if got != want:
            problems.append(f"wanted {want}\n       got    {got}")
    if not (case / "README.md").exists():
        problems.append("no README.md says what it is")
    return problems


def main():
    if not SEKISHO.exists():
        print("sekisho is not built")
        return 77
    cases = sorted(path.parent for path in (SOURCE / "pcap-fixtures").glob("*/make.py"))
    failed = 0
    for case in cases:
        problems = check(case)
        print(f"{'FAIL' if problems else 'ok  '} {case.name}")
        for problem in problems:
            print(f"       {problem}")
        failed += bool(problems)
    print(f"{len(cases)} cases, {failed} failed")
    return 1 if failed or not cases else 0


if __name__ == "__main__":
    sys.exit(main())
