"""What a relay used, all its processes together, dead ones included; and what the disk was asked for."""
import os
import pathlib
import tempfile
import time


def _mount_of(controller):
    """Where its hierarchy is mounted: one of its own, or that of all (cgroups(7))."""
    together = None
    for line in pathlib.Path("/proc/mounts").read_text().splitlines():
        _, place, kind, options = line.split()[:4]
        if kind == "cgroup" and controller in options.split(","):
            return pathlib.Path(place), False
        if kind == "cgroup2":
            together = pathlib.Path(place)
    return (together, True) if together else (None, True)


class Group:
    """A control group of its own: join() in the child before it becomes the relay."""

    def __init__(self):
        place, self.together = _mount_of("cpuacct")
        if not place:
            raise RuntimeError("no control groups here to count processor time with")
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="sekisho-bench-", dir=place))

    def join(self):
        (self.folder / "cgroup.procs").write_text(str(os.getpid()))

    def cpu_seconds(self):
        if not self.together:
            return int((self.folder / "cpuacct.usage").read_text()) / 1e9
        words = (self.folder / "cpu.stat").read_text().split()
        return int(words[words.index("usage_usec") + 1]) / 1e6

    def remove(self):
        for _ in range(50):
            try:
                self.folder.rmdir()
                return
            except OSError:
                time.sleep(0.1)


class Disk:
    """The block device under a folder."""

    def __init__(self, folder):
        number = os.stat(folder).st_dev
        device = pathlib.Path(f"/sys/dev/block/{os.major(number)}:{os.minor(number)}")
        if not device.exists():
            self.stat = None
            return
        device = device.resolve()
        self.stat = (device if (device / "queue").exists() else device.parent) / "stat"

    def flushes(self):
        """Flush requests so far (Documentation/block/stat); None where the device does not count them."""
        if not self.stat:
            return None
        fields = self.stat.read_text().split()
        return int(fields[15]) if len(fields) > 15 else None
