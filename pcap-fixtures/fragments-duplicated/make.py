"""Fragments that come twice"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import packets as p

message = p.datagram(40000, 2049, bytes(range(192)))  # 200 octets

def cut(*cuts, number=7):
    return p.fragments(p.TAX, p.ELTAX, 17, message, cuts, number)

first, middle, last = cut((0, 96), (96, 192), (192, 200))
changed = middle[:-1] + b"!"
one, two, three = cut((0, 96), (96, 192), (192, 200), number=8)
p.write("in-mynumber.pcap", [
    first, first, middle, first, middle, last,
    one, two, two[:-1] + b"!", three,
])
