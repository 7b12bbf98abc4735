"""Memory of the daemon's processes over time, and what its counters say.  Standard input: `sekisho status --json`.

    memory.py --sample SECONDS   prints "SECONDS ROLE KB" for each role (resident set)
    memory.py --judge FILE       such lines: ends with 0 when nobody grew for good
    memory.py --add-up           ends with 0 when every zone's packets have exactly one verdict
    memory.py --never-restarted  ends with 0 when no role was restarted
"""
import json
import statistics
import sys

ALLOWED_GROWTH = 2048  # kB between the second quarter and the last one: what was never touched before
ALLOWED_SHARE = 0.02


def resident(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        for line in file:
            if line.startswith("VmRSS"):
                return int(line.split()[1])
    return 0


def sample_of(status, seconds):
    """A line for each role, as judge() reads them."""
    return [f"{seconds} {role['name']} {resident(role['pid'])}" for role in status["roles"]]


def judge(lines):
    """0 when nobody grew for good."""
    seen = {}
    for line in lines:
        seconds, role, size = line.split()
        seen.setdefault(role, []).append((int(seconds), int(size)))
    flat = bool(seen)
    for role, sizes in seen.items():
        values = [size for _, size in sorted(sizes)]
        quarter = len(values) // 4
        if quarter < 3:
            print(f"{role}: too few samples")
            flat = False
            continue
        early, late = (statistics.median(part) for part in (values[quarter:2 * quarter], values[-quarter:]))
        grew = late - early
        print(f"{role}: {early:.0f} kB in the second quarter, {late:.0f} kB in the last: {grew:+.0f} kB")
        flat = flat and grew <= ALLOWED_GROWTH + ALLOWED_SHARE * early
    return 0 if flat else 1


def add_up():
    right = True
    for zone in json.load(sys.stdin)["zones"]:
        came = zone["rx_packets"] + zone["from_kernel"]
        judged = zone["passed"] + zone["relayed"] + zone["dropped"]
        print(f"{zone['name']}: {came} packets came, {judged} have a verdict")
        right = right and came == judged
    return 0 if right else 1


def never_restarted():
    roles = json.load(sys.stdin)["roles"]
    for role in roles:
        print(f"{role['name']}: {role['restarts']} restarts")
    return 0 if roles and not any(role["restarts"] for role in roles) else 1


def main():
    match sys.argv[1:]:
        case ["--sample", seconds]:
            print("\n".join(sample_of(json.load(sys.stdin), int(seconds))))
            return 0
        case ["--judge", path]:
            with open(path, encoding="ascii") as file:
                return judge(file)
        case ["--add-up"]:
            return add_up()
        case ["--never-restarted"]:
            return never_restarted()
    sys.exit(__doc__)


if __name__ == "__main__":
    sys.exit(main())
