"""The kernel's own stateful firewall, and our path, between two veth pairs in namespaces of their own.

    client  c0 ── r0  router  r1 ── s0  server

The sender has one processor, the router the other.  What counts is what arrives at the server's interface, where
it is dropped at once.
"""
import json
import os
import shutil
import subprocess
import time

from . import process


def call(*argv, words=None):
    done = subprocess.run(argv, input=words, capture_output=True, text=True)
    if done.returncode:
        raise process.Missing(f"{' '.join(argv[:6])}: {done.stderr.strip()[-300:]}")
    return done.stdout


class Street:
    """Three namespaces in a row."""

    def __init__(self, name, build, rules):
        for tool in ("ip", "nft"):
            if not shutil.which(tool):
                raise process.Missing(f"{tool} (packages iproute2 and nftables)")
        self.build, self.rules = build, rules
        self.spaces = [f"bench{os.getpid()}{name}{end}" for end in "crs"]
        self.client, self.router, self.server = self.spaces
        try:
            self.make()
        except BaseException:
            self.end()
            raise

    def make(self):
        for space in self.spaces:
            call("ip", "netns", "add", space)
            self.at(space, "sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1")
        for outer, inner, space in (("c0", "r0", self.client), ("s0", "r1", self.server)):
            call("ip", "link", "add", outer, "netns", space, "type", "veth", "peer", "name", inner,
                 "netns", self.router)
            call("ip", "-n", space, "link", "set", outer, "up")
            call("ip", "-n", self.router, "link", "set", inner, "up")
        for space, interface in ((self.client, "c0"), (self.server, "s0")):
            self.at(space, "nft", "-f", "-", words=f"""table netdev sink {{ chain in {{
                type filter hook ingress device {interface} priority 0; policy drop; }}
                }}""")

    def at(self, space, *argv, words=None):
        return call("ip", "netns", "exec", space, *argv, words=words)

    def mac(self, interface):
        return self.at(self.router, "cat", f"/sys/class/net/{interface}/address").strip()

    def arrived(self):
        return int(self.at(self.server, "cat", "/sys/class/net/s0/statistics/rx_packets"))

    def blast(self, seconds, answers=False):
        """The sender's command line."""
        space, outer, inner = (self.server, "s0", "r1") if answers else (self.client, "c0", "r0")
        _, rest = process.processors()
        return ["ip", "netns", "exec", space, "taskset", "-c", str(rest), str(self.build / "bench/bench-packet"),
                "blast", outer, self.mac(inner), str(int(answers)), str(self.rules), str(seconds)]

    def learn(self):
        """Every flow known in both directions."""
        for answers in (False, True, False):
            call(*self.blast(0, answers))
            time.sleep(0.2)

    def delivered(self, seconds):
        """Million packets a second that arrive while the sender sends as fast as it can."""
        sender = subprocess.Popen(self.blast(1.3 * seconds + 0.5), stdout=subprocess.DEVNULL)
        try:
            time.sleep(0.3)
            begin, before = time.monotonic(), self.arrived()
            time.sleep(seconds)
            return (self.arrived() - before) / (time.monotonic() - begin) / 1e6
        finally:
            sender.wait()

    def end(self):
        for space in self.spaces:
            subprocess.run(["ip", "netns", "del", space], capture_output=True)


def ports_of(first, last):
    return first if first == last else f"{first}-{last}"


class Kernel:
    """Routing and nftables: connections that are known pass, new ones if a rule says so."""

    def __init__(self, folder, build, rules):
        self.street = Street("k", build, rules)
        try:
            self.set_up(folder)
        except BaseException:
            self.end()
            raise

    def set_up(self, folder):
        street = self.street
        measured, _ = process.processors()
        for interface, network in (("r0", "10.1.0.1/16"), ("r1", "10.2.0.1/16")):
            call("ip", "-n", street.router, "addr", "add", network, "dev", interface)
            street.at(street.router, "sh", "-c",
                      f"echo {1 << measured:x} > /sys/class/net/{interface}/queues/rx-0/rps_cpus")
        street.at(street.router, "sysctl", "-qw", "net.ipv4.ip_forward=1",
                  "net.netfilter.nf_conntrack_max=262144")
        # Nobody answers ARP: all hosts are known.
        known = [f"neigh replace 10.{zone + 1}.{host // 16}.{16 + host % 16} lladdr 02:00:00:00:00:01 "
                 f"dev r{zone} nud permanent" for zone in (0, 1) for host in range(256)]
        call("ip", "-n", street.router, "-batch", "-", words="\n".join(known) + "\n")
        street.at(street.router, "nft", "-f", "-", words="""table ip firewall {
            set listed { type ipv4_addr . ipv4_addr . inet_proto . inet_service; flags interval; }
            chain forward { type filter hook forward priority 0; policy drop;
                ct state established,related accept
                ct state new ip saddr . ip daddr . meta l4proto . th dport @listed accept
            }
            }""")
        self.add([line.split(",") for line in (folder / "rules.csv").read_text().split()])
        street.learn()

    def add(self, rules):
        """Into the set, some hundreds at a time; those that overlap others there become rules of their own."""
        if len(rules) > 400:
            for at in range(0, len(rules), 400):
                self.add(rules[at:at + 400])
            return
        elements = ", ".join(f"{source} . {destination} . {protocol} . {ports_of(first, last)}"
                             for protocol, source, destination, first, last in rules)
        try:
            self.street.at(self.street.router, "nft", f"add element ip firewall listed {{ {elements} }}")
        except process.Missing:
            if len(rules) > 1:
                self.add(rules[:len(rules) // 2])
                self.add(rules[len(rules) // 2:])
                return
            protocol, source, destination, first, last = rules[0]
            self.street.at(self.street.router, "nft", f"add rule ip firewall forward ct state new ip saddr {source} "
                           f"ip daddr {destination} {protocol} dport {ports_of(first, last)} accept")

    def measure(self, seconds):
        return self.street.delivered(seconds), 1.0

    def end(self):
        self.street.end()


class Ours:
    """Our path on the router's interfaces."""

    def __init__(self, kind, build, rules):
        self.street, self.process = Street(kind[-1], build, rules), None
        prefix = "af_xdp:" if kind == "af_xdp" else ""
        try:
            self.process = subprocess.Popen(
                ["ip", "netns", "exec", self.street.router, str(build / "bench/bench-packet"),
                 "serve-interfaces", f"{prefix}r0", f"{prefix}r1", str(rules)],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
            self.ask(0.1)
            self.answer()
            self.ask(3)
            self.street.learn()
            self.answer()
        except BaseException:
            self.end()
            raise

    def ask(self, seconds):
        self.process.stdin.write(f"{seconds}\n")
        self.process.stdin.flush()

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            raise process.Missing("a kernel that gives our ports these interfaces")
        return json.loads(line)

    def measure(self, seconds):
        self.ask(1.3 * seconds + 1)
        rate = self.street.delivered(seconds)
        return rate, self.answer()["core_share"]

    def end(self):
        if self.process:
            try:
                self.process.stdin.close()
                self.process.wait(10)
            except (OSError, subprocess.TimeoutExpired):
                self.process.kill()
        self.street.end()
