"""Chains of IPv6 extension headers"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import packets as p

import struct

a_mac, a, a_port = "02:00:5e:10:00:01", "2001:db8:1::11", "02:00:5e:00:00:01"
b = "2001:db8:2::40"
body = p.segment(a, b, 40000, 443, "S", 1000, 0)
HOP, ROUTING, FRAGMENT, AUTHENTICATION, OPTIONS, MOBILITY, TCP = 0, 43, 44, 51, 60, 135, 6

def header(next_header, content=bytes([1, 4, 0, 0, 0, 0])):
    return bytes([next_header, (len(content) + 2) // 8 - 1]) + content

def chain(first, *pieces):
    return p.ipv6(a_mac, a_port, a, b, first, b"".join(pieces))

def jumbo():
    frame = chain(HOP, header(TCP, bytes([0xC2, 4, 0, 1, 0, 0])), body)
    return frame[:18] + b"\0\0" + frame[20:]

p.write("in-mynumber.pcap", [
    chain(HOP, header(OPTIONS), header(AUTHENTICATION), bytes([OPTIONS, 4]) + bytes(22), header(TCP), body),
    chain(OPTIONS, header(TCP, bytes([0x1E, 4, 1, 2, 3, 4])), body),
    chain(ROUTING, header(TCP, bytes([0, 1, 0, 0, 0, 0])), body),
    chain(ROUTING, header(TCP, bytes([4, 0, 0, 0, 0, 0])), body),
    chain(OPTIONS, header(HOP), header(TCP), body),
    chain(OPTIONS, header(OPTIONS), header(TCP), body),
    chain(AUTHENTICATION, bytes([FRAGMENT, 0]) + bytes(6), p.fragment_header(TCP, 0, 1), body),
    chain(HOP, header(TCP), body)[:60],
    chain(HOP, bytes([TCP, 9]) + bytes(6), body),
    chain(OPTIONS, header(TCP, (bytes([1, 213]) + bytes(213)) * 3 + bytes(1)), body),
    chain(OPTIONS, header(TCP, bytes(22)), body),
    chain(OPTIONS, header(TCP, bytes([0xC9, 4, 0, 0, 0, 0])), body),
    chain(HOP, header(TCP, bytes([1, 9, 0, 0, 0, 0])), body),
    chain(HOP, header(TCP, bytes([1, 4]) + b"hide"), body),
    jumbo(),
    chain(OPTIONS, header(MOBILITY), header(TCP), body),
])
