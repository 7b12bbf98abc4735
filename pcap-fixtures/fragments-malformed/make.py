"""Fragments that contradict themselves"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import packets as p

message = p.datagram(40000, 2049, bytes(range(192)))  # 200 octets

def cut(*cuts, number=7):
    return p.fragments(p.TAX, p.ELTAX, 17, message, cuts, number)

def fragment(begin, end, number, more=True, flags=0, destination=p.ELTAX.ip, source=p.TAX.ip):
    return p.ethernet(p.TAX, p.ipv4(source, destination, 17, message[begin:end], number=number,
                                    fragment=begin // 8 | (0x2000 if more else 0) | flags))

p.write("in-mynumber.pcap", [
    fragment(96, 96, 7),
    fragment(96, 101, 7),
    fragment(96, 192, 7, flags=0x4000),
    fragment(96, 104, 8, more=False), fragment(192, 200, 8, more=False),
    fragment(96, 104, 9, more=False), fragment(192, 200, 9),
    fragment(0, 96, 10, destination="224.0.0.1"),
    fragment(96, 192, 11, source=p.ELTAX.ip, destination="10.2.0.77"),
])
