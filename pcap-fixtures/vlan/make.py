"""VLAN tags"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import packets as p

import struct
plain = p.tcp(p.TAX, p.ELTAX, 40000, 443, "S")

def tagged(*tags):
    return plain[:12] + b"".join(struct.pack("!HH", *tag) for tag in tags) + plain[12:]

p.write("in-mynumber.pcap", [
    tagged((0x8100, 1)),
    tagged((0x8100, 0xE000)),
    tagged((0x88A8, 10)),
    tagged((0x88A8, 10), (0x8100, 20)),
    tagged((0x9100, 10)),
])
