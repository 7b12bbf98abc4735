"""Fragments in any order"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import packets as p

message = p.datagram(40000, 2049, bytes(range(192)))  # 200 octets

def cut(*cuts, number=7):
    return p.fragments(p.TAX, p.ELTAX, 17, message, cuts, number)

backwards = cut((192, 200), (96, 192), (0, 96))
a, b = cut((0, 96), (96, 200), number=8), cut((0, 48), (48, 200), number=9)
p.write("in-mynumber.pcap", backwards + [a[1], b[1], a[0], b[0]])
