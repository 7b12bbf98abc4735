"""DPDK's testpmd in mac mode: receives, writes both MAC addresses, sends; nothing is looked up."""
import os
import shutil

from . import process


def start(folder):
    if not shutil.which("dpdk-testpmd"):
        raise process.Missing("dpdk-testpmd (package dpdk-dev)")
    measured, rest = process.processors()
    prefix = f"bench-testpmd-{os.getpid()}"
    return process.DpdkPeer(
        ["dpdk-testpmd", "--lcores", f"0@{rest},1@{measured}", "--no-pci", "--in-memory",
         f"--file-prefix={prefix}", "-m", "256",
         "--vdev", f"net_pcap0,rx_pcap={folder}/forward.pcap,infinite_rx=1",
         "--vdev", "net_null0,no-rx=1", "--",
         "--forward-mode=mac", "--nb-cores=1", "--total-num-mbufs=32768", "--burst=64",
         "--no-flush-rx", "--auto-start", "--stats-period=3600"], prefix, [0], [1])
