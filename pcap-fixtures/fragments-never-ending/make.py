"""Fragments that never end"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import packets as p

message = p.datagram(40000, 2049, bytes(range(192)))  # 200 octets

def cut(*cuts, number=7):
    return p.fragments(p.TAX, p.ELTAX, 17, message, cuts, number)

first, middle, last = cut((0, 96), (96, 192), (192, 200))
crumbs = p.fragments(p.TAX, p.ELTAX, 17, p.datagram(40000, 2049, bytes(8 * 100)),
                     [(8 * i, 8 * i + 8) for i in range(70)], 8)
death = p.ethernet(p.TAX, p.ipv4(p.TAX.ip, p.ELTAX.ip, 17, bytes(1000), fragment=0x1FFF, number=9))
p.write("in-mynumber.pcap", [(0.0, first), (14.0, middle), (16.0, last), (16.5, first), (17.0, middle)] +
        [(18.0 + 0.01 * i, crumb) for i, crumb in enumerate(crumbs)] + [(20.0, death)])
