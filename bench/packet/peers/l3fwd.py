"""DPDK's l3fwd with --lookup=acl: the same rules, stateless, one direction.  Built from its source in dpdk-doc."""
import os
import pathlib
import shutil
import subprocess

from . import process

EXAMPLES = pathlib.Path("/usr/share/dpdk/examples")
# It asks every port for checksum offload, which no virtual device has: then it asks for nothing.
WITHOUT_OFFLOAD = """#include <rte_ethdev.h>
#undef RTE_ETH_RX_OFFLOAD_CHECKSUM
#define RTE_ETH_RX_OFFLOAD_CHECKSUM 0
"""


def build(folder):
    if not (EXAMPLES / "l3fwd").is_dir():
        raise process.Missing("the source of l3fwd (package dpdk-doc)")
    for tool in ("cc", "pkg-config"):
        if not shutil.which(tool):
            raise process.Missing(tool)
    program, header = folder / "l3fwd", folder / "without_offload.h"
    header.write_text(WITHOUT_OFFLOAD)

    def flags(kind):
        found = subprocess.run(["pkg-config", kind, "libdpdk"], capture_output=True, text=True)
        if found.returncode:
            raise process.Missing("libdpdk-dev")
        return found.stdout.split()

    # The *_parse.c are included by others.
    sources = sorted(str(path) for path in (EXAMPLES / "l3fwd").glob("*.c")
                     if not path.name.endswith("_parse.c"))
    done = subprocess.run(
        ["cc", "-O3", "-w", "-DALLOW_EXPERIMENTAL_API", *flags("--cflags"), "-include", str(header),
         f"-I{EXAMPLES}/common", *sources, "-o", str(program), *flags("--libs")],
        capture_output=True, text=True)
    if done.returncode:
        raise process.Missing("a working build of l3fwd: " + done.stderr.strip()[-300:])
    return program


def start(folder):
    program = build(folder)
    measured, _ = process.processors()
    prefix = f"bench-l3fwd-{os.getpid()}"
    has_avx512 = "avx512bw" in pathlib.Path("/proc/cpuinfo").read_text()
    return process.DpdkPeer(
        [str(program), "--lcores", f"0@{measured}", "--no-pci", "--in-memory",
         f"--file-prefix={prefix}",
         "--vdev", f"net_pcap0,rx_pcap={folder}/forward.pcap,infinite_rx=1", "--",
         "-p", "1", "-P", "--lookup=acl", f"--rule_ipv4={folder}/rules.l3fwd",
         f"--rule_ipv6={folder}/rules6.l3fwd", "--config=(0,0,0)", "--parse-ptype", "--no-numa",
         f"--alg={'avx512x16' if has_avx512 else 'default'}"], prefix, [0], [0])
