"""Runs the tests of the build folder and the script tests beside it, one line a test.

A script test is an executable file tests/<kind>/<name>_test.sh or .py (bench/, deploy/ and docs/ may hold
some too).  Exit status 0 passed, 77 skipped, anything else failed.  Tests see BUILD and SOURCE.
"""
import argparse
import concurrent.futures
import json
import os
import pathlib
import signal
import subprocess
import sys
import time

SKIPPED = 77
TIME_LIMIT = 120  # seconds, one test
TIME_LIMIT_LONG = 4000  # seconds, a soak of an hour
OUTPUT_SHOWN = 12000  # characters of a failed test's output
LISTED_SKIP = 2000


class Test:
    def __init__(self, name, command, kind, environment=None, folder=None, limit=TIME_LIMIT):
        self.name, self.command, self.kind = name, command, kind
        self.environment, self.folder, self.limit = environment or {}, folder, limit


def meson_tests(build):
    listed = subprocess.run(["meson", "introspect", "--tests", str(build)], check=True,
                            capture_output=True, text=True).stdout
    for entry in json.loads(listed):
        yield Test(entry["name"], entry["cmd"], "unit", entry["env"], entry["workdir"],
                   max(TIME_LIMIT, entry["timeout"]))


def script_tests(source):
    for kind in sorted(path for path in (source / "tests").iterdir() if path.is_dir()):
        scripts = [path for path in kind.iterdir()
                   if path.name.endswith(("_test.sh", "_test.py")) and os.access(path, os.X_OK)]
        for path in sorted(scripts):
            name = f"{kind.name}/{path.name.rsplit('_test.', 1)[0]}"
            limit = TIME_LIMIT_LONG if kind.name == "long" else TIME_LIMIT
            yield Test(name, [str(path)], "long" if kind.name == "long" else "script", limit=limit)


def run(test, environment):
    """Returns (status or None when out of time, seconds, output).  Only its own process group is killed."""
    start = time.monotonic()
    try:
        process = subprocess.Popen(test.command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.STDOUT, cwd=test.folder,
                                   env={**environment, **test.environment}, start_new_session=True)
    except OSError as error:
        return 126, 0.0, str(error)
    try:
        output, _ = process.communicate(timeout=test.limit)
        status = process.returncode
    except subprocess.TimeoutExpired:
        status, output = None, stop(process)
    return status, time.monotonic() - start, output.decode("utf-8", "replace")


def stop(process):
    """Asks first, so that a script can take its namespaces down, then kills."""
    for sign, wait in ((signal.SIGTERM, 10), (signal.SIGKILL, 5)):
        try:
            os.killpg(process.pid, sign)
        except ProcessLookupError:
            pass
        try:
            return process.communicate(timeout=wait)[0]
        except subprocess.TimeoutExpired:
            continue
    return b"(still holds its output open)"


class Tally:
    def __init__(self):
        self.passed = self.failed = self.skipped = 0

    def report(self, test, outcome):
        status, seconds, output = outcome
        if status == 0:
            self.passed, word = self.passed + 1, "ok"
        elif status == SKIPPED:
            self.skipped, word = self.skipped + 1, "skipped"
        else:
            self.failed, word = self.failed + 1, "FAILED"
        print(f"{word:8} {test.name}  ({seconds:.1f} s)", flush=True)
        if word == "skipped" and output.strip():
            print("         " + output.strip().splitlines()[-1][:LISTED_SKIP])
        if word == "FAILED":
            reason = f"out of time after {test.limit} s" if status is None else f"status {status}"
            tail = output[-OUTPUT_SHOWN:].rstrip()
            print("    " + "\n    ".join(tail.splitlines() + [reason]), flush=True)

    def line(self):
        text = f"{self.passed} passed, {self.failed} failed"
        return text + (f", {self.skipped} skipped" if self.skipped else "")


def select(tests, names):
    if not names:
        return tests
    chosen = []
    for name in names:
        found = [test for test in tests if test.name == name] or \
                [test for test in tests if name in test.name]
        if not found:
            sys.exit(f"no test named {name}; see tests/run --list")
        chosen += [test for test in found if test not in chosen]
    return chosen


def main():
    parser = argparse.ArgumentParser(prog="tests/run")
    parser.add_argument("--source", required=True, type=pathlib.Path, help=argparse.SUPPRESS)
    parser.add_argument("--build-dir", required=True, type=pathlib.Path, help=argparse.SUPPRESS)
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--unit", action="store_true")
    parser.add_argument("--long", action="store_true")
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()

    tests = list(meson_tests(options.build_dir))
    if not options.unit:
        tests += [test for test in script_tests(options.source)
                  if test.kind != "long" or options.long or options.names]
    tests = select(tests, options.names)
    if options.list:
        print("\n".join(test.name for test in tests))
        return 0

    environment = {**os.environ, "SOURCE": str(options.source), "BUILD": str(options.build_dir)}
    tally = Tally()
    units = [test for test in tests if test.kind == "unit"]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for test, outcome in zip(units, pool.map(lambda test: run(test, environment), units)):
            tally.report(test, outcome)
    for test in tests:  # namespaces, taps and timing: one at a time
        if test.kind != "unit":
            tally.report(test, run(test, environment))
    print(tally.line())
    return 1 if tally.failed else 0


sys.exit(main())
