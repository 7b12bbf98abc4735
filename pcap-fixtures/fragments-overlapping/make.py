"""Overlapping fragments"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import packets as p

message = p.datagram(40000, 2049, bytes(range(192)))  # 200 octets

def cut(*cuts, number=7):
    return p.fragments(p.TAX, p.ELTAX, 17, message, cuts, number)

def fragment(begin, end, number, more=True):
    frame = p.ethernet(p.TAX, p.ipv4(p.TAX.ip, p.ELTAX.ip, 17, message[begin:end], number=number,
                                     fragment=begin // 8 | (0x2000 if more else 0)))
    return frame

p.write("in-mynumber.pcap", [
    fragment(0, 96, 7), fragment(24, 28, 7, more=False),
    fragment(0, 96, 8), fragment(88, 200, 8, more=False), fragment(96, 200, 8, more=False),
    fragment(96, 144, 9), fragment(48, 200, 9, more=False), fragment(0, 96, 9),
    fragment(0, 96, 10), fragment(0, 48, 10), fragment(96, 200, 10, more=False),
])
