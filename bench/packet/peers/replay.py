"""sekisho replay on a capture of each zone, beside libpcap reading the same files and doing nothing."""
import os
import resource
import subprocess
import time

from . import process


def timed(argv, packets):
    """(million packets a second of processor time, share of a core) of one process."""
    measured, _ = process.processors()
    before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    done = subprocess.run(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                          preexec_fn=lambda: os.sched_setaffinity(0, {measured}))
    wall, after = time.monotonic() - begin, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise RuntimeError(f"{argv[0]} ended with status {done.returncode}")
    used = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return packets / used / 1e6, min(used / wall, 1.0)


def measures(build, folder, rules, quick, options):
    """(ours, the reference); both as Run.in_turns wants them."""
    packets = 1_000_000 if quick else 4_000_000
    bench, captures = str(build / "bench/bench-packet"), [f"{folder}/replay-{zone}.pcap" for zone in "ab"]
    if not os.path.exists(captures[0]):
        subprocess.run([bench, "export-replay", str(folder), str(rules), str(packets)], check=True)
    ours = [str(build / "gateway/cli/sekisho"), "replay", "--rules", f"{folder}/rules",
            "--in", f"a={captures[0]}", "--in", f"b={captures[1]}", *options]
    return lambda _: timed(ours, packets), lambda _: timed([bench, "read", *captures], packets)
