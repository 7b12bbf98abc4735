"""Fragments"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import packets as p

body = p.segment(p.TAX.ip, p.ELTAX.ip, 40000, 443, "S", 1000, 0, bytes(64))

def fragment(octets, flags_and_offset):
    return p.ethernet(p.TAX, p.ipv4(p.TAX.ip, p.ELTAX.ip, 6, octets, fragment=flags_and_offset))

p.write("in-mynumber.pcap", [
    fragment(body[:40], 0x2000),
    fragment(body[40:64], 0x2000 | 5),
    fragment(body[64:], 8),
    fragment(body[:8], 0x2000),
    fragment(body[8:], 1),
    fragment(body[16:], 0x2001),
])
