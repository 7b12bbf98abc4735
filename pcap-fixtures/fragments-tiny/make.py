"""Tiny fragments"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import packets as p

body = p.segment(p.TAX.ip, p.ELTAX.ip, 40000, 443, "S", 1000, 0, bytes(64))

def cut(*cuts, number=7):
    return p.fragments(p.TAX, p.ELTAX, 6, body, cuts, number)

p.write("in-mynumber.pcap", cut((0, 8), (8, 84)) + cut((0, 16), (16, 84), number=8) +
        cut((0, 24), (24, 32), (32, 84), number=9))
