"""Open vSwitch on DPDK as a stateful firewall: userspace connection tracking and the same rules, one PMD core.

It gets its own database, folder and sockets, so an Open vSwitch of the machine is not touched.
"""
import pathlib
import re
import shutil
import subprocess
import time

from . import process

SWITCH = "/usr/lib/openvswitch-switch-dpdk/ovs-vswitchd-dpdk"
SCHEMA = pathlib.Path("/usr/share/openvswitch/vswitch.ovsschema")


def masked_ranges(first, last):
    """A range of ports as value/mask words."""
    while first <= last:
        size = 1
        while first % (2 * size) == 0 and first + 2 * size - 1 <= last:
            size *= 2
        yield f"{first}/0x{0xffff ^ (size - 1):x}"
        first += size


def flow_lines(rules_csv):
    """Every packet through conntrack; known connections pass, new ones if a rule says so."""
    yield "table=0,priority=10,ip actions=ct(table=1)"
    yield "table=1,priority=100,ct_state=+trk+est,ip,in_port=1 actions=output:2"
    yield "table=1,priority=100,ct_state=+trk+est,ip,in_port=2 actions=output:1"
    for line in rules_csv.read_text().split():
        protocol, source, destination, first, last = line.split(",")
        for ports in masked_ranges(int(first), int(last)):
            yield (f"table=1,priority=50,ct_state=+trk+new,in_port=1,{protocol},nw_src={source},"
                   f"nw_dst={destination},tp_dst={ports} actions=ct(commit),output:2")
    yield "table=1,priority=0 actions=drop"


class OpenVSwitch:
    def __init__(self, folder):
        for program in (shutil.which("ovsdb-server"), SWITCH):
            if not program or not pathlib.Path(program).exists():
                raise process.Missing("Open vSwitch with DPDK (package openvswitch-switch-dpdk)")
        self.home = folder / "ovs"
        self.home.mkdir(exist_ok=True)
        self.environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "OVS_RUNDIR": str(self.home),
                            "OVS_LOGDIR": str(self.home), "OVS_DBDIR": str(self.home),
                            "OVS_SYSCONFDIR": str(self.home)}
        self.database = self.switch = None
        try:
            self.start(folder)
        except BaseException:
            self.end()
            raise

    def call(self, *argv):
        done = subprocess.run(argv, env=self.environment, capture_output=True, text=True, timeout=120)
        if done.returncode:
            raise process.Missing(f"{argv[0]}: {done.stderr.strip()[-300:]}")
        return done.stdout

    def vsctl(self, *words):
        return self.call("ovs-vsctl", f"--db=unix:{self.home}/db.sock", "--timeout=60", *words)

    def start(self, folder):
        self.call("ovsdb-tool", "create", f"{self.home}/conf.db", str(SCHEMA))
        self.database = process.Program(
            ["ovsdb-server", f"{self.home}/conf.db", f"--remote=punix:{self.home}/db.sock",
             f"--unixctl={self.home}/db.ctl"], env=self.environment)
        self.database.wait_for((self.home / "db.sock").exists)
        measured, rest = process.processors()
        self.vsctl("--no-wait", "init")
        self.vsctl("--no-wait", "set", "Open_vSwitch", ".", "other_config:dpdk-init=true",
                   f"other_config:dpdk-lcore-mask={1 << rest:#x}",
                   f"other_config:pmd-cpu-mask={1 << measured:#x}",
                   "other_config:dpdk-extra=--no-pci --in-memory", "other_config:dpdk-socket-mem=512")
        self.switch = process.Program([SWITCH, f"unix:{self.home}/db.sock",
                                       f"--unixctl={self.home}/switch.ctl"], env=self.environment)
        self.switch.wait_for((self.home / "switch.ctl").exists)
        self.vsctl("add-br", "br0", "--", "set", "bridge", "br0", "datapath_type=netdev")
        for number, capture in ((1, "forward"), (2, "reverse")):
            device = f"net_pcap{number},rx_pcap={folder}/{capture}.pcap,infinite_rx=1"
            self.vsctl("add-port", "br0", f"p{number}", "--", "set", "Interface", f"p{number}", "type=dpdk",
                       f"ofport_request={number}", f"options:dpdk-devargs={device}", "options:n_rxq=1")
        (self.home / "flows").write_text("\n".join(flow_lines(folder / "rules.csv")) + "\n")
        self.call("ovs-ofctl", "--timeout=60", "add-flows", f"unix:{self.home}/br0.mgmt", f"{self.home}/flows")
        self.wait_until_known()
        received, _ = self.counted()
        if received == 0:
            raise process.Missing("Open vSwitch's DPDK ports: " + self.vsctl("get", "Interface", "p1", "error").strip())
        self.switch.stop()

    def counted(self):
        """Packets received and sent by both ports."""
        shown = self.call("ovs-appctl", "-t", f"{self.home}/switch.ctl", "dpctl/show", "-s")
        received = sent = 0
        for port in re.split(r"\n\s+port \d+: ", shown)[1:]:
            if re.match(r"p[12] ", port):
                received += int(re.search(r"RX packets:(\d+)", port)[1])
                sent += int(re.search(r"TX packets:(\d+)", port)[1])
        return received, sent

    def wait_until_known(self):
        """Until its caches know the flows: hardly a packet asks for a decision any more."""
        before = None
        for _ in range(20):
            time.sleep(1)
            shown = self.call("ovs-appctl", "-t", f"{self.home}/switch.ctl", "dpif-netdev/pmd-stats-show")
            packets = sum(map(int, re.findall(r"packets received: (\d+)", shown)))
            misses = sum(map(int, re.findall(r"miss with success upcall: (\d+)", shown)))
            if before and packets > before[0] and (misses - before[1]) * 1000 < packets - before[0]:
                return
            before = packets, misses

    def measure(self, seconds):
        self.switch.go_on()
        try:
            time.sleep(seconds / 2)
            before = self.counted()
            result = process.Meter(self.switch.pid, lambda: self.counted()[0]).rate(seconds)
            after = self.counted()
        finally:
            self.switch.stop()
        share = (after[1] - before[1]) / max(1, after[0] - before[0])
        if not 0.95 < share < 1.05:
            raise RuntimeError(f"Open vSwitch sent on {share:.3f} of what it received")
        return result

    def end(self):
        for program in (self.switch, self.database):
            if program:
                program.end()


def start(folder):
    return OpenVSwitch(folder)
