"""IPv6 fragments"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import packets as p

import struct

a_mac, a, a_port = "02:00:5e:10:00:01", "2001:db8:1::11", "02:00:5e:00:00:01"
b = "2001:db8:2::40"
body = p.segment(a, b, 40000, 443, "S", 1000, 0)
pad = bytes([6, 0, 1, 4, 0, 0, 0, 0])  # options: next header TCP, PadN

def fragment(message, begin, end, more, number, next_header=6, destination=b):
    return p.ipv6(a_mac, a_port, a, destination, 44,
                  p.fragment_header(next_header, begin, more, number) + message[begin:end])

advertisement = struct.pack("!BBHI", 136, 0, 0, 0x60000000) + bytes(16)
p.write("in-mynumber.pcap", [
    fragment(body + bytes(12), 24, 32, 0, 1), fragment(body + bytes(12), 0, 24, 1, 1),
    fragment(pad + body + bytes(8), 0, 32, 1, 2, 60), fragment(pad + body + bytes(8), 32, 36, 0, 2, 60),
    fragment(body, 0, 20, 0, 3),
    fragment(body, 0, 16, 1, 4), fragment(pad + body, 0, 8, 1, 5, 60),
    fragment(body + bytes(28), 0, 32, 1, 6), fragment(body + bytes(28), 24, 48, 0, 6),
    p.ipv6(a_mac, a_port, a, b, 44, p.fragment_header(6, 65528, 0, 7) + bytes(100)),
    fragment(advertisement, 0, 8, 1, 8, 58), fragment(advertisement, 8, 24, 0, 8, 58),
])
