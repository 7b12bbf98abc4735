"""Echo, and replies nobody asked for"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import talk

import struct

import packets as p

t = talk.Talk(zones=("office", "lgwan"), rule="rules:9")


def echo(source, destination, kind, identifier=7, number=1):
    return p.icmp(source, destination, kind, 0, struct.pack("!HH", identifier, number), b"ping")


t.put("lgwan", echo(p.ELTAX, p.TAX, 0), "not-listed")            # nobody asked
t.put("office", echo(p.TAX, p.ELTAX, 8))
t.put("lgwan", echo(p.ELTAX, p.TAX, 0))
t.put("lgwan", echo(p.ELTAX, p.TAX, 0))                          # twice: networks do that
t.put("lgwan", echo(p.ELTAX, p.TAX, 0, identifier=8), "not-listed")
t.put("lgwan", echo(p.ELTAX, p.TAX, 8), "not-listed")            # a question back
t.put("office", echo(p.TAX, p.ELTAX, 0), "service-not-listed")   # an answer of the one who asks
t.put("office", echo(p.TAX, p.ELTAX, 8, number=2))
t.put("lgwan", echo(p.ELTAX, p.TAX, 0, number=2))
for kind in (13, 15, 17):
    t.put("office", p.icmp(p.TAX, p.ELTAX, kind, 0, struct.pack("!HH", 7, 1), bytes(12)), "service-not-listed")
t.wait(152)
t.put("lgwan", echo(p.ELTAX, p.TAX, 0), "not-listed")            # too late
t.write()
