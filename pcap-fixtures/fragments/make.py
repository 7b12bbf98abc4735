"""Fragments of a listed datagram"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import packets as p

message = p.datagram(40000, 2049, bytes(range(192)))  # 200 octets

def cut(*cuts, number=7):
    return p.fragments(p.TAX, p.ELTAX, 17, message, cuts, number)

other = p.datagram(40000, 2050, bytes(100))
answer = p.datagram(2049, 40000, bytes(100))
there = cut((0, 96), (96, 192), (192, 200))
p.write("in-mynumber.pcap", [(0.1 * i, frame) for i, frame in enumerate(
    there + p.fragments(p.TAX, p.ELTAX, 17, other, [(0, 96), (96, 108)], 8))])
p.write("in-lgwan.pcap", [(0.35 + 0.1 * i, frame) for i, frame in enumerate(
    p.fragments(p.ELTAX, p.TAX, 17, answer, [(0, 96), (96, 108)]))])
