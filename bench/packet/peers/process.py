"""Processes measured in turns: one runs, the others are stopped (SIGSTOP) meanwhile."""
import json
import os
import pathlib
import signal
import socket
import subprocess
import tempfile
import time


class Missing(Exception):
    """A peer that cannot be had here: says what is missing."""


def processors():
    """(the one for the measured thread, the one for the rest)."""
    cpus = sorted(os.sched_getaffinity(0))
    return cpus[-1], cpus[0]


def busy_seconds(pid):
    """Processor seconds of each thread so far."""
    times = {}
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        try:
            times[task.name] = int((task / "schedstat").read_text().split()[0]) / 1e9
        except (OSError, ValueError):
            continue
    return times


class Meter:
    """What one process did between two looks: packets, and the time of its busiest thread."""

    def __init__(self, pid, packets):
        self.pid, self.packets = pid, packets

    def look(self):
        return time.monotonic(), busy_seconds(self.pid), self.packets()

    def rate(self, seconds):
        """(million packets a second of processor time, share of the core)."""
        wall, busy, packets = self.look()
        time.sleep(seconds)
        wall_after, busy_after, packets_after = self.look()
        used = max((busy_after[task] - busy.get(task, 0) for task in busy_after), default=0)
        if used <= 0:
            raise Missing("the process does not run")
        return (packets_after - packets) / used / 1e6, used / (wall_after - wall)


class Program:
    """A program in the background, stopped unless measured.  What it says goes to a file."""

    def __init__(self, argv, **options):
        self.log = tempfile.TemporaryFile("w+", errors="replace")
        self.process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=self.log,
                                        stderr=subprocess.STDOUT, **options)

    @property
    def pid(self):
        return self.process.pid

    def said(self):
        self.log.seek(0)
        return self.log.read()

    def wait_for(self, ready, seconds=60):
        """Until `ready()`; Missing with the program's last words when it ends before."""
        end = time.monotonic() + seconds
        while not ready():
            if self.process.poll() is not None or time.monotonic() > end:
                words = " | ".join(self.said().strip().splitlines()[-4:])
                self.end()
                raise Missing(f"{self.process.args[0]} does not start: {words}")
            time.sleep(0.05)

    def stop(self):
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self):
        self.process.send_signal(signal.SIGCONT)

    def end(self):
        if self.process.poll() is not None:
            return
        self.go_on()
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Telemetry:
    """The statistics socket of a DPDK program, found by its file prefix."""

    def __init__(self, prefix):
        folder = pathlib.Path("/var/run" if os.geteuid() == 0 else
                              os.environ.get("XDG_RUNTIME_DIR", "/tmp")) / "dpdk" / prefix
        self.path = folder / "dpdk_telemetry.v2"

    def is_there(self):
        return self.path.exists()

    def ask(self, command):
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as asking:
            asking.settimeout(10)
            asking.connect(str(self.path))
            asking.recv(4096)  # who it is
            asking.send(command.encode())
            return json.loads(asking.recv(1 << 16))[command.split(",")[0]]

    def counted(self, what, ports):
        return sum(self.ask(f"/ethdev/stats,{port}")[what] for port in ports)


class DpdkPeer:
    """A DPDK program that forwards for itself, counted over its telemetry socket."""

    def __init__(self, argv, prefix, receiving, sending, **options):
        """`receiving`, `sending`: the numbers of its ports."""
        self.telemetry = Telemetry(prefix)
        self.program = Program(argv, **options)
        self.receiving, self.sending = receiving, sending
        self.program.wait_for(self.is_running)
        self.program.stop()

    def received(self):
        return self.telemetry.counted("ipackets", self.receiving)

    def sent(self):
        return self.telemetry.counted("opackets", self.sending)

    def is_running(self):
        try:
            return self.telemetry.is_there() and self.received() > 0
        except (OSError, KeyError, TypeError, ValueError):
            return False

    def measure(self, seconds):
        self.program.go_on()
        time.sleep(seconds / 4)
        try:
            received, sent = self.received(), self.sent()
            result = Meter(self.program.pid, self.received).rate(seconds)
            share = (self.sent() - sent) / max(1, self.received() - received)
        finally:
            self.program.stop()
        if not 0.95 < share < 1.05:  # then it is not doing what the figure says
            raise RuntimeError(f"{self.program.process.args[0]} sent on {share:.3f} of what it received")
        return result

    def end(self):
        self.program.end()


class OurPath:
    """bench-packet serve: measures on request, waits otherwise."""

    def __init__(self, build, folder, rules, direction):
        self.process = subprocess.Popen(
            [str(build / "bench/bench-packet"), "serve", str(folder), str(rules), direction],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def measure(self, seconds):
        self.process.stdin.write(f"{seconds}\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError("bench-packet serve ended")
        answer = json.loads(line)
        return answer["mpps"], answer["core_share"]

    def end(self):
        self.process.stdin.close()
        self.process.wait(30)
