"""The listed hosts, another service"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import packets as p

import struct
echo = struct.pack("!BBHHH", 8, 0, 0, 1, 1)
p.write("in-mynumber.pcap", [
    p.tcp(p.TAX, p.ELTAX, 40000, 80, "S"),
    p.tcp(p.TAX, p.ELTAX, 40000, 442, "S"),
    p.tcp(p.TAX, p.ELTAX, 40000, 444, "S"),
    p.tcp(p.TAX, p.ELTAX, 443, 40000, "S"),
    p.udp(p.TAX, p.ELTAX, 40000, 443, b"quic"),
    p.ethernet(p.TAX, p.ipv4(p.TAX.ip, p.ELTAX.ip, 1, echo)),
    p.tcp(p.TAX, p.ELTAX, 40000, 0, "S"),
    p.tcp(p.TAX, p.ELTAX, 0, 443, "S"),
])
